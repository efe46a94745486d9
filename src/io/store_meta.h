/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The numbers in the database meta, as decimal text.  Private to the store;
 * only inside a step of store_env.h.
 */

#ifndef IO_STORE_META_H
#define IO_STORE_META_H

#include <stdint.h>

struct __db;
struct __db_txn;

#define STORE_META_SCHEMA "schema"
#define STORE_META_GENERATION "generation"

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

#endif /* IO_STORE_META_H */
