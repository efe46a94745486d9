/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Encrypting signed tokens: first the key of the content reaches the
 * recipient, then the content follows.
 */

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "core/alloc.h"
#include "io/crypto.h"
#include "io/encrypter.h"
#include "io/encrypter_priv.h"
#include "io/keys.h"
#include "io/path.h"
#include "io/verifier_priv.h"

enum { KEK_LEN = 32 };

/* A key of the recipient, ready. */
struct recipient {
    struct jwe_key key;
    EVP_PKEY *pkey;
    EVP_PKEY_CTX *seal; /* of RSA, used again for each token */
};

struct encrypter {
    enum jwe_enc enc;
    size_t n;
    struct recipient recipients[JWK_SET_MAX];
};

/* What is made for one token. */
struct letter {
    char header[JWE_HEADER_MAX];
    size_t header_len;
    unsigned char cek[JWE_CEK_MAX];
    unsigned char wrapped[JWE_WRAPPED_MAX];
    size_t wrapped_len;
};

static int load_pem(struct encrypter *encrypter, const char *text, size_t len,
                    enum jwe_alg alg, struct errtext *why);
static int load_keys(struct encrypter *encrypter, const char *text,
                     size_t len, enum jwe_alg alg, struct errtext *why);
static int add(struct encrypter *encrypter, const struct jwe_key *key,
               struct errtext *why);
static struct recipient *find(struct encrypter *encrypter, int64_t now,
                              struct errtext *why);
static bool send_key(const struct encrypter *encrypter,
                     struct recipient *to, struct letter *letter,
                     struct jwk *epk);
static int write_all(const struct encrypter *encrypter,
                     const struct letter *letter, const unsigned char *iv,
                     const char *jwt, size_t len, char *jwe,
                     struct errtext *why);

int
encrypter_read(struct encrypter **encrypter, const char *file,
               enum jwe_alg alg, enum jwe_enc enc, struct errtext *why)
{
    char *text = alloc_bytes(JWK_SET_TEXT_MAX + 1);
    long len;
    int rc = -1;

    len = path_read(file, text, JWK_SET_TEXT_MAX, why);
    if (len >= 0) {
        rc = encrypter_load(encrypter, text, (size_t)len, alg, enc, why);
        if (rc < 0)
            errtext_context(why, "%.200s", file);
        crypto_wipe(text, (size_t)len); /* it may be a private key */
    }
    free(text);
    return rc;
}

int
encrypter_load(struct encrypter **result, const char *text, size_t len,
               enum jwe_alg alg, enum jwe_enc enc, struct errtext *why)
{
    struct encrypter *encrypter = alloc_zero(1, sizeof(*encrypter));
    char *copy = alloc_part(text, len);
    int rc;

    encrypter->enc = enc;
    rc = (strstr(copy, "-----BEGIN ") ? load_pem : load_keys)(
        encrypter, copy, len, alg, why);
    crypto_wipe(copy, len);
    free(copy);
    if (rc == 0) {
        *result = encrypter;
        return 0;
    }
    encrypter_free(encrypter);
    return -1;
}

static int
load_pem(struct encrypter *encrypter, const char *text, size_t len,
         enum jwe_alg alg, struct errtext *why)
{
    const char *first = strstr(text, "-----BEGIN ");
    struct jwe_key key;
    struct jwk jwk;

    if (strstr(text, "PRIVATE KEY-----"))
        return errtext_set(why, "there is a private key in it: put the "
                                "resource's public key alone there (openssl "
                                "pkey -pubout), and make a new one if this "
                                "one was shown");
    if (strstr(text, "-----BEGIN CERTIFICATE"))
        return errtext_set(why, "it is a certificate: put its public key "
                                "there (openssl x509 -pubkey -noout)");
    if (strstr(first + 1, "-----BEGIN "))
        return errtext_set(why, "there is more than one key in it: a file in "
                                "PEM holds one");
    if (keys_read_public(&jwk, text, len, why) != 0
        || jwe_key_take(&key, &jwk, alg, why) != 0)
        return -1;
    return add(encrypter, &key, why);
}

