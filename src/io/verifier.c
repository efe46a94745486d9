/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Verifying signatures.  All that can be readied once is readied when an
 * algorithm is first wanted of a key, for every request of a client that signs
 * waits for this.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "core/alloc.h"
#include "io/crypto.h"
#include "io/keys_alg.h"
#include "io/verifier.h"
#include "io/verifier_p256.h"
#include "io/verifier_priv.h"

enum {
    INTEGER_MAX = 2 + 1 + JWK_COORD_MAX,
    DER_MAX = 3 + 2 * INTEGER_MAX, /* an ECDSA signature of P-521 */
};

/* What an algorithm needs of OpenSSL, made when it is first wanted. */
struct ready {
    EVP_MD *md;
    EVP_PKEY_CTX *verify;
    EVP_MAC_CTX *mac;
};

struct verifier {
    enum jwk_type type; /* 0: a secret */
    EVP_PKEY *pkey;
    EVP_MD_CTX *hash; /* begun anew for each input */
    struct verifier_p256 *p256; /* once it is warm, or NULL */
    struct ready ready[JOSE__MAX];
    unsigned char *secret;
    size_t secret_len;
};

static int import_ec(EVP_PKEY_CTX *ctx, const struct keys_alg *kind,
                     const struct jwk *jwk, EVP_PKEY **pkey);
static int import_rsa(EVP_PKEY_CTX *ctx, const struct jwk *jwk,
                      EVP_PKEY **pkey);
static int check_mac(struct verifier *verifier, enum jose_alg alg,
                     const void *in, size_t len, const unsigned char *sig,
                     size_t sig_len);
static int check_whole(struct verifier *verifier, const void *in, size_t len,
                       const unsigned char *sig, size_t sig_len);
static int check_digest(struct verifier *verifier, enum jose_alg alg,
                        const void *in, size_t len, const unsigned char *sig,
                        size_t sig_len);

static struct verifier *
new_verifier(void)
{
    struct verifier *verifier = alloc_zero(1, sizeof(*verifier));

    return verifier;
}

int
verifier_load(struct verifier **result, const struct jwk *jwk,
              struct errtext *why)
{
    struct verifier *verifier = new_verifier();
    const struct keys_alg *kind = keys_alg(keys_alg_usual(jwk->type));
    int rc = -1;

    verifier->type = jwk->type;
    verifier->hash = EVP_MD_CTX_new();
    verifier->pkey = jwk->type && kind ? verifier_import(jwk) : NULL;
    if (!verifier->hash || !verifier->pkey)
        crypto_fail(why, "the numbers of the JWK are not a public key");
    else
        rc = keys_alg_check(kind, verifier->pkey, why);
    if (rc == 0 && !kind->md
        && EVP_DigestVerifyInit(verifier->hash, NULL, NULL, NULL,
                                verifier->pkey) != 1)
        rc = crypto_fail(why, "cannot ready a public key");
    if (rc == 0) {
        *result = verifier;
        verifier = NULL;
    }
    verifier_free(verifier);
    return rc;
}

EVP_PKEY *
verifier_import(const struct jwk *jwk)
{
    const struct keys_alg *kind = keys_alg(keys_alg_usual(jwk->type));
    EVP_PKEY_CTX *ctx;
    EVP_PKEY *pkey = NULL;
    int ok;

    if (jwk->type == JWK_ED25519)
        return EVP_PKEY_new_raw_public_key_ex(NULL, kind->type, NULL, jwk->x,
                                              jwk_width(jwk->type));
    ctx = EVP_PKEY_CTX_new_from_name(NULL, kind->type, NULL);
    ok = ctx && EVP_PKEY_fromdata_init(ctx) == 1
         && (jwk->type == JWK_RSA ? import_rsa(ctx, jwk, &pkey)
                                  : import_ec(ctx, kind, jwk, &pkey)) == 1;
    EVP_PKEY_CTX_free(ctx);
    return ok ? pkey : NULL;
}

