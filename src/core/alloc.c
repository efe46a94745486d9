/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Memory, or the end of the program.
 */

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

/* Nothing has no memory in some C libraries. */
static size_t
at_least_one(size_t n)
{
    return n > 0 ? n : 1;
}

static void *
check(void *memory)
{
    if (memory == NULL)
        abort();
    return memory;
}

void *
alloc_bytes(size_t len)
{
    return check(malloc(at_least_one(len)));
}

void *
alloc_zero(size_t n, size_t size)
{
    return check(calloc(at_least_one(n), size));
}

void *
alloc_again(void *old, size_t len)
{
    return check(realloc(old, at_least_one(len)));
}

char *
alloc_text(const char *text)
{
    return check(strdup(text));
}

char *
alloc_part(const void *bytes, size_t len)
{
    char *text = alloc_bytes(len + 1);

    memcpy(text, bytes, len);
    text[len] = '\0';
    return text;
}

void
alloc_free_list(char **list, size_t n)
{
    size_t i;

    for (i = 0; i < n; i++)
        free(list[i]);
    free(list);
}
