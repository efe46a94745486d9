/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The numbers in the database meta, as decimal text, and what says that a
 * restore was not finished.  Private to the store; numbers only inside a step
 * of store_env.h.
 */

#ifndef IO_STORE_META_H
#define IO_STORE_META_H

#include <stdbool.h>
#include <stdint.h>

#include "core/errtext.h"

struct __db;
struct __db_txn;
struct store;

#define STORE_META_SCHEMA "schema"
#define STORE_META_GENERATION "generation"

/* A file in the state directory: a restore has begun to make the databases,
 * which cannot say so themselves yet. */
#define STORE_META_BEGUN "restoring"

enum {
    STORE_META_SCHEMA_NOW = 3, /* 2 lacks tokens.db and counters.db */
    STORE_META_SCHEMA_OLD = 1, /* lacks the databases of assertions too */
    /* As long as a restore is not finished, the schema is greater by this, or
     * a multiple of it (enum store_restore): a number that is read in any
     * case, and that older programs refuse too. */
    STORE_META_RESTORING = 1000000,
};

/*
 * Read a number.  flags is 0 or DB_RMW.
 *
 * Returns 0, or an error of the library: DB_NOTFOUND, and EINVAL for what is
 * no number.
 */
int store_meta_get(struct __db *meta, struct __db_txn *txn, const char *name,
                   uint32_t flags, unsigned long long *n);

/* Returns 0 or an error of the library. */
int store_meta_put(struct __db *meta, struct __db_txn *txn, const char *name,
                   unsigned long long n);

/*
 * Read the schema.  Refuses the store while a restore is not finished, unless
 * this process does it.
 *
 * Returns 0, STORE_ENV_REFUSED with the reason in *why, or an error of the
 * library, as store_meta_get() does.
 */
int store_meta_schema(struct store *store, unsigned long long *n,
                      struct errtext *why);

/*
 * The same for who has read it before: looks once under each generation.
 *
 * Returns 0, STORE_ENV_REFUSED with the reason in *why, or an error of the
 * library.
 */
int store_meta_check(struct store *store, struct errtext *why);

/* Whether that file is there. */
bool store_meta_restore_begun(const char *dir);

/* Have that file on the disk.  Returns 0, or -1 with the reason in *why. */
int store_meta_begin_restore(const char *dir, struct errtext *why);

/* Take it away.  Returns 0, or -1 with the reason in *why. */
int store_meta_end_restore(const char *dir, struct errtext *why);

/* Say that a restore was not finished; returns STORE_ENV_REFUSED. */
int store_meta_refuse(const char *dir, struct errtext *why);

#endif /* IO_STORE_META_H */
