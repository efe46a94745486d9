/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The keys of a client record as JSON.
 */

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/client_priv.h"

/* Read one entry of "keys". */
static int
read_key(struct client_key *key, json_t *value, struct errtext *why)
{
    const char *id, *label;
    json_int_t created;
    json_error_t error;
    json_t *jwk;

    if (json_unpack_ex(value, &error, JSON_STRICT, "{s:s,s:s,s:I,s:o}", "id",
                       &id, "label", &label, "created", &created, "jwk", &jwk)
        != 0)
        return errtext_set(why, "keys: %s", error.text);
    if (created < 0)
        return errtext_set(why, "keys: a time is below 0");
    if (strlen(id) >= sizeof(key->id))
        return errtext_set(why, "keys: an id is over %d characters",
                           CRED_ID_MAX - 1);
    if (jwk_read(&key->jwk, jwk, why) != 0)
        return errtext_context(why, "keys");
    memcpy(key->id, id, strlen(id) + 1);
    key->created = created;
    key->label = alloc_text(label);
    return 0;
}

int
client_keys_read(struct client *cl, const struct member *m,
                 const json_t *value, struct errtext *why)
{
    size_t i;

    (void) m;
    if (!json_is_array(value) || json_array_size(value) > CLIENT_KEYS_MAX)
        return errtext_set(why, "keys is not an array of at most %d",
                           CLIENT_KEYS_MAX);
    cl->keys = alloc_zero(json_array_size(value) + 1, sizeof(*cl->keys));
    for (i = 0; i < json_array_size(value); i++) {
        if (read_key(&cl->keys[i], json_array_get(value, i), why) != 0)
            return -1;
        cl->n_keys++;
    }
    return 0;
}

json_t *
client_keys_write(const struct client *cl, const struct member *m)
{
    json_t *array = json_array();
    size_t i;

    (void) m;
    for (i = 0; i < cl->n_keys; i++) {
        const struct client_key *key = &cl->keys[i];
        char text[JWK_TEXT_MAX];
        struct sbuf sb;

        sbuf_init(&sb, text, sizeof(text));
        jwk_write(&sb, &key->jwk);
        /* What cannot be written is a fault here: never lose a key. */
        if (sb.overflow
            || json_array_append_new(
                   array, json_pack("{s:s,s:s,s:I,s:o}", "id", key->id,
                                    "label", key->label, "created",
                                    (json_int_t) key->created, "jwk",
                                    json_loads(text, 0, NULL)))
                   != 0)
            abort();
    }
    return array;
}
