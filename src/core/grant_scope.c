/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The scopes of the decision.
 */

#include <string.h>

#include "core/grant_priv.h"

static const char alias_all[] = "urn:opc:idm:__myscopes__";
static const char alias_role[] = "urn:opc:idm:role.";
static const char alias_expiry[] = "urn:opc:resource:expiry=";

static enum oauth_error take_token(struct decision *d, const char *name,
                                   size_t len);
static bool take_alias(struct decision *d, const char *name, size_t len,
                       enum oauth_error *rc);
static enum oauth_error take_default(struct decision *d);

/* Whether the client may have that scope in this request. */
static bool
may_have(const struct decision *d, size_t scope)
{
    size_t resource = d->policy->scopes[scope].resource;

    if (!scope_set_has(d->allowed, scope))
        return false;
    if (d->n_named > 0)
        return grant_is_one_of(resource, d->named, d->n_named);
    return d->cl->n_resources == 0 || grant_may_name(d, resource);
}

static void
take(struct decision *d, size_t scope)
{
    size_t resource = d->policy->scopes[scope].resource;

    if (scope_set_has(&d->taken, scope))
        return;
    scope_set_add(&d->taken, scope);
    if (d->scope.len > 0)
        sbuf_add_bytes(&d->scope, " ", 1);
    sbuf_add_bytes(&d->scope, d->policy->scopes[scope].name,
                   d->policy->scopes[scope].len);
    if (d->n_resources > 0 && d->resource[d->n_resources - 1] == resource)
        return;
    if (grant_is_one_of(resource, d->resource, d->n_resources))
        return;
    if (d->n_resources < GRANT_AUDIENCES_MAX)
        d->resource[d->n_resources++] = resource;
    else
        d->crowded = true;
}

/* Take all that is in the set and may be had. */
static void
take_set(struct decision *d, const struct scope_set *set)
{
    size_t i, w;

    for (w = 0; w * 64 < d->policy->n_scopes; w++) {
        uint64_t rest = set->word[w] & d->allowed->word[w];

        for (i = w * 64; rest != 0; i++, rest >>= 1) {
            if ((rest & 1) != 0 && may_have(d, i))
                take(d, i);
        }
    }
}

enum oauth_error
grant_take_scopes(struct decision *d, const char *scope)
{
    const char *rest = scope, *name;
    enum oauth_error rc = OAUTH_OK;
    bool asked = false;
    size_t len;
    int more;

    while ((more = scope_next(&rest, &name, &len)) > 0) {
        int64_t wish = d->wish;

        rc = take_token(d, name, len);
        if (rc != OAUTH_OK)
            return rc;
        asked = asked || d->wish == wish;
    }
    if (more < 0)
        return grant_fail(d, OAUTH_INVALID_SCOPE, RULE_SCOPE_MALFORMED,
                          "the scope is not of scope tokens with one space "
                          "between them (RFC 6749, 3.3)");
    if (!asked)
        rc = take_default(d);
    else if (d->scope.len == 0)
        rc = grant_fail(d, OAUTH_INVALID_SCOPE, RULE_SCOPE_EMPTY,
                          "the client may have nothing of the requested "
                          "scope");
    if (rc == OAUTH_OK && d->scope.overflow)
        rc = grant_fail(d, OAUTH_INVALID_SCOPE, RULE_SCOPE_SIZE,
                          "more scopes than one token can carry");
    return rc;
}

/* What stands behind an alias in name, or NULL. */
static const char *
after(const char *alias, const char *name, size_t len)
{
    size_t n = strlen(alias);

    return len >= n && memcmp(name, alias, n) == 0 ? name + n : NULL;
}

/* Digits alone, no zero before others; more than any limit stays more than
 * any limit. */
static int64_t
read_seconds(const char *digits, const char *end)
{
    int64_t seconds = 0;

    if (digits == end || *digits == '0')
        return 0;
    for (; digits < end; digits++) {
        if (*digits < '0' || *digits > '9')
            return 0;
        if (seconds < INT32_MAX)
            seconds = seconds * 10 + (*digits - '0');
    }
    return seconds;
}

