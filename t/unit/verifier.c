/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Verifying: every algorithm with every key, and all that is no signature or
 * no key.  The file that makes keys is included, to see their public part.
 */

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <openssl/err.h>

#include "io/keys.c" /* first: it brings its own headers */
#include "io/verifier.h"
#include "../lib/pemkey.h"
#include "../lib/tap.h"

enum { PEM_MAX = 4096, SECRET_LEN = 64 };

static const char TEXT[] = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UifQ";
static const char SECRET[SECRET_LEN + 1] =
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

enum { TEXT_LEN = sizeof(TEXT) - 1 };

static struct errtext why;

/* Two keys of each type, and two secrets. */
enum { KEYS_N = 12 };

static struct key {
    const char *name;
    const char *key; /* of pemkey_get(), or NULL: a secret */
    EVP_PKEY *pkey;  /* or NULL */
    struct jwk jwk;
    struct verifier *verifier;
} keys[KEYS_N] = {
    { .name = "P-256", .key = "P-256" },
    { .name = "another P-256", .key = "P-256" },
    { .name = "P-384", .key = "P-384" },
    { .name = "another P-384", .key = "P-384" },
    { .name = "P-521", .key = "P-521" },
    { .name = "another P-521", .key = "P-521" },
    { .name = "Ed25519", .key = "ED25519" },
    { .name = "another Ed25519", .key = "ED25519" },
    { .name = "RSA", .key = "rsa-2048" },
    { .name = "RSA of 2050 bits", .key = "rsa-2050" },
    { .name = "a secret" },
    { .name = "another secret" },
};

static void
make_keys(void)
{
    char other[SECRET_LEN];
    size_t i;

    memcpy(other, SECRET, sizeof(other));
    other[SECRET_LEN - 1] ^= 1;
    for (i = 0; i < KEYS_N; i++) {
        struct key *key = &keys[i];
        int rc;

        key->pkey = key->key ? pemkey_get(key->key) : NULL;
        if (key->pkey && read_public(&key->jwk, key->pkey) < 0)
            tap_diag("%s: no public part", key->name);
        rc = key->pkey ? verifier_load(&key->verifier, &key->jwk, &why)
                       : verifier_load_secret(&key->verifier,
                                              i < 11 ? SECRET : other,
                                              SECRET_LEN, &why);
        tap_is_int(0, rc, "%s is readied", key->name);
    }
}

static void
free_keys(void)
{
    size_t i;

    for (i = 0; i < KEYS_N; i++) {
        verifier_free(keys[i].verifier);
        EVP_PKEY_free(keys[i].pkey);
    }
}

static bool
is_for(const struct key *key, enum jose_alg alg)
{
    return key->pkey ? jwk_takes(&key->jwk, alg) : jose_is_hmac(alg);
}

/* A signer with that key. */
static struct signer *
open_signer(const struct key *key, enum jose_alg alg)
{
    struct signer *signer = NULL;
    BIO *bio = BIO_new(BIO_s_mem());
    char pem[PEM_MAX];
    size_t n = 0;
    int rc;

    if (key->pkey) {
        PEM_write_bio_PKCS8PrivateKey(bio, key->pkey, NULL, NULL, 0, NULL,
                                      NULL);
        BIO_read_ex(bio, pem, sizeof(pem), &n);
        rc = signer_read(&signer, &alg, pem, n, &why);
    } else
        rc = signer_load_secret(&signer, alg, SECRET, SECRET_LEN, &why);
    if (rc < 0)
        tap_diag("%s: %s", key->name, why.text);
    BIO_free(bio);
    return signer;
}

static int
check(const struct key *key, enum jose_alg alg, const void *sig, size_t len)
{
    return verifier_check(key->verifier, alg, TEXT, TEXT_LEN, sig, len, &why);
}

/* Good for its own key and algorithm, and for none of the others. */
static void
check_others(const struct key *own, enum jose_alg own_alg,
             const unsigned char *sig, size_t len)
{
    int wrong = 0, alg;
    size_t i;

    for (i = 0; i < KEYS_N; i++)
        for (alg = JOSE_NONE; alg <= JOSE__MAX; alg++)
            if (&keys[i] != own || alg != (int)own_alg)
                wrong += check(&keys[i], (enum jose_alg)alg, sig, len) != 0;
    tap_is_int(0, wrong, "%s: bad for all other keys and algorithms",
               jose_name(own_alg));
}

