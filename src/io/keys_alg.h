/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What each algorithm wants of its key, in one table, and the steps that
 * signing and verifying share.  Private to keys, signer and verifier.
 */

#ifndef IO_KEYS_ALG_H
#define IO_KEYS_ALG_H

#include <stdbool.h>
#include <stddef.h>

#include "core/errtext.h"
#include "core/jose.h"
#include "core/jwk.h"

enum { KEYS_HASH_MAX = 64 }; /* bytes: SHA-512 */

/* RFC 7518, 3.1; RFC 8037, 3.1. */
struct keys_alg {
    enum jwk_type key; /* that it is for, or 0: a secret */
    const char *type;  /* OpenSSL's name of the key's type, or NULL */
    const char *group; /* and of its curve, or NULL */
    const char *md;    /* or NULL: it hashes by itself */
    size_t hash;       /* bytes of the digest, and so of a salt */
    int width;         /* bytes in each half of the signature, or 0 */
    int padding;       /* of RSA, or 0 */
};

/* Of the libraries, so that none of their headers is needed here. */
struct evp_mac_ctx_st;
struct evp_md_st;
struct evp_pkey_ctx_st;
struct evp_pkey_st;

/* The row of that algorithm, or NULL when there is none. */
const struct keys_alg *keys_alg(enum jose_alg alg);

/* The first algorithm for keys of that type: the usual one. */
enum jose_alg keys_alg_usual(enum jwk_type type);

/* The type of the key, or 0 when it is of none that is used here. */
enum jwk_type keys_alg_type(const struct evp_pkey_st *pkey);

/*
 * Whether the key is for that algorithm: type, curve, and 2048 to 4096 bits of
 * RSA (RFC 7518, 3.3).
 *
 * Returns 0, or -1 with the reason in *why.
 */
int keys_alg_check(const struct keys_alg *kind, const struct evp_pkey_st *pkey,
                   struct errtext *why);

typedef int keys_alg_begin_fn(struct evp_pkey_ctx_st *);

/*
 * A context for signatures over digests, begun with EVP_PKEY_sign_init() or
 * EVP_PKEY_verify_init(); NULL on failure.
 */
struct evp_pkey_ctx_st *keys_alg_ctx(const struct keys_alg *kind,
                                     struct evp_pkey_st *pkey,
                                     const struct evp_md_st *md,
                                     keys_alg_begin_fn *begin);

/* An HMAC with its key in it; NULL on failure. */
struct evp_mac_ctx_st *keys_alg_mac(const struct keys_alg *kind,
                                    const void *secret, size_t len);

/* The HMAC of in: kind->hash bytes. */
bool keys_alg_mac_run(struct evp_mac_ctx_st *ctx, const void *in, size_t len,
                      unsigned char mac[KEYS_HASH_MAX]);

#endif /* IO_KEYS_ALG_H */
