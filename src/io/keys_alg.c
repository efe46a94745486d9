/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The algorithms, as OpenSSL knows them.
 */

#include <stdint.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rsa.h>

#include "io/keys_alg.h"

static const struct keys_alg algs[JOSE__MAX] = {
    [JOSE_ES256] = { JWK_P256, "EC", "prime256v1", "SHA256", 32, 32, 0 },
    [JOSE_ES384] = { JWK_P384, "EC", "secp384r1", "SHA384", 48, 48, 0 },
    [JOSE_RS256] = { JWK_RSA, "RSA", NULL, "SHA256", 32, 0,
                     RSA_PKCS1_PADDING },
    [JOSE_PS256] = { JWK_RSA, "RSA", NULL, "SHA256", 32, 0,
                     RSA_PKCS1_PSS_PADDING },
    [JOSE_EDDSA] = { JWK_ED25519, "ED25519", NULL, NULL, 0, 32, 0 },
    [JOSE_ES512] = { JWK_P521, "EC", "secp521r1", "SHA512", 64, 66, 0 },
    [JOSE_RS384] = { JWK_RSA, "RSA", NULL, "SHA384", 48, 0,
                     RSA_PKCS1_PADDING },
    [JOSE_RS512] = { JWK_RSA, "RSA", NULL, "SHA512", 64, 0,
                     RSA_PKCS1_PADDING },
    [JOSE_PS384] = { JWK_RSA, "RSA", NULL, "SHA384", 48, 0,
                     RSA_PKCS1_PSS_PADDING },
    [JOSE_PS512] = { JWK_RSA, "RSA", NULL, "SHA512", 64, 0,
                     RSA_PKCS1_PSS_PADDING },
    [JOSE_HS256] = { 0, NULL, NULL, "SHA256", 32, 0, 0 },
    [JOSE_HS384] = { 0, NULL, NULL, "SHA384", 48, 0, 0 },
    [JOSE_HS512] = { 0, NULL, NULL, "SHA512", 64, 0, 0 },
};

const struct keys_alg *
keys_alg(enum jose_alg alg)
{
    return alg != JOSE_NONE && (unsigned)alg < JOSE__MAX ? &algs[alg] : NULL;
}

enum jose_alg
keys_alg_usual(enum jwk_type type)
{
    int alg;

    for (alg = JOSE_NONE + 1; alg < JOSE__MAX; alg++)
        if (algs[alg].key == type)
            return (enum jose_alg)alg;
    return JOSE_NONE;
}

static void
group_name(const EVP_PKEY *pkey, char name[32])
{
    if (EVP_PKEY_get_group_name(pkey, name, 32, NULL) != 1)
        *name = '\0';
}

enum jwk_type
keys_alg_type(const EVP_PKEY *pkey)
{
    char group[32];
    int alg;

    group_name(pkey, group);
    for (alg = JOSE_NONE + 1; alg < JOSE__MAX; alg++)
        if (algs[alg].type && EVP_PKEY_is_a(pkey, algs[alg].type)
            && (!algs[alg].group || strcmp(group, algs[alg].group) == 0))
            return algs[alg].key;
    return 0;
}

int
keys_alg_check(const struct keys_alg *kind, const EVP_PKEY *pkey,
               struct errtext *why)
{
    enum { LEAST = 8 * JWK_RSA_LEAST, MOST = 8 * JWK_RSA_MAX };
    int bits = EVP_PKEY_get_bits(pkey);
    char group[32];

    if (!EVP_PKEY_is_a(pkey, kind->type))
        return errtext_set(why, "a key of another kind than %s", kind->type);
    if (kind->key == JWK_RSA && (bits < LEAST || bits > MOST))
        return errtext_set(why, "an RSA key of %d bits, not of %d to %d", bits,
                           LEAST, MOST);
    group_name(pkey, group);
    if (kind->group && strcmp(group, kind->group) != 0)
        return errtext_set(why, "a key on the curve \"%s\", not on \"%s\"",
                           group, kind->group);
    return 0;
}

EVP_PKEY_CTX *
keys_alg_ctx(const struct keys_alg *kind, EVP_PKEY *pkey, const EVP_MD *md,
             keys_alg_begin_fn *begin)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
    bool ok = ctx && begin(ctx) == 1;

    if (ok && kind->padding)
        ok = EVP_PKEY_CTX_set_rsa_padding(ctx, kind->padding) == 1
             && EVP_PKEY_CTX_set_signature_md(ctx, md) == 1;
    if (ok && kind->padding == RSA_PKCS1_PSS_PADDING)
        ok = EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, md) == 1
             && EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, (int)kind->hash) == 1;
    if (ok)
        return ctx;
    EVP_PKEY_CTX_free(ctx);
    return NULL;
}

EVP_MAC_CTX *
keys_alg_mac(const struct keys_alg *kind, const void *secret, size_t len)
{
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
                                         (char *)(uintptr_t)kind->md, 0),
        OSSL_PARAM_construct_end(),
    };
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *ctx = mac ? EVP_MAC_CTX_new(mac) : NULL;

    if (ctx && EVP_MAC_init(ctx, secret, len, params) != 1) {
        EVP_MAC_CTX_free(ctx);
        ctx = NULL;
    }
    EVP_MAC_free(mac);
    return ctx;
}

bool
keys_alg_mac_run(EVP_MAC_CTX *ctx, const void *in, size_t len,
                 unsigned char mac[KEYS_HASH_MAX])
{
    size_t n;

    return EVP_MAC_init(ctx, NULL, 0, NULL) == 1
           && EVP_MAC_update(ctx, in, len) == 1
           && EVP_MAC_final(ctx, mac, &n, KEYS_HASH_MAX) == 1;
}
