/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * master.key, what it seals and what it keys.
 */

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include "core/alloc.h"
#include "core/b64.h"
#include "io/crypto.h"
#include "io/path.h"
#include "io/vault.h"

enum {
    KEY_LEN = 32, /* of master.key and of all that is derived from it */
    NONCE_LEN = 12,
    TAG_LEN = 16,
    SEAL_MAX = 1 << 20,
    SECRET_LEN = 32,
    DPOP_NONCE_LEN = 16, /* bytes, before base64url */
    STEP_LEN = 8,
    CHECKSUM_LEN = 4,
    SCRYPT_N = 1 << 14, /* RFC 7914, 2 */
    SCRYPT_R = 8,
    SCRYPT_P = 1,
    SCRYPT_MEMORY = 64 << 20,
};

static const char MASTER_KEY[] = "master.key";
static const char SECRET_PREFIX[] = "ccgs_";
enum { PREFIX_LEN = sizeof(SECRET_PREFIX) - 1 };
static const char LABEL_SEAL[] = "ccgrant v1 seal";
static const char LABEL_SECRET[] = "ccgrant v1 secret";
static const char LABEL_SALT[] = "ccgrant v1 scrypt salt";
static const char LABEL_NONCE[] = "ccgrant v1 dpop nonce";

struct vault {
    unsigned char seal_key[KEY_LEN];
    EVP_MAC_CTX *secret_mac; /* HMACs with their keys in them */
    EVP_MAC_CTX *salt_mac;
    EVP_MAC_CTX *nonce_mac;
};

static int read_master(unsigned char master[KEY_LEN], const char *dir,
                       struct errtext *why);
static int derive_all(struct vault *vault, const unsigned char *master,
                      struct errtext *why);
static EVP_MAC_CTX *derive_mac(const unsigned char *master, const char *label,
                               struct errtext *why);
static int derive(const unsigned char *master, size_t len, const char *label,
                  unsigned char *key, size_t key_len, struct errtext *why);

int
vault_create(const char *dir, struct errtext *why)
{
    char path[PATH_TEXT_MAX];
    unsigned char master[KEY_LEN];
    int rc = -1;

    if (path_join(path, dir, MASTER_KEY, why) == 0
        && crypto_random(master, sizeof(master), why) == 0)
        rc = path_write_new(path, 0600, master, sizeof(master), why);
    crypto_wipe(master, sizeof(master));
    return rc;
}

int
vault_open(struct vault **result, const char *dir, struct errtext *why)
{
    unsigned char master[KEY_LEN];
    int rc = read_master(master, dir, why);

    if (rc == 0)
        rc = vault_load(result, master, sizeof(master), why);
    crypto_wipe(master, sizeof(master));
    return rc;
}

int
vault_load(struct vault **result, const void *master, size_t len,
           struct errtext *why)
{
    struct vault *vault = alloc_zero(1, sizeof(*vault));

    if (len != KEY_LEN || derive_all(vault, master, why) < 0) {
        vault_close(vault);
        return len == KEY_LEN ? -1 : errtext_set(why, "a master.key has %d "
                                                 "bytes", KEY_LEN);
    }
    *result = vault;
    return 0;
}

static int
read_master(unsigned char master[KEY_LEN], const char *dir,
            struct errtext *why)
{
    char path[PATH_TEXT_MAX];
    unsigned char buf[2 * KEY_LEN];
    long n;

    if (path_join(path, dir, MASTER_KEY, why) < 0)
        return -1;
    if (access(path, F_OK) < 0 && errno == ENOENT)
        return errtext_set(why, "%s is missing: run \"ccgrant init\", or put "
                           "it back from a backup if there are clients",
                           path);
    if (path_is_secret(path, why) < 0)
        return -1;
    n = path_read(path, buf, sizeof(buf), why);
    if (n == KEY_LEN)
        memcpy(master, buf, KEY_LEN);
    else if (n >= 0)
        errtext_set(why, "%s has %ld bytes instead of %d: put back the file "
                    "that belongs to this state directory", path, n, KEY_LEN);
    crypto_wipe(buf, sizeof(buf));
    return n == KEY_LEN ? 0 : -1;
}

static int
derive_all(struct vault *vault, const unsigned char *master,
           struct errtext *why)
{
    if (derive(master, KEY_LEN, LABEL_SEAL, vault->seal_key, KEY_LEN, why) < 0)
        return -1;
    vault->secret_mac = derive_mac(master, LABEL_SECRET, why);
    if (!vault->secret_mac)
        return -1;
    vault->salt_mac = derive_mac(master, LABEL_SALT, why);
    if (!vault->salt_mac)
        return -1;
    vault->nonce_mac = derive_mac(master, LABEL_NONCE, why);
    return vault->nonce_mac ? 0 : -1;
}

