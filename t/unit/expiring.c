/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * expiring: what is added once, what goes away and when.  Deaths are in
 * t/kill.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <sys/types.h>

#include <db.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/expiring.h"
#include "io/store_env.h"
#include "../lib/state.h"
#include "../lib/tap.h"

enum {
    NOW = 1700000000,
    UPKEEP = 61,    /* additions, of which one does it */
    PURGED = 500,   /* then, at most */
    DELAY = 60,     /* seconds after which it goes in passing */
    RACERS = 8,
    PRIZES = 300,
    STEADY = 30000, /* records, of which some 2000 live at any time */
    PER_SECOND = 20,
    LIFETIME = 40,
    LOGS_MAX = 8,   /* files of a megabyte: a checkpoint is made at four */
};

/* What racers share. */
struct race {
    _Atomic int ready;
    _Atomic int won[PRIZES];
    _Atomic int failed;
};

static char dir[64] = "/tmp/ccgrant-expiring-XXXXXX";
static char state[STATE_PATH_MAX];

/* What is put in place of functions of the library, and those themselves. */
static int calls;
static bool commits;
static int (*begin)(DB_ENV *, DB_TXN *, DB_TXN **, u_int32_t);
static int (*commit)(DB_TXN *, u_int32_t);

static struct expiring_use
use_of(int64_t expires, unsigned n)
{
    unsigned mixed = n * 2654435761U; /* the places of ids are random */
    struct expiring_use use = {.expires = expires};

    memset(use.id, 0x5a, sizeof(use.id));
    memcpy(use.id, &mixed, sizeof(mixed));
    memcpy(use.id + sizeof(use.id) - sizeof(n), &n, sizeof(n));
    return use;
}

/* Adds the record of that number. */
static int
add(struct expiring *expiring, int64_t expires, unsigned n, int64_t now,
    struct errtext *why)
{
    struct expiring_use use = use_of(expires, n);
    struct expiring_change change = {.uses = &use, .n_uses = 1};
    size_t there;

    return expiring_commit(expiring, &change, now, &there, why);
}

static int
count_records(struct store *store, void *arg, struct errtext *why)
{
    DB_BTREE_STAT *stat = NULL;
    int rc = store_env_need(store, STORE_REPLAY, STORE_ENV_READ);
    DB *db = store->dbs[STORE_REPLAY];

    (void)why;
    if (rc == 0)
        rc = db->stat(db, NULL, &stat, 0);
    if (rc == 0)
        *(long long *)arg = (long long)stat->bt_ndata;
    free(stat);
    return rc;
}

static long long
count(struct store *store)
{
    struct errtext why = {.text = ""};
    long long n = -1;

    if (store_env_run(store, count_records, &n, &why) < 0)
        tap_diag("%s", why.text);
    return n;
}

static void
empty(struct expiring *expiring)
{
    struct errtext why = {.text = ""};
    size_t n = 0;

    if (expiring_purge(expiring, INT64_MAX, SIZE_MAX, &n, &why) < 0)
        tap_diag("%s", why.text);
}

/* Two in one call: both or neither. */
static void
pairs(void)
{
    static const struct {
        const char *what;
        unsigned first, second;
        int expected;
        size_t there;
        int more; /* records than before */
    } rows[] = {
        {"two new ones", 101, 102, 1, 0, 2},
        {"both again", 101, 102, 0, 0, 0},
        {"the first was there", 102, 103, 0, 0, 0},
        {"the second was there", 103, 101, 0, 1, 0},
        {"neither was added by that", 103, 104, 1, 0, 2},
        {"one twice", 105, 105, 0, 1, 0},
    };
    struct errtext why = {.text = ""};
    struct store *store = state_open(state, STORE_SERVES);
    struct expiring *expiring = expiring_open(store);
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct expiring_use uses[] = {use_of(1000, rows[i].first),
                                      use_of(2000, rows[i].second)};
        struct expiring_change change = {.uses = uses, .n_uses = 2};
        long long before = count(store);
        size_t there = 0;

        uses[1].expires = uses[0].expires;
        tap_is_int(rows[i].expected,
                   expiring_commit(expiring, &change, 10, &there, &why),
                   "pair: %s", rows[i].what);
        tap_is_int((long long)rows[i].there,
                   rows[i].expected == 0 ? (long long)there : 0,
                   "pair: %s: which", rows[i].what);
        tap_is_int(rows[i].more, count(store) - before,
                   "pair: %s: records", rows[i].what);
    }
    empty(expiring);
    expiring_close(expiring);
    store_close(store);
}