static int
load_keys(struct encrypter *encrypter, const char *text, size_t len,
          enum jwe_alg alg, struct errtext *why)
{
    struct jwe_key *keys = NULL;
    int i, rc = 0, n = jwe_keys_read(&keys, text, len, alg, why);

    for (i = 0; i < n && rc == 0; i++)
        rc = add(encrypter, &keys[i], why);
    free(keys);
    return n < 0 ? -1 : rc;
}

static EVP_PKEY *
import(const struct jwk *jwk)
{
    if (jwk->type == JWK_X25519)
        return EVP_PKEY_new_raw_public_key_ex(NULL, "X25519", NULL, jwk->x,
                                              jwk_width(jwk->type));
    return verifier_import(jwk);
}

/* RFC 7518, 4.3: OAEP with SHA-256, and MGF1 with it too. */
static EVP_PKEY_CTX *
begin_rsa(EVP_PKEY *pkey)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);

    if (ctx && EVP_PKEY_encrypt_init(ctx) == 1
        && EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) == 1
        && EVP_PKEY_CTX_set_rsa_oaep_md(ctx, EVP_sha256()) == 1
        && EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, EVP_sha256()) == 1)
        return ctx;
    EVP_PKEY_CTX_free(ctx);
    return NULL;
}

/* Whether the point is on its curve, and of its order. */
static bool
is_point(EVP_PKEY *pkey)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
    bool ok = ctx && EVP_PKEY_public_check(ctx) == 1;

    EVP_PKEY_CTX_free(ctx);
    return ok;
}

static int
add(struct encrypter *encrypter, const struct jwe_key *key,
    struct errtext *why)
{
    struct recipient *to = &encrypter->recipients[encrypter->n++];

    to->key = *key;
    to->pkey = import(&key->jwk);
    if (to->pkey && key->jwk.type == JWK_RSA)
        to->seal = begin_rsa(to->pkey);
    if (!to->pkey || (key->jwk.type == JWK_RSA ? !to->seal
                                               : !is_point(to->pkey)))
        return crypto_fail(why, "the numbers of the key are not a public "
                                "key");
    return 0;
}

int
encrypter_seal(struct encrypter *encrypter, const char *typ, const char *jwt,
               size_t len, int64_t now,
               const unsigned char random[ENCRYPTER_RANDOM_LEN], char *jwe,
               size_t cap, struct errtext *why)
{
    struct recipient *to = find(encrypter, now, why);
    struct letter letter = { .wrapped_len = 0 };
    bool agrees = to && to->key.jwk.type != JWK_RSA;
    struct jwk epk;
    struct sbuf sb;
    int rc = -1;

    jwe[0] = '\0';
    if (!to)
        return -1;
    memcpy(letter.cek, random, sizeof(letter.cek));
    sbuf_init(&sb, letter.header, sizeof(letter.header));
    if (!send_key(encrypter, to, &letter, &epk)) {
        crypto_fail(why, "cannot encrypt a key");
        goto done;
    }
    jwe_header(&sb, typ, to->key.alg, encrypter->enc, to->key.jwk.kid,
               agrees ? &epk : NULL);
    letter.header_len = sb.len;
    if (sb.overflow || B64URL_LEN(len) + ENCRYPTER_EXTRA_MAX > cap)
        errtext_set(why, "an encrypted token is over %zu bytes", cap);
    else
        rc = write_all(encrypter, &letter, random + JWE_CEK_MAX, jwt, len,
                       jwe, why);
done:
    crypto_wipe(letter.cek, sizeof(letter.cek));
    return rc;
}

int
encrypter_current(const struct encrypter *encrypter, int64_t now)
{
    size_t i;

    for (i = 0; i < encrypter->n; i++)
        if (jwk_is_live(&encrypter->recipients[i].key.jwk, now))
            return (int)i;
    return -1;
}

static struct recipient *
find(struct encrypter *encrypter, int64_t now, struct errtext *why)
{
    int which = encrypter_current(encrypter, now);

    if (which < 0) {
        errtext_set(why, "by their own times no key of the resource is good "
                         "now");
        return NULL;
    }
    return &encrypter->recipients[which];
}

