/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Records that expire: one-time values that were used, opaque tokens and
 * revoked ones, numbers that begin anew with each window of time.
 *
 * Everything that all processes must see at once and that ends by itself is
 * behind this header, apart from client records and keys, so that another
 * engine than Berkeley DB can serve it where several hosts share it.
 *
 * What was written survives the death of any process.  It survives a cut of
 * the power too when it was asked to be durable: the log is then flushed to
 * the disk before the call returns.
 */

#ifndef IO_EXPIRING_H
#define IO_EXPIRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/errtext.h"
#include "core/tally.h"
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

enum {
    EXPIRING_USES_MAX = 2,      /* in one change */
    EXPIRING_RECORDS_MAX = 4,   /* in one change */
    EXPIRING_COUNTS_MAX = 4,    /* in one change */
    EXPIRING_KEY_MAX = 600,     /* bytes */
    EXPIRING_TEXT_MAX = 16384,  /* bytes */
};

/* Where a record is that has a text. */
enum expiring_table {
    EXPIRING_TOKENS,   /* SHA-256 of an opaque token -> its claims; jti of a
                          revoked JWT -> nothing of note */
    EXPIRING_COUNTERS, /* core/counter.h */
    EXPIRING__MAX
};

/* A record to be written. */
struct expiring_record {
    enum expiring_table table;
    const void *key;
    size_t key_len;
    int64_t expires;  /* it is there before this second */
    const char *text; /* terminated; NULL: remove what is there */
};

/* A number of EXPIRING_COUNTERS that is to be raised by one. */
struct expiring_count {
    const void *key;
    size_t key_len;
    int64_t length;     /* seconds of its window: see core/tally.h */
    int64_t limit;      /* it is never raised above that */
    struct tally tally; /* set: as it is then */
};

/* What is done in one transaction. */
struct expiring_change {
    const struct expiring_use *uses; /* added unless one is there */
    size_t n_uses;
    struct expiring_count *counts; /* raised unless one is at its limit */
    size_t n_counts;
    const struct expiring_record *records; /* written in any case else */
    size_t n_records;
    bool durable;
    bool alarms; /* see expiring_alarmed() */
};

/*
 * Make a change unless one of its uses is there, or one of its counts is at
 * its limit: of any number of processes that add the same use at once, exactly
 * one is told 1; of those that raise the same count, no more than its limit in
 * a window.  Uses may go away from the time expires on.  now is the present
 * time; in passing, a bounded number of what expired a minute before it is
 * removed, where the change was made.
 *
 * Returns 1 when all was done; 0 when nothing was, because the use with the
 * number *there was there; 2 when nothing was, because the count with that
 * number is at its limit; -1 with the reason in *why: then all or nothing may
 * have been done.
 */
int expiring_commit(struct expiring *expiring,
                    const struct expiring_change *change, int64_t now,
                    size_t *there, struct errtext *why);

/*
 * Read a record into buf, terminated; cap is at least EXPIRING_TEXT_MAX + 1.
 *
 * Returns 1 with *len and *expires (either may be NULL), 0 when there is none
 * or it has expired, -1 with the reason in *why.
 */
int expiring_read(struct expiring *expiring, enum expiring_table table,
                  const void *key, size_t key_len, int64_t now, char *buf,
                  size_t cap, size_t *len, int64_t *expires,
                  struct errtext *why);

/*
 * Read a count of that key and length into its tally, which is 0 when there is
 * none.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int expiring_count_read(struct expiring *expiring,
                        struct expiring_count *count, int64_t now,
                        struct errtext *why);

/*
 * The time of the last change of any process that alarms, or 0: who sees an
 * old one need not read what such changes write.  It is set before the change
 * is made.  A memory read.
 */
int64_t expiring_alarmed(const struct expiring *expiring);

/*
 * Called for a record that has not expired, in the order of the keys, outside
 * the library; everything is borrowed for the call, key and text terminated.
 * Non-zero ends it.
 */
typedef int expiring_each_fn(void *arg, const void *key, size_t key_len,
                             int64_t expires, const char *text, size_t len);

/*
 * Walk through the records whose key begins with prefix, "" for all.
 *
 * Returns 0, or what fn returned, or -1 with the reason in *why.
 */
int expiring_each(struct expiring *expiring, enum expiring_table table,
                  const char *prefix, int64_t now, expiring_each_fn *fn,
                  void *arg, struct errtext *why);

/* The same for what was used; see struct expiring_use. */
typedef int expiring_uses_fn(void *arg, const struct expiring_use *use);
int expiring_uses(struct expiring *expiring, int64_t now,
                  expiring_uses_fn *fn, void *arg, struct errtext *why);

/*
 * Remove all records of a table that expired before now.
 *
 * Returns 0 with their number in *n, or -1 with the reason in *why.
 */
int expiring_sweep(struct expiring *expiring, enum expiring_table table,
                   int64_t now, size_t *n, struct errtext *why);

/*
 * Remove at most max uses that expired before now, oldest first.
 *
 * Returns 0 with their number in *n, or -1 with the reason in *why.
 */
int expiring_purge(struct expiring *expiring, int64_t now, size_t max,
                   size_t *n, struct errtext *why);

/* NULL is allowed. */
void expiring_close(struct expiring *expiring);

#endif /* IO_EXPIRING_H */
