/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * JWT access tokens (RFC 9068): their header and their claims.
 */

#ifndef CORE_CLAIMS_H
#define CORE_CLAIMS_H

#include <stddef.h>
#include <stdint.h>

#include "core/binding.h"
#include "core/grant.h"
#include "core/jose.h"
#include "core/sbuf.h"

enum {
    CLAIMS_JTI_LEN = 16,  /* random bytes (RFC 6749, 10.10) */
    CLAIMS_HEADER_MAX = 256,
    CLAIMS_MAX = 16384,   /* bytes of JSON */
};

/* The typ of an access token, and where it is plain (COMPAT_TYP). */
#define CLAIMS_TYP "at+jwt"
#define CLAIMS_TYP_PLAIN "JWT"

/* Add the JOSE header (RFC 9068, 2.1): typ, alg and kid. */
void claims_header(struct sbuf *sb, enum jose_alg alg, const char *kid);

/* The same of another kind of JWT; typ is static text. */
void claims_typ_header(struct sbuf *sb, const char *typ, enum jose_alg alg,
                       const char *kid);

/*
 * Add the claims (RFC 9068, 2.2): iss, sub, aud, client_id, iat, exp, jti and,
 * when there is one, scope (2.2.3).  aud is a string when it is one.  cnf
 * (RFC 7800, 3) says what the token is bound to, if it is: x5t#S256 (RFC 8705,
 * 3.1), jkt (RFC 9449, 6.1), or both.  authorization_details follow (RFC 9396,
 * 9.1), and the static claims.  The grant's compat makes arrays of scope and
 * aud.
 */
void claims_add(struct sbuf *sb, const char *issuer, const char *client_id,
                const struct grant *grant, const struct binding *binding,
                int64_t now, const unsigned char jti[CLAIMS_JTI_LEN]);

#endif /* CORE_CLAIMS_H */
