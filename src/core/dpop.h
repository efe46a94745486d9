/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * DPoP proofs (RFC 9449): what they must say.  Whether the signature is good
 * is another matter.
 */

#ifndef CORE_DPOP_H
#define CORE_DPOP_H

#include <stdbool.h>
#include <stdint.h>

#include "core/errtext.h"
#include "core/jwk.h"
#include "core/jws.h"
#include "core/policy.h"

enum {
    DPOP_AGE_MAX = 60,    /* seconds that a proof is good for, plus the skew */
    DPOP_NONCE_MAX = 128, /* bytes of a nonce that is looked at */
};

struct dpop {
    struct jws jws;
    struct jwk jwk;    /* the key in the header */
    const char *jti;   /* these are borrowed from jws.claims */
    const char *htm;
    const char *htu;
    const char *nonce; /* or NULL */
    int64_t iat;       /* rounded down; seconds since the epoch */
};

/*
 * Take a proof apart (RFC 9449, 4.2 and 4.3).  Beyond what jws_parse() and
 * jws_claims() refuse: a typ that is not "dpop+jwt"; an HMAC; a jwk in the
 * header that is missing or that jwk_read() refuses, a private one among them,
 * or that is not for alg; jti, htm or htu that is missing, no string or empty;
 * iat that is missing or no time; exp or nbf that is no time; nonce that is no
 * string.
 *
 * Returns 0 with *dpop, which the caller frees with dpop_free(), or -1 with
 * the reason in *why and nothing to free.
 */
int dpop_parse(struct dpop *dpop, const char *text, struct errtext *why);

/*
 * Check method, URL and times.  htm is compared byte by byte; htu with the
 * policy's own URL of the token endpoint, at the issuer's host or, when it has
 * one, at mtls.base, as core/uri.h compares: no Host header steers it.  iat
 * may be DPOP_AGE_MAX + skew ago and as far ahead as that of an assertion; exp
 * and nbf are heeded when they are there.
 *
 * Returns 0, or -1 with the reason in *why, which says by how much the
 * client's clock is off.
 */
int dpop_check(const struct dpop *dpop, const struct policy *policy,
               const char *method, int64_t now, struct errtext *why);

/* Frees what *dpop holds.  All zero is allowed. */
void dpop_free(struct dpop *dpop);

#endif /* CORE_DPOP_H */
