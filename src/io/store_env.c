/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The Berkeley DB environment behind its gate.
 */

#include <sys/types.h>

#include <db.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/alloc.h"
#include "io/store_archive.h"
#include "io/store_env.h"
#include "io/store_log.h"
#include "io/store_region.h"

enum {
    MODE = 0660,
    PAGE_BYTES = 4096, /* see below */
    CACHE_BYTES = 2 << 20, /* all of it may become a worker's memory */
    LOG_FILE_BYTES = 1 << 20,
    CHECKPOINT_KB = 4096, /* of log; recovery takes 20 ms for each MB */
    DISK_SECS = 30, /* for what waits for the disk */
    /* What GATE_SLOTS processes with every database open need. */
    MUTEXES_MAX = 4300,
    LOCK_PARTITIONS = 20, /* of two processors, too */
    LOG_REGION_BYTES = 992 << 10,
    SPINS = 100, /* on a mutex before sleeping: what the library takes for two
                    processors */
    YIELD_NS = 200000,
    RECOVERIES_MAX = 30, /* in one call */
    DEADLOCKS_MAX = 1000,
};

/*
 * A greater page would hold more records, but the kernel may write it in
 * pieces of 4096 bytes, and SIGKILL comes between two of them: t/kill found
 * such halves, which no recovery can know of.
 */

static const char *const files[STORE__MAX] = {
    "clients.db", "keys.db", "meta.db", "jwks.db", "replay.db", "tokens.db",
    "counters.db",
};

static const u_int32_t subsystems =
    DB_INIT_MPOOL | DB_INIT_TXN | DB_INIT_LOCK | DB_INIT_LOG;

static gate_recover_fn recover;
static int make_handle(struct store *store, DB_ENV **env);
static int yield(u_long secs, u_long usecs);
static int enter(struct store *store, uint64_t life);
static int join(struct store *store);
static void discard(struct store *store);
static store_env_step_fn checkpoint;
static int close_cleanly(struct store *store);
static void close_dbs(struct store *store);
static void close_db(struct store *store, enum store_db which);
static int explain(const struct store *store, int rc, struct errtext *why);
static void hear_error(const DB_ENV *env, const char *prefix,
                       const char *text);
static void hear_message(const DB_ENV *env, const char *text);

const char *
store_env_file(enum store_db db)
{
    return files[db];
}

int
store_env_open(struct store **out, const char *dir, unsigned patience,
               struct errtext *why)
{
    struct store *store = alloc_zero(1, sizeof(*store));
    char path[PATH_TEXT_MAX];

    if (path_join(path, dir, "gate", why) < 0
        || gate_open(&store->gate, path, patience, recover, store, why) < 0) {
        free(store);
        return -1;
    }
    snprintf(store->dir, sizeof(store->dir), "%s", dir);
    *out = store;
    return 0;
}

/*
 * Makes the environment anew from the log, with nobody inside, and leaves it
 * again: what recovery has touched would stay in this process's memory.
 */
static int
recover(void *arg, struct errtext *why)
{
    struct store *store = arg;
    DB_ENV *env;
    int ret;
    int rc = store_log_flush(store->dir);

    if (rc == 0)
        rc = store_region_clear(store->dir);
    if (rc == 0)
        rc = make_handle(store, &env);
    if (rc != 0)
        return explain(store, rc, why);
    if ((rc = env->set_cachesize(env, 0, CACHE_BYTES, 1)) == 0
        && (rc = env->set_lg_max(env, LOG_FILE_BYTES)) == 0
        && (rc = env->set_lg_regionmax(env, LOG_REGION_BYTES)) == 0
        && (rc = env->mutex_set_max(env, MUTEXES_MAX)) == 0
        && (rc = env->set_lk_detect(env, DB_LOCK_DEFAULT)) == 0
        /* Else there are ten for each processor, and regions as large. */
        && (rc = env->set_lk_partitions(env, LOCK_PARTITIONS)) == 0
        /* Regions that are written whole now meet no full disk later. */
        && (rc = env->set_flags(env, DB_REGION_INIT, 1)) == 0)
        rc = env->open(env, store->dir, subsystems | DB_CREATE | DB_RECOVER,
                       MODE);
    if (rc == 0)
        rc = store_region_reserve(store->dir);
    ret = env->close(env, 0);
    return rc != 0 || ret != 0 ? explain(store, rc != 0 ? rc : ret, why) : 0;
}

