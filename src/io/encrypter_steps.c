/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The steps of encryption.
 */

#include <limits.h>
#include <stdint.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include "io/crypto.h"
#include "io/encrypter_priv.h"
#include "io/keys_alg.h"

enum { BLOCK = 16, POINT_MAX = 1 + 2 * JWK_COORD_MAX };

bool
encrypter_public(struct jwk *jwk, enum jwk_type type, const EVP_PKEY *pkey)
{
    size_t width = jwk_width(type), len, want;
    unsigned char text[POINT_MAX];
    const unsigned char *x = text;

    memset(jwk, 0, sizeof(*jwk));
    jwk->type = type;
    want = type == JWK_X25519 ? width : 1 + 2 * width;
    if (EVP_PKEY_get_octet_string_param(pkey,
                                        OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY,
                                        text, sizeof(text), &len) != 1
        || len != want)
        return false;
    if (type != JWK_X25519) {
        x++; /* behind the 4 of an uncompressed point (SEC 1, 2.3.3) */
        memcpy(jwk->y, x + width, width);
    }
    memcpy(jwk->x, x, width);
    return true;
}

/* The peer was checked when it was loaded. */
size_t
encrypter_agree(EVP_PKEY *own, EVP_PKEY *peer,
                unsigned char shared[ENCRYPTER_SHARED_MAX])
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, own, NULL);
    size_t len = ENCRYPTER_SHARED_MAX;

    if (!ctx || EVP_PKEY_derive_init(ctx) != 1
        || EVP_PKEY_derive_set_peer_ex(ctx, peer, 0) != 1
        || EVP_PKEY_derive(ctx, shared, &len) != 1)
        len = 0;
    EVP_PKEY_CTX_free(ctx);
    return len;
}

bool
encrypter_derive(const unsigned char *shared, size_t shared_len,
                 const unsigned char *info, size_t info_len,
                 unsigned char *key, size_t len)
{
    unsigned char in[4 + ENCRYPTER_SHARED_MAX + JWE_INFO_MAX] = { 0 };
    unsigned char out[CRYPTO_SHA256_LEN];
    size_t done, n;

    if (shared_len > ENCRYPTER_SHARED_MAX || info_len > JWE_INFO_MAX)
        return false;
    memcpy(in + 4, shared, shared_len);
    memcpy(in + 4 + shared_len, info, info_len);
    for (done = 0; done < len; done += n) {
        in[3]++;
        crypto_sha256(in, 4 + shared_len + info_len, out);
        n = len - done < sizeof(out) ? len - done : sizeof(out);
        memcpy(key + done, out, n);
    }
    crypto_wipe(in, sizeof(in));
    crypto_wipe(out, sizeof(out));
    return true;
}

bool
encrypter_wrap(const unsigned char kek[32], const unsigned char *key,
               size_t len, unsigned char *out)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int n = 0;
    bool ok;

    if (!ctx)
        return false;
    EVP_CIPHER_CTX_set_flags(ctx, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
    ok = EVP_EncryptInit_ex(ctx, EVP_aes_256_wrap(), NULL, kek, NULL) == 1
         && EVP_EncryptUpdate(ctx, out, &n, key, (int)len) == 1
         && (size_t)n == len + 8;
    EVP_CIPHER_CTX_free(ctx);
    return ok;
}

/* Encrypt and finish; returns the bytes in out, or 0. */
static size_t
run(EVP_CIPHER_CTX *ctx, const void *in, size_t len, unsigned char *out)
{
    int n = 0, last = 0;

    if (EVP_EncryptUpdate(ctx, out, &n, in, (int)len) != 1
        || EVP_EncryptFinal_ex(ctx, out + n, &last) != 1)
        return 0;
    return (size_t)(n + last);
}

static size_t
run_gcm(EVP_CIPHER_CTX *ctx, enum jwe_enc enc, const unsigned char *cek,
        const unsigned char *iv, const void *aad, size_t aad_len,
        const void *in, size_t len, unsigned char *out, unsigned char *tag)
{
    const EVP_CIPHER *cipher = enc == JWE_A128GCM ? EVP_aes_128_gcm()
                                                  : EVP_aes_256_gcm();
    size_t done;
    int n;

    if (EVP_EncryptInit_ex(ctx, cipher, NULL, cek, iv) != 1
        || EVP_EncryptUpdate(ctx, NULL, &n, aad, (int)aad_len) != 1)
        return 0;
    done = run(ctx, in, len, out);
    if (EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, BLOCK, tag) != 1)
        return 0;
    return done;
}

/* RFC 7518, 5.2.2.1: the first half of the MAC of all, lengths included. */
static bool
add_mac(enum jwe_enc enc, const unsigned char *cek, const unsigned char *iv,
        const void *aad, size_t aad_len, const unsigned char *out, size_t len,
        unsigned char *tag)
{
    const struct keys_alg *kind =
        keys_alg(enc == JWE_A128CBC_HS256 ? JOSE_HS256 : JOSE_HS512);
    EVP_MAC_CTX *ctx = keys_alg_mac(kind, cek, jwe_cek_len(enc) / 2);
    unsigned char al[8], mac[KEYS_HASH_MAX];
    size_t i, n = 0;
    bool ok;

    for (i = 0; i < sizeof(al); i++)
        al[i] = (unsigned char)((uint64_t)aad_len * 8 >> (56 - 8 * i));
    ok = ctx && EVP_MAC_update(ctx, aad, aad_len) == 1
         && EVP_MAC_update(ctx, iv, BLOCK) == 1
         && EVP_MAC_update(ctx, out, len) == 1
         && EVP_MAC_update(ctx, al, sizeof(al)) == 1
         && EVP_MAC_final(ctx, mac, &n, sizeof(mac)) == 1
         && n / 2 == jwe_tag_len(enc);
    if (ok)
        memcpy(tag, mac, n / 2);
    crypto_wipe(mac, sizeof(mac));
    EVP_MAC_CTX_free(ctx);
    return ok;
}

static size_t
run_cbc(EVP_CIPHER_CTX *ctx, enum jwe_enc enc, const unsigned char *cek,
        const unsigned char *iv, const void *aad, size_t aad_len,
        const void *in, size_t len, unsigned char *out, unsigned char *tag)
{
    const EVP_CIPHER *cipher = enc == JWE_A128CBC_HS256 ? EVP_aes_128_cbc()
                                                        : EVP_aes_256_cbc();
    size_t done = 0;

    if (EVP_EncryptInit_ex(ctx, cipher, NULL, cek + jwe_cek_len(enc) / 2, iv)
        == 1)
        done = run(ctx, in, len, out);
    if (done > 0 && !add_mac(enc, cek, iv, aad, aad_len, out, done, tag))
        done = 0;
    return done;
}

size_t
encrypter_content(enum jwe_enc enc, const unsigned char *cek,
                  const unsigned char *iv, const void *aad, size_t aad_len,
                  const void *in, size_t len, unsigned char *out,
                  unsigned char tag[JWE_TAG_MAX])
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    bool is_gcm = jwe_iv_len(enc) != BLOCK;
    size_t done = 0;

    if (ctx && len <= INT_MAX - BLOCK && aad_len <= INT_MAX)
        done = (is_gcm ? run_gcm : run_cbc)(ctx, enc, cek, iv, aad, aad_len,
                                            in, len, out, tag);
    EVP_CIPHER_CTX_free(ctx);
    return done;
}
