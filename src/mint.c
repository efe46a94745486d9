/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Minting access tokens.
 */

#include <string.h>

#include "core/b64.h"
#include "core/sbuf.h"
#include "io/crypto.h"
#include "mint.h"
#include "recipient.h"

/* Add the last dot and the signature; returns the length, or 0 with the reason
 * in *why. */
static size_t
add_signature(const struct keyring_key *key, char *jws, size_t len,
              struct errtext *why)
{
    unsigned char sig[JOSE_SIG_MAX];
    size_t sig_len;

    if (signer_sign(key->signer, jws, len, sig, &sig_len, why) != 0)
        return 0;
    jws[len++] = '.';
    return len + b64url_encode(sig, sig_len, jws + len);
}

/* A signed JWT; returns its length, or 0 with the reason in *why. */
static size_t
sign(struct service *service, const char *client_id,
     const struct grant *grant, const struct binding *binding, int64_t now,
     const unsigned char random[CLAIMS_JTI_LEN], char jws[MINT_JWS_MAX],
     struct errtext *why)
{
    const struct keyring_head *head;
    const struct keyring_key *key;
    char claims[CLAIMS_MAX];
    struct sbuf sb;
    size_t len;

    key = keyring_signer(service->keyring, grant->alg, now, why);
    if (key == NULL) {
        errtext_under(why, RULE_SERVER_KEY);
        return 0;
    }
    sbuf_init(&sb, claims, sizeof(claims));
    claims_add(&sb, service->policy->issuer, client_id, grant, binding, now,
               random);
    if (sb.overflow) {
        errtext_set(why, "the claims are over %d bytes", CLAIMS_MAX);
        return 0;
    }
    head = (grant->compat & COMPAT_TYP) != 0 ? &key->plain_head : &key->head;
    memcpy(jws, head->text, head->len);
    len = head->len;
    len += b64url_encode(claims, sb.len, jws + len);
    return add_signature(key, jws, len, why);
}

/* Nothing goes out as it is that was to be encrypted. */
static int
encrypt(struct service *service, const struct grant *grant, int64_t now,
        const unsigned char random[ENCRYPTER_RANDOM_LEN], const char *jws,
        size_t len, char token[MINT_TOKEN_MAX], struct errtext *why)
{
    bool plain = (grant->compat & COMPAT_TYP) != 0;
    struct encrypter *encrypter =
        recipient_find(service, grant->recipient, now, why);

    if (encrypter == NULL)
        return errtext_under(why, RULE_SERVER_KEY);
    return encrypter_seal(encrypter, plain ? CLAIMS_TYP_PLAIN : CLAIMS_TYP,
                          jws, len, now, random, token, MINT_TOKEN_MAX, why);
}

int
mint_jwt(struct service *service, const char *client_id,
         const struct grant *grant, const struct binding *binding,
         int64_t now, const unsigned char random[MINT_JWT_RANDOM_LEN],
         char token[MINT_TOKEN_MAX], char jti[AUDIT_JTI_MAX],
         struct errtext *why)
{
    bool encrypted = grant->recipient != NULL;
    char inner[MINT_JWS_MAX], *jws = encrypted ? inner : token;
    size_t len = sign(service, client_id, grant, binding, now, random, jws,
                      why);
    int rc = len > 0 ? 0 : -1;

    if (rc == 0 && encrypted)
        rc = encrypt(service, grant, now, random + CLAIMS_JTI_LEN, inner, len,
                     token, why);
    if (encrypted)
        crypto_wipe(inner, len);
    if (rc != 0)
        token[0] = '\0';
    else
        b64url_encode(random, CLAIMS_JTI_LEN, jti);
    return rc;
}

int
mint_opaque(struct service *service, const char *client_id,
            const struct grant *grant, const struct binding *binding,
            int64_t now, const unsigned char random[MINT_RANDOM_LEN],
            struct mint_opaque *token, char jti[AUDIT_JTI_MAX],
            struct errtext *why)
{
    const unsigned char *id = random + OPAQUE_RANDOM_LEN;
    struct sbuf sb;

    sbuf_init(&sb, token->claims, sizeof(token->claims));
    claims_add(&sb, service->policy->issuer, client_id, grant, binding, now,
               id);
    if (sb.overflow)
        return errtext_set(why, "the claims are over %d bytes", CLAIMS_MAX);
    opaque_begin(token->text, random);
    crypto_sha256(token->text, OPAQUE_BODY_LEN, token->name);
    opaque_finish(token->text, token->name);
    crypto_sha256(token->text, OPAQUE_LEN, token->name);
    token->record = (struct expiring_record){
        .table = EXPIRING_TOKENS,
        .key = token->name,
        .key_len = sizeof(token->name),
        .expires = now + grant->lifetime,
        .text = token->claims,
    };
    b64url_encode(id, CLAIMS_JTI_LEN, jti);
    return 0;
}

int
mint_statement(struct service *service, const char *typ, enum jose_alg alg,
               const char *claims, size_t len, int64_t now, char *jwt,
               size_t cap, size_t *jwt_len, struct errtext *why)
{
    const struct keyring_key *key;
    char head[CLAIMS_HEADER_MAX];
    struct sbuf sb;
    size_t n;

    jwt[0] = '\0';
    key = keyring_signer(service->keyring, alg, now, why);
    if (key == NULL)
        return errtext_under(why, RULE_SERVER_KEY);
    sbuf_init(&sb, head, sizeof(head));
    claims_typ_header(&sb, typ, key->alg, key->kid);
    if (sb.overflow
        || B64URL_LEN(sb.len) + B64URL_LEN(len) + B64URL_LEN(JOSE_SIG_MAX) + 3
               > cap)
        return errtext_set(why, "a signed %s is over %zu bytes", typ, cap);
    n = b64url_encode(head, sb.len, jwt);
    jwt[n++] = '.';
    n += b64url_encode(claims, len, jwt + n);
    *jwt_len = add_signature(key, jwt, n, why);
    if (*jwt_len == 0)
        jwt[0] = '\0';
    return *jwt_len > 0 ? 0 : -1;
}
