/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Records that expire, in B-trees of the store: changing them.
 */

#include <sys/types.h>

#include <db.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "io/expiring.h"
#include "io/expiring_priv.h"
#include "io/gate.h"
#include "io/store_env.h"

struct value {
    char *bytes; /* NULL: what is there is removed */
    size_t len;
};

struct work {
    const struct expiring_change *change;
    int64_t now;
    unsigned char uses[EXPIRING_USES_MAX][EXPIRING_USE_LEN];
    struct value values[EXPIRING_RECORDS_MAX];
    size_t there; /* which was there, or was full */
    bool full;    /* it was a count */
    bool done;
    bool in_doubt; /* a commit was begun whose end is not known */
};

static int check(const struct expiring_change *change, struct errtext *why);
static void prepare(struct work *work, const struct expiring_change *change,
                    int64_t now);
static void write_value(struct value *value,
                        const struct expiring_record *record);
static store_env_step_fn commit;
static int begin(struct store *store, const struct expiring_change *change,
                 DB_TXN **txn);
static int add_uses(struct store *store, DB_TXN *txn, struct work *work);
static int raise_counts(struct store *store, DB_TXN *txn, struct work *work,
                        struct errtext *why);
static int write_records(struct store *store, DB_TXN *txn,
                         const struct work *work);
static int finish(struct store *store, DB_TXN *txn,
                  const struct expiring_change *change);
static void tidy(struct expiring *expiring,
                 const struct expiring_change *change, int64_t now);

struct expiring *
expiring_open(struct store *store)
{
    struct expiring *expiring = alloc_zero(1, sizeof(*expiring));

    expiring->store = store;
    return expiring;
}

int
expiring_commit(struct expiring *expiring,
                const struct expiring_change *change, int64_t now,
                size_t *there, struct errtext *why)
{
    struct store *store = expiring->store;
    struct work work;
    size_t i;
    int rc;

    if (check(change, why) < 0)
        return -1;
    if (change->n_uses == 0 && change->n_counts == 0
        && change->n_records == 0)
        return 1;
    prepare(&work, change, now);
    if (change->alarms && !store->tries)
        gate_alarm(store->gate, now);
    rc = store_env_run(store, commit, &work, why);
    for (i = 0; i < change->n_records; i++)
        free(work.values[i].bytes);
    if (rc < 0)
        return -1;
    /* The change stands, whatever becomes of the upkeep. */
    if (work.done && !store->tries && gate_count_commit(store->gate)) {
        store_env_checkpoint(store);
        tidy(expiring, change, now);
    }
    if (work.done)
        return 1;
    *there = work.there;
    return work.full ? 2 : 0;
}

static int
check(const struct expiring_change *change, struct errtext *why)
{
    const struct expiring_record *record;
    size_t i;

    if (change->n_uses > EXPIRING_USES_MAX
        || change->n_counts > EXPIRING_COUNTS_MAX
        || change->n_records > EXPIRING_RECORDS_MAX)
        return errtext_set(why, "too much for one change of records that "
                           "expire: %d uses, %d counts and %d records are "
                           "the most", EXPIRING_USES_MAX,
                           EXPIRING_COUNTS_MAX, EXPIRING_RECORDS_MAX);
    for (i = 0; i < change->n_counts; i++)
        if (change->counts[i].key_len == 0
            || change->counts[i].key_len > EXPIRING_KEY_MAX
            || change->counts[i].length <= 0)
            return errtext_set(why, "a count that expires has a key of %zu "
                               "bytes: 1 to %d are allowed",
                               change->counts[i].key_len, EXPIRING_KEY_MAX);
    for (i = 0; i < change->n_records; i++) {
        record = &change->records[i];
        if (record->key_len == 0 || record->key_len > EXPIRING_KEY_MAX)
            return errtext_set(why, "the key of a record that expires has "
                               "%zu bytes: 1 to %d are allowed",
                               record->key_len, EXPIRING_KEY_MAX);
        if (record->text != NULL && strlen(record->text) > EXPIRING_TEXT_MAX)
            return errtext_set(why, "a record that expires has %zu bytes: "
                               "%d are allowed", strlen(record->text),
                               EXPIRING_TEXT_MAX);
    }
    return 0;
}

static void
prepare(struct work *work, const struct expiring_change *change, int64_t now)
{
    size_t i;

    memset(work, 0, sizeof(*work));
    work->change = change;
    work->now = now;
    for (i = 0; i < change->n_uses; i++) {
        expiring_write_time(change->uses[i].expires, work->uses[i]);
        memcpy(work->uses[i] + EXPIRING_TIME_LEN, change->uses[i].id,
               EXPIRING_ID_LEN);
    }
    for (i = 0; i < change->n_records; i++)
        write_value(&work->values[i], &change->records[i]);
}

static void
write_value(struct value *value, const struct expiring_record *record)
{
    int64_t expires = record->expires > 0 ? record->expires : 0;
    size_t cap;

    if (record->text == NULL)
        return;
    cap = EXPIRING_HEAD_MAX + strlen(record->text) + 1;
    value->bytes = alloc_bytes(cap);
    value->len = (size_t)snprintf(value->bytes, cap, "%" PRId64 " %s",
                                  expires, record->text);
}

