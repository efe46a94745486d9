/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The signature algorithms (RFC 7518, 3; RFC 8037, 3.1) by name.
 */

#ifndef CORE_JOSE_H
#define CORE_JOSE_H

#include <stdbool.h>
#include <stddef.h>

enum jose_alg {
    JOSE_NONE = 0, /* no algorithm chosen; never "alg": "none" */
    /* What this server's own keys sign with. */
    JOSE_ES256,
    JOSE_ES384,
    JOSE_RS256,
    JOSE_PS256,
    JOSE_EDDSA, /* Ed25519 */
    /* What clients may sign with as well. */
    JOSE_ES512,
    JOSE_RS384,
    JOSE_RS512,
    JOSE_PS384,
    JOSE_PS512,
    /* With a secret that both sides know. */
    JOSE_HS256,
    JOSE_HS384,
    JOSE_HS512,
    JOSE__MAX
};

enum { JOSE_SIG_MAX = 512 }; /* bytes: RSA of 4096 bits */

/* The registered name, or "" for JOSE_NONE.  Static text. */
const char *jose_name(enum jose_alg alg);

/*
 * The algorithm of that exact name, or JOSE_NONE.  "Ed25519" (RFC 9864, 2.2)
 * is JOSE_EDDSA too.
 */
enum jose_alg jose_alg(const char *name);

/* Whether this server's own keys may be of it. */
bool jose_is_own(enum jose_alg alg);

/* Whether FAPI 2.0 allows it (Security Profile, 5.4.1). */
bool jose_is_fapi2(enum jose_alg alg);

/* Whether it is an HMAC. */
bool jose_is_hmac(enum jose_alg alg);

#endif /* CORE_JOSE_H */
