/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Inverses modulo the order of P-256, by the binary algorithm of Euclid.
 */

#include <stdint.h>
#include <string.h>

#include "core/inverse.h"

#ifdef __SIZEOF_INT128__

__extension__ typedef unsigned __int128 wide;

enum { WORDS = 4, WORD_BITS = 64 };

/* Words of 64 bits, the least first, as everywhere below. */
static const uint64_t order[WORDS] = {
    UINT64_C(0xf3b9cac2fc632551), UINT64_C(0xbce6faada7179e84),
    UINT64_C(0xffffffffffffffff), UINT64_C(0xffffffff00000000),
};

/* -1 / order modulo 2^64. */
static const uint64_t order_inverse = UINT64_C(0xccd1c8aaee00bc4f);

static void
read_words(uint64_t words[WORDS], const unsigned char *bytes)
{
    size_t i;

    memset(words, 0, WORDS * sizeof(*words));
    for (i = 0; i < INVERSE_LEN; i++)
        words[(INVERSE_LEN - 1 - i) / 8] |=
            (uint64_t)bytes[i] << 8 * ((INVERSE_LEN - 1 - i) % 8);
}

static void
write_words(unsigned char *bytes, const uint64_t words[WORDS])
{
    size_t i;

    for (i = 0; i < INVERSE_LEN; i++)
        bytes[i] = (unsigned char)(words[(INVERSE_LEN - 1 - i) / 8]
                                   >> 8 * ((INVERSE_LEN - 1 - i) % 8));
}

static bool
is_one(const uint64_t a[WORDS])
{
    return a[0] == 1 && (a[1] | a[2] | a[3]) == 0;
}

static bool
is_less(const uint64_t a[WORDS], const uint64_t b[WORDS])
{
    int i;

    for (i = WORDS - 1; i > 0 && a[i] == b[i]; i--)
        ;
    return a[i] < b[i];
}

static void
add(uint64_t a[WORDS], const uint64_t b[WORDS])
{
    wide sum = 0;
    int i;

    for (i = 0; i < WORDS; i++) {
        sum += (wide)a[i] + b[i];
        a[i] = (uint64_t)sum;
        sum >>= WORD_BITS;
    }
}

/* Returns whether a was less than b. */
static bool
subtract(uint64_t a[WORDS], const uint64_t b[WORDS])
{
    uint64_t borrow = 0;
    wide rest;
    int i;

    for (i = 0; i < WORDS; i++) {
        rest = (wide)a[i] - b[i] - borrow;
        a[i] = (uint64_t)rest;
        borrow = (uint64_t)(rest >> WORD_BITS) & 1;
    }
    return borrow != 0;
}

/* a / 2^n, with n from 1 to 63. */
static void
shift(uint64_t a[WORDS], unsigned n)
{
    int i;

    for (i = 0; i < WORDS - 1; i++)
        a[i] = a[i] >> n | a[i + 1] << (WORD_BITS - n);
    a[WORDS - 1] >>= n;
}

/* a / 2^n modulo the order: first so many orders are added that it is even. */
static void
divide(uint64_t a[WORDS], unsigned n)
{
    uint64_t times = a[0] * order_inverse & ((UINT64_C(1) << n) - 1);
    uint64_t sum[WORDS + 1];
    wide part = 0;
    int i;

    for (i = 0; i < WORDS; i++) {
        part += (wide)times * order[i] + a[i];
        sum[i] = (uint64_t)part;
        part >>= WORD_BITS;
    }
    sum[WORDS] = (uint64_t)part;
    for (i = 0; i < WORDS; i++)
        a[i] = sum[i] >> n | sum[i + 1] << (WORD_BITS - n);
}

/* Take the factors of two out of a, and out of its share of the number. */
static void
make_odd(uint64_t a[WORDS], uint64_t share[WORDS])
{
    unsigned n;

    while ((a[0] & 1) == 0) {
        n = a[0] != 0 ? (unsigned)__builtin_ctzll(a[0]) : WORD_BITS - 1;
        shift(a, n);
        divide(share, n);
    }
}

/* a -= b, and the same with their shares. */
static void
reduce(uint64_t a[WORDS], uint64_t share[WORDS], const uint64_t b[WORDS],
       const uint64_t other[WORDS])
{
    (void)subtract(a, b);
    if (subtract(share, other))
        add(share, order);
    make_odd(a, share);
}

bool
inverse_p256(unsigned char inverse[INVERSE_LEN],
             const unsigned char number[INVERSE_LEN])
{
    uint64_t a[WORDS], b[WORDS], share_a[WORDS] = {1}, share_b[WORDS] = {0};

    /* Always: a is share_a times the number, b share_b times. */
    read_words(a, number);
    memcpy(b, order, sizeof(b));
    if ((a[0] | a[1] | a[2] | a[3]) == 0 || !is_less(a, order))
        return false;
    make_odd(a, share_a);
    while (!is_one(a) && !is_one(b)) {
        if (is_less(a, b))
            reduce(b, share_b, a, share_a);
        else
            reduce(a, share_a, b, share_b);
    }
    write_words(inverse, is_one(a) ? share_a : share_b);
    return true;
}

#else

bool
inverse_p256(unsigned char *inverse, const unsigned char *number)
{
    (void)inverse;
    (void)number;
    return false;
}

#endif
