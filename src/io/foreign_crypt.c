/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * crypt(3): the forms of libcrypt that are good enough.
 *
 * The library takes more than is taken here, and is not asked before a hash
 * was taken apart: what it would cut, or make of it in another form, and how
 * long it would take is known before it begins.
 */

#include <crypt.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "io/crypto.h"
#include "io/foreign_priv.h"

enum {
    BCRYPT_MOST = 72, /* bytes of a secret: it forgets the rest */
    OTHERS_MOST = CRYPT_MAX_PASSPHRASE_SIZE - 1,
    BCRYPT_SALT = 22,
    BCRYPT_COST_MOST = 13, /* 0.5 s, where all this was measured */
    SHA_ROUNDS = 5000,     /* unless it says another number */
    SHA_ROUNDS_LEAST = 1000,
    SHA_ROUNDS_MOST = 100000, /* 0.5 s with a secret of 511 bytes, which the
                                 caller chooses */
    SHA_SALT = 16,         /* usual, and the most */
    OTHERS_SALT = 22,      /* usual: 16 bytes */
    OTHERS_SALT_MOST = 86, /* 64 bytes */
    SCRYPT_BYTES_LEAST = 1 << 20,
    SCRYPT_BYTES_MOST = 128 << 20, /* 0.4 s */
    NUMBER_LEN = 5,                /* characters of one in $7$ */
    BCRYPT_NS = 65000, /* for cost 0; each more is twice */
    SHA_NS = 5000,     /* for a round */
    SCRYPT_NS = 2,     /* for a byte; of the old form twice */
    NS_PER_MS = 1000000,
};

struct form;

/* Reads what stands behind the prefix and before the hash, writes cost.
 * Returns the milliseconds of the work, or -1 with the reason in *why. */
typedef long read_fn(const struct form *form, const char *at, size_t len,
                     char cost[FOREIGN_COST_MAX], struct errtext *why);

static read_fn read_bcrypt, read_sha, read_yescrypt, read_scrypt;

struct form {
    const char *prefix;
    const char *name;
    size_t hash_len; /* characters at the end */
    size_t most;     /* bytes of a secret */
    size_t salt_len; /* characters, where a cost does not say it; 0: what
                        costs of another form are for */
    read_fn *read;
};

static const struct form forms[] = {
    {"$2b$", "bcrypt", 31, BCRYPT_MOST, BCRYPT_SALT, read_bcrypt},
    {"$2a$", "bcrypt", 31, BCRYPT_MOST, 0, read_bcrypt},
    {"$2y$", "bcrypt", 31, BCRYPT_MOST, 0, read_bcrypt},
    {"$y$", "yescrypt", 43, OTHERS_MOST, OTHERS_SALT, read_yescrypt},
    {"$gy$", "gost-yescrypt", 43, OTHERS_MOST, OTHERS_SALT, read_yescrypt},
    {"$7$", "scrypt", 43, OTHERS_MOST, OTHERS_SALT, read_scrypt},
    {"$6$", "sha512crypt", 86, OTHERS_MOST, SHA_SALT, read_sha},
    {"$5$", "sha256crypt", 43, OTHERS_MOST, SHA_SALT, read_sha},
};
enum { N_FORMS = sizeof(forms) / sizeof(forms[0]) };

/* Digits of crypt(3), and those of bcrypt, by their values. */
static const char digits[] =
    "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
static const char bcrypt_digits[] =
    "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

static const struct form *
find(const char *text)
{
    size_t i;

    for (i = 0; i < N_FORMS; i++) {
        if (strncmp(text, forms[i].prefix, strlen(forms[i].prefix)) == 0)
            return &forms[i];
    }
    return NULL;
}

static int
malformed(const struct form *form, struct errtext *why)
{
    return errtext_set(why, "the hash begins as one of %s and is none: it "
                            "was cut or changed",
                       form->name);
}

/* The value of a digit, or -1. */
static int
value(char digit)
{
    const char *at = digit != '\0' ? strchr(digits, digit) : NULL;

    return at != NULL ? (int)(at - digits) : -1;
}

static bool
are_digits(const char *at, size_t len)
{
    return len <= strlen(at) && strspn(at, digits) >= len;
}

const char *
foreign_crypt_form(const char *cost)
{
    const struct form *form = find(cost);

    return form != NULL ? form->name : "unknown";
}

long
foreign_crypt_check(const char *hash, char cost[FOREIGN_COST_MAX],
                    struct errtext *why)
{
    const struct form *form = find(hash);
    size_t begin, len = strlen(hash);

    if (form == NULL)
        return errtext_set(why, "the hash is not of a form that is known and "
                                "good enough: bcrypt, yescrypt, "
                                "gost-yescrypt, scrypt ($7$), sha512crypt, "
                                "sha256crypt, or PBKDF2 of Django or Hydra");
    begin = strlen(form->prefix);
    if (len < begin + form->hash_len
        || !are_digits(hash + len - form->hash_len, form->hash_len))
        return malformed(form, why);
    return form->read(form, hash + begin, len - begin - form->hash_len, cost,
                      why);
}

