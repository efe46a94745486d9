/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Private keys in PEM, as other programs write them.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "io/crypto.h"
#include "io/keys.h"
#include "io/verifier.h"
#include "../lib/pemkey.h"
#include "../lib/tap.h"

enum { PEM_MAX = 8192 };

static const char TEXT[] = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UifQ";
static char PASSPHRASE[] = "passphrase";

enum { TEXT_LEN = sizeof(TEXT) - 1 };

static struct errtext why;

/* A file in the making. */
struct file {
    char text[2 * PEM_MAX];
    size_t len;
};

typedef void write_fn(BIO *, EVP_PKEY *);

static void
add(struct file *file, write_fn *fn, EVP_PKEY *pkey)
{
    BIO *bio = BIO_new(BIO_s_mem());
    size_t n = 0;

    fn(bio, pkey);
    BIO_read_ex(bio, file->text + file->len, PEM_MAX, &n);
    file->len += n;
    file->text[file->len] = '\0';
    BIO_free(bio);
}

static void
add_text(struct file *file, const char *text)
{
    memcpy(file->text + file->len, text, strlen(text) + 1);
    file->len += strlen(text);
}

static void
pkcs8(BIO *bio, EVP_PKEY *pkey)
{
    PEM_write_bio_PKCS8PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL);
}

static void
older(BIO *bio, EVP_PKEY *pkey)
{
    PEM_write_bio_PrivateKey_traditional(bio, pkey, NULL, NULL, 0, NULL,
                                         NULL);
}

static void
older_locked(BIO *bio, EVP_PKEY *pkey)
{
    PEM_write_bio_PrivateKey_traditional(bio, pkey, EVP_aes_128_cbc(),
                                         (unsigned char *)PASSPHRASE,
                                         sizeof(PASSPHRASE) - 1, NULL, NULL);
}

/* A byte behind the key, within its block. */
static void
tailed(BIO *bio, EVP_PKEY *pkey)
{
    unsigned char bytes[PEM_MAX], *at = bytes;
    int n = i2d_PrivateKey(pkey, &at);

    bytes[n] = 0;
    PEM_write_bio(bio, "PRIVATE KEY", "", bytes, n + 1);
}

static void
public(BIO *bio, EVP_PKEY *pkey)
{
    PEM_write_bio_PUBKEY(bio, pkey);
}

static void
older_public(BIO *bio, EVP_PKEY *pkey)
{
    unsigned char bytes[PEM_MAX], *at = bytes;
    int n = i2d_PublicKey(pkey, &at);

    PEM_write_bio(bio, "RSA PUBLIC KEY", "", bytes, n);
}

static void
certificate(BIO *bio, EVP_PKEY *pkey)
{
    X509 *cert = X509_new();

    X509_gmtime_adj(X509_getm_notBefore(cert), 0);
    X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
    X509_set_pubkey(cert, pkey);
    X509_sign(cert, pkey, EVP_sha256());
    PEM_write_bio_X509(bio, cert);
    X509_free(cert);
}

/* A P-256 key, encrypted, as "openssl genpkey" writes it. */
#define LOCKED \
    "MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAhvJrEf/rCaVwICCAAw\n" \
    "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEAQIEEL/Q7XT7qbgxrApVWaIpkOMEgZAL\n" \
    "+6WSjJ5zt+/lLxhZ9cekes4wwoXzgvJRIDW3tWN6pWdVtIT7EFoTm+Xhyi8uPQFc\n" \
    "lW7hecSKVqHguaPOOm+u/CPSPdMV56KRj8fUA8+3vlVNQmitR1FvvvkW99Te0j8U\n" \
    "s6USi4lWY0Qt//Q1ZlaWuuT2oRTxxRvg1XrUTPo+m+u/Hj9LFo5lvh8vfNgqpwU=\n"
static const char ENCRYPTED[] = "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
                                LOCKED
                                "-----END ENCRYPTED PRIVATE KEY-----\n";
static const char MISLABELLED[] = "-----BEGIN PRIVATE KEY-----\n"
                                  LOCKED
                                  "-----END PRIVATE KEY-----\n";
static const char EC_PARAMETERS[] = "-----BEGIN EC PARAMETERS-----\n"
                                    "BggqhkjOPQMBBw==\n"
                                    "-----END EC PARAMETERS-----\n";
static const char OPENSSH[] = "-----BEGIN OPENSSH PRIVATE KEY-----\n"
                              "b3BlbnNzaC1rZXktdjEA\n"
                              "-----END OPENSSH PRIVATE KEY-----\n";

static int
read_file(struct signer **signer, enum jose_alg *alg, const struct file *file)
{
    int rc = signer_read(signer, alg, file->text, file->len, &why);

    if (ERR_peek_error() != 0)
        tap_diag("an error is left in OpenSSL's queue");
    return rc;
}

