/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Encryption: the steps as the RFCs print them, whole tokens opened again with
 * the private key, and files that hold no key to encrypt to.
 */

#include <stdbool.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include "io/crypto.h"
#include "io/encrypter.h"
#include "io/encrypter_priv.h"
#include "../lib/pemkey.h"
#include "../lib/tap.h"

enum { NOW = 1800000000, TEXT_MAX = 8192 };

static const char JWT[] = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UifQ.c2ln";
static const char BOB[] = "{\"kty\":\"EC\",\"crv\":\"P-256\","
    "\"x\":\"weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ\","
    "\"y\":\"e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck\"%s}";

static struct errtext why;

/* Hexadecimal, or base64url behind "=", as bytes; returns their number. */
static size_t
bytes(const char *text, unsigned char *out)
{
    size_t n = 0;
    unsigned value;

    if (*text == '=')
        return (size_t)b64url_decode(text + 1, strlen(text + 1), out, 512);
    for (; sscanf(text, "%2x", &value) == 1; text += 2)
        out[n++] = (unsigned char)value;
    return n;
}

static const struct {
    const char *sentence;
    enum jwe_enc enc;
    const char *cek;
    const char *iv;
    const char *aad;
    const char *in;
    const char *out;
    const char *tag;
} contents[] = {
    { "A256GCM (RFC 7516, A.1)", JWE_A256GCM,
      "b1a1f480548fe1733fb403ff6b9ad4f68a076e5b702e22692f82cb2e7aea40fc",
      "e3c575fc02dbe944b4e14ddb",
      "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ",
      "The true sign of intelligence is not knowledge but imagination.",
      "=5eym8TW_c8SuK0ltJ3rpYIzOeDQz7TALvtu6UG9oMo4vpzs9tX_EFShS8iB7j6jiSdiwk"
      "Ir3ajwQzaBtQD_A",
      "=XFBoMYUZodetZdvTiFvSkQ" },
    { "A128CBC-HS256 (RFC 7516, A.2)", JWE_A128CBC_HS256,
      "04d31fc5549dfcfe0b649dfa3faa6ace6b7cd42d6f6b09dbc8b100f08f9c2ccf",
      "03163c0c2b4368696c6c69636f746865",
      "eyJhbGciOiJSU0ExXzUiLCJlbmMiOiJBMTI4Q0JDLUhTMjU2In0",
      "Live long and prosper.",
      "=KDlTtXchhZTGufMYmOYGS4HffxPSUrfmqCHXaI9wOGY",
      "=9hH0vgRfYgPnAHOd8stkvw" },
    { "A256CBC-HS512 (RFC 7518, B.3)", JWE_A256CBC_HS512,
      "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
      "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f",
      "1af38c2dc2b96ffdd86694092341bc04",
      "The second principle of Auguste Kerckhoffs",
      "A cipher system must not be required to be secret, and it must be able "
      "to fall into the hands of the enemy without inconvenience",
      "4affaaadb78c31c5da4b1b590d10ffbd3dd8d5d302423526912da037ecbcc7bd"
      "822c301dd67c373bccb584ad3e9279c2e6d12a1374b77f077553df829410446b"
      "36ebd97066296ae6427ea75c2e0846a11a09ccf5370dc80bfecbad28c73f09b3"
      "a3b75e662a2594410ae496b2e2e6609e31e6e02cc837f053d21f37ff4f51950b"
      "be2638d09dd7a4930930806d0703b1f6",
      "4dd3b4c088a7f45c216839645b2012bf2e6269a8c56a816dbc1b267761955bc5" },
};

static void
test_contents(void)
{
    unsigned char cek[512], iv[512], right[512], out[512], tag[JWE_TAG_MAX];
    size_t i, n, len;

    for (i = 0; i < LEN(contents); i++) {
        bytes(contents[i].cek, cek);
        bytes(contents[i].iv, iv);
        len = encrypter_content(contents[i].enc, cek, iv, contents[i].aad,
                                strlen(contents[i].aad), contents[i].in,
                                strlen(contents[i].in), out, tag);
        n = bytes(contents[i].out, right);
        tap_is_mem(right, n, out, len, "%s", contents[i].sentence);
        n = bytes(contents[i].tag, right);
        tap_is_mem(right, n, tag, jwe_tag_len(contents[i].enc),
                   "  and its tag");
    }
}