static void
check_lengths(const struct key *key, enum jose_alg alg,
              const unsigned char *sig, size_t len)
{
    unsigned char longer[JOSE_SIG_MAX + 1] = { 0 };
    int taken = 0;
    size_t i;

    memcpy(longer, sig, len);
    for (i = 0; i <= sizeof(longer); i++)
        if (i != len)
            taken += check(key, alg, longer, i) != 0;
    memset(longer, 0, sizeof(longer));
    memcpy(longer + 1, sig, len);
    taken += check(key, alg, longer, len + 1) != 0;
    tap_is_int(0, taken, "%s: every other length is bad", jose_name(alg));
}

/* Every ninth bit of a short signature, of a long one fewer. */
static void
check_altered(const struct key *key, enum jose_alg alg, unsigned char *sig,
              size_t len)
{
    size_t step = len > 64 ? 61 : 9, i;
    char text[sizeof(TEXT)];
    int taken = 0;

    for (i = 0; i < 8 * len; i += step) {
        sig[i / 8] ^= (unsigned char)(1 << i % 8);
        taken += check(key, alg, sig, len) != 0;
        sig[i / 8] ^= (unsigned char)(1 << i % 8);
    }
    tap_is_int(0, taken, "%s: an altered signature is bad", jose_name(alg));
    memcpy(text, TEXT, sizeof(text));
    for (i = 0; i < TEXT_LEN; i += 13) {
        text[i] ^= 1;
        taken += verifier_check(key->verifier, alg, text, TEXT_LEN, sig, len,
                                &why) != 0;
        text[i] ^= 1;
    }
    for (i = 0; i < TEXT_LEN; i += 13)
        taken += verifier_check(key->verifier, alg, TEXT, i, sig, len, &why)
                 != 0;
    tap_is_int(0, taken, "%s: for an altered text it is bad", jose_name(alg));
    tap_is_int(1, check(key, alg, sig, len), "%s: it is still good",
               jose_name(alg));
    memset(sig, 0, len);
    taken += check(key, alg, sig, len) != 0;
    memset(sig, 0xff, len);
    taken += check(key, alg, sig, len) != 0;
    tap_is_int(0, taken, "%s: zeros are bad, and ones", jose_name(alg));
}

/* Signed again and again, texts of all lengths. */
static void
check_many(struct signer *signer, const struct key *key, enum jose_alg alg)
{
    static char text[JWS_TEXT_MAX];
    unsigned char sig[JOSE_SIG_MAX];
    int i, bad = 0, n = alg == JOSE_ES256 || jose_is_hmac(alg) ? 300 : 5;
    size_t sig_len, len;

    for (i = 0; i < n; i++) {
        len = i < n - 1 ? (size_t)i : sizeof(text);
        bad += signer_sign(signer, text, len, sig, &sig_len, &why) < 0
               || verifier_check(key->verifier, alg, text, len, sig, sig_len,
                                 &why) != 1;
    }
    tap_is_int(0, bad, "%s: %d signatures in a row are good", jose_name(alg),
               n);
}

static void
check_alg(const struct key *key, enum jose_alg alg)
{
    struct signer *signer = open_signer(key, alg);
    unsigned char sig[JOSE_SIG_MAX];
    size_t len = 0;
    int rc = signer ? signer_sign(signer, TEXT, TEXT_LEN, sig, &len, &why)
                    : -1;

    tap_is_int(0, rc, "%s: %s signs", jose_name(alg), key->name);
    if (rc == 0) {
        tap_is_int(1, check(key, alg, sig, len), "%s: it is good",
                   jose_name(alg));
        check_others(key, alg, sig, len);
        check_many(signer, key, alg);
        check_lengths(key, alg, sig, len);
        check_altered(key, alg, sig, len);
        tap_ok(ERR_peek_error() == 0, "%s: OpenSSL's errors are forgotten",
               jose_name(alg));
    }
    signer_free(signer);
}

