/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * base64 and base64url by table.
 */

#include <stdbool.h>

#include "core/b64.h"

/* A table of values has this bit in every character of the alphabet. */
enum { KNOWN = 0x40, VALUE = 0x3f };

#define V(n) (KNOWN | (n))
#define LETTERS_AND_DIGITS                                                   \
    ['A'] = V(0), ['B'] = V(1), ['C'] = V(2), ['D'] = V(3), ['E'] = V(4),    \
    ['F'] = V(5), ['G'] = V(6), ['H'] = V(7), ['I'] = V(8), ['J'] = V(9),    \
    ['K'] = V(10), ['L'] = V(11), ['M'] = V(12), ['N'] = V(13),              \
    ['O'] = V(14), ['P'] = V(15), ['Q'] = V(16), ['R'] = V(17),              \
    ['S'] = V(18), ['T'] = V(19), ['U'] = V(20), ['V'] = V(21),              \
    ['W'] = V(22), ['X'] = V(23), ['Y'] = V(24), ['Z'] = V(25),              \
    ['a'] = V(26), ['b'] = V(27), ['c'] = V(28), ['d'] = V(29),              \
    ['e'] = V(30), ['f'] = V(31), ['g'] = V(32), ['h'] = V(33),              \
    ['i'] = V(34), ['j'] = V(35), ['k'] = V(36), ['l'] = V(37),              \
    ['m'] = V(38), ['n'] = V(39), ['o'] = V(40), ['p'] = V(41),              \
    ['q'] = V(42), ['r'] = V(43), ['s'] = V(44), ['t'] = V(45),              \
    ['u'] = V(46), ['v'] = V(47), ['w'] = V(48), ['x'] = V(49),              \
    ['y'] = V(50), ['z'] = V(51), ['0'] = V(52), ['1'] = V(53),              \
    ['2'] = V(54), ['3'] = V(55), ['4'] = V(56), ['5'] = V(57),              \
    ['6'] = V(58), ['7'] = V(59), ['8'] = V(60), ['9'] = V(61)

static const unsigned char plain_values[256] = {
    LETTERS_AND_DIGITS, ['+'] = V(62), ['/'] = V(63),
};

static const unsigned char url_values[256] = {
    LETTERS_AND_DIGITS, ['-'] = V(62), ['_'] = V(63),
};

static const char url_alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* The last 2 or 3 characters, whose spare bits must be zero. */
static bool
decode_tail(const unsigned char *values, const unsigned char *in, size_t len,
            unsigned char *out)
{
    unsigned char a = values[in[0]], b = values[in[1]];
    unsigned char c = len == 3 ? values[in[2]] : V(0);

    if (!(a & b & c & KNOWN))
        return false;
    a &= VALUE, b &= VALUE, c &= VALUE;
    if ((len == 2 && (b & 0x0f)) || (len == 3 && (c & 0x03)))
        return false;
    out[0] = (unsigned char)(a << 2 | b >> 4);
    if (len == 3)
        out[1] = (unsigned char)(b << 4 | c >> 2);
    return true;
}

static long
decode(const unsigned char *values, const char *text, size_t len,
       unsigned char *out, size_t cap)
{
    const unsigned char *in = (const unsigned char *)text;
    size_t tail = len % 4, n = len / 4 * 3 + (tail ? tail - 1 : 0), i;

    if (tail == 1 || n > cap)
        return -1;
    for (i = 0; i < len / 4; i++, in += 4, out += 3) {
        unsigned char a = values[in[0]], b = values[in[1]];
        unsigned char c = values[in[2]], d = values[in[3]];

        if (!(a & b & c & d & KNOWN))
            return -1;
        a &= VALUE, b &= VALUE, c &= VALUE, d &= VALUE;
        out[0] = (unsigned char)(a << 2 | b >> 4);
        out[1] = (unsigned char)(b << 4 | c >> 2);
        out[2] = (unsigned char)(c << 6 | d);
    }
    if (tail && !decode_tail(values, in, tail, out))
        return -1;
    return (long)n;
}

long
b64_decode(const char *in, size_t len, unsigned char *out, size_t cap)
{
    if (len % 4)
        return -1;
    if (len && in[len - 1] == '=')
        len -= in[len - 2] == '=' ? 2 : 1;
    return decode(plain_values, in, len, out, cap);
}

size_t
b64url_encode(const void *bytes, size_t len, char *out)
{
    const unsigned char *in = bytes;
    char *start = out;

    for (; len >= 3; len -= 3, in += 3) {
        *out++ = url_alphabet[in[0] >> 2];
        *out++ = url_alphabet[(in[0] << 4 | in[1] >> 4) & VALUE];
        *out++ = url_alphabet[(in[1] << 2 | in[2] >> 6) & VALUE];
        *out++ = url_alphabet[in[2] & VALUE];
    }
    if (len) {
        *out++ = url_alphabet[in[0] >> 2];
        *out++ = url_alphabet[(in[0] << 4 | (len > 1 ? in[1] >> 4 : 0))
                              & VALUE];
    }
    if (len > 1)
        *out++ = url_alphabet[(in[1] << 2) & VALUE];
    *out = '\0';
    return (size_t)(out - start);
}

long
b64url_decode(const char *in, size_t len, unsigned char *out, size_t cap)
{
    return decode(url_values, in, len, out, cap);
}
