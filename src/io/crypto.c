/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Random bytes, digests, comparison and wiping.
 */

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "io/crypto.h"

/*
 * A CGI program pays for the start of the library with every request.  Texts
 * of errors and tables of old names take longer to load than a signature to
 * make, and its clean-up at exit is of no use to a process that ends.
 */
static const uint64_t START = OPENSSL_INIT_NO_LOAD_CONFIG
                              | OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS
                              | OPENSSL_INIT_NO_ADD_ALL_CIPHERS
                              | OPENSSL_INIT_NO_ADD_ALL_DIGESTS
                              | OPENSSL_INIT_NO_ATEXIT;

int
crypto_init(struct errtext *why)
{
    /* Of the digests it wants those in its table by which certificates are
     * signed: it asks for them when it reads one.  Authorities that are old
     * have signed themselves with SHA-1, which is good for nothing else. */
    if (OPENSSL_init_crypto(START, NULL) != 1
        || EVP_add_digest(EVP_sha1()) == 0
        || EVP_add_digest(EVP_sha224()) == 0
        || EVP_add_digest(EVP_sha256()) == 0
        || EVP_add_digest(EVP_sha384()) == 0
        || EVP_add_digest(EVP_sha512()) == 0)
        return crypto_fail(why, "cannot start OpenSSL");
    return 0;
}

int
crypto_fail(struct errtext *why, const char *what)
{
    unsigned long code = ERR_peek_last_error();
    const char *reason = code ? ERR_reason_error_string(code) : NULL;

    if (reason)
        errtext_set(why, "%s: %s", what, reason);
    else if (code)
        errtext_set(why, "%s: OpenSSL error %lX (see \"openssl errstr %lX\")",
                    what, code, code);
    else
        errtext_set(why, "%s", what);
    ERR_clear_error();
    return -1;
}

int
crypto_random(void *buf, size_t len, struct errtext *why)
{
    unsigned char *at = buf;

    while (len > 0) {
        ssize_t n = getrandom(at, len, 0);

        if (n < 0 && errno != EINTR)
            return errtext_set(why, "no random bytes: %s", strerror(errno));
        at += n > 0 ? n : 0;
        len -= n > 0 ? (size_t) n : 0;
    }
    return 0;
}

void
crypto_sha256(const void *in, size_t len,
              unsigned char digest[CRYPTO_SHA256_LEN])
{
    if (EVP_Digest(in, len, digest, NULL, EVP_sha256(), NULL) != 1)
        abort();
}

bool
crypto_equal(const void *a, const void *b, size_t len)
{
    return CRYPTO_memcmp(a, b, len) == 0;
}

void
crypto_wipe(void *buf, size_t len)
{
    OPENSSL_cleanse(buf, len);
}

int
crypto_no_passphrase(char *buf, int cap, int writing, void *arg)
{
    (void)buf;
    (void)cap;
    (void)writing;
    (void)arg;
    return -1;
}
