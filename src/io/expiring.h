/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Records that expire: here, which one-time values were used.
 *
 * Everything that all processes must see at once and that ends by itself is
 * behind this header, apart from client records and keys, so that another
 * engine than Berkeley DB can serve it where several hosts share it.
 *
 * What was added survives the death of any process, not a cut of the power:
 * the log is written at each commit but not flushed to the disk.
 */

#ifndef IO_EXPIRING_H
#define IO_EXPIRING_H

#include <stddef.h>
#include <stdint.h>

#include "core/errtext.h"
#include "io/store.h"

enum { EXPIRING_ID_LEN = 32 }; /* bytes: SHA-256 of what is named */

struct expiring;

/* store is borrowed.  The caller closes with expiring_close(). */
struct expiring *expiring_open(struct store *store);

/* What a record is found by: both together. */
struct expiring_use {
    int64_t expires; /* seconds since the epoch, as all times here */
    unsigned char id[EXPIRING_ID_LEN];
};

enum { EXPIRING_USES_MAX = 2 }; /* added at once */

/*
 * Add n records unless one of them is there, in one transaction: of any number
 * of processes that add the same at once, exactly one is told 1.  They may go
 * away from the time expires on.  now is the present time; in passing, a
 * bounded number of what expired a minute before it is removed.
 *
 * Returns 1 when all were added; 0 when none was, because that with the number
 * *there was there; -1 with the reason in *why: then they may or may not have
 * been added.
 */
int expiring_add(struct expiring *expiring, const struct expiring_use *uses,
                 size_t n, int64_t now, size_t *there, struct errtext *why);

/*
 * Remove at most max records that expired before now, oldest first.
 *
 * Returns 0 with their number in *n, or -1 with the reason in *why.
 */
int expiring_purge(struct expiring *expiring, int64_t now, size_t max,
                   size_t *n, struct errtext *why);

/* NULL is allowed. */
void expiring_close(struct expiring *expiring);

#endif /* IO_EXPIRING_H */
