/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * PBKDF2 (RFC 8018, 5.2) as Django and Hydra write it.
 */

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "core/b64.h"
#include "io/crypto.h"
#include "io/foreign_priv.h"

enum {
    SALT_MAX = 128,
    SALT_USUAL = 16, /* stands for all that fit into a block */
    KEY_LEAST = 16,
    KEY_MAX = 64,
    DIGITS_MAX = 8,
    BASE64_MAX = 176, /* of SALT_MAX bytes, with padding */
};

static const long iterations_least = 1000;

struct digest {
    const char *name;
    const char *django; /* or NULL: it does not write it */
    const char *hydra;
    const char *cost;
    size_t len;
    size_t salt_most; /* bytes of one that fit into a block with the rest */
    long most; /* iterations for a block, and what one takes: */
    long ns;   /* not less, where all this was measured */
};

static const struct digest digests[] = {
    {"SHA1", "pbkdf2_sha1$", NULL, "pbkdf2-sha1,", 20, 51, 1600000, 450},
    {"SHA256", "pbkdf2_sha256$", "$pbkdf2-sha256$", "pbkdf2-sha256,", 32,
     51, 1600000, 450},
    {"SHA512", NULL, "$pbkdf2-sha512$", "pbkdf2-sha512,", 64, 107, 600000,
     1200},
};
enum { N_DIGESTS = sizeof(digests) / sizeof(digests[0]) };

struct hash {
    const struct digest *digest;
    long iterations;
    size_t len; /* of the key */
    unsigned char salt[SALT_MAX];
    size_t salt_len;
    unsigned char key[KEY_MAX];
};

static int read_hash(struct hash *hash, const char *text,
                     struct errtext *why);
static int read_django(struct hash *hash, const char *at);
static int read_hydra(struct hash *hash, const char *at);
static int read_cost(struct hash *hash, const char **at);
static int check_work(const struct hash *hash, struct errtext *why);
static int run(const struct hash *hash, const char *secret, size_t len,
               unsigned char key[KEY_MAX], struct errtext *why);

/* Whether text begins with the prefix; moves *at behind it. */
static bool
skip(const char **at, const char *prefix)
{
    size_t len = prefix != NULL ? strlen(prefix) : 0;

    if (len == 0 || strncmp(*at, prefix, len) != 0)
        return false;
    *at += len;
    return true;
}

bool
foreign_pbkdf2_is(const char *hash)
{
    return strncmp(hash, "pbkdf2_", 7) == 0
           || strncmp(hash, "$pbkdf2", 7) == 0;
}

int
foreign_pbkdf2_check(const char *text, char cost[FOREIGN_COST_MAX],
                     struct errtext *why)
{
    struct hash hash;
    int rc = read_hash(&hash, text, why);

    if (rc == 0) {
        snprintf(cost, FOREIGN_COST_MAX, "%si=%ld,l=%zu", hash.digest->cost,
                 hash.iterations, hash.len);
        foreign_salt_add(cost, hash.salt_len > hash.digest->salt_most
                                   ? hash.salt_len
                                   : SALT_USUAL,
                         SALT_USUAL);
    }
    crypto_wipe(&hash, sizeof(hash));
    return rc;
}

static int
read_hash(struct hash *hash, const char *text, struct errtext *why)
{
    int rc = -1;
    size_t i;

    for (i = 0; i < N_DIGESTS && rc != 0; i++) {
        const char *at = text;

        hash->digest = &digests[i];
        if (skip(&at, digests[i].django))
            rc = read_django(hash, at);
        else if (skip(&at, digests[i].hydra))
            rc = read_hydra(hash, at);
    }
    if (rc != 0)
        return errtext_set(why, "the hash is not in a form of PBKDF2 that is "
                                "known: pbkdf2_sha256$ITERATIONS$SALT$HASH, "
                                "pbkdf2_sha1$..., "
                                "$pbkdf2-sha256$i=N,l=N$SALT$HASH or "
                                "$pbkdf2-sha512$...");
    return check_work(hash, why);
}

/* Returns the number, or -1 unless it is written as a program writes it. */
static long
read_number(const char **at)
{
    long n = 0;
    int digits;

    for (digits = 0; **at >= '0' && **at <= '9'; digits++, ++*at) {
        if (digits == DIGITS_MAX || (digits == 1 && n == 0))
            return -1;
        n = n * 10 + (**at - '0');
    }
    return digits > 0 ? n : -1;
}

/* The key to the end of the text, with its padding. */
static int
read_key(struct hash *hash, const char *at)
{
    long n = b64_decode(at, strlen(at), hash->key, sizeof(hash->key));

    return n >= 0 && (size_t)n == hash->len ? 0 : -1;
}

static int
read_django(struct hash *hash, const char *at)
{
    const char *end;

    hash->len = hash->digest->len;
    hash->iterations = read_number(&at);
    if (hash->iterations < 0 || *at++ != '$')
        return -1;
    end = strchr(at, '$');
    if (end == NULL || end == at || end - at > SALT_MAX)
        return -1;
    hash->salt_len = (size_t)(end - at);
    memcpy(hash->salt, at, hash->salt_len);
    return read_key(hash, end + 1);
}

