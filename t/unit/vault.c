/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * master.key and what is derived from it.  The file itself is included, for
 * the RFCs' vectors of the two derivations inside it.
 */

#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>

#include "io/vault.c" /* first: it brings its own headers */
#include "../lib/tap.h"

enum { TEXT_MAX = 128 };

static const char SECRET[] = "correct horse battery staple";

static struct errtext why;

static void
to_hex(const unsigned char *in, size_t len, char *out)
{
    for (*out = '\0'; len > 0; len--, in++, out += 2)
        snprintf(out, 3, "%02x", *in);
}

static void
check_vectors(void)
{
    unsigned char ikm[22], out[64];
    char hex[2 * sizeof(out) + 1];

    memset(ikm, 0x0b, sizeof(ikm));
    derive(ikm, sizeof(ikm), "", out, 42, &why);
    to_hex(out, 42, hex);
    tap_is_str("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f"
               "3c738d2d9d201395faa4b61a96c8", hex,
               "HKDF as in RFC 5869, A.3");
    scrypt("pleaseletmein", 13, (const unsigned char *)"SodiumChloride", 14,
           out, sizeof(out), &why);
    to_hex(out, sizeof(out), hex);
    tap_is_str("7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545d"
               "a1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b"
               "45575887", hex, "scrypt as in RFC 7914, 12");
}

static void
write_master(const char *dir, size_t len, mode_t mode)
{
    char path[PATH_TEXT_MAX];
    char bytes[64] = "0123456789abcdef0123456789abcdef0123456789abcdef";
    FILE *file;

    path_join(path, dir, MASTER_KEY, NULL);
    unlink(path);
    file = fopen(path, "w");
    if (!file)
        abort();
    fwrite(bytes, 1, len, file);
    fclose(file);
    chmod(path, mode);
}

static void
check_refusals(const char *dir)
{
    static const struct {
        const char *sentence;
        size_t len;
        mode_t mode;
        const char *reason; /* part of it */
    } rows[] = {
        { "an empty file is refused", 0, 0600, "has 0 bytes" },
        { "a byte too few is refused", 31, 0600, "has 31 bytes" },
        { "a byte too many is refused", 33, 0600, "has 33 bytes" },
        { "a bit for the group is refused", 32, 0640, "chmod 600" },
        { "a bit for others is refused", 32, 0604, "chmod 600" },
    };
    struct vault *vault = NULL;
    char path[PATH_TEXT_MAX];
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        write_master(dir, rows[i].len, rows[i].mode);
        tap_is_int(-1, vault_open(&vault, dir, &why), "%s", rows[i].sentence);
        tap_ok(strstr(why.text, rows[i].reason) && strstr(why.text, dir),
               "and the reason says: %s", rows[i].reason);
    }
    path_join(path, dir, MASTER_KEY, &why);
    unlink(path);
    tap_is_int(-1, vault_open(&vault, dir, &why), "no file is refused");
    tap_ok(strstr(why.text, "ccgrant init"), "and the cure is named");
    if (symlink("/dev/zero", path) == 0)
        tap_is_int(-1, vault_open(&vault, dir, &why),
                   "a symbolic link is refused");
    unlink(path);
    if (mkdir(path, 0700) == 0)
        tap_is_int(-1, vault_open(&vault, dir, &why),
                   "a directory is refused");
    rmdir(path);
    tap_ok(vault == NULL, "nothing came of any of them");
}

/* The vault that all after it use. */
static struct vault *
check_create(const char *dir)
{
    struct vault *vault = NULL;
    char path[PATH_TEXT_MAX];
    struct stat st = { 0 };

    path_join(path, dir, MASTER_KEY, &why);
    tap_is_int(0, vault_create(dir, &why), "master.key is made");
    stat(path, &st);
    tap_ok(S_ISREG(st.st_mode) && (st.st_mode & 0777) == 0600
           && st.st_size == 32, "it has 32 bytes for its owner alone");
    tap_is_int(-1, vault_create(dir, &why), "it is not made twice");
    tap_is_int(-1, vault_create("/nonexistent/dir", &why),
               "it is not made in a missing directory");
    tap_is_int(0, vault_open(&vault, dir, &why), "it is read");
    return vault;
}

