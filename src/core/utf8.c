/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * UTF-8.
 */

#include "core/utf8.h"

/*
 * The length of the sequence that begins with c, and the least and greatest
 * second byte (RFC 3629, 4); 0 when none begins so.
 */
static size_t
sequence(unsigned char c, unsigned char *least, unsigned char *greatest)
{
    *least = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
    *greatest = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
    if (c < 0x80)
        return 1;
    if (c < 0xc2 || c > 0xf4)
        return 0;
    return c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

bool
utf8_is_valid(const char *text, size_t len)
{
    size_t i = 0, j, n;

    while (i < len) {
        unsigned char least, greatest;

        n = sequence((unsigned char) text[i], &least, &greatest);
        if (n == 0 || n > len - i)
            return false;
        for (j = 1; j < n; j++) {
            unsigned char c = (unsigned char) text[i + j];

            if (c < least || c > greatest)
                return false;
            least = 0x80;
            greatest = 0xbf;
        }
        i += n;
    }
    return true;
}
