/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Random bytes, digests, comparison, wiping, and how failures are told.
 */

#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>

#include "core/b64.h"
#include "io/crypto.h"
#include "../lib/tap.h"

/* FIPS 180-4's examples, as base64url. */
static const struct {
    const char *sentence;
    const char *in;
    const char *digest;
} sha_rows[] = {
    { "SHA-256 of nothing", "",
      "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU" },
    { "SHA-256 of one block", "abc",
      "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0" },
    { "SHA-256 of two blocks",
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "JI1qYdIGOLjlwCaTDD5gOaM85Flk_yFn9uzt1BnbBsE" },
};

/* Both of one length. */
static const struct {
    const char *sentence;
    const char *a;
    const char *b;
    bool equal;
} equal_rows[] = {
    { "equal bytes are equal", "secret", "secret", true },
    { "nothing equals nothing", "", "", true },
    { "the first byte differs", "secret", "tecret", false },
    { "the last byte differs", "secret", "secres", false },
    { "one bit differs", "secret", "secreu", false },
    { "case differs", "secret", "Secret", false },
};

static void
check_random(void)
{
    unsigned char a[32] = { 0 }, b[32] = { 0 }, zero[32] = { 0 };
    unsigned char guarded[18];
    struct errtext why;

    tap_is_int(0, crypto_random(a, sizeof(a), &why), "random bytes are drawn");
    tap_is_int(0, crypto_random(b, sizeof(b), NULL), "and again");
    tap_ok(memcmp(a, b, sizeof(a)) != 0, "they differ");
    tap_ok(memcmp(a, zero, sizeof(a)) != 0, "they are not zero");
    tap_is_int(0, crypto_random(a, 0, &why), "none are drawn");
    memset(guarded, 0x55, sizeof(guarded));
    crypto_random(guarded + 1, 16, &why);
    tap_ok(guarded[0] == 0x55 && guarded[17] == 0x55,
           "nothing is written beside them");
}

static void
check_wipe(void)
{
    char buf[] = "secret";
    char zero[sizeof(buf)] = "";

    crypto_wipe(buf, 0);
    tap_is_str("secret", buf, "wiping nothing leaves all");
    crypto_wipe(buf, sizeof(buf));
    tap_is_mem(zero, sizeof(zero), buf, sizeof(buf), "wiping leaves nothing");
}

static void
check_fail(void)
{
    struct errtext why;

    ERR_clear_error();
    tap_is_int(-1, crypto_fail(&why, "cannot do it"), "failing returns -1");
    tap_is_str("cannot do it", why.text, "without an error, that is all");
    ERR_raise(ERR_LIB_EVP, EVP_R_INPUT_NOT_INITIALIZED);
    tap_is_int(-1, crypto_fail(&why, "cannot do it"),
               "failing with an error returns -1");
    tap_ok(strncmp(why.text, "cannot do it: ", 14) == 0
           && strlen(why.text) > 14, "the error is told: %s", why.text);
    tap_is_int(0, (long long)ERR_peek_error(), "and taken from the queue");
    ERR_raise(ERR_LIB_EVP, EVP_R_INPUT_NOT_INITIALIZED);
    tap_is_int(-1, crypto_fail(NULL, "x"), "nobody need listen");
    tap_is_int(0, (long long)ERR_peek_error(), "the queue is emptied too");
}

int
main(void)
{
    unsigned char digest[CRYPTO_SHA256_LEN];
    char text[B64URL_LEN(CRYPTO_SHA256_LEN) + 1];
    struct errtext why;
    size_t i;

    setenv("OPENSSL_CONF", "/nonexistent/openssl.cnf", 1);
    tap_is_int(0, crypto_init(&why), "the library starts");
    tap_is_int(0, crypto_init(NULL), "and starts twice");
    tap_ok(EVP_get_digestbyname("SHA256") && EVP_get_digestbyname("SHA384")
               && EVP_get_digestbyname("SHA512"),
           "it knows the digests by which certificates are signed, before one "
           "is read");
    for (i = 0; i < sizeof(sha_rows) / sizeof(*sha_rows); i++) {
        crypto_sha256(sha_rows[i].in, strlen(sha_rows[i].in), digest);
        b64url_encode(digest, sizeof(digest), text);
        tap_is_str(sha_rows[i].digest, text, "%s", sha_rows[i].sentence);
    }
    for (i = 0; i < sizeof(equal_rows) / sizeof(*equal_rows); i++)
        tap_ok(crypto_equal(equal_rows[i].a, equal_rows[i].b,
                            strlen(equal_rows[i].a)) == equal_rows[i].equal,
               "%s", equal_rows[i].sentence);
    check_random();
    check_wipe();
    check_fail();
    return tap_done();
}