/* A key pair on P-256. */
static EVP_PKEY *
pair(const char *x, const char *y, const char *d)
{
    unsigned char point[65] = { 4 }, number[512], native[32];
    char group[] = "P-256";
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, native,
                                sizeof(native)),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point,
                                          sizeof(point)),
        OSSL_PARAM_construct_end(),
    };
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    EVP_PKEY *pkey = NULL;
    BIGNUM *bn;

    bytes(x, number);
    memcpy(point + 1, number, 32);
    bytes(y, number);
    memcpy(point + 33, number, 32);
    bytes(d, number);
    bn = BN_bin2bn(number, 32, NULL);
    BN_bn2nativepad(bn, native, sizeof(native));
    EVP_PKEY_fromdata_init(ctx);
    EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_KEYPAIR, params);
    EVP_PKEY_CTX_free(ctx);
    BN_free(bn);
    return pkey;
}

/* RFC 7518, C. */
static void
test_agreement(void)
{
    static const unsigned char z[] = {
        158, 86,  217, 29,  129, 113, 53,  211, 114, 131, 66,
        131, 191, 132, 38,  156, 251, 49,  110, 163, 218, 128,
        106, 72,  246, 218, 167, 121, 140, 254, 144, 196,
    };
    EVP_PKEY *alice = pair("=gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0",
                           "=SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps",
                           "=0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo");
    EVP_PKEY *bob = pair("=weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ",
                         "=e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck",
                         "=VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw");
    unsigned char shared[ENCRYPTER_SHARED_MAX], key[16], right[512];
    unsigned char info[JWE_INFO_MAX];
    struct jwk jwk;
    size_t len, n;

    len = encrypter_agree(alice, bob, shared);
    tap_is_mem(z, sizeof(z), shared, len, "Alice agrees (RFC 7518, C)");
    len = encrypter_agree(bob, alice, shared);
    tap_is_mem(z, sizeof(z), shared, len, "and Bob the same");
    n = jwe_other_info(info, "A128GCM", (struct jwe_party){ "Alice", 5 },
                       (struct jwe_party){ "Bob", 3 }, sizeof(key));
    tap_ok(encrypter_derive(shared, len, info, n, key, sizeof(key)),
           "a key is derived");
    n = bytes("=VqqN6vgjbSBcIijNcacQGg", right);
    tap_is_mem(right, n, key, sizeof(key), "which is that of the RFC");
    tap_ok(encrypter_public(&jwk, JWK_P256, alice), "her public key");
    n = bytes("=SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps", right);
    tap_is_mem(right, n, jwk.y, 32, "is that of the RFC");
    tap_ok(!encrypter_public(&jwk, JWK_P384, alice),
           "and of no other curve");
    EVP_PKEY_free(alice);
    EVP_PKEY_free(bob);
}

static void
test_wrap(void)
{
    unsigned char kek[512], key[512], right[512], out[72];
    size_t n;

    bytes("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
          kek);
    bytes("00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f",
          key);
    n = bytes("28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43"
              "bfb988b9b7a02dd21", right);
    tap_ok(encrypter_wrap(kek, key, 32, out), "a key is wrapped");
    tap_is_mem(right, n, out, 40, "as in RFC 3394, 4.6");
}

/* The part of that number; returns its length. */
static size_t
part(const char *jwe, int number, unsigned char *out)
{
    for (; number > 0; number--)
        jwe = strchr(jwe, '.') + 1;
    return (size_t)b64url_decode(jwe, strcspn(jwe, "."), out, TEXT_MAX);
}

/* The key of the content, as the owner of an RSA key gets it. */
static size_t
open_rsa(EVP_PKEY *pkey, const char *jwe, unsigned char *cek)
{
    unsigned char wrapped[TEXT_MAX];
    size_t len = part(jwe, 1, wrapped), n = 512;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pkey, NULL);

    EVP_PKEY_decrypt_init(ctx);
    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING);
    EVP_PKEY_CTX_set_rsa_oaep_md(ctx, EVP_sha256());
    if (EVP_PKEY_decrypt(ctx, cek, &n, wrapped, len) != 1)
        n = 0;
    EVP_PKEY_CTX_free(ctx);
    return n;
}

static void
write_public(EVP_PKEY *pkey, char text[TEXT_MAX])
{
    BIO *bio = BIO_new(BIO_s_mem());
    int n;

    PEM_write_bio_PUBKEY(bio, pkey);
    n = BIO_read(bio, text, TEXT_MAX - 1);
    text[n > 0 ? n : 0] = '\0';
    BIO_free(bio);
}

