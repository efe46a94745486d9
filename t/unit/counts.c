/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * expiring: numbers that begin anew with each window, in a real store; of many
 * processes at once, too.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/expiring.h"
#include "state.h"
#include "tap.h"

enum {
    NOW = 1800000000,
    RACERS = 6,
    LIMIT = 200, /* of one window, in the race */
    WINDOWS = 3,
};

static char dir[64] = "/tmp/ccgrant-counts-XXXXXX";
static char state[STATE_PATH_MAX];

static struct expiring_count
count_of(const char *key, int64_t length, int64_t limit)
{
    return (struct expiring_count){.key = key, .key_len = strlen(key),
                                   .length = length, .limit = limit};
}

/* Raises one. */
static int
raise_one(struct expiring *expiring, const char *key, int64_t limit,
          int64_t now, int64_t *n)
{
    struct expiring_count count = count_of(key, 60, limit);
    struct expiring_change change = {.counts = &count, .n_counts = 1};
    struct errtext why = {.text = ""};
    size_t there;
    int rc = expiring_commit(expiring, &change, now, &there, &why);

    if (rc < 0)
        tap_diag("%s", why.text);
    *n = count.tally.n;
    return rc;
}

static void
test_raises(struct expiring *expiring)
{
    static const struct {
        const char *what, *key;
        int64_t limit, later;
        int expected;
        int64_t n;
    } rows[] = {
        {"the first", "a", 3, 0, 1, 1},
        {"the second", "a", 3, 1, 1, 2},
        {"another key", "aa", 3, 1, 1, 1},
        {"the third, at the end of the window", "a", 3, 59, 1, 3},
        {"no fourth", "a", 3, 59, 2, 3},
        {"nor after a refusal", "a", 3, 59, 2, 3},
        {"a greater limit", "a", 4, 59, 1, 4},
        {"a smaller one", "a", 1, 59, 2, 4},
        {"none at all", "none", 0, 0, 2, 0},
        {"the next window", "a", 3, 60, 1, 1},
        {"of which a process that is late has the rest", "a", 3, 59, 1, 2},
        {"and no more", "a", 2, 59, 2, 2},
        {"long after", "a", 3, 6000, 1, 1},
        {"a clock that was set back", "a", 3, 100, 1, 1},
    };
    size_t i;
    int64_t n;

    for (i = 0; i < LEN(rows); i++) {
        tap_is_int(rows[i].expected,
                   raise_one(expiring, rows[i].key, rows[i].limit,
                             NOW + rows[i].later, &n),
                   "raise: %s", rows[i].what);
        tap_is_int(rows[i].n, n, "raise: %s: the number", rows[i].what);
    }
}

/* With a use, a record and two counts: all or nothing. */
static void
test_together(struct expiring *expiring)
{
    static const struct {
        const char *what;
        unsigned char use;
        int64_t first, second; /* limits */
        int expected;
        size_t there;
        int64_t n; /* of the first, then */
        int found; /* the record */
    } rows[] = {
        {"all", 1, 5, 5, 1, 0, 1, 1},
        {"a use that was there", 1, 5, 5, 0, 0, 1, 0},
        {"that goes before a limit", 1, 1, 5, 0, 0, 1, 0},
        {"the first at its limit", 2, 1, 5, 2, 0, 1, 0},
        {"the second", 2, 5, 1, 2, 1, 1, 0},
        {"neither used that up", 2, 5, 5, 1, 0, 2, 1},
    };
    char text[EXPIRING_TEXT_MAX + 1];
    struct errtext why = {.text = ""};
    size_t i, there;

    for (i = 0; i < LEN(rows); i++) {
        struct expiring_count counts[] = {
            count_of("one", 60, rows[i].first),
            count_of("two", 3600, rows[i].second)};
        struct expiring_use use = {.expires = NOW + 100};
        struct expiring_record record = {
            .table = EXPIRING_TOKENS,
            .key_len = 1, .expires = NOW + 100, .text = "{}"};
        struct expiring_change change = {
            .uses = &use, .n_uses = 1, .counts = counts, .n_counts = 2,
            .records = &record, .n_records = 1, .durable = true};
        char key[2] = {(char) ('A' + i), '\0'};

        record.key = key;
        memset(use.id, rows[i].use, sizeof(use.id));
        there = 9;
        tap_is_int(rows[i].expected,
                   expiring_commit(expiring, &change, NOW, &there, &why),
                   "together: %s: %s", rows[i].what, why.text);
        if (rows[i].expected != 1)
            tap_is_int((long long) rows[i].there, (long long) there,
                       "together: %s: which", rows[i].what);
        counts[0] = count_of("one", 60, 0);
        expiring_count_read(expiring, &counts[0], NOW, &why);
        tap_is_int(rows[i].n, counts[0].tally.n, "together: %s: the number",
                   rows[i].what);
        tap_is_int(rows[i].found,
                   expiring_read(expiring, EXPIRING_TOKENS, key, 1, NOW, text,
                                 sizeof(text), NULL, NULL, &why),
                   "together: %s: the record", rows[i].what);
    }
}

