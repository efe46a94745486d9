/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * guess: who has to wait, and for how long; what is counted together and what
 * apart; what it costs.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_expiring.h"
#include "guess.h"
#include "lastuse.h"
#include "roster.h"
#include "sample.h"
#include "tap.h"
#include "world.h"

#define LEN(array) (sizeof(array) / sizeof((array)[0]))

enum {
    START = 1800000000 / GUESS_WINDOW * GUESS_WINDOW,
    LIMIT = 3,
};

static struct world world;
static struct guess guess;
static struct audit audit;

static enum oauth_error
check(const char *id, const char *from, int64_t now)
{
    struct request rq = sample_request();

    rq.remote_addr = rq.origin = from;
    memset(&audit, 0, sizeof(audit));
    return guess_check(&world.service, &rq, id, now, &guess, &audit);
}

/* Returns whether it was let through, and failed. */
static bool
fail(const char *id, const char *from, int64_t now)
{
    struct request rq = sample_request();

    rq.remote_addr = rq.origin = from;
    if (check(id, from, now) != OAUTH_OK)
        return false;
    errtext_set(&audit.why, "wrong");
    guess_failed(&world.service, &rq, &guess, now, &audit.why);
    return true;
}

static void
forget(void)
{
    size_t n;

    guess_memory_close(world.service.guesses);
    world.service.guesses = NULL;
    expiring_sweep(world.service.expiring, EXPIRING_COUNTERS, INT64_MAX, &n,
                   NULL);
}

static void
test_waits(void)
{
    static const struct {
        int64_t n, wait;
    } rows[] = {
        {0, 0},   {LIMIT - 1, 0},  {LIMIT, 1},       {LIMIT + 1, 2},
        {LIMIT + 2, 4},            {LIMIT + 8, 256}, {LIMIT + 9, 300},
        {LIMIT + 40, 300},         {LIMIT + 4000000, 300},
    };
    struct tally tally = {.at = START, .until = START + GUESS_WINDOW};
    size_t i;

    for (i = 0; i < LEN(rows); i++) {
        tally.n = rows[i].n;
        tap_is_int(rows[i].wait == 0 ? 0 : START + rows[i].wait,
                   guess_wait(&tally, LIMIT), "after %lld failures",
                   (long long) rows[i].n);
    }
    tally.at = START + GUESS_WINDOW - 10;
    tap_is_int(tally.until, guess_wait(&tally, LIMIT),
               "no longer than its window");
}

/* Who waits when "app" failed LIMIT times from one address. */
static void
test_who(void)
{
    static const struct {
        const char *what, *failed, *id, *from;
        enum oauth_error expected;
    } rows[] = {
        {"the client from there", "192.0.2.1", "app", "192.0.2.1",
         OAUTH_TOO_MANY},
        {"in another spelling", "192.0.2.1", "app", "::ffff:192.0.2.1",
         OAUTH_TOO_MANY},
        {"another client", "192.0.2.1", "ap", "192.0.2.1", OAUTH_OK},
        {"one of another case", "192.0.2.1", "App", "192.0.2.1", OAUTH_OK},
        {"the client from the next address", "192.0.2.1", "app", "192.0.2.2",
         OAUTH_OK},
        {"from the same 64 bits", "2001:db8:0:1::1", "app",
         "2001:db8:0:1:ffff::", OAUTH_TOO_MANY},
        {"from others", "2001:db8:0:1::1", "app", "2001:db8:0:2::1",
         OAUTH_OK},
        {"from what is no address", "unix:/run/x", "app", "unix:/run/x",
         OAUTH_TOO_MANY},
        {"from another such", "unix:/run/x", "app", "unix:/run/y", OAUTH_OK},
        {"from nobody knows where", "", "app", "", OAUTH_OK},
        {"through a proxy that does not tell", "198.51.100.7", "app",
         "198.51.100.7", OAUTH_TOO_MANY},
        {"through another", "198.51.100.7", "app", "198.51.100.8",
         OAUTH_TOO_MANY},
        {"who is known, then", "198.51.100.7", "app", "192.0.2.1", OAUTH_OK},
    };
    size_t i;
    int n;

    for (i = 0; i < LEN(rows); i++) {
        forget();
        for (n = 0; n < LIMIT; n++)
            (void) fail("app", rows[i].failed, START + 100);
        tap_is_int(rows[i].expected,
                   check(rows[i].id, rows[i].from, START + 100),
                   "who waits: %s", rows[i].what);
    }
}

