/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Signing keys on OpenSSL EVP: make, load, sign.
 */

#ifndef IO_KEYS_H
#define IO_KEYS_H

#include <stddef.h>

#include "core/client.h"
#include "core/errtext.h"
#include "core/jose.h"
#include "core/jwk.h"
#include "core/keyrec.h"

enum { KEYS_PRIVATE_MAX = 3072 }; /* bytes: PKCS#8 of RSA with 4096 bits */

struct signer;

/*
 * Make a key: P-256, P-384, Ed25519, or RSA with 3072 bits.  Fills alg, kid
 * (RFC 7638 thumbprint) and jwk of *key (with kty, use, alg and kid), and
 * pkcs8 with the private part, which the caller seals and wipes.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int keys_make(enum jose_alg alg, struct keyrec *key,
              unsigned char pkcs8[KEYS_PRIVATE_MAX], size_t *len,
              struct errtext *why);

/*
 * Read the public key of a certificate in PEM (RFC 7468, 5); what else the
 * certificate says, its validity too, is not asked.
 *
 * Returns 0 with *jwk, or -1 with the reason in *why.
 */
int keys_read_cert(struct jwk *jwk, const char *pem, size_t len,
                   struct errtext *why);

/*
 * Read a public key in PEM (RFC 7468, 13), for signatures or, on X25519 too,
 * for encryption.
 *
 * Returns 0 with *jwk, or -1 with the reason in *why.
 */
int keys_read_public(struct jwk *jwk, const char *pem, size_t len,
                     struct errtext *why);

/* The RFC 7638 thumbprint of a key, in base64url. */
void keys_thumbprint(const struct jwk *jwk, char kid[KEYREC_KID_MAX]);

/* Its first characters, by which a client's key is known. */
void keys_id(const struct jwk *jwk, char id[CRED_ID_MAX]);

/*
 * Ready a private key in PEM, not encrypted, for signing: PKCS#8 (RFC 5958) or
 * the older forms of OpenSSL.  *alg is what to sign with, or JOSE_NONE for the
 * usual one of such a key, which it then is: ES256, ES384, ES512, RS256 or
 * EdDSA.
 *
 * Returns 0 with *signer, which the caller frees with signer_free(), or -1
 * with the reason in *why.
 */
int signer_read(struct signer **signer, enum jose_alg *alg, const char *pem,
                size_t len, struct errtext *why);

/*
 * Ready a secret for signing with an HMAC; refuses one shorter than its hash
 * (RFC 7518, 3.2).
 *
 * Returns 0 with *signer, which the caller frees with signer_free(), or -1
 * with the reason in *why.
 */
int signer_load_secret(struct signer **signer, enum jose_alg alg,
                       const void *secret, size_t len, struct errtext *why);

/*
 * Ready a private key for signing; refuses one that does not fit alg.
 *
 * Returns 0 with *signer, which the caller frees with signer_free(), or -1
 * with the reason in *why.
 */
int signer_load(struct signer **signer, enum jose_alg alg,
                const unsigned char *pkcs8, size_t len, struct errtext *why);

/*
 * Sign as JWS wants it: ECDSA as R || S (RFC 7518, 3.4), PSS with a salt as
 * long as the hash (3.5).
 *
 * Returns 0 with *sig_len bytes in sig, or -1 with the reason in *why.
 */
int signer_sign(struct signer *signer, const void *in, size_t len,
                unsigned char sig[JOSE_SIG_MAX], size_t *sig_len,
                struct errtext *why);

/* Wipes and frees.  NULL is allowed. */
void signer_free(struct signer *signer);

#endif /* IO_KEYS_H */