static void
additions(void)
{
    static const struct {
        const char *what;
        int64_t expires;
        unsigned n;
        int64_t now;
        int expected;
    } rows[] = {
        {"a new record", NOW + 60, 1, NOW, 1},
        {"the same again", NOW + 60, 1, NOW, 0},
        {"the same later", NOW + 60, 1, NOW + 59, 0},
        {"the same after its time, while it is there", NOW + 60, 1, NOW + 70,
         0},
        {"the same id with another expiry", NOW + 61, 1, NOW, 1},
        {"the same id with that expiry", NOW + 61, 1, NOW, 0},
        {"another id with the same expiry", NOW + 60, 2, NOW, 1},
        {"that id again", NOW + 60, 2, NOW, 0},
        {"an expiry 256 s later", NOW + 316, 1, NOW, 1},
        {"what has expired already", NOW - 1, 3, NOW, 1},
        {"the same again", NOW - 1, 3, NOW, 0},
        {"the beginning of 1970", 0, 4, NOW, 1},
        {"before 1970, which is the same", -5, 4, NOW, 0},
        {"nearly the end of time", INT64_MAX - 1, 4, NOW, 1},
        {"that again", INT64_MAX - 1, 4, NOW, 0},
        {"the first record still", NOW + 60, 1, NOW, 0},
    };
    struct store *store = state_open(state, STORE_SERVES);
    struct store *other_store = state_open(state, STORE_SERVES);
    struct expiring *expiring = expiring_open(store);
    struct expiring *other = expiring_open(other_store);
    uint64_t generation = store_generation(store);
    struct errtext why;
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        why.text[0] = '\0';
        tap_is_int(rows[i].expected,
                   add(i % 2 == 0 ? expiring : other, rows[i].expires,
                       rows[i].n, rows[i].now, &why), "add: %s: %s",
                   rows[i].what, why.text);
    }
    tap_is_int(7, count(store), "add: what was added is there");
    tap_is_int((long long)generation, (long long)store_generation(store),
               "add: the generation stays");
    empty(expiring);
    tap_is_int(0, count(store), "purge: all");
    expiring_close(other);
    expiring_close(expiring);
    expiring_close(NULL);
    store_close(other_store);
    store_close(store);
}

static void
purges(void)
{
    static const struct {
        const char *what;
        int64_t now;
        size_t max;
        size_t expected;
        long long left;
    } rows[] = { /* of ten records, one expires each second from NOW on */
        {"before the first expires", NOW - 1, 100, 0, 10},
        {"when the first expires, it stays", NOW, 100, 0, 10},
        {"a second later it goes", NOW + 1, 100, 1, 9},
        {"and once only", NOW + 1, 100, 0, 9},
        {"no more than the maximum", NOW + 9, 3, 3, 6},
        {"a maximum of none", NOW + 9, 0, 0, 6},
        {"a time before", NOW, 100, 0, 6},
        {"before 1970", -1, 100, 0, 6},
        {"the rest but the last", NOW + 9, 100, 5, 1},
        {"the last", NOW + 10, 1, 1, 0},
        {"nothing", NOW + 100, 100, 0, 0},
    };
    struct store *store = state_open(state, STORE_SERVES);
    struct expiring *expiring = expiring_open(store);
    struct errtext why = {.text = ""};
    size_t n;
    size_t i;

    for (i = 0; i < 10; i++)
        (void)add(expiring, NOW + (int64_t)(i * 7 % 10), (unsigned)i, NOW,
                  &why);
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        n = 99;
        tap_is_int(0, expiring_purge(expiring, rows[i].now, rows[i].max, &n,
                                     &why), "purge: %s: %s", rows[i].what,
                   why.text);
        tap_is_int((long long)rows[i].expected, (long long)n,
                   "purge: %s: how many", rows[i].what);
        tap_is_int(rows[i].left, count(store), "purge: %s: what is left",
                   rows[i].what);
        if (i == 4)
            tap_is_int(0, add(expiring, NOW + 4, 2, NOW, &why),
                       "purge: the oldest went first");
    }
    expiring_close(expiring);
    store_close(store);
}

