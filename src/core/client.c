/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The client record: its rules.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/client_priv.h"
#include "core/utf8.h"

const char *const client_auth_words[] = {"", "client_secret_basic",
                                         "client_secret_post",
                                         "client_secret_jwt",
                                         "private_key_jwt",
                                         "tls_client_auth",
                                         "self_signed_tls_client_auth", NULL};
const char *const client_subject_words[] = {"none", "dn",    "dns", "uri",
                                            "ip",   "email", NULL};
const char *const client_bind_words[] = {"none", "mtls", "dpop", "any", NULL};
const char *const client_nonce_words[] = {"default", "off", "on", "required",
                                          NULL};
const char *const client_profile_words[] = {"none", "fapi2", NULL};
const char *const client_aud_words[] = {"strict", "legacy", NULL};
const char *const client_default_words[] = {"all", "none", "default",
                                            "reject", NULL};
const char *const client_excess_words[] = {"reject", "narrow", NULL};
const char *const client_format_words[] = {"default", "jwt", "opaque", NULL};
const char *const client_period_words[] = {"second", "minute", "hour", "day",
                                           NULL};
const char *const client_permit_words[] = {"", "introspect", "register",
                                           NULL};
const char *const client_compat_words[] = {"", "basic", "scope-claim",
                                           "token-typ", "aud-claim", NULL};

int
client_find_word(const char *const *words, const char *text)
{
    int i;

    for (i = 0; text != NULL && words[i] != NULL; i++) {
        if (words[i][0] != '\0' && strcmp(words[i], text) == 0)
            return i;
    }
    return -1;
}

int
client_check_id(const char *id, struct errtext *why)
{
    size_t i;

    for (i = 0; id[i] != '\0'; i++) {
        unsigned char c = (unsigned char) id[i];

        if (c <= 0x20 || c >= 0x7f)
            return errtext_set(why, "a client id is of visible ASCII "
                                    "characters (RFC 6749, A.1); character "
                                    "%zu of this one is not",
                               i + 1);
    }
    if (i == 0 || i > CLIENT_ID_MAX)
        return errtext_set(why, "a client id has 1 to %d characters; this "
                                "one has %zu",
                           CLIENT_ID_MAX, i);
    return 0;
}

int
client_check_text(const char *what, const char *text, struct errtext *why)
{
    size_t i, len = strlen(text);

    if (len > CLIENT_NAME_MAX)
        return errtext_set(why, "the %s may have %d bytes; this one has %zu",
                           what, CLIENT_NAME_MAX, len);
    for (i = 0; i < len; i++) {
        if ((unsigned char) text[i] < 0x20 || text[i] == 0x7f)
            return errtext_set(why, "the %s has a control character", what);
    }
    if (!utf8_is_valid(text, len))
        return errtext_set(why, "the %s is not UTF-8", what);
    return 0;
}

bool
client_secret_is_live(const struct secret *secret, int64_t now)
{
    return secret->not_before <= now
           && (secret->not_after == 0 || now < secret->not_after);
}

void
client_seal_name(const char *client_id, const char *secret_id,
                 char name[CLIENT_SEAL_NAME_MAX])
{
    snprintf(name, CLIENT_SEAL_NAME_MAX, "client %s %s", client_id,
             secret_id);
}

static int
check_names(const struct client *cl, const struct policy *policy,
            struct errtext *why)
{
    size_t i;

    for (i = 0; i < cl->n_roles; i++) {
        if (policy_role(policy, cl->roles[i], strlen(cl->roles[i])) == NULL)
            return errtext_set(why, "the policy defines no role \"%.200s\"",
                               cl->roles[i]);
    }
    for (i = 0; i < cl->n_scopes; i++) {
        if (policy_scope(policy, cl->scopes[i], strlen(cl->scopes[i])) < 0)
            return errtext_set(why, "the policy defines no scope \"%.200s\"",
                               cl->scopes[i]);
    }
    for (i = 0; i < cl->n_default_scopes; i++) {
        const char *name = cl->default_scopes[i];

        if (policy_scope(policy, name, strlen(name)) < 0)
            return errtext_set(why, "the policy defines no scope \"%.200s\"",
                               name);
    }
    for (i = 0; i < cl->n_resources; i++) {
        if (policy_resource(policy, cl->resources[i]) < 0)
            return errtext_set(why,
                               "the policy defines no resource \"%.200s\"",
                               cl->resources[i]);
    }
    return 0;
}

