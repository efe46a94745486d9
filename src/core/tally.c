/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * A number that begins anew with each window of time.
 */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/tally.h"

int64_t
tally_start(int64_t length, int64_t now)
{
    return now - now % length;
}

/* Digits alone, up to the byte that ends them; returns what follows it. */
static const char *
read_number(const char *text, char end, int64_t *number)
{
    int64_t n = 0;
    size_t i;

    for (i = 0; text[i] >= '0' && text[i] <= '9'; i++) {
        if (n > (INT64_MAX - 9) / 10)
            return NULL;
        n = n * 10 + (text[i] - '0');
    }
    if (i == 0 || text[i] != end)
        return NULL;
    *number = n;
    return text + i + 1;
}

int
tally_read(struct tally *tally, const char *text, int64_t until,
           int64_t length, int64_t now)
{
    int64_t end = tally_start(length, now) + length, n, at;

    *tally = (struct tally){.until = end};
    if (text == NULL || until <= now || until > end + length)
        return 0;
    text = read_number(text, ' ', &n);
    if (text == NULL || read_number(text, '\0', &at) == NULL)
        return -1;
    *tally = (struct tally){.n = n, .at = at, .until = until};
    return 0;
}

void
tally_raise(struct tally *tally, int64_t now, char text[TALLY_TEXT_MAX])
{
    tally->n++;
    tally->at = now;
    snprintf(text, TALLY_TEXT_MAX, "%" PRId64 " %" PRId64, tally->n, now);
}
