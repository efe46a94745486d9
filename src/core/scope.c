/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Scopes as sets over a sorted list of names.
 */

#include "core/scope.h"

void
scope_set_add(struct scope_set *set, size_t i)
{
    set->word[i / 64] |= (uint64_t) 1 << (i % 64);
}

bool
scope_set_has(const struct scope_set *set, size_t i)
{
    return (set->word[i / 64] >> (i % 64) & 1) != 0;
}

static bool
is_scope_char(unsigned char c)
{
    return c >= 0x21 && c <= 0x7e && c != '"' && c != '\\';
}

bool
scope_is_token(const char *name, size_t len)
{
    size_t i;

    if (len == 0 || len > SCOPE_NAME_MAX)
        return false;
    for (i = 0; i < len; i++) {
        if (!is_scope_char((unsigned char) name[i]))
            return false;
    }
    return true;
}

int
scope_next(const char **rest, const char **name, size_t *len)
{
    const char *p = *rest;

    if (*p == '\0')
        return 0;
    while (is_scope_char((unsigned char) *p))
        p++;
    *name = *rest;
    *len = (size_t) (p - *rest);
    if (*len == 0)
        return -1;
    if (*p == ' ' && p[1] != '\0')
        p++;
    else if (*p != '\0')
        return -1;
    *rest = p;
    return 1;
}
