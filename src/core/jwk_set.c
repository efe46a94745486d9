/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * JWK Sets.
 */

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/jparse.h"
#include "core/jwk.h"

static int read_set(struct jwk *keys, const json_t *root, bool strict,
                    struct errtext *why);
static int read_key(struct jwk *keys, size_t n, const json_t *object,
                    struct errtext *why);
static int check_others(const struct jwk *keys, size_t n,
                        struct errtext *why);

int
jwk_set_read(struct jwk **keys, const char *json, size_t len, bool strict,
             struct errtext *why)
{
    json_t *root;
    int n;

    if (len > JWK_SET_TEXT_MAX)
        return errtext_set(why, "JWK Set: it has over %d bytes",
                           JWK_SET_TEXT_MAX);
    root = jparse_object(json, len, why);
    if (root == NULL)
        return errtext_context(why, "JWK Set");
    *keys = alloc_zero(JWK_SET_MAX + 1, sizeof(**keys));
    n = read_set(*keys, root, strict, why);
    json_decref(root);
    if (n >= 0)
        return n;
    free(*keys);
    *keys = NULL;
    return errtext_context(why, "JWK Set");
}

/* Returns the number of keys, or -1 with the reason in *why. */
static int
read_set(struct jwk *keys, const json_t *root, bool strict,
         struct errtext *why)
{
    const json_t *set = json_object_get(root, "keys");
    size_t i, n = 0, count = set != NULL ? json_array_size(set) : 1;
    struct errtext fault = {.text = "it has no keys"};

    if (set != NULL ? !json_is_array(set) : !json_object_get(root, "kty"))
        return errtext_set(why, "it has no array \"keys\", and is no key");
    for (i = 0; i < count; i++) {
        const json_t *object = set != NULL ? json_array_get(set, i) : root;
        int rc = read_key(keys, n, object, &fault);

        if (rc != 0)
            errtext_context(&fault, "key %zu", i + 1);
        if (rc < 0 && strict)
            break;
        if (rc == 0 && n++ == JWK_SET_MAX)
            return errtext_set(why, "it has over %d keys", JWK_SET_MAX);
    }
    if (i < count)
        return errtext_set(why, "%s", fault.text);
    if (n == 0)
        return errtext_set(why, "no key for signatures: %s", fault.text);
    return (int)n;
}

/* Read the key behind the n before it.  Returns what jwk_read() returns. */
static int
read_key(struct jwk *keys, size_t n, const json_t *object,
         struct errtext *why)
{
    int rc = jwk_read(&keys[n], object, why);

    return rc == 0 ? check_others(keys, n, why) : rc;
}

/* What was read is zero wherever it says nothing. */
static bool
is_same_key(const struct jwk *a, const struct jwk *b)
{
    return a->type == b->type && a->n_len == b->n_len && a->e_len == b->e_len
           && memcmp(a->x, b->x, sizeof(a->x)) == 0
           && memcmp(a->y, b->y, sizeof(a->y)) == 0
           && memcmp(a->n, b->n, a->n_len) == 0
           && memcmp(a->e, b->e, a->e_len) == 0;
}

static int
check_others(const struct jwk *keys, size_t n, struct errtext *why)
{
    const struct jwk *key = &keys[n];
    size_t i;

    for (i = 0; i < n; i++) {
        if (is_same_key(&keys[i], key))
            return errtext_set(why, "it is there twice");
        if (key->kid[0] != '\0' && keys[i].type == key->type
            && strcmp(keys[i].kid, key->kid) == 0)
            return errtext_set(why, "its kid is that of another key of its "
                                    "type");
    }
    return 0;
}