/* What a proxy's field that cannot be read leaves. */
static void
test_unknown(void)
{
    struct request rq = sample_request();
    char id[32];
    int n;

    forget();
    rq.remote_addr = "198.51.100.7";
    rq.origin = "";
    for (n = 0; n < LIMIT * GUESS_NETWORK; n++) {
        snprintf(id, sizeof(id), "app%d", n / 2);
        if (guess_check(&world.service, &rq, id, START + 100, &guess, &audit)
            != OAUTH_OK)
            break;
        guess_failed(&world.service, &rq, &guess, START + 100, &audit.why);
    }
    tap_is_int(LIMIT * GUESS_NETWORK, n, "without an origin it is counted");
    tap_is_str("unknown", guess.network, "  as of one network");
    tap_is_int(OAUTH_TOO_MANY,
               guess_check(&world.service, &rq, "other", START + 100, &guess,
                           &audit),
               "  which waits");
    tap_is_int(OAUTH_OK, check("app0", "192.0.2.1", START + 100),
               "  and nobody else");
}

static void
test_story(void)
{
    int n;

    forget();
    tap_ok(fail("app", "192.0.2.1", START + 100), "a failure");
    tap_is_str("wrong", audit.why.text, "  says what was wrong alone");
    (void) fail("app", "192.0.2.1", START + 100);
    (void) fail("app", "192.0.2.1", START + 100);
    tap_ok(strstr(audit.why.text, "limits.lockout: now 3 failures of this "
                                  "client from 192.0.2.1") != NULL
               && strstr(audit.why.text, ": wrong") != NULL,
           "the third says that waiting begins: %s", audit.why.text);
    tap_ok(!fail("app", "192.0.2.1", START + 100), "then it waits");
    tap_is_int(1, audit.retry_after, "  for a second");
    tap_is_int(RULE_LIMITS_LOCKOUT, audit.why.rule, "  by that rule");
    tap_ok(fail("app", "192.0.2.1", START + 101), "a second later it may");
    tap_is_str("wrong", audit.why.text, "  without another word");
    check("app", "192.0.2.1", START + 101);
    tap_is_int(2, audit.retry_after, "and waits for two");
    tap_is_int(OAUTH_OK, check("app", "192.0.2.1", START + 103),
               "after those it may");
    guess_passed(&world.service, &guess, START + 103);
    for (n = 0; n < LIMIT; n++)
        tap_ok(fail("app", "192.0.2.1", START + 103),
               "a success forgets what was");
    tap_is_int(OAUTH_TOO_MANY, check("app", "192.0.2.1", START + 103),
               "but not what comes");
    tap_is_int(OAUTH_OK,
               check("app", "192.0.2.1", START + GUESS_WINDOW),
               "the next window begins anew");
}

static void
test_network(void)
{
    char id[32];
    int n;

    forget();
    for (n = 0; n < LIMIT * GUESS_NETWORK; n++) {
        snprintf(id, sizeof(id), "app%d", n);
        if (!fail(id, "192.0.2.1", START + 100))
            break;
    }
    tap_is_int(LIMIT * GUESS_NETWORK, n, "a network fails ten times as often");
    tap_ok(strstr(audit.why.text, "now 30 failures from 192.0.2.1") != NULL,
           "and is told: %s", audit.why.text);
    tap_is_int(OAUTH_TOO_MANY, check("other", "192.0.2.1", START + 100),
               "then all wait there");
    tap_is_int(OAUTH_TOO_MANY, check("", "192.0.2.1", START + 100),
               "who has no id, too");
    tap_is_int(OAUTH_OK, check("app1", "192.0.2.2", START + 100),
               "and nobody elsewhere");
    forget();
    for (n = 0; n < 40 && fail("bad id", "192.0.2.1", START + 100); n++)
        ;
    tap_is_int(LIMIT, n, "ids that no client has are one");
    tap_is_int(OAUTH_TOO_MANY, check("bad\tid", "192.0.2.1", START + 100),
               "whichever");
    tap_ok(strncmp(audit.why.text, "3 failures of impossible ids from "
                                   "192.0.2.1: until ", 51) == 0,
           "and are told by the name that the list has: %s", audit.why.text);
}

/* A count as if somebody had failed so often, last at that time. */
static void
put(const char *id, int n, int64_t at)
{
    char key[64], text[64];
    struct expiring_record record = {
        .table = EXPIRING_COUNTERS, .key = key,
        .expires = START + GUESS_WINDOW, .text = text};
    struct expiring_change change = {.records = &record, .n_records = 1};
    size_t there;

    record.key_len =
        (size_t) snprintf(key, sizeof(key), "guess%c192.0.2.1%c%s", '\0',
                          '\0', id != NULL ? id : "")
        - (id == NULL);
    snprintf(text, sizeof(text), "%d %lld", n, (long long) at);
    expiring_commit(world.service.expiring, &change, START, &there, NULL);
}

