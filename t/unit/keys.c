/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Signing keys: made, loaded, signing, refused; and the keys of certificates.
 * The file that makes them is included, for forms that it does not write.
 */

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "io/keys.c" /* first: it brings its own headers */
#include "io/verifier.h"
#include "../lib/pemkey.h"
#include "../lib/tap.h"

static const char TEXT[] = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UifQ";

enum { TEXT_LEN = sizeof(TEXT) - 1 };

static struct errtext why;

/* A key of one algorithm, as every test below wants it. */
struct made {
    struct keyrec key;
    unsigned char pkcs8[KEYS_PRIVATE_MAX];
    size_t len;
};

/* The one key of that text; all zero when it cannot be read. */
static struct jwk
read_jwk(const char *text)
{
    struct jwk *keys = NULL, jwk = { 0 };

    if (jwk_set_read(&keys, text, strlen(text), true, &why) == 1)
        jwk = *keys;
    free(keys);
    return jwk;
}

static struct verifier *
open_verifier(const struct jwk *jwk)
{
    struct verifier *verifier = NULL;

    if (verifier_load(&verifier, jwk, &why) < 0)
        tap_diag("%s", why.text);
    return verifier;
}

static void
check_thumbprints(void)
{
    static const struct {
        const char *sentence;
        const char *kid;
        const char *jwk;
    } rows[] = {
        { "the thumbprint of RFC 7638, 3.1",
          "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs",
          "{\"kty\":\"RSA\",\"e\":\"AQAB\",\"alg\":\"RS256\","
          "\"kid\":\"2011-04-29\",\"n\":\""
          "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAA"
          "tVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMst"
          "n64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0"
          "_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajr"
          "n1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XP"
          "ksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw\"}" },
        { "the thumbprint of RFC 8037, A.3",
          "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
          "{\"kty\":\"OKP\",\"crv\":\"Ed25519\","
          "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}" },
        { "the thumbprint of RFC 7515, A.3's key",
          "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U",
          "{\"kty\":\"EC\",\"crv\":\"P-256\","
          "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
          "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}" },
    };
    char kid[KEYREC_KID_MAX];
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct jwk jwk = read_jwk(rows[i].jwk);

        if (jwk.type)
            keys_thumbprint(&jwk, kid);
        tap_is_str(rows[i].kid, jwk.type ? kid : NULL, "%s",
                   rows[i].sentence);
    }
}

/* What the JWK of each algorithm must hold, in part. */
static void
check_jwk(const struct keyrec *key)
{
    static const char *const parts[JOSE__MAX][2] = {
        [JOSE_ES256] = { "\"kty\":\"EC\"", "\"crv\":\"P-256\"" },
        [JOSE_ES384] = { "\"kty\":\"EC\"", "\"crv\":\"P-384\"" },
        [JOSE_RS256] = { "\"kty\":\"RSA\"", "\"e\":\"AQAB\"" },
        [JOSE_PS256] = { "\"kty\":\"RSA\"", "\"e\":\"AQAB\"" },
        [JOSE_EDDSA] = { "\"kty\":\"OKP\"", "\"crv\":\"Ed25519\"" },
    };
    static const char *const banned[] = {
        "\"d\":", "\"p\":", "\"q\":", "\"dp\":", "\"dq\":", "\"qi\":", "\"k\":"
    };
    const char *name = jose_name(key->alg);
    struct jwk jwk = read_jwk(key->jwk);
    char wanted[2 * KEYREC_KID_MAX];
    size_t i;

    tap_is_int(43, (long long)strlen(key->kid), "%s: its kid", name);
    tap_ok(strstr(key->jwk, parts[key->alg][0])
           && strstr(key->jwk, parts[key->alg][1]), "%s: its kind", name);
    snprintf(wanted, sizeof(wanted),
             ",\"use\":\"sig\",\"alg\":\"%s\",\"kid\":\"%s\"}", name,
             key->kid);
    tap_is_str(wanted, strstr(key->jwk, ",\"use\":"),
               "%s: use, alg and kid", name);
    tap_ok(jwk.alg == key->alg && strcmp(jwk.kid, key->kid) == 0,
           "%s: it is read again", name);
    keys_thumbprint(&jwk, wanted);
    tap_is_str(key->kid, wanted, "%s: its kid is its thumbprint", name);
    for (i = 0; i < sizeof(banned) / sizeof(*banned); i++)
        if (strstr(key->jwk, banned[i]))
            break;
    tap_is_int(sizeof(banned) / sizeof(*banned), (long long)i,
               "%s: no private member", name);
}