static const struct policy_role *
granted_role(const struct decision *d, const char *name, size_t len)
{
    size_t i;

    for (i = 0; i < d->cl->n_roles; i++) {
        if (strlen(d->cl->roles[i]) == len
            && memcmp(d->cl->roles[i], name, len) == 0)
            return policy_role(d->policy, name, len);
    }
    return NULL;
}

/* Returns whether the token is an alias, with the error of it in *rc. */
static bool
take_alias(struct decision *d, const char *name, size_t len,
           enum oauth_error *rc)
{
    const char *end = name + len, *role, *expiry;

    *rc = OAUTH_OK;
    if (!d->policy->scope_aliases)
        return false;
    if (after(alias_all, name, len) == end) {
        take_set(d, d->allowed);
        return true;
    }
    expiry = after(alias_expiry, name, len);
    if (expiry != NULL) {
        int64_t wish = read_seconds(expiry, end);

        if (wish == 0 || d->wish != 0)
            *rc = grant_fail(d, OAUTH_INVALID_SCOPE, RULE_SCOPE_LIFETIME,
                             "the lifetime in the scope is no decimal number "
                             "over 0 without a leading zero, or there are "
                             "two");
        d->wish = wish;
        return true;
    }
    role = after(alias_role, name, len);
    if (role != NULL) {
        const struct policy_role *found =
            granted_role(d, role, (size_t) (end - role));

        if (found == NULL)
            return false;
        take_set(d, &found->set);
        return true;
    }
    return false;
}

static enum oauth_error
take_token(struct decision *d, const char *name, size_t len)
{
    enum oauth_error rc;
    int scope;

    if (take_alias(d, name, len, &rc))
        return rc;
    scope = policy_scope(d->policy, name, len);
    if (scope < 0 && d->policy->scope_aliases)
        scope = policy_qualified(d->policy, name, len);
    if (scope >= 0 && may_have(d, (size_t) scope)) {
        take(d, (size_t) scope);
        return OAUTH_OK;
    }
    if (d->cl->excess_scope == EXCESS_SCOPE_NARROW)
        return OAUTH_OK;
    if (scope < 0)
        return grant_fail(d, OAUTH_INVALID_SCOPE, RULE_SCOPE_UNKNOWN,
                          "a requested scope is not in the policy");
    errtext_rule(d->why, RULE_SCOPE_NOT_GRANTED,
                 "the client may not have the scope %s%s",
                 d->policy->scopes[scope].name,
                 d->n_named > 0 ? " of the named resource" : "");
    return OAUTH_INVALID_SCOPE;
}

/* An omitted scope means what the record says (RFC 6749, 3.3). */
static enum oauth_error
take_default(struct decision *d)
{
    size_t i;

    if (d->has_details)
        return OAUTH_OK;
    switch (d->cl->default_scope) {
    case DEFAULT_SCOPE_NONE:
        return OAUTH_OK;
    case DEFAULT_SCOPE_REJECT:
        return grant_fail(d, OAUTH_INVALID_SCOPE, RULE_SCOPE_REQUIRED,
                          "this client has to say which scope it wants");
    case DEFAULT_SCOPE_LIST:
        for (i = 0; i < d->cl->n_default_scopes; i++) {
            const char *name = d->cl->default_scopes[i];
            int scope = policy_scope(d->policy, name, strlen(name));

            if (scope >= 0 && may_have(d, (size_t) scope))
                take(d, (size_t) scope);
        }
        break;
    case DEFAULT_SCOPE_ALL:
        take_set(d, d->allowed);
        break;
    }
    if (d->scope.len == 0 && !d->scope.overflow)
        return grant_fail(d, OAUTH_INVALID_SCOPE, RULE_SCOPE_NONE,
                          "the client has no role and no scope here that an "
                          "omitted scope could mean");
    return OAUTH_OK;
}
