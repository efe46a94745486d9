/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Keys to encrypt to.
 */

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/jparse.h"
#include "core/jwe.h"
#include "core/jwk_priv.h"

enum { NAME_SHOWN_MAX = 40 }; /* bytes */

/* What is at hand while one set is read. */
struct reader {
    struct jwe_key *keys;
    size_t n;
    enum jwe_alg alg; /* that is wanted */
    struct errtext *why;
};

static int read_set(struct reader *rd, const json_t *root);
static int read_key(struct reader *rd, const json_t *object);
static int check_private(const json_t *object, struct errtext *why);
static int check_purpose(const json_t *object, struct errtext *why);
static int choose_alg(struct jwe_key *key, const json_t *object,
                      enum jwe_alg alg, struct errtext *why);
static int check_kids(struct reader *rd);

int
jwe_keys_read(struct jwe_key **keys, const char *json, size_t len,
              enum jwe_alg alg, struct errtext *why)
{
    struct reader rd = {.alg = alg, .why = why};
    json_t *root;
    int rc;

    if (len > JWK_SET_TEXT_MAX)
        return errtext_set(why, "JWK Set: it has over %d bytes",
                           JWK_SET_TEXT_MAX);
    root = jparse_object(json, len, why);
    if (root == NULL)
        return errtext_context(why, "JWK Set");
    rd.keys = alloc_zero(JWK_SET_MAX, sizeof(*rd.keys));
    rc = read_set(&rd, root);
    if (rc == 0)
        rc = check_kids(&rd);
    json_decref(root);
    if (rc == 0) {
        *keys = rd.keys;
        return (int) rd.n;
    }
    free(rd.keys);
    return errtext_context(why, "JWK Set");
}

static int
read_set(struct reader *rd, const json_t *root)
{
    const json_t *set = json_object_get(root, "keys");
    size_t i, count = set != NULL ? json_array_size(set) : 1;

    if (set != NULL ? !json_is_array(set) : !json_object_get(root, "kty"))
        return errtext_set(rd->why, "it has no array \"keys\", and is no key");
    errtext_set(rd->why, "it has no keys");
    for (i = 0; i < count; i++) {
        const json_t *object = set != NULL ? json_array_get(set, i) : root;
        int rc;

        if (rd->n == JWK_SET_MAX)
            return errtext_set(rd->why, "it has over %d keys", JWK_SET_MAX);
        rc = read_key(rd, object);
        if (rc != 0)
            errtext_context(rd->why, "key %zu", i + 1);
        if (rc < 0)
            return -1;
    }
    if (rd->n == 0)
        return errtext_context(rd->why, "no key to encrypt to");
    return 0;
}

/* Returns 0, 1 when the key is left out, or -1, both with the reason. */
static int
read_key(struct reader *rd, const json_t *object)
{
    struct jwe_key *key = &rd->keys[rd->n];
    int rc;

    if ((rc = check_private(object, rd->why)) != 0
        || (rc = check_purpose(object, rd->why)) != 0)
        return rc;
    rc = jwk_read_any(&key->jwk, object, rd->why);
    if (rc == 2)
        errtext_set(rd->why, "it is not a key of a type that can be encrypted "
                             "to here: RSA, EC on P-256, P-384 or P-521, or "
                             "OKP on X25519");
    if (rc == 0)
        rc = choose_alg(key, object, rd->alg, rd->why);
    if (rc == 0)
        rd->n++;
    return rc > 0 ? 1 : rc;
}

/* Also where the rest of the key is not asked about. */
static int
check_private(const json_t *object, struct errtext *why)
{
    static const char *const members[] = {"d", "p", "q", "k"};
    size_t i;

    if (!json_is_object(object))
        return errtext_set(why, "it is not an object");
    for (i = 0; i < sizeof(members) / sizeof(members[0]); i++)
        if (json_object_get(object, members[i]) != NULL)
            return errtext_set(why, "it is a private or secret key (it has "
                                    "\"%s\"): put the resource's public key "
                                    "alone there, and make a new one if this "
                                    "one was shown",
                               members[i]);
    return 0;
}