static void
passing(void)
{
    struct store *store = state_open(state, STORE_SERVES);
    struct expiring *expiring = expiring_open(store);
    struct errtext why = {.text = ""};
    unsigned n;

    for (n = 0; n < PURGED + 100; n++)
        (void)add(expiring, NOW, n, NOW, &why);
    (void)add(expiring, NOW + 1, n, NOW, &why);
    tap_is_int(PURGED + 101, count(store), "in passing: nothing too early");
    for (n = 0; n < UPKEEP; n++)
        (void)add(expiring, NOW + 1000, n, NOW + DELAY, &why);
    tap_is_int(PURGED + 101 + UPKEEP, count(store),
               "in passing: a minute is left to those who wait");
    for (n = 0; n < UPKEEP; n++)
        (void)add(expiring, NOW + 1001, n, NOW + DELAY + 1, &why);
    tap_is_int(101 + 2 * UPKEEP, count(store),
               "in passing: a bounded number goes");
    for (n = 0; n < UPKEEP; n++)
        (void)add(expiring, NOW + 1002, n, NOW + DELAY + 1, &why);
    tap_is_int(1 + 3 * UPKEEP, count(store), "in passing: then the rest");
    tap_is_int(0, add(expiring, NOW + 1, PURGED + 100, NOW, &why),
               "in passing: what expired later stays");
    for (n = 0; n < UPKEEP; n++)
        (void)add(expiring, NOW + 1002, n, NOW + 2000, &why);
    tap_is_int(1 + 3 * UPKEEP, count(store),
               "in passing: what adds nothing purges nothing");
    empty(expiring);
    expiring_close(expiring);
    store_close(store);
}

