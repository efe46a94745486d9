/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Inverses modulo the order of P-256, for numbers that are no secret.
 */

#ifndef CORE_INVERSE_H
#define CORE_INVERSE_H

#include <stdbool.h>

enum { INVERSE_LEN = 32 }; /* bytes, the greatest first */

/*
 * Write 1 / number modulo the order of P-256 (FIPS 186-5; SEC 2, 2.4.2), in a
 * time that depends on the number: twice as fast as a library must be that
 * keeps it secret.
 *
 * Returns false, and writes nothing, when number is not from 1 to the order
 * less 1, and where the compiler has no integers of 128 bits.
 */
bool inverse_p256(unsigned char inverse[INVERSE_LEN],
                  const unsigned char number[INVERSE_LEN]);

#endif /* CORE_INVERSE_H */
