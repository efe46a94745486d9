/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Client records, keys and their generation in Berkeley DB.
 *
 * Any number of processes may use one state directory at once, and any of
 * them may be killed at any moment.  What was acknowledged is never lost; see
 * gate.h.  Values are JSON text.
 */

#ifndef IO_STORE_H
#define IO_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/errtext.h"

struct store;

enum store_db {
    STORE_CLIENTS, /* client id -> client.h */
    STORE_KEYS,    /* kid -> keyrec.h */
    STORE_META,    /* name -> text */
    STORE_JWKS,    /* URL -> the JWK Set that was fetched from there */
    STORE_REPLAY,  /* these three of io/expiring.h alone: no text */
    STORE_TOKENS,
    STORE_COUNTERS,
    STORE__MAX
};

/* Who opens it: a worker or CGI program, or the administrator's command. */
enum store_role {
    STORE_SERVES,
    STORE_ADMIN,
    STORE_RESTORES, /* the command that restores a backup */
    STORE_TRIES, /* the command that finds out what would be done: no change is
                    made by store_edit(), which returns 0, nor by
                    expiring_commit(), which returns what it else would */
};

enum { STORE_VALUE_MAX = 65536 }; /* bytes */

/*
 * Make the databases in dir, which exists and is this user's.  Databases that
 * are already there are left as they are, but for an older schema.  Refuses a
 * directory that a restore was begun for and not finished.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int store_create(const char *dir, struct errtext *why);

/*
 * Open.  A database of an older schema is brought to the present one, which an
 * older ccgrant refuses.  Refuses a directory that is missing, unreadable or
 * holds no database, a database of a newer schema, and one that a restore was
 * begun for and not finished, unless this is to finish it; the reason then
 * names the directory and what to do.  A restore that begins later is noticed
 * at the first reading under a new generation.
 *
 * Returns 0 with *store, which the caller closes with store_close(), or -1
 * with the reason in *why.
 */
int store_open(struct store **store, const char *dir, enum store_role role,
               struct errtext *why);

/*
 * A number that rises whenever anything in the store may have changed: what
 * was decoded under another one is stale.  A memory read.
 */
uint64_t store_generation(const struct store *store);

/*
 * Fetch a value into buf, terminated; cap is at least STORE_VALUE_MAX + 1.
 *
 * Returns 1 with *len, 0 when there is none, -1 with the reason in *why.
 */
int store_get(struct store *store, enum store_db db, const char *key,
              char *buf, size_t cap, size_t *len, struct errtext *why);

/*
 * Called for each record in the order of the keys, outside the library; key
 * and value are terminated and borrowed for the call.  Non-zero ends it.
 */
typedef int store_each_fn(void *arg, const char *key, const char *value,
                          size_t len);

/*
 * Returns 0, or what fn returned, or -1 with the reason in *why.
 */
int store_each(struct store *store, enum store_db db, store_each_fn *fn,
               void *arg, struct errtext *why);

/*
 * Decides a change.  old is the stored value, terminated, or NULL.  Called
 * inside the library: it must be short and must not use the store.  May be
 * called more than once for one change, and again after the change is already
 * there (the process that recovers cannot know), so it must then want the same
 * again.
 *
 * Returns 1 with *value (malloc'd; NULL: delete); 2 for the same with a value
 * that no process keeps decoded, so that the generation is not raised; 0 to
 * leave all as it is; or -1 with the reason in *why.
 */
typedef int store_edit_fn(void *arg, const char *old, size_t len,
                          char **value, struct errtext *why);

/*
 * Change one record in a transaction that is durable when this returns, and
 * raise the generation, in the database and for every process.  STORE_JWKS is
 * a cache: what is written there survives the death of any process, but not a
 * cut of the power, and no process waits for the disk.
 *
 * Returns 1 when something changed, 0 when not, -1 with the reason in *why.
 */
int store_edit(struct store *store, enum store_db db, const char *key,
               store_edit_fn *fn, void *arg, struct errtext *why);

/*
 * Wait until all that was committed before, by any process, is on the disk.
 * When that fails, nobody can say what is and what is not: what was committed
 * and not yet promised to anybody must not be promised any more.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int store_flush(struct store *store, struct errtext *why);

/*
 * Keep the logs that are no longer needed, in that directory, instead of
 * removing them; "": remove them.  dir is copied.
 *
 * Every process that has the store open must be told the same: the one that
 * takes a checkpoint moves or removes the logs before it.  Where the directory
 * is missing or full the logs stay where they are, and the next checkpoint
 * tries again; so they do where their names are taken there by other files,
 * those of another store perhaps.
 */
void store_archive(struct store *store, const char *dir);

/*
 * Whether this process has been through so many recoveries that it should
 * end after the present answer and be started anew: each leaks address space.
 */
bool store_is_worn(const struct store *store);

/* Closes cleanly.  NULL is allowed. */
void store_close(struct store *store);

#endif /* IO_STORE_H */