/* OpenSSL refuses a point that is not on the curve (SEC 1, 2.3.4). */
static int
import_ec(EVP_PKEY_CTX *ctx, const struct keys_alg *kind,
          const struct jwk *jwk, EVP_PKEY **pkey)
{
    unsigned char point[1 + 2 * JWK_COORD_MAX] = { 4 };
    size_t width = jwk_width(jwk->type);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME,
                                         (char *)(uintptr_t)kind->group, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point,
                                          1 + 2 * width),
        OSSL_PARAM_construct_end(),
    };

    memcpy(point + 1, jwk->x, width);
    memcpy(point + 1 + width, jwk->y, width);
    return EVP_PKEY_fromdata(ctx, pkey, EVP_PKEY_PUBLIC_KEY, params);
}

/* A number in the order of bytes of this machine. */
static bool
to_native(const unsigned char *bytes, size_t len, unsigned char *native)
{
    BIGNUM *number = BN_bin2bn(bytes, (int)len, NULL);
    bool ok = number && BN_bn2nativepad(number, native, (int)len) >= 0;

    BN_free(number);
    return ok;
}

static int
import_rsa(EVP_PKEY_CTX *ctx, const struct jwk *jwk, EVP_PKEY **pkey)
{
    unsigned char n[JWK_RSA_MAX], e[JWK_EXPONENT_MAX];
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_N, n, jwk->n_len),
        OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_E, e, jwk->e_len),
        OSSL_PARAM_construct_end(),
    };

    if (!to_native(jwk->n, jwk->n_len, n) || !to_native(jwk->e, jwk->e_len, e))
        return 0;
    return EVP_PKEY_fromdata(ctx, pkey, EVP_PKEY_PUBLIC_KEY, params);
}

int
verifier_load_secret(struct verifier **result, const void *secret, size_t len,
                     struct errtext *why)
{
    struct verifier *verifier = new_verifier();

    (void)why;
    verifier->secret = alloc_bytes(len + 1);
    memcpy(verifier->secret, secret, len);
    verifier->secret_len = len;
    *result = verifier;
    return 0;
}

int
verifier_check(struct verifier *verifier, enum jose_alg alg, const void *in,
               size_t len, const unsigned char *sig, size_t sig_len,
               struct errtext *why)
{
    const struct keys_alg *kind = keys_alg(alg);
    int rc;

    if (!kind || kind->key != verifier->type)
        return 0;
    if (verifier->type == 0)
        rc = check_mac(verifier, alg, in, len, sig, sig_len);
    else if (!kind->md)
        rc = check_whole(verifier, in, len, sig, sig_len);
    else
        rc = check_digest(verifier, alg, in, len, sig, sig_len);
    if (rc < 0)
        return crypto_fail(why, "cannot verify");
    if (rc == 0)
        ERR_clear_error();
    return rc;
}

static int
check_mac(struct verifier *verifier, enum jose_alg alg, const void *in,
          size_t len, const unsigned char *sig, size_t sig_len)
{
    const struct keys_alg *kind = keys_alg(alg);
    struct ready *ready = &verifier->ready[alg];
    unsigned char mac[KEYS_HASH_MAX];
    int rc = -1;

    if (sig_len != kind->hash || verifier->secret_len < kind->hash)
        return 0;
    if (!ready->mac)
        ready->mac = keys_alg_mac(kind, verifier->secret,
                                  verifier->secret_len);
    if (ready->mac && keys_alg_mac_run(ready->mac, in, len, mac))
        rc = crypto_equal(mac, sig, sig_len);
    crypto_wipe(mac, sizeof(mac));
    return rc;
}

static int
check_whole(struct verifier *verifier, const void *in, size_t len,
            const unsigned char *sig, size_t sig_len)
{
    EVP_MD_CTX *ctx = verifier->hash;

    if (sig_len != 2 * jwk_width(verifier->type))
        return 0;
    if (EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, NULL) != 1)
        return -1;
    return EVP_DigestVerify(ctx, sig, sig_len, in, len) == 1;
}

