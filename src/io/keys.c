/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Signing keys: how they are made.
 */

#include <limits.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/encoder.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "core/b64.h"
#include "core/sbuf.h"
#include "io/crypto.h"
#include "io/keys.h"
#include "io/keys_alg.h"

enum {
    RSA_BITS = 3072,
    ID_LEN = 12, /* characters */
};

static EVP_PKEY *generate(enum jose_alg alg);
static int read_public(struct jwk *jwk, const EVP_PKEY *pkey);
static int take_public(struct jwk *jwk, const EVP_PKEY *pkey,
                       struct errtext *why);
static int write_jwk(const struct jwk *jwk, struct keyrec *key);
static int write_pkcs8(const EVP_PKEY *pkey, unsigned char *pkcs8,
                       size_t *len);

int
keys_make(enum jose_alg alg, struct keyrec *key,
          unsigned char pkcs8[KEYS_PRIVATE_MAX], size_t *len,
          struct errtext *why)
{
    struct jwk jwk = { .alg = alg };
    EVP_PKEY *pkey = generate(alg);
    int rc = 0;

    if (!pkey || read_public(&jwk, pkey) < 0)
        rc = crypto_fail(why, "cannot make a signing key");
    if (rc == 0) {
        key->alg = alg;
        keys_thumbprint(&jwk, key->kid);
        memcpy(jwk.kid, key->kid, sizeof(key->kid));
        if (write_jwk(&jwk, key) < 0 || write_pkcs8(pkey, pkcs8, len) < 0) {
            crypto_wipe(pkcs8, KEYS_PRIVATE_MAX);
            rc = crypto_fail(why, "cannot write a signing key");
        }
    }
    EVP_PKEY_free(pkey);
    return rc;
}

static EVP_PKEY *
generate(enum jose_alg alg)
{
    switch (alg) {
    case JOSE_ES256:
        return EVP_EC_gen("P-256");
    case JOSE_ES384:
        return EVP_EC_gen("P-384");
    case JOSE_RS256:
    case JOSE_PS256:
        return EVP_RSA_gen(RSA_BITS);
    case JOSE_EDDSA:
        return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    default:
        return NULL;
    }
}

/* A number of the key; width 0: as short as it is.  Returns its length. */
static size_t
read_number(const EVP_PKEY *pkey, const char *name, size_t width,
            unsigned char *out, size_t cap)
{
    BIGNUM *number = NULL;
    int n = -1;

    if (EVP_PKEY_get_bn_param(pkey, name, &number) == 1
        && (size_t)BN_num_bytes(number) <= cap)
        n = BN_bn2binpad(number, out,
                         width ? (int)width : BN_num_bytes(number));
    BN_free(number);
    return n > 0 ? (size_t)n : 0;
}

static int
read_rsa(struct jwk *jwk, const EVP_PKEY *pkey)
{
    jwk->n_len = read_number(pkey, OSSL_PKEY_PARAM_RSA_N, 0, jwk->n,
                             sizeof(jwk->n));
    jwk->e_len = read_number(pkey, OSSL_PKEY_PARAM_RSA_E, 0, jwk->e,
                             sizeof(jwk->e));
    if (jwk->n_len == 0 || jwk->e_len == 0)
        return -1;
    /* As jwk_read() has it: neither is even, nor is the exponent 1. */
    return jwk->n[jwk->n_len - 1] & jwk->e[jwk->e_len - 1] & 1
               && (jwk->e_len > 1 || *jwk->e > 1)
           ? 0 : -1;
}

static int
read_public(struct jwk *jwk, const EVP_PKEY *pkey)
{
    size_t width, cap = sizeof(jwk->x);

    jwk->type = EVP_PKEY_is_a(pkey, "X25519") ? JWK_X25519
                                              : keys_alg_type(pkey);
    if (!jwk->type)
        return -1;
    if (jwk->type == JWK_RSA)
        return read_rsa(jwk, pkey);
    width = jwk_width(jwk->type);
    if (jwk->type == JWK_ED25519 || jwk->type == JWK_X25519)
        return EVP_PKEY_get_raw_public_key(pkey, jwk->x, &cap) == 1 ? 0 : -1;
    return read_number(pkey, OSSL_PKEY_PARAM_EC_PUB_X, width, jwk->x, cap)
               && read_number(pkey, OSSL_PKEY_PARAM_EC_PUB_Y, width, jwk->y,
                              cap)
           ? 0 : -1;
}