/* Bits that say nothing are zero: libcrypt would write it so. */
static bool
is_whole(char last, size_t step)
{
    return (size_t)(strchr(bcrypt_digits, last) - bcrypt_digits) % step == 0;
}

/* "NN$" and the salt: what is called $2a$ and $2y$ is the same work. */
static long
read_bcrypt(const struct form *form, const char *at, size_t len,
            char cost[FOREIGN_COST_MAX], struct errtext *why)
{
    int n;

    if (len != 3 + BCRYPT_SALT || at[0] < '0' || at[0] > '9' || at[1] < '0'
        || at[1] > '9' || at[2] != '$' || !are_digits(at + 3, BCRYPT_SALT)
        || !is_whole(at[2 + BCRYPT_SALT], 16)
        || !is_whole(at[len + form->hash_len - 1], 4))
        return malformed(form, why);
    n = (at[0] - '0') * 10 + at[1] - '0';
    if (n < 4)
        return malformed(form, why);
    if (n > BCRYPT_COST_MOST)
        return errtext_set(why, "bcrypt with cost %d would hold up every "
                                "wrong secret too long: the most is %d",
                           n, BCRYPT_COST_MOST);
    snprintf(cost, FOREIGN_COST_MAX, "$2b$%02d$", n);
    return ((long)BCRYPT_NS << n) / NS_PER_MS;
}

/* "rounds=N$", at will; the salt and "$". */
static long
read_sha(const struct form *form, const char *at, size_t len,
         char cost[FOREIGN_COST_MAX], struct errtext *why)
{
    static const char word[] = "rounds=";
    const char *end = at + len;
    long n = SHA_ROUNDS;

    if (len > sizeof(word) && strncmp(at, word, sizeof(word) - 1) == 0) {
        at += sizeof(word) - 1;
        for (n = 0; *at >= '0' && *at <= '9' && n <= SHA_ROUNDS_MOST; at++) {
            if (n == 0 && *at == '0')
                return malformed(form, why);
            n = n * 10 + *at - '0';
        }
        if (n > SHA_ROUNDS_MOST)
            return errtext_set(why, "%s with so many rounds would hold up "
                                    "every wrong secret too long: the most "
                                    "is %d",
                               form->name, SHA_ROUNDS_MOST);
        if (n < SHA_ROUNDS_LEAST || *at++ != '$')
            return malformed(form, why);
    }
    len = (size_t)(end - at);
    if (len < 2 || len > SHA_SALT + 1 || end[-1] != '$'
        || memchr(at, '$', len - 1) != NULL)
        return malformed(form, why);
    snprintf(cost, FOREIGN_COST_MAX, "%srounds=%ld$", form->prefix, n);
    foreign_salt_add(cost, len - 1, form->salt_len);
    return n * SHA_NS / NS_PER_MS;
}

/* Returns the bytes of N = 2 ^ log2, r and p, or -1: too few or too many. */
static long
check_scrypt(const struct form *form, int log2, long r, long p,
             struct errtext *why)
{
    long long bytes;

    if (log2 < 1 || r < 1 || p < 1)
        return malformed(form, why);
    if (log2 > 20 || r > SCRYPT_BYTES_MOST / 128 || p > 16)
        bytes = (long long)SCRYPT_BYTES_MOST + 1;
    else
        bytes = (128LL << log2) * r * p;
    if (bytes < SCRYPT_BYTES_LEAST)
        return errtext_set(why, "%s with so small parameters is too weak: "
                                "give the client a new secret",
                           form->name);
    if (bytes > SCRYPT_BYTES_MOST)
        return errtext_set(why, "%s with such parameters would hold up every "
                                "wrong secret: it takes over %d MB",
                           form->name, SCRYPT_BYTES_MOST >> 20);
    return (long)bytes;
}

/*
 * "j", N and r in a digit each, as crypt_gensalt(3) writes them; "$"; the
 * salt and "$".
 */
static long
read_yescrypt(const struct form *form, const char *at, size_t len,
              char cost[FOREIGN_COST_MAX], struct errtext *why)
{
    int log2, r;
    long bytes;

    if (len < 5 || at[0] != 'j' || at[3] != '$' || at[len - 1] != '$'
        || !are_digits(at + 4, len - 5))
        return errtext_set(why, "the hash is not one of %s with N and r "
                                "alone, as crypt_gensalt(3) writes it",
                           form->name);
    log2 = value(at[1]) + 1;
    r = value(at[2]) + 1;
    if (log2 > 48 || r > 48 || (len - 5) % 4 == 1
        || len - 5 > OTHERS_SALT_MOST)
        return malformed(form, why);
    bytes = check_scrypt(form, log2, r, 1, why);
    snprintf(cost, FOREIGN_COST_MAX, "%s%.4s", form->prefix, at);
    foreign_salt_add(cost, len - 5, form->salt_len);
    return bytes < 0 ? -1 : bytes * SCRYPT_NS / NS_PER_MS;
}

