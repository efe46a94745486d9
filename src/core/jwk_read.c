/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * One JWK, read from JSON.
 */

#include <jansson.h>
#include <string.h>

#include "core/b64.h"
#include "core/jparse.h"
#include "core/jwk.h"
#include "core/jwk_priv.h"

/* What reads one thing; 1 and 2 as with jwk_read(). */
typedef int read_fn(struct jwk *jwk, const json_t *object,
                    struct errtext *why);

static read_fn refuse_private, read_purpose, read_type, check_type;
static read_fn read_numbers, read_alg, read_kid, read_times;

static read_fn *const steps[] = {
    refuse_private, read_purpose, read_type,  check_type, read_numbers,
    read_alg,       read_kid,     read_times, NULL,
};
static read_fn *const any_steps[] = {
    refuse_private, read_type, read_numbers, read_kid, read_times, NULL,
};

static int
read_by(read_fn *const *step, struct jwk *jwk, const json_t *object,
        struct errtext *why)
{
    int rc = 0;

    memset(jwk, 0, sizeof(*jwk));
    if (!json_is_object(object))
        return errtext_set(why, "it is not an object");
    for (; *step != NULL && rc == 0; step++)
        rc = (*step)(jwk, object, why);
    return rc;
}

int
jwk_read(struct jwk *jwk, const struct json_t *object, struct errtext *why)
{
    return read_by(steps, jwk, object, why);
}

int
jwk_read_any(struct jwk *jwk, const struct json_t *object,
             struct errtext *why)
{
    return read_by(any_steps, jwk, object, why);
}

static int
refuse_private(struct jwk *jwk, const json_t *object, struct errtext *why)
{
    static const char *const members[] = {
        "d", "p", "q", "dp", "dq", "qi", "oth", "k",
    };
    size_t i;

    (void)jwk;
    for (i = 0; i < sizeof(members) / sizeof(members[0]); i++)
        if (json_object_get(object, members[i]) != NULL)
            return errtext_set(why, "it is a private or secret key (it has "
                                    "\"%s\"): give the public key alone, and "
                                    "make a new one if this one was shown",
                               members[i]);
    return 0;
}

static bool
is_among(const char *text, const char *const *list)
{
    for (; *list != NULL; list++)
        if (strcmp(text, *list) == 0)
            return true;
    return false;
}

/* What key_ops says: bits for signatures, for "verify", for encryption. */
enum { OPS_SIGN = 1, OPS_VERIFY = 2, OPS_ENCRYPT = 4 };

/* Returns the bits, or -1 with the reason in *why. */
static int
read_ops(const json_t *ops, struct errtext *why)
{
    static const char *const encrypting[] = {
        "encrypt",   "decrypt",   "wrapKey",    "unwrapKey",
        "deriveKey", "deriveBits", NULL,
    };
    size_t i, j;
    int bits = 0;

    if (!json_is_array(ops))
        return errtext_set(why, "key_ops is not an array");
    if (json_array_size(ops) > JWK_OPS_MAX)
        return errtext_set(why, "key_ops has over %d entries", JWK_OPS_MAX);
    for (i = 0; i < json_array_size(ops); i++) {
        const char *op = json_string_value(json_array_get(ops, i));

        if (op == NULL)
            return errtext_set(why, "key_ops is not an array of strings");
        for (j = 0; j < i; j++)
            if (json_equal(json_array_get(ops, j), json_array_get(ops, i)))
                return errtext_set(why, "key_ops has one twice");
        if (strcmp(op, "verify") == 0)
            bits |= OPS_SIGN | OPS_VERIFY;
        else if (strcmp(op, "sign") == 0)
            bits |= OPS_SIGN;
        else if (is_among(op, encrypting))
            bits |= OPS_ENCRYPT;
    }
    return bits;
}

/* RFC 7517, 4.2 and 4.3. */
static int
read_purpose(struct jwk *jwk, const json_t *object, struct errtext *why)
{
    const json_t *use = json_object_get(object, "use");
    const json_t *ops = json_object_get(object, "key_ops");
    const char *text = json_string_value(use);
    bool is_sig = text == NULL || strcmp(text, "sig") == 0;
    int bits = ops != NULL ? read_ops(ops, why) : OPS_VERIFY;

    (void)jwk;
    if (use != NULL && text == NULL)
        return errtext_set(why, "use is not a string");
    if (bits < 0)
        return -1;
    if (use != NULL && ops != NULL
        && ((is_sig && (bits & OPS_ENCRYPT))
            || (!is_sig && (bits & OPS_SIGN))))
        return errtext_set(why, "use and key_ops contradict each other");
    if (!is_sig)
        errtext_set(why, "its use is not \"sig\"");
    else if (!(bits & OPS_VERIFY))
        errtext_set(why, "its key_ops are without \"verify\"");
    return is_sig && (bits & OPS_VERIFY) ? 0 : 1;
}

static int
refuse_type(struct errtext *why)
{
    errtext_set(why, "it is not a key of a type that is known here: RSA, EC "
                     "on P-256, P-384 or P-521, or OKP on Ed25519");
    return 2;
}