static int
fail_checkpoint(DB_ENV *env, u_int32_t kb, u_int32_t minutes,
                u_int32_t flags)
{
    (void)env;
    (void)kb;
    (void)minutes;
    (void)flags;
    calls++;
    return DB_LOCK_DEADLOCK;
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

static void
failing_upkeep(void)
{
    struct store *store = state_open(state, STORE_SERVES);
    struct expiring *expiring = expiring_open(store);
    struct errtext why = {.text = ""};
    int added = 0;
    unsigned n;

    (void)add(expiring, NOW, 0, NOW, &why);
    store->env->txn_checkpoint = fail_checkpoint;
    store->dbs[STORE_REPLAY]->cursor = fail_cursor;
    calls = 0;
    for (n = 1; n <= UPKEEP; n++)
        added += add(expiring, NOW, n, NOW + 1000, &why);
    tap_is_int(UPKEEP, added, "upkeep: its failure fails no addition");
    tap_is_int(2, calls, "upkeep: a deadlock of it is left to the next one");
    expiring_close(expiring);
    store_close(store);
    store = state_open(state, STORE_SERVES);
    expiring = expiring_open(store);
    for (n = 1; n <= UPKEEP; n++)
        (void)add(expiring, NOW + 1000, n, NOW + 1000, &why);
    tap_is_int(UPKEEP, count(store), "upkeep: and done by the next one");
    empty(expiring);
    expiring_close(expiring);
    store_close(store);
}

static int
end_in_doubt(DB_TXN *txn, u_int32_t flags)
{
    int rc = commits ? commit(txn, flags) : txn->abort(txn);

    calls++;
    return rc == 0 ? DB_RUNRECOVERY : rc;
}

static int
begin_doubtful(DB_ENV *env, DB_TXN *parent, DB_TXN **txn, u_int32_t flags)
{
    int rc = begin(env, parent, txn, flags);

    if (rc == 0) {
        commit = (*txn)->commit;
        (*txn)->commit = end_in_doubt;
    }
    return rc;
}

/* A commit that ends in a recovery: it has been done, or not. */
static void
doubts(void)
{
    static const struct {
        const char *what;
        bool commits;
        int expected;
    } rows[] = {
        {"done", true, -1},
        {"not done", false, 1},
    };
    struct expiring *expiring;
    struct errtext why;
    struct store *store;
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        store = state_open(state, STORE_SERVES);
        expiring = expiring_open(store);
        (void)add(expiring, NOW, 1, NOW, &why);
        begin = store->env->txn_begin;
        store->env->txn_begin = begin_doubtful;
        commits = rows[i].commits;
        calls = 0;
        why.text[0] = '\0';
        tap_is_int(rows[i].expected, add(expiring, NOW, 2, NOW, &why),
                   "a commit in doubt that was %s: %s", rows[i].what,
                   why.text);
        tap_is_int(1, calls, "a commit in doubt that was %s: once",
                   rows[i].what);
        tap_ok((rows[i].expected < 0)
               == (strstr(why.text, state) != NULL
                   && strstr(why.text, "nobody can tell") != NULL),
               "a commit in doubt that was %s: the reason", rows[i].what);
        tap_is_int(0, add(expiring, NOW, 2, NOW, &why),
                   "a commit in doubt that was %s: it is there",
                   rows[i].what);
        tap_is_int(0, add(expiring, NOW, 1, NOW, &why),
                   "a commit in doubt that was %s: so is another",
                   rows[i].what);
        empty(expiring);
        expiring_close(expiring);
        store_close(store);
    }
}

static void
lives(void)
{
    struct store *store = state_open(state, STORE_SERVES);
    struct store *other = state_open(state, STORE_SERVES);
    struct expiring *expiring = expiring_open(store);
    struct errtext why = {.text = ""};
    uint64_t life;
    size_t n = 0;

    tap_is_int(1, add(expiring, NOW, 1, NOW, &why), "life: a record");
    (void)gate_enter(other->gate, &life, &why);
    gate_want_recovery(other->gate);
    gate_leave(other->gate);
    tap_is_int(0, add(expiring, NOW, 1, NOW, &why),
               "life: it is there in the next one");
    tap_is_int(1, add(expiring, NOW, 2, NOW, &why), "life: and another");
    (void)gate_enter(other->gate, &life, &why);
    gate_want_recovery(other->gate);
    gate_leave(other->gate);
    tap_is_int(0, expiring_purge(expiring, NOW + 1, 10, &n, &why),
               "life: a purge: %s", why.text);
    tap_is_int(2, (long long)n, "life: of both");
    expiring_close(expiring);
    store_close(other);
    store_close(store);
}

static void
broken(void)
{
    struct store *store = state_open(state, STORE_SERVES);
    struct expiring *expiring = expiring_open(store);
    struct errtext why = {.text = ""};
    size_t n = 7;

    state_shell(dir, "mv state/replay.db away");
    tap_is_int(-1, add(expiring, NOW, 1, NOW, &why),
               "broken: no addition without the file");
    tap_ok(strstr(why.text, state) != NULL, "broken: %s", why.text);
    why.text[0] = '\0';
    tap_is_int(-1, expiring_purge(expiring, NOW, 10, &n, &why),
               "broken: no purge either");
    tap_ok(strstr(why.text, state) != NULL, "broken: %s", why.text);
    why.text[0] = '\0';
    state_shell(dir, "mkdir state/replay.db");
    tap_is_int(-1, add(expiring, NOW, 1, NOW, &why),
               "broken: nor to nonsense");
    tap_ok(strstr(why.text, state) != NULL, "broken: %s", why.text);
    state_shell(dir, "rmdir state/replay.db; mv away state/replay.db");
    tap_is_int(1, add(expiring, NOW, 1, NOW, &why),
               "broken: and again when it is back");
    empty(expiring);
    expiring_close(expiring);
    store_close(store);
}

