/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Authorization server metadata.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/client.h"
#include "core/metadata.h"

/* Issuer and path have 255 bytes each at most (io/conf_keys.c). */
enum { URL_MAX = 1024, MEMBER_MAX = 96 };

#define LEN(array) (sizeof(array) / sizeof((array)[0]))

/* Where clients authenticate (RFC 8414, 2). */
static const struct {
    const char *path;
    const char *name;
} authenticated[] = {
    {"/token", "token_endpoint"},
    {"/introspect", "introspection_endpoint"},
    {"/revoke", "revocation_endpoint"},
};

/* The name of a member about one of them. */
static const char *
member(char name[MEMBER_MAX], size_t i, const char *what)
{
    struct sbuf sb;

    sbuf_init(&sb, name, MEMBER_MAX);
    sbuf_add(&sb, authenticated[i].name);
    sbuf_add(&sb, what);
    return name;
}

static void
add(json_t *object, const char *name, json_t *value)
{
    if (json_object_set_new(object, name, value) != 0)
        abort();
}

static json_t *
url(const struct policy *policy, const char *endpoint)
{
    char text[URL_MAX];
    struct sbuf sb;

    sbuf_init(&sb, text, sizeof(text));
    policy_url(&sb, policy, endpoint);
    return json_string(text);
}

/* Whether the policy expects certificates of clients at all. */
static bool
has_mtls(const struct policy *policy)
{
    return policy->mtls.n_ca > 0 || policy->mtls.base[0] != '\0'
           || policy->mtls.header[0] != '\0' || policy->mtls.required;
}

static bool
has_method(const struct policy *policy, enum client_auth auth)
{
    switch (auth) {
    case AUTH_PRIVATE_KEY_JWT:
        return true;
    case AUTH_TLS:
        return policy->mtls.n_ca > 0;
    case AUTH_SELF_SIGNED_TLS:
        return has_mtls(policy);
    default:
        return !policy->fapi2;
    }
}

static json_t *
auth_methods(const struct policy *policy)
{
    json_t *list = json_array();
    int auth;

    for (auth = AUTH_SECRET_BASIC; auth < AUTH__MAX; auth++) {
        if (has_method(policy, (enum client_auth) auth))
            json_array_append_new(list, json_string(client_auth_words[auth]));
    }
    return list;
}

/* Of assertions, or of proofs; both names of EdDSA (RFC 9864, 2.2). */
static json_t *
algs(const struct policy *policy, bool with_hmac)
{
    json_t *list = json_array();
    int alg;

    for (alg = JOSE_NONE + 1; alg < JOSE__MAX; alg++) {
        enum jose_alg one = (enum jose_alg) alg;

        if (policy->fapi2 ? jose_is_fapi2(one)
                          : with_hmac || !jose_is_hmac(one))
            json_array_append_new(list, json_string(jose_name(one)));
    }
    json_array_append_new(list, json_string("Ed25519"));
    return list;
}

/* RFC 8705, 5. */
static json_t *
aliases(const struct policy *policy)
{
    json_t *object = json_object();
    char name[MEMBER_MAX], text[URL_MAX];
    struct sbuf sb;
    size_t i;

    for (i = 0; i < LEN(authenticated); i++) {
        sbuf_init(&sb, text, sizeof(text));
        policy_mtls_url(&sb, policy, authenticated[i].path);
        add(object, member(name, i, ""), json_string(text));
    }
    return object;
}

/* What is said of each endpoint that clients authenticate at. */
static void
add_authentication(json_t *doc, const struct policy *policy)
{
    char name[MEMBER_MAX];
    size_t i;

    for (i = 0; i < LEN(authenticated); i++) {
        add(doc, member(name, i, "_auth_methods_supported"),
            auth_methods(policy));
        add(doc, member(name, i, "_auth_signing_alg_values_supported"),
            algs(policy, true));
    }
}

static json_t *
scopes(const struct policy *policy)
{
    json_t *list = json_array();
    size_t i;

    for (i = 0; i < policy->n_scopes; i++)
        json_array_append_new(list, json_string(policy->scopes[i].name));
    return list;
}

static json_t *
details(const struct policy *policy)
{
    json_t *list = json_array();
    size_t i;

    for (i = 0; i < policy->n_details; i++)
        json_array_append_new(list, json_string(policy->details[i].type));
    return list;
}

char *
metadata_text(const struct policy *policy)
{
    json_t *doc = json_object();
    char *text;
    size_t i;

    add(doc, "issuer", json_string(policy->issuer));
    for (i = 0; i < LEN(authenticated); i++)
        add(doc, authenticated[i].name, url(policy, authenticated[i].path));
    add(doc, "jwks_uri", url(policy, "/keys"));
    add(doc, "grant_types_supported", json_pack("[s]", "client_credentials"));
    if (policy->metadata.response_types)
        add(doc, "response_types_supported", json_array());
    add_authentication(doc, policy);
    add(doc, "introspection_signing_alg_values_supported", /* RFC 9701, 7 */
        json_pack("[s]", jose_name(policy->token.alg)));
    add(doc, "dpop_signing_alg_values_supported", algs(policy, false));
    if (has_mtls(policy))
        add(doc, "tls_client_certificate_bound_access_tokens", json_true());
    if (policy->mtls.base[0] != '\0')
        add(doc, "mtls_endpoint_aliases", aliases(policy));
    if (policy->n_scopes > 0)
        add(doc, "scopes_supported", scopes(policy));
    if (policy->n_details > 0) /* RFC 9396, 10 */
        add(doc, "authorization_details_types_supported", details(policy));
    text = json_dumps(doc, JSON_COMPACT);
    json_decref(doc);
    if (text == NULL)
        abort();
    return text;
}
