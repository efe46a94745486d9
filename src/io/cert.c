/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Client certificates: what is in one.
 */

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "core/alloc.h"
#include "io/cert_priv.h"
#include "io/crypto.h"
#include "io/keys_alg.h"

int
cert_read(struct cert **cert, const unsigned char *der, size_t len,
          struct errtext *why)
{
    const unsigned char *at = der;
    X509 *x509 = len <= LONG_MAX ? d2i_X509(NULL, &at, (long)len) : NULL;

    if (!x509)
        return crypto_fail(why, "the certificate cannot be decoded");
    if (at != der + len) {
        X509_free(x509);
        return errtext_set(why, "there is something behind the certificate");
    }
    *cert = alloc_zero(1, sizeof(**cert));
    (*cert)->x509 = x509;
    return 0;
}

int
cert_is_live(const struct cert *cert, int64_t now, struct errtext *why)
{
    time_t when = (time_t)now;
    /* Less than 0: before or at that time; 0: it is no time. */
    int begins = X509_cmp_time(X509_get0_notBefore(cert->x509), &when);
    int ends = X509_cmp_time(X509_get0_notAfter(cert->x509), &when);

    ERR_clear_error();
    if (begins == 0 || ends == 0)
        errtext_set(why, "the times of the certificate cannot be read");
    else if (begins > 0)
        errtext_set(why, "the certificate is not yet valid");
    else if (ends < 0)
        errtext_set(why, "the certificate has expired");
    else
        return 1;
    return 0;
}

/* Whether a number of the key is that of len bytes. */
static bool
has_number(const EVP_PKEY *pkey, const char *name, const unsigned char *bytes,
           size_t len)
{
    BIGNUM *number = NULL, *wanted = BN_bin2bn(bytes, (int)len, NULL);
    bool is = wanted && EVP_PKEY_get_bn_param(pkey, name, &number) == 1
              && BN_cmp(number, wanted) == 0;

    BN_free(number);
    BN_free(wanted);
    return is;
}

static bool
has_raw(const EVP_PKEY *pkey, const unsigned char *bytes, size_t len)
{
    unsigned char raw[JWK_COORD_MAX];
    size_t n = sizeof(raw);

    return EVP_PKEY_get_raw_public_key(pkey, raw, &n) == 1 && n == len
           && memcmp(raw, bytes, len) == 0;
}

bool
cert_has_key(const struct cert *cert, const struct jwk *jwk)
{
    const EVP_PKEY *pkey = X509_get0_pubkey(cert->x509);
    size_t width = jwk_width(jwk->type);
    bool is = pkey && keys_alg_type(pkey) == jwk->type;

    if (is && jwk->type == JWK_RSA)
        is = has_number(pkey, OSSL_PKEY_PARAM_RSA_N, jwk->n, jwk->n_len)
             && has_number(pkey, OSSL_PKEY_PARAM_RSA_E, jwk->e, jwk->e_len);
    else if (is && jwk->type == JWK_ED25519)
        is = has_raw(pkey, jwk->x, width);
    else if (is)
        is = has_number(pkey, OSSL_PKEY_PARAM_EC_PUB_X, jwk->x, width)
             && has_number(pkey, OSSL_PKEY_PARAM_EC_PUB_Y, jwk->y, width);
    ERR_clear_error();
    return is;
}

void
cert_free(struct cert *cert)
{
    if (!cert)
        return;
    X509_free(cert->x509);
    free(cert);
}