/* Signed again and again: no signature has another length or is bad. */
static void
check_many(struct signer *signer, struct verifier *verifier,
           enum jose_alg alg, size_t len, int n)
{
    unsigned char sig[JOSE_SIG_MAX];
    size_t sig_len;
    int i, bad = 0;

    for (i = 0; i < n; i++) {
        if (signer_sign(signer, TEXT, (size_t)(i % TEXT_LEN), sig, &sig_len,
                        &why) < 0
            || sig_len != len
            || verifier_check(verifier, alg, TEXT, (size_t)(i % TEXT_LEN),
                              sig, sig_len, &why) != 1)
            bad++;
    }
    tap_is_int(0, bad, "%s: %d signatures in a row are good", jose_name(alg),
               n);
}

static void
check_signer(const struct made *made)
{
    static const struct {
        size_t len;
        int many;
        bool varies; /* another signature each time */
    } rows[JOSE__MAX] = {
        [JOSE_ES256] = { 64, 600, true },  [JOSE_ES384] = { 96, 20, true },
        [JOSE_RS256] = { 384, 2, false },  [JOSE_PS256] = { 384, 2, true },
        [JOSE_EDDSA] = { 64, 20, false },
    };
    enum jose_alg alg = made->key.alg;
    const char *name = jose_name(alg);
    unsigned char sig[JOSE_SIG_MAX], again[JOSE_SIG_MAX];
    struct jwk jwk = read_jwk(made->key.jwk);
    struct verifier *verifier = open_verifier(&jwk);
    struct signer *signer = NULL;
    size_t len = 0;

    tap_is_int(0, signer_load(&signer, alg, made->pkcs8, made->len, &why),
               "%s: the key is loaded", name);
    if (signer && verifier) {
        tap_is_int(0, signer_sign(signer, TEXT, TEXT_LEN, sig, &len, &why),
                   "%s: it signs", name);
        tap_is_int((long long)rows[alg].len, (long long)len,
                   "%s: the length of the signature", name);
        tap_is_int(1, verifier_check(verifier, alg, TEXT, TEXT_LEN, sig, len,
                                     &why), "%s: it is good", name);
        signer_sign(signer, TEXT, TEXT_LEN, again, &len, &why);
        tap_ok((memcmp(sig, again, len) != 0) == rows[alg].varies,
               "%s: a second one %s", name,
               rows[alg].varies ? "differs" : "is the same");
        check_many(signer, verifier, alg, rows[alg].len, rows[alg].many);
    }
    verifier_free(verifier);
    signer_free(signer);
}

/* Whether a key of one algorithm may serve another. */
static void
check_pairs(const struct made *all)
{
    struct signer *signer = NULL;
    int key, alg;

    for (key = JOSE_NONE + 1; key < JOSE__MAX; key++) {
        for (alg = JOSE_NONE; alg < JOSE__MAX; alg++) {
            bool both_rsa = (key == JOSE_RS256 || key == JOSE_PS256)
                            && (alg == JOSE_RS256 || alg == JOSE_PS256);

            if (key == alg || both_rsa || !jose_is_own((enum jose_alg)key))
                continue;
            tap_is_int(-1, signer_load(&signer, (enum jose_alg)alg,
                                       all[key].pkcs8, all[key].len, &why),
                       "a key for %s is refused for \"%s\"",
                       jose_name((enum jose_alg)key),
                       jose_name((enum jose_alg)alg));
        }
    }
    tap_ok(signer == NULL, "nothing came of any of them");
    tap_is_int(-1, signer_load(&signer, JOSE__MAX, all[JOSE_ES256].pkcs8,
                               all[JOSE_ES256].len, &why),
               "an algorithm beyond the last is refused");
}