static int
make_handle(struct store *store, DB_ENV **env)
{
    int rc;

    store->said[0] = '\0';
    if ((rc = db_env_set_func_yield(yield)) != 0
        || (rc = db_env_create(env, 0)) != 0)
        return rc;
    (*env)->app_private = store;
    (*env)->set_errcall(*env, hear_error);
    (*env)->set_msgcall(*env, hear_message);
    /* Else every open asks how many processors there are. */
    rc = (*env)->mutex_set_tas_spins(*env, SPINS);
    if (rc != 0)
        (void)(*env)->close(*env, 0);
    return rc;
}

/*
 * How the library waits where it has no lock to wait for.  By itself a
 * checkpoint sleeps for a second when it meets a page that another process
 * changes at that moment, and the watchdog of the gate ends who is inside for
 * two.
 */
static int
yield(u_long secs, u_long usecs)
{
    struct timespec time = {0, YIELD_NS};

    if (secs == 0 && usecs < YIELD_NS / 1000)
        time.tv_nsec = (long)usecs * 1000;
    (void)nanosleep(&time, NULL);
    return 0;
}

int
store_env_run(struct store *store, store_env_step_fn *step, void *arg,
              struct errtext *why)
{
    int recoveries = 0;
    int deadlocks = 0;
    uint64_t life;
    int rc;

    do {
        if (gate_enter(store->gate, &life, why) < 0)
            return -1;
        rc = enter(store, life);
        if (rc == 0)
            rc = step(store, arg, why);
        if (rc == DB_RUNRECOVERY)
            gate_want_recovery(store->gate);
        gate_leave(store->gate);
    } while ((rc == DB_RUNRECOVERY && ++recoveries < RECOVERIES_MAX)
             || ((rc == DB_LOCK_DEADLOCK || rc == DB_LOCK_NOTGRANTED)
                 && ++deadlocks < DEADLOCKS_MAX));
    if (rc == 0 || rc == STORE_ENV_REFUSED)
        return rc;
    return explain(store, rc, why);
}

/* Be joined to the environment of this life. */
static int
enter(struct store *store, uint64_t life)
{
    int rc;

    store->said[0] = '\0';
    if (store->env != NULL && store->life == life)
        return 0;
    discard(store);
    gate_mark_joined(store->gate, true);
    rc = join(store);
    if (rc == 0)
        store->life = life;
    return rc;
}

static int
join(struct store *store)
{
    DB_ENV *env;
    int rc = make_handle(store, &env);

    if (rc != 0)
        return rc;
    rc = env->open(env, store->dir, subsystems, 0);
    if (rc == 0) {
        store->env = env;
        return 0;
    }
    (void)env->close(env, 0);
    /* Regions that are gone, or of another build of the library. */
    if (rc == ENOENT || rc == EINVAL || rc == DB_VERSION_MISMATCH)
        rc = DB_RUNRECOVERY;
    return rc;
}

/* Throw away what is of a past life without a touch to its regions. */
static void
discard(struct store *store)
{
    if (store->env == NULL)
        return;
    (void)store->env->set_flags(store->env, DB_PANIC_ENVIRONMENT, 1);
    close_dbs(store);
    (void)store->env->close(store->env, 0);
    store->env = NULL;
    store->reopened++;
}

int
store_env_need(struct store *store, enum store_db which,
               enum store_env_use use)
{
    u_int32_t flags = DB_AUTO_COMMIT;
    DB *db;
    int rc;

