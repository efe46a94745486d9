/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The steps of encryption, each as the RFCs print it: private to encrypter*.c
 * and its test.
 */

#ifndef IO_ENCRYPTER_PRIV_H
#define IO_ENCRYPTER_PRIV_H

#include <stdbool.h>
#include <stddef.h>

#include "core/jwe.h"

enum { ENCRYPTER_SHARED_MAX = JWK_COORD_MAX }; /* bytes agreed on */

/* Of the library, so that none of its headers is needed here. */
struct evp_pkey_st;

/*
 * The public part of a key that can be agreed with: its point, or bytes, in
 * the JWK's x and y.
 */
bool encrypter_public(struct jwk *jwk, enum jwk_type type,
                      const struct evp_pkey_st *pkey);

/*
 * Agree on bytes with a key of somebody (RFC 7518, 4.6): all bytes of the
 * x-coordinate (SEC 1, 3.3.1), or RFC 7748, 6.1.
 *
 * Returns their number, or 0.
 */
size_t encrypter_agree(struct evp_pkey_st *own, struct evp_pkey_st *peer,
                       unsigned char shared[ENCRYPTER_SHARED_MAX]);

/* Concat KDF with SHA-256 (RFC 7518, 4.6.2): len is at most JWE_CEK_MAX. */
bool encrypter_derive(const unsigned char *shared, size_t shared_len,
                      const unsigned char *info, size_t info_len,
                      unsigned char *key, size_t len);

/* AES key wrap with 256 bits (RFC 3394, 2.2.1): out takes len + 8. */
bool encrypter_wrap(const unsigned char kek[32], const unsigned char *key,
                    size_t len, unsigned char *out);

/*
 * Encrypt content (RFC 7518, 5): out takes len + 16.
 *
 * Returns the bytes in out, or 0.
 */
size_t encrypter_content(enum jwe_enc enc, const unsigned char *cek,
                         const unsigned char *iv, const void *aad,
                         size_t aad_len, const void *in, size_t len,
                         unsigned char *out, unsigned char tag[JWE_TAG_MAX]);

#endif /* IO_ENCRYPTER_PRIV_H */