/* The public part of the key, by way of a certificate. */
static struct verifier *
open_verifier(EVP_PKEY *pkey)
{
    struct file file = { .len = 0 };
    struct verifier *verifier = NULL;
    struct jwk jwk;

    add(&file, certificate, pkey);
    if (keys_read_cert(&jwk, file.text, file.len, &why) < 0
        || verifier_load(&verifier, &jwk, &why) < 0)
        tap_diag("%s", why.text);
    return verifier;
}

/* Whether what it signs is good, with the length that the algorithm has. */
static void
check_signs(struct signer *signer, enum jose_alg alg,
            struct verifier *verifier, const char *sentence)
{
    unsigned char sig[JOSE_SIG_MAX];
    size_t len = 0;

    tap_ok(signer && verifier
           && signer_sign(signer, TEXT, TEXT_LEN, sig, &len, &why) == 0
           && verifier_check(verifier, alg, TEXT, TEXT_LEN, sig, len, &why)
                  == 1,
           "%s: what it signs is good", sentence);
}

/* What each type of key signs with; the first is the usual. */
static const struct {
    const char *key;
    enum jose_alg algs[7];
} types[] = {
    { "P-256", { JOSE_ES256 } },
    { "P-384", { JOSE_ES384 } },
    { "P-521", { JOSE_ES512 } },
    { "rsa-2048", { JOSE_RS256, JOSE_RS384, JOSE_RS512, JOSE_PS256,
                    JOSE_PS384, JOSE_PS512 } },
};

static void
check_alg(const struct file *file, struct verifier *verifier,
          enum jose_alg alg, enum jose_alg expected, const char *form)
{
    struct signer *signer = NULL;
    const char *name = jose_name(alg);
    enum jose_alg got = alg;
    int rc = read_file(&signer, &got, file);

    if (expected == JOSE_NONE)
        tap_ok(rc == -1 && signer == NULL && got == alg,
               "%s: refused for \"%s\"", form, name);
    else {
        tap_is_int(0, rc, "%s: read for \"%s\"", form, name);
        tap_is_str(jose_name(expected), jose_name(got), "%s: its algorithm",
                   form);
        check_signs(signer, got, verifier, form);
    }
    signer_free(signer);
}

static void
check_type(size_t type)
{
    const char *name = types[type].key;
    EVP_PKEY *pkey = pemkey_get(name);
    struct verifier *verifier = open_verifier(pkey);
    struct file whole = { .len = 0 }, old = { .len = 0 };
    int alg;
    size_t i;

    add(&whole, pkcs8, pkey);
    add(&old, older, pkey);
    check_alg(&whole, verifier, JOSE_NONE, types[type].algs[0], name);
    check_alg(&old, verifier, JOSE_NONE, types[type].algs[0], name);
    for (alg = JOSE_NONE + 1; alg <= JOSE__MAX; alg++) {
        for (i = 0; i < 6 && (int)types[type].algs[i] != alg; i++)
            continue;
        check_alg(&whole, verifier, (enum jose_alg)alg,
                  types[type].algs[i], name);
    }
    verifier_free(verifier);
    EVP_PKEY_free(pkey);
}

/* Ed25519 has no older form, and its certificate is signed otherwise. */
static void
check_ed25519(void)
{
    EVP_PKEY *pkey = pemkey_get("ED25519");
    struct file file = { .len = 0 };
    struct verifier *verifier = NULL;
    struct jwk jwk = { .type = JWK_ED25519 };
    size_t len = 32;

    EVP_PKEY_get_raw_public_key(pkey, jwk.x, &len);
    verifier_load(&verifier, &jwk, &why);
    add(&file, pkcs8, pkey);
    check_alg(&file, verifier, JOSE_NONE, JOSE_EDDSA, "Ed25519");
    check_alg(&file, verifier, JOSE_EDDSA, JOSE_EDDSA, "Ed25519");
    check_alg(&file, verifier, JOSE_ES256, JOSE_NONE, "Ed25519");
    check_alg(&file, verifier, JOSE_HS256, JOSE_NONE, "Ed25519");
    verifier_free(verifier);
    EVP_PKEY_free(pkey);
}

