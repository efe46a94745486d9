/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Memory, or the end of the program: none of these returns NULL.  The caller
 * frees with free().
 */

#ifndef CORE_ALLOC_H
#define CORE_ALLOC_H

#include <stddef.h>

/* Bytes of anything. */
void *alloc_bytes(size_t len);

/* n things of that size, all zero. */
void *alloc_zero(size_t n, size_t size);

/* What was there, with that length from now on: see realloc(3). */
void *alloc_again(void *old, size_t len);

/* A copy of a text, or of len bytes, terminated. */
char *alloc_text(const char *text);
char *alloc_part(const void *bytes, size_t len);

/* Free a list of n such, and what is in it. */
void alloc_free_list(char **list, size_t n);

#endif /* CORE_ALLOC_H */
