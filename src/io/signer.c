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

#include "core/alloc.h"
#include "io/crypto.h"
#include "io/keys.h"
#include "io/keys_alg.h"
#include "io/signer_priv.h"

enum {
    /* An ECDSA signature of P-521: SEQUENCE, INTEGERs and their signs. */
    DER_MAX = 3 + 2 * (2 + 1 + JWK_COORD_MAX),
};

struct signer {
    const struct keys_alg *kind;
    EVP_PKEY *pkey;
    EVP_MD *md;
    EVP_MD_CTX *hash;   /* begun anew for each input */
    EVP_PKEY_CTX *sign; /* used again for each signature */
    EVP_MAC_CTX *mac;   /* with its key in it; or NULL */
};

static bool is_p256(const unsigned char *pkcs8, size_t len);
static EVP_PKEY *take_p256(const unsigned char *pkcs8);
static EVP_PKEY *decode(const char *type, const unsigned char *pkcs8,
                        size_t len);
static int check_number(EVP_PKEY *pkey, struct errtext *why);
static bool ready(struct signer *signer);

int
signer_load(struct signer **result, enum jose_alg alg,
            const unsigned char *pkcs8, size_t len, struct errtext *why)
{
    EVP_PKEY *pkey;
    int rc;

    if (!jose_is_own(alg))
        return errtext_set(why, "a signing key without an algorithm that it "
                                "may have");
    pkey = alg == JOSE_ES256 && is_p256(pkcs8, len)
               ? take_p256(pkcs8)
               : decode(keys_alg(alg)->type, pkcs8, len);
    rc = pkey ? signer_new(result, alg, pkey, why)
              : crypto_fail(why, "not a private key of the kind its algorithm "
                                 "wants");
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
decode(const char *type, const unsigned char *pkcs8, size_t len)
{
    EVP_PKEY *pkey = NULL;
    OSSL_DECODER_CTX *ctx = OSSL_DECODER_CTX_new_for_pkey(
        &pkey, "DER", "PrivateKeyInfo", type, EVP_PKEY_KEYPAIR, NULL, NULL);

    if (!ctx || OSSL_DECODER_from_data(ctx, &pkcs8, &len) != 1 || len > 0) {
        EVP_PKEY_free(pkey);
        pkey = NULL;
    }
    OSSL_DECODER_CTX_free(ctx);
    return pkey;
}

static struct signer *
allocate(enum jose_alg alg)
{
    struct signer *signer = alloc_zero(1, sizeof(*signer));

    signer->kind = keys_alg(alg);
    return signer;
}

int
signer_new(struct signer **result, enum jose_alg alg, EVP_PKEY *pkey,
           struct errtext *why)
{
    struct signer *signer = allocate(alg);
    int rc = keys_alg_check(signer->kind, pkey, why);

    signer->pkey = pkey;
    if (rc == 0 && signer->kind->group)
        rc = check_number(pkey, why);
    if (rc == 0 && !ready(signer))
        rc = crypto_fail(why, "cannot ready a signing key");
    if (rc == 0) {
        *result = signer;
        signer = NULL;
    }
    signer_free(signer);
    return rc;
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

static bool
ready(struct signer *signer)
{
    const struct keys_alg *kind = signer->kind;

    signer->hash = EVP_MD_CTX_new();
    if (!signer->hash)
        return false;
    if (!kind->md)
        return EVP_DigestSignInit(signer->hash, NULL, NULL, NULL,
                                  signer->pkey) == 1;
    signer->md = EVP_MD_fetch(NULL, kind->md, NULL);
    if (signer->md)
        signer->sign = keys_alg_ctx(kind, signer->pkey, signer->md,
                                    EVP_PKEY_sign_init);
    return signer->sign != NULL;
}

int
signer_load_secret(struct signer **result, enum jose_alg alg,
                   const void *secret, size_t len, struct errtext *why)
{
    struct signer *signer;

    if (!jose_is_hmac(alg))
        return errtext_set(why, "%s does not sign with a secret",
                           jose_name(alg));
    if (len < keys_alg(alg)->hash)
        return errtext_set(why, "%s: the secret has %zu bytes, and must have "
                           "%zu at least (RFC 7518, 3.2)", jose_name(alg), len,
                           keys_alg(alg)->hash);
    signer = allocate(alg);
    signer->mac = keys_alg_mac(signer->kind, secret, len);
    if (!signer->mac) {
        signer_free(signer);
        return crypto_fail(why, "cannot ready an HMAC");
    }
    *result = signer;
    return 0;
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
        return EVP_PKEY_sign(signer->sign, sig, sig_len, digest, n) == 1;
    *sig_len = 2 * (size_t)width;
    return EVP_PKEY_sign(signer->sign, der, &der_len, digest, n) == 1
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

static bool
sign_mac(struct signer *signer, const void *in, size_t len,
         unsigned char *sig, size_t *sig_len)
{
    *sig_len = signer->kind->hash;
    return keys_alg_mac_run(signer->mac, in, len, sig);
}

int
signer_sign(struct signer *signer, const void *in, size_t len,
            unsigned char sig[JOSE_SIG_MAX], size_t *sig_len,
            struct errtext *why)
{
    bool ok = signer->mac  ? sign_mac(signer, in, len, sig, sig_len)
              : signer->md ? sign_digest(signer, in, len, sig, sig_len)
                           : sign_whole(signer, in, len, sig, sig_len);

    return ok ? 0 : crypto_fail(why, "cannot sign");
}

void
signer_free(struct signer *signer)
{
    if (!signer)
        return;
    EVP_MAC_CTX_free(signer->mac);
    EVP_PKEY_CTX_free(signer->sign);
    EVP_MD_CTX_free(signer->hash);
    EVP_MD_free(signer->md);
    EVP_PKEY_free(signer->pkey);
    free(signer);
}
