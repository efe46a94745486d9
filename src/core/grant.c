/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The decision: scope, audience, lifetime and algorithm.
 */

#include <string.h>

#include "core/grant_priv.h"

static enum oauth_error choose_audience(struct decision *d,
                                        struct grant *grant);
static enum oauth_error choose_form(struct decision *d, struct grant *grant);

void
grant_allowed(struct scope_set *allowed, const struct policy *policy,
              const struct client *cl)
{
    size_t i, w;

    memset(allowed, 0, sizeof(*allowed));
    for (i = 0; i < cl->n_scopes; i++) {
        int scope = policy_scope(policy, cl->scopes[i], strlen(cl->scopes[i]));

        if (scope >= 0)
            scope_set_add(allowed, (size_t) scope);
    }
    for (i = 0; i < cl->n_roles; i++) {
        const struct policy_role *role =
            policy_role(policy, cl->roles[i], strlen(cl->roles[i]));

        for (w = 0; role != NULL && w < SCOPE_MAX / 64; w++)
            allowed->word[w] |= role->set.word[w];
    }
}

enum oauth_error
grant_decide(struct grant *grant, const struct policy *policy,
             const struct client *cl, const struct scope_set *allowed,
             const struct form *form, struct errtext *why)
{
    struct decision d = {
        .policy = policy, .cl = cl, .allowed = allowed, .why = why};
    const struct form_value *details =
        &form->value[FORM_AUTHORIZATION_DETAILS];
    const char *scope = form->value[FORM_SCOPE].text;
    enum oauth_error rc;

    d.has_details = details->len > 0;
    sbuf_init(&d.scope, grant->scope, sizeof(grant->scope));
    if ((rc = grant_take_resources(&d, form)) == OAUTH_OK
        && (rc = grant_take_scopes(&d, scope)) == OAUTH_OK
        && (rc = grant_take_details(&d, grant, details)) == OAUTH_OK
        && (rc = choose_audience(&d, grant)) == OAUTH_OK
        && (rc = grant_take_claims(&d, grant)) == OAUTH_OK)
        rc = choose_form(&d, grant);
    return rc;
}

/*
 * The resource of a token without scopes, when only one can be meant: the only
 * one there is serves a client that has nothing, unless its record names
 * another.
 */
static int
only_resource(const struct decision *d)
{
    bool any = d->policy->n_resources == 1 && d->cl->n_resources == 0;
    int found = -1;
    size_t i;

    for (i = 0; i < d->policy->n_resources; i++) {
        if (!any && !grant_may_name(d, i))
            continue;
        if (found >= 0)
            return -1;
        found = (int) i;
    }
    return found;
}

static enum oauth_error
choose_audience(struct decision *d, struct grant *grant)
{
    size_t i;

    if (d->n_named > 0) {
        memcpy(d->resource, d->named, sizeof(d->named));
        d->n_resources = d->n_named;
    } else if (d->n_resources == 0) {
        int only = only_resource(d);

        if (only < 0)
            return grant_fail(d, OAUTH_INVALID_TARGET, RULE_RESOURCE_NEEDED,
                          "a token without scope needs a resource (RFC 9068,"
                          " 3)");
        d->resource[d->n_resources++] = (size_t) only;
    }
    if (d->crowded
        || (d->n_resources > 1 && !d->policy->token.multiple_audiences))
        return grant_fail(d, OAUTH_INVALID_SCOPE, RULE_SCOPE_SEVERAL_RESOURCES,
                          "the scopes are of several resources (RFC 9068, "
                          "3): name one with resource, or set "
                          "token.multiple_audiences");
    grant->n_audiences = d->n_resources;
    for (i = 0; i < d->n_resources; i++)
        grant->audience[i] = d->policy->resources[d->resource[i]].audience;
    return OAUTH_OK;
}

static int64_t
least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* The lifetime by record, resource and policy, within every limit. */
static int64_t
choose_lifetime(const struct decision *d)
{
    int64_t limit = d->policy->token.max_lifetime, lifetime = limit;
    size_t i;

    for (i = 0; i < d->n_resources; i++) {
        int64_t own = d->policy->resources[d->resource[i]].lifetime;

        lifetime = least(lifetime,
                         own > 0 ? own : d->policy->token.lifetime);
    }
    if (d->cl->lifetime > 0)
        lifetime = d->cl->lifetime;
    if (d->wish > 0)
        lifetime = d->wish;
    if (d->cl->max_lifetime > 0)
        limit = least(limit, d->cl->max_lifetime);
    return least(lifetime, limit);
}

/* The format by record, resource and policy; one opaque resource decides. */
static enum token_format
choose_format(const struct decision *d)
{
    size_t i;

    if (d->cl->format != FORMAT_DEFAULT)
        return d->cl->format;
    for (i = 0; i < d->n_resources; i++) {
        enum token_format own = d->policy->resources[d->resource[i]].format;

        if (own == FORMAT_DEFAULT)
            own = d->policy->token.format;
        if (own == FORMAT_OPAQUE)
            return FORMAT_OPAQUE;
    }
    return FORMAT_JWT;
}

/* The algorithm by record, resource and policy; of one mind, the resources. */
static enum jose_alg
choose_alg(const struct decision *d)
{
    enum jose_alg alg = d->policy->resources[d->resource[0]].alg;
    size_t i;

    if (d->cl->token_alg != JOSE_NONE)
        return d->cl->token_alg;
    for (i = 0; i < d->n_resources; i++) {
        if (d->policy->resources[d->resource[i]].alg != alg)
            alg = JOSE_NONE;
    }
    return alg != JOSE_NONE ? alg : d->policy->token.alg;
}

/* What is asked about an opaque token has the form of RFC 7662, 2.2. */
static unsigned
choose_compat(const struct decision *d, const struct grant *grant)
{
    unsigned compat = d->cl->compat & (COMPAT_SCOPE | COMPAT_TYP | COMPAT_AUD);

    if (grant->format != FORMAT_JWT)
        return 0;
    if (grant->scope[0] == '\0')
        compat &= ~(unsigned) COMPAT_SCOPE;
    if (grant->n_audiences != 1)
        compat &= ~(unsigned) COMPAT_AUD;
    return compat;
}

static enum oauth_error
choose_form(struct decision *d, struct grant *grant)
{
    grant->alg = choose_alg(d);
    grant->format = choose_format(d);
    if (grant->format == FORMAT_JWT && client_is_fapi2(d->cl, d->policy)
        && !jose_is_fapi2(grant->alg))
        return grant_fail(d, OAUTH_INVALID_TARGET, RULE_TOKEN_ALG,
                          "tokens of this resource, or client, are signed "
                          "with an algorithm that FAPI 2.0 does not allow");
    grant->lifetime = choose_lifetime(d);
    grant->compat = choose_compat(d, grant);
    return OAUTH_OK;
}
