/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Signing keys: how they are made.
 */

#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/encoder.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "core/b64.h"
#include "core/sbuf.h"
#include "io/crypto.h"
#include "io/keys.h"

enum {
    RSA_BITS = 3072,
    NUMBER_MAX = 512, /* bytes: a modulus of 4096 bits */
    NUMBER_TEXT_MAX = B64URL_LEN(NUMBER_MAX) + 1,
};

/* A public key's own members (RFC 7518, 6; RFC 8037, 2); "": not there. */
struct members {
    const char *kty;
    const char *crv;
    char e[NUMBER_TEXT_MAX];
    char n[NUMBER_TEXT_MAX];
    char x[NUMBER_TEXT_MAX];
    char y[NUMBER_TEXT_MAX];
};

static EVP_PKEY *generate(enum jose_alg alg);
static int read_members(struct members *m, enum jose_alg alg,
                        const EVP_PKEY *pkey);
static void thumbprint(const struct members *m, char kid[KEYREC_KID_MAX]);
static int write_jwk(const struct members *m, struct keyrec *key);
static int write_pkcs8(const EVP_PKEY *pkey, unsigned char *pkcs8,
                       size_t *len);

int
keys_make(enum jose_alg alg, struct keyrec *key,
          unsigned char pkcs8[KEYS_PRIVATE_MAX], size_t *len,
          struct errtext *why)
{
    struct members m = { .kty = "", .crv = "" };
    EVP_PKEY *pkey = generate(alg);
    int rc = 0;

    if (!pkey || read_members(&m, alg, pkey) < 0)
        rc = crypto_fail(why, "cannot make a signing key");
    if (rc == 0) {
        key->alg = alg;
        thumbprint(&m, key->kid);
        if (write_jwk(&m, key) < 0 || write_pkcs8(pkey, pkcs8, len) < 0) {
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

/* A number of the key; width 0: as short as it is (RFC 7518, 2). */
static int
read_number(const EVP_PKEY *pkey, const char *name, int width,
            char text[NUMBER_TEXT_MAX])
{
    unsigned char bytes[NUMBER_MAX];
    BIGNUM *number = NULL;
    int n = -1;

    if (EVP_PKEY_get_bn_param(pkey, name, &number) == 1
        && BN_num_bytes(number) <= NUMBER_MAX)
        n = BN_bn2binpad(number, bytes,
                         width ? width : BN_num_bytes(number));
    if (n > 0)
        b64url_encode(bytes, (size_t)n, text);
    BN_free(number);
    return n > 0 ? 0 : -1;
}

static int
read_ec(struct members *m, const EVP_PKEY *pkey, const char *crv, int width)
{
    m->kty = "EC";
    m->crv = crv;
    if (read_number(pkey, OSSL_PKEY_PARAM_EC_PUB_X, width, m->x) < 0)
        return -1;
    return read_number(pkey, OSSL_PKEY_PARAM_EC_PUB_Y, width, m->y);
}

static int
read_rsa(struct members *m, const EVP_PKEY *pkey)
{
    m->kty = "RSA";
    if (read_number(pkey, OSSL_PKEY_PARAM_RSA_N, 0, m->n) < 0)
        return -1;
    return read_number(pkey, OSSL_PKEY_PARAM_RSA_E, 0, m->e);
}

static int
read_okp(struct members *m, const EVP_PKEY *pkey)
{
    unsigned char x[NUMBER_MAX];
    size_t len = sizeof(x);

    m->kty = "OKP";
    m->crv = "Ed25519";
    if (EVP_PKEY_get_raw_public_key(pkey, x, &len) != 1)
        return -1;
    b64url_encode(x, len, m->x);
    return 0;
}

static int
read_members(struct members *m, enum jose_alg alg, const EVP_PKEY *pkey)
{
    switch (alg) {
    case JOSE_ES256:
        return read_ec(m, pkey, "P-256", 32);
    case JOSE_ES384:
        return read_ec(m, pkey, "P-384", 48);
    case JOSE_EDDSA:
        return read_okp(m, pkey);
    default:
        return read_rsa(m, pkey);
    }
}

/* The object without its end, its members in the order of RFC 7638, 3.3. */
static void
add_members(struct sbuf *sb, const struct members *m)
{
    const struct {
        const char *name;
        const char *value;
    } all[] = {
        { "\"crv\":", m->crv }, { "\"e\":", m->e }, { "\"kty\":", m->kty },
        { "\"n\":", m->n },     { "\"x\":", m->x }, { "\"y\":", m->y },
    };
    const char *before = "{";
    size_t i;

    for (i = 0; i < sizeof(all) / sizeof(*all); i++) {
        if (*all[i].value == '\0')
            continue;
        sbuf_add(sb, before);
        sbuf_add(sb, all[i].name);
        sbuf_add_json(sb, all[i].value, strlen(all[i].value));
        before = ",";
    }
}

static void
thumbprint(const struct members *m, char kid[KEYREC_KID_MAX])
{
    unsigned char digest[CRYPTO_SHA256_LEN];
    char text[KEYREC_JWK_MAX];
    struct sbuf sb;

    sbuf_init(&sb, text, sizeof(text));
    add_members(&sb, m);
    sbuf_add(&sb, "}");
    crypto_sha256(text, sb.len, digest);
    b64url_encode(digest, sizeof(digest), kid);
}

static int
write_jwk(const struct members *m, struct keyrec *key)
{
    struct sbuf sb;

    sbuf_init(&sb, key->jwk, sizeof(key->jwk));
    add_members(&sb, m);
    sbuf_add(&sb, ",\"use\":\"sig\",\"alg\":\"");
    sbuf_add(&sb, jose_name(key->alg));
    sbuf_add(&sb, "\",\"kid\":\"");
    sbuf_add(&sb, key->kid);
    sbuf_add(&sb, "\"}");
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
