/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The grant type, and the resources of the decision.
 */

#include <string.h>

#include "core/grant_priv.h"

enum oauth_error
grant_fail(struct decision *d, enum oauth_error error, enum rule rule,
           const char *text)
{
    errtext_rule(d->why, rule, "%s", text);
    return error;
}

enum oauth_error
grant_check_type(const struct form *form, struct errtext *why)
{
    const struct form_value *type = &form->value[FORM_GRANT_TYPE];

    if (type->len > 0 && strcmp(type->text, "client_credentials") == 0)
        return OAUTH_OK;
    if (type->len > 0) {
        errtext_rule(why, RULE_GRANT_TYPE,
                     "grant_type is not client_credentials");
        return OAUTH_UNSUPPORTED_GRANT_TYPE;
    }
    errtext_rule(why, RULE_GRANT_MISSING, "grant_type is missing");
    return OAUTH_INVALID_REQUEST;
}

bool
grant_is_one_of(size_t value, const size_t *list, size_t n)
{
    size_t i;

    for (i = 0; i < n; i++) {
        if (list[i] == value)
            return true;
    }
    return false;
}

bool
grant_may_name(const struct decision *d, size_t resource)
{
    const char *audience = d->policy->resources[resource].audience;
    size_t i;

    for (i = 0; i < d->cl->n_resources; i++) {
        if (strcmp(d->cl->resources[i], audience) == 0)
            return true;
    }
    if (d->cl->n_resources > 0)
        return false;
    for (i = 0; i < d->policy->n_scopes; i++) {
        if (d->policy->scopes[i].resource == resource
            && scope_set_has(d->allowed, i))
            return true;
    }
    for (i = 0; i < d->policy->n_details; i++) {
        if (d->policy->details[i].resource == resource
            && details_may_ask(&d->policy->details[i], d->cl))
            return true;
    }
    return false;
}

enum oauth_error
grant_take_resources(struct decision *d, const struct form *form)
{
    size_t i;

    for (i = 0; i < form->n_resources; i++) {
        int resource = policy_resource(d->policy, form->resource[i].text);

        if (resource < 0 || !grant_may_name(d, (size_t) resource))
            return grant_fail(d, OAUTH_INVALID_TARGET,
                          resource < 0 ? RULE_RESOURCE_UNKNOWN
                                       : RULE_RESOURCE_NOT_ALLOWED,
                          "the resource is not in the policy, or not for "
                          "this client (RFC 8707, 2)");
        if (!grant_is_one_of((size_t) resource, d->named, d->n_named))
            d->named[d->n_named++] = (size_t) resource;
    }
    if (d->n_named > 1 && !d->policy->token.multiple_audiences)
        return grant_fail(d, OAUTH_INVALID_TARGET, RULE_RESOURCE_SEVERAL,
                          "several resources in one request need "
                          "token.multiple_audiences");
    return OAUTH_OK;
}
