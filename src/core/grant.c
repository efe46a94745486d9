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

static void
set_lifetime(struct grant *grant, enum grant_source by, int64_t lifetime)
{
    if (lifetime <= 0)
        return;
    grant->lifetime = lifetime;
    grant->lifetime_by = by;
}

/* The lifetime by record, resource and policy, within every limit. */
static void
choose_lifetime(const struct decision *d, struct grant *grant)
{
    int64_t limit = d->policy->token.max_lifetime, least_own = limit;
    size_t i;

    grant->lifetime_by = GRANT_BY_POLICY;
    for (i = 0; i < d->n_resources; i++) {
        int64_t own = d->policy->resources[d->resource[i]].lifetime;

        if (own > 0 && own <= least_own)
            grant->lifetime_by = GRANT_BY_RESOURCE;
        else if (own <= 0 && d->policy->token.lifetime < least_own)
            grant->lifetime_by = GRANT_BY_POLICY;
        least_own = least(least_own,
                          own > 0 ? own : d->policy->token.lifetime);
    }
    grant->lifetime = least_own;
    set_lifetime(grant, GRANT_BY_CLIENT, d->cl->lifetime);
    set_lifetime(grant, GRANT_BY_REQUEST, d->wish);
    grant->limit_by = GRANT_BY_POLICY;
    if (d->cl->max_lifetime > 0 && d->cl->max_lifetime < limit) {
        limit = d->cl->max_lifetime;
        grant->limit_by = GRANT_BY_CLIENT;
    }
    grant->is_cut = grant->lifetime > limit;
    grant->lifetime = least(grant->lifetime, limit);
}

/* The format by record, resource and policy; one opaque resource decides. */
static enum token_format
choose_format(const struct decision *d, enum grant_source *by)
{
    size_t i;

    *by = GRANT_BY_CLIENT;
    if (d->cl->format != FORMAT_DEFAULT)
        return d->cl->format;
    *by = GRANT_BY_POLICY;
    for (i = 0; i < d->n_resources; i++) {
        enum token_format own = d->policy->resources[d->resource[i]].format;

        *by = own == FORMAT_DEFAULT ? GRANT_BY_POLICY : GRANT_BY_RESOURCE;
        if (own == FORMAT_DEFAULT)
            own = d->policy->token.format;
        if (own == FORMAT_OPAQUE)
            return FORMAT_OPAQUE;
    }
    return FORMAT_JWT;
}

/* The algorithm by record, resource and policy; of one mind, the resources. */
static enum jose_alg
choose_alg(const struct decision *d, enum grant_source *by)
{
    enum jose_alg alg = d->policy->resources[d->resource[0]].alg;
    size_t i;

    *by = GRANT_BY_CLIENT;
    if (d->cl->token_alg != JOSE_NONE)
        return d->cl->token_alg;
    for (i = 0; i < d->n_resources; i++) {
        if (d->policy->resources[d->resource[i]].alg != alg)
            alg = JOSE_NONE;
    }
    *by = alg != JOSE_NONE ? GRANT_BY_RESOURCE : GRANT_BY_POLICY;
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

static bool
is_encrypted_alike(const struct policy_resource *a,
                   const struct policy_resource *b)
{
    if (a->encryption_key == NULL || b->encryption_key == NULL)
        return a->encryption_key == b->encryption_key;
    return strcmp(a->encryption_key, b->encryption_key) == 0
           && a->encryption_alg == b->encryption_alg
           && a->encryption_enc == b->encryption_enc;
}

/* Nobody but who asks this server reads what an opaque token stands for. */
static enum oauth_error
choose_recipient(struct decision *d, struct grant *grant)
{
    const struct policy_resource *all = d->policy->resources;
    const struct policy_resource *first = &all[d->resource[0]];
    size_t i;

    grant->recipient = NULL;
    if (grant->format != FORMAT_JWT)
        return OAUTH_OK;
    for (i = 1; i < d->n_resources; i++) {
        if (!is_encrypted_alike(first, &all[d->resource[i]]))
            return grant_fail(d, OAUTH_INVALID_TARGET,
                              RULE_ENCRYPTION_CONFLICT,
                              "the resources want their tokens encrypted to "
                              "different keys, or one of them does not: ask "
                              "for one at a time");
    }
    if (first->encryption_key != NULL)
        grant->recipient = first;
    return OAUTH_OK;
}

static enum oauth_error
choose_form(struct decision *d, struct grant *grant)
{
    grant->alg = choose_alg(d, &grant->alg_by);
    grant->format = choose_format(d, &grant->format_by);
    if (grant->format == FORMAT_JWT && client_is_fapi2(d->cl, d->policy)
        && !jose_is_fapi2(grant->alg))
        return grant_fail(d, OAUTH_INVALID_TARGET, RULE_TOKEN_ALG,
                          "tokens of this resource, or client, are signed "
                          "with an algorithm that FAPI 2.0 does not allow");
    choose_lifetime(d, grant);
    grant->compat = choose_compat(d, grant);
    return choose_recipient(d, grant);
}