    if (store->dbs[which] != NULL && use <= store->uses[which])
        return 0;
    close_db(store, which);
    rc = db_create(&db, store->env, 0);
    if (rc != 0)
        return rc;
    if (use == STORE_ENV_READ)
        flags = DB_RDONLY;
    if (use == STORE_ENV_CREATE) {
        flags |= DB_CREATE;
        rc = db->set_pagesize(db, PAGE_BYTES);
    }
    if (rc == 0)
        rc = db->open(db, NULL, files[which], NULL, DB_BTREE, flags, MODE);
    if (rc != 0) {
        (void)db->close(db, DB_NOSYNC);
        /* "Not a multiple of the page size": another process is in the midst
         * of a write that makes the file longer. */
        return rc == EINVAL ? DB_LOCK_NOTGRANTED : rc;
    }
    store->dbs[which] = db;
    store->uses[which] = use;
    return 0;
}

int
store_env_begin(struct store *store, enum store_db db, DB_TXN **txn)
{
    int rc = store_env_need(store, db, STORE_ENV_WRITE);

    if (!store_region_has_room(store->dir))
        return ENOSPC;
    gate_watch(store->gate, DISK_SECS); /* a file of the log may be full */
    if (rc == 0)
        rc = store->env->txn_begin(store->env, NULL, txn, 0);
    return rc;
}

int
store_env_commit(struct store *store, DB_TXN *txn, bool durable)
{
    int rc = txn->commit(txn, DB_TXN_WRITE_NOSYNC);

    /* Without its locks, for which others would wait with less patience. */
    if (rc == 0 && durable)
        rc = store->env->log_flush(store->env, NULL);
    return rc;
}

void
store_env_checkpoint(struct store *store)
{
    if (store_env_run(store, checkpoint, NULL, NULL) == 0)
        store_archive_logs(store);
}

static int
checkpoint(struct store *store, void *arg, struct errtext *why)
{
    int rc;

    (void)arg;
    (void)why;
    gate_watch(store->gate, DISK_SECS);
    rc = store->env->txn_checkpoint(store->env, CHECKPOINT_KB, 0, 0);
    return rc == DB_RUNRECOVERY ? rc : 0;
}

void
store_env_close(struct store *store)
{
    uint64_t life;

    if (store == NULL)
        return;
    if (store->env != NULL && gate_enter(store->gate, &life, NULL) == 0) {
        if (life != store->life)
            discard(store);
        else if (close_cleanly(store) == DB_RUNRECOVERY)
            gate_want_recovery(store->gate);
        else
            gate_mark_joined(store->gate, false);
        gate_leave(store->gate);
    }
    gate_close(store->gate);
    free(store);
}

static int
close_cleanly(struct store *store)
{
    int rc;

    close_dbs(store);
    rc = store->env->close(store->env, 0);
    store->env = NULL;
    return rc;
}

static void
close_dbs(struct store *store)
{
    int i;

    for (i = 0; i < STORE__MAX; i++)
        close_db(store, (enum store_db)i);
}

/* What was committed is in the log: the file needs no flush. */
static void
close_db(struct store *store, enum store_db which)
{
    DB *db = store->dbs[which];

    if (db != NULL)
        (void)db->close(db, DB_NOSYNC);
    store->dbs[which] = NULL;
}

/* Returns -1. */
static int
explain(const struct store *store, int rc, struct errtext *why)
{
    if (rc == ENOSPC || rc == EDQUOT)
        return errtext_set(why, "no space left in %s: nothing is lost, but "
                           "nothing can change until there is room",
                           store->dir);
    if (rc == EACCES || rc == EPERM || rc == EROFS)
        return errtext_set(why, "%s: %s: the files in it must belong to its "
                           "owner, and be writable", store->dir,
                           strerror(rc));
    return errtext_set(why, "the database in %s: %s%s%s%s", store->dir,
                       db_strerror(rc), store->said[0] != '\0' ? " (" : "",
                       store->said, store->said[0] != '\0' ? ")" : "");
}

/* The first is the cause; what follows are its consequences. */
static void
hear_error(const DB_ENV *env, const char *prefix, const char *text)
{
    struct store *store = env->app_private;

    (void)prefix;
    if (store->said[0] == '\0')
        snprintf(store->said, sizeof(store->said), "%s", text);
}

static void
hear_message(const DB_ENV *env, const char *text)
{
    (void)env;
    (void)text;
}