static void
check_bytes(const struct made *made)
{
    struct signer *signer = NULL;
    unsigned char pkcs8[KEYS_PRIVATE_MAX + 1];
    size_t i, taken = 0;

    for (i = 0; i < made->len; i++)
        taken += signer_load(&signer, made->key.alg, made->pkcs8, i, &why)
                 == 0;
    tap_is_int(0, (long long)taken, "every shorter key is refused");
    memcpy(pkcs8, made->pkcs8, made->len);
    pkcs8[made->len] = 0;
    tap_is_int(-1, signer_load(&signer, made->key.alg, pkcs8, made->len + 1,
                               &why), "a byte behind is refused");
    tap_ok(strstr(why.text, jose_name(made->key.alg)),
           "the reason names the algorithm: %s", why.text);
    memset(pkcs8, 0x30, sizeof(pkcs8));
    tap_is_int(-1, signer_load(&signer, made->key.alg, pkcs8, sizeof(pkcs8),
                               &why), "no key at all is refused");
    tap_ok(signer == NULL, "nothing came of any of them");
}

/* One P-256 key, loaded from its usual form and from one without a point. */
static void
check_forms(void)
{
    unsigned char whole[KEYS_PRIVATE_MAX], bare[KEYS_PRIVATE_MAX];
    unsigned char sig[JOSE_SIG_MAX];
    struct signer *a = NULL, *b = NULL;
    struct verifier *verifier;
    struct jwk jwk = { 0 };
    EVP_PKEY *pkey = EVP_EC_gen("P-256");
    size_t len, bare_len, sig_len;

    read_public(&jwk, pkey);
    verifier = open_verifier(&jwk);
    write_pkcs8(pkey, whole, &len);
    EVP_PKEY_set_int_param(pkey, OSSL_PKEY_PARAM_EC_INCLUDE_PUBLIC, 0);
    write_pkcs8(pkey, bare, &bare_len);
    EVP_PKEY_free(pkey);
    tap_ok(bare_len < len, "a key has two forms");
    tap_is_int(0, signer_load(&a, JOSE_ES256, whole, len, &why),
               "the one is loaded");
    tap_is_int(0, signer_load(&b, JOSE_ES256, bare, bare_len, &why),
               "the other is loaded");
    if (a && b && verifier) {
        signer_sign(a, TEXT, TEXT_LEN, sig, &sig_len, &why);
        tap_is_int(1, verifier_check(verifier, JOSE_ES256, TEXT, TEXT_LEN,
                                     sig, sig_len, &why),
                   "what the one signs is good");
        signer_sign(b, TEXT, TEXT_LEN, sig, &sig_len, &why);
        tap_is_int(1, verifier_check(verifier, JOSE_ES256, TEXT, TEXT_LEN,
                                     sig, sig_len, &why),
                   "what the other signs is as well");
    }
    verifier_free(verifier);
    signer_free(a);
    signer_free(b);
    a = NULL;
    whole[len - 1] ^= 1;
    tap_is_int(-1, signer_load(&a, JOSE_ES256, whole, len, &why),
               "a point off the curve is refused");
    whole[len - 1] ^= 1;
    whole[len - 65] = 5;
    tap_is_int(-1, signer_load(&a, JOSE_ES256, whole, len, &why),
               "an unknown form of point is refused");
    whole[len - 65] = 4;
    memset(whole + 36, 0xff, 32);
    tap_is_int(-1, signer_load(&a, JOSE_ES256, whole, len, &why),
               "a private number beyond the order is refused");
    memset(whole + 36, 0, 32);
    tap_is_int(-1, signer_load(&a, JOSE_ES256, whole, len, &why),
               "a private number of zero is refused");
}