static void
check_algs(void)
{
    int alg, n = 0;
    size_t i;

    for (i = 0; i < KEYS_N; i += 2)
        for (alg = JOSE_NONE + 1; alg < JOSE__MAX; alg++)
            if (is_for(&keys[i], (enum jose_alg)alg)) {
                check_alg(&keys[i], (enum jose_alg)alg);
                n++;
            }
    tap_is_int(JOSE__MAX - 1, n, "every algorithm was tried");
    check_alg(&keys[9], JOSE_RS256);
    check_alg(&keys[9], JOSE_PS512);
}

/* The numbers of a curve that tests are made of. */
struct curve {
    BIGNUM *p;
    BIGNUM *order;
    BIGNUM *x, *y; /* the point of it with the least x */
};

static void
open_curve(struct curve *curve, const struct key *key)
{
    char name[32];
    BN_CTX *ctx = BN_CTX_new();
    EC_GROUP *group;
    EC_POINT *point;

    EVP_PKEY_get_group_name(key->pkey, name, sizeof(name), NULL);
    group = EC_GROUP_new_by_curve_name(OBJ_txt2nid(name));
    point = EC_POINT_new(group);
    curve->p = BN_new();
    curve->x = BN_new();
    curve->y = BN_new();
    curve->order = BN_dup(EC_GROUP_get0_order(group));
    EC_GROUP_get_curve(group, curve->p, NULL, NULL, ctx);
    while (EC_POINT_set_compressed_coordinates(group, point, curve->x, 0,
                                               ctx) != 1)
        BN_add_word(curve->x, 1);
    EC_POINT_get_affine_coordinates(group, point, curve->x, curve->y, ctx);
    ERR_clear_error();
    EC_POINT_free(point);
    EC_GROUP_free(group);
    BN_CTX_free(ctx);
}

static void
close_curve(struct curve *curve)
{
    BN_free(curve->p);
    BN_free(curve->order);
    BN_free(curve->x);
    BN_free(curve->y);
}

/* Numbers in a good signature's halves that no signature has. */
static void
check_ranges(const struct key *key, enum jose_alg alg,
             const struct curve *curve)
{
    static const char *const names[] = { "0", "the order", "beyond the order",
                                         "all ones" };
    size_t width = jwk_width(key->jwk.type), i, len = 0;
    struct signer *signer = open_signer(key, alg);
    unsigned char good[JOSE_SIG_MAX], sig[JOSE_SIG_MAX];
    unsigned char numbers[4][JWK_COORD_MAX] = { { 0 } };
    BIGNUM *s;

    signer_sign(signer, TEXT, TEXT_LEN, good, &len, &why);
    signer_free(signer);
    BN_bn2binpad(curve->order, numbers[1], (int)width);
    BN_bn2binpad(curve->order, numbers[2], (int)width);
    numbers[2][width - 1] ^= 2;
    memset(numbers[3], 0xff, width);
    for (i = 0; i < 4; i++) {
        memcpy(sig, good, len);
        memcpy(sig, numbers[i], width);
        tap_is_int(0, check(key, alg, sig, len), "%s: R is %s: bad",
                   key->name, names[i]);
        memcpy(sig + width, numbers[i], width);
        tap_is_int(0, check(key, alg, sig, len), "%s: R and S are %s: bad",
                   key->name, names[i]);
        memcpy(sig, good, width);
        tap_is_int(0, check(key, alg, sig, len), "%s: S is %s: bad",
                   key->name, names[i]);
    }
    /* Whoever has one signature has two: neither may stand for a message. */
    s = BN_bin2bn(good + width, (int)width, NULL);
    BN_sub(s, curve->order, s);
    BN_bn2binpad(s, good + width, (int)width);
    BN_free(s);
    tap_is_int(1, check(key, alg, good, len), "%s: S negated: good",
               key->name);
}

