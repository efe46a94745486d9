/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The nearest of several names, by the edit distance of Levenshtein, in which
 * two neighbours that changed places are one edit: that is how people type.
 */

#include "core/nearest.h"

static unsigned char
lower(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static size_t
least(size_t a, size_t b, size_t c)
{
    size_t ab = a < b ? a : b;

    return ab < c ? ab : c;
}

/* Both are at most NEAREST_NAME_MAX long. */
static size_t
distance(const char *a, size_t alen, const char *b, size_t blen)
{
    size_t rows[3][NEAREST_NAME_MAX + 1], i, j;
    size_t *last = rows[0], *row = rows[1], *before = rows[2], *next;

    for (j = 0; j <= blen; j++)
        row[j] = j;
    for (i = 1; i <= alen; i++) {
        next = before;
        before = last;
        last = row;
        row = next;
        row[0] = i;
        for (j = 1; j <= blen; j++) {
            size_t wrong = lower(a[i - 1]) != lower(b[j - 1]);

            row[j] = least(last[j] + 1, row[j - 1] + 1, last[j - 1] + wrong);
            if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2])
                && lower(a[i - 2]) == lower(b[j - 1])
                && before[j - 2] + 1 < row[j])
                row[j] = before[j - 2] + 1;
        }
    }
    return row[blen];
}

void
nearest_begin(struct nearest *near, const char *want, size_t len)
{
    near->want = want;
    near->len = len;
    near->distance = (len < 3 ? 1 : len / 3) + 1;
    near->best = NULL;
    near->best_len = 0;
}

void
nearest_offer(struct nearest *near, const char *name, size_t len)
{
    size_t apart;

    if (len > NEAREST_NAME_MAX || near->len > NEAREST_NAME_MAX)
        return;
    apart = len > near->len ? len - near->len : near->len - len;
    if (apart >= near->distance)
        return;
    apart = distance(near->want, near->len, name, len);
    if (apart >= near->distance)
        return;
    near->distance = apart;
    near->best = name;
    near->best_len = len;
}
