/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Signing keys: how they sign.  All that can be readied once is readied when
 * a key is loaded, for signing is what every request waits for.
 */

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/decoder.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rsa.h>

#include "io/crypto.h"
#include "io/keys.h"

enum {
    RSA_BITS_MIN = 2048, /* RFC 7518, 3.3 */
    RSA_BITS_MAX = 4096,
    PSS_SALT_LEN = 32, /* RFC 7518, 3.5 */
    DER_MAX = 128,     /* an ECDSA signature of P-384, and its SEQUENCE */
};

/* What an algorithm wants of its key. */
struct kind {
    const char *type;  /* OpenSSL's name */
    const char *group; /* of a curve, or NULL */
    const char *md;    /* or NULL: it hashes by itself */
    int width;         /* bytes in each half of the signature, or 0 */
    int padding;       /* of RSA, or 0 */
};

static const struct kind kinds[JOSE__MAX] = {
    [JOSE_ES256] = { "EC", "prime256v1", "SHA256", 32, 0 },
    [JOSE_ES384] = { "EC", "secp384r1", "SHA384", 48, 0 },
    [JOSE_RS256] = { "RSA", NULL, "SHA256", 0, RSA_PKCS1_PADDING },
    [JOSE_PS256] = { "RSA", NULL, "SHA256", 0, RSA_PKCS1_PSS_PADDING },
    [JOSE_EDDSA] = { "ED25519", NULL, NULL, 0, 0 },
};

struct signer {
    const struct kind *kind;
    EVP_PKEY *pkey;
    EVP_MD *md;
    EVP_MD_CTX *hash;        /* begun anew for each input */
    EVP_PKEY_CTX *signing;   /* used again for each signature */
    EVP_PKEY_CTX *verifying; /* made when first wanted */
};

typedef int begin_fn(EVP_PKEY_CTX *);

static bool is_p256(const unsigned char *pkcs8, size_t len);
static EVP_PKEY *take_p256(const unsigned char *pkcs8);
static EVP_PKEY *decode(const struct kind *kind, const unsigned char *pkcs8,
                        size_t len);
static int check_key(const struct kind *kind, EVP_PKEY *pkey,
                     struct errtext *why);
static int check_number(EVP_PKEY *pkey, struct errtext *why);
static int ready(struct signer *signer);
static EVP_PKEY_CTX *key_ctx(const struct signer *signer, begin_fn *begin);

int
signer_load(struct signer **result, enum jose_alg alg,
            const unsigned char *pkcs8, size_t len, struct errtext *why)
{
    struct signer *signer;
    int rc = -1;

    if (*jose_name(alg) == '\0')
        return errtext_set(why, "a signing key without an algorithm");
    signer = calloc(1, sizeof(*signer));
    if (!signer)
        abort();
    signer->kind = &kinds[alg];
    signer->pkey = alg == JOSE_ES256 && is_p256(pkcs8, len)
                       ? take_p256(pkcs8)
                       : decode(signer->kind, pkcs8, len);
    if (!signer->pkey)
        crypto_fail(why, "not a private key of the kind its algorithm wants");
    else if (check_key(signer->kind, signer->pkey, why) == 0) {
        rc = ready(signer);
        if (rc < 0)
            crypto_fail(why, "cannot ready a signing key");
    }
    if (rc == 0) {
        *result = signer;
        signer = NULL;
    }
    signer_free(signer);
    return rc < 0 ? errtext_context(why, "%s", jose_name(alg)) : 0;
}

/*
 * A P-256 key as keys_make() writes it (RFC 5208, 5; RFC 5915, 3): all but the
 * numbers is always the same.  Taking them out by their places spares a CGI
 * program the search for a decoder, which takes longer than the signature.
 */
static const unsigned char p256_head[] = {
    0x30, 0x81, 0x87, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d,
    0x03, 0x01, 0x07, 0x04, 0x6d, 0x30, 0x6b, 0x02, 0x01, 0x01, 0x04, 0x20,
};
static const unsigned char p256_middle[] = { 0xa1, 0x44, 0x03, 0x42, 0x00 };

enum {
    P256_LEN = 32,
    P256_PRIVATE = sizeof(p256_head),
    P256_MIDDLE = P256_PRIVATE + P256_LEN,
    P256_PUBLIC = P256_MIDDLE + sizeof(p256_middle),
    P256_PUBLIC_LEN = 1 + 2 * P256_LEN,
    P256_END = P256_PUBLIC + P256_PUBLIC_LEN,
};

static bool
is_p256(const unsigned char *pkcs8, size_t len)
{
    return len == P256_END && memcmp(pkcs8, p256_head, P256_PRIVATE) == 0
           && memcmp(pkcs8 + P256_MIDDLE, p256_middle, sizeof(p256_middle))
                  == 0;
}

