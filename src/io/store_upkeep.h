/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What backup, restore and purge need of the store beyond store.h.
 */

#ifndef IO_STORE_UPKEEP_H
#define IO_STORE_UPKEEP_H

#include <stddef.h>

#include "core/errtext.h"
#include "io/store.h"

/* The schema of the databases that this ccgrant makes. */
int store_schema(void);

/*
 * Called for each record, outside the library; key and value are terminated
 * and borrowed for the call.  Non-zero ends it.
 */
typedef int store_snapshot_fn(void *arg, enum store_db db, const char *key,
                              size_t key_len, const char *value, size_t len);

/*
 * Go through the records of several databases, as they all were at one moment.
 *
 * They are read as by store_each(), and again when there was a change
 * meanwhile.  Where changes never stop, they are held up at last for as long
 * as it takes to read the records once; nobody who only reads is.
 *
 * Returns 0, or what fn returned, or -1 with the reason in *why.
 */
int store_snapshot(struct store *store, const enum store_db *dbs, size_t n,
                   store_snapshot_fn *fn, void *arg, struct errtext *why);

/* Whether the databases are whole, or a restore has begun and not ended. */
enum store_restore {
    STORE_RESTORE_NONE = 0,
    STORE_RESTORE_PART, /* of databases that were in use */
    STORE_RESTORE_ALL,  /* of new ones */
};

/*
 * As store_create(), for a restore: new databases are marked with
 * STORE_RESTORE_ALL from the moment on in which they are whole, and until then
 * a file says that a restore has begun, which goes when they are opened for
 * STORE_RESTORES.  So nobody serves with them, and nobody takes them for what
 * ccgrant init makes.  Those that are there already are left as they are.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int store_create_restoring(const char *dir, struct errtext *why);

/* Returns 0 with *restore, or -1 with the reason in *why. */
int store_restore_get(struct store *store, enum store_restore *restore,
                      struct errtext *why);

/*
 * Note it, durably with all that was written before, and raise the
 * generation.  As long as the note is there, the store is refused to all but
 * STORE_RESTORES: when it is opened, and at the first reading under a new
 * generation.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int store_restore_set(struct store *store, enum store_restore restore,
                      struct errtext *why);

/* A record to be written as it is. */
struct store_put {
    char *key;
    char *value; /* NULL: remove the record */
};

/*
 * Write records in one transaction.  The generation is not raised, and it is
 * on the disk when store_restore_set() has returned.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int store_put_all(struct store *store, enum store_db db,
                  const struct store_put *puts, size_t n,
                  struct errtext *why);

/*
 * Take a checkpoint now; logs before it are then no longer needed.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int store_checkpoint(struct store *store, struct errtext *why);

/*
 * How many logs that no recovery needs are in the state directory still, and
 * their bytes: each checkpoint takes them away, unless the archive cannot take
 * them.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int store_waiting_logs(struct store *store, size_t *n, long long *bytes,
                       struct errtext *why);

/* The name of the file of a database, in the state directory. */
const char *store_file(enum store_db db);

#endif /* IO_STORE_UPKEEP_H */