static void
check_seal(struct vault *vault)
{
    unsigned char sealed[sizeof(SECRET) + VAULT_SEAL_EXTRA];
    unsigned char again[sizeof(sealed)], out[sizeof(SECRET)];

    tap_is_int(0, vault_seal(vault, "key1", SECRET, sizeof(SECRET), sealed,
                             &why), "a value is sealed");
    tap_ok(!memmem(sealed, sizeof(sealed), SECRET, 7), "it cannot be seen");
    vault_seal(vault, "key1", SECRET, sizeof(SECRET), again, &why);
    tap_ok(memcmp(sealed, again, sizeof(sealed)) != 0
           && memcmp(sealed, again, NONCE_LEN) != 0,
           "sealed again it is another, with another nonce");
    tap_is_int(0, vault_unseal(vault, "key1", sealed, sizeof(sealed), out,
                               &why), "it is unsealed");
    tap_is_mem(SECRET, sizeof(SECRET), out, sizeof(out), "to what it was");
    tap_is_int(0, vault_seal(vault, "", "", 0, sealed, &why),
               "nothing is sealed under no name");
    tap_is_int(0, vault_unseal(vault, "", sealed, VAULT_SEAL_EXTRA, out,
                               &why), "and unsealed");
    tap_is_int(-1, vault_unseal(vault, "x", sealed, VAULT_SEAL_EXTRA, out,
                                &why), "but not under a name");
    tap_is_int(-1, vault_seal(vault, "x", "", (size_t)SEAL_MAX + 1, sealed,
                              &why), "too much is refused");
}

static bool
is_refused_and_wiped(struct vault *vault, const char *name,
                     const unsigned char *sealed, size_t len)
{
    unsigned char out[sizeof(SECRET)], zero[sizeof(SECRET)] = { 0 };
    size_t out_len = len > VAULT_SEAL_EXTRA ? len - VAULT_SEAL_EXTRA : 0;

    memset(out, 0x55, sizeof(out));
    return vault_unseal(vault, name, sealed, len, out, &why) == -1
           && memcmp(out, zero, out_len) == 0;
}

static void
check_unseal(struct vault *vault, struct vault *other)
{
    unsigned char sealed[sizeof(SECRET) + VAULT_SEAL_EXTRA];
    size_t i, taken = 0;

    vault_seal(vault, "key1", SECRET, sizeof(SECRET), sealed, &why);
    tap_ok(is_refused_and_wiped(vault, "key2", sealed, sizeof(sealed)),
           "another name is refused, and the output wiped");
    tap_ok(strstr(why.text, "cannot unseal"), "the reason says so");
    tap_ok(is_refused_and_wiped(vault, "key", sealed, sizeof(sealed)),
           "a shorter name is refused");
    tap_ok(is_refused_and_wiped(vault, "", sealed, sizeof(sealed)),
           "no name is refused");
    tap_ok(is_refused_and_wiped(other, "key1", sealed, sizeof(sealed)),
           "another master.key is refused");
    for (i = 0; i < 8 * sizeof(sealed); i++) {
        sealed[i / 8] ^= (unsigned char)(1 << i % 8);
        taken += !is_refused_and_wiped(vault, "key1", sealed, sizeof(sealed));
        sealed[i / 8] ^= (unsigned char)(1 << i % 8);
    }
    tap_is_int(0, (long long)taken, "every altered bit is refused");
    for (i = 0; i < sizeof(sealed); i++)
        taken += !is_refused_and_wiped(vault, "key1", sealed, i);
    tap_is_int(0, (long long)taken, "every shorter value is refused");
    tap_ok(!is_refused_and_wiped(vault, "key1", sealed, sizeof(sealed)),
           "the value itself is not");
}

