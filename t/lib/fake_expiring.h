/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Expiring records in memory: io/expiring.h without Berkeley DB, for the
 * endpoints' tests.
 *
 * Linked before libio.a, it keeps the real one out of the program.  All that
 * are open share the same records, which go with the last of them.
 */

#ifndef T_LIB_FAKE_EXPIRING_H
#define T_LIB_FAKE_EXPIRING_H

#include <stdbool.h>
#include <stddef.h>

#include "io/expiring.h"

/* Let every call fail, or no more. */
void fake_expiring_break(bool broken);

/* How many calls of expiring_commit() there were since the last time. */
int fake_expiring_adds(void);

/* The same of expiring_count_read(). */
int fake_expiring_reads(void);

/* How many uses there are now. */
size_t fake_expiring_count(void);

/* How many records there are now, expired or not. */
size_t fake_expiring_records(enum expiring_table table);

/* Whether the last change was asked to be durable. */
bool fake_expiring_was_durable(void);

/* The last use that was asked to be added; expires is 0 for none. */
void fake_expiring_last(int64_t *expires,
                        unsigned char id[EXPIRING_ID_LEN]);

#endif /* T_LIB_FAKE_EXPIRING_H */
