/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Public keys: their types, what they are for, and their text.
 */

#include <string.h>

#include "core/b64.h"
#include "core/jwk.h"
#include "core/jwk_priv.h"

static const struct jwk_kind kinds[] = {
    [JWK_P256] = {"EC", "P-256", 32, true, JOSE_ES256},
    [JWK_P384] = {"EC", "P-384", 48, true, JOSE_ES384},
    [JWK_P521] = {"EC", "P-521", 66, true, JOSE_ES512},
    [JWK_ED25519] = {"OKP", "Ed25519", 32, false, JOSE_EDDSA},
    [JWK_RSA] = {"RSA", NULL, 0, false, JOSE_NONE},
    [JWK_X25519] = {"OKP", "X25519", 32, false, JOSE_NONE},
};

const struct jwk_kind *
jwk_kind(enum jwk_type type)
{
    return &kinds[type];
}

enum jwk_type
jwk_find(const char *kty, const char *crv)
{
    int type;

    for (type = JWK_P256; type <= JWK_X25519; type++) {
        const struct jwk_kind *kind = &kinds[type];

        if (strcmp(kty, kind->kty) == 0
            && (kind->crv == NULL
                || (crv != NULL && strcmp(crv, kind->crv) == 0)))
            return (enum jwk_type)type;
    }
    return 0;
}

size_t
jwk_width(enum jwk_type type)
{
    return kinds[type].width;
}

bool
jwk_takes(const struct jwk *jwk, enum jose_alg alg)
{
    switch (alg) {
    case JOSE_RS256:
    case JOSE_RS384:
    case JOSE_RS512:
    case JOSE_PS256:
    case JOSE_PS384:
    case JOSE_PS512:
        return jwk->type == JWK_RSA;
    default:
        return alg != JOSE_NONE && alg == kinds[jwk->type].alg;
    }
}

bool
jwk_is_live(const struct jwk *jwk, int64_t now)
{
    return now >= jwk->not_before
           && (jwk->not_after == 0 || now < jwk->not_after);
}

static void
add_text(struct sbuf *sb, const char *before, const char *name,
         const char *text)
{
    sbuf_add(sb, before);
    sbuf_add_json(sb, name, strlen(name));
    sbuf_add(sb, ":");
    sbuf_add_json(sb, text, strlen(text));
}

static void
add_bytes(struct sbuf *sb, const char *before, const char *name,
          const unsigned char *bytes, size_t len)
{
    char text[B64URL_LEN(JWK_RSA_MAX) + 1];

    b64url_encode(bytes, len, text);
    add_text(sb, before, name, text);
}

static void
add_time(struct sbuf *sb, const char *name, int64_t when)
{
    if (when == 0)
        return;
    sbuf_add(sb, ",");
    sbuf_add_json(sb, name, strlen(name));
    sbuf_add(sb, ":");
    sbuf_add_int(sb, when);
}

void
jwk_write(struct sbuf *sb, const struct jwk *jwk)
{
    const struct jwk_kind *kind = &kinds[jwk->type];

    add_text(sb, "{", "kty", kind->kty);
    if (jwk->type == JWK_RSA) {
        add_bytes(sb, ",", "n", jwk->n, jwk->n_len);
        add_bytes(sb, ",", "e", jwk->e, jwk->e_len);
    } else {
        add_text(sb, ",", "crv", kind->crv);
        add_bytes(sb, ",", "x", jwk->x, kind->width);
        if (kind->has_y)
            add_bytes(sb, ",", "y", jwk->y, kind->width);
    }
    add_text(sb, ",", "use", "sig");
    if (jwk->alg != JOSE_NONE)
        add_text(sb, ",", "alg", jose_name(jwk->alg));
    if (jwk->kid[0] != '\0')
        add_text(sb, ",", "kid", jwk->kid);
    add_time(sb, "nbf", jwk->not_before);
    add_time(sb, "exp", jwk->not_after);
    sbuf_add(sb, "}");
}

void
jwk_write_canonical(struct sbuf *sb, const struct jwk *jwk)
{
    const struct jwk_kind *kind = &kinds[jwk->type];

    if (jwk->type == JWK_RSA) {
        add_bytes(sb, "{", "e", jwk->e, jwk->e_len);
        add_text(sb, ",", "kty", kind->kty);
        add_bytes(sb, ",", "n", jwk->n, jwk->n_len);
    } else {
        add_text(sb, "{", "crv", kind->crv);
        add_text(sb, ",", "kty", kind->kty);
        add_bytes(sb, ",", "x", jwk->x, kind->width);
        if (kind->has_y)
            add_bytes(sb, ",", "y", jwk->y, kind->width);
    }
    sbuf_add(sb, "}");
}
