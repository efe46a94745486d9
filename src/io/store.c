/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The store: opening it, and reading one record.
 */

#include <sys/types.h>

#include <db.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/store.h"
#include "io/store_env.h"
#include "io/store_meta.h"
#include "io/store_region.h"
#include "io/store_upkeep.h"

enum {
    WORKER_PATIENCE = 2, /* seconds */
    ADMIN_PATIENCE = 10,
    WORN = 32, /* recoveries */
};

struct fetch {
    enum store_db db;
    const char *key;
    char *buf;
    size_t cap;
    size_t len;
    bool found;
};

static int create_all(const char *dir, bool restores, struct errtext *why);
static int check_dir(const char *dir, struct errtext *why);
static int check_database(const char *dir, struct errtext *why);
static int make_ready(struct store *store, struct errtext *why);
static store_env_step_fn check_schema;
static store_env_step_fn create;
static bool is_old(DB *meta);
static int write_numbers(DB *meta, DB_TXN *txn, bool restores);
static store_env_step_fn get;
static store_env_step_fn flush;

int
store_create(const char *dir, struct errtext *why)
{
    if (store_meta_restore_begun(dir))
        return store_meta_refuse(dir, why);
    return create_all(dir, false, why);
}

int
store_create_restoring(const char *dir, struct errtext *why)
{
    if (check_dir(dir, why) < 0 || store_meta_begin_restore(dir, why) < 0)
        return -1;
    return create_all(dir, true, why);
}

static int
create_all(const char *dir, bool restores, struct errtext *why)
{
    struct store *store = NULL;
    bool renewed = false;
    bool old;
    int rc;

    if (check_dir(dir, why) < 0
        || store_env_open(&store, dir, ADMIN_PATIENCE, why) < 0)
        return -1;
    store->restores = restores;
    rc = store_env_run(store, create, &renewed, why);
    if (rc == 0)
        rc = store_env_run(store, check_schema, &old, why);
    store_env_close(store);
    return rc;
}

int
store_open(struct store **out, const char *dir, enum store_role role,
           struct errtext *why)
{
    unsigned patience = role == STORE_SERVES ? WORKER_PATIENCE
                                             : ADMIN_PATIENCE;
    struct store *store = NULL;

    if (check_dir(dir, why) < 0 || check_database(dir, why) < 0
        || store_env_open(&store, dir, patience, why) < 0)
        return -1;
    store->restores = role == STORE_RESTORES;
    store->tries = role == STORE_TRIES;
    /* Databases that are whole say by themselves whether they are served. */
    if (make_ready(store, why) < 0
        || (store->restores && store_meta_end_restore(dir, why) < 0)) {
        store_env_close(store);
        return -1;
    }
    *out = store;
    return 0;
}

static int
check_dir(const char *dir, struct errtext *why)
{
    struct stat st;

    if (stat(dir, &st) < 0)
        return errtext_set(why, "the state directory %s: %s%s", dir,
                           strerror(errno), errno == ENOENT
                           ? ": make it with ccgrant init" : "");
    if (!S_ISDIR(st.st_mode))
        return errtext_set(why, "the state directory %s is not a directory",
                           dir);
    if (st.st_uid != geteuid())
        return errtext_set(why, "the state directory %s belongs to uid %lu, "
                           "and this runs as uid %lu: run it as its owner, "
                           "or chown -R the directory", dir,
                           (unsigned long)st.st_uid,
                           (unsigned long)geteuid());
    if (access(dir, R_OK | W_OK | X_OK) < 0)
        return errtext_set(why, "the state directory %s: %s: its owner must "
                           "be able to write there: chmod u+rwx", dir,
                           strerror(errno));
    return 0;
}

static int
check_database(const char *dir, struct errtext *why)
{
    char path[PATH_TEXT_MAX];

    if (path_join(path, dir, store_env_file(STORE_META), why) < 0)
        return -1;
    if (access(path, R_OK | W_OK) == 0)
        return 0;
    if (errno == ENOENT && store_meta_restore_begun(dir))
        return store_meta_refuse(dir, why);
    if (errno == ENOENT)
        return errtext_set(why, "the state directory %s holds no database: "
                           "make it with ccgrant init", dir);
    return errtext_set(why, "cannot open %s: %s: it must belong to the owner "
                       "of its directory: chown, chmod 660", path,
                       strerror(errno));
}

/* Another process may be at the same, or an older one dead in the midst. */
static int
make_ready(struct store *store, struct errtext *why)
{
    bool renewed = false;
    bool old = false;
    int rc = store_env_run(store, check_schema, &old, why);

    if (rc == 0 && old)
        rc = store_env_run(store, create, &renewed, why);
    if (rc == 0 && old)
        rc = store_env_run(store, check_schema, &old, why);
    return rc;
}

static int
check_schema(struct store *store, void *arg, struct errtext *why)
{
    unsigned long long n = 0;
    bool *old = arg;
    int rc = store_meta_schema(store, &n, why);

    if ((rc == DB_NOTFOUND || rc == ENOENT)
        && store_meta_restore_begun(store->dir))
        return store_meta_refuse(store->dir, why);
    if (rc == DB_NOTFOUND || rc == ENOENT)
        return errtext_set(why, "the database in %s is not finished: run "
                           "ccgrant init again", store->dir);
    if (rc == EINVAL || (rc == 0 && n < STORE_META_SCHEMA_OLD))
        return errtext_set(why, "the database in %s has a schema that this "
                           "ccgrant cannot read", store->dir);
    if (rc == 0 && n > STORE_META_SCHEMA_NOW)
        return errtext_set(why, "%s: the database has schema %llu, this "
                           "ccgrant knows %d: upgrade ccgrant", store->dir,
                           n, STORE_META_SCHEMA_NOW);
    *old = n < STORE_META_SCHEMA_NOW;
    return rc;
}