static int
read_type(struct jwk *jwk, const json_t *object, struct errtext *why)
{
    const char *kty = json_string_value(json_object_get(object, "kty"));
    const json_t *value = json_object_get(object, "crv");
    const char *crv = json_string_value(value);

    if (kty == NULL)
        return errtext_set(why, "kty is missing or not a string");
    jwk->type = jwk_find(kty, crv);
    if (jwk->type != 0)
        return 0;
    (void) refuse_type(why);
    /* A curve that nobody names is no curve that others know. */
    if (crv == NULL
        && (value != NULL || strcmp(kty, "EC") == 0
            || strcmp(kty, "OKP") == 0))
        return -1;
    return 2;
}

static int
check_type(struct jwk *jwk, const json_t *object, struct errtext *why)
{
    (void)object;
    return jwk->type == JWK_X25519 ? refuse_type(why) : 0;
}

/* Returns the number of bytes, or -1 with the reason in *why. */
static long
read_bytes(const json_t *object, const char *name, unsigned char *out,
           size_t cap, struct errtext *why)
{
    const json_t *value = json_object_get(object, name);
    size_t len = json_string_length(value);
    long n;

    if (!json_is_string(value))
        return errtext_set(why, "%s is missing or not a string", name);
    if (len > B64URL_LEN(cap))
        return errtext_set(why, "%s has over %zu bytes", name, cap);
    n = b64url_decode(json_string_value(value), len, out, cap);
    if (n < 0)
        return errtext_set(why, "%s is not base64url", name);
    return n;
}

static int
read_coordinate(const json_t *object, const char *name, unsigned char *out,
                size_t width, struct errtext *why)
{
    long n = read_bytes(object, name, out, width, why);

    if (n >= 0 && (size_t)n != width)
        return errtext_set(why, "%s has not %zu bytes", name, width);
    return n < 0 ? -1 : 0;
}

static int
read_modulus(struct jwk *jwk, const json_t *object, struct errtext *why)
{
    long n = read_bytes(object, "n", jwk->n, sizeof(jwk->n), why);

    if (n < 0)
        return -1;
    jwk->n_len = (size_t)n;
    if (n > 0 && jwk->n[0] == 0)
        return errtext_set(why, "n begins with a zero byte");
    if (n < JWK_RSA_LEAST || (n == JWK_RSA_LEAST && jwk->n[0] < 0x80))
        return errtext_set(why, "n has under %d bits", JWK_RSA_LEAST * 8);
    if (jwk->n[n - 1] % 2 == 0)
        return errtext_set(why, "n is even");
    return jwk_check_roca(jwk, why);
}

static int
read_exponent(struct jwk *jwk, const json_t *object, struct errtext *why)
{
    long n = read_bytes(object, "e", jwk->e, sizeof(jwk->e), why);

    if (n < 0)
        return -1;
    jwk->e_len = (size_t)n;
    if (n > 0 && jwk->e[0] == 0)
        return errtext_set(why, "e begins with a zero byte");
    if (n == 0 || (n == 1 && jwk->e[0] < 3))
        return errtext_set(why, "e is under 3");
    if (jwk->e[n - 1] % 2 == 0)
        return errtext_set(why, "e is even");
    return 0;
}

static int
read_numbers(struct jwk *jwk, const json_t *object, struct errtext *why)
{
    const struct jwk_kind *kind = jwk_kind(jwk->type);

    if (jwk->type == JWK_RSA)
        return read_modulus(jwk, object, why) == 0
                       && read_exponent(jwk, object, why) == 0
                   ? 0
                   : -1;
    if (read_coordinate(object, "x", jwk->x, kind->width, why) != 0)
        return -1;
    return kind->has_y
               ? read_coordinate(object, "y", jwk->y, kind->width, why)
               : 0;
}

static int
read_alg(struct jwk *jwk, const json_t *object, struct errtext *why)
{
    const json_t *value = json_object_get(object, "alg");

    if (value == NULL)
        return 0;
    if (!json_is_string(value))
        return errtext_set(why, "alg is not a string");
    jwk->alg = jose_alg(json_string_value(value));
    if (!jwk_takes(jwk, jwk->alg))
        return errtext_set(why, "alg is not one of signatures with such a "
                                "key");
    return 0;
}

static int
read_kid(struct jwk *jwk, const json_t *object, struct errtext *why)
{
    const json_t *value = json_object_get(object, "kid");
    size_t len = json_string_length(value);

    if (value == NULL)
        return 0;
    if (len == 0 || len > JWS_KID_MAX)
        return errtext_set(why, "kid is not a string of 1 to %d bytes",
                           JWS_KID_MAX);
    memcpy(jwk->kid, json_string_value(value), len + 1);
    return 0;
}

static int
read_times(struct jwk *jwk, const json_t *object, struct errtext *why)
{
    const json_t *nbf = json_object_get(object, "nbf");
    const json_t *exp = json_object_get(object, "exp");

    if (nbf != NULL && jparse_time(&jwk->not_before, nbf) != 0)
        return errtext_set(why, "nbf is not a time in seconds");
    if (exp != NULL && jparse_time(&jwk->not_after, exp) != 0)
        return errtext_set(why, "exp is not a time in seconds");
    /* 0 means never. */
    if (exp != NULL && jwk->not_after == 0)
        jwk->not_after = 1;
    if (json_object_get(object, "revoked") != NULL)
        return errtext_set(why, "it was revoked");
    return 0;
}
