/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The Berkeley DB environment behind its gate: joining it, recovering it and
 * working in it.  Private to the store.
 */

#ifndef IO_STORE_ENV_H
#define IO_STORE_ENV_H

#include <stdbool.h>
#include <stdint.h>

#include "core/errtext.h"
#include "io/gate.h"
#include "io/path.h"
#include "io/store.h"

struct __db;
struct __db_env;
struct __db_txn;

/*
 * What a database is opened for.  An open for writing is itself written to
 * the log: who only reads, a short CGI program above all, leaves no trace.
 */
enum store_env_use {
    STORE_ENV_READ,
    STORE_ENV_WRITE,
    STORE_ENV_CREATE, /* and write */
};

struct store {
    char dir[PATH_TEXT_MAX];
    char archive[PATH_TEXT_MAX]; /* "": none */
    struct gate *gate;
    struct __db_env *env;          /* NULL: not joined */
    struct __db *dbs[STORE__MAX];  /* NULL: not open */
    enum store_env_use uses[STORE__MAX];
    uint64_t life;                 /* of env */
    unsigned reopened;
    bool restores;                 /* may use what is half restored */
    bool tries;                    /* changes nothing */
    bool is_checked;               /* by store_meta_check() */
    uint64_t checked;              /* the generation then */
    char said[ERRTEXT_MAX / 2];    /* by the library, in the present step */
};

/* What a step returns when it has set *why itself. */
enum { STORE_ENV_REFUSED = -1 };

/*
 * One piece of work inside the library.  It may be run again from the start.
 *
 * Returns 0, an error of the library, or STORE_ENV_REFUSED.
 */
typedef int store_env_step_fn(struct store *store, void *arg,
                              struct errtext *why);

/* The file of a database, in the state directory. */
const char *store_env_file(enum store_db db);

/*
 * Open the gate of dir.  The environment is joined when it is first needed.
 *
 * Returns 0 with *store, for store_env_close(), or -1 with the reason.
 */
int store_env_open(struct store **store, const char *dir, unsigned patience,
                   struct errtext *why);

/*
 * Run a step inside the gate, again after a deadlock and after a recovery.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int store_env_run(struct store *store, store_env_step_fn *step, void *arg,
                  struct errtext *why);

/*
 * Have a database open; only inside a step.
 *
 * Returns 0 or an error of the library.
 */
int store_env_need(struct store *store, enum store_db db,
                   enum store_env_use use);

/*
 * Take a checkpoint when the log has grown by some megabytes since the last
 * one, and archive or remove the logs before it.  May fail: the next one does
 * it.
 */
void store_env_checkpoint(struct store *store);

/*
 * Begin a change of a database: have it open for writing, and a transaction.
 * Only inside a step.  A disk that is nearly full is ENOSPC before anything
 * is written: the library survives a full one by a recovery, if at all.
 *
 * Returns 0 with *txn, or an error of the library.
 */
int store_env_begin(struct store *store, enum store_db db,
                    struct __db_txn **txn);

/*
 * Commit.  What is durable is there for others before it is on the disk, for
 * which this waits.  Only inside a step.
 *
 * Returns 0 or an error of the library; it may be done all the same.
 */
int store_env_commit(struct store *store, struct __db_txn *txn, bool durable);

void store_env_close(struct store *store);

#endif /* IO_STORE_ENV_H */
