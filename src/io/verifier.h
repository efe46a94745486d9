/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Verifying signatures of others, on OpenSSL EVP.
 */

#ifndef IO_VERIFIER_H
#define IO_VERIFIER_H

#include <stdbool.h>
#include <stddef.h>

#include "core/errtext.h"
#include "core/jose.h"
#include "core/jwk.h"

struct verifier;

/*
 * Ready a public key.  Refuses a point that is not on its curve or is the
 * point at infinity, and what OpenSSL does not take for a key.
 *
 * Returns 0 with *verifier, which the caller frees with verifier_free(), or
 * -1 with the reason in *why.
 */
int verifier_load(struct verifier **verifier, const struct jwk *jwk,
                  struct errtext *why);

/*
 * Ready a secret for HMAC (RFC 7518, 3.2).  It is copied.
 *
 * Returns 0 with *verifier, which the caller frees with verifier_free(), or
 * -1 with the reason in *why.
 */
int verifier_load_secret(struct verifier **verifier, const void *secret,
                         size_t len, struct errtext *why);

/*
 * Whether sig is good: ECDSA as R || S of exactly twice the curve's width
 * (RFC 7518, 3.4), PSS with a salt as long as the hash (3.5), HMAC compared in
 * constant time, with a secret no shorter than the hash (3.2).  An alg that
 * is not for such a key is a bad signature, so that no key can be used as
 * something that it is not.
 *
 * Returns 1 when good, 0 when not, -1 with the reason in *why when OpenSSL
 * failed.
 */
int verifier_check(struct verifier *verifier, enum jose_alg alg,
                   const void *in, size_t len, const unsigned char *sig,
                   size_t sig_len, struct errtext *why);

/*
 * Make checks of a key faster that is used much, at some cost of time and
 * memory now; jwk is what it was loaded from.  This is so for P-256 alone.
 *
 * Returns whether anything was done: some 40 milliseconds and 150 kilobytes.
 */
bool verifier_warm(struct verifier *verifier, const struct jwk *jwk);

/* Wipes and frees.  NULL is allowed. */
void verifier_free(struct verifier *verifier);

#endif /* IO_VERIFIER_H */