typedef int make_fn(char *, struct errtext *);

/* What holds for both kinds of secrets; body: the characters of their bits. */
static void
check_new_secret(make_fn *make, const char *kind, size_t body,
                 const char *characters)
{
    char a[VAULT_SECRET_TEXT_MAX], b[VAULT_SECRET_TEXT_MAX];
    unsigned char digest[CRYPTO_SHA256_LEN], sum[CHECKSUM_LEN];

    tap_is_int(0, make(a, &why), "%s: a secret is made", kind);
    tap_is_int(0, make(b, &why), "%s: and another", kind);
    tap_ok(strcmp(a, b) != 0, "%s: they differ", kind);
    tap_is_int((long long)(5 + body + 6), (long long)strlen(a),
               "%s: its length", kind);
    tap_ok(strncmp(a, "ccgs_", 5) == 0, "%s: its prefix is ccgs_", kind);
    tap_ok(strspn(a + 5, characters) >= body,
               "%s: nothing else is in its body", kind);
    crypto_sha256(a, 5 + body, digest);
    tap_is_int(CHECKSUM_LEN, b64url_decode(a + 5 + body, 6, sum, sizeof(sum)),
               "%s: its end is base64url", kind);
    tap_is_mem(digest, CHECKSUM_LEN, sum, sizeof(sum),
               "%s: of the checksum of all before", kind);
}

static void
check_new_secrets(void)
{
    static const char unreserved[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    char text[VAULT_SECRET_TEXT_MAX];

    check_new_secret(vault_new_secret, "plain", 43, unreserved);
    check_new_secret(vault_new_hmac_secret, "for HMAC", 64,
                     "0123456789abcdef");
    vault_new_hmac_secret(text, &why);
    tap_is_int((long long)strlen(text), (long long)strspn(text, unreserved),
               "all of it is unreserved");
    tap_ok(strlen(text) >= 64, "it can key HMAC with SHA-512");
}

typedef int stored_fn(struct vault *, const char *, const char *, size_t,
                      unsigned char *, struct errtext *);

/* What holds for both stored forms. */
static void
check_stored(stored_fn *stored, const char *form, struct vault *vault,
             struct vault *other)
{
    static const struct {
        const char *sentence;
        const char *id;
        const char *secret;
        size_t len;
        bool equal;
    } rows[] = {
        { "the same again is the same", "id", "secret", 6, true },
        { "another secret differs", "id", "secreu", 6, false },
        { "another id differs", "ie", "secret", 6, false },
        { "a shorter secret differs", "id", "secret", 5, false },
        { "a longer secret differs", "id", "secrets", 7, false },
        { "no secret differs", "id", "", 0, false },
        { "no id differs", "", "secret", 6, false },
        { "id and secret do not run together", "ids", "ecret", 5, false },
    };
    unsigned char first[VAULT_MAC_LEN], again[VAULT_MAC_LEN];
    size_t i;

    tap_is_int(0, stored(vault, "id", "secret", 6, first, &why), "%s is made",
               form);
    for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        stored(vault, rows[i].id, rows[i].secret, rows[i].len, again, &why);
        tap_ok((memcmp(first, again, sizeof(first)) == 0) == rows[i].equal,
               "%s: %s", form, rows[i].sentence);
    }
    stored(other, "id", "secret", 6, again, &why);
    tap_ok(memcmp(first, again, sizeof(first)) != 0,
           "%s: another master.key differs", form);
}

