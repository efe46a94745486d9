/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The stored record of a JWK Set that comes from a URL.
 */

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/jwksrec.h"
#include "core/sbuf.h"

static int unpack(struct jwksrec *rec, json_t *root, struct errtext *why);
static int read_keys(struct jwksrec *rec, const json_t *keys,
                     struct errtext *why);

int
jwksrec_load(struct jwksrec *rec, const char *json, size_t len,
             struct errtext *why)
{
    json_error_t error;
    json_t *root = json_loadb(json, len, JSON_REJECT_DUPLICATES, &error);
    int rc;

    memset(rec, 0, sizeof(*rec));
    if (root == NULL)
        return errtext_set(why, "JWK Set record: broken JSON at byte %d",
                           error.position);
    rc = unpack(rec, root, why);
    json_decref(root);
    if (rc == 0)
        return 0;
    jwksrec_free(rec);
    return errtext_context(why, "JWK Set record");
}

/* Every member is there, none that is unknown, each of its type. */
static int
unpack(struct jwksrec *rec, json_t *root, struct errtext *why)
{
    json_int_t fetched, tried;
    const char *trouble;
    json_error_t error;
    json_t *keys;
    int busy;

    if (json_unpack_ex(root, &error, JSON_STRICT,
                       "{s:I, s:I, s:b, s:s, s:o}", "fetched", &fetched,
                       "tried", &tried, "busy", &busy, "trouble", &trouble,
                       "keys", &keys)
        != 0)
        return errtext_set(why, "%s", error.text);
    if (fetched < 0 || tried < 0)
        return errtext_set(why, "a time before 1970");
    rec->fetched = fetched;
    rec->tried = tried;
    rec->busy = busy != 0;
    errtext_set(&rec->trouble, "%s", trouble);
    return read_keys(rec, keys, why);
}

static int
read_keys(struct jwksrec *rec, const json_t *keys, struct errtext *why)
{
    size_t i, n = json_array_size(keys);

    if (!json_is_array(keys) || n > JWK_SET_MAX)
        return errtext_set(why, "keys is not an array of at most %d",
                           JWK_SET_MAX);
    rec->keys = alloc_zero(n + 1, sizeof(*rec->keys));
    for (i = 0; i < n; i++) {
        if (jwk_read(&rec->keys[i], json_array_get(keys, i), why) != 0)
            return errtext_context(why, "key %zu", i + 1);
    }
    rec->n = n;
    return 0;
}

/* The reason may hold a name of a file in any encoding, or half a letter. */
static void
add_trouble(struct sbuf *sb, const struct errtext *trouble)
{
    struct errtext ascii = *trouble;
    size_t i;

    for (i = 0; ascii.text[i] != '\0'; i++) {
        if (ascii.text[i] < ' ' || ascii.text[i] > '~')
            ascii.text[i] = '?';
    }
    sbuf_add_json(sb, ascii.text, i);
}

char *
jwksrec_dump(const struct jwksrec *rec)
{
    char *text = alloc_bytes(JWKSREC_MAX + 1);
    struct sbuf sb;
    size_t i;

    sbuf_init(&sb, text, JWKSREC_MAX + 1);
    sbuf_add(&sb, "{\"fetched\":");
    sbuf_add_int(&sb, rec->fetched);
    sbuf_add(&sb, ",\"tried\":");
    sbuf_add_int(&sb, rec->tried);
    sbuf_add(&sb, rec->busy ? ",\"busy\":true" : ",\"busy\":false");
    sbuf_add(&sb, ",\"trouble\":");
    add_trouble(&sb, &rec->trouble);
    sbuf_add(&sb, ",\"keys\":[");
    for (i = 0; i < rec->n; i++) {
        sbuf_add(&sb, i > 0 ? "," : "");
        jwk_write(&sb, &rec->keys[i]);
    }
    sbuf_add(&sb, "]}");
    if (!sb.overflow)
        return text;
    free(text);
    return NULL;
}

void
jwksrec_free(struct jwksrec *rec)
{
    free(rec->keys);
    memset(rec, 0, sizeof(*rec));
}