/* The lowest digit first; -1 when one is none. */
static long
read_number(const char *at)
{
    long n = 0;
    int i;

    for (i = NUMBER_LEN - 1; i >= 0; i--) {
        if (value(at[i]) < 0)
            return -1;
        n = n << 6 | value(at[i]);
    }
    return n;
}

/* N in a digit, r and p in five; the salt and "$". */
static long
read_scrypt(const struct form *form, const char *at, size_t len,
            char cost[FOREIGN_COST_MAX], struct errtext *why)
{
    const size_t begin = 1 + 2 * NUMBER_LEN;
    long bytes;

    if (len < begin + 2 || len > begin + OTHERS_SALT_MOST + 1
        || at[len - 1] != '$'
        || !are_digits(at + begin, len - begin - 1))
        return malformed(form, why);
    bytes = check_scrypt(form, value(at[0]), read_number(at + 1),
                         read_number(at + 1 + NUMBER_LEN), why);
    snprintf(cost, FOREIGN_COST_MAX, "%s%.11s", form->prefix, at);
    foreign_salt_add(cost, len - begin - 1, form->salt_len);
    return bytes < 0 ? -1 : bytes * 2 * SCRYPT_NS / NS_PER_MS;
}

/* All of the secret that the form takes, as text. */
static void
cut(const struct form *form, const char *secret, size_t len,
    char text[CRYPT_MAX_PASSPHRASE_SIZE])
{
    size_t i;

    if (len > form->most)
        len = form->most;
    for (i = 0; i < len; i++)
        text[i] = secret[i] != '\0' ? secret[i] : ' ';
    text[len] = '\0';
}

static int
run(const struct form *form, const char *hash, const char *secret, size_t len,
    char result[CRYPT_OUTPUT_SIZE], struct errtext *why)
{
    char text[CRYPT_MAX_PASSPHRASE_SIZE];
    struct crypt_data data;
    const char *made;

    memset(&data, 0, sizeof(data));
    cut(form, secret, len, text);
    made = crypt_rn(text, hash, &data, (int)sizeof(data));
    if (made != NULL)
        snprintf(result, CRYPT_OUTPUT_SIZE, "%s", made);
    else
        errtext_set(why, "libcrypt cannot make a hash of %s: %s", form->name,
                    errno == EINVAL ? "it does not take its salt"
                                    : strerror(errno));
    crypto_wipe(text, sizeof(text));
    crypto_wipe(&data, sizeof(data));
    return made != NULL ? 0 : -1;
}

int
foreign_crypt_verify(const char *hash, const char *secret, size_t len,
                     struct errtext *why)
{
    const struct form *form = find(hash);
    char cost[FOREIGN_COST_MAX], result[CRYPT_OUTPUT_SIZE];
    size_t hash_len = strlen(hash), begin;
    int rc = -1;

    if (foreign_crypt_check(hash, cost, why) < 0
        || run(form, hash, secret, len, result, why) != 0)
        return -1;
    begin = hash_len - form->hash_len;
    if (strlen(result) != hash_len || strncmp(result, hash, begin) != 0)
        errtext_set(why, "libcrypt makes another hash of this salt: it was "
                         "changed");
    else
        rc = crypto_equal(result + begin, hash + begin, form->hash_len)
             && len <= form->most && memchr(secret, '\0', len) == NULL;
    crypto_wipe(result, sizeof(result));
    return rc;
}

/* Make a hash of that cost.  Returns as foreign_crypt_check() does. */
static long
make_hash(const char *cost, char hash[FOREIGN_HASH_MAX + 1],
          struct errtext *why)
{
    const struct form *form = find(cost);
    size_t n = strcspn(cost, ","), salt_len;
    char again[FOREIGN_COST_MAX];
    long ms;

    if (form == NULL || form->salt_len == 0 || n >= sizeof(again)
        || foreign_salt_read(cost + n, form->salt_len, &salt_len) != 0)
        return errtext_set(why, "the cost of a hash is unknown: upgrade "
                                "ccgrant");
    memcpy(hash, cost, n);
    memset(hash + n, '.', salt_len);
    n += salt_len;
    if (form->read != read_bcrypt)
        hash[n++] = '$';
    memset(hash + n, '.', form->hash_len);
    hash[n + form->hash_len] = '\0';
    ms = foreign_crypt_check(hash, again, why);
    if (ms >= 0 && strcmp(cost, again) != 0)
        return errtext_set(why, "the cost of a hash is not as it is written "
                                "here");
    return ms;
}

int
foreign_crypt_waste(const char *cost, const char *secret, size_t len,
                    struct errtext *why)
{
    char hash[FOREIGN_HASH_MAX + 1], result[CRYPT_OUTPUT_SIZE];
    int rc;

    if (make_hash(cost, hash, why) < 0)
        return -1;
    rc = run(find(cost), hash, secret, len, result, why);
    crypto_wipe(result, sizeof(result));
    return rc;
}

long
foreign_crypt_ms(const char *cost)
{
    char hash[FOREIGN_HASH_MAX + 1];
    long ms = make_hash(cost, hash, NULL);

    return ms < 0 ? 0 : ms;
}
