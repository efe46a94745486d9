/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The stored record of a signing key.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/b64.h"
#include "core/keyrec.h"
#include "core/sbuf.h"

/*
 * All members that a published key may have (RFC 7517, 4; RFC 7518, 6; RFC
 * 8037, 2).  None of them is private: "d", "p", "q", "dp", "dq", "qi", "oth"
 * and "k" are not here, and only what is here is ever copied.
 */
static const char *const public_members[] = {
    "kty", "crv", "x", "y", "n", "e", "use", "alg", "kid",
};

enum { N_PUBLIC = sizeof(public_members) / sizeof(public_members[0]) };

/* What was unpacked from the record, borrowed from it. */
struct parts {
    const char *kid;
    const char *alg;
    json_int_t created, signs_from, signs_until, publish_until;
    json_t *jwk;
    const char *sealed;
    size_t sealed_len;
};

static int unpack(struct parts *parts, json_t *root, struct errtext *why);
static int read_names(struct keyrec *key, const struct parts *parts,
                      struct errtext *why);
static int read_times(struct keyrec *key, const struct parts *parts,
                      struct errtext *why);
static int read_jwk(struct keyrec *key, json_t *jwk, struct errtext *why);
static int read_sealed(struct keyrec *key, const struct parts *parts,
                       struct errtext *why);

int
keyrec_load(struct keyrec *key, const char *json, size_t len,
            struct errtext *why)
{
    json_error_t error;
    struct parts parts;
    json_t *root = json_loadb(json, len, JSON_REJECT_DUPLICATES, &error);
    int rc = -1;

    /* The parser's own text quotes the record. */
    if (!root)
        return errtext_set(why, "key record: broken JSON at byte %d",
                           error.position);
    memset(key, 0, sizeof(*key));
    if (unpack(&parts, root, why) == 0
        && read_names(key, &parts, why) == 0
        && read_times(key, &parts, why) == 0
        && read_jwk(key, parts.jwk, why) == 0)
        rc = read_sealed(key, &parts, why);
    json_decref(root);
    return rc < 0 ? errtext_context(why, "key record") : 0;
}

/* Every member is there, none that is unknown, each of its type. */
static int
unpack(struct parts *parts, json_t *root, struct errtext *why)
{
    json_error_t error;

    if (json_unpack_ex(root, &error, JSON_STRICT,
                       "{s:s, s:s, s:I, s:I, s:I, s:I, s:o, s:s%}",
                       "kid", &parts->kid, "alg", &parts->alg,
                       "created", &parts->created,
                       "signs_from", &parts->signs_from,
                       "signs_until", &parts->signs_until,
                       "publish_until", &parts->publish_until,
                       "jwk", &parts->jwk,
                       "sealed", &parts->sealed, &parts->sealed_len) < 0)
        return errtext_set(why, "%s", error.text);
    return 0;
}

static int
read_names(struct keyrec *key, const struct parts *parts, struct errtext *why)
{
    size_t len = strlen(parts->kid);
    unsigned char bytes[KEYREC_KID_MAX];

    if (len == 0 || len >= sizeof(key->kid)
        || b64url_decode(parts->kid, len, bytes, sizeof(bytes)) < 0)
        return errtext_set(why, "kid is not a thumbprint in base64url");
    memcpy(key->kid, parts->kid, len + 1);
    key->alg = jose_alg(parts->alg);
    if (!jose_is_own(key->alg))
        return errtext_set(why, "alg is not one of the known algorithms");
    return 0;
}

static int
read_times(struct keyrec *key, const struct parts *parts, struct errtext *why)
{
    if (parts->created < 0 || parts->signs_from < 0 || parts->signs_until < 0
        || parts->publish_until < 0)
        return errtext_set(why, "a time before 1970");
    key->created = parts->created;
    key->signs_from = parts->signs_from;
    key->signs_until = parts->signs_until;
    key->publish_until = parts->publish_until;
    return 0;
}

static bool
is_public_member(const char *name)
{
    size_t i;

    for (i = 0; i < N_PUBLIC; i++)
        if (strcmp(name, public_members[i]) == 0)
            return true;
    return false;
}

