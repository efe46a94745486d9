/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * RSA keys of a generator whose primes can be found (CVE-2017-15361).
 *
 * Its primes are powers of 65537 modulo a product of small primes, and so is
 * the modulus, modulo each of them.  That of another generator passes all of
 * these tests once in some hundred million.
 */

#include "core/jwk_priv.h"

/* Primes modulo which 65537 does not generate everything. */
static const unsigned char primes[] = {
    11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157,
};

static unsigned
modulo(const unsigned char *n, size_t len, unsigned prime)
{
    unsigned rest = 0;
    size_t i;

    for (i = 0; i < len; i++)
        rest = (rest << 8 | n[i]) % prime;
    return rest;
}

static bool
is_power(unsigned value, unsigned prime)
{
    unsigned power = 1;

    do {
        if (power == value)
            return true;
        power = power * (65537 % prime) % prime;
    } while (power != 1);
    return false;
}

/* A key of another type has no modulus: that is zero, and no power. */
int
jwk_check_roca(const struct jwk *jwk, struct errtext *why)
{
    size_t i;

    for (i = 0; i < sizeof(primes); i++)
        if (!is_power(modulo(jwk->n, jwk->n_len, primes[i]), primes[i]))
            return 0;
    return errtext_set(why, "it was made by a generator whose keys can be "
                            "broken (CVE-2017-15361): make a new one");
}
