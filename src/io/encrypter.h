/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Encrypting signed tokens to a resource (RFC 7516; RFC 7519, 11.2), on
 * OpenSSL EVP.
 */

#ifndef IO_ENCRYPTER_H
#define IO_ENCRYPTER_H

#include <stddef.h>
#include <stdint.h>

#include "core/b64.h"
#include "core/errtext.h"
#include "core/jwe.h"

enum {
    ENCRYPTER_RANDOM_LEN = JWE_CEK_MAX + JWE_IV_MAX, /* bytes */
    /* What is added to a JWT beside a third of its length. */
    ENCRYPTER_EXTRA_MAX = B64URL_LEN(JWE_HEADER_MAX)
                          + B64URL_LEN(JWE_WRAPPED_MAX)
                          + B64URL_LEN(JWE_IV_MAX) + B64URL_LEN(JWE_TAG_MAX)
                          + B64URL_LEN(16) + 5,
};

struct encrypter;

/*
 * Ready the public keys of a recipient in file: a JWK Set or a JWK
 * (jwe_keys_read()), or a public key in PEM (RFC 7468, 13).  Refuses RSA keys
 * that are not of 2048 to 4096 bits (RFC 7518, 4.3), points that are not on
 * their curve, and private keys.
 *
 * Returns 0 with *encrypter, which the caller frees with encrypter_free(), or
 * -1 with the reason and the cure in *why, which names the file.
 */
int encrypter_read(struct encrypter **encrypter, const char *file,
                   enum jwe_alg alg, enum jwe_enc enc, struct errtext *why);

/* The same of what such a file holds; the reason names nothing. */
int encrypter_load(struct encrypter **encrypter, const char *text, size_t len,
                   enum jwe_alg alg, enum jwe_enc enc, struct errtext *why);

/*
 * Which of the keys, counted from 0, is the first whose own times allow it
 * now; -1: none.
 */
int encrypter_current(const struct encrypter *encrypter, int64_t now);

/*
 * Encrypt a JWT to encrypter_current(), as JWE compact serialization (RFC
 * 7516, 7.1); typ is that of the JWT inside.  Key and IV of the content are
 * from random, which is used once and wiped by the caller; OpenSSL draws the
 * ephemeral key and the seed of OAEP.
 *
 * Returns 0 with the text in jwe, terminated, or -1 with the reason in *why
 * and nothing in jwe.
 */
int encrypter_seal(struct encrypter *encrypter, const char *typ,
                   const char *jwt, size_t len, int64_t now,
                   const unsigned char random[ENCRYPTER_RANDOM_LEN], char *jwe,
                   size_t cap, struct errtext *why);

/* NULL is allowed. */
void encrypter_free(struct encrypter *encrypter);

#endif /* IO_ENCRYPTER_H */
