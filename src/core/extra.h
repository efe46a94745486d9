/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Static claims: what the administrator adds to the tokens of a client, or of
 * a resource.
 */

#ifndef CORE_EXTRA_H
#define CORE_EXTRA_H

#include <stdbool.h>
#include <stddef.h>

#include "core/errtext.h"

enum {
    EXTRA_NAME_MAX = 128,  /* bytes */
    EXTRA_COUNT_MAX = 32,  /* of one owner */
    EXTRA_TEXT_MAX = 2048, /* bytes of all names and values of one owner */
};

struct json_t;

struct extra {
    char *name;
    char *value; /* JSON, as jparse_write() writes it */
};

/* All zero is an empty one. */
struct extras {
    struct extra *list; /* sorted by name */
    size_t n;
    size_t len; /* bytes of all names and values */
};

/*
 * Whether the claim is the server's own, and so can never be set: those of
 * RFC 7519, 4.1, RFC 9068, 2.2, RFC 7800, 3.1, RFC 8693, 4, RFC 9396, 9.1 and
 * RFC 7662, 2.2; and what would say that a user was there (RFC 9068, 2.2.1).
 */
bool extra_is_reserved(const char *name);

/*
 * What is wrong with "NAME=JSON": static text that says what was expected, or
 * NULL.  A name is of visible ASCII characters but ", \ and =, and not
 * reserved; the JSON is what jparse_exact() reads.
 */
const char *extra_fault(const char *text);

/*
 * Add "NAME=JSON".  Refuses what extra_fault() refuses, a name that is there
 * already, and more than fits.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int extra_parse(struct extras *extras, const char *text, struct errtext *why);

/*
 * The same of a name and a value, which jparse_exact() must take as
 * jparse_write() writes it; does not ask whether it is reserved.
 */
int extra_add(struct extras *extras, const char *name,
              const struct json_t *value, struct errtext *why);

/* The claim of that name, or NULL. */
const struct extra *extra_find(const struct extras *extras, const char *name);

/* Empty it.  All zero is allowed. */
void extra_free(struct extras *extras);

#endif /* CORE_EXTRA_H */