/* An HMAC-SHA-256 with the key of that label, ready for hmac(). */
static EVP_MAC_CTX *
derive_mac(const unsigned char *master, const char *label,
           struct errtext *why)
{
    char digest[] = "SHA256";
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };
    unsigned char key[KEY_LEN];
    EVP_MAC *mac = NULL;
    EVP_MAC_CTX *ctx = NULL;

    if (derive(master, KEY_LEN, label, key, sizeof(key), why) < 0)
        goto done;
    mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    ctx = mac ? EVP_MAC_CTX_new(mac) : NULL;
    if (!ctx || EVP_MAC_init(ctx, key, sizeof(key), params) != 1) {
        crypto_fail(why, "cannot ready HMAC-SHA-256");
        EVP_MAC_CTX_free(ctx);
        ctx = NULL;
    }

done:
    EVP_MAC_free(mac);
    crypto_wipe(key, sizeof(key));
    return ctx;
}

/* HKDF-SHA-256 without a salt (RFC 5869, 2). */
static int
derive(const unsigned char *master, size_t len, const char *label,
       unsigned char *key, size_t key_len, struct errtext *why)
{
    char digest[] = "SHA256";
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY,
                                          (void *)(uintptr_t)master, len),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO,
                                          (void *)(uintptr_t)label,
                                          strlen(label)),
        OSSL_PARAM_construct_end(),
    };
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    EVP_KDF_CTX *ctx = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
    int rc = 0;

    if (!ctx || EVP_KDF_derive(ctx, key, key_len, params) != 1)
        rc = crypto_fail(why, "cannot derive a key from master.key");
    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);
    return rc;
}

/* AES-256-GCM with the key, the nonce and the name fed to it, or NULL. */
static EVP_CIPHER_CTX *
gcm_begin(const struct vault *vault, const char *name,
          const unsigned char *nonce, int sealing)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int n;

    if (!ctx
        || EVP_CipherInit_ex(ctx, EVP_aes_256_gcm(), NULL, vault->seal_key,
                             nonce, sealing) != 1
        || EVP_CipherUpdate(ctx, NULL, &n, (const unsigned char *)name,
                            (int)strlen(name)) != 1) {
        EVP_CIPHER_CTX_free(ctx);
        return NULL;
    }
    return ctx;
}

int
vault_seal(struct vault *vault, const char *name, const void *in, size_t len,
           unsigned char *out, struct errtext *why)
{
    unsigned char *body = out + NONCE_LEN;
    EVP_CIPHER_CTX *ctx = NULL;
    int n, rc = 0;

    if (len > SEAL_MAX)
        return errtext_set(why, "%zu bytes are too many to seal", len);
    if (crypto_random(out, NONCE_LEN, why) < 0)
        return -1;
    ctx = gcm_begin(vault, name, out, 1);
    if (!ctx || EVP_CipherUpdate(ctx, body, &n, in, (int)len) != 1
        || EVP_CipherFinal_ex(ctx, body + len, &n) != 1
        || EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG_LEN,
                               body + len) != 1)
        rc = crypto_fail(why, "cannot seal");
    EVP_CIPHER_CTX_free(ctx);
    return rc;
}

int
vault_unseal(struct vault *vault, const char *name, const unsigned char *in,
             size_t len, unsigned char *out, struct errtext *why)
{
    size_t body_len = len - VAULT_SEAL_EXTRA;
    unsigned char tag[TAG_LEN];
    EVP_CIPHER_CTX *ctx = NULL;
    int n, rc = 0;

    if (len < VAULT_SEAL_EXTRA || body_len > SEAL_MAX)
        return errtext_set(why, "%zu bytes are not a sealed value", len);
    memcpy(tag, in + NONCE_LEN + body_len, TAG_LEN);
    ctx = gcm_begin(vault, name, in, 0);
    if (!ctx
        || EVP_CipherUpdate(ctx, out, &n, in + NONCE_LEN, (int)body_len) != 1
        || EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG_LEN, tag) != 1
        || EVP_CipherFinal_ex(ctx, out + body_len, &n) != 1) {
        crypto_wipe(out, body_len);
        rc = crypto_fail(why, "cannot unseal: it was altered or moved, or "
                              "master.key is not the one it was sealed with");
    }
    EVP_CIPHER_CTX_free(ctx);
    return rc;
}

