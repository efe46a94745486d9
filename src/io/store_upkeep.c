/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The store: what restore and purge need.
 */

#include <sys/types.h>

#include <db.h>
#include <string.h>

#include "io/store_archive.h"
#include "io/store_env.h"
#include "io/store_meta.h"
#include "io/store_upkeep.h"

enum { CHECKPOINT_SECS = 60 };

struct batch {
    enum store_db db;
    const struct store_put *puts;
    size_t n;
};

static store_env_step_fn read_mark;
static store_env_step_fn write_mark;
static int write_mark_in(struct store *store, DB_TXN *txn,
                         enum store_restore restore);
static store_env_step_fn put_all;
static int put_one(DB *db, DB_TXN *txn, const struct store_put *put);
static store_env_step_fn checkpoint;

int
store_schema(void)
{
    return STORE_META_SCHEMA_NOW;
}

const char *
store_file(enum store_db db)
{
    return store_env_file(db);
}

int
store_restore_get(struct store *store, enum store_restore *restore,
                  struct errtext *why)
{
    return store_env_run(store, read_mark, restore, why);
}

static int
read_mark(struct store *store, void *arg, struct errtext *why)
{
    enum store_restore *restore = arg;
    unsigned long long n = 0;
    int rc = store_env_need(store, STORE_META, STORE_ENV_READ);

    (void)why;
    if (rc == 0)
        rc = store_meta_get(store->dbs[STORE_META], NULL, STORE_META_SCHEMA,
                            0, &n);
    *restore = (enum store_restore)(n / STORE_META_RESTORING);
    return rc;
}

int
store_restore_set(struct store *store, enum store_restore restore,
                  struct errtext *why)
{
    return store_env_run(store, write_mark, &restore, why);
}

static int
write_mark(struct store *store, void *arg, struct errtext *why)
{
    const enum store_restore *restore = arg;
    DB_TXN *txn;
    int rc = store_env_begin(store, STORE_META, &txn);

    (void)why;
    if (rc != 0)
        return rc;
    rc = write_mark_in(store, txn, *restore);
    if (rc != 0)
        return txn->abort(txn) != 0 ? DB_RUNRECOVERY : rc;
    return store_env_commit(store, txn, true);
}

static int
write_mark_in(struct store *store, DB_TXN *txn, enum store_restore restore)
{
    unsigned long long n = (unsigned long long)restore;
    unsigned long long generation = 0;
    DB *meta = store->dbs[STORE_META];
    int rc;

    rc = store_meta_get(meta, txn, STORE_META_GENERATION, DB_RMW, &generation);
    if (rc == 0 || rc == DB_NOTFOUND)
        rc = store_meta_put(meta, txn, STORE_META_GENERATION, generation + 1);
    if (rc == 0)
        rc = store_meta_put(meta, txn, STORE_META_SCHEMA,
                            n * STORE_META_RESTORING + STORE_META_SCHEMA_NOW);
    /* As in store_edit(): who sees the new number waits for the commit. */
    if (rc == 0)
        gate_bump(store->gate);
    return rc;
}

int
store_put_all(struct store *store, enum store_db db,
              const struct store_put *puts, size_t n, struct errtext *why)
{
    struct batch batch = {db, puts, n};

    if (n == 0)
        return 0;
    if (store_env_run(store, put_all, &batch, why) < 0)
        return -1;
    if (gate_count_commit(store->gate))
        store_env_checkpoint(store);
    return 0;
}

static int
put_all(struct store *store, void *arg, struct errtext *why)
{
    const struct batch *batch = arg;
    DB_TXN *txn;
    size_t i;
    int rc = store_env_begin(store, batch->db, &txn);

    (void)why;
    if (rc != 0)
        return rc;
    for (i = 0; i < batch->n && rc == 0; i++)
        rc = put_one(store->dbs[batch->db], txn, &batch->puts[i]);
    if (rc != 0)
        return txn->abort(txn) != 0 ? DB_RUNRECOVERY : rc;
    return store_env_commit(store, txn, false);
}

static int
put_one(DB *db, DB_TXN *txn, const struct store_put *put)
{
    DBT key = {.data = put->key, .size = (u_int32_t)strlen(put->key)};
    DBT value = {.data = put->value};
    int rc;

    if (put->value == NULL) {
        rc = db->del(db, txn, &key, 0);
        return rc == DB_NOTFOUND ? 0 : rc;
    }
    value.size = (u_int32_t)strlen(put->value);
    return db->put(db, txn, &key, &value, 0);
}

int
store_checkpoint(struct store *store, struct errtext *why)
{
    if (store_env_run(store, checkpoint, NULL, why) < 0)
        return -1;
    store_archive_logs(store);
    return 0;
}

static int
checkpoint(struct store *store, void *arg, struct errtext *why)
{
    (void)arg;
    (void)why;
    gate_watch(store->gate, CHECKPOINT_SECS);
    return store->env->txn_checkpoint(store->env, 0, 0, 0);
}
