/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * application/x-www-form-urlencoded bodies (RFC 6749, B).
 */

#ifndef CORE_FORM_H
#define CORE_FORM_H

#include <stdbool.h>
#include <stddef.h>

#include "core/errtext.h"

/* The parameters that are known; every other one is ignored whole. */
enum form_name {
    FORM_GRANT_TYPE,
    FORM_SCOPE,
    FORM_RESOURCE, /* may repeat (RFC 8707, 2) */
    FORM_CLIENT_ID,
    FORM_CLIENT_SECRET,
    FORM_CLIENT_ASSERTION,
    FORM_CLIENT_ASSERTION_TYPE,
    FORM_AUTHORIZATION_DETAILS,
    FORM_TOKEN,           /* RFC 7662, 2.1; RFC 7009, 2.1 */
    FORM_TOKEN_TYPE_HINT, /* likewise; it changes nothing */
    FORM__MAX
};

enum {
    FORM_RESOURCES_MAX = 16, /* resource parameters of one request */
    FORM_PAIRS_MAX = 256,    /* pairs of one body, the unknown ones included */
};

struct form_value {
    const char *text; /* terminated, without NUL inside; "" when absent */
    size_t len;
};

struct form {
    struct form_value value[FORM__MAX];
    struct form_value resource[FORM_RESOURCES_MAX];
    size_t n_resources;
};

/*
 * Whether the media type is this one, in any case, with any parameters but
 * another charset than UTF-8 (RFC 9110, 8.3.1).
 */
bool form_is_type(const char *content_type);

/*
 * Decode a body in place; buf[len] is writable.  Refuses a known name twice
 * (RFC 6749, 3.2), a malformed escape, NUL, text that is not UTF-8, and too
 * many pairs.  An empty value is an absent one (3.2).  Borrowed: *form points
 * into buf.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int form_parse(struct form *form, char *buf, size_t len, struct errtext *why);

/*
 * Decode one form-encoded text in place, as the halves of Basic credentials
 * are (RFC 6749, 2.3.1).  Refuses what form_parse() refuses.
 *
 * Returns its new length, or -1.
 */
long form_decode(char *text, size_t len);

#endif /* CORE_FORM_H */