static int
write_jwk(const struct jwk *jwk, struct keyrec *key)
{
    struct sbuf sb;

    sbuf_init(&sb, key->jwk, sizeof(key->jwk));
    jwk_write(&sb, jwk);
    return sb.overflow ? -1 : 0;
}

static int
write_pkcs8(const EVP_PKEY *pkey, unsigned char *pkcs8, size_t *len)
{
    OSSL_ENCODER_CTX *ctx = OSSL_ENCODER_CTX_new_for_pkey(
        pkey, EVP_PKEY_KEYPAIR, "DER", "PrivateKeyInfo", NULL);
    size_t left = KEYS_PRIVATE_MAX;
    int rc = -1;

    if (ctx && OSSL_ENCODER_to_data(ctx, &pkcs8, &left) == 1) {
        *len = KEYS_PRIVATE_MAX - left;
        rc = 0;
    }
    OSSL_ENCODER_CTX_free(ctx);
    return rc;
}

void
keys_thumbprint(const struct jwk *jwk, char kid[KEYREC_KID_MAX])
{
    unsigned char digest[CRYPTO_SHA256_LEN];
    char text[JWK_TEXT_MAX];
    struct sbuf sb;

    sbuf_init(&sb, text, sizeof(text));
    jwk_write_canonical(&sb, jwk);
    crypto_sha256(text, sb.len, digest);
    b64url_encode(digest, sizeof(digest), kid);
}

void
keys_id(const struct jwk *jwk, char id[CRED_ID_MAX])
{
    char thumbprint[KEYREC_KID_MAX];

    keys_thumbprint(jwk, thumbprint);
    memcpy(id, thumbprint, ID_LEN);
    id[ID_LEN] = '\0';
}

int
keys_read_public(struct jwk *jwk, const char *pem, size_t len,
                 struct errtext *why)
{
    BIO *bio = len <= INT_MAX ? BIO_new_mem_buf(pem, (int)len) : NULL;
    EVP_PKEY *pkey = NULL;
    int rc;

    memset(jwk, 0, sizeof(*jwk));
    if (bio)
        pkey = PEM_read_bio_PUBKEY(bio, NULL, crypto_no_passphrase, NULL);
    rc = pkey ? take_public(jwk, pkey, why)
              : crypto_fail(why, "there is no public key in PEM that can be "
                                 "read");
    EVP_PKEY_free(pkey);
    BIO_free(bio);
    return rc;
}

static int
take_public(struct jwk *jwk, const EVP_PKEY *pkey, struct errtext *why)
{
    enum jwk_type type = keys_alg_type(pkey);

    if (!type && !EVP_PKEY_is_a(pkey, "X25519"))
        return errtext_set(why, "the key is not RSA, nor on P-256, P-384, "
                                "P-521, Ed25519 or X25519");
    if (type
        && keys_alg_check(keys_alg(keys_alg_usual(type)), pkey, why) != 0)
        return -1;
    return read_public(jwk, pkey) < 0
               ? crypto_fail(why, "the public key cannot be used")
               : 0;
}

/* The certificate, or NULL with the reason. */
static X509 *
read_x509(const char *pem, size_t len, struct errtext *why)
{
    BIO *bio = len <= INT_MAX ? BIO_new_mem_buf(pem, (int)len) : NULL;
    X509 *cert = NULL;

    if (bio)
        cert = PEM_read_bio_X509(bio, NULL, crypto_no_passphrase, NULL);
    if (!cert)
        crypto_fail(why, "there is no certificate in PEM that can be read");
    BIO_free(bio);
    return cert;
}

int
keys_read_cert(struct jwk *jwk, const char *pem, size_t len,
               struct errtext *why)
{
    X509 *cert = read_x509(pem, len, why);
    const EVP_PKEY *pkey = cert ? X509_get0_pubkey(cert) : NULL;
    int rc = -1;

    memset(jwk, 0, sizeof(*jwk));
    if (!cert)
        return -1;
    if (!pkey || !keys_alg_type(pkey))
        crypto_fail(why, "the certificate's key is not P-256, P-384, P-521, "
                         "Ed25519 or RSA");
    else
        rc = keys_alg_check(keys_alg(keys_alg_usual(keys_alg_type(pkey))),
                            pkey, why);
    if (rc == 0 && read_public(jwk, pkey) < 0)
        rc = crypto_fail(why, "the certificate's key cannot be used");
    X509_free(cert);
    return rc;
}
