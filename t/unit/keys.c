/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Signing keys: made, loaded, signing, verifying, refused.  The file that
 * makes them is included, for the thumbprints of the RFCs.
 */

#include <stdbool.h>
#include <stdio.h>

#include "io/keys.c" /* first: it brings its own headers */
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

static void
check_thumbprints(void)
{
    static const struct {
        const char *sentence;
        const char *kid;
        struct members m;
    } rows[] = {
        { "the thumbprint of RFC 7638, 3.1",
          "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs",
          { .kty = "RSA", .crv = "", .e = "AQAB",
            .n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAA"
                 "tVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMst"
                 "n64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0"
                 "_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajr"
                 "n1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XP"
                 "ksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw" } },
        { "the thumbprint of RFC 8037, A.3",
          "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
          { .kty = "OKP", .crv = "Ed25519",
            .x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" } },
        { "the thumbprint of RFC 7515, A.3's key",
          "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U",
          { .kty = "EC", .crv = "P-256",
            .x = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            .y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0" } },
    };
    char kid[KEYREC_KID_MAX];
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        thumbprint(&rows[i].m, kid);
        tap_is_str(rows[i].kid, kid, "%s", rows[i].sentence);
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
    const char *end;
    char wanted[2 * KEYREC_KID_MAX];
    size_t i;

    tap_is_int(43, (long long)strlen(key->kid), "%s: its kid", name);
    tap_ok(strstr(key->jwk, parts[key->alg][0])
           && strstr(key->jwk, parts[key->alg][1]), "%s: its kind", name);
    snprintf(wanted, sizeof(wanted),
             ",\"use\":\"sig\",\"alg\":\"%s\",\"kid\":\"%s\"}", name,
             key->kid);
    end = strstr(key->jwk, ",\"use\":");
    tap_is_str(wanted, end, "%s: use, alg and kid", name);
    for (i = 0; i < sizeof(banned) / sizeof(*banned); i++)
        if (strstr(key->jwk, banned[i]))
            break;
    tap_is_int(sizeof(banned) / sizeof(*banned), (long long)i,
               "%s: no private member", name);
}

/* Every bit of a short signature, the first and last bits of a long one. */
static void
check_altered(struct signer *signer, const char *name, unsigned char *sig,
              size_t len)
{
    size_t step = len > 64 ? 61 : 9, i, taken = 0;
    char text[sizeof(TEXT)];

    for (i = 0; i < 8 * len; i += step) {
        sig[i / 8] ^= (unsigned char)(1 << i % 8);
        taken += signer_verify(signer, TEXT, TEXT_LEN, sig, len, &why) != 0;
        sig[i / 8] ^= (unsigned char)(1 << i % 8);
    }
    tap_is_int(0, (long long)taken, "%s: an altered signature is bad", name);
    memcpy(text, TEXT, sizeof(text));
    for (i = 0; i < TEXT_LEN; i += 13) {
        text[i] ^= 1;
        taken += signer_verify(signer, text, TEXT_LEN, sig, len, &why) != 0;
        text[i] ^= 1;
    }
    tap_is_int(0, (long long)taken, "%s: an altered text is bad", name);
    tap_is_int(0, signer_verify(signer, TEXT, TEXT_LEN - 1, sig, len, &why),
               "%s: a shorter text is bad", name);
    tap_is_int(0, signer_verify(signer, TEXT, TEXT_LEN, sig, len - 1, &why),
               "%s: a shorter signature is bad", name);
    sig[len] = 0;
    tap_is_int(0, signer_verify(signer, TEXT, TEXT_LEN, sig, len + 1, &why),
               "%s: a longer signature is bad", name);
    tap_is_int(0, signer_verify(signer, TEXT, TEXT_LEN, sig, 0, &why),
               "%s: no signature is bad", name);
    memset(sig, 0, len);
    tap_is_int(0, signer_verify(signer, TEXT, TEXT_LEN, sig, len, &why),
               "%s: zeros are bad", name);
    memset(sig, 0xff, len);
    tap_is_int(0, signer_verify(signer, TEXT, TEXT_LEN, sig, len, &why),
               "%s: ones are bad", name);
}

/* Signed again and again: no signature has another length or is bad. */
static void
check_many(struct signer *signer, const char *name, size_t len, int n)
{
    unsigned char sig[JOSE_SIG_MAX];
    size_t sig_len;
    int i, bad = 0;

    for (i = 0; i < n; i++) {
        if (signer_sign(signer, TEXT, (size_t)(i % TEXT_LEN), sig, &sig_len,
                        &why) < 0
            || sig_len != len
            || signer_verify(signer, TEXT, (size_t)(i % TEXT_LEN), sig,
                             sig_len, &why) != 1)
            bad++;
    }
    tap_is_int(0, bad, "%s: %d signatures in a row are good", name, n);
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
    struct signer *signer = NULL;
    size_t len = 0;

    tap_is_int(0, signer_load(&signer, alg, made->pkcs8, made->len, &why),
               "%s: the key is loaded", name);
    if (!signer)
        return;
    tap_is_int(0, signer_sign(signer, TEXT, TEXT_LEN, sig, &len, &why),
               "%s: it signs", name);
    tap_is_int((long long)rows[alg].len, (long long)len,
               "%s: the length of the signature", name);
    tap_is_int(1, signer_verify(signer, TEXT, TEXT_LEN, sig, len, &why),
               "%s: it is good", name);
    signer_sign(signer, TEXT, TEXT_LEN, again, &len, &why);
    tap_ok((memcmp(sig, again, len) != 0) == rows[alg].varies,
           "%s: a second one %s", name,
           rows[alg].varies ? "differs" : "is the same");
    check_many(signer, name, rows[alg].len, rows[alg].many);
    check_altered(signer, name, sig, len);
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

            if (key == alg || both_rsa)
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

/* A signature of one key or algorithm is nothing to another. */
static void
check_strangers(const struct made *rs, const struct made *one,
                const struct made *two)
{
    struct signer *a = NULL, *b = NULL;
    unsigned char sig[JOSE_SIG_MAX];
    size_t len;

    signer_load(&a, JOSE_ES256, one->pkcs8, one->len, &why);
    signer_load(&b, JOSE_ES256, two->pkcs8, two->len, &why);
    signer_sign(a, TEXT, TEXT_LEN, sig, &len, &why);
    tap_is_int(0, signer_verify(b, TEXT, TEXT_LEN, sig, len, &why),
               "another key's signature is bad");
    signer_free(a);
    signer_free(b);
    signer_load(&a, JOSE_RS256, rs->pkcs8, rs->len, &why);
    signer_load(&b, JOSE_PS256, rs->pkcs8, rs->len, &why);
    signer_sign(a, TEXT, TEXT_LEN, sig, &len, &why);
    tap_is_int(0, signer_verify(b, TEXT, TEXT_LEN, sig, len, &why),
               "an RS256 signature is no PS256 signature");
    signer_sign(b, TEXT, TEXT_LEN, sig, &len, &why);
    tap_is_int(0, signer_verify(a, TEXT, TEXT_LEN, sig, len, &why),
               "nor the other way round");
    signer_free(a);
    signer_free(b);
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
    EVP_PKEY *pkey = EVP_EC_gen("P-256");
    size_t len, bare_len, sig_len;

    write_pkcs8(pkey, whole, &len);
    EVP_PKEY_set_int_param(pkey, OSSL_PKEY_PARAM_EC_INCLUDE_PUBLIC, 0);
    write_pkcs8(pkey, bare, &bare_len);
    EVP_PKEY_free(pkey);
    tap_ok(bare_len < len, "a key has two forms");
    tap_is_int(0, signer_load(&a, JOSE_ES256, whole, len, &why),
               "the one is loaded");
    tap_is_int(0, signer_load(&b, JOSE_ES256, bare, bare_len, &why),
               "the other is loaded");
    if (a && b) {
        signer_sign(a, TEXT, TEXT_LEN, sig, &sig_len, &why);
        tap_is_int(1, signer_verify(b, TEXT, TEXT_LEN, sig, sig_len, &why),
                   "what the one signs is good to the other");
        signer_sign(b, TEXT, TEXT_LEN, sig, &sig_len, &why);
        tap_is_int(1, signer_verify(a, TEXT, TEXT_LEN, sig, sig_len, &why),
                   "and the other way round");
    }
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
        const char *type; /* of the key */
        const char *curve;
        int bits, primes;
        enum jose_alg alg;
        int rc;
    } rows[] = {
        { "RSA of 2048 bits is taken", "RSA", NULL, 2048, 2, JOSE_RS256, 0 },
        { "and for PS256", "RSA", NULL, 2048, 2, JOSE_PS256, 0 },
        { "RSA of 2047 bits is refused", "RSA", NULL, 2047, 2, JOSE_RS256,
          -1 },
        { "RSA of 1024 bits is refused", "RSA", NULL, 1024, 2, JOSE_PS256,
          -1 },
        { "RSA of 4104 bits is refused", "RSA", NULL, 4104, 4, JOSE_RS256,
          -1 },
        { "P-521 is refused for ES256", "EC", "P-521", 0, 0, JOSE_ES256, -1 },
        { "P-521 is refused for ES384", "EC", "P-521", 0, 0, JOSE_ES384, -1 },
        { "secp256k1 is refused for ES256", "EC", "secp256k1", 0, 0,
          JOSE_ES256, -1 },
        { "X25519 is refused for EdDSA", "X25519", NULL, 0, 0, JOSE_EDDSA,
          -1 },
        { "Ed448 is refused for EdDSA", "ED448", NULL, 0, 0, JOSE_EDDSA, -1 },
    };
    unsigned char pkcs8[KEYS_PRIVATE_MAX];
    size_t i, len;

    for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, rows[i].type,
                                                       NULL);
        struct signer *signer = NULL;
        EVP_PKEY *pkey = NULL;

        EVP_PKEY_keygen_init(ctx);
        if (rows[i].bits) {
            EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, rows[i].bits);
            EVP_PKEY_CTX_set_rsa_keygen_primes(ctx, rows[i].primes);
        }
        if (rows[i].curve)
            EVP_PKEY_CTX_set_group_name(ctx, rows[i].curve);
        tap_ok(EVP_PKEY_generate(ctx, &pkey) == 1
               && write_pkcs8(pkey, pkcs8, &len) == 0
               && signer_load(&signer, rows[i].alg, pkcs8, len, &why)
                      == rows[i].rc, "%s", rows[i].sentence);
        signer_free(signer);
        EVP_PKEY_free(pkey);
        EVP_PKEY_CTX_free(ctx);
    }
}

int
main(void)
{
    static struct made all[JOSE__MAX], other;
    int alg;

    if (crypto_init(&why) < 0)
        return 1;
    check_thumbprints();
    for (alg = JOSE_NONE + 1; alg < JOSE__MAX; alg++) {
        struct made *made = &all[alg];

        tap_is_int(0, keys_make((enum jose_alg)alg, &made->key, made->pkcs8,
                                &made->len, &why), "%s: a key is made",
                   jose_name((enum jose_alg)alg));
        check_jwk(&made->key);
        check_signer(made);
    }
    tap_is_int(-1, keys_make(JOSE_NONE, &other.key, other.pkcs8, &other.len,
                             &why), "no algorithm, no key");
    keys_make(JOSE_ES256, &other.key, other.pkcs8, &other.len, &why);
    tap_ok(strcmp(other.key.kid, all[JOSE_ES256].key.kid) != 0,
           "two keys have two names");
    check_pairs(all);
    check_strangers(&all[JOSE_RS256], &all[JOSE_ES256], &other);
    check_bytes(&other);
    check_forms();
    check_foreign();
    signer_free(NULL);
    return tap_done();
}