/* A key for this token alone, of the recipient's kind. */
static EVP_PKEY *
make_ephemeral(EVP_PKEY *peer)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, peer, NULL);
    EVP_PKEY *pkey = NULL;

    if (ctx && EVP_PKEY_keygen_init(ctx) == 1)
        (void)EVP_PKEY_generate(ctx, &pkey);
    EVP_PKEY_CTX_free(ctx);
    return pkey;
}

/* RFC 7518, 4.6: what is agreed on is the content's key, or encrypts it. */
static bool
send_agreed(enum jwe_alg alg, enum jwe_enc enc, const unsigned char *shared,
            size_t shared_len, struct letter *letter)
{
    static const struct jwe_party nobody;
    bool direct = alg == JWE_ECDH_ES, ok;
    size_t cek_len = jwe_cek_len(enc), info_len;
    unsigned char info[JWE_INFO_MAX], kek[KEK_LEN];

    if (direct) {
        info_len = jwe_other_info(info, jwe_enc_name(enc), nobody, nobody,
                                  cek_len);
        return encrypter_derive(shared, shared_len, info, info_len,
                                letter->cek, cek_len);
    }
    info_len = jwe_other_info(info, jwe_alg_name(alg), nobody, nobody,
                              KEK_LEN);
    ok = encrypter_derive(shared, shared_len, info, info_len, kek, KEK_LEN)
         && encrypter_wrap(kek, letter->cek, cek_len, letter->wrapped);
    letter->wrapped_len = cek_len + 8;
    crypto_wipe(kek, sizeof(kek));
    return ok;
}

static bool
send_key(const struct encrypter *encrypter, struct recipient *to,
         struct letter *letter, struct jwk *epk)
{
    unsigned char shared[ENCRYPTER_SHARED_MAX];
    EVP_PKEY *own;
    size_t len;
    bool ok;

    if (to->seal) {
        letter->wrapped_len = sizeof(letter->wrapped);
        return EVP_PKEY_encrypt(to->seal, letter->wrapped,
                                &letter->wrapped_len, letter->cek,
                                jwe_cek_len(encrypter->enc)) == 1;
    }
    own = make_ephemeral(to->pkey);
    len = own ? encrypter_agree(own, to->pkey, shared) : 0;
    ok = len > 0 && encrypter_public(epk, to->key.jwk.type, own)
         && send_agreed(to->key.alg, encrypter->enc, shared, len, letter);
    crypto_wipe(shared, sizeof(shared));
    EVP_PKEY_free(own);
    return ok;
}

/* Five parts (RFC 7516, 7.1); the first is authenticated with the content. */
static int
write_all(const struct encrypter *encrypter, const struct letter *letter,
          const unsigned char *iv, const char *jwt, size_t len, char *jwe,
          struct errtext *why)
{
    enum jwe_enc enc = encrypter->enc;
    unsigned char *out = alloc_bytes(len + JWE_IV_MAX), tag[JWE_TAG_MAX];
    size_t n = b64url_encode(letter->header, letter->header_len, jwe);
    size_t out_len;

    out_len = encrypter_content(enc, letter->cek, iv, jwe, n, jwt, len, out,
                                tag);
    if (out_len > 0) {
        jwe[n++] = '.';
        n += b64url_encode(letter->wrapped, letter->wrapped_len, jwe + n);
        jwe[n++] = '.';
        n += b64url_encode(iv, jwe_iv_len(enc), jwe + n);
        jwe[n++] = '.';
        n += b64url_encode(out, out_len, jwe + n);
        jwe[n++] = '.';
        b64url_encode(tag, jwe_tag_len(enc), jwe + n);
    } else {
        jwe[0] = '\0';
        crypto_fail(why, "cannot encrypt a token");
    }
    free(out);
    return out_len > 0 ? 0 : -1;
}

void
encrypter_free(struct encrypter *encrypter)
{
    size_t i;

    if (!encrypter)
        return;
    for (i = 0; i < encrypter->n; i++) {
        EVP_PKEY_CTX_free(encrypter->recipients[i].seal);
        EVP_PKEY_free(encrypter->recipients[i].pkey);
    }
    free(encrypter);
}