/* What stands there without padding, with it; NULL when it is too long. */
static const char *
pad(const char *at, size_t len, char text[BASE64_MAX])
{
    if (len == 0 || len > BASE64_MAX - 4 || memchr(at, '=', len) != NULL)
        return NULL;
    memcpy(text, at, len);
    while (len % 4 != 0)
        text[len++] = '=';
    text[len] = '\0';
    return text;
}

static int
read_hydra(struct hash *hash, const char *at)
{
    char text[BASE64_MAX];
    const char *end;
    long n;

    if (read_cost(hash, &at) != 0 || *at++ != '$')
        return -1;
    end = strchr(at, '$');
    if (end == NULL || pad(at, (size_t)(end - at), text) == NULL)
        return -1;
    n = b64_decode(text, strlen(text), hash->salt, sizeof(hash->salt));
    if (n <= 0)
        return -1;
    hash->salt_len = (size_t)n;
    if (pad(end + 1, strlen(end + 1), text) == NULL)
        return -1;
    return read_key(hash, text);
}

/* "i=N,l=N" */
static int
read_cost(struct hash *hash, const char **at)
{
    long len;

    if (!skip(at, "i="))
        return -1;
    hash->iterations = read_number(at);
    if (hash->iterations < 0 || !skip(at, ",l="))
        return -1;
    len = read_number(at);
    if (len < KEY_LEAST || len > KEY_MAX)
        return -1;
    hash->len = (size_t)len;
    return 0;
}

static long
count_blocks(const struct hash *hash)
{
    return (long)((hash->len + hash->digest->len - 1) / hash->digest->len);
}

static int
check_work(const struct hash *hash, struct errtext *why)
{
    long most = hash->digest->most / count_blocks(hash);

    if (hash->iterations < iterations_least)
        return errtext_set(why, "PBKDF2 with under %ld iterations is too "
                                "weak: give the client a new secret",
                           iterations_least);
    if (hash->iterations > most)
        return errtext_set(why, "PBKDF2 with %ld iterations would hold up "
                                "every wrong secret too long: the most is "
                                "%ld",
                           hash->iterations, most);
    return 0;
}

static int
run(const struct hash *hash, const char *secret, size_t len,
    unsigned char key[KEY_MAX], struct errtext *why)
{
    EVP_MD *digest = EVP_MD_fetch(NULL, hash->digest->name, NULL);
    int rc = 0;

    if (!digest
        || PKCS5_PBKDF2_HMAC(secret, (int)len, hash->salt,
                             (int)hash->salt_len, (int)hash->iterations,
                             digest, (int)hash->len, key) != 1) {
        crypto_wipe(key, KEY_MAX);
        rc = crypto_fail(why, "cannot run PBKDF2");
    }
    EVP_MD_free(digest);
    return rc;
}

int
foreign_pbkdf2_verify(const char *text, const char *secret, size_t len,
                      struct errtext *why)
{
    unsigned char key[KEY_MAX];
    struct hash hash;
    int rc = -1;

    if (read_hash(&hash, text, why) == 0
        && run(&hash, secret, len, key, why) == 0)
        rc = crypto_equal(key, hash.key, hash.len)
             && memchr(secret, '\0', len) == NULL; /* as HMAC pads it */
    crypto_wipe(key, sizeof(key));
    crypto_wipe(&hash, sizeof(hash));
    return rc;
}

/* Take a cost apart; the salt is any of its length. */
static int
read_work(struct hash *hash, const char *cost, struct errtext *why)
{
    size_t i;

    for (i = 0; i < N_DIGESTS; i++) {
        const char *at = cost;

        hash->digest = &digests[i];
        if (skip(&at, digests[i].cost) && read_cost(hash, &at) == 0
            && foreign_salt_read(at, SALT_USUAL, &hash->salt_len) == 0
            && (hash->salt_len == SALT_USUAL
                || hash->salt_len > digests[i].salt_most))
            return check_work(hash, why);
    }
    return errtext_set(why, "the cost of a hash is unknown: upgrade "
                            "ccgrant");
}

int
foreign_pbkdf2_waste(const char *cost, const char *secret, size_t len,
                     struct errtext *why)
{
    struct hash hash = {.salt = ""};
    unsigned char key[KEY_MAX];
    int rc;

    if (read_work(&hash, cost, why) != 0)
        return -1;
    rc = run(&hash, secret, len, key, why);
    crypto_wipe(key, sizeof(key));
    return rc;
}

long
foreign_pbkdf2_ms(const char *cost)
{
    struct hash hash;

    if (read_work(&hash, cost, NULL) != 0)
        return 0;
    return (long)((long long)hash.iterations * count_blocks(&hash)
                  * hash.digest->ns / 1000000);
}