static void
test_reads(struct expiring *expiring)
{
    struct expiring_count count = count_of("nothing", 60, 0);
    struct expiring_record record = {
        .table = EXPIRING_COUNTERS, .key = "bad", .key_len = 3,
        .expires = NOW + 60, .text = "rubbish"};
    struct expiring_change change = {.records = &record, .n_records = 1};
    struct errtext why = {.text = ""};
    size_t there;
    int64_t n;

    tap_is_int(0, expiring_count_read(expiring, &count, NOW, &why), "read");
    tap_is_int(0, count.tally.n, "nothing is 0");
    (void) expiring_commit(expiring, &change, NOW, &there, &why);
    count = count_of("bad", 60, 5);
    tap_is_int(-1, expiring_count_read(expiring, &count, NOW, &why),
               "a record that is damaged cannot be read");
    tap_ok(strstr(why.text, "damaged") != NULL, "and says so");
    tap_is_int(-1, raise_one(expiring, "bad", 5, NOW, &n), "nor raised");
    tap_is_int(1, raise_one(expiring, "bad", 5, NOW + 60, &n),
               "until it has expired");
    tap_is_int(-1, raise_one(expiring, "", 5, NOW, &n), "an empty key");
}

static void
test_alarm(struct expiring *expiring)
{
    struct store *store = state_open(state, STORE_SERVES);
    struct expiring *other = expiring_open(store);
    struct expiring_count count = count_of("alarm", 60, 1);
    struct expiring_change change = {.counts = &count, .n_counts = 1};
    size_t there;

    tap_is_int(0, expiring_alarmed(expiring), "no alarm yet");
    expiring_commit(expiring, &change, NOW, &there, NULL);
    tap_is_int(0, expiring_alarmed(other), "nor by what does not");
    change.alarms = true;
    expiring_commit(expiring, &change, NOW + 60, &there, NULL);
    tap_is_int(NOW + 60, expiring_alarmed(other), "others see it");
    expiring_commit(other, &change, NOW, &there, NULL);
    tap_is_int(NOW + 60, expiring_alarmed(expiring), "and the latest alone");
    expiring_close(other);
    store_close(store);
}

/* What one racer does: as often as it can, in windows that come and go. */
static void
run_racer(_Atomic int *ready, _Atomic int *won)
{
    struct store *store = state_open(state, STORE_SERVES);
    struct expiring *expiring = expiring_open(store);
    int64_t n;
    int w, i;

    atomic_fetch_add(ready, 1);
    while (*ready < RACERS)
        usleep(100);
    for (w = 0; w < WINDOWS; w++) {
        for (i = 0; i < LIMIT; i++) {
            if (raise_one(expiring, "race", LIMIT, NOW + 6000 + w * 60, &n)
                == 1)
                atomic_fetch_add(&won[n > 0 ? w : WINDOWS], 1);
        }
        /* All are in one window, or the late would take of the next. */
        atomic_fetch_add(ready, 1);
        while (*ready < RACERS * (w + 2))
            usleep(100);
    }
    expiring_close(expiring);
    store_close(store);
    _exit(0);
}

static void
test_race(void)
{
    _Atomic int *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                               MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int i, status, bad = 0;

    for (i = 0; i < RACERS; i++) {
        if (fork() == 0)
            run_racer(&shared[0], &shared[1]);
    }
    for (i = 0; i < RACERS; i++) {
        if (wait(&status) >= 0 && status == 0)
            continue;
        bad++;
        /* Nobody waits for one that is no more. */
        atomic_store(&shared[0], RACERS * (WINDOWS + 1));
    }
    tap_is_int(0, bad, "race: all end well");
    for (i = 0; i < WINDOWS; i++)
        tap_is_int(LIMIT, shared[1 + i],
                   "race: exactly as many as there are, window %d", i + 1);
    munmap((void *) shared, 4096);
}

int
main(void)
{
    struct expiring *expiring;
    struct store *store;

    state_make(dir, state);
    test_race(); /* first: no fork with a store that is open */
    store = state_open(state, STORE_SERVES);
    expiring = expiring_open(store);
    test_alarm(expiring);
    test_raises(expiring);
    test_together(expiring);
    test_reads(expiring);
    expiring_close(expiring);
    store_close(store);
    state_remove(dir);
    return tap_done();
}