/* Files with more than a key in them, and files without one. */
static void
check_files(void)
{
    static const struct {
        const char *sentence;
        const char *before;
        write_fn *first, *second;
        const char *reason; /* NULL: it is read */
    } rows[] = {
        { "a key", "", older, NULL, NULL },
        { "a text before the key", "my key\n\n", pkcs8, NULL, NULL },
        { "parameters before the key", EC_PARAMETERS, older, NULL, NULL },
        { "a certificate before the key", "", certificate, pkcs8, NULL },
        { "a certificate behind the key", "", pkcs8, certificate, NULL },
        { "a public key before the key", "", public, pkcs8, NULL },
        { "nothing", "", NULL, NULL, "no private key in PEM" },
        { "a text alone", "a text", NULL, NULL, "no private key in PEM" },
        { "parameters alone", EC_PARAMETERS, NULL, NULL,
          "no private key in it" },
        { "an encrypted key", ENCRYPTED, NULL, NULL, "openssl pkey -in" },
        { "an encrypted key of the older form", "", older_locked, NULL,
          "openssl pkey -in" },
        { "an encrypted key under another label", MISLABELLED, NULL, NULL,
          "cannot be read" },
        { "a byte behind the key", "", tailed, NULL, "cannot be read" },
        { "a public key", "", public, NULL, "that is the public key" },
        { "a public key of the older form", "", older_public, NULL,
          "that is the public key" },
        { "a certificate", "", certificate, NULL, "that is a certificate" },
        { "a key of OpenSSH", OPENSSH, NULL, NULL, "ssh-keygen" },
    };
    EVP_PKEY *pkey = EVP_EC_gen("P-256");
    struct verifier *verifier = open_verifier(pkey);
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        enum jose_alg alg = JOSE_NONE;
        struct signer *signer = NULL;
        struct file file = { .len = 0 };

        add_text(&file, rows[i].before);
        if (rows[i].first)
            add(&file, rows[i].first, pkey);
        if (rows[i].second)
            add(&file, rows[i].second, pkey);
        tap_is_int(rows[i].reason ? -1 : 0, read_file(&signer, &alg, &file),
                   "%s", rows[i].sentence);
        if (rows[i].reason)
            tap_ok(strstr(why.text, rows[i].reason) && signer == NULL,
                   "%s: the reason is: %s", rows[i].sentence, why.text);
        else
            check_signs(signer, alg, verifier, rows[i].sentence);
        signer_free(signer);
    }
    verifier_free(verifier);
    EVP_PKEY_free(pkey);
}

static void
check_weak(void)
{
    static const struct {
        const char *sentence;
        const char *key;
        const char *reason;
    } rows[] = {
        { "RSA of 1024 bits is refused", "rsa-1024", "1024 bits" },
        { "RSA of 2047 bits is refused", "rsa-2047", "2047 bits" },
        { "RSA of 4104 bits is refused", "rsa-4104", "4104 bits" },
        { "RSA-PSS is refused", "rsa-pss", "P-256, P-384" },
        { "secp256k1 is refused", "secp256k1", "P-256, P-384" },
        { "Ed448 is refused", "ED448", "P-256, P-384" },
        { "X25519 is refused", "X25519", "P-256, P-384" },
    };
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        EVP_PKEY *pkey = pemkey_get(rows[i].key);
        struct file file = { .len = 0 };
        struct signer *signer = NULL;
        enum jose_alg alg = JOSE_NONE;

        add(&file, pkcs8, pkey);
        tap_is_int(-1, read_file(&signer, &alg, &file), "%s",
                   rows[i].sentence);
        tap_ok(strstr(why.text, rows[i].reason) != NULL,
               "the reason is: %s", why.text);
        EVP_PKEY_free(pkey);
    }
}

/* Every shorter file, and one with a wrong number inside. */
static void
check_bytes(void)
{
    EVP_PKEY *pkey = EVP_EC_gen("P-256");
    struct file file = { .len = 0 };
    struct signer *signer = NULL;
    enum jose_alg alg = JOSE_NONE;
    size_t i;
    int taken = 0;

    add(&file, pkcs8, pkey);
    /* Without its last line feed the file is whole. */
    for (i = 0; i + 1 < file.len; i++)
        taken += signer_read(&signer, &alg, file.text, i, &why) == 0;
    tap_is_int(0, taken, "every shorter file is refused");
    tap_is_int(-1, signer_read(&signer, &alg, file.text, (size_t)1 << 31,
                               &why), "more than OpenSSL could take is");
    memcpy(strchr(file.text, '\n') + 1, "AAAA", 4);
    tap_is_int(-1, read_file(&signer, &alg, &file), "a broken key is");
    tap_ok(signer == NULL && alg == JOSE_NONE,
           "nothing came of any of them");
    EVP_PKEY_free(pkey);
}

static void
check_secret_algs(void)
{
    static const char secret[64] = "";
    struct signer *signer = NULL;
    int alg;

    for (alg = JOSE_NONE; alg <= JOSE__MAX; alg++)
        if (!jose_is_hmac((enum jose_alg)alg))
            tap_is_int(-1, signer_load_secret(&signer, (enum jose_alg)alg,
                                              secret, sizeof(secret), &why),
                       "a secret is refused for \"%s\"",
                       jose_name((enum jose_alg)alg));
    tap_is_int(-1, signer_load_secret(&signer, JOSE_HS512, secret, 63, &why),
               "one of 63 bytes is refused for HS512");
    tap_ok(strstr(why.text, "63 bytes") && strstr(why.text, "64 at least"),
           "the reason is: %s", why.text);
    tap_ok(signer == NULL, "nothing came of any of them");
}

int
main(void)
{
    size_t i;

    if (crypto_init(&why) < 0)
        return 1;
    for (i = 0; i < sizeof(types) / sizeof(*types); i++)
        check_type(i);
    check_ed25519();
    check_files();
    check_weak();
    check_bytes();
    check_secret_algs();
    return tap_done();
}
