/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * JSON Web Encryption: names and texts.
 */

#include <assert.h>
#include <string.h>

#include "core/jwe.h"

static const char *const algs[JWE_ALG__MAX] = {
    [JWE_ALG_AUTO] = "auto",
    [JWE_RSA_OAEP_256] = "RSA-OAEP-256",
    [JWE_ECDH_ES] = "ECDH-ES",
    [JWE_ECDH_ES_A256KW] = "ECDH-ES+A256KW",
};

static const struct {
    const char *name;
    size_t cek; /* bytes */
    size_t iv;
    size_t tag;
} encs[JWE_ENC__MAX] = {
    [JWE_A256GCM] = {"A256GCM", 32, 12, 16},
    [JWE_A128GCM] = {"A128GCM", 16, 12, 16},
    [JWE_A128CBC_HS256] = {"A128CBC-HS256", 32, 16, 16},
    [JWE_A256CBC_HS512] = {"A256CBC-HS512", 64, 16, 32},
};

const char *
jwe_alg_name(enum jwe_alg alg)
{
    return (unsigned) alg < JWE_ALG__MAX ? algs[alg] : "";
}

const char *
jwe_enc_name(enum jwe_enc enc)
{
    return (unsigned) enc < JWE_ENC__MAX ? encs[enc].name : "";
}

enum jwe_alg
jwe_alg(const char *name)
{
    int alg;

    for (alg = JWE_ALG__MAX - 1; alg > 0; alg--)
        if (strcmp(name, algs[alg]) == 0)
            break;
    return (enum jwe_alg) alg;
}

enum jwe_enc
jwe_enc(const char *name)
{
    int enc;

    for (enc = JWE_ENC__MAX - 1; enc > 0; enc--)
        if (strcmp(name, encs[enc].name) == 0)
            break;
    return (enum jwe_enc) enc;
}

size_t
jwe_cek_len(enum jwe_enc enc)
{
    return encs[enc].cek;
}

size_t
jwe_iv_len(enum jwe_enc enc)
{
    return encs[enc].iv;
}

size_t
jwe_tag_len(enum jwe_enc enc)
{
    return encs[enc].tag;
}

enum jwe_alg
jwe_usual(enum jwk_type type)
{
    switch (type) {
    case JWK_RSA:
        return JWE_RSA_OAEP_256;
    case JWK_P256:
    case JWK_P384:
    case JWK_P521:
    case JWK_X25519:
        return JWE_ECDH_ES;
    case JWK_ED25519:
        break;
    }
    return JWE_ALG_AUTO;
}

bool
jwe_takes(enum jwk_type type, enum jwe_alg alg)
{
    enum jwe_alg usual = jwe_usual(type);

    return usual != JWE_ALG_AUTO
           && (alg == usual
               || (usual == JWE_ECDH_ES && alg == JWE_ECDH_ES_A256KW));
}

void
jwe_header(struct sbuf *sb, const char *typ, enum jwe_alg alg,
           enum jwe_enc enc, const char *kid, const struct jwk *epk)
{
    sbuf_add(sb, "{\"typ\":\"");
    sbuf_add(sb, typ);
    sbuf_add(sb, "\",\"cty\":\"JWT\",\"alg\":\"");
    sbuf_add(sb, jwe_alg_name(alg));
    sbuf_add(sb, "\",\"enc\":\"");
    sbuf_add(sb, jwe_enc_name(enc));
    sbuf_add(sb, "\"");
    if (*kid != '\0') {
        sbuf_add(sb, ",\"kid\":");
        sbuf_add_json(sb, kid, strlen(kid));
    }
    if (epk != NULL) {
        sbuf_add(sb, ",\"epk\":");
        jwk_write_canonical(sb, epk);
    }
    sbuf_add(sb, "}");
}

/* The big-endian number of four bytes, and then the bytes. */
static size_t
add_counted(unsigned char *out, const char *bytes, size_t len)
{
    size_t i;

    for (i = 0; i < 4; i++)
        out[i] = (unsigned char) (len >> (24 - 8 * i));
    if (bytes != NULL)
        memcpy(out + 4, bytes, len);
    return bytes != NULL ? 4 + len : 4;
}

size_t
jwe_other_info(unsigned char info[JWE_INFO_MAX], const char *name,
               struct jwe_party u, struct jwe_party v, size_t len)
{
    size_t n;

    assert(16 + strlen(name) + u.len + v.len <= JWE_INFO_MAX);
    n = add_counted(info, name, strlen(name));
    n += add_counted(info + n, u.bytes, u.len);
    n += add_counted(info + n, v.bytes, v.len);
    return n + add_counted(info + n, NULL, 8 * len);
}

bool
jwe_looks_like(const char *text, size_t len)
{
    size_t i, dots = 0;

    for (i = 0; i < len; i++) {
        char c = text[i];

        if (c == '.')
            dots++;
        else if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')
                   || (c >= '0' && c <= '9') || c == '-' || c == '_'))
            return false;
    }
    return dots == 4 && text[0] != '.';
}
