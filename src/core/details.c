/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * authorization_details of a request.
 */

#include <jansson.h>
#include <string.h>

#include "core/details.h"
#include "core/jparse.h"

static int check_array(const json_t *array, struct errtext *why);
static const struct policy_detail *find_type(const struct policy *policy,
                                             const json_t *entry,
                                             struct errtext *why);
static int check_members(const struct policy_detail *type, json_t *entry,
                         struct errtext *why);
static int check_common(const struct policy_values *allowed,
                        enum policy_common common, const json_t *value,
                        struct errtext *why);
static int check_required(const struct policy_detail *type,
                          const json_t *entry, struct errtext *why);

bool
details_may_ask(const struct policy_detail *type, const struct client *cl)
{
    size_t i;

    for (i = 0; i < cl->n_roles; i++) {
        if (policy_values_have(&type->roles, cl->roles[i]))
            return true;
    }
    return false;
}

/* Check one object; its type, or NULL. */
static const struct policy_detail *
check_entry(const struct policy *policy, const struct client *cl,
            json_t *entry, struct errtext *why)
{
    const struct policy_detail *type = find_type(policy, entry, why);

    if (type == NULL)
        return NULL;
    if (!details_may_ask(type, cl)) {
        errtext_rule(why, RULE_DETAILS_ROLE,
                     "the client has no role of details.roles of \"%s\"",
                     type->type);
        return NULL;
    }
    if (check_members(type, entry, why) != 0
        || check_required(type, entry, why) != 0) {
        errtext_under(why, RULE_DETAILS_MEMBER);
        errtext_context(why, "%s", type->type);
        return NULL;
    }
    return type;
}

int
details_take(struct sbuf *sb,
             const struct policy_detail *types[DETAILS_ENTRIES_MAX],
             size_t *n, const struct policy *policy, const struct client *cl,
             const char *text, size_t len, struct errtext *why)
{
    json_t *array = NULL;
    size_t i;
    int rc = -1;

    if (len > DETAILS_MAX) {
        errtext_set(why, "it has over %d bytes", DETAILS_MAX);
        goto done;
    }
    array = jparse_exact(text, len, why);
    if (array == NULL || check_array(array, why) != 0)
        goto done;
    *n = json_array_size(array);
    for (i = 0; i < *n; i++) {
        types[i] = check_entry(policy, cl, json_array_get(array, i), why);
        if (types[i] == NULL)
            goto done;
    }
    jparse_write(sb, array);
    rc = sb->overflow ? errtext_set(why, "it would have over %d bytes",
                                    DETAILS_MAX)
                      : 0;
done:
    json_decref(array);
    if (rc == 0)
        return 0;
    errtext_under(why, RULE_DETAILS_FORM);
    return errtext_context(why, "authorization_details");
}

static int
check_array(const json_t *array, struct errtext *why)
{
    if (!json_is_array(array) || json_array_size(array) == 0)
        return errtext_set(why, "it is no array of objects, or an empty one "
                                "(RFC 9396, 2)");
    if (json_array_size(array) > DETAILS_ENTRIES_MAX)
        return errtext_set(why, "it has over %d objects",
                           DETAILS_ENTRIES_MAX);
    return 0;
}

static const struct policy_detail *
find_type(const struct policy *policy, const json_t *entry,
          struct errtext *why)
{
    const char *name = json_string_value(json_object_get(entry, "type"));
    size_t i;

    if (!json_is_object(entry) || name == NULL) {
        errtext_set(why, "an entry is no object, or has no type that is a "
                         "string (RFC 9396, 2)");
        return NULL;
    }
    for (i = 0; i < policy->n_details; i++) {
        if (strcmp(policy->details[i].type, name) == 0)
            return &policy->details[i];
    }
    errtext_rule(why, RULE_DETAILS_TYPE,
                 policy->n_details > 0
                     ? "the policy's details define no type \"%.80s\""
                     : "the policy defines no types of it, and \"%.80s\" is "
                       "asked for",
                 name);
    return NULL;
}

static int
find_common(const char *name)
{
    int i;

    for (i = 0; i < COMMON__MAX; i++) {
        if (strcmp(policy_common_words[i], name) == 0)
            return i;
    }
    return -1;
}

static int
check_members(const struct policy_detail *type, json_t *entry,
              struct errtext *why)
{
    const char *name;
    json_t *value;

    json_object_foreach(entry, name, value) {
        const struct policy_values *listed = NULL;
        int common = find_common(name);

        if (strcmp(name, "type") == 0)
            continue;
        if (common >= 0 && type->common[common].n > 0)
            listed = &type->common[common];
        if (listed == NULL && !policy_values_have(&type->members, name))
            return errtext_set(why, "it may have no member \"%.80s\"", name);
        if (common >= 0
            && check_common(listed, (enum policy_common) common, value, why)
                   != 0)
            return -1;
    }
    return 0;
}

/* A string, and one of the listed, where there is a list. */
static int
check_string(const struct policy_values *listed, enum policy_common common,
             const json_t *value, struct errtext *why)
{
    const char *name = policy_common_words[common];

    if (!json_is_string(value))
        return errtext_set(why, "%s is not %s (RFC 9396, 2.2)", name,
                           common == COMMON_IDENTIFIER
                               ? "a string"
                               : "an array of strings");
    if (listed != NULL
        && !policy_values_have(listed, json_string_value(value)))
        return errtext_set(why, "%s has a value that details.%s does not "
                                "list",
                           name, name);
    return 0;
}

static int
check_common(const struct policy_values *listed, enum policy_common common,
             const json_t *value, struct errtext *why)
{
    size_t i;

    if (common == COMMON_IDENTIFIER)
        return check_string(listed, common, value, why);
    if (!json_is_array(value) || json_array_size(value) == 0)
        return errtext_set(why, "%s is no array of strings, or an empty one "
                                "(RFC 9396, 2.2)",
                           policy_common_words[common]);
    for (i = 0; i < json_array_size(value); i++) {
        if (check_string(listed, common, json_array_get(value, i), why) != 0)
            return -1;
    }
    return 0;
}

static int
check_required(const struct policy_detail *type, const json_t *entry,
               struct errtext *why)
{
    size_t i;

    for (i = 0; i < type->required.n; i++) {
        if (json_object_get(entry, type->required.list[i]) == NULL)
            return errtext_set(why, "its member \"%.80s\" is missing",
                               type->required.list[i]);
    }
    return 0;
}
