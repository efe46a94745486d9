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

int
mint_jwt(struct service *service, const char *client_id,
         const struct grant *grant, const struct binding *binding,
         int64_t now, const unsigned char random[CLAIMS_JTI_LEN],
         char token[MINT_TOKEN_MAX], char jti[AUDIT_JTI_MAX],
         struct errtext *why)
{
    unsigned char sig[JOSE_SIG_MAX];
    const struct keyring_key *key;
    char claims[CLAIMS_MAX];
    struct sbuf sb;
    size_t len, sig_len;

    key = keyring_signer(service->keyring, grant->alg, now, why);
    if (key == NULL)
        return -1;
    sbuf_init(&sb, claims, sizeof(claims));
    claims_add(&sb, service->policy->issuer, client_id, grant, binding, now,
               random);
    if (sb.overflow)
        return errtext_set(why, "the claims are over %d bytes", CLAIMS_MAX);
    memcpy(token, key->head, key->head_len);
    len = key->head_len;
    len += b64url_encode(claims, sb.len, token + len);
    if (signer_sign(key->signer, token, len, sig, &sig_len, why) != 0) {
        token[0] = '\0';
        return -1;
    }
    token[len++] = '.';
    b64url_encode(sig, sig_len, token + len);
    b64url_encode(random, CLAIMS_JTI_LEN, jti);
    return 0;
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
