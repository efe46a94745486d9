/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Records that expire: numbers, and the alarm.
 */

#include <sys/types.h>

#include <db.h>
#include <inttypes.h>
#include <stdio.h>

#include "io/expiring.h"
#include "io/expiring_priv.h"
#include "io/gate.h"
#include "io/store_env.h"

enum { VALUE_MAX = EXPIRING_HEAD_MAX + TALLY_TEXT_MAX };

struct look {
    struct expiring_count *count;
    int64_t now;
};

static store_env_step_fn look;
static int find(struct store *store, DB_TXN *txn, u_int32_t flags,
                struct expiring_count *count, int64_t now,
                struct errtext *why);

int
expiring_count_read(struct expiring *expiring, struct expiring_count *count,
                    int64_t now, struct errtext *why)
{
    struct look what = {count, now};

    return store_env_run(expiring->store, look, &what, why) < 0 ? -1 : 0;
}

static int
look(struct store *store, void *arg, struct errtext *why)
{
    struct look *what = arg;
    int rc = store_env_need(store, STORE_COUNTERS, STORE_ENV_READ);

    if (rc != 0)
        return rc;
    return find(store, NULL, 0, what->count, what->now, why);
}

static DBT
key_dbt(const struct expiring_count *count)
{
    return (DBT){.data = (void *)(uintptr_t)count->key,
                 .size = (u_int32_t)count->key_len};
}

/* Returns as expiring_raise() does. */
static int
find(struct store *store, DB_TXN *txn, u_int32_t flags,
     struct expiring_count *count, int64_t now, struct errtext *why)
{
    DB *db = store->dbs[STORE_COUNTERS];
    char text[VALUE_MAX + 1];
    DBT key = key_dbt(count);
    DBT value = {.data = text, .ulen = VALUE_MAX, .flags = DB_DBT_USERMEM};
    int64_t until = 0;
    size_t head = 0;
    int rc = db->get(db, txn, &key, &value, flags);

    if (rc == 0) {
        text[value.size] = '\0';
        head = expiring_read_head(text, value.size, &until);
    }
    if (rc == DB_BUFFER_SMALL || (rc == 0 && head == 0))
        return expiring_damaged(store, STORE_COUNTERS, why);
    if (rc != 0 && rc != DB_NOTFOUND)
        return rc;
    if (tally_read(&count->tally, rc == 0 ? text + head : NULL, until,
                   count->length, now)
        != 0)
        return expiring_damaged(store, STORE_COUNTERS, why);
    return 0;
}

int
expiring_raise(struct store *store, DB_TXN *txn, struct expiring_count *count,
               int64_t now, struct errtext *why)
{
    DB *db = store->dbs[STORE_COUNTERS];
    char text[TALLY_TEXT_MAX], bytes[VALUE_MAX + 1];
    DBT key = key_dbt(count), value = {.data = bytes};
    int rc = find(store, txn, DB_RMW, count, now, why);

    if (rc != 0)
        return rc;
    if (count->tally.n >= count->limit)
        return DB_KEYEXIST;
    tally_raise(&count->tally, now, text);
    value.size = (u_int32_t)snprintf(bytes, sizeof(bytes), "%" PRId64 " %s",
                                     count->tally.until, text);
    return db->put(db, txn, &key, &value, 0);
}

int64_t
expiring_alarmed(const struct expiring *expiring)
{
    return gate_alarmed(expiring->store->gate);
}