static void
check_refused(const struct jwk *jwk, const char *name, const char *sentence)
{
    struct verifier *verifier = NULL;

    *why.text = '\0';
    tap_ok(verifier_load(&verifier, jwk, &why) == -1 && verifier == NULL
           && *why.text != '\0' && ERR_peek_error() == 0, "%s: %s is refused",
           name, sentence);
    verifier_free(verifier);
}

/* Points that are none of the curve's, from one that is. */
static void
check_points(const struct key *key, const struct curve *curve)
{
    int width = (int)jwk_width(key->jwk.type);
    struct verifier *verifier = NULL;
    struct jwk jwk = key->jwk;
    BIGNUM *sum = BN_new();

    jwk.y[width - 1] ^= 1;
    check_refused(&jwk, key->name, "a point off the curve");
    memset(jwk.y, 0, sizeof(jwk.y));
    check_refused(&jwk, key->name, "y of 0");
    memset(jwk.x, 0, sizeof(jwk.x));
    check_refused(&jwk, key->name, "0, 0, as some write infinity,");
    memset(jwk.x, 0xff, sizeof(jwk.x));
    memset(jwk.y, 0xff, sizeof(jwk.y));
    check_refused(&jwk, key->name, "x and y of ones");
    memcpy(jwk.x, key->jwk.y, sizeof(jwk.x));
    memcpy(jwk.y, key->jwk.x, sizeof(jwk.y));
    check_refused(&jwk, key->name, "x for y");
    BN_bn2binpad(curve->x, jwk.x, width);
    BN_bn2binpad(curve->y, jwk.y, width);
    tap_is_int(0, verifier_load(&verifier, &jwk, &why),
               "%s: the point of the least x is taken", key->name);
    BN_add(sum, curve->x, curve->p);
    BN_bn2binpad(sum, jwk.x, width);
    check_refused(&jwk, key->name, "the same point with x + p");
    BN_bn2binpad(curve->x, jwk.x, width);
    BN_sub(sum, curve->p, curve->y);
    BN_add(sum, sum, curve->p);
    if (BN_bn2binpad(sum, jwk.y, width) > 0)
        check_refused(&jwk, key->name, "a point with y + p");
    ERR_clear_error();
    verifier_free(verifier);
    BN_free(sum);
}

static void
check_curves(void)
{
    static const enum jose_alg algs[] = { JOSE_ES256, JOSE_ES384,
                                          JOSE_ES512 };
    struct curve curve;
    size_t i;

    for (i = 0; i < 3; i++) {
        open_curve(&curve, &keys[2 * i]);
        check_ranges(&keys[2 * i], algs[i], &curve);
        check_points(&keys[2 * i], &curve);
        close_curve(&curve);
    }
}

/* All of it again with a key that is used much. */
static void
check_warm(void)
{
    struct curve curve;
    size_t i;

    for (i = 0; i < KEYS_N; i++)
        tap_ok(verifier_warm(keys[i].verifier, &keys[i].jwk) == (i < 2),
               "%s is %s", keys[i].name, i < 2 ? "warmed" : "left as it is");
    tap_ok(!verifier_warm(keys[0].verifier, &keys[0].jwk),
           "a key is warmed once");
    check_alg(&keys[0], JOSE_ES256);
    open_curve(&curve, &keys[0]);
    check_ranges(&keys[0], JOSE_ES256, &curve);
    close_curve(&curve);
}

static void
check_keys(void)
{
    struct verifier *verifier = NULL;
    struct jwk jwk = { .type = JWK_P384 };
    unsigned char sig[64] = { 0 };

    memcpy(jwk.x + 16, keys[0].jwk.x, 32);
    memcpy(jwk.y + 16, keys[0].jwk.y, 32);
    check_refused(&jwk, "P-384", "a point of P-256, padded,");
    jwk = keys[2].jwk;
    jwk.type = JWK_P256;
    check_refused(&jwk, "P-256", "a point of P-384, cut,");
    jwk.type = 0;
    check_refused(&jwk, "no type", "what is left");
    jwk.type = JWK_RSA + 1;
    check_refused(&jwk, "a type beyond the last", "what is left");
    jwk = keys[8].jwk;
    jwk.n_len = 255;
    check_refused(&jwk, "RSA", "a modulus of 2040 bits");
    jwk.n_len = 0;
    check_refused(&jwk, "RSA", "no modulus");
    jwk = keys[8].jwk;
    jwk.n[0] = 0;
    check_refused(&jwk, "RSA", "a modulus with a zero before it");
    jwk = (struct jwk){ .type = JWK_ED25519, .x = { 2 } };
    if (verifier_load(&verifier, &jwk, &why) == 0)
        tap_is_int(0, verifier_check(verifier, JOSE_EDDSA, TEXT, TEXT_LEN,
                                     sig, sizeof(sig), &why),
                   "Ed25519: with a key that is no point, all is bad");
    verifier_free(verifier);
}

