/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Records that expire: removing those that have.
 *
 * Uses lie in the order of their times, records with a text do not, and have
 * no index of them either, which would cost each insertion the same again.
 * Instead a stretch of their table is looked through now and then.
 *
 * After each 61st commit up to 500 records are looked at, from the place of
 * the one that was just written: keys are random, so that each record is met
 * as often as any other.  That is 500 / 61, or 8, for each that is written.
 * When the number of records stands still, as many die as are written: one for
 * 8 that are looked at.  So one in 8 of the table is dead in the long run, and
 * a minute's worth more that is left to those who still wait; it is the
 * same at any rate and for any lifetime.
 *
 * The stretch is looked through outside any transaction and only then is a
 * short one begun, so that nobody waits for pages that come from a slow disk;
 * and either ends when it has taken long.
 */

#include <sys/types.h>

#include <db.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/alloc.h"
#include "io/expiring.h"
#include "io/expiring_priv.h"
#include "io/store_env.h"

enum {
    PURGE_MAX = 500, /* in passing */
    STRETCH = 500, /* records that are looked at in one go */
    DELAY = 60, /* seconds: see expiring_commit() */
    LONG_MS = 100,
};

struct purge {
    unsigned char before[EXPIRING_TIME_LEN];
    size_t max;
    size_t n;
};

struct key {
    unsigned char bytes[EXPIRING_KEY_MAX + 1];
    size_t len;
};

struct sweep {
    enum store_db db;
    int64_t before;
    bool wraps;
    struct key from; /* the first that may be looked at */
    bool ended;      /* there is nothing behind */
    struct key dead[STRETCH];
    size_t n_dead;
    size_t n_tried; /* of the dead */
    size_t n;       /* removed, of all */
};

static struct purge purge_before(int64_t now, size_t max);
static store_env_step_fn purge_in_passing;
static store_env_step_fn purge;
static int walk(struct store *store, DB_TXN *txn, struct purge *purge);
static int delete_expired(DBC *cursor, struct purge *purge);
static struct sweep *sweep_before(enum expiring_table table, int64_t now);
static store_env_step_fn find_in_passing;
static store_env_step_fn find_dead;
static int look(DBC *cursor, struct sweep *sweep);
static void note(struct sweep *sweep, const DBT *key, const DBT *value);
static store_env_step_fn remove_in_passing;
static store_env_step_fn remove_dead;
static int remove_one(DB *db, DB_TXN *txn, struct sweep *sweep,
                      const struct key *dead);
static DBT head_dbt(char head[EXPIRING_HEAD_MAX]);
static int64_t now_ms(void);

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

void
expiring_tidy_uses(struct expiring *expiring, int64_t now)
{
    struct purge old = purge_before(now - DELAY, PURGE_MAX);

    (void)store_env_run(expiring->store, purge_in_passing, &old, NULL);
}

static struct purge
purge_before(int64_t now, size_t max)
{
    struct purge old = {{0}, max, 0};

    expiring_write_time(now, old.before);
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
    DBT key = {.size = 0}, nothing = {.size = 0};
    int rc = 0;

    while (rc == 0 && old->n < old->max) {
        rc = cursor->get(cursor, &key, &nothing, DB_NEXT | DB_RMW);
        if (rc == DB_NOTFOUND
            || (rc == 0
                && memcmp(key.data, old->before, EXPIRING_TIME_LEN) >= 0))
            return 0;
        if (rc == 0)
            rc = cursor->del(cursor, 0);
        if (rc == 0)
            old->n++;
    }
    return rc;
}

int
expiring_sweep(struct expiring *expiring, enum expiring_table table,
               int64_t now, size_t *n, struct errtext *why)
{
    struct sweep *sweep = sweep_before(table, now);
    int rc = 0;

    while (rc == 0 && !sweep->ended) {
        rc = store_env_run(expiring->store, find_dead, sweep, why);
        while (rc == 0 && sweep->n_tried < sweep->n_dead)
            rc = store_env_run(expiring->store, remove_dead, sweep, why);
    }
    *n = sweep->n;
    free(sweep);
    return rc;
}

void
expiring_tidy_table(struct expiring *expiring, enum expiring_table table,
                    const void *key, size_t key_len, int64_t now)
{
    struct sweep *sweep = sweep_before(table, now - DELAY);

    sweep->wraps = true;
    memcpy(sweep->from.bytes, key, key_len);
    sweep->from.len = key_len;
    if (store_env_run(expiring->store, find_in_passing, sweep, NULL) == 0
        && sweep->n_dead > 0)
        (void)store_env_run(expiring->store, remove_in_passing, sweep, NULL);
    free(sweep);
}

static struct sweep *
sweep_before(enum expiring_table table, int64_t now)
{
    struct sweep *sweep = alloc_zero(1, sizeof(*sweep));

    sweep->db = expiring_db(table);
    sweep->before = now;
    return sweep;
}