static EVP_PKEY *
take_p256(const unsigned char *pkcs8)
{
    unsigned char native[P256_LEN], point[P256_PUBLIC_LEN];
    char group[] = "P-256";
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, native, P256_LEN),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point,
                                          sizeof(point)),
        OSSL_PARAM_construct_end(),
    };
    BIGNUM *number = BN_bin2bn(pkcs8 + P256_PRIVATE, P256_LEN, NULL);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    EVP_PKEY *pkey = NULL;

    memcpy(point, pkcs8 + P256_PUBLIC, sizeof(point));
    if (!ctx || !number || BN_bn2nativepad(number, native, P256_LEN) < 0
        || EVP_PKEY_fromdata_init(ctx) != 1
        || EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_KEYPAIR, params) != 1)
        pkey = NULL;
    EVP_PKEY_CTX_free(ctx);
    BN_clear_free(number);
    crypto_wipe(native, sizeof(native));
    return pkey;
}

/* Only the decoders of that type: all of them take a millisecond to find. */
static EVP_PKEY *
decode(const struct kind *kind, const unsigned char *pkcs8, size_t len)
{
    EVP_PKEY *pkey = NULL;
    OSSL_DECODER_CTX *ctx = OSSL_DECODER_CTX_new_for_pkey(
        &pkey, "DER", "PrivateKeyInfo", kind->type, EVP_PKEY_KEYPAIR, NULL,
        NULL);

    if (!ctx || OSSL_DECODER_from_data(ctx, &pkcs8, &len) != 1 || len > 0) {
        EVP_PKEY_free(pkey);
        pkey = NULL;
    }
    OSSL_DECODER_CTX_free(ctx);
    return pkey;
}

static int
check_key(const struct kind *kind, EVP_PKEY *pkey, struct errtext *why)
{
    char group[32] = "";
    int bits = EVP_PKEY_get_bits(pkey);

    if (!EVP_PKEY_is_a(pkey, kind->type))
        return errtext_set(why, "a key of another kind than %s", kind->type);
    if (kind->padding && (bits < RSA_BITS_MIN || bits > RSA_BITS_MAX))
        return errtext_set(why, "an RSA key of %d bits, not of %d to %d", bits,
                           RSA_BITS_MIN, RSA_BITS_MAX);
    if (!kind->group)
        return 0;
    if (EVP_PKEY_get_group_name(pkey, group, sizeof(group), NULL) != 1
        || strcmp(group, kind->group) != 0)
        return errtext_set(why, "a key on the curve \"%s\", not on \"%s\"",
                           group, kind->group);
    return check_number(pkey, why);
}

/* The private number is within the order of the curve. */
static int
check_number(EVP_PKEY *pkey, struct errtext *why)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
    int rc = 0;

    if (!ctx || EVP_PKEY_private_check(ctx) != 1)
        rc = crypto_fail(why, "a private number out of its range");
    EVP_PKEY_CTX_free(ctx);
    return rc;
}

static int
ready(struct signer *signer)
{
    const struct kind *kind = signer->kind;

    signer->hash = EVP_MD_CTX_new();
    if (!signer->hash)
        return -1;
    if (!kind->md)
        return EVP_DigestSignInit(signer->hash, NULL, NULL, NULL,
                                  signer->pkey) == 1 ? 0 : -1;
    signer->md = EVP_MD_fetch(NULL, kind->md, NULL);
    if (!signer->md)
        return -1;
    signer->signing = key_ctx(signer, EVP_PKEY_sign_init);
    return signer->signing ? 0 : -1;
}

static EVP_PKEY_CTX *
key_ctx(const struct signer *signer, begin_fn *begin)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, signer->pkey, NULL);
    int padding = signer->kind->padding;
    bool ok = ctx && begin(ctx) == 1;

    if (ok && padding)
        ok = EVP_PKEY_CTX_set_rsa_padding(ctx, padding) == 1
             && EVP_PKEY_CTX_set_signature_md(ctx, signer->md) == 1;
    if (ok && padding == RSA_PKCS1_PSS_PADDING)
        ok = EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, signer->md) == 1
             && EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, PSS_SALT_LEN) == 1;
    if (ok)
        return ctx;
    EVP_PKEY_CTX_free(ctx);
    return NULL;
}

static bool
hash(struct signer *signer, const void *in, size_t len, unsigned char *digest,
     unsigned *digest_len)
{
    return EVP_DigestInit_ex(signer->hash, signer->md, NULL) == 1
           && EVP_DigestUpdate(signer->hash, in, len) == 1
           && EVP_DigestFinal_ex(signer->hash, digest, digest_len) == 1;
}

