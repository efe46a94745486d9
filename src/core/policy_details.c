/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What the policy adds to tokens: static claims, authorization details.
 */

#include <stdlib.h>
#include <string.h>

#include "core/nearest.h"
#include "core/policy_priv.h"

static int ready_detail(struct policy *policy, size_t n, struct errtext *why);
static int find_resource(const struct policy *policy,
                         struct policy_detail *detail, struct errtext *why);
static int check_roles(const struct policy *policy,
                       const struct policy_detail *detail,
                       struct errtext *why);
static int check_members(const struct policy_detail *detail,
                         struct errtext *why);
static int check_required(const struct policy_detail *detail,
                          struct errtext *why);

const char *const policy_common_words[COMMON__MAX + 1] = {
    [COMMON_ACTIONS] = "actions",       [COMMON_DATATYPES] = "datatypes",
    [COMMON_IDENTIFIER] = "identifier", [COMMON_LOCATIONS] = "locations",
    [COMMON_PRIVILEGES] = "privileges",
};

int
policy_details_claims(struct policy *policy, int *where, struct errtext *why)
{
    size_t i, j;

    for (i = 0; i < policy->n_resources; i++) {
        struct policy_resource *resource = &policy->resources[i];

        *where = (int) i;
        extra_free(&resource->extras);
        for (j = 0; j < resource->n_claims; j++) {
            struct errtext fault;

            if (extra_parse(&resource->extras, resource->claims[j], &fault)
                != 0)
                return errtext_set(why, "resources.claims: \"%.80s\": %s",
                                   resource->claims[j], fault.text);
        }
    }
    *where = -1;
    return 0;
}

int
policy_details_ready(struct policy *policy, int *where, struct errtext *why)
{
    size_t i;

    for (i = 0; i < policy->n_details; i++) {
        *where = (int) i;
        if (ready_detail(policy, i, why) != 0)
            return -1;
    }
    *where = -1;
    return 0;
}

static int
ready_detail(struct policy *policy, size_t n, struct errtext *why)
{
    struct policy_detail *detail = &policy->details[n];
    size_t i;

    for (i = 0; i < n; i++) {
        if (strcmp(policy->details[i].type, detail->type) == 0)
            return errtext_set(why, "details.type: \"%s\" is that of another "
                                    "one already; expected each once",
                               detail->type);
    }
    if (find_resource(policy, detail, why) != 0
        || check_roles(policy, detail, why) != 0
        || check_members(detail, why) != 0)
        return -1;
    return check_required(detail, why);
}

/* No such value; what is near it was offered. */
static int
undefined(const char *key, const char *value, const char *what,
          const struct nearest *near, struct errtext *why)
{
    if (near->best != NULL)
        return errtext_set(why, "%s: \"%s\" is %s; did you mean \"%.*s\"?",
                           key, value, what, (int) near->best_len,
                           near->best);
    return errtext_set(why, "%s: \"%s\" is %s; expected one that is", key,
                       value, what);
}

static int
find_resource(const struct policy *policy, struct policy_detail *detail,
              struct errtext *why)
{
    int found = policy_resource(policy, detail->audience);
    struct nearest near;
    size_t i;

    if (found >= 0) {
        detail->resource = (size_t) found;
        return 0;
    }
    nearest_begin(&near, detail->audience, strlen(detail->audience));
    for (i = 0; i < policy->n_resources; i++)
        nearest_offer(&near, policy->resources[i].audience,
                      strlen(policy->resources[i].audience));
    return undefined("details.audience", detail->audience,
                     "that of no resource", &near, why);
}

static int
check_roles(const struct policy *policy, const struct policy_detail *detail,
            struct errtext *why)
{
    struct nearest near;
    size_t i, j;

    for (i = 0; i < detail->roles.n; i++) {
        const char *name = detail->roles.list[i];

        if (policy_role(policy, name, strlen(name)) != NULL)
            continue;
        nearest_begin(&near, name, strlen(name));
        for (j = 0; j < policy->n_roles; j++)
            nearest_offer(&near, policy->roles[j].name,
                          strlen(policy->roles[j].name));
        return undefined("details.roles", name, "not defined in roles", &near,
                         why);
    }
    return 0;
}

bool
policy_values_have(const struct policy_values *values, const char *text)
{
    size_t i;

    for (i = 0; i < values->n; i++) {
        if (strcmp(values->list[i], text) == 0)
            return true;
    }
    return false;
}

static int
check_members(const struct policy_detail *detail, struct errtext *why)
{
    size_t i;

    if (policy_values_have(&detail->members, "type"))
        return errtext_set(why, "details.members: \"type\" is in each; "
                                "expected others");
    for (i = 0; i < COMMON__MAX; i++) {
        if (detail->common[i].n > 0
            && policy_values_have(&detail->members, policy_common_words[i]))
            return errtext_set(why, "details.members: \"%s\" may have any "
                                    "value, and details.%s lists them; "
                                    "expected one of the two",
                               policy_common_words[i],
                               policy_common_words[i]);
    }
    return 0;
}

/* What must be there and may not be makes a type that nobody can ask for. */
static int
check_required(const struct policy_detail *detail, struct errtext *why)
{
    size_t i, j;

    for (i = 0; i < detail->required.n; i++) {
        const char *name = detail->required.list[i];
        bool known = policy_values_have(&detail->members, name)
                     || strcmp(name, "type") == 0;

        for (j = 0; j < COMMON__MAX; j++)
            known = known || (detail->common[j].n > 0
                              && strcmp(name, policy_common_words[j]) == 0);
        if (!known)
            return errtext_set(why, "details.required: \"%s\" is no member "
                                    "that the type may have; expected it in "
                                    "members, or values of it",
                               name);
    }
    return 0;
}

static void
free_values(struct policy_values *values)
{
    size_t i;

    for (i = 0; i < values->n; i++)
        free(values->list[i]);
    free(values->list);
}

void
policy_details_free(struct policy *policy)
{
    size_t i, j;

    for (i = 0; i < policy->n_details; i++) {
        struct policy_detail *detail = &policy->details[i];

        free(detail->type);
        free(detail->audience);
        free_values(&detail->roles);
        free_values(&detail->members);
        free_values(&detail->required);
        for (j = 0; j < COMMON__MAX; j++)
            free_values(&detail->common[j]);
    }
    free(policy->details);
}
