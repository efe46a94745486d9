/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Opaque access tokens: their text (RFC 6749, 1.4 and 10.10).
 */

#ifndef CORE_OPAQUE_H
#define CORE_OPAQUE_H

#include <stdbool.h>
#include <stddef.h>

enum {
    OPAQUE_RANDOM_LEN = 32, /* bytes */
    OPAQUE_CHECK_LEN = 4,   /* bytes of a SHA-256 */
    OPAQUE_LEN = 54,        /* characters of a token */
    OPAQUE_BODY_LEN = 48,   /* of them before the checksum */
};

/*
 * Write prefix and body of a token: "ccga_" and 43 characters of base64url for
 * 256 random bits; terminated.  The checksum follows by opaque_finish(): the
 * first 4 bytes of the SHA-256 of that, in base64url, as with a secret
 * (io/vault.h), so that scanners for secrets find it, and nobody asks a
 * database about a misread one.
 */
void opaque_begin(char text[OPAQUE_LEN + 1],
                  const unsigned char random[OPAQUE_RANDOM_LEN]);
void opaque_finish(char text[OPAQUE_LEN + 1],
                   const unsigned char check[OPAQUE_CHECK_LEN]);

/*
 * Whether text has prefix, length and alphabet of one.  The caller compares
 * the checksum.
 */
bool opaque_looks_like(const char *text, size_t len);

#endif /* CORE_OPAQUE_H */
