/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The records of a backup on their way into the store.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/client.h"
#include "ctl_load.h"
#include "ctl_record.h"
#include "io/crypto.h"
#include "io/dump.h"
#include "revocation.h"

enum {
    BATCH_RECORDS = 64,
    BATCH_BYTES = 1 << 18, /* of which the last record may go beyond */
};

/* Two sorted lists side by side: the store's and the backup's. */
struct merge {
    struct ctl_load *load;
    enum store_db db;
    struct dump_record next; /* of the backup */
    bool has_next;
    struct store_put puts[BATCH_RECORDS];
    size_t n;
    size_t bytes;
    struct errtext *why;
};

static store_each_fn meet;
static int advance(struct merge *merge);
static int put_next(struct merge *merge, const char *old, size_t len);
static int put(struct merge *merge, const char *key, char *value);
static int flush(struct merge *merge);
static char *later_client(struct merge *merge, const char *old, size_t len);
static char *later_meta(const struct merge *merge, const char *old);
static ctl_manifest_fn add_cached, add_use, add_record;

/* What the backup cannot say of this store. */
static bool
is_own(enum store_db db, const char *key)
{
    return db == STORE_META
           && (strcmp(key, "schema") == 0 || strcmp(key, "generation") == 0);
}

int
ctl_load_exactly(struct ctl_load *load, enum store_db db,
                 struct errtext *why)
{
    struct merge merge = {.load = load, .db = db, .why = why};
    int rc;

    dump_rewind(load->backup->dumps[db]);
    rc = advance(&merge);
    if (rc == 0)
        rc = store_each(load->store, db, meet, &merge, why);
    while (rc == 0 && merge.has_next) {
        rc = put_next(&merge, NULL, 0);
        if (rc == 0)
            rc = advance(&merge);
    }
    return flush(&merge) == 0 && rc == 0 ? 0 : -1;
}

/* A record of the store: those of the backup before it are new, and if the
 * next is another one, this is not in the backup. */
static int
meet(void *arg, const char *key, const char *value, size_t len)
{
    struct merge *merge = arg;

    if (is_own(merge->db, key))
        return 0;
    while (merge->has_next && strcmp(merge->next.key, key) < 0) {
        if (put_next(merge, NULL, 0) != 0 || advance(merge) != 0)
            return -1;
    }
    if (merge->has_next && strcmp(merge->next.key, key) == 0)
        return put_next(merge, value, len) == 0 ? advance(merge) : -1;
    if (merge->load->mode == STORE_RESTORE_PART && merge->db == STORE_META
        && strcmp(key, REVOCATION_ALL_META) == 0)
        return 0;
    merge->load->removed[merge->db]++;
    return put(merge, key, NULL);
}

static int
advance(struct merge *merge)
{
    int rc;

    do
        rc = dump_next(merge->load->backup->dumps[merge->db], &merge->next,
                       merge->why);
    while (rc == 1 && is_own(merge->db, merge->next.key));
    merge->has_next = rc == 1;
    return rc < 0 ? -1 : 0;
}

/* Write the next of the backup over what is there, if that is another. */
static int
put_next(struct merge *merge, const char *old, size_t len)
{
    char *value = NULL;

    if (merge->load->mode == STORE_RESTORE_PART)
        value = merge->db == STORE_CLIENTS ? later_client(merge, old, len)
                                           : later_meta(merge, old);
    if (value == NULL)
        value = alloc_text(merge->next.value);
    if (old != NULL && strcmp(value, old) == 0) {
        crypto_wipe(value, strlen(value));
        free(value);
        return 0;
    }
    merge->load->written[merge->db]++;
    return put(merge, merge->next.key, value);
}

static int
put(struct merge *merge, const char *key, char *value)
{
    struct store_put *at = &merge->puts[merge->n++];

    at->key = alloc_text(key);
    at->value = value;
    merge->bytes += value != NULL ? strlen(value) : 0;
    if (merge->n == BATCH_RECORDS || merge->bytes >= BATCH_BYTES)
        return flush(merge);
    return 0;
}

static int
flush(struct merge *merge)
{
    int rc = store_put_all(merge->load->store, merge->db, merge->puts,
                           merge->n, merge->why);
    size_t i;

    for (i = 0; i < merge->n; i++) {
        if (merge->puts[i].value != NULL)
            crypto_wipe(merge->puts[i].value, strlen(merge->puts[i].value));
        free(merge->puts[i].key);
        free(merge->puts[i].value);
    }
    merge->n = 0;
    merge->bytes = 0;
    return rc;
}

