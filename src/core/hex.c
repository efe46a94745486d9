/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Hexadecimal digits.
 */

#include "core/hex.h"

static int
value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int
hex_pair(const char *digits)
{
    int high = value(digits[0]), low = high >= 0 ? value(digits[1]) : -1;

    return low >= 0 ? high << 4 | low : -1;
}