/* Keys that keys_make() does not make. */
static void
check_foreign(void)
{
    static const struct {
        const char *sentence;
        const char *key;
        enum jose_alg alg;
        int rc;
    } rows[] = {
        { "RSA of 2048 bits is taken", "rsa-2048", JOSE_RS256, 0 },
        { "and for PS256", "rsa-2048", JOSE_PS256, 0 },
        { "RSA of 2047 bits is refused", "rsa-2047", JOSE_RS256, -1 },
        { "RSA of 1024 bits is refused", "rsa-1024", JOSE_PS256, -1 },
        { "RSA of 4104 bits is refused", "rsa-4104", JOSE_RS256, -1 },
        { "RSA-PSS is refused", "rsa-pss", JOSE_PS256, -1 },
        { "P-521 is refused for ES256", "P-521", JOSE_ES256, -1 },
        { "P-521 is refused for ES384", "P-521", JOSE_ES384, -1 },
        { "secp256k1 is refused for ES256", "secp256k1", JOSE_ES256, -1 },
        { "X25519 is refused for EdDSA", "X25519", JOSE_EDDSA, -1 },
        { "Ed448 is refused for EdDSA", "ED448", JOSE_EDDSA, -1 },
    };
    unsigned char pkcs8[KEYS_PRIVATE_MAX];
    size_t i, len;

    for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        EVP_PKEY *pkey = pemkey_get(rows[i].key);
        struct signer *signer = NULL;

        tap_ok(pkey && write_pkcs8(pkey, pkcs8, &len) == 0
               && signer_load(&signer, rows[i].alg, pkcs8, len, &why)
                      == rows[i].rc, "%s", rows[i].sentence);
        signer_free(signer);
        EVP_PKEY_free(pkey);
    }
}

/* A certificate of that key in PEM, its validity long past. */
static size_t
write_cert(EVP_PKEY *pkey, char *pem, size_t cap)
{
    X509 *cert = X509_new();
    BIO *bio = BIO_new(BIO_s_mem());
    bool hashes = !EVP_PKEY_is_a(pkey, "ED25519")
                  && !EVP_PKEY_is_a(pkey, "ED448");
    size_t n = 0;

    X509_gmtime_adj(X509_getm_notBefore(cert), -86400);
    X509_gmtime_adj(X509_getm_notAfter(cert), -3600);
    X509_set_pubkey(cert, pkey);
    X509_sign(cert, pkey, hashes ? EVP_sha256() : NULL);
    PEM_write_bio_X509(bio, cert);
    BIO_read_ex(bio, pem, cap - 1, &n);
    pem[n] = '\0';
    BIO_free(bio);
    X509_free(cert);
    return n;
}

/* What was read of a certificate is its key. */
static void
check_cert_of(const char *name, EVP_PKEY *pkey, const struct jwk *jwk)
{
    struct jwk wanted = { 0 };
    struct verifier *verifier = open_verifier(jwk);

    read_public(&wanted, pkey);
    tap_ok(wanted.type == jwk->type && memcmp(wanted.x, jwk->x, 32) == 0
           && memcmp(wanted.y, jwk->y, 32) == 0 && wanted.n_len == jwk->n_len
           && memcmp(wanted.n, jwk->n, jwk->n_len) == 0,
           "%s: it is that of the certificate", name);
    tap_ok(*jwk->kid == '\0' && jwk->alg == JOSE_NONE && jwk->not_before == 0
           && jwk->not_after == 0, "%s: nothing else is taken", name);
    tap_ok(verifier != NULL, "%s: it can be verified with", name);
    verifier_free(verifier);
}

enum { PEM_MAX = 8192 };

