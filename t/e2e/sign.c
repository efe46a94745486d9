/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Signs what a test says, however wrong: it knows no JSON and nothing of the
 * code under test.
 *
 * Each line of the input is "KEYFILE ALG TEXT" and is answered by the line
 * "TEXT.SIGNATURE".  KEYFILE is a private key in PEM, or, with an HMAC, a file
 * whose bytes are the secret.  ALG is a name of RFC 7518 or RFC 8037 and says
 * how to sign, whether or not the key is meant for that; HS1, RS1 and ES256K
 * are known too.  After a slash: the length of the PSS salt, or "der" for an
 * ECDSA signature that is left as OpenSSL makes it.
 */

#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SECRET_MAX = 4096, /* bytes of an HMAC secret */
    SIG_MAX = 1024,    /* bytes */
    KEYS_MAX = 64,     /* files that are kept */
};

struct key {
    char *file;
    EVP_PKEY *pkey; /* or NULL: the bytes count */
    unsigned char bytes[SECRET_MAX];
    size_t len;
};

static struct key keys[KEYS_MAX];

static void __attribute__((noreturn))
die(const char *what, const char *which)
{
    (void)fprintf(stderr, "sign: %s: %s\n", what, which);
    ERR_print_errors_fp(stderr);
    exit(1);
}

static void
read_key(struct key *key, const char *file)
{
    FILE *in = fopen(file, "rb");

    if (in == NULL)
        die("cannot open", file);
    key->file = strdup(file);
    key->len = fread(key->bytes, 1, sizeof(key->bytes), in);
    rewind(in);
    key->pkey = PEM_read_PrivateKey(in, NULL, NULL, NULL);
    ERR_clear_error();
    (void)fclose(in);
}

static struct key *
find_key(const char *file)
{
    struct key *key = keys;

    while (key < keys + KEYS_MAX && key->file != NULL) {
        if (strcmp(key->file, file) == 0)
            return key;
        key++;
    }
    if (key == keys + KEYS_MAX)
        die("too many key files", file);
    read_key(key, file);
    return key;
}

/* The hash of an algorithm; NULL for those that have none. */
static const EVP_MD *
hash_of(const char *alg)
{
    if (strncmp(alg, "Ed", 2) == 0)
        return NULL;
    if (strncmp(alg + 2, "256", 3) == 0)
        return EVP_sha256();
    if (strncmp(alg + 2, "384", 3) == 0)
        return EVP_sha384();
    if (strncmp(alg + 2, "512", 3) == 0)
        return EVP_sha512();
    if (strncmp(alg + 2, "1", 1) == 0)
        return EVP_sha1();
    die("unknown algorithm", alg);
}

static size_t
sign_hmac(const struct key *key, const char *alg, const char *text,
          unsigned char sig[SIG_MAX])
{
    unsigned int len = 0;

    if (HMAC(hash_of(alg), key->bytes, (int) key->len,
             (const unsigned char *) text, strlen(text), sig, &len) == NULL)
        die("cannot sign", alg);
    return len;
}

/* R || S, each as wide as the order of the curve (RFC 7518, 3.4). */
static size_t
join_ecdsa(const EVP_PKEY *pkey, unsigned char sig[SIG_MAX], size_t len)
{
    const unsigned char *at = sig;
    ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &at, (long) len);
    int width = (EVP_PKEY_get_bits(pkey) + 7) / 8;

    if (pair == NULL
        || BN_bn2binpad(ECDSA_SIG_get0_r(pair), sig, width) != width
        || BN_bn2binpad(ECDSA_SIG_get0_s(pair), sig + width, width) != width)
        die("no ECDSA signature", "of its own");
    ECDSA_SIG_free(pair);
    return 2 * (size_t) width;
}

static void
set_pss(EVP_PKEY_CTX *ctx, const char *alg)
{
    const char *salt = strchr(alg, '/');
    int len = salt == NULL ? RSA_PSS_SALTLEN_DIGEST
                           : (int) strtol(salt + 1, NULL, 10);

    if (EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) <= 0
        || EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, len) <= 0)
        die("cannot sign", alg);
}

static size_t
sign_key(const struct key *key, const char *alg, const char *text,
         unsigned char sig[SIG_MAX])
{
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    EVP_PKEY_CTX *ctx = NULL;
    size_t len = SIG_MAX;

    if (key->pkey == NULL)
        die("no private key", key->file);
    if (EVP_DigestSignInit(md, &ctx, hash_of(alg), NULL, key->pkey) <= 0)
        die("cannot sign", alg);
    if (strncmp(alg, "PS", 2) == 0)
        set_pss(ctx, alg);
    if (EVP_DigestSign(md, sig, &len, (const unsigned char *) text,
                       strlen(text)) <= 0)
        die("cannot sign", alg);
    EVP_MD_CTX_free(md);
    if (strncmp(alg, "ES", 2) == 0 && strstr(alg, "/der") == NULL)
        len = join_ecdsa(key->pkey, sig, len);
    return len;
}

static void
write_base64url(const unsigned char *bytes, size_t len)
{
    unsigned char text[SIG_MAX * 4 / 3 + 8];
    int i, n = EVP_EncodeBlock(text, bytes, (int) len);

    for (i = 0; i < n && text[i] != '='; i++)
        putchar(text[i] == '+' ? '-' : text[i] == '/' ? '_' : text[i]);
}

static void
answer(char *line)
{
    char *alg = strchr(line, ' ');
    char *text = alg == NULL ? NULL : strchr(alg + 1, ' ');
    unsigned char sig[SIG_MAX];
    struct key *key;
    size_t len;

    if (text == NULL)
        die("no KEYFILE ALG TEXT", line);
    *alg++ = '\0';
    *text++ = '\0';
    key = find_key(line);
    len = strncmp(alg, "HS", 2) == 0 ? sign_hmac(key, alg, text, sig)
                                     : sign_key(key, alg, text, sig);
    (void)fputs(text, stdout);
    putchar('.');
    write_base64url(sig, len);
    putchar('\n');
}

int
main(void)
{
    char *line = NULL;
    size_t cap = 0;
    ssize_t len;
    struct key *key;

    while ((len = getline(&line, &cap, stdin)) > 0) {
        if (line[len - 1] == '\n')
            line[len - 1] = '\0';
        answer(line);
        (void)fflush(stdout);
    }
    free(line);
    for (key = keys; key < keys + KEYS_MAX; key++) {
        EVP_PKEY_free(key->pkey);
        free(key->file);
    }
    return 0;
}