static int
check_lifetimes(const struct client *cl, const struct policy *policy,
                struct errtext *why)
{
    int64_t limit = policy->token.max_lifetime;

    if (cl->max_lifetime < 0 || cl->max_lifetime > limit)
        return errtext_set(why, "the greatest lifetime must be from 1 to the "
                                "policy's token.max_lifetime, %lld seconds",
                           (long long) limit);
    if (cl->max_lifetime > 0)
        limit = cl->max_lifetime;
    if (cl->lifetime < 0 || cl->lifetime > limit)
        return errtext_set(why, "the lifetime must be from 1 to the greatest "
                                "lifetime, %lld seconds",
                           (long long) limit);
    return 0;
}

static int
check_lengths(const struct client *cl, struct errtext *why)
{
    if (cl->n_secrets > CLIENT_SECRETS_MAX)
        return errtext_set(why, "a client may have %d secrets; delete one",
                           CLIENT_SECRETS_MAX);
    if (cl->n_keys > CLIENT_KEYS_MAX)
        return errtext_set(why, "a client may have %d keys", CLIENT_KEYS_MAX);
    if (cl->n_roles > CLIENT_LIST_MAX || cl->n_scopes > CLIENT_LIST_MAX
        || cl->n_resources > CLIENT_LIST_MAX
        || cl->n_default_scopes > CLIENT_LIST_MAX
        || cl->n_networks > CLIENT_LIST_MAX)
        return errtext_set(why, "a list of a record may have %d entries",
                           CLIENT_LIST_MAX);
    return 0;
}

/* Whether any key of the record can verify that algorithm. */
static bool
has_key_for(const struct client *cl, enum jose_alg alg)
{
    size_t i;

    for (i = 0; i < cl->n_keys; i++) {
        if (jwk_takes(&cl->keys[i].jwk, alg))
            return true;
    }
    return false;
}

/* The algorithm that is pinned, if one is. */
static int
check_alg(const struct client *cl, struct errtext *why)
{
    enum jose_alg alg = cl->assertion_alg;

    if (alg == JOSE_NONE)
        return 0;
    if (cl->auth == AUTH_PRIVATE_KEY_JWT && jose_is_hmac(alg))
        return errtext_set(why, "%s is not an algorithm of private_key_jwt",
                           jose_name(alg));
    if (cl->auth == AUTH_PRIVATE_KEY_JWT && cl->jwks_uri[0] == '\0'
        && !has_key_for(cl, alg))
        return errtext_set(why, "none of the client's keys is for %s",
                           jose_name(alg));
    if (cl->auth == AUTH_SECRET_JWT && !jose_is_hmac(alg))
        return errtext_set(why, "%s is not an algorithm of "
                                "client_secret_jwt: HS256, HS384 or HS512",
                           jose_name(alg));
    return 0;
}

static int
check_method(const struct client *cl, struct errtext *why)
{
    bool has_uri = cl->jwks_uri[0] != '\0';
    bool wants_key = cl->auth == AUTH_PRIVATE_KEY_JWT
                     || cl->auth == AUTH_SELF_SIGNED_TLS;

    if (cl->n_keys > 0 && has_uri)
        return errtext_set(why, "a client has either keys of its record or a "
                                "URL of keys (RFC 7591, 2): --jwks and "
                                "--cert, or --jwks-uri");
    if (wants_key && cl->n_keys == 0 && !has_uri)
        return errtext_set(why, "%s needs a key: --jwks, --cert or --jwks-uri",
                           client_auth_words[cl->auth]);
    if (cl->auth == AUTH_TLS && cl->subject == SUBJECT_NONE)
        return errtext_set(why, "tls_client_auth needs the subject of the "
                                "certificate: --tls-subject-dn or one of "
                                "--tls-san-dns, -uri, -ip, -email");
    if (cl->token_alg != JOSE_NONE && !jose_is_own(cl->token_alg))
        return errtext_set(why, "tokens are not signed with %s",
                           jose_name(cl->token_alg));
    return check_alg(cl, why);
}

