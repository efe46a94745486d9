/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What is said of a token at introspection (RFC 7662, 2.2).
 */

#ifndef CORE_INTROSPECTION_H
#define CORE_INTROSPECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/claims.h"
#include "core/sbuf.h"

enum {
    INTROSPECTION_MAX = CLAIMS_MAX + 64, /* bytes of an answer */
    INTROSPECTION_JWT_MAX = INTROSPECTION_MAX + 2048, /* of one's claims */
};

/* The media type of the signed form, and the typ in its header. */
#define INTROSPECTION_TYP "token-introspection+jwt"
#define INTROSPECTION_TYPE "application/" INTROSPECTION_TYP

/* Add what is said of everything that is not active: that, and no more. */
void introspection_add_inactive(struct sbuf *sb);

/*
 * Add what is said of an active token: active, token_type, and its claims,
 * cnf among them (RFC 8705, 3.2; RFC 9449, 6.2).  claims is a JSON object, as
 * claims_add() wrote it; a scope that is an array there is a string here
 * (RFC 7662, 2.2).
 */
void introspection_add_active(struct sbuf *sb, const char *claims, size_t len,
                              bool is_dpop);

/*
 * Add the claims of the signed form (RFC 9701, 5): iss, aud, iat and, as
 * token_introspection, the answer.  No sub and no exp, so that nobody takes it
 * for an access token.
 */
void introspection_add_claims(struct sbuf *sb, const char *issuer,
                              const char *caller, int64_t now,
                              const struct sbuf *answer);

/*
 * Whether an Accept field asks for the signed form (RFC 9701, 4): by its name,
 * not by a range with "*", with a weight that is not 0 and not below
 * that of application/json (RFC 9110, 12.5.1).
 */
bool introspection_wants_jwt(const char *accept);

#endif /* CORE_INTROSPECTION_H */