static bool
has(const json_t *jwk, const char *name, const char *value)
{
    const char *text = json_string_value(json_object_get(jwk, name));

    return text && strcmp(text, value) == 0;
}

static int
read_jwk(struct keyrec *key, json_t *jwk, struct errtext *why)
{
    const char *name;
    json_t *value;
    size_t len;

    if (!json_is_object(jwk))
        return errtext_set(why, "jwk is not an object");
    json_object_foreach(jwk, name, value) {
        if (!is_public_member(name))
            return errtext_set(why, "jwk has a member that is not public");
        if (!json_is_string(value))
            return errtext_set(why, "jwk: %s is not a string", name);
    }
    if (!json_object_get(jwk, "kty"))
        return errtext_set(why, "jwk has no kty");
    if (!has(jwk, "kid", key->kid) || !has(jwk, "alg", jose_name(key->alg)))
        return errtext_set(why, "jwk has another kid or alg than the record");
    len = json_dumpb(jwk, key->jwk, sizeof(key->jwk) - 1, JSON_COMPACT);
    if (len == 0 || len >= sizeof(key->jwk))
        return errtext_set(why, "jwk has over %d bytes", KEYREC_JWK_MAX - 1);
    key->jwk[len] = '\0';
    return 0;
}

static int
read_sealed(struct keyrec *key, const struct parts *parts,
            struct errtext *why)
{
    long n = b64url_decode(parts->sealed, parts->sealed_len, key->sealed,
                           sizeof(key->sealed));

    if (n <= 0)
        return errtext_set(why, "sealed is not 1 to %d bytes in base64url",
                           KEYREC_SEALED_MAX);
    key->sealed_len = (size_t)n;
    return 0;
}

char *
keyrec_dump(const struct keyrec *key)
{
    char sealed[B64URL_LEN(KEYREC_SEALED_MAX) + 1];
    json_t *root;
    char *text;

    b64url_encode(key->sealed, key->sealed_len, sealed);
    root = json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:o, s:s}",
                     "kid", key->kid, "alg", jose_name(key->alg),
                     "created", (json_int_t)key->created,
                     "signs_from", (json_int_t)key->signs_from,
                     "signs_until", (json_int_t)key->signs_until,
                     "publish_until", (json_int_t)key->publish_until,
                     "jwk", json_loads(key->jwk, 0, NULL), "sealed", sealed);
    text = root ? json_dumps(root, JSON_COMPACT) : NULL;
    json_decref(root);
    if (!text)
        abort();
    return text;
}

bool
keyrec_signs(const struct keyrec *key, int64_t now)
{
    return now >= key->signs_from
           && (key->signs_until == 0 || now < key->signs_until);
}

bool
keyrec_is_public(const struct keyrec *key, int64_t now)
{
    return key->publish_until == 0 || now < key->publish_until;
}

static void
add_public(struct sbuf *sb, const json_t *jwk)
{
    const char *before = "{", *value;
    size_t i;

    for (i = 0; i < N_PUBLIC; i++) {
        value = json_string_value(json_object_get(jwk, public_members[i]));
        if (!value)
            continue;
        sbuf_add(sb, before);
        sbuf_add_json(sb, public_members[i], strlen(public_members[i]));
        sbuf_add(sb, ":");
        sbuf_add_json(sb, value, strlen(value));
        before = ",";
    }
    sbuf_add(sb, "}");
}

int
keyrec_jwks(const struct keyrec *keys, size_t n, int64_t now, char *buf,
            size_t cap)
{
    const char *before = "";
    struct sbuf sb;
    json_t *jwk;
    size_t i;

    sbuf_init(&sb, buf, cap);
    sbuf_add(&sb, "{\"keys\":[");
    for (i = 0; i < n; i++) {
        if (!keyrec_is_public(&keys[i], now))
            continue;
        jwk = json_loads(keys[i].jwk, JSON_REJECT_DUPLICATES, NULL);
        if (!json_is_object(jwk) || !json_object_get(jwk, "kty")) {
            json_decref(jwk);
            return -1;
        }
        sbuf_add(&sb, before);
        add_public(&sb, jwk);
        json_decref(jwk);
        before = ",";
    }
    sbuf_add(&sb, "]}");
    return sb.overflow ? -1 : (int)sb.len;
}