static void
run(struct race *race, int racer)
{
    struct store *store = state_open(state, STORE_SERVES);
    struct expiring *expiring = expiring_open(store);
    struct errtext why = {.text = ""};
    int prize;
    int rc;
    int i;

    race->ready++;
    while (race->ready < RACERS)
        (void)usleep(100);
    for (i = 0; i < PRIZES; i++) { /* half of them meet at each place */
        prize = racer % 2 == 0 ? i : PRIZES - 1 - i;
        rc = add(expiring, NOW + prize / 10, (unsigned)prize, NOW, &why);
        if (rc > 0)
            race->won[prize]++;
        if (rc < 0) {
            race->failed++;
            fprintf(stderr, "# %s\n", why.text);
        }
    }
    expiring_close(expiring);
    store_close(store);
    _exit(0);
}

static void
races(void)
{
    struct race *race = mmap(NULL, sizeof(*race), PROT_READ | PROT_WRITE,
                             MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct expiring *expiring;
    struct store *store;
    int once = 0;
    int i;

    if (race == MAP_FAILED)
        abort();
    for (i = 0; i < RACERS; i++)
        if (fork() == 0)
            run(race, i);
    while (wait(NULL) > 0)
        ;
    for (i = 0; i < PRIZES; i++)
        once += race->won[i] == 1;
    tap_is_int(0, race->failed, "races: no call has failed");
    tap_is_int(PRIZES, once, "races: of %d processes exactly one adds each",
               RACERS);
    store = state_open(state, STORE_SERVES);
    expiring = expiring_open(store);
    tap_is_int(PRIZES, count(store), "races: they are there");
    empty(expiring);
    expiring_close(expiring);
    store_close(store);
    (void)munmap(race, sizeof(*race));
}

/* Time goes on, and as much goes as comes. */
static void
steady(void)
{
    struct store *store = state_open(state, STORE_SERVES);
    struct expiring *expiring = expiring_open(store);
    struct errtext why = {.text = ""};
    long long third = 0, last;
    size_t most = 0;
    int64_t now;
    unsigned n;
    int good = 0;

    for (n = 0; n < STEADY; n++) {
        now = NOW + n / PER_SECOND;
        good += add(expiring, now + LIFETIME, n, now, &why) == 1;
        if (n == STEADY / 3)
            third = state_pages(state, "replay.db");
        if (n % 500 == 0 && state_files(state, "log.*") > most)
            most = state_files(state, "log.*");
    }
    tap_is_int(STEADY, good, "steady: %d records", STEADY);
    tap_ok(count(store) <= (DELAY + LIFETIME) * PER_SECOND + 2 * UPKEEP,
           "steady: %lld live at the end", count(store));
    last = state_pages(state, "replay.db");
    tap_ok(third > 0 && last <= third + 2 && last < 100,
           "steady: %lld pages after a third, %lld at the end", third, last);
    tap_ok(most > 0 && most <= LOGS_MAX
               && state_files(state, "log.*") <= LOGS_MAX,
           "steady: never more than %zu files of log", most);
    expiring_close(expiring);
    store_close(store);
}

int
main(void)
{
    state_make(dir, state);
    additions();
    pairs();
    purges();
    passing();
    failing_upkeep();
    doubts();
    lives();
    broken();
    races();
    steady();
    state_remove(dir);
    return tap_done();
}
