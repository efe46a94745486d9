/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The signature algorithms (RFC 7518, 3; RFC 8037, 3.1) by name.
 */

#ifndef CORE_JOSE_H
#define CORE_JOSE_H

#include <stddef.h>

enum jose_alg {
    JOSE_NONE = 0, /* no algorithm chosen; never "alg": "none" */
    JOSE_ES256,
    JOSE_ES384,
    JOSE_RS256,
    JOSE_PS256,
    JOSE_EDDSA, /* Ed25519 */
    JOSE__MAX
};

enum { JOSE_SIG_MAX = 512 }; /* bytes: RSA of 4096 bits */

/* The registered name, or "" for JOSE_NONE.  Static text. */
const char *jose_name(enum jose_alg alg);

/* The algorithm of that exact name, or JOSE_NONE. */
enum jose_alg jose_alg(const char *name);

#endif /* CORE_JOSE_H */