/* The two numbers of an ECDSA signature, each padded to width. */
static bool
from_der(const unsigned char *der, size_t len, unsigned char *sig, int width)
{
    ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &der, (long)len);
    bool ok = pair
              && BN_bn2binpad(ECDSA_SIG_get0_r(pair), sig, width) == width
              && BN_bn2binpad(ECDSA_SIG_get0_s(pair), sig + width, width)
                     == width;

    ECDSA_SIG_free(pair);
    return ok;
}

/* The reverse, to at most DER_MAX bytes; returns their number, or 0. */
static size_t
to_der(const unsigned char *sig, int width, unsigned char *der)
{
    ECDSA_SIG *pair = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(sig, width, NULL);
    BIGNUM *s = BN_bin2bn(sig + width, width, NULL);
    int n = 0;

    if (pair && r && s && ECDSA_SIG_set0(pair, r, s) == 1) {
        r = s = NULL;
        n = i2d_ECDSA_SIG(pair, NULL);
        n = n > 0 && n <= DER_MAX ? i2d_ECDSA_SIG(pair, &der) : 0;
    }
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(pair);
    return n > 0 ? (size_t)n : 0;
}

static bool
sign_digest(struct signer *signer, const void *in, size_t len,
            unsigned char *sig, size_t *sig_len)
{
    unsigned char digest[EVP_MAX_MD_SIZE], der[DER_MAX];
    size_t der_len = sizeof(der);
    unsigned n;
    int width = signer->kind->width;

    if (!hash(signer, in, len, digest, &n))
        return false;
    *sig_len = JOSE_SIG_MAX;
    if (!width)
        return EVP_PKEY_sign(signer->signing, sig, sig_len, digest, n) == 1;
    *sig_len = 2 * (size_t)width;
    return EVP_PKEY_sign(signer->signing, der, &der_len, digest, n) == 1
           && from_der(der, der_len, sig, width);
}

static bool
sign_whole(struct signer *signer, const void *in, size_t len,
           unsigned char *sig, size_t *sig_len)
{
    *sig_len = JOSE_SIG_MAX;
    if (EVP_DigestSign(signer->hash, sig, sig_len, in, len) == 1)
        return true;
    /* Newer versions want each signature begun anew, which takes longer. */
    ERR_clear_error();
    *sig_len = JOSE_SIG_MAX;
    return EVP_DigestSignInit(signer->hash, NULL, NULL, NULL, NULL) == 1
           && EVP_DigestSign(signer->hash, sig, sig_len, in, len) == 1;
}

int
signer_sign(struct signer *signer, const void *in, size_t len,
            unsigned char sig[JOSE_SIG_MAX], size_t *sig_len,
            struct errtext *why)
{
    bool ok = signer->md ? sign_digest(signer, in, len, sig, sig_len)
                         : sign_whole(signer, in, len, sig, sig_len);

    return ok ? 0 : crypto_fail(why, "cannot sign");
}

/* 1, 0 or -1, as signer_verify(). */
static int
verify_digest(struct signer *signer, const void *in, size_t len,
              const unsigned char *sig, size_t sig_len)
{
    unsigned char digest[EVP_MAX_MD_SIZE], der[DER_MAX];
    int width = signer->kind->width;
    unsigned n;

    if (width && sig_len != 2 * (size_t)width)
        return 0;
    if (!signer->verifying)
        signer->verifying = key_ctx(signer, EVP_PKEY_verify_init);
    if (!signer->verifying || !hash(signer, in, len, digest, &n))
        return -1;
    if (width) {
        sig_len = to_der(sig, width, der);
        sig = der;
    }
    return EVP_PKEY_verify(signer->verifying, sig, sig_len, digest, n) == 1;
}

static int
verify_whole(const struct signer *signer, const void *in, size_t len,
             const unsigned char *sig, size_t sig_len)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    int rc = -1;

    if (ctx
        && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, signer->pkey) == 1)
        rc = EVP_DigestVerify(ctx, sig, sig_len, in, len) == 1;
    EVP_MD_CTX_free(ctx);
    return rc;
}

int
signer_verify(struct signer *signer, const void *in, size_t len,
              const unsigned char *sig, size_t sig_len, struct errtext *why)
{
    int rc = signer->md ? verify_digest(signer, in, len, sig, sig_len)
                        : verify_whole(signer, in, len, sig, sig_len);

    if (rc < 0)
        return crypto_fail(why, "cannot verify");
    ERR_clear_error();
    return rc;
}

void
signer_free(struct signer *signer)
{
    if (!signer)
        return;
    EVP_PKEY_CTX_free(signer->verifying);
    EVP_PKEY_CTX_free(signer->signing);
    EVP_MD_CTX_free(signer->hash);
    EVP_MD_free(signer->md);
    EVP_PKEY_free(signer->pkey);
    free(signer);
}