/* Two reasons to wait: what lasts longest is told first, and is the wait. */
static void
test_order(void)
{
    static const struct {
        const char *what;
        int pair, whole, after;
        const char *text;
    } rows[] = {
        {"the client alone", 5, 29, 4,
         "5 failures of this client from 192.0.2.1: until "},
        {"the network alone", 2, 31, 2, "31 failures from 192.0.2.1: until "},
        {"the client for longer", 6, 31, 8,
         "6 failures of this client from 192.0.2.1: until "
         "2027-01-15T08:01:48Z; 31 failures from 192.0.2.1: until "},
        {"the network for longer", 4, 36, 64,
         "36 failures from 192.0.2.1: until 2027-01-15T08:02:44Z; 4 failures "
         "of this client from 192.0.2.1: until "},
        {"both alike", 4, 31, 2,
         "4 failures of this client from 192.0.2.1: until "
         "2027-01-15T08:01:42Z; 31 failures from 192.0.2.1: until "},
    };
    size_t i;

    for (i = 0; i < LEN(rows); i++) {
        forget();
        (void) fail("x", "192.0.2.2", START + 100); /* the alarm */
        put("app", rows[i].pair, START + 100);
        put(NULL, rows[i].whole, START + 100);
        tap_is_int(OAUTH_TOO_MANY, check("app", "192.0.2.1", START + 100),
                   "%s waits", rows[i].what);
        tap_ok(strncmp(audit.why.text, rows[i].text, strlen(rows[i].text))
                   == 0,
               "  is told first: %s", audit.why.text);
        tap_is_int(rows[i].after, audit.retry_after, "  for so long");
    }
    forget();
    (void) fail("x", "192.0.2.2", START + 100);
    put("app", LIMIT - 1, START + 90);
    put(NULL, LIMIT * GUESS_NETWORK + 4, START + 50);
    tap_ok(fail("app", "192.0.2.1", START + 100), "a failure with which one "
                                                  "more wait begins");
    tap_ok(strstr(audit.why.text, "limits.lockout: now 35 failures from "
                                  "192.0.2.1, which is refused until ")
                   != NULL
               && strstr(audit.why.text, "; 3 failures of this client from "
                                         "192.0.2.1, which is refused until ")
                      != NULL,
           "  tells the longer first: %s", audit.why.text);
    check("app", "192.0.2.1", START + 100);
    tap_is_int(32, audit.retry_after, "  which is the wait");
}

static void
test_cost(void)
{
    struct store *store = world.service.store;
    struct expiring *other;

    expiring_close(world.service.expiring);
    world.service.expiring = expiring_open(store);
    fake_expiring_reads();
    fake_expiring_adds();
    check("app", "192.0.2.1", START + 100);
    guess_passed(&world.service, &guess, START + 100);
    tap_is_int(0, fake_expiring_reads() + fake_expiring_adds(),
               "while nobody fails nothing is read or written");
    (void) fail("app", "192.0.2.1", START + 100);
    tap_is_int(1, fake_expiring_adds(), "a failure is one change");
    fake_expiring_reads();
    check("app", "192.0.2.1", START + 100);
    tap_is_int(0, fake_expiring_reads(), "which this process knows");
    check("other", "192.0.2.9", START + 100);
    tap_is_int(2, fake_expiring_reads(), "then others are looked up");
    check("other", "192.0.2.9", START + 100);
    tap_is_int(0, fake_expiring_reads(), "once in a second");
    check("other", "192.0.2.9", START + 101);
    tap_is_int(2, fake_expiring_reads(), "and again in the next");
    check("other", "192.0.2.9", START + GUESS_WINDOW);
    tap_is_int(0, fake_expiring_reads(), "but not in the next window");
    world.policy.limits.lockout = false;
    check("app", "192.0.2.1", START + 101);
    (void) fail("app", "192.0.2.1", START + 101);
    tap_is_int(0, fake_expiring_reads() + fake_expiring_adds(),
               "nor without limits.lockout");
    world.policy.limits.lockout = true;
    fake_expiring_break(true);
    tap_is_int(OAUTH_UNAVAILABLE, check("other", "192.0.2.9", START + 102),
               "a store that fails lets nobody guess");
    fake_expiring_break(false);
    other = expiring_open(store);
    expiring_close(other);
}

/* A client whose secret was used from there. */
static void
used_from(const char *id, const char *from)
{
    struct client *cl = world_client(id, "batch");
    struct roster_entry *entry;

    world_secret(&world, cl, SECRET_MAC, "s3cr3t", 0, 0);
    world_secret(&world, cl, SECRET_MAC, "another", 0, 0);
    world_store(cl);
    entry = roster_find(world.service.roster, id, NULL);
    lastuse_note(&world.service, entry, entry->cl->secrets[1].id, from,
                 START);
}

