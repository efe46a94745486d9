/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * A fuzz target: one parser, fed with bytes by libFuzzer or by replay.c; and
 * what the targets share.
 */

#ifndef T_FUZZ_FUZZ_H
#define T_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/errtext.h"

/* The directory of its corpus below t/fuzz/corpus. */
extern const char fuzz_corpus[];

/* Aborts when what must always hold does not.  Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void
hold(bool truth)
{
    if (!truth)
        abort();
}

/* A reason is one line for people: never nothing, never what came. */
static inline void
check_reason(const struct errtext *why)
{
    const char *p = why->text;

    hold(*p != '\0');
    for (; *p != '\0'; p++)
        hold(*p >= 0x20 && *p < 0x7f);
}

/* Copy bytes to memory of their own size, terminated if that is wanted, so
 * that whoever reads one more is noticed.  The caller frees. */
static inline char *
copy(const void *data, size_t len, bool terminated)
{
    char *text = malloc(len + (terminated || len == 0));

    if (text == NULL)
        abort();
    if (len > 0)
        memcpy(text, data, len);
    if (terminated)
        text[len] = '\0';
    return text;
}

/* An input in two. */
struct halves {
    char *first; /* line, without its end; "" when there is one line alone */
    size_t first_len;
    char *rest;
    size_t rest_len;
};

/* The caller frees with halves_free(). */
static inline struct halves
halves_of(const uint8_t *data, size_t size, bool terminated)
{
    const uint8_t *end = size > 0 ? memchr(data, '\n', size) : NULL;
    size_t head = end != NULL ? (size_t)(end - data) : 0;
    size_t skip = end != NULL ? head + 1 : 0;

    return (struct halves){
        .first = copy(data, head, terminated),
        .first_len = head,
        .rest = copy(data + skip, size - skip, terminated),
        .rest_len = size - skip,
    };
}

static inline void
halves_free(struct halves *in)
{
    free(in->first);
    free(in->rest);
}

#endif /* T_FUZZ_FUZZ_H */