static void
check_certs(void)
{
    static const struct {
        const char *sentence;
        const char *key;
        const char *reason; /* or NULL: it is taken */
    } rows[] = {
        { "a certificate with P-256", "P-256", NULL },
        { "a certificate with P-384", "P-384", NULL },
        { "a certificate with P-521", "P-521", NULL },
        { "a certificate with Ed25519", "ED25519", NULL },
        { "a certificate with RSA", "rsa-2048", NULL },
        { "a certificate with RSA of 1024 bits", "rsa-1024", "1024 bits" },
        { "a certificate with RSA of 4104 bits", "rsa-4104", "4104 bits" },
        { "a certificate with RSA-PSS", "rsa-pss", "Ed25519 or RSA" },
        { "a certificate with secp256k1", "secp256k1", "Ed25519 or RSA" },
        { "a certificate with Ed448", "ED448", "Ed25519 or RSA" },
    };
    char pem[PEM_MAX];
    size_t i, len;

    for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        EVP_PKEY *pkey = pemkey_get(rows[i].key);
        struct jwk jwk;

        len = write_cert(pkey, pem, sizeof(pem));
        tap_is_int(rows[i].reason ? -1 : 0,
                   keys_read_cert(&jwk, pem, len, &why), "%s",
                   rows[i].sentence);
        if (!rows[i].reason)
            check_cert_of(rows[i].sentence, pkey, &jwk);
        else
            tap_ok(strstr(why.text, rows[i].reason) != NULL,
                   "and the reason says: %s", rows[i].reason);
        EVP_PKEY_free(pkey);
    }
}

static void
check_no_certs(void)
{
    EVP_PKEY *pkey = EVP_EC_gen("P-256");
    char pem[PEM_MAX], locked[PEM_MAX];
    size_t len = write_cert(pkey, pem, sizeof(pem));
    const char *body = strchr(pem, '\n');
    const struct {
        const char *sentence;
        const char *pem;
        size_t len;
    } rows[] = {
        { "an empty file", "", 0 },
        { "a text", "certificate", 11 },
        { "a NUL", "\0", 1 },
        { "half a certificate", pem, len / 2 },
        { "a certificate without its end", pem, len - 20 },
        { "a certificate without its body", pem, (size_t)(body - pem) },
        { "a certificate that asks for a passphrase", locked,
          (size_t)snprintf(locked, sizeof(locked), "%.*s\nProc-Type: "
                           "4,ENCRYPTED\nDEK-Info: AES-128-CBC,"
                           "00112233445566778899AABBCCDDEEFF\n\n%s",
                           (int)(body - pem), pem, body + 1) },
        { "more than OpenSSL could take", pem, (size_t)INT_MAX + 1 },
    };
    struct jwk jwk;
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        tap_is_int(-1, keys_read_cert(&jwk, rows[i].pem, rows[i].len, &why),
                   "%s is refused", rows[i].sentence);
    tap_ok(strstr(why.text, "certificate in PEM") != NULL,
           "the reason says what is missing: %s", why.text);
    EVP_PKEY_free(pkey);
}

int
main(void)
{
    static struct made all[JOSE__MAX], other;
    int alg;

    if (crypto_init(&why) < 0)
        return 1;
    check_thumbprints();
    for (alg = JOSE_NONE; alg < JOSE__MAX; alg++) {
        struct made *made = &all[alg];

        if (!jose_is_own((enum jose_alg)alg)) {
            tap_is_int(-1, keys_make((enum jose_alg)alg, &other.key,
                                     other.pkcs8, &other.len, &why),
                       "\"%s\": no key is made",
                       jose_name((enum jose_alg)alg));
            continue;
        }
        tap_is_int(0, keys_make((enum jose_alg)alg, &made->key, made->pkcs8,
                                &made->len, &why), "%s: a key is made",
                   jose_name((enum jose_alg)alg));
        check_jwk(&made->key);
        check_signer(made);
    }
    keys_make(JOSE_ES256, &other.key, other.pkcs8, &other.len, &why);
    tap_ok(strcmp(other.key.kid, all[JOSE_ES256].key.kid) != 0,
           "two keys have two names");
    check_pairs(all);
    check_bytes(&other);
    check_forms();
    check_foreign();
    check_certs();
    check_no_certs();
    signer_free(NULL);
    return tap_done();
}
