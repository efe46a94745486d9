/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * ccgrant explain: scope, resource and what follows from them.
 */

#include <stdio.h>
#include <string.h>

#include "core/sbuf.h"
#include "ctl_explain.h"

/* One line of the policy. */
struct place {
    char where[CONF_LINES_TEXT_MAX];
};

static void tell_scope(struct ctl_tell *tell, size_t scope);
static void tell_lifetime(struct ctl_tell *tell);
static void tell_form(struct ctl_tell *tell);

static const struct policy *
policy_of(const struct ctl_tell *tell)
{
    return &tell->ctl->policy;
}

static bool
has(char *const *list, size_t n, const char *name)
{
    size_t i;

    for (i = 0; i < n; i++) {
        if (strcmp(list[i], name) == 0)
            return true;
    }
    return false;
}

/* Where a resource defines the scope. */
static const char *
find_scope(const struct ctl_tell *tell, size_t scope, struct place *place)
{
    const struct policy_scope *it = &policy_of(tell)->scopes[scope];
    const struct policy_resource *resource =
        &policy_of(tell)->resources[it->resource];
    size_t i = 0;

    while (i + 1 < resource->n_scopes
           && strcmp(resource->scopes[i], it->name) != 0)
        i++;
    return ctl_explain_where(tell, place->where,
                             "resources.[%zu].scopes.[%zu]", it->resource, i);
}

/* Where a role lists the scope. */
static const char *
find_in_role(const struct ctl_tell *tell, const struct policy_role *role,
             const char *scope, struct place *place)
{
    size_t i = 0;

    while (i + 1 < role->n_scopes && strcmp(role->scopes[i], scope) != 0)
        i++;
    return ctl_explain_where(tell, place->where, "roles.[%zu].scopes.[%zu]",
                             (size_t) (role - policy_of(tell)->roles), i);
}

void
ctl_explain_grant(struct ctl_tell *tell)
{
    const struct explain *ex = tell->ex;
    const char *rest = ex->grant.scope, *name;
    struct place place;
    size_t len, i;

    while (scope_next(&rest, &name, &len) > 0) {
        int scope = policy_scope(policy_of(tell), name, len);

        if (scope >= 0)
            tell_scope(tell, (size_t) scope);
    }
    if (ex->grant.scope[0] == '\0')
        ctl_explain_add(tell, "ok", "", "no scope");
    for (i = 0; i < ex->grant.n_audiences; i++) {
        int resource = policy_resource(policy_of(tell),
                                       ex->grant.audience[i]);

        ctl_explain_add(tell, "ok",
                        ctl_explain_where(tell, place.where,
                                          "resources.[%d]", resource),
                        "for the resource %s", ex->grant.audience[i]);
    }
    if (ex->grant.details[0] != '\0')
        ctl_explain_add(tell, "ok",
                        ctl_explain_where(tell, place.where, "details"),
                        "authorization_details as they came");
    tell_lifetime(tell);
    tell_form(tell);
}

static void
tell_scope(struct ctl_tell *tell, size_t scope)
{
    const struct client *cl = tell->ex->entry->cl;
    const char *name = policy_of(tell)->scopes[scope].name;
    struct place place;
    size_t i;

    for (i = 0; i < cl->n_roles; i++) {
        const struct policy_role *role = policy_role(
            policy_of(tell), cl->roles[i], strlen(cl->roles[i]));

        if (role == NULL || !scope_set_has(&role->set, scope))
            continue;
        ctl_explain_add(tell, "ok", find_in_role(tell, role, name, &place),
                        "scope %s, by the role %s", name, role->name);
        return;
    }
    ctl_explain_add(tell, "ok", find_scope(tell, scope, &place),
                    "scope %s, by the record (--scope)", name);
}

/* The setting that decided: of the record, of a resource or of the policy. */
static const char *
find_source(const struct ctl_tell *tell, enum grant_source by,
            const char *option, const char *member, const char *key,
            char text[CTL_EXPLAIN_PATH_MAX], struct place *place)
{
    const struct grant *grant = &tell->ex->grant;
    size_t i;

    place->where[0] = '\0';
    if (by == GRANT_BY_REQUEST)
        snprintf(text, CTL_EXPLAIN_PATH_MAX, "the scope asks for it");
    if (by == GRANT_BY_CLIENT)
        snprintf(text, CTL_EXPLAIN_PATH_MAX, "the record, --%s", option);
    if (by == GRANT_BY_POLICY) {
        (void) ctl_explain_where(tell, place->where, "%s", key);
        snprintf(text, CTL_EXPLAIN_PATH_MAX, "the policy, %s%s", key,
                 place->where[0] == '\0' ? " by default" : "");
    }
    for (i = 0; by == GRANT_BY_RESOURCE && i < grant->n_audiences
                && place->where[0] == '\0'; i++) {
        int resource = policy_resource(policy_of(tell), grant->audience[i]);

        (void) ctl_explain_where(tell, place->where, "resources.[%d].%s",
                                 resource, member);
        snprintf(text, CTL_EXPLAIN_PATH_MAX, "the resource, resources.%s",
                 member);
    }
    return place->where;
}