static int
find_in_passing(struct store *store, void *arg, struct errtext *why)
{
    struct sweep *sweep = arg;
    int rc = find_dead(store, sweep, why);

    return rc == DB_RUNRECOVERY ? rc : 0;
}

static int
find_dead(struct store *store, void *arg, struct errtext *why)
{
    struct sweep *sweep = arg;
    const struct key from = sweep->from;
    DBC *cursor;
    DB *db;
    int rc = store_env_need(store, sweep->db, STORE_ENV_WRITE);
    int ret;

    (void)why;
    sweep->n_dead = sweep->n_tried = 0;
    if (rc != 0)
        return rc;
    db = store->dbs[sweep->db];
    rc = db->cursor(db, NULL, &cursor, 0);
    if (rc != 0)
        return rc;
    rc = look(cursor, sweep);
    ret = cursor->close(cursor);
    if (rc == 0)
        rc = ret;
    if (rc != 0)
        sweep->from = from;
    return rc;
}

/* Moves sweep->from on, to be behind what was looked at. */
static int
look(DBC *cursor, struct sweep *sweep)
{
    int64_t deadline = now_ms() + LONG_MS;
    bool wraps = sweep->wraps;
    char head[EXPIRING_HEAD_MAX];
    DBT key = {.data = sweep->from.bytes,
               .size = (u_int32_t)sweep->from.len};
    DBT value = head_dbt(head);
    size_t i;
    int rc = cursor->get(cursor, &key, &value, DB_SET_RANGE);

    for (i = 1;; i++) {
        if (rc == DB_NOTFOUND && wraps) {
            wraps = false;
            rc = cursor->get(cursor, &key, &value, DB_FIRST);
        }
        if (rc == 0 && key.size > EXPIRING_KEY_MAX)
            rc = EINVAL;
        if (rc != 0)
            break;
        note(sweep, &key, &value);
        if (i >= STRETCH || now_ms() >= deadline)
            return 0;
        rc = cursor->get(cursor, &key, &value, DB_NEXT);
    }
    sweep->ended = rc == DB_NOTFOUND;
    return sweep->ended ? 0 : rc;
}

/* No key lies between one and the same with a zero byte at its end.  What is
 * damaged stays, to be seen. */
static void
note(struct sweep *sweep, const DBT *key, const DBT *value)
{
    struct key *dead = &sweep->dead[sweep->n_dead];
    int64_t expires;

    memcpy(sweep->from.bytes, key->data, key->size);
    sweep->from.bytes[key->size] = '\0';
    sweep->from.len = key->size + 1;
    if (expiring_read_head(value->data, value->size, &expires) == 0
        || expires >= sweep->before)
        return;
    memcpy(dead->bytes, key->data, key->size);
    dead->len = key->size;
    sweep->n_dead++;
}

static int
remove_in_passing(struct store *store, void *arg, struct errtext *why)
{
    int rc = remove_dead(store, arg, why);

    return rc == DB_RUNRECOVERY ? rc : 0;
}

static int
remove_dead(struct store *store, void *arg, struct errtext *why)
{
    int64_t deadline = now_ms() + LONG_MS;
    struct sweep *sweep = arg;
    size_t began = sweep->n;
    size_t i = sweep->n_tried;
    DB_TXN *txn;
    int rc = store_env_begin(store, sweep->db, &txn);

    (void)why;
    if (rc != 0)
        return rc;
    do
        rc = remove_one(store->dbs[sweep->db], txn, sweep, &sweep->dead[i]);
    while (rc == 0 && ++i < sweep->n_dead && now_ms() < deadline);
    if (rc != 0)
        rc = txn->abort(txn) != 0 ? DB_RUNRECOVERY : rc;
    else
        rc = txn->commit(txn, DB_TXN_WRITE_NOSYNC);
    if (rc == 0)
        sweep->n_tried = i;
    else
        sweep->n = began;
    return rc;
}

/* Unless it was written anew since. */
static int
remove_one(DB *db, DB_TXN *txn, struct sweep *sweep, const struct key *dead)
{
    char head[EXPIRING_HEAD_MAX];
    DBT key = {.data = (void *)(uintptr_t)dead->bytes,
               .size = (u_int32_t)dead->len};
    DBT value = head_dbt(head);
    int64_t expires;
    int rc = db->get(db, txn, &key, &value, DB_RMW);

    if (rc == 0
        && expiring_read_head(head, value.size, &expires) > 0
        && expires < sweep->before) {
        rc = db->del(db, txn, &key, 0);
        sweep->n += rc == 0;
    }
    return rc == DB_NOTFOUND ? 0 : rc;
}

/* For the beginning of a value. */
static DBT
head_dbt(char head[EXPIRING_HEAD_MAX])
{
    return (DBT){.data = head,
                 .ulen = EXPIRING_HEAD_MAX,
                 .dlen = EXPIRING_HEAD_MAX,
                 .flags = DB_DBT_USERMEM | DB_DBT_PARTIAL};
}

static int64_t
now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
