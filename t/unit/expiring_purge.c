/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * expiring: how records with a text go away, and that the files stay as small
 * as they are.
 *
 * CCGRANT_FLAT is the number of tokens, and of uses, that come and go: 30,000
 * when it is not set.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <sys/types.h>

#include <db.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/crypto.h"
#include "io/expiring.h"
#include "io/store_env.h"
#include "../lib/state.h"
#include "../lib/tap.h"

#define TOKENS EXPIRING_TOKENS
#define COUNTERS EXPIRING_COUNTERS

enum {
    NOW = 1700000000,
    UPKEEP = 61,   /* commits, of which one does it */
    STRETCH = 500, /* records that are looked at then */
    DELAY = 60,    /* seconds after which they go in passing */
    MANY = 1300,   /* more than two batches of a sweep */
    STEADY = 30000,
    PER_SECOND = 20,
    LIFETIME = 40, /* so that some 2,000 are there at any time */
    TEXT = 300,
    LOGS_MAX = 8,
    SLOW_US = 30000,
};

static char dir[64] = "/tmp/ccgrant-expiring-purge-XXXXXX";
static char state[STATE_PATH_MAX];
static struct store *store;
static struct expiring *expiring;

/* What is put in place of functions of the library, and those themselves. */
static int (*make_cursor)(DB *, DB_TXN *, DBC **, u_int32_t);
static int (*get)(DBC *, DBT *, DBT *, u_int32_t);
static int (*begin)(DB_ENV *, DB_TXN *, DB_TXN **, u_int32_t);
static int calls;

static void
open_all(void)
{
    store = state_open(state, STORE_SERVES);
    expiring = expiring_open(store);
}

static void
close_all(void)
{
    expiring_close(expiring);
    store_close(store);
}

/* The record of that number; its place is random, as that of a token. */
static int
put_in(struct expiring *at, enum expiring_table table, unsigned n,
       int64_t expires, const char *text, int64_t now)
{
    unsigned char key[EXPIRING_ID_LEN];
    struct expiring_record record = {table, key, sizeof(key), expires, text};
    struct expiring_change change = {.records = &record, .n_records = 1};
    struct errtext why = {.text = ""};
    size_t there;
    int rc;

    crypto_sha256(&n, sizeof(n), key);
    rc = expiring_commit(at, &change, now, &there, &why);
    if (rc < 0)
        tap_diag("%s", why.text);
    return rc;
}

static int
put(enum expiring_table table, unsigned n, int64_t expires, int64_t now)
{
    return put_in(expiring, table, n, expires, "text", now);
}

static int
use(unsigned n, int64_t expires, int64_t now)
{
    struct expiring_use one = {.expires = expires};
    struct expiring_change change = {.uses = &one, .n_uses = 1};
    struct errtext why = {.text = ""};
    size_t there;

    crypto_sha256(&n, sizeof(n), one.id);
    return expiring_commit(expiring, &change, now, &there, &why);
}

struct census {
    enum store_db db;
    long long n;
};

static int
count_records(struct store *at, void *arg, struct errtext *why)
{
    struct census *census = arg;
    DB_BTREE_STAT *stat = NULL;
    int rc = store_env_need(at, census->db, STORE_ENV_READ);
    DB *db = at->dbs[census->db];

    (void)why;
    if (rc == 0)
        rc = db->stat(db, NULL, &stat, 0);
    if (rc == 0)
        census->n = (long long)stat->bt_ndata;
    free(stat);
    return rc;
}

/* Those that are there, expired or not. */
static long long
count(enum store_db db)
{
    struct census census = {db, -1};
    struct errtext why = {.text = ""};

    if (store_env_run(store, count_records, &census, &why) < 0)
        tap_diag("%s", why.text);
    return census.n;
}

static long long
sweep(enum expiring_table table, int64_t now)
{
    struct errtext why = {.text = ""};
    size_t n = 99999;
    int rc = expiring_sweep(expiring, table, now, &n, &why);

    if (rc < 0)
        tap_diag("%s", why.text);
    return rc < 0 ? -1 : (long long)n;
}

