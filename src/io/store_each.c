/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The store: going through all records.
 */

#include <sys/types.h>

#include <db.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "io/store.h"
#include "io/store_each.h"
#include "io/store_env.h"
#include "io/store_meta.h"

enum {
    CHUNK_RECORDS = 256,
    CHUNK_BYTES = 1 << 20, /* of which the last record may go beyond */
};

struct record {
    size_t key; /* offsets in the bytes of the chunk; both are terminated */
    size_t value;
    size_t key_len;
    size_t len; /* of the value */
};

/* What one stay inside the library reads. */
struct chunk {
    enum store_db db;
    char *from; /* the first key that may be read */
    size_t from_len;
    char *bytes;
    size_t used;
    size_t cap;
    struct record records[CHUNK_RECORDS];
    size_t n;
    bool last;
};

struct visit {
    store_each_fn *fn;
    void *arg;
};

static store_each_from_fn visit_text;
static store_env_step_fn read_chunk;
static int read_records(DBC *cursor, struct chunk *chunk);
static size_t append(struct chunk *chunk, const DBT *bytes);
static void begin_at(struct chunk *chunk, const void *key, size_t len);
static void begin_after(struct chunk *chunk, const struct record *last);

int
store_each(struct store *store, enum store_db db, store_each_fn *fn,
           void *arg, struct errtext *why)
{
    struct visit visit = {fn, arg};

    return store_each_from(store, db, "", 0, visit_text, &visit, why);
}

static int
visit_text(void *arg, const char *key, size_t key_len, const char *value,
           size_t len)
{
    const struct visit *visit = arg;

    (void)key_len;
    return visit->fn(visit->arg, key, value, len);
}

int
store_each_from(struct store *store, enum store_db db, const void *from,
                size_t len, store_each_from_fn *fn, void *arg,
                struct errtext *why)
{
    struct chunk *chunk = alloc_zero(1, sizeof(*chunk));
    const struct record *at;
    int rc = 0;
    size_t i;

    chunk->db = db;
    begin_at(chunk, from, len);
    do {
        rc = store_env_run(store, read_chunk, chunk, why);
        for (i = 0; i < chunk->n && rc == 0; i++) {
            at = &chunk->records[i];
            rc = fn(arg, chunk->bytes + at->key, at->key_len,
                    chunk->bytes + at->value, at->len);
        }
        if (rc == 0 && chunk->n > 0)
            begin_after(chunk, &chunk->records[chunk->n - 1]);
    } while (rc == 0 && !chunk->last);
    free(chunk->from);
    free(chunk->bytes);
    free(chunk);
    return rc;
}

static int
read_chunk(struct store *store, void *arg, struct errtext *why)
{
    struct chunk *chunk = arg;
    DBC *cursor;
    DB *db;
    int rc = store_meta_check(store, why);
    int ret;

    chunk->used = 0;
    chunk->n = 0;
    chunk->last = false;
    if (rc == 0)
        rc = store_env_need(store, chunk->db, STORE_ENV_READ);
    if (rc != 0)
        return rc;
    db = store->dbs[chunk->db];
    rc = db->cursor(db, NULL, &cursor, 0);
    if (rc != 0)
        return rc;
    rc = read_records(cursor, chunk);
    ret = cursor->close(cursor);
    return rc != 0 ? rc : ret;
}

static int
read_records(DBC *cursor, struct chunk *chunk)
{
    struct record *at;
    DBT key = {.data = chunk->from, .size = (u_int32_t)chunk->from_len};
    DBT value = {.size = 0};
    int rc = cursor->get(cursor, &key, &value, DB_SET_RANGE);

    while (rc == 0) {
        at = &chunk->records[chunk->n++];
        at->key = append(chunk, &key);
        at->key_len = key.size;
        at->value = append(chunk, &value);
        at->len = value.size;
        if (chunk->n == CHUNK_RECORDS || chunk->used >= CHUNK_BYTES)
            return 0;
        rc = cursor->get(cursor, &key, &value, DB_NEXT);
    }
    chunk->last = rc == DB_NOTFOUND;
    return chunk->last ? 0 : rc;
}

static size_t
append(struct chunk *chunk, const DBT *bytes)
{
    size_t at = chunk->used;
    size_t need = at + bytes->size + 1;

    if (need > chunk->cap) {
        chunk->cap = need > 2 * chunk->cap ? need : 2 * chunk->cap;
        chunk->bytes = alloc_again(chunk->bytes, chunk->cap);
    }
    if (bytes->size > 0)
        memcpy(chunk->bytes + at, bytes->data, bytes->size);
    chunk->bytes[at + bytes->size] = '\0';
    chunk->used = need;
    return at;
}

static void
begin_at(struct chunk *chunk, const void *key, size_t len)
{
    free(chunk->from);
    chunk->from_len = len;
    chunk->from = alloc_bytes(len + 1);
    memcpy(chunk->from, key, len);
}

/* No key lies between one and the same with a zero byte at its end. */
static void
begin_after(struct chunk *chunk, const struct record *last)
{
    begin_at(chunk, chunk->bytes + last->key, last->key_len + 1);
}