/* Secrets of all lengths, signed with by a signer that would not take them. */
static void
check_secrets(void)
{
    static const struct {
        const char *sentence;
        size_t len;
        enum jose_alg alg;
        int expected;
    } rows[] = {
        { "no secret", 0, JOSE_HS256, 0 },
        { "HS256 with 31 bytes", 31, JOSE_HS256, 0 },
        { "HS256 with 32 bytes", 32, JOSE_HS256, 1 },
        { "HS256 with 64 bytes", 64, JOSE_HS256, 1 },
        { "HS384 with 47 bytes", 47, JOSE_HS384, 0 },
        { "HS384 with 48 bytes", 48, JOSE_HS384, 1 },
        { "HS512 with 63 bytes", 63, JOSE_HS512, 0 },
        { "HS512 with 64 bytes", 64, JOSE_HS512, 1 },
        { "HS256 with more than a block", 200, JOSE_HS256, 1 },
        { "HS512 with more than a block", 200, JOSE_HS512, 1 },
        { "HS256 with a NUL in it", 32, JOSE_HS256, 1 },
    };
    char secret[200];
    size_t i;

    memset(secret, 'x', sizeof(secret));
    for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const struct keys_alg *kind = keys_alg(rows[i].alg);
        EVP_MAC_CTX *mac = keys_alg_mac(kind, secret, rows[i].len);
        struct verifier *verifier = NULL;
        struct signer *signer = NULL;
        unsigned char sig[KEYS_HASH_MAX];

        keys_alg_mac_run(mac, TEXT, TEXT_LEN, sig);
        verifier_load_secret(&verifier, secret, rows[i].len, &why);
        tap_is_int(rows[i].expected,
                   verifier_check(verifier, rows[i].alg, TEXT, TEXT_LEN, sig,
                                  kind->hash, &why),
                   "%s is %s", rows[i].sentence,
                   rows[i].expected ? "good" : "bad");
        tap_is_int(rows[i].expected - 1,
                   signer_load_secret(&signer, rows[i].alg, secret,
                                      rows[i].len, &why),
                   "and %s for signing",
                   rows[i].expected ? "taken" : "refused");
        EVP_MAC_CTX_free(mac);
        verifier_free(verifier);
        signer_free(signer);
        if (i == sizeof(rows) / sizeof(*rows) - 2)
            secret[7] = '\0';
    }
}

/* A secret is copied: what becomes of the caller's is nothing to it. */
static void
check_copy(void)
{
    char secret[SECRET_LEN];
    struct verifier *verifier = NULL;
    struct signer *signer = open_signer(&keys[10], JOSE_HS512);
    unsigned char sig[JOSE_SIG_MAX];
    size_t len = 0;

    memcpy(secret, SECRET, sizeof(secret));
    verifier_load_secret(&verifier, secret, sizeof(secret), &why);
    memset(secret, 0, sizeof(secret));
    signer_sign(signer, TEXT, TEXT_LEN, sig, &len, &why);
    tap_is_int(1, verifier_check(verifier, JOSE_HS512, TEXT, TEXT_LEN, sig,
                                 len, &why), "the secret was copied");
    signer_free(signer);
    verifier_free(verifier);
}

int
main(void)
{
    if (crypto_init(&why) < 0)
        return 1;
    make_keys();
    check_algs();
    check_curves();
    check_keys();
    check_warm();
    check_secrets();
    check_copy();
    free_keys();
    verifier_free(NULL);
    return tap_done();
}