static void
sweeps(void)
{
    static const struct {
        const char *what;
        enum expiring_table table;
        int64_t now;
        long long expected, left;
    } rows[] = { /* of ten records, one expires each second from NOW on */
        {"before the first expires", TOKENS, NOW - 1, 0, 10},
        {"when the first expires, it stays", TOKENS, NOW, 0, 10},
        {"a second later it goes", TOKENS, NOW + 1, 1, 9},
        {"and once only", TOKENS, NOW + 1, 0, 9},
        {"the other table", COUNTERS, NOW + 9, 0, 9},
        {"several", TOKENS, NOW + 5, 4, 5},
        {"a time before", TOKENS, NOW, 0, 5},
        {"before 1970", TOKENS, -1, 0, 5},
        {"all but the last", TOKENS, NOW + 9, 4, 1},
        {"the last", TOKENS, INT64_MAX, 1, 0},
        {"nothing", TOKENS, INT64_MAX, 0, 0},
    };
    unsigned n;
    size_t i;

    for (n = 0; n < 10; n++)
        (void)put(TOKENS, n, NOW + (int64_t)(n * 7 % 10), NOW);
    for (i = 0; i < LEN(rows); i++) {
        tap_is_int(rows[i].expected, sweep(rows[i].table, rows[i].now),
                   "sweep: %s: how many", rows[i].what);
        tap_is_int(rows[i].left, count(STORE_TOKENS),
                   "sweep: %s: what is left", rows[i].what);
    }
    for (n = 0; n < MANY; n++) {
        (void)put(COUNTERS, n, NOW + (n % 3 == 0 ? 0 : 10), NOW);
        if (n % 10 == 0)
            (void)put(TOKENS, n, NOW, NOW);
    }
    tap_is_int((MANY + 2) / 3, sweep(COUNTERS, NOW + 1),
               "sweep: several batches");
    tap_is_int(MANY / 10, count(STORE_TOKENS),
               "sweep: the other table is as it was");
    tap_is_int(MANY - (MANY + 2) / 3, sweep(COUNTERS, INT64_MAX),
               "sweep: all of them");
    tap_is_int(MANY / 10, sweep(TOKENS, NOW + 1), "sweep: tokens");
    tap_is_int(0, count(STORE_COUNTERS) + count(STORE_TOKENS),
               "sweep: nothing is left");
}

static void
passing(void)
{
    struct errtext why;
    size_t purged;
    unsigned n;

    for (n = 0; n < MANY; n++)
        (void)put(TOKENS, n, NOW, NOW);
    (void)use(0, NOW, NOW);
    tap_is_int(MANY, count(STORE_TOKENS), "in passing: nothing too early");
    for (n = 0; n < UPKEEP; n++)
        (void)put(TOKENS, MANY + n, NOW + 1000, NOW + DELAY);
    tap_is_int(MANY + UPKEEP, count(STORE_TOKENS),
               "in passing: a minute is left to those who wait");
    for (n = 0; n < UPKEEP; n++)
        (void)put(TOKENS, MANY + n, NOW + 1001, NOW + DELAY + 1);
    tap_ok(count(STORE_TOKENS) < MANY + UPKEEP
           && count(STORE_TOKENS) >= MANY + UPKEEP - STRETCH,
           "in passing: a bounded number goes, %lld are left",
           count(STORE_TOKENS));
    tap_is_int(1, count(STORE_REPLAY),
               "in passing: where nothing was written nothing goes");
    for (n = 0; n < 40 * UPKEEP; n++)
        (void)put(TOKENS, MANY + n % UPKEEP, NOW + 1002, NOW + DELAY + 1);
    tap_is_int(UPKEEP, count(STORE_TOKENS),
               "in passing: all of them, wherever they lie");
    for (n = 0; n < UPKEEP; n++)
        (void)use(1000 + n, NOW + 5000, NOW + 2000);
    tap_is_int(UPKEEP, count(STORE_TOKENS),
               "in passing: a use sweeps no tokens");
    tap_is_int(UPKEEP, count(STORE_REPLAY), "in passing: but uses");
    (void)sweep(TOKENS, INT64_MAX);
    (void)expiring_purge(expiring, INT64_MAX, SIZE_MAX, &purged, &why);
}

