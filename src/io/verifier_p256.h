/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Verifying with a key on P-256 that is used so much that a table of its
 * multiples pays.  Private to verifier*.c.
 */

#ifndef IO_VERIFIER_P256_H
#define IO_VERIFIER_P256_H

#include "core/jwk.h"

struct verifier_p256;

/*
 * Make the table: some 40 milliseconds and 150 kilobytes, after which a check
 * takes half the time.
 *
 * Returns it, for verifier_p256_free(), or NULL when OpenSSL cannot.
 */
struct verifier_p256 *verifier_p256_make(const struct jwk *jwk);

/*
 * Verify (FIPS 186-5, 6.4.2) the SHA-256 of what was signed; sig is R || S.
 *
 * Returns 1 when good, 0 when not, -1 when OpenSSL failed.
 */
int verifier_p256_check(struct verifier_p256 *p256,
                        const unsigned char digest[32],
                        const unsigned char sig[64]);

/* NULL is allowed. */
void verifier_p256_free(struct verifier_p256 *p256);

#endif /* IO_VERIFIER_P256_H */
