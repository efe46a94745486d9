/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Authorization server metadata.
 */

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/client.h"
#include "core/metadata.h"

/* Issuer and path have 255 bytes each at most (io/conf_keys.c). */
enum { URL_MAX = 1024 };

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

static json_t *
auth_methods(void)
{
    json_t *list = json_array();
    int auth;

    for (auth = AUTH_SECRET_BASIC; auth < AUTH__MAX; auth++)
        json_array_append_new(list, json_string(client_auth_words[auth]));
    return list;
}

/* Of assertions; both names of EdDSA (RFC 9864, 2.2). */
static json_t *
auth_algs(void)
{
    json_t *list = json_array();
    int alg;

    for (alg = JOSE_NONE + 1; alg < JOSE__MAX; alg++)
        json_array_append_new(list,
                              json_string(jose_name((enum jose_alg) alg)));
    json_array_append_new(list, json_string("Ed25519"));
    return list;
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

char *
metadata_text(const struct policy *policy)
{
    json_t *doc = json_object();
    char *text;

    add(doc, "issuer", json_string(policy->issuer));
    add(doc, "token_endpoint", url(policy, "/token"));
    add(doc, "jwks_uri", url(policy, "/keys"));
    add(doc, "grant_types_supported", json_pack("[s]", "client_credentials"));
    if (policy->metadata.response_types)
        add(doc, "response_types_supported", json_array());
    add(doc, "token_endpoint_auth_methods_supported", auth_methods());
    add(doc, "token_endpoint_auth_signing_alg_values_supported", auth_algs());
    if (policy->n_scopes > 0)
        add(doc, "scopes_supported", scopes(policy));
    text = json_dumps(doc, JSON_COMPACT);
    json_decref(doc);
    if (text == NULL)
        abort();
    return text;
}