/* All the same when each other commit is of another kind. */
static void
rhythm(void)
{
    unsigned n;

    for (n = 0; n < 60; n++) {
        (void)put(TOKENS, n, NOW, NOW);
        (void)put(COUNTERS, n, NOW, NOW);
    }
    for (n = 0; n < 2 * UPKEEP; n++) {
        (void)put(TOKENS, 100, NOW + 1000, NOW + DELAY + 1);
        (void)put(COUNTERS, 100, NOW + 1000, NOW + DELAY + 1);
    }
    tap_is_int(1, count(STORE_TOKENS), "rhythm: tokens had their turn");
    tap_is_int(1, count(STORE_COUNTERS), "rhythm: counters had theirs");
    (void)sweep(TOKENS, INT64_MAX);
    (void)sweep(COUNTERS, INT64_MAX);
}

static int
fail_cursor(DB *db, DB_TXN *txn, DBC **cursor, u_int32_t flags)
{
    (void)db;
    (void)txn;
    (void)cursor;
    (void)flags;
    calls++;
    return DB_LOCK_DEADLOCK;
}

static int
fail_begin(DB_ENV *env, DB_TXN *parent, DB_TXN **txn, u_int32_t flags)
{
    if (++calls % (UPKEEP + 1) == 0)
        return DB_LOCK_DEADLOCK;
    return begin(env, parent, txn, flags);
}

static void
failing(void)
{
    int good = 0;
    unsigned n;

    (void)put(TOKENS, 0, NOW, NOW);
    store->dbs[STORE_TOKENS]->cursor = fail_cursor;
    calls = 0;
    for (n = 1; n <= UPKEEP; n++)
        good += put(TOKENS, n, NOW, NOW + 1000);
    tap_is_int(UPKEEP, good, "failing: no commit fails with its sweep");
    tap_is_int(1, calls, "failing: it is left to the next one");
    close_all();
    open_all();
    while (count(STORE_TOKENS) > UPKEEP / 2 && n < 100000)
        (void)put(TOKENS, n++ % UPKEEP, NOW + 5, NOW + 1000);
    tap_ok(n <= 3 * UPKEEP + 1, "failing: which does it");
    (void)sweep(TOKENS, INT64_MAX);
    begin = store->env->txn_begin;
    for (n = 0; n < UPKEEP; n++)
        (void)put(TOKENS, n, NOW, NOW);
    store->env->txn_begin = fail_begin;
    calls = 0;
    for (n = 0, good = 0; n < 2 * UPKEEP; n++)
        good += put(TOKENS, n, NOW + 5000, NOW + 1000);
    tap_is_int(2 * UPKEEP, good,
               "failing: nor with a transaction of the sweep");
    store->env->txn_begin = begin;
    (void)sweep(TOKENS, INT64_MAX);
}

static int
slow_get(DBC *cursor, DBT *key, DBT *value, u_int32_t flags)
{
    (void)usleep(SLOW_US);
    return get(cursor, key, value, flags);
}

static int
slow_cursor(DB *db, DB_TXN *txn, DBC **cursor, u_int32_t flags)
{
    int rc = make_cursor(db, txn, cursor, flags);

    calls++;
    if (rc == 0 && (*cursor)->get != slow_get) { /* cursors are used again */
        get = (*cursor)->get;
        (*cursor)->get = slow_get;
    }
    return rc;
}

/* Nobody is inside for long because the disk is slow. */
static void
slow(void)
{
    unsigned n;

    for (n = 0; n < 10; n++)
        (void)put(TOKENS, n, NOW, NOW);
    make_cursor = store->dbs[STORE_TOKENS]->cursor;
    store->dbs[STORE_TOKENS]->cursor = slow_cursor;
    calls = 0;
    tap_is_int(10, sweep(TOKENS, NOW + 1), "slow: a sweep comes to its end");
    tap_ok(calls >= 3, "slow: in %d pieces", calls);
    tap_is_int(0, count(STORE_TOKENS), "slow: nothing is left");
    close_all();
    open_all();
}

static struct expiring *rival;

static int
begin_late(DB_ENV *env, DB_TXN *parent, DB_TXN **txn, u_int32_t flags)
{
    store->env->txn_begin = begin;
    (void)put_in(rival, TOKENS, 1, NOW + 500, "anew", NOW);
    (void)put_in(rival, TOKENS, 2, NOW + 500, NULL, NOW);
    return begin(env, parent, txn, flags);
}