enum store_db
expiring_db(enum expiring_table table)
{
    return table == EXPIRING_TOKENS ? STORE_TOKENS : STORE_COUNTERS;
}

void
expiring_write_time(int64_t time, unsigned char bytes[EXPIRING_TIME_LEN])
{
    uint64_t left = time > 0 ? (uint64_t)time : 0;
    int i;

    for (i = EXPIRING_TIME_LEN - 1; i >= 0; i--) {
        bytes[i] = (unsigned char)(left & 0xff);
        left >>= 8;
    }
}

static int
commit(struct store *store, void *arg, struct errtext *why)
{
    struct work *work = arg;
    DB_TXN *txn;
    int rc = begin(store, work->change, &txn);

    if (rc != 0)
        return rc;
    work->full = false;
    rc = add_uses(store, txn, work);
    if (rc == 0)
        rc = raise_counts(store, txn, work, why);
    if (rc == 0)
        rc = write_records(store, txn, work);
    if (rc != 0 && txn->abort(txn) != 0)
        return DB_RUNRECOVERY;
    if (rc == DB_KEYEXIST && work->in_doubt && !work->full)
        return errtext_set(why, "the database in %s was recovered in the "
                           "midst of a change: nobody can tell who made it: "
                           "try again with a new value", store->dir);
    if (rc != 0)
        return rc == DB_KEYEXIST ? 0 : rc;
    rc = finish(store, txn, work->change);
    work->done = rc == 0;
    work->in_doubt = rc == DB_RUNRECOVERY;
    return rc;
}

/* No database can be opened within the transaction. */
static int
begin(struct store *store, const struct expiring_change *change,
      DB_TXN **txn)
{
    enum store_db last = STORE_REPLAY;
    size_t i;
    int rc = 0;

    for (i = 0; i < change->n_records && rc == 0; i++) {
        last = expiring_db(change->records[i].table);
        rc = store_env_need(store, last, STORE_ENV_WRITE);
    }
    if (rc == 0 && change->n_counts > 0) {
        last = STORE_COUNTERS;
        rc = store_env_need(store, last, STORE_ENV_WRITE);
    }
    if (rc == 0 && change->n_uses > 0)
        rc = store_env_need(store, STORE_REPLAY, STORE_ENV_WRITE);
    return rc != 0 ? rc : store_env_begin(store, last, txn);
}

static int
add_uses(struct store *store, DB_TXN *txn, struct work *work)
{
    DB *db = store->dbs[STORE_REPLAY];
    int rc = 0;

    for (work->there = 0; work->there < work->change->n_uses;
         work->there++) {
        DBT key = {.data = work->uses[work->there], .size = EXPIRING_USE_LEN};
        DBT nothing = {.size = 0};

        rc = db->put(db, txn, &key, &nothing, DB_NOOVERWRITE);
        if (rc != 0)
            break;
    }
    return rc;
}

static int
raise_counts(struct store *store, DB_TXN *txn, struct work *work,
             struct errtext *why)
{
    int rc = 0;

    for (work->there = 0; work->there < work->change->n_counts;
         work->there++) {
        rc = expiring_raise(store, txn, &work->change->counts[work->there],
                            work->now, why);
        if (rc != 0)
            break;
    }
    work->full = rc == DB_KEYEXIST;
    return rc;
}

static int
write_records(struct store *store, DB_TXN *txn, const struct work *work)
{
    size_t i;
    int rc = 0;

    for (i = 0; i < work->change->n_records && rc == 0; i++) {
        const struct expiring_record *record = &work->change->records[i];
        DB *db = store->dbs[expiring_db(record->table)];
        DBT key = {.data = (void *)(uintptr_t)record->key,
                   .size = (u_int32_t)record->key_len};
        DBT value = {.data = work->values[i].bytes,
                     .size = (u_int32_t)work->values[i].len};

        if (value.data != NULL)
            rc = db->put(db, txn, &key, &value, 0);
        else if ((rc = db->del(db, txn, &key, 0)) == DB_NOTFOUND)
            rc = 0;
    }
    return rc;
}

static int
finish(struct store *store, DB_TXN *txn, const struct expiring_change *change)
{
    if (store->tries)
        return txn->abort(txn) == 0 ? 0 : DB_RUNRECOVERY;
    return store_env_commit(store, txn, change->durable);
}

static void
tidy(struct expiring *expiring, const struct expiring_change *change,
     int64_t now)
{
    bool swept[EXPIRING__MAX] = {false};
    const struct expiring_record *record;
    size_t i;

    if (change->n_uses > 0)
        expiring_tidy_uses(expiring, now);
    for (i = 0; i < change->n_records; i++) {
        record = &change->records[i];
        if (!swept[record->table])
            expiring_tidy_table(expiring, record->table, record->key,
                                record->key_len, now);
        swept[record->table] = true;
    }
    if (change->n_counts > 0 && !swept[EXPIRING_COUNTERS])
        expiring_tidy_table(expiring, EXPIRING_COUNTERS,
                            change->counts[0].key,
                            change->counts[0].key_len, now);
}

void
expiring_close(struct expiring *expiring)
{
    free(expiring);
}