static bool
is_op(const json_t *op, const char *const *names)
{
    const char *text = json_string_value(op);

    for (; text != NULL && *names != NULL; names++)
        if (strcmp(text, *names) == 0)
            return true;
    return false;
}

/* RFC 7517, 4.2 and 4.3; for key agreement a public key has no operations. */
static int
check_purpose(const json_t *object, struct errtext *why)
{
    static const char *const signing[] = {"sign", "verify", NULL};
    static const char *const encrypting[] = {
        "encrypt", "wrapKey", "deriveKey", "deriveBits", NULL};
    const json_t *use = json_object_get(object, "use");
    const json_t *ops = json_object_get(object, "key_ops");
    bool signs = false, encrypts = false;
    size_t i;

    if ((use != NULL && !json_is_string(use))
        || (ops != NULL && !json_is_array(ops)))
        return errtext_set(why, "use is not a string, or key_ops no array");
    for (i = 0; i < json_array_size(ops); i++) {
        signs = signs || is_op(json_array_get(ops, i), signing);
        encrypts = encrypts || is_op(json_array_get(ops, i), encrypting);
    }
    if (use != NULL && strcmp(json_string_value(use), "enc") != 0) {
        errtext_set(why, "its use is not \"enc\"");
        return 1;
    }
    if (signs && !encrypts) {
        errtext_set(why, "its key_ops are those of signatures");
        return 1;
    }
    return 0;
}

/* Leave a key out that is for another algorithm. */
static int
pass_over(enum jwe_alg alg, struct errtext *why)
{
    errtext_set(why, "it is not a key for %s", jwe_alg_name(alg));
    return 1;
}

static int
choose_alg(struct jwe_key *key, const json_t *object, enum jwe_alg alg,
           struct errtext *why)
{
    const json_t *value = json_object_get(object, "alg");
    const char *name = json_string_value(value);
    enum jwe_alg own = name != NULL ? jwe_alg(name) : JWE_ALG_AUTO;

    if (value != NULL && name == NULL)
        return errtext_set(why, "alg is not a string");
    if (name != NULL && own == JWE_ALG_AUTO) {
        errtext_set(why, "its alg is \"%.*s\", which is not used here: "
                         "RSA-OAEP-256, ECDH-ES or ECDH-ES+A256KW",
                    NAME_SHOWN_MAX, name);
        return 1;
    }
    if (own != JWE_ALG_AUTO && !jwe_takes(key->jwk.type, own))
        return errtext_set(why, "its alg is not for a key of its type");
    if (alg != JWE_ALG_AUTO && own != JWE_ALG_AUTO && own != alg)
        return pass_over(alg, why);
    key->alg = alg != JWE_ALG_AUTO ? alg : own;
    if (key->alg == JWE_ALG_AUTO)
        key->alg = jwe_usual(key->jwk.type);
    if (key->alg != JWE_ALG_AUTO && jwe_takes(key->jwk.type, key->alg))
        return 0;
    if (alg != JWE_ALG_AUTO)
        return pass_over(alg, why);
    errtext_set(why, "it is a key for signatures alone");
    return 1;
}

/* The recipient has to know which key it was. */
static int
check_kids(struct reader *rd)
{
    size_t i, j;

    for (i = 0; i < rd->n && rd->n > 1; i++) {
        const char *kid = rd->keys[i].jwk.kid;

        if (*kid == '\0')
            return errtext_set(rd->why, "it has several keys to encrypt to, "
                                        "and one without kid: give each its "
                                        "kid, or leave one key");
        for (j = 0; j < i; j++)
            if (strcmp(rd->keys[j].jwk.kid, kid) == 0)
                return errtext_set(rd->why, "two keys have the same kid");
    }
    return 0;
}

int
jwe_key_take(struct jwe_key *key, const struct jwk *jwk, enum jwe_alg alg,
             struct errtext *why)
{
    key->jwk = *jwk;
    key->alg = alg != JWE_ALG_AUTO ? alg : jwe_usual(jwk->type);
    if (key->alg == JWE_ALG_AUTO)
        return errtext_set(why, "it is a key for signatures alone");
    if (!jwe_takes(jwk->type, key->alg))
        return errtext_set(why, "it is not a key for %s",
                           jwe_alg_name(key->alg));
    return jwk_check_roca(jwk, why);
}
