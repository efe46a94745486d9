/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The store: the records of one moment.
 */

#include <sys/types.h>

#include <db.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "io/store_each.h"
#include "io/store_env.h"
#include "io/store_meta.h"
#include "io/store_upkeep.h"

enum {
    TRIES = 5,
    HELD_SECS = 60,  /* at most, while changes are held up */
    PRIORITY = 1000, /* in a deadlock; of all others it is 100 */
};

/* Key and value, each terminated; lies in the bytes of the heap. */
struct record {
    enum store_db db;
    size_t key; /* offset */
    size_t key_len;
    size_t value;
    size_t len; /* of the value */
};

struct heap {
    const enum store_db *dbs;
    size_t n_dbs;
    enum store_db db; /* that is being read */
    char *bytes;
    size_t used;
    size_t cap;
    struct record *records;
    size_t n;
    size_t room; /* of records */
};

static int read_freely(struct store *store, struct heap *heap,
                       struct errtext *why);
static store_each_from_fn take;
static store_env_step_fn read_held;
static int read_in(struct store *store, DB_TXN *txn, struct heap *heap);
static int read_all(DBC *cursor, struct heap *heap);
static void add(struct heap *heap, const void *key, size_t key_len,
                const void *value, size_t len);
static size_t append(struct heap *heap, const void *bytes, size_t len);
static void empty(struct heap *heap);

int
store_snapshot(struct store *store, const enum store_db *dbs, size_t n,
               store_snapshot_fn *fn, void *arg, struct errtext *why)
{
    struct heap heap = {.dbs = dbs, .n_dbs = n};
    const struct record *at;
    int rc = 0;
    int i;
    size_t j;

    for (i = 0; i < TRIES && rc == 0; i++)
        rc = read_freely(store, &heap, why);
    if (rc == 0)
        rc = store_env_run(store, read_held, &heap, why) < 0 ? -1 : 1;
    for (j = 0; j < heap.n && rc == 1; j++) {
        at = &heap.records[j];
        rc = fn(arg, at->db, heap.bytes + at->key, at->key_len,
                heap.bytes + at->value, at->len) == 0 ? 1 : 2;
    }
    empty(&heap);
    free(heap.bytes);
    free(heap.records);
    return rc == 1 ? 0 : -1;
}

/*
 * A change raises the generation before its commit, and what it writes is
 * locked until then: under one generation nothing new can be seen.
 *
 * Returns 1, 0 when there was a change, -1 with the reason in *why.
 */
static int
read_freely(struct store *store, struct heap *heap, struct errtext *why)
{
    uint64_t generation = store_generation(store);
    size_t i;

    empty(heap);
    for (i = 0; i < heap->n_dbs; i++) {
        heap->db = heap->dbs[i];
        if (store_each_from(store, heap->db, "", 0, take, heap, why) < 0)
            return -1;
        if (store_generation(store) != generation)
            return 0;
    }
    return 1;
}

static int
take(void *arg, const char *key, size_t key_len, const char *value,
     size_t len)
{
    add(arg, key, key_len, value, len);
    return 0;
}

/*
 * Every change raises the generation of the database too: who holds that
 * record holds them up.  Changes lock it last, this locks it first; of the
 * two the library then ends the other one, which begins again.
 */
static int
read_held(struct store *store, void *arg, struct errtext *why)
{
    unsigned long long generation;
    struct heap *heap = arg;
    DB_TXN *txn;
    size_t i;
    int rc = store_env_need(store, STORE_META, STORE_ENV_WRITE);

    (void)why;
    empty(heap);
    gate_watch(store->gate, HELD_SECS);
    for (i = 0; i < heap->n_dbs && rc == 0; i++)
        rc = store_env_need(store, heap->dbs[i], STORE_ENV_WRITE);
    if (rc == 0)
        rc = store->env->txn_begin(store->env, NULL, &txn,
                                   DB_READ_COMMITTED);
    if (rc != 0)
        return rc;
    rc = txn->set_priority(txn, PRIORITY);
    if (rc == 0)
        rc = store_meta_get(store->dbs[STORE_META], txn,
                            STORE_META_GENERATION, DB_RMW, &generation);
    if (rc == 0)
        rc = read_in(store, txn, heap);
    return txn->abort(txn) != 0 ? DB_RUNRECOVERY : rc;
}

static int
read_in(struct store *store, DB_TXN *txn, struct heap *heap)
{
    DBC *cursor;
    size_t i;
    int rc = 0;
    int ret;
    DB *db;

    for (i = 0; i < heap->n_dbs && rc == 0; i++) {
        heap->db = heap->dbs[i];
        db = store->dbs[heap->db];
        rc = db->cursor(db, txn, &cursor, DB_READ_COMMITTED);
        if (rc != 0)
            return rc;
        rc = read_all(cursor, heap);
        ret = cursor->close(cursor);
        if (rc == 0)
            rc = ret;
    }
    return rc;
}

static int
read_all(DBC *cursor, struct heap *heap)
{
    DBT key = {.size = 0}, value = {.size = 0};
    int rc;

    while ((rc = cursor->get(cursor, &key, &value, DB_NEXT)) == 0)
        add(heap, key.data, key.size, value.data, value.size);
    return rc == DB_NOTFOUND ? 0 : rc;
}

static void
add(struct heap *heap, const void *key, size_t key_len, const void *value,
    size_t len)
{
    struct record *at;

    if (heap->n == heap->room) {
        heap->room = heap->room > 0 ? 2 * heap->room : 256;
        heap->records = alloc_again(heap->records,
                                    heap->room * sizeof(*heap->records));
    }
    at = &heap->records[heap->n++];
    at->db = heap->db;
    at->key = append(heap, key, key_len);
    at->key_len = key_len;
    at->value = append(heap, value, len);
    at->len = len;
}

static size_t
append(struct heap *heap, const void *bytes, size_t len)
{
    size_t at = heap->used;
    size_t need = at + len + 1;

    if (need > heap->cap) {
        heap->cap = need > 2 * heap->cap ? need : 2 * heap->cap;
        heap->bytes = alloc_again(heap->bytes, heap->cap);
    }
    if (len > 0)
        memcpy(heap->bytes + at, bytes, len);
    heap->bytes[at + len] = '\0';
    heap->used = need;
    return at;
}

static void
empty(struct heap *heap)
{
    heap->used = 0;
    heap->n = 0;
}