static void
test_rsa(void)
{
    EVP_PKEY *pkey = pemkey_get("rsa-2048");
    unsigned char random[ENCRYPTER_RANDOM_LEN], cek[512], out[TEXT_MAX];
    unsigned char content[TEXT_MAX], tag[JWE_TAG_MAX];
    char text[TEXT_MAX], jwe[TEXT_MAX];
    struct encrypter *encrypter = NULL;
    size_t n;

    write_public(pkey, text);
    memset(random, 7, JWE_CEK_MAX);
    memset(random + JWE_CEK_MAX, 9, JWE_IV_MAX);
    tap_is_int(0, encrypter_load(&encrypter, text, strlen(text), JWE_ALG_AUTO,
                                 JWE_A256GCM, &why),
               "an RSA key in PEM is taken");
    tap_is_int(0, encrypter_seal(encrypter, "at+jwt", JWT, sizeof(JWT) - 1,
                                 NOW, random, jwe, sizeof(jwe), &why),
               "and encrypted to");
    tap_is_mem(random, 32, cek, open_rsa(pkey, jwe, cek),
               "its owner gets the key of the content");
    n = part(jwe, 2, out);
    tap_is_mem(random + JWE_CEK_MAX, 12, out, n, "and the IV");
    n = encrypter_content(JWE_A256GCM, random, random + JWE_CEK_MAX, jwe,
                          strcspn(jwe, "."), JWT, sizeof(JWT) - 1, content,
                          tag);
    tap_is_mem(content, n, out, part(jwe, 3, out), "and the content");
    tap_is_mem(tag, 16, out, part(jwe, 4, out), "and the tag of all");
    tap_is_int(-1, encrypter_seal(encrypter, "at+jwt", JWT, sizeof(JWT) - 1,
                                  NOW, random, jwe, 2048, &why),
               "what might not fit is refused");
    tap_is_str("", jwe, "and nothing is written");
    encrypter_free(encrypter);
    EVP_PKEY_free(pkey);
}

/* The key of direct agreement is in no part, and not the random one. */
static void
test_kinds(void)
{
    static const char *const kinds[] = { "P-256", "P-384", "P-521", "X25519" };
    unsigned char random[ENCRYPTER_RANDOM_LEN] = { 1 }, out[TEXT_MAX];
    char text[TEXT_MAX], jwe[TEXT_MAX];
    size_t i, n;
    int alg;

    for (i = 0; i < LEN(kinds); i++) {
        EVP_PKEY *pkey = pemkey_get(kinds[i]);

        write_public(pkey, text);
        EVP_PKEY_free(pkey);
        for (alg = JWE_ECDH_ES; alg <= JWE_ECDH_ES_A256KW; alg++) {
            struct encrypter *encrypter = NULL;
            int rc = encrypter_load(&encrypter, text, strlen(text),
                                    (enum jwe_alg)alg, JWE_A256CBC_HS512,
                                    &why);

            if (rc == 0)
                rc = encrypter_seal(encrypter, "at+jwt", JWT, sizeof(JWT) - 1,
                                    NOW, random, jwe, sizeof(jwe), &why);
            tap_is_int(0, rc, "%s with %s", jwe_alg_name((enum jwe_alg)alg),
                       kinds[i]);
            tap_ok(rc == 0 && jwe_looks_like(jwe, strlen(jwe)),
                   "  has five parts");
            n = rc == 0 ? part(jwe, 1, out) : 0;
            tap_is_int(alg == JWE_ECDH_ES ? 0 : 72, (long long)n,
                       "  and an encrypted key where it is due");
            encrypter_free(encrypter);
        }
    }
}

/* Which key a token is encrypted to, by the kid of its header. */
static void
test_times(void)
{
    static const struct {
        int64_t now;
        const char *kid;
    } rows[] = { { 1000, "" }, { 2000, "a" }, { 2999, "a" }, { 3000, "b" },
                 { 9999, "b" } };
    static const unsigned char random[ENCRYPTER_RANDOM_LEN];
    char set[TEXT_MAX], a[1024], b[1024], jwe[TEXT_MAX], kid[32];
    unsigned char header[TEXT_MAX];
    struct encrypter *encrypter = NULL;
    size_t i;

    snprintf(a, sizeof(a), BOB, ",\"kid\":\"a\",\"nbf\":2000,\"exp\":3000");
    snprintf(b, sizeof(b), BOB, ",\"kid\":\"b\",\"nbf\":2500");
    snprintf(set, sizeof(set), "{\"keys\":[%s,%s]}", a, b);
    tap_is_int(0, encrypter_load(&encrypter, set, strlen(set), JWE_ALG_AUTO,
                                 JWE_A128GCM, &why),
               "a set of keys with times");
    for (i = 0; i < LEN(rows); i++) {
        int rc = encrypter_seal(encrypter, "at+jwt", JWT, sizeof(JWT) - 1,
                                rows[i].now, random, jwe, sizeof(jwe), &why);

        snprintf(kid, sizeof(kid), "\"kid\":\"%s\"", rows[i].kid);
        if (rc == 0)
            header[part(jwe, 0, header)] = '\0';
        tap_ok(*rows[i].kid == '\0' ? rc < 0
                                    : rc == 0 && strstr((char *)header, kid),
               "at %d: %s", (int)rows[i].now,
               *rows[i].kid == '\0' ? "none" : rows[i].kid);
    }
    encrypter_free(encrypter);
}