/* Make what is missing: all, or what is new since an older schema.  Then the
 * regions are made anew before, to hold more; the flag says that they are. */
static int
create(struct store *store, void *arg, struct errtext *why)
{
    bool *renewed = arg;
    DB_TXN *txn;
    int db;
    int rc = store_region_has_room(store->dir) ? 0 : ENOSPC;

    (void)why;
    if (rc == 0)
        rc = store_env_need(store, STORE_META, STORE_ENV_CREATE);
    if (rc == 0 && !*renewed && is_old(store->dbs[STORE_META])) {
        *renewed = true;
        return DB_RUNRECOVERY;
    }
    for (db = 0; db < STORE__MAX && rc == 0; db++)
        rc = store_env_need(store, (enum store_db)db, STORE_ENV_CREATE);
    if (rc == 0)
        rc = store_env_begin(store, STORE_META, &txn);
    if (rc != 0)
        return rc;
    rc = write_numbers(store->dbs[STORE_META], txn, store->restores);
    if (rc != 0)
        return txn->abort(txn) != 0 ? DB_RUNRECOVERY : rc;
    return store_env_commit(store, txn, true);
}

static bool
is_old(DB *meta)
{
    unsigned long long n;

    return store_meta_get(meta, NULL, STORE_META_SCHEMA, 0, &n) == 0
           && n < STORE_META_SCHEMA_NOW;
}

/* The schema says that the rest is there, in files that were made before.
 * What a restore makes is marked from the beginning. */
static int
write_numbers(DB *meta, DB_TXN *txn, bool restores)
{
    unsigned long long n, now = STORE_META_SCHEMA_NOW;
    int rc = store_meta_get(meta, txn, STORE_META_GENERATION, DB_RMW, &n);

    if (rc == DB_NOTFOUND)
        rc = store_meta_put(meta, txn, STORE_META_GENERATION, 0);
    if (rc != 0)
        return rc;
    rc = store_meta_get(meta, txn, STORE_META_SCHEMA, DB_RMW, &n);
    if (rc == DB_NOTFOUND && restores)
        now += STORE_RESTORE_ALL * STORE_META_RESTORING;
    if (rc == DB_NOTFOUND || (rc == 0 && n >= STORE_META_SCHEMA_OLD
                               && n < STORE_META_SCHEMA_NOW))
        rc = store_meta_put(meta, txn, STORE_META_SCHEMA, now);
    return rc;
}

uint64_t
store_generation(const struct store *store)
{
    return gate_generation(store->gate);
}

int
store_get(struct store *store, enum store_db db, const char *key, char *buf,
          size_t cap, size_t *len, struct errtext *why)
{
    struct fetch fetch = {db, key, buf, cap, 0, false};

    if (store_env_run(store, get, &fetch, why) < 0)
        return -1;
    *len = fetch.len;
    return fetch.found ? 1 : 0;
}

static int
get(struct store *store, void *arg, struct errtext *why)
{
    struct fetch *fetch = arg;
    DBT key = {.data = (void *)(uintptr_t)fetch->key,
               .size = (u_int32_t)strlen(fetch->key)};
    DBT value = {.data = fetch->buf,
                 .ulen = (u_int32_t)(fetch->cap - 1),
                 .flags = DB_DBT_USERMEM};
    DB *db;
    int rc = store_meta_check(store, why);

    if (rc == 0)
        rc = store_env_need(store, fetch->db, STORE_ENV_READ);
    if (rc != 0)
        return rc;
    db = store->dbs[fetch->db];
    rc = db->get(db, NULL, &key, &value, 0);
    fetch->found = rc == 0;
    if (rc == DB_NOTFOUND)
        return 0;
    if (rc == DB_BUFFER_SMALL)
        return errtext_set(why, "%s/%s: the record %.80s is larger than %zu "
                           "bytes", store->dir, store_env_file(fetch->db),
                           fetch->key, fetch->cap - 1);
    if (rc == 0) {
        fetch->len = value.size;
        fetch->buf[value.size] = '\0';
    }
    return rc;
}

int
store_flush(struct store *store, struct errtext *why)
{
    bool failed = false;

    return store_env_run(store, flush, &failed, why);
}

/*
 * A flush that failed is not tried again: the kernel tells of a page that it
 * could not write once, and then forgets it.  The environment is recovered.
 *
 * The library knows nothing of what was committed in a past life of the
 * environment.  That is on the disk: before a recovery the whole log is
 * flushed, see store_log.h.
 */
static int
flush(struct store *store, void *arg, struct errtext *why)
{
    bool *failed = arg;

    if (*failed)
        return errtext_set(why, "the log in %s could not be flushed to the "
                           "disk: look at the disk, and at what the kernel "
                           "says of it", store->dir);
    *failed = store->env->log_flush(store->env, NULL) != 0;
    return *failed ? DB_RUNRECOVERY : 0;
}

bool
store_is_worn(const struct store *store)
{
    return store->reopened >= WORN;
}

void
store_close(struct store *store)
{
    store_env_close(store);
}
