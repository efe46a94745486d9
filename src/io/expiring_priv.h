/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Records that expire, as they lie in the databases.  Private to expiring.
 *
 * A use is a key without a value: the time in eight bytes, the greatest first,
 * and the id.  What expires first lies at the left end, whole pages of it
 * become free there, and are used again at the right end.
 *
 * A record that has a text has the key that it was given; its value is the
 * time in decimal, a space and the text.  That of a count is core/tally.h's.
 */

#ifndef IO_EXPIRING_PRIV_H
#define IO_EXPIRING_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "io/expiring.h"
#include "io/store.h"

enum {
    EXPIRING_TIME_LEN = 8,
    EXPIRING_USE_LEN = EXPIRING_TIME_LEN + EXPIRING_ID_LEN,
    EXPIRING_HEAD_MAX = 20, /* digits of a time, and a space */
    EXPIRING_VALUE_MAX = EXPIRING_HEAD_MAX + EXPIRING_TEXT_MAX,
};

struct expiring {
    struct store *store;
};

struct __db_txn;

/*
 * Raise a count, in a transaction of a step that has the table open.  What is
 * there is locked first, so that nobody else raises it meanwhile.
 *
 * Returns 0; DB_KEYEXIST when it is at its limit, or another error of the
 * library; or STORE_ENV_REFUSED with the reason in *why.
 */
int expiring_raise(struct store *store, struct __db_txn *txn,
                   struct expiring_count *count, int64_t now,
                   struct errtext *why);

enum store_db expiring_db(enum expiring_table table);

/* Before 1970 is as long ago as can be. */
void expiring_write_time(int64_t time, unsigned char bytes[EXPIRING_TIME_LEN]);

/*
 * Read the time at the beginning of a value, of which len bytes are there.
 *
 * Returns the length of time and space, or 0 when no time is there.
 */
size_t expiring_read_head(const char *value, size_t len, int64_t *expires);

/* Returns -1 with the reason: a value is none that this wrote. */
int expiring_damaged(const struct store *store, enum store_db db,
                     struct errtext *why);

/*
 * In passing, after a change of that: remove a bounded number of what expired
 * a while before now.  What fails is left to the next time.
 */
void expiring_tidy_uses(struct expiring *expiring, int64_t now);
void expiring_tidy_table(struct expiring *expiring, enum expiring_table table,
                         const void *key, size_t key_len, int64_t now);

#endif /* IO_EXPIRING_PRIV_H */
