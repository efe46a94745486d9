/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What is looked up in the policy by its name, with a few comparisons.
 */

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/policy_priv.h"

static struct policy_name *
new_list(size_t n)
{
    struct policy_name *list = alloc_zero(n > 0 ? n : 1, sizeof(*list));

    return list;
}

/* By name; those of the same name in the order of the file. */
static int
compare(const void *a, const void *b)
{
    const struct policy_name *x = a, *y = b;
    int rc = strcmp(x->name, y->name);

    return rc != 0 ? rc : (x->place > y->place) - (x->place < y->place);
}

static bool
begins_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

/* What a name begins with stands before it, and what that begins with. */
static void
sort(struct policy_name *list, size_t n)
{
    size_t i;

    qsort(list, n, sizeof(*list), compare);
    for (i = 0; i < n; i++) {
        int within = (int) i - 1;

        while (within >= 0 && !begins_with(list[i].name, list[within].name))
            within = list[within].within;
        list[i].within = within;
    }
}

void
policy_names_sort(struct policy *policy)
{
    size_t i;

    free(policy->audiences);
    free(policy->role_names);
    policy->audiences = new_list(policy->n_resources);
    policy->role_names = new_list(policy->n_roles);
    for (i = 0; i < policy->n_resources; i++)
        policy->audiences[i] = (struct policy_name) {
            .name = policy->resources[i].audience, .place = i};
    for (i = 0; i < policy->n_roles; i++)
        policy->role_names[i] = (struct policy_name) {
            .name = policy->roles[i].name, .place = i};
    sort(policy->audiences, policy->n_resources);
    sort(policy->role_names, policy->n_roles);
}

/* As strcmp() of known and the len bytes at name. */
static int
order(const char *known, const char *name, size_t len)
{
    int rc = strncmp(known, name, len);

    return rc == 0 && known[len] != '\0' ? 1 : rc;
}

/* How many of the sorted names are before this one. */
static size_t
count_before(const struct policy_name *list, size_t n, const char *name,
             size_t len)
{
    size_t low = 0;

    while (low < n) {
        size_t middle = low + (n - low) / 2;

        if (order(list[middle].name, name, len) < 0)
            low = middle + 1;
        else
            n = middle;
    }
    return low;
}

int
policy_scope(const struct policy *policy, const char *name, size_t len)
{
    size_t low = 0, high = policy->n_scopes;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int rc = order(policy->scopes[middle].name, name, len);

        if (rc == 0)
            return (int) middle;
        if (rc < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return -1;
}

const struct policy_role *
policy_role(const struct policy *policy, const char *name, size_t len)
{
    const struct policy_name *list = policy->role_names;
    size_t at = count_before(list, policy->n_roles, name, len);

    if (at == policy->n_roles || order(list[at].name, name, len) != 0)
        return NULL;
    return &policy->roles[list[at].place];
}

int
policy_resource(const struct policy *policy, const char *audience)
{
    const struct policy_name *list = policy->audiences;
    size_t len = strlen(audience);
    size_t at = count_before(list, policy->n_resources, audience, len);

    if (at == policy->n_resources || order(list[at].name, audience, len) != 0)
        return -1;
    return (int) list[at].place;
}

/* The scope of that resource, or -1. */
static int
scope_of(const struct policy *policy, size_t resource, const char *name,
         size_t len)
{
    int scope = policy_scope(policy, name, len);

    return scope >= 0 && policy->scopes[scope].resource == resource ? scope
                                                                    : -1;
}

int
policy_qualified(const struct policy *policy, const char *name, size_t len)
{
    const struct policy_name *list = policy->audiences;
    int at = (int) count_before(list, policy->n_resources, name, len) - 1;

    /* What the name begins with is the last one before it, or in its chain. */
    for (; at >= 0; at = list[at].within) {
        size_t audience = strlen(list[at].name);
        const char *rest = name + audience;
        int scope;

        if (audience >= len || memcmp(list[at].name, name, audience) != 0)
            continue;
        scope = scope_of(policy, list[at].place, rest, len - audience);
        if (scope < 0 && rest[0] == '/' && rest[-1] != '/')
            scope = scope_of(policy, list[at].place, rest + 1,
                             len - audience - 1);
        if (scope >= 0)
            return scope;
    }
    return -1;
}