/* Put the prefix before and the checksum behind what stands there. */
static void
finish_secret(char *text, size_t n)
{
    unsigned char digest[CRYPTO_SHA256_LEN];

    memcpy(text, SECRET_PREFIX, PREFIX_LEN);
    n += PREFIX_LEN;
    crypto_sha256(text, n, digest);
    b64url_encode(digest, CHECKSUM_LEN, text + n);
    crypto_wipe(digest, sizeof(digest));
}

int
vault_new_secret(char text[VAULT_SECRET_TEXT_MAX], struct errtext *why)
{
    unsigned char secret[SECRET_LEN];

    if (crypto_random(secret, sizeof(secret), why) < 0)
        return -1;
    finish_secret(text, b64url_encode(secret, sizeof(secret),
                                      text + PREFIX_LEN));
    crypto_wipe(secret, sizeof(secret));
    return 0;
}

int
vault_new_hmac_secret(char text[VAULT_SECRET_TEXT_MAX], struct errtext *why)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char secret[SECRET_LEN];
    char *at = text + PREFIX_LEN;
    size_t i;

    if (crypto_random(secret, sizeof(secret), why) < 0)
        return -1;
    for (i = 0; i < sizeof(secret); i++) {
        *at++ = digits[secret[i] >> 4];
        *at++ = digits[secret[i] & 15];
    }
    finish_secret(text, 2 * sizeof(secret));
    crypto_wipe(secret, sizeof(secret));
    return 0;
}

/* HMAC over a and b with the key that ctx was made with. */
static int
hmac(EVP_MAC_CTX *ctx, const void *a, size_t a_len, const void *b,
     size_t b_len, unsigned char mac[VAULT_MAC_LEN], struct errtext *why)
{
    size_t n;

    if (EVP_MAC_init(ctx, NULL, 0, NULL) != 1
        || EVP_MAC_update(ctx, a, a_len) != 1
        || EVP_MAC_update(ctx, b, b_len) != 1
        || EVP_MAC_final(ctx, mac, &n, VAULT_MAC_LEN) != 1) {
        crypto_wipe(mac, VAULT_MAC_LEN);
        return crypto_fail(why, "cannot make an HMAC");
    }
    return 0;
}

int
vault_mac_secret(struct vault *vault, const char *client_id,
                 const char *secret, size_t len,
                 unsigned char mac[VAULT_MAC_LEN], struct errtext *why)
{
    /* The terminator of the id is the zero byte between the two. */
    return hmac(vault->secret_mac, client_id, strlen(client_id) + 1, secret,
                len, mac, why);
}

static int
scrypt(const char *secret, size_t len, const unsigned char *salt,
       size_t salt_len, unsigned char *out, size_t out_len,
       struct errtext *why)
{
    if (EVP_PBE_scrypt(secret, len, salt, salt_len, SCRYPT_N, SCRYPT_R,
                       SCRYPT_P, SCRYPT_MEMORY, out, out_len) != 1) {
        crypto_wipe(out, out_len);
        return crypto_fail(why, "cannot run scrypt");
    }
    return 0;
}

int
vault_scrypt_secret(struct vault *vault, const char *client_id,
                    const char *secret, size_t len,
                    unsigned char digest[VAULT_MAC_LEN], struct errtext *why)
{
    unsigned char salt[VAULT_MAC_LEN];
    int rc = -1;

    if (hmac(vault->salt_mac, client_id, strlen(client_id), "", 0, salt, why)
        == 0)
        rc = scrypt(secret, len, salt, sizeof(salt), digest, VAULT_MAC_LEN,
                    why);
    crypto_wipe(salt, sizeof(salt));
    return rc;
}

int
vault_nonce(struct vault *vault, int64_t step,
            char nonce[VAULT_NONCE_TEXT_MAX], struct errtext *why)
{
    unsigned char bytes[STEP_LEN], mac[VAULT_MAC_LEN];
    size_t i;

    for (i = 0; i < STEP_LEN; i++)
        bytes[i] = (unsigned char)((uint64_t)step >> 8 * (STEP_LEN - 1 - i));
    if (hmac(vault->nonce_mac, bytes, sizeof(bytes), "", 0, mac, why) < 0)
        return -1;
    b64url_encode(mac, DPOP_NONCE_LEN, nonce);
    crypto_wipe(mac, sizeof(mac));
    return 0;
}

void
vault_close(struct vault *vault)
{
    if (!vault)
        return;
    EVP_MAC_CTX_free(vault->secret_mac);
    EVP_MAC_CTX_free(vault->salt_mac);
    EVP_MAC_CTX_free(vault->nonce_mac);
    crypto_wipe(vault, sizeof(*vault));
    free(vault);
}
