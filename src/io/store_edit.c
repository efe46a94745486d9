/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The store: changing one record.
 */

#include <sys/types.h>

#include <db.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "io/store.h"
#include "io/store_env.h"
#include "io/store_meta.h"

struct edit {
    enum store_db db;
    const char *key;
    store_edit_fn *fn;
    void *arg;
    bool changed;
    bool quiet; /* the generation is not raised */
    bool in_doubt; /* a commit was begun whose end is not known */
};

static store_env_step_fn edit;
static int edit_in(struct store *store, DB_TXN *txn, struct edit *ed,
                   struct errtext *why);
static int decide(struct store *store, DB_TXN *txn, struct edit *ed,
                  char **value, struct errtext *why);
static int write_value(DB *db, DB_TXN *txn, const char *key,
                       const char *value);
static int raise_generation(struct store *store, DB_TXN *txn);
static DBT text_dbt(const char *text);

int
store_edit(struct store *store, enum store_db db, const char *key,
           store_edit_fn *fn, void *arg, struct errtext *why)
{
    struct edit ed = {db, key, fn, arg, false, false, false};

    if (store->tries)
        return 0;
    if (store_env_run(store, edit, &ed, why) < 0)
        return -1;
    /* The change stands, whatever becomes of the upkeep. */
    if (ed.changed && gate_count_commit(store->gate))
        store_env_checkpoint(store);
    return ed.changed || ed.in_doubt ? 1 : 0;
}

static int
edit(struct store *store, void *arg, struct errtext *why)
{
    struct edit *ed = arg;
    DB_TXN *txn;
    int rc = store_env_need(store, STORE_META, STORE_ENV_WRITE);

    ed->changed = false;
    if (rc == 0)
        rc = store_env_begin(store, ed->db, &txn);
    if (rc != 0)
        return rc;
    rc = edit_in(store, txn, ed, why);
    if (rc != 0 || !ed->changed)
        return txn->abort(txn) != 0 ? DB_RUNRECOVERY : rc;
    rc = store_env_commit(store, txn, ed->db != STORE_JWKS);
    if (rc == DB_RUNRECOVERY)
        ed->in_doubt = true;
    return rc;
}

static int
edit_in(struct store *store, DB_TXN *txn, struct edit *ed,
        struct errtext *why)
{
    char *value = NULL;
    int rc = decide(store, txn, ed, &value, why);

    if (rc == 0 && ed->changed)
        rc = write_value(store->dbs[ed->db], txn, ed->key, value);
    free(value);
    if (rc == 0 && ed->changed && !ed->quiet)
        rc = raise_generation(store, txn);
    /* Who sees this number from now on reads what is locked here, and so
     * waits for the commit. */
    if (rc == 0 && ed->changed && !ed->quiet)
        gate_bump(store->gate);
    return rc;
}

static int
decide(struct store *store, DB_TXN *txn, struct edit *ed, char **value,
       struct errtext *why)
{
    DB *db = store->dbs[ed->db];
    DBT key = text_dbt(ed->key), found = {.size = 0};
    char *old = NULL;
    int rc = db->get(db, txn, &key, &found, DB_RMW);

    if (rc != 0 && rc != DB_NOTFOUND)
        return rc;
    if (rc == 0) {
        old = alloc_zero(1, (size_t)found.size + 1);
        memcpy(old, found.data, found.size);
    }
    rc = ed->fn(ed->arg, old, found.size, value, why);
    ed->changed = rc > 0 && (*value != NULL || old != NULL);
    ed->quiet = rc == 2;
    free(old);
    if (rc < 0)
        return STORE_ENV_REFUSED;
    if (*value != NULL && strlen(*value) > STORE_VALUE_MAX)
        return errtext_set(why, "the record %.80s would be larger than %d "
                           "bytes", ed->key, STORE_VALUE_MAX);
    return 0;
}

static int
write_value(DB *db, DB_TXN *txn, const char *key, const char *value)
{
    DBT at = text_dbt(key), bytes;

    if (value == NULL)
        return db->del(db, txn, &at, 0);
    bytes = text_dbt(value);
    return db->put(db, txn, &at, &bytes, 0);
}

static int
raise_generation(struct store *store, DB_TXN *txn)
{
    DB *meta = store->dbs[STORE_META];
    unsigned long long n = 0;
    int rc = store_meta_get(meta, txn, STORE_META_GENERATION, DB_RMW, &n);

    if (rc == 0 || rc == DB_NOTFOUND)
        rc = store_meta_put(meta, txn, STORE_META_GENERATION, n + 1);
    return rc;
}

static DBT
text_dbt(const char *text)
{
    return (DBT){.data = (void *)(uintptr_t)text,
                 .size = (u_int32_t)strlen(text)};
}