/* A number of width bytes as an INTEGER; returns its length. */
static size_t
put_integer(unsigned char *der, const unsigned char *number, size_t width)
{
    size_t lead;

    while (width > 1 && *number == 0) {
        number++;
        width--;
    }
    lead = *number >> 7;
    der[0] = 2;
    der[1] = (unsigned char)(lead + width);
    der[2] = 0;
    memcpy(der + 2 + lead, number, width);
    return 2 + lead + width;
}

/*
 * R || S as the SEQUENCE that OpenSSL wants (RFC 3279, 2.2.3).  Written by
 * hand, for it allocates nothing so.
 */
static size_t
put_der(unsigned char der[DER_MAX], const unsigned char *sig, size_t width)
{
    unsigned char body[2 * INTEGER_MAX];
    size_t head = 0, len = put_integer(body, sig, width);

    len += put_integer(body + len, sig + width, width);
    der[head++] = 0x30;
    if (len > 0x7f)
        der[head++] = 0x81;
    der[head++] = (unsigned char)len;
    memcpy(der + head, body, len);
    return head + len;
}

static bool
make_ready(struct verifier *verifier, enum jose_alg alg)
{
    const struct keys_alg *kind = keys_alg(alg);
    struct ready *ready = &verifier->ready[alg];

    if (!ready->md)
        ready->md = EVP_MD_fetch(NULL, kind->md, NULL);
    if (ready->md && !ready->verify)
        ready->verify = keys_alg_ctx(kind, verifier->pkey, ready->md,
                                     EVP_PKEY_verify_init);
    return ready->verify != NULL;
}

/*
 * A bad signature takes twice the time of a good one, which is that of a key
 * without a table: else it would tell that the client exists, and is busy.
 */
static int
check_warm(struct verifier_p256 *p256, const unsigned char *digest,
           const unsigned char *sig)
{
    int rc = verifier_p256_check(p256, digest, sig);

    return rc == 0 ? verifier_p256_check(p256, digest, sig) : rc;
}

static int
check_digest(struct verifier *verifier, enum jose_alg alg, const void *in,
             size_t len, const unsigned char *sig, size_t sig_len)
{
    const struct keys_alg *kind = keys_alg(alg);
    const struct ready *ready = &verifier->ready[alg];
    unsigned char digest[EVP_MAX_MD_SIZE], der[DER_MAX];
    size_t width = (size_t)kind->width;
    unsigned n;

    if (sig_len != (width ? 2 * width
                          : (size_t)EVP_PKEY_get_size(verifier->pkey)))
        return 0;
    if (!make_ready(verifier, alg)
        || EVP_DigestInit_ex(verifier->hash, ready->md, NULL) != 1
        || EVP_DigestUpdate(verifier->hash, in, len) != 1
        || EVP_DigestFinal_ex(verifier->hash, digest, &n) != 1)
        return -1;
    if (verifier->p256)
        return check_warm(verifier->p256, digest, sig);
    if (width) {
        sig_len = put_der(der, sig, width);
        sig = der;
    }
    return EVP_PKEY_verify(ready->verify, sig, sig_len, digest, n) == 1;
}

bool
verifier_warm(struct verifier *verifier, const struct jwk *jwk)
{
    if (verifier->type != JWK_P256 || verifier->p256)
        return false;
    verifier->p256 = verifier_p256_make(jwk);
    ERR_clear_error();
    return verifier->p256 != NULL;
}

void
verifier_free(struct verifier *verifier)
{
    int alg;

    if (!verifier)
        return;
    for (alg = JOSE_NONE + 1; alg < JOSE__MAX; alg++) {
        EVP_PKEY_CTX_free(verifier->ready[alg].verify);
        EVP_MD_free(verifier->ready[alg].md);
        EVP_MAC_CTX_free(verifier->ready[alg].mac);
    }
    verifier_p256_free(verifier->p256);
    EVP_MD_CTX_free(verifier->hash);
    EVP_PKEY_free(verifier->pkey);
    if (verifier->secret)
        crypto_wipe(verifier->secret, verifier->secret_len);
    free(verifier->secret);
    free(verifier);
}