/* What is written anew between finding and removing stays. */
static void
late(void)
{
    struct store *other = NULL;
    struct errtext why;
    unsigned n;

    if (store_open(&other, state, STORE_SERVES, &why) < 0)
        abort();
    rival = expiring_open(other);
    for (n = 0; n < 4; n++)
        (void)put(TOKENS, n, NOW, NOW);
    begin = store->env->txn_begin;
    store->env->txn_begin = begin_late;
    tap_is_int(2, sweep(TOKENS, NOW + 1), "late: two of four go");
    tap_is_int(1, count(STORE_TOKENS),
               "late: one was removed meanwhile, one was written anew");
    expiring_close(rival);
    store_close(other);
    (void)sweep(TOKENS, INT64_MAX);
}

static void
broken(void)
{
    struct errtext why = {.text = ""};
    char command[512];
    size_t n;

    close_all();
    open_all();
    snprintf(command, sizeof(command),
             "mv '%s/tokens.db' '%s/away'; mkdir '%s/tokens.db'", state,
             state, state);
    if (system(command) != 0)
        tap_diag("%s failed", command);
    tap_is_int(-1, expiring_sweep(expiring, TOKENS, NOW, &n, &why),
               "broken: no sweep of nonsense");
    tap_ok(strstr(why.text, state) != NULL, "broken: %s", why.text);
    snprintf(command, sizeof(command),
             "rmdir '%s/tokens.db'; mv '%s/away' '%s/tokens.db'", state,
             state, state);
    if (system(command) != 0)
        tap_diag("%s failed", command);
    tap_is_int(0, sweep(TOKENS, NOW), "broken: and again when it is back");
}

static void
is_flat(const char *file, long long third)
{
    long long last = state_pages(state, file);

    tap_ok(third > 0 && last <= third + third / 12 + 2,
           "steady: %s: %lld pages after a third, %lld at the end", file,
           third, last);
}

/* Time goes on, and as much goes as comes.  Records at random places leave a
 * tree with pages two fifths full, which it comes to after some lifetimes. */
static void
steady(void)
{
    const char *wanted = getenv("CCGRANT_FLAT");
    unsigned many = wanted != NULL ? (unsigned)strtoul(wanted, NULL, 10)
                                   : STEADY;
    long long third[2] = {0, 0};
    char text[TEXT + 1];
    long long n_tokens;
    size_t most = 0;
    unsigned good = 0;
    int64_t now;
    unsigned n;

    memset(text, 't', TEXT);
    text[TEXT] = '\0';
    for (n = 0; n < many; n++) {
        now = NOW + n / PER_SECOND;
        good += put_in(expiring, TOKENS, n, now + LIFETIME, text, now) == 1
                && use(n, now + LIFETIME, now) == 1;
        if (n == many / 3) {
            third[0] = state_pages(state, "tokens.db");
            third[1] = state_pages(state, "replay.db");
        }
        if (n % 500 == 0 && state_files(state, "log.*") > most)
            most = state_files(state, "log.*");
    }
    n_tokens = count(STORE_TOKENS);
    tap_is_int(many, good, "steady: %u tokens and uses", many);
    tap_ok(n_tokens >= LIFETIME * PER_SECOND
           && n_tokens <= (LIFETIME + DELAY) * PER_SECOND * 5 / 4,
           "steady: %d tokens live, %d died within a minute, %lld are there",
           LIFETIME * PER_SECOND, DELAY * PER_SECOND, n_tokens);
    tap_ok(count(STORE_REPLAY)
           <= (LIFETIME + DELAY) * PER_SECOND + 2 * UPKEEP,
           "steady: %lld uses are there", count(STORE_REPLAY));
    is_flat("tokens.db", third[0]);
    is_flat("replay.db", third[1]);
    tap_ok(most > 0 && most <= LOGS_MAX
               && state_files(state, "log.*") <= LOGS_MAX,
           "steady: never more than %zu files of log", most);
}

int
main(void)
{
    state_make(dir, state);
    open_all();
    sweeps();
    passing();
    rhythm();
    failing();
    slow();
    late();
    broken();
    steady();
    close_all();
    state_remove(dir);
    return tap_done();
}