/* Where a client usually is, others make it wait no more than ever. */
static void
test_usual(void)
{
    static const char here[] = "2001:db8:0:ff::1";
    size_t there;
    int n;

    used_from("resident", here);
    used_from("stranger", "2001:db8:1:ff::1");
    tap_is_int(OAUTH_OK, check("resident", here, START + 100),
               "a client that is usually there does not");
    tap_is_int(OAUTH_TOO_MANY, check("stranger", here, START + 100),
               "one that is usually elsewhere does");
    tap_is_int(OAUTH_TOO_MANY,
               check("resident", "2001:db8:0:fe::1", START + 100),
               "and so does that one where it never was");
    there = fake_expiring_records(EXPIRING_COUNTERS);
    for (n = 0; fail("resident", here, START + 100); n++)
        ;
    tap_is_int(LIMIT, n, "when it fails it is counted by itself");
    tap_is_int((long long) there + 2,
               (long long) fake_expiring_records(EXPIRING_COUNTERS),
               "  in records of its own");
    tap_is_int(OAUTH_OK, check("newcomer", here, START + 100),
               "  and its network has one, then");
    tap_is_int(LIMIT, guess.failed.whole.n, "  of the same failures");
}

static void
test_full(void)
{
    static const char key[] = "guess";
    struct expiring_record record = {
        .table = EXPIRING_COUNTERS, .key = key, .key_len = strlen(key),
        .expires = START + GUESS_WINDOW, .text = "50000 1"};
    struct expiring_change change = {.records = &record, .n_records = 1};
    char from[64];
    size_t there;
    int n;

    forget();
    (void) fail("app", "192.0.2.1", START + 100);
    expiring_commit(world.service.expiring, &change, START, &there, NULL);
    there = fake_expiring_records(EXPIRING_COUNTERS);
    tap_ok(fail("app", "192.0.2.1", START + 100), "one that is there");
    tap_is_str("wrong", audit.why.text, "  is counted");
    tap_ok(fail("new", "192.0.2.1", START + 100), "one from there");
    tap_is_int(3, guess.failed.whole.n, "  counts for its network");
    for (n = 0; n < LIMIT * GUESS_NETWORK; n++) {
        snprintf(from, sizeof(from), "2001:db8:0:%x::1", (unsigned) n);
        if (!fail("new", from, START + 100))
            break;
    }
    tap_is_int(LIMIT * GUESS_NETWORK, n, "those of 48 bits elsewhere");
    tap_ok(strstr(audit.why.text, "now 30 failures from 2001:db8:0:1d::/64 "
                                  "and others") != NULL,
           "  are counted together: %s", audit.why.text);
    tap_is_int((long long) there + 1,
               (long long) fake_expiring_records(EXPIRING_COUNTERS),
               "  in one record");
    tap_is_int(OAUTH_TOO_MANY, check("any", "2001:db8:0:ff::1", START + 100),
               "  and wait together");
    tap_ok(strstr(audit.why.text, "30 failures from 2001:db8:0:ff::/64 and "
                                  "others, shared-") != NULL,
           "  are told: %s", audit.why.text);
    tap_is_int(1, audit.retry_after, "  for how long");
    test_usual();
    tap_is_int(OAUTH_OK, check("any", "2001:db8:1:ff::1", START + 100),
               "another 48 do not");
    tap_is_int(OAUTH_OK, check("any", "192.0.2.1", START + 100),
               "nor who has a record");
    for (n = 0; n < 4000; n++) {
        snprintf(from, sizeof(from), "10.0.%d.%d", n / 250, n % 250);
        (void) fail("new", from, START + 100);
    }
    tap_ok(fake_expiring_records(EXPIRING_COUNTERS)
               <= there + GUESS_SHARED_MAX,
           "however many fail, the records are few");
}

int
main(void)
{
    static char *proxies[] = {(char *) (uintptr_t) "198.51.100.0/24"};
    struct cidr proxy, *own;

    world_open(&world);
    own = world.policy.proxy_nets;
    cidr_parse(&proxy, proxies[0], NULL);
    world.policy.proxy_nets = &proxy;
    world.policy.n_proxies = 1;
    world.policy.limits.lockout = true;
    world.policy.limits.failures = LIMIT;
    test_waits();
    test_who();
    test_unknown();
    test_story();
    test_network();
    test_order();
    test_full();
    test_cost();
    world.policy.proxy_nets = own;
    world.policy.n_proxies = 0;
    world_close(&world);
    return tap_done();
}
