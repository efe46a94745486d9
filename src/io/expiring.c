/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Records that expire, in a B-tree of the store.
 *
 * The key is the time in eight bytes, the greatest first, and the id: what
 * expires first lies at the left end, whole pages of it become free there, and
 * are used again at the right end.
 */

#include <sys/types.h>

#include <db.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "io/expiring.h"
#include "io/gate.h"
#include "io/store_env.h"

enum {
    TIME_LEN = 8,
    KEY_LEN = TIME_LEN + EXPIRING_ID_LEN,
    PURGE_MAX = 500, /* in passing */
    PURGE_DELAY = 60, /* seconds: see expiring_add() */
};

struct expiring {
    struct store *store;
};

struct addition {
    unsigned char keys[EXPIRING_USES_MAX][KEY_LEN];
    size_t n;
    size_t there; /* which was there */
    bool added;
    bool in_doubt; /* a commit was begun whose end is not known */
};

struct purge {
    unsigned char before[TIME_LEN];
    size_t max;
    size_t n;
};

static void write_time(int64_t time, unsigned char bytes[TIME_LEN]);
static store_env_step_fn add;
static int put(struct store *store, DB_TXN *txn,
               unsigned char bytes[KEY_LEN]);
static struct purge purge_before(int64_t now, size_t max);
static store_env_step_fn purge_in_passing;
static store_env_step_fn purge;
static int walk(struct store *store, DB_TXN *txn, struct purge *purge);
static int delete_expired(DBC *cursor, struct purge *purge);

struct expiring *
expiring_open(struct store *store)
{
    struct expiring *expiring = calloc(1, sizeof(*expiring));

    if (expiring == NULL)
        abort();
    expiring->store = store;
    return expiring;
}

int
expiring_add(struct expiring *expiring, const struct expiring_use *uses,
             size_t n, int64_t now, size_t *there, struct errtext *why)
{
    struct purge old = purge_before(now - PURGE_DELAY, PURGE_MAX);
    struct store *store = expiring->store;
    struct addition addition;
    size_t i;

    memset(&addition, 0, sizeof(addition));
    addition.n = n;
    for (i = 0; i < n; i++) {
        write_time(uses[i].expires, addition.keys[i]);
        memcpy(addition.keys[i] + TIME_LEN, uses[i].id, EXPIRING_ID_LEN);
    }
    if (store_env_run(store, add, &addition, why) < 0)
        return -1;
    /* The record stands, whatever becomes of the upkeep. */
    if (addition.added && gate_count_commit(store->gate)) {
        store_env_checkpoint(store);
        (void)store_env_run(store, purge_in_passing, &old, NULL);
    }
    *there = addition.there;
    return addition.added ? 1 : 0;
}

/* Before 1970 is as long ago as can be. */
static void
write_time(int64_t time, unsigned char bytes[TIME_LEN])
{
    uint64_t left = time > 0 ? (uint64_t)time : 0;
    int i;

    for (i = TIME_LEN - 1; i >= 0; i--) {
        bytes[i] = (unsigned char)(left & 0xff);
        left >>= 8;
    }
}

static int
add(struct store *store, void *arg, struct errtext *why)
{
    struct addition *addition = arg;
    DB_TXN *txn;
    int rc = store_env_begin(store, STORE_REPLAY, &txn);

    if (rc != 0)
        return rc;
    for (addition->there = 0; addition->there < addition->n;
         addition->there++) {
        rc = put(store, txn, addition->keys[addition->there]);
        if (rc != 0)
            break;
    }
    if (rc != 0 && txn->abort(txn) != 0)
        return DB_RUNRECOVERY;
    if (rc == DB_KEYEXIST && addition->in_doubt)
        return errtext_set(why, "the database in %s was recovered in the "
                           "midst of a change: nobody can tell who made it: "
                           "try again with a new value", store->dir);
    if (rc != 0)
        return rc == DB_KEYEXIST ? 0 : rc;
    rc = txn->commit(txn, DB_TXN_WRITE_NOSYNC);
    addition->added = rc == 0;
    addition->in_doubt = rc == DB_RUNRECOVERY;
    return rc;
}

static int
put(struct store *store, DB_TXN *txn, unsigned char bytes[KEY_LEN])
{
    DB *db = store->dbs[STORE_REPLAY];
    DBT key;
    DBT nothing;

    memset(&key, 0, sizeof(key));
    memset(&nothing, 0, sizeof(nothing));
    key.data = bytes;
    key.size = KEY_LEN;
    return db->put(db, txn, &key, &nothing, DB_NOOVERWRITE);
}

int
expiring_purge(struct expiring *expiring, int64_t now, size_t max, size_t *n,
               struct errtext *why)
{
    struct purge old = purge_before(now, max);

    if (store_env_run(expiring->store, purge, &old, why) < 0)
        return -1;
    *n = old.n;
    return 0;
}

static struct purge
purge_before(int64_t now, size_t max)
{
    struct purge old = {{0}, max, 0};

    write_time(now, old.before);
    return old;
}

/* What fails, for another's lock perhaps, is left to the next time. */
static int
purge_in_passing(struct store *store, void *arg, struct errtext *why)
{
    int rc = purge(store, arg, why);

    return rc == DB_RUNRECOVERY ? rc : 0;
}

static int
purge(struct store *store, void *arg, struct errtext *why)
{
    struct purge *old = arg;
    DB_TXN *txn;
    int rc = store_env_begin(store, STORE_REPLAY, &txn);

    (void)why;
    old->n = 0;
    if (rc != 0)
        return rc;
    rc = walk(store, txn, old);
    if (rc != 0 || old->n == 0)
        return txn->abort(txn) != 0 ? DB_RUNRECOVERY : rc;
    return txn->commit(txn, DB_TXN_WRITE_NOSYNC);
}

static int
walk(struct store *store, DB_TXN *txn, struct purge *old)
{
    DB *db = store->dbs[STORE_REPLAY];
    DBC *cursor;
    int rc = db->cursor(db, txn, &cursor, 0);
    int ret;

    if (rc != 0)
        return rc;
    rc = delete_expired(cursor, old);
    ret = cursor->close(cursor);
    return rc != 0 ? rc : ret;
}

static int
delete_expired(DBC *cursor, struct purge *old)
{
    DBT key;
    DBT nothing;
    int rc = 0;

    memset(&key, 0, sizeof(key));
    memset(&nothing, 0, sizeof(nothing));
    while (rc == 0 && old->n < old->max) {
        rc = cursor->get(cursor, &key, &nothing, DB_NEXT | DB_RMW);
        if (rc == DB_NOTFOUND
            || (rc == 0 && memcmp(key.data, old->before, TIME_LEN) >= 0))
            return 0;
        if (rc == 0)
            rc = cursor->del(cursor, 0);
        if (rc == 0)
            old->n++;
    }
    return rc;
}

void
expiring_close(struct expiring *expiring)
{
    free(expiring);
}