/* The client of the backup with the later revocation, or NULL: it has that. */
static char *
later_client(struct merge *merge, const char *old, size_t len)
{
    const struct dump_record *next = &merge->next;
    struct client *cl = NULL;
    char *text = NULL;
    int64_t until;

    (void) ctl_record_revoked(merge->load->expiring, next->key,
                              merge->load->now, &until, NULL);
    if (old != NULL && client_load(&cl, old, len, NULL) == 0) {
        until = cl->revoked_until > until ? cl->revoked_until : until;
        client_free(cl);
    }
    if (client_load(&cl, next->value, next->len, NULL) != 0)
        return NULL;
    if (cl->revoked_until < until) {
        cl->revoked_until = until;
        text = client_dump(cl);
    }
    client_free(cl);
    return text;
}

static char *
later_meta(const struct merge *merge, const char *old)
{
    if (old == NULL || strcmp(merge->next.key, REVOCATION_ALL_META) != 0
        || strtoll(old, NULL, 10) <= strtoll(merge->next.value, NULL, 10))
        return NULL;
    return alloc_text(old);
}

int
ctl_load_missing(struct ctl_load *load, enum store_db db,
                 struct errtext *why)
{
    struct merge merge = {.load = load, .db = db, .why = why};
    ctl_manifest_fn *fn = db == STORE_JWKS     ? add_cached
                          : db == STORE_REPLAY ? add_use
                                               : add_record;

    return ctl_manifest_each(load->backup, db, fn, &merge, why);
}

static int
add_unless_there(void *arg, const char *old, size_t len, char **value,
                 struct errtext *why)
{
    const struct ctl_sound *record = arg;

    (void) len;
    (void) why;
    if (old != NULL)
        return 0;
    *value = alloc_text(record->value);
    return 2;
}

static int
add_cached(void *arg, const struct ctl_sound *record)
{
    struct merge *merge = arg;
    struct ctl_sound copy = *record;
    int rc = store_edit(merge->load->store, STORE_JWKS, record->key,
                        add_unless_there, &copy, merge->why);

    if (rc == 1)
        merge->load->written[STORE_JWKS]++;
    return rc < 0 ? -1 : 0;
}

static int
add_use(void *arg, const struct ctl_sound *record)
{
    struct merge *merge = arg;
    struct ctl_load *load = merge->load;
    struct expiring_use use = {.expires = ctl_sound_expires(record)};
    const struct expiring_change change = {.uses = &use, .n_uses = 1};
    size_t there;
    int rc;

    if (use.expires <= load->now)
        return 0;
    memcpy(use.id, record->key + record->key_len - EXPIRING_ID_LEN,
           EXPIRING_ID_LEN);
    rc = expiring_commit(load->expiring, &change, load->now, &there,
                         merge->why);
    if (rc == 1)
        load->written[STORE_REPLAY]++;
    return rc < 0 ? -1 : 0;
}

static int
add_record(void *arg, const struct ctl_sound *record)
{
    struct merge *merge = arg;
    struct ctl_load *load = merge->load;
    char text[EXPIRING_TEXT_MAX + 1];
    struct expiring_record new = {
        .table = record->db == STORE_TOKENS ? EXPIRING_TOKENS
                                            : EXPIRING_COUNTERS,
        .key = record->key,
        .key_len = record->key_len,
        .expires = ctl_sound_expires(record),
        .text = ctl_sound_text(record),
    };
    const struct expiring_change change = {.records = &new, .n_records = 1};
    bool is_opaque = record->db == STORE_TOKENS && *new.text != '\0';
    size_t there;
    int rc;

    if (new.expires <= load->now)
        return 0;
    rc = expiring_read(load->expiring, new.table, new.key, new.key_len,
                       load->now, text, sizeof(text), NULL, NULL, merge->why);
    crypto_wipe(text, sizeof(text));
    /* A counter that cannot be read is written anew. */
    if (rc > 0 || (rc < 0 && new.table == EXPIRING_TOKENS))
        return rc > 0 ? 0 : -1;
    if (is_opaque && load->mode != STORE_RESTORE_ALL) {
        load->left_out++;
        return 0;
    }
    rc = expiring_commit(load->expiring, &change, load->now, &there,
                         merge->why);
    if (rc == 1)
        load->written[record->db]++;
    return rc < 0 ? -1 : 0;
}
