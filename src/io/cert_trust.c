/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Client certificates: who vouches for one.
 */

#include <limits.h>
#include <stdlib.h>
#include <time.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "core/alloc.h"
#include "io/cert_priv.h"
#include "io/crypto.h"
#include "io/path.h"

enum {
    FILE_MAX = 1048576, /* bytes: some five hundred authorities */
    LEVEL = 2,          /* 112 bits, in the words of OpenSSL */
};

struct cert_trust {
    X509_STORE *roots;
    STACK_OF(X509) *others; /* intermediates */
};

static struct cert_trust *new_trust(void);
static STACK_OF(X509) *read_file(const char *file, struct errtext *why);
static STACK_OF(X509) *read_pem(BIO *bio, struct errtext *why);
static void add(struct cert_trust *trust, X509 *x509);
static int judge(X509_STORE_CTX *ctx, struct errtext *why);
static int64_t first_end(X509_STORE_CTX *ctx);

int
cert_trust_read(struct cert_trust **trust, const char *file,
                struct errtext *why)
{
    STACK_OF(X509) *all = read_file(file, why);
    int i;

    if (!all)
        return -1;
    if (!*trust)
        *trust = new_trust();
    for (i = 0; i < sk_X509_num(all); i++)
        add(*trust, sk_X509_value(all, i));
    sk_X509_pop_free(all, X509_free);
    return 0;
}

static struct cert_trust *
new_trust(void)
{
    struct cert_trust *trust = alloc_zero(1, sizeof(*trust));

    trust->roots = X509_STORE_new();
    trust->others = sk_X509_new_null();
    if (!trust->roots || !trust->others)
        abort();
    return trust;
}

static STACK_OF(X509) *
read_file(const char *file, struct errtext *why)
{
    char *text = alloc_bytes(FILE_MAX);
    STACK_OF(X509) *all = NULL;
    BIO *bio = NULL;
    long len;

    len = path_read(file, text, FILE_MAX, why);
    if (len >= 0) {
        bio = BIO_new_mem_buf(text, (int)len);
        if (!bio)
            abort();
        all = read_pem(bio, why);
        if (!all)
            errtext_context(why, "%.200s", file);
    }
    BIO_free(bio);
    free(text);
    return all;
}

/* The next certificate; NULL with *end at the end, or with the reason. */
static X509 *
read_next(BIO *bio, int n, bool *end, struct errtext *why)
{
    X509 *x509 = PEM_read_bio_X509(bio, NULL, crypto_no_passphrase, NULL);

    *end = !x509 && ERR_GET_LIB(ERR_peek_last_error()) == ERR_LIB_PEM
           && ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    if (!x509 && !*end)
        errtext_set(why, "certificate %d cannot be read", n);
    ERR_clear_error();
    if (!x509 || X509_check_ca(x509) == 1)
        return x509;
    errtext_set(why, "certificate %d is not of an authority "
                     "(basicConstraints without CA:TRUE, or keyUsage without "
                     "keyCertSign)", n);
    X509_free(x509);
    return NULL;
}

static STACK_OF(X509) *
read_pem(BIO *bio, struct errtext *why)
{
    STACK_OF(X509) *all = sk_X509_new_null();
    bool end = false;
    X509 *x509;

    if (!all)
        abort();
    while ((x509 = read_next(bio, sk_X509_num(all) + 1, &end, why)) != NULL)
        if (sk_X509_push(all, x509) == 0)
            abort();
    if (end && sk_X509_num(all) > 0)
        return all;
    if (end)
        errtext_set(why, "there is no certificate in PEM");
    sk_X509_pop_free(all, X509_free);
    return NULL;
}

/*
 * What is self-signed by its signature: a name that is its own issuer may
 * also be signed with the key before (RFC 4210, 4.4).
 */
static void
add(struct cert_trust *trust, X509 *x509)
{
    if (X509_self_signed(x509, 1) == 1) {
        if (X509_STORE_add_cert(trust->roots, x509) != 1)
            abort();
    } else if (X509_up_ref(x509) != 1
               || sk_X509_push(trust->others, x509) == 0) {
        abort();
    }
    ERR_clear_error();
}

int
cert_verify(const struct cert *cert, const struct cert_trust *trust,
            int64_t now, int64_t *until, struct errtext *why)
{
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    X509_VERIFY_PARAM *param;
    int rc = -1;

    if (!ctx
        || X509_STORE_CTX_init(ctx, trust->roots, cert->x509, trust->others)
               != 1
        || X509_STORE_CTX_set_purpose(ctx, X509_PURPOSE_SSL_CLIENT) != 1) {
        crypto_fail(why, "a certificate cannot be verified");
    } else {
        param = X509_STORE_CTX_get0_param(ctx);
        X509_VERIFY_PARAM_set_time(param, (time_t)now);
        X509_VERIFY_PARAM_set_auth_level(param, LEVEL);
        rc = judge(ctx, why);
    }
    if (rc == 1)
        *until = first_end(ctx);
    X509_STORE_CTX_free(ctx);
    ERR_clear_error();
    return rc;
}

static int
judge(X509_STORE_CTX *ctx, struct errtext *why)
{
    int rc = X509_verify_cert(ctx), fault = X509_STORE_CTX_get_error(ctx);
    int depth = X509_STORE_CTX_get_error_depth(ctx);
    const char *text = X509_verify_cert_error_string(fault);
    const char *cure =
        fault == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY
            ? " (the files of authorities must hold root and intermediates)"
            : "";

    if (rc == 1)
        return 1;
    if (rc < 0 || fault == X509_V_ERR_OUT_OF_MEM
        || fault == X509_V_ERR_INVALID_CALL
        || fault == X509_V_ERR_STORE_LOOKUP)
        return errtext_set(why, "a certificate cannot be verified: %s", text);
    if (depth > 0)
        errtext_set(why, "the certificate is not trusted: its issuer, %d up: "
                         "%s%s", depth, text, cure);
    else
        errtext_set(why, "the certificate is not trusted: %s%s", text,
                    cure);
    return 0;
}

/* The least notAfter of the chain: from then on it does not verify. */
static int64_t
first_end(X509_STORE_CTX *ctx)
{
    STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(ctx);
    int64_t least = INT64_MAX, end;
    struct tm tm;
    int i;

    for (i = 0; i < sk_X509_num(chain); i++) {
        end = 0;
        if (ASN1_TIME_to_tm(X509_get0_notAfter(sk_X509_value(chain, i)), &tm)
            == 1)
            end = timegm(&tm);
        if (end < least)
            least = end;
    }
    return least;
}

void
cert_trust_free(struct cert_trust *trust)
{
    if (!trust)
        return;
    X509_STORE_free(trust->roots);
    sk_X509_pop_free(trust->others, X509_free);
    free(trust);
}
