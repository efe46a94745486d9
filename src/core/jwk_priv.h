/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What the files of the JWK share.
 */

#ifndef CORE_JWK_PRIV_H
#define CORE_JWK_PRIV_H

#include <stdbool.h>
#include <stddef.h>

#include "core/jwk.h"

struct jwk_kind {
    const char *kty;
    const char *crv; /* NULL for RSA */
    size_t width;    /* bytes of a coordinate, or 0 */
    bool has_y;
    enum jose_alg alg; /* the only one of the curve, or JOSE_NONE */
};

/* What is so of every key of the type. */
const struct jwk_kind *jwk_kind(enum jwk_type type);

/* The type of that kty and crv (NULL when there is none), or 0. */
enum jwk_type jwk_find(const char *kty, const char *crv);

/*
 * Refuse an RSA key of a ROCA generator (CVE-2017-15361).
 *
 * Returns 0, or -1 with the reason in *why.
 */
int jwk_check_roca(const struct jwk *jwk, struct errtext *why);

/*
 * Read what keys for any purpose have: their type, numbers, kid and times.
 * "use", "key_ops" and "alg" are left to the caller.
 *
 * Returns as jwk_read() does.
 */
int jwk_read_any(struct jwk *jwk, const struct json_t *object,
                 struct errtext *why);

#endif /* CORE_JWK_PRIV_H */
