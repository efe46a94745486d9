/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * A store in memory: io/store.h without Berkeley DB, for the endpoints' tests.
 *
 * Linked before libio.a, it keeps the real one out of the program.
 */

#ifndef T_LIB_FAKE_STORE_H
#define T_LIB_FAKE_STORE_H

#include <stdbool.h>

#include "io/store.h"

/* Put a record, or delete it when value is NULL; raises the generation. */
void fake_store_put(enum store_db db, const char *key, const char *value);

/* Let every call fail, or no more; raises the generation. */
void fake_store_break(bool broken);

/* How many records were asked for since the last time. */
int fake_store_gets(void);

#endif /* T_LIB_FAKE_STORE_H */