/* What is in a file, and what is said of it. */
static void
refuse(const char *sentence, const char *text, enum jwe_alg alg,
       const char *reason)
{
    struct encrypter *encrypter = NULL;
    int rc = encrypter_load(&encrypter, text, strlen(text), alg, JWE_A256GCM,
                            &why);

    tap_ok(rc < 0 && strstr(why.text, reason) != NULL, "%s: %s", sentence,
           rc < 0 ? why.text : "taken");
    tap_is_int(0, (long long)ERR_peek_error(), "  and OpenSSL's queue is "
                                               "empty");
    encrypter_free(encrypter);
}

static void
test_refusals(void)
{
    static const char *const weak[] = { "rsa-1024", "rsa-2047", "rsa-4104" };
    char text[TEXT_MAX], twice[2 * TEXT_MAX];
    EVP_PKEY *pkey;
    BIO *bio;
    size_t i;
    int n;

    for (i = 0; i < LEN(weak); i++) {
        pkey = pemkey_get(weak[i]);
        write_public(pkey, text);
        refuse(weak[i], text, JWE_ALG_AUTO, "bits, not of 2048 to 4096");
        EVP_PKEY_free(pkey);
    }
    pkey = pemkey_get("P-256");
    write_public(pkey, text);
    refuse("another algorithm", text, JWE_RSA_OAEP_256, "not a key for");
    snprintf(twice, sizeof(twice), "%s%s", text, text);
    refuse("two keys in PEM", twice, JWE_ALG_AUTO, "more than one key");
    bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL);
    n = BIO_read(bio, text, sizeof(text) - 1);
    text[n] = '\0';
    BIO_free(bio);
    refuse("a private key in PEM", text, JWE_ALG_AUTO, "openssl pkey -pubout");
    EVP_PKEY_free(pkey);
    pkey = pemkey_get("ED25519");
    write_public(pkey, text);
    refuse("a key that signs", text, JWE_ALG_AUTO, "signatures alone");
    EVP_PKEY_free(pkey);
    pkey = pemkey_get("secp256k1");
    write_public(pkey, text);
    refuse("another curve", text, JWE_ALG_AUTO, "the key is not");
    EVP_PKEY_free(pkey);
    refuse("a certificate", "-----BEGIN CERTIFICATE-----\n", JWE_ALG_AUTO,
           "openssl x509 -pubkey");
    refuse("broken PEM", "-----BEGIN PUBLIC KEY-----\nAAAA\n", JWE_ALG_AUTO,
           "no public key in PEM");
    snprintf(text, sizeof(text), BOB, "");
    *strstr(text, "e8ln") = 'f';
    refuse("a point that is not on its curve", text, JWE_ALG_AUTO,
           "not a public key");
    refuse("nothing", "", JWE_ALG_AUTO, "JWK Set");
}

static void
test_file(void)
{
    struct encrypter *encrypter = NULL;
    int rc = encrypter_read(&encrypter, "/nonexistent/key", JWE_ALG_AUTO,
                            JWE_A256GCM, &why);

    tap_ok(rc < 0 && strstr(why.text, "/nonexistent/key") != NULL,
           "a file that is not there is named");
    rc = encrypter_read(&encrypter, "/dev/null", JWE_ALG_AUTO, JWE_A256GCM,
                        &why);
    tap_ok(rc < 0 && strstr(why.text, "/dev/null") != NULL,
           "and so is an empty one");
}

int
main(void)
{
    if (crypto_init(&why) != 0)
        return 1;
    test_contents();
    test_agreement();
    test_wrap();
    test_rsa();
    test_kinds();
    test_times();
    test_refusals();
    test_file();
    return tap_done();
}
