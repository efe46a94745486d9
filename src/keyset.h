/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The keys that the assertions of one client are verified with, ready for use.
 */

#ifndef KEYSET_H
#define KEYSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/client.h"
#include "core/errtext.h"
#include "core/jwk.h"
#include "core/jws.h"
#include "io/vault.h"

struct keyset;

/*
 * An empty one.  vault is borrowed, and so is *warm, the number of keys that
 * were made faster (warm.h).  The caller closes with keyset_close().
 */
struct keyset *keyset_open(struct vault *vault, unsigned *warm);

/*
 * Add keys that are published, which are copied.  They are readied when first
 * wanted; one that OpenSSL then does not take for a key verifies nothing.
 */
void keyset_add_keys(struct keyset *set, const struct jwk *keys, size_t n);

/* The same with the keys of a record. */
void keyset_add_client_keys(struct keyset *set, const struct client *cl);

/* Add the secrets of a record that can sign.  cl is borrowed. */
void keyset_add_secrets(struct keyset *set, const struct client *cl);

/*
 * Add one key of each type that no client has: what is not known is verified
 * with them, so that it takes as long as what is wrong.
 */
void keyset_add_decoys(struct keyset *set);

/*
 * Whether the signature is by one of the keys that the algorithm can be for,
 * and whose own alg and times allow it.  With a kid in the header these are
 * the keys of that kid, or, if no key has it, those without a kid; else all.
 * An alg that is not pin, unless pin is JOSE_NONE, is a bad signature.
 *
 * Returns 1 when good; 0 when not, with the reason in *why and *tried, the
 * number of keys that were tried; -1 with the reason in *why when OpenSSL
 * failed or a secret cannot be unsealed.
 */
int keyset_verify(struct keyset *set, const struct jws *jws,
                  enum jose_alg pin, int64_t now, size_t *tried,
                  struct errtext *why);

/*
 * The id (core/client.h) of the key or secret by which the last signature was
 * good; JWKS_CREDENTIAL for any key that is published.
 */
const char *keyset_hit(const struct keyset *set);

/* Whether a key of the set has that kid. */
bool keyset_has(const struct keyset *set, const char *kid);

/* Wipes and frees.  NULL is allowed. */
void keyset_close(struct keyset *set);

#endif /* KEYSET_H */