/* FAPI 2.0 Security Profile, 5.3.2.1 and 5.4.1. */
static int
check_fapi2(const struct client *cl, struct errtext *why)
{
    if (cl->auth != AUTH_PRIVATE_KEY_JWT && cl->auth != AUTH_TLS
        && cl->auth != AUTH_SELF_SIGNED_TLS)
        return errtext_set(why, "FAPI 2.0 allows no shared secret: --auth "
                                "private_key_jwt, tls_client_auth or "
                                "self_signed_tls_client_auth");
    if (cl->assertion_aud != ASSERTION_AUD_STRICT)
        return errtext_set(why, "FAPI 2.0 wants --assertion-aud strict");
    if (cl->assertion_alg != JOSE_NONE && !jose_is_fapi2(cl->assertion_alg))
        return errtext_set(why, "FAPI 2.0 allows PS256, ES256 and EdDSA: "
                                "--assertion-alg");
    if (cl->auth == AUTH_PRIVATE_KEY_JWT && cl->n_keys > 0
        && !has_key_for(cl, JOSE_PS256) && !has_key_for(cl, JOSE_ES256)
        && !has_key_for(cl, JOSE_EDDSA))
        return errtext_set(why, "none of the client's keys is for PS256, "
                                "ES256 or EdDSA, which FAPI 2.0 allows");
    if (cl->token_alg != JOSE_NONE && !jose_is_fapi2(cl->token_alg))
        return errtext_set(why, "FAPI 2.0 allows PS256, ES256 and EdDSA: "
                                "--token-alg");
    return 0;
}

static int
check_claims(const struct client *cl, struct errtext *why)
{
    size_t i;

    for (i = 0; i < cl->claims.n; i++) {
        if (extra_is_reserved(cl->claims.list[i].name))
            return errtext_set(why, "the claim \"%s\" is the server's own",
                               cl->claims.list[i].name);
    }
    return 0;
}

bool
client_is_fapi2(const struct client *cl, const struct policy *policy)
{
    return policy->fapi2 || cl->profile == PROFILE_FAPI2;
}

int
client_check(const struct client *cl, const struct policy *policy,
             struct errtext *why)
{
    if (client_check_id(cl->id, why) != 0
        || client_check_text("name", cl->name, why) != 0
        || client_check_text("description", cl->description, why) != 0
        || check_lengths(cl, why) != 0 || check_method(cl, why) != 0
        || (client_is_fapi2(cl, policy) && check_fapi2(cl, why) != 0)
        || check_names(cl, policy, why) != 0 || check_claims(cl, why) != 0)
        return -1;
    return check_lifetimes(cl, policy, why);
}

struct client *
client_new(const char *id, int64_t now)
{
    struct client *cl = alloc_zero(1, sizeof(*cl));

    cl->id = alloc_text(id);
    cl->name = alloc_text("");
    cl->description = alloc_text("");
    cl->jwks_uri = alloc_text("");
    cl->subject_value = alloc_text("");
    cl->tls_ca = alloc_text("");
    cl->enabled = true;
    cl->created = now;
    cl->updated = now;
    cl->auth = AUTH_SECRET_BASIC;
    return cl;
}

void
client_free(struct client *cl)
{
    size_t i;

    if (cl == NULL)
        return;
    for (i = 0; i < cl->n_secrets; i++) {
        free(cl->secrets[i].label);
        if (cl->secrets[i].sealed != NULL)
            explicit_bzero(cl->secrets[i].sealed, cl->secrets[i].sealed_len);
        free(cl->secrets[i].sealed);
        explicit_bzero(&cl->secrets[i], sizeof(cl->secrets[i]));
    }
    free(cl->secrets);
    for (i = 0; i < cl->n_keys; i++)
        free(cl->keys[i].label);
    free(cl->keys);
    free(cl->jwks_uri);
    free(cl->subject_value);
    free(cl->tls_ca);
    alloc_free_list(cl->roles, cl->n_roles);
    alloc_free_list(cl->scopes, cl->n_scopes);
    alloc_free_list(cl->resources, cl->n_resources);
    alloc_free_list(cl->default_scopes, cl->n_default_scopes);
    extra_free(&cl->claims);
    free(cl->networks);
    free(cl->id);
    free(cl->name);
    free(cl->description);
    free(cl);
}
