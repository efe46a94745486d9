/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The policy, checked and ready to use.
 */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/nearest.h"
#include "core/policy_priv.h"

static int check_lifetimes(const struct policy *policy, int *where,
                           struct errtext *why);
static int check_audiences(const struct policy *policy, int *where,
                           struct errtext *why);
static int sort_scopes(struct policy *policy, int *where, struct errtext *why);
static int check_scopes(const struct policy *policy, int *where,
                        struct errtext *why);
static int check_fapi2(const struct policy *policy, int *where,
                       struct errtext *why);
static int ready_networks(struct policy *policy, struct errtext *why);
static int ready_role(const struct policy *policy, size_t n,
                      struct errtext *why);

int
policy_ready(struct policy *policy, bool *in_role, int *where,
             struct errtext *why)
{
    size_t i;

    *in_role = false;
    *where = -1;
    policy_names_sort(policy);
    if (check_lifetimes(policy, where, why) < 0
        || check_audiences(policy, where, why) < 0
        || sort_scopes(policy, where, why) < 0
        || check_scopes(policy, where, why) < 0
        || check_fapi2(policy, where, why) < 0
        || policy_encryption_check(policy, where, why) < 0
        || policy_details_claims(policy, where, why) < 0
        || ready_networks(policy, why) < 0)
        return -1;
    *in_role = true;
    for (i = 0; i < policy->n_roles; i++) {
        *where = (int)i;
        if (ready_role(policy, i, why) < 0)
            return -1;
    }
    *in_role = false;
    *where = -1;
    return policy_details_ready(policy, where, why);
}

static int
check_lifetimes(const struct policy *policy, int *where, struct errtext *why)
{
    int64_t greatest = policy->token.max_lifetime;
    size_t i;

    if (policy->keys.lead > policy->keys.lifetime)
        return errtext_set(why, "keys.lead: %" PRId64 " is more than "
                           "keys.lifetime; expected at most %" PRId64,
                           policy->keys.lead, policy->keys.lifetime);
    if (policy->token.lifetime > greatest)
        return errtext_set(why, "token.lifetime: %" PRId64 " is more than "
                           "token.max_lifetime; expected at most %" PRId64,
                           policy->token.lifetime, greatest);
    for (i = 0; i < policy->n_resources; i++) {
        *where = (int)i;
        if (policy->resources[i].lifetime > greatest)
            return errtext_set(why, "resources.lifetime: %" PRId64 " is more "
                               "than token.max_lifetime; expected at most %"
                               PRId64, policy->resources[i].lifetime,
                               greatest);
    }
    *where = -1;
    return 0;
}

static int
check_audiences(const struct policy *policy, int *where, struct errtext *why)
{
    size_t i;

    for (i = 0; i < policy->n_resources; i++) {
        const char *audience = policy->resources[i].audience;

        *where = (int)i;
        if (policy_resource(policy, audience) != (int)i)
            return errtext_set(why, "resources.audience: \"%s\" is that of "
                               "another one already; expected each once",
                               audience);
    }
    *where = -1;
    return 0;
}

/* By name; those of the same name in the order of the file. */
static int
compare_scopes(const void *a, const void *b)
{
    const struct policy_scope *x = a, *y = b;
    int rc = strcmp(x->name, y->name);

    if (rc != 0)
        return rc;
    return (x->resource > y->resource) - (x->resource < y->resource);
}

static int
sort_scopes(struct policy *policy, int *where, struct errtext *why)
{
    size_t i, j, n = 0;

    free(policy->scopes);
    policy->n_scopes = 0;
    policy->scopes = alloc_zero(SCOPE_MAX, sizeof(*policy->scopes));
    for (i = 0; i < policy->n_resources; i++) {
        const struct policy_resource *resource = &policy->resources[i];

        *where = (int)i;
        for (j = 0; j < resource->n_scopes; j++) {
            if (n == SCOPE_MAX)
                return errtext_set(why, "resources.scopes: \"%s\" is one too "
                                   "many; expected at most %d in all",
                                   resource->scopes[j], (int)SCOPE_MAX);
            policy->scopes[n].name = resource->scopes[j];
            policy->scopes[n].len = strlen(resource->scopes[j]);
            policy->scopes[n++].resource = i;
        }
    }
    policy->n_scopes = n;
    qsort(policy->scopes, n, sizeof(*policy->scopes), compare_scopes);
    *where = -1;
    return 0;
}

static bool
is_alias(const char *scope)
{
    static const char role[] = "urn:opc:idm:role.";
    static const char expiry[] = "urn:opc:resource:expiry=";

    return strcmp(scope, "urn:opc:idm:__myscopes__") == 0
           || strncmp(scope, role, sizeof(role) - 1) == 0
           || strncmp(scope, expiry, sizeof(expiry) - 1) == 0;
}

static int
check_scopes(const struct policy *policy, int *where, struct errtext *why)
{
    const struct policy_scope *scope = policy->scopes, *last = NULL;
    size_t i;

    for (i = 0; i < policy->n_scopes; i++, last = scope++) {
        *where = (int)scope->resource;
        if (policy->scope_aliases && is_alias(scope->name))
            return errtext_set(why, "resources.scopes: \"%s\" is an alias; "
                               "expected another name, or scope_aliases = "
                               "false", scope->name);
        if (last == NULL || strcmp(last->name, scope->name) != 0)
            continue;
        if (last->resource == scope->resource)
            return errtext_set(why, "resources.scopes: \"%s\" stands here "
                               "twice; expected each once", scope->name);
        return errtext_set(why, "resources.scopes: \"%s\" is a scope of "
                           "\"%s\" already; expected each once", scope->name,
                           policy->resources[last->resource].audience);
    }
    *where = -1;
    return 0;
}

