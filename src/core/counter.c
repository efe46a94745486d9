/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The keys of counters.
 */

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "core/counter.h"

struct counter_key
counter_key(const char *kind, const char *first, const char *second)
{
    struct counter_key key;
    int len = snprintf(key.bytes, sizeof(key.bytes), "%s%c%s%c%s", kind, '\0',
                       first, '\0', second != NULL ? second : "");

    key.len = (size_t)len - (second == NULL ? 1 : 0);
    if (key.len >= sizeof(key.bytes))
        key.len = sizeof(key.bytes) - 1;
    return key;
}

int
counter_read(const char *key, size_t len, const char *kind,
             const char **first, const char **second)
{
    size_t at = strlen(kind) + 1;
    bool is_pair;

    if (len <= at || memcmp(key, kind, at) != 0)
        return -1;
    *first = key + at;
    at += strlen(*first);
    is_pair = at < len;
    *second = key + at + (is_pair ? 1 : 0);
    return is_pair ? 1 : 0;
}