static void
check_nonces(struct vault *vault, struct vault *other)
{
    static const struct {
        const char *sentence;
        int64_t step;
        bool equal;
    } rows[] = {
        { "the same again is the same", 30000000, true },
        { "the step after it differs", 30000001, false },
        { "the step before it differs", 29999999, false },
        { "the step 2^32 after it differs",
          30000000 + (INT64_C(1) << 32), false },
        { "step 0 differs", 0, false },
        { "a step before 1970 differs", -30000000, false },
        { "the greatest step differs", INT64_MAX, false },
    };
    char first[VAULT_NONCE_TEXT_MAX], again[VAULT_NONCE_TEXT_MAX];
    unsigned char bytes[VAULT_NONCE_TEXT_MAX];
    size_t i;

    tap_is_int(0, vault_nonce(vault, 30000000, first, &why),
               "a nonce is made");
    tap_is_int(16, b64url_decode(first, strlen(first), bytes, sizeof(bytes)),
               "nonce: it is 128 bits in base64url");
    for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        vault_nonce(vault, rows[i].step, again, &why);
        tap_ok((strcmp(first, again) == 0) == rows[i].equal, "nonce: %s",
               rows[i].sentence);
    }
    vault_nonce(other, 30000000, again, &why);
    tap_ok(strcmp(first, again) != 0, "nonce: another master.key differs");
}

/*
 * A stored form may not change from one release to the next, nor may a nonce
 * between hosts of two releases.
 */
static void
check_known(const char *dir)
{
    static const unsigned char sealed[] = {
        0x6e, 0x6f, 0x6e, 0x63, 0x65, 0x2d, 0x6f, 0x66, 0x2d, 0x31, 0x32,
        0x62, 0xc9, 0xd3, 0x72, 0x2d, 0xdd, 0x35, 0xbe, 0xcd, 0xad, 0x85,
        0xae, 0x99, 0x8c, 0x50, 0xfb, 0x9e, 0x73, 0x0f, 0xe2, 0x10, 0xa2,
    };
    struct vault *vault = NULL;
    unsigned char mac[VAULT_MAC_LEN];
    char hex[TEXT_MAX], out[sizeof(sealed)] = "";
    char nonce[VAULT_NONCE_TEXT_MAX] = "";

    write_master(dir, KEY_LEN, 0600);
    tap_is_int(0, vault_open(&vault, dir, &why), "a known key is read");
    if (!vault)
        return;
    vault_mac_secret(vault, "id", "secret", 6, mac, &why);
    to_hex(mac, sizeof(mac), hex);
    tap_is_str("f9a62044533670d5fcce399ad9d632a2"
               "51742405c689cd0ee986a2ede94ffbef", hex,
               "its MAC is the known one");
    vault_scrypt_secret(vault, "id", "secret", 6, mac, &why);
    to_hex(mac, sizeof(mac), hex);
    tap_is_str("a2ff8ef876d599047993660a03a3acb7"
               "d6411b700e7eac86dd67155ca40653e6", hex,
               "its scrypt is the known one");
    vault_nonce(vault, 30000000, nonce, &why);
    tap_is_str("NDQnsJglay3QbAyj_qHqXQ", nonce, "its nonce is the known one");
    tap_is_int(0, vault_unseal(vault, "name", sealed, sizeof(sealed),
                               (unsigned char *)out, &why),
               "a known value is unsealed");
    tap_is_str("value", out, "to what it was");
    vault_close(vault);
}

int
main(void)
{
    char dir[] = "/tmp/ccgrant-vault-XXXXXX", path[PATH_TEXT_MAX];
    struct vault *vault, *other = NULL;

    if (crypto_init(&why) < 0 || !mkdtemp(dir))
        return 1;
    path_join(path, dir, MASTER_KEY, &why);
    check_vectors();
    check_refusals(dir);
    check_known(dir);
    vault_open(&other, dir, &why);
    unlink(path);
    vault = check_create(dir);
    if (vault && other) {
        check_seal(vault);
        check_unseal(vault, other);
        check_new_secrets();
        check_nonces(vault, other);
        check_stored(vault_mac_secret, "MAC", vault, other);
        check_stored(vault_scrypt_secret, "scrypt", vault, other);
    }
    vault_close(vault);
    vault_close(other);
    vault_close(NULL);
    unlink(path);
    rmdir(dir);
    return tap_done();
}
