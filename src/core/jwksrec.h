/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The stored record of a JWK Set that comes from a URL, as JSON text.
 */

#ifndef CORE_JWKSREC_H
#define CORE_JWKSREC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/errtext.h"
#include "core/jwk.h"

enum { JWKSREC_MAX = 65536 }; /* bytes of JSON */

struct jwksrec {
    int64_t fetched; /* this and all times: seconds since the epoch; or 0 */
    int64_t tried;   /* the last time, or 0 */
    bool busy;       /* that try has not ended yet */
    struct errtext trouble; /* of the last try that ended, or "" */
    struct jwk *keys;       /* what could be used of the set */
    size_t n;
};

/*
 * Returns 0 with *rec, which the caller frees with jwksrec_free(), or -1 with
 * the reason in *why and nothing to free.
 */
int jwksrec_load(struct jwksrec *rec, const char *json, size_t len,
                 struct errtext *why);

/*
 * Returns the text, which the caller frees with free(), or NULL when it would
 * have over JWKSREC_MAX bytes.
 */
char *jwksrec_dump(const struct jwksrec *rec);

/* Frees what *rec holds.  All zero is allowed. */
void jwksrec_free(struct jwksrec *rec);

#endif /* CORE_JWKSREC_H */