static int
refuse_scope(const struct policy *policy, const char *name,
             struct errtext *why)
{
    struct nearest near;
    size_t i;

    nearest_begin(&near, name, strlen(name));
    for (i = 0; i < policy->n_scopes; i++)
        nearest_offer(&near, policy->scopes[i].name,
                      strlen(policy->scopes[i].name));
    if (near.best != NULL)
        return errtext_set(why, "roles.scopes: \"%s\" is defined by no "
                           "resource; did you mean \"%.*s\"?", name,
                           (int)near.best_len, near.best);
    return errtext_set(why, "roles.scopes: \"%s\" is defined by no resource; "
                       "expected a scope of one of them", name);
}

static int
read_networks(struct cidr **nets, char *const *texts, size_t n,
              const char *key, struct errtext *why)
{
    size_t i;

    free(*nets);
    *nets = alloc_zero(n + 1, sizeof(**nets));
    for (i = 0; i < n; i++) {
        if (cidr_parse(&(*nets)[i], texts[i], why) != 0)
            return errtext_context(why, "%s", key);
    }
    return 0;
}

static int
ready_networks(struct policy *policy, struct errtext *why)
{
    if (read_networks(&policy->jwks.nets, policy->jwks.networks,
                      policy->jwks.n_networks, "jwks.networks", why) != 0)
        return -1;
    if (read_networks(&policy->nets, policy->networks, policy->n_networks,
                      "networks", why) != 0)
        return -1;
    return read_networks(&policy->proxy_nets, policy->proxies,
                         policy->n_proxies, "proxies", why);
}

/* FAPI 2.0 Security Profile, 5.4.1. */
static int
check_fapi2(const struct policy *policy, int *where, struct errtext *why)
{
    size_t i;

    if (!policy->fapi2)
        return 0;
    if (!jose_is_fapi2(policy->token.alg))
        return errtext_set(why, "token.alg: %s is not for profile = "
                           "\"fapi2\"; expected PS256, ES256 or EdDSA",
                           jose_name(policy->token.alg));
    for (i = 0; i < policy->n_resources; i++) {
        enum jose_alg alg = policy->resources[i].alg;

        *where = (int)i;
        if (alg != JOSE_NONE && !jose_is_fapi2(alg))
            return errtext_set(why, "resources.alg: %s is not for profile = "
                               "\"fapi2\"; expected PS256, ES256 or EdDSA",
                               jose_name(alg));
    }
    *where = -1;
    return 0;
}

static int
ready_role(const struct policy *policy, size_t n, struct errtext *why)
{
    struct policy_role *role = &policy->roles[n];
    size_t i;

    if (policy_role(policy, role->name, strlen(role->name)) != role)
        return errtext_set(why, "roles.name: \"%s\" is that of another one "
                           "already; expected each once", role->name);
    memset(&role->set, 0, sizeof(role->set));
    for (i = 0; i < role->n_scopes; i++) {
        const char *name = role->scopes[i];
        int number = policy_scope(policy, name, strlen(name));

        if (number < 0)
            return refuse_scope(policy, name, why);
        if (scope_set_has(&role->set, (size_t)number))
            return errtext_set(why, "roles.scopes: \"%s\" stands here "
                               "twice; expected each once", name);
        scope_set_add(&role->set, (size_t)number);
    }
    return 0;
}

void
policy_url(struct sbuf *sb, const struct policy *policy, const char *endpoint)
{
    sbuf_add_bytes(sb, policy->issuer, policy_origin_len(policy));
    sbuf_add(sb, policy->path);
    sbuf_add(sb, endpoint);
}

void
policy_mtls_url(struct sbuf *sb, const struct policy *policy,
                const char *endpoint)
{
    if (policy->mtls.base[0] == '\0')
        return;
    sbuf_add(sb, policy->mtls.base);
    sbuf_add(sb, policy->path);
    sbuf_add(sb, endpoint);
}

size_t
policy_origin_len(const struct policy *policy)
{
    const char *scheme = strstr(policy->issuer, "://");
    const char *host = scheme != NULL ? scheme + 3 : policy->issuer;

    return (size_t)(host - policy->issuer) + strcspn(host, "/");
}

void
policy_free(struct policy *policy)
{
    size_t i;

    for (i = 0; i < policy->n_resources; i++) {
        free(policy->resources[i].audience);
        free(policy->resources[i].encryption_key);
        alloc_free_list(policy->resources[i].scopes,
                        policy->resources[i].n_scopes);
        alloc_free_list(policy->resources[i].claims,
                        policy->resources[i].n_claims);
        extra_free(&policy->resources[i].extras);
    }
    policy_details_free(policy);
    for (i = 0; i < policy->n_roles; i++) {
        free(policy->roles[i].name);
        alloc_free_list(policy->roles[i].scopes, policy->roles[i].n_scopes);
    }
    free(policy->resources);
    free(policy->roles);
    free(policy->scopes);
    free(policy->audiences);
    free(policy->role_names);
    free(policy->file);
    free(policy->issuer);
    free(policy->state);
    free(policy->path);
    alloc_free_list(policy->jwks.networks, policy->jwks.n_networks);
    free(policy->jwks.nets);
    free(policy->jwks.ca);
    free(policy->revocations.file);
    free(policy->archive);
    alloc_free_list(policy->mtls.ca, policy->mtls.n_ca);
    free(policy->mtls.base);
    free(policy->mtls.header);
    alloc_free_list(policy->proxies, policy->n_proxies);
    free(policy->proxy_nets);
    alloc_free_list(policy->networks, policy->n_networks);
    free(policy->nets);
    free(policy->log.to);
    free(policy->log.format);
    free(policy->realm);
    memset(policy, 0, sizeof(*policy));
}
