/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Minting: from a decision to a signed access token.
 */

#ifndef MINT_H
#define MINT_H

#include <stdint.h>

#include "core/audit.h"
#include "core/claims.h"
#include "core/grant.h"
#include "core/opaque.h"
#include "io/encrypter.h"
#include "io/expiring.h"
#include "service.h"

enum {
    MINT_JWT_RANDOM_LEN = CLAIMS_JTI_LEN + ENCRYPTER_RANDOM_LEN, /* bytes */
    MINT_RANDOM_LEN = OPAQUE_RANDOM_LEN + MINT_JWT_RANDOM_LEN,
    MINT_JWS_MAX =
        CLAIMS_HEADER_MAX * 2 + CLAIMS_MAX / 3 * 4 + JOSE_SIG_MAX * 2,
    MINT_TOKEN_MAX = B64URL_LEN(MINT_JWS_MAX) + ENCRYPTER_EXTRA_MAX,
};

/* An opaque token, and what is to be written down of it. */
struct mint_opaque {
    char text[OPAQUE_LEN + 1]; /* the caller wipes it */
    unsigned char name[EXPIRING_ID_LEN]; /* its SHA-256 */
    char claims[CLAIMS_MAX + 1];
    struct expiring_record record; /* borrows from both */
};

/*
 * Make an opaque access token that expires when the grant says; it is one when
 * its record is written.  Its text follows from random alone.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int mint_opaque(struct service *service, const char *client_id,
                const struct grant *grant, const struct binding *binding,
                int64_t now, const unsigned char random[MINT_RANDOM_LEN],
                struct mint_opaque *token, char jti[AUDIT_JTI_MAX],
                struct errtext *why);

/*
 * Write a JWT access token (RFC 9068) as JWS compact serialization (RFC 7515,
 * 7.1) to token, and its jti.  Where the grant has a recipient it is signed,
 * and then encrypted (RFC 7519, 11.2).
 *
 * Returns 0, or -1 with the reason in *why and nothing in token.
 */
int mint_jwt(struct service *service, const char *client_id,
             const struct grant *grant, const struct binding *binding,
             int64_t now, const unsigned char random[MINT_JWT_RANDOM_LEN],
             char token[MINT_TOKEN_MAX], char jti[AUDIT_JTI_MAX],
             struct errtext *why);

/*
 * Sign claims, a JSON object, as another kind of JWT, whose typ is static
 * text, and write it to jwt, terminated.
 *
 * Returns 0 with *jwt_len, or -1 with the reason in *why and nothing in jwt.
 */
int mint_statement(struct service *service, const char *typ,
                   enum jose_alg alg, const char *claims, size_t len,
                   int64_t now, char *jwt, size_t cap, size_t *jwt_len,
                   struct errtext *why);

#endif /* MINT_H */