static void
tell_lifetime(struct ctl_tell *tell)
{
    const struct grant *grant = &tell->ex->grant;
    char text[CTL_EXPLAIN_PATH_MAX];
    struct place place;
    const char *where = find_source(tell, grant->lifetime_by, "lifetime",
                                    "lifetime", "token.lifetime", text,
                                    &place);

    if (!grant->is_cut) {
        ctl_explain_add(tell, "ok", where, "lifetime %lld s, by %s",
                        (long long) grant->lifetime, text);
        return;
    }
    ctl_explain_add(tell, "ok", where, "lifetime over the limit, by %s", text);
    where = find_source(tell, grant->limit_by, "max-lifetime", "",
                        "token.max_lifetime", text, &place);
    ctl_explain_add(tell, "ok", where, "lifetime cut to %lld s, by %s",
                    (long long) grant->lifetime, text);
}

static void
tell_form(struct ctl_tell *tell)
{
    const struct grant *grant = &tell->ex->grant;
    char text[CTL_EXPLAIN_PATH_MAX];
    struct place place;
    const char *where = find_source(tell, grant->format_by, "format",
                                    "format", "token.format", text, &place);

    ctl_explain_add(tell, "ok", where, "format %s, by %s",
                    client_format_words[grant->format], text);
    if (grant->format != FORMAT_JWT)
        return;
    where = find_source(tell, grant->alg_by, "token-alg", "alg", "token.alg",
                        text, &place);
    ctl_explain_add(tell, "ok", where, "algorithm %s, by %s",
                    jose_name(grant->alg), text);
    if (grant->recipient != NULL)
        ctl_explain_add(tell, "ok",
                        ctl_explain_where(tell, place.where,
                                          "resources.[%d].encryption_key",
                                          policy_resource(
                                              policy_of(tell),
                                              grant->recipient->audience)),
                        "encrypted to the key of %s",
                        grant->recipient->audience);
}

/* The token of the scope that alone is refused by the same rule, or NULL. */
static const char *
find_culprit(const struct ctl_tell *tell, char *text, size_t cap)
{
    const struct explain *ex = tell->ex;
    const char *rest = ex->form.value[FORM_SCOPE].text, *name;
    struct form form = ex->form;
    struct errtext why;
    struct grant grant;
    size_t len;

    while (scope_next(&rest, &name, &len) > 0 && len < cap) {
        snprintf(text, cap, "%.*s", (int) len, name);
        form.value[FORM_SCOPE] = (struct form_value){text, len};
        if (grant_decide(&grant, policy_of(tell), ex->entry->cl,
                         &ex->entry->allowed, &form, &why)
                != OAUTH_OK
            && why.rule == ex->why.rule)
            return text;
    }
    return NULL;
}

static void
tell_who_has(struct ctl_tell *tell, size_t scope)
{
    const struct policy *policy = policy_of(tell);
    const char *name = policy->scopes[scope].name;
    const struct client *cl = tell->ex->entry->cl;
    struct place place;
    size_t i;

    ctl_explain_add(tell, "note", find_scope(tell, scope, &place),
                    "%s is of the resource %s", name,
                    policy->resources[policy->scopes[scope].resource]
                        .audience);
    for (i = 0; i < policy->n_roles; i++) {
        const struct policy_role *role = &policy->roles[i];

        if (scope_set_has(&role->set, scope))
            ctl_explain_add(tell, "note",
                            find_in_role(tell, role, name, &place),
                            "the role %s has %s%s", role->name, name,
                            has(cl->roles, cl->n_roles, role->name)
                                ? ", and the client has that role"
                                : "; the client has not that role");
    }
}

static void
tell_resources(struct ctl_tell *tell)
{
    const struct form *form = &tell->ex->form;
    struct place place;
    size_t i;

    for (i = 0; i < form->n_resources; i++) {
        int resource = policy_resource(policy_of(tell),
                                       form->resource[i].text);

        if (resource >= 0)
            ctl_explain_add(tell, "note",
                            ctl_explain_where(tell, place.where,
                                              "resources.[%d]", resource),
                            "%.200s is a resource of the policy",
                            form->resource[i].text);
        else
            ctl_explain_add(tell, "note", "",
                            "%.200s is no resource of the policy",
                            form->resource[i].text);
    }
}

void
ctl_explain_subject(struct ctl_tell *tell)
{
    enum rule rule = tell->ex->why.rule;
    char text[GRANT_SCOPE_MAX];
    const char *culprit;
    int scope;

    if (rule == RULE_RESOURCE_UNKNOWN || rule == RULE_RESOURCE_NOT_ALLOWED
        || rule == RULE_RESOURCE_SEVERAL)
        tell_resources(tell);
    if (rule != RULE_SCOPE_UNKNOWN && rule != RULE_SCOPE_NOT_GRANTED)
        return;
    culprit = find_culprit(tell, text, sizeof(text));
    if (culprit == NULL)
        return;
    scope = policy_scope(policy_of(tell), culprit, strlen(culprit));
    if (scope < 0)
        scope = policy_qualified(policy_of(tell), culprit, strlen(culprit));
    if (scope >= 0)
        tell_who_has(tell, (size_t) scope);
    else
        ctl_explain_add(tell, "note", "", "no resource defines \"%.200s\"",
                        culprit);
}
