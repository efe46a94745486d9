/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The kill test: processes that use one store are killed at random, and
 * nothing that was acknowledged may be lost, nor acknowledged twice where only
 * one may have it.
 *
 * CCGRANT_KILLS is the number of kills, 60 when it is not set.  TMPDIR says
 * where the store lies: in memory (/dev/shm) there are ten times the writes,
 * and each of them is done page by page.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <sys/types.h>

#include <db.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "io/expiring.h"
#include "io/gate.h"
#include "io/store.h"
#include "io/store_upkeep.h"
#include "../lib/tap.h"
#include "ledger.h"
#include "roles.h"

enum {
    STALL_MAX_MS = 30000, /* more is no slow disk but a wedge */
    STOP_MS = 30000, /* for all to end when told to */
};

struct arena {
    char dir[64];
    char state[96];
    char copy[96];
    struct ledger *ledger;
    pid_t pids[ROLE__MAX];
    unsigned seed;
    unsigned kills;
    unsigned ended;    /* killed by the gate */
    int64_t standstill; /* of all, in milliseconds */
    int64_t moved;
    uint64_t operations;
};

static void build(struct arena *arena);
static void start(struct arena *arena, enum role role);
static void torment(struct arena *arena, unsigned kills);
static void kill_one(struct arena *arena);
static void reap(struct arena *arena, bool restart);
static void watch(struct arena *arena);
static void stop(struct arena *arena);
static void check_all(struct arena *arena, const char *dir,
                      const char *what);
static void check_prizes(struct arena *arena, const char *dir,
                         const char *what);
static void check_tokens(struct arena *arena, const char *dir,
                         const char *what);
static void copy_files(struct arena *arena);
static void write_pages(const char *dir);
static void verify(const char *dir, const char *file);
static uint64_t lives(const struct arena *arena);
static void report(const struct arena *arena);
static void shell(const char *format, const char *a, const char *b);
static unsigned any(struct arena *arena, unsigned below);
static void nap(long ms);

int
main(void)
{
    const char *text = getenv("CCGRANT_KILLS");
    long kills = text != NULL ? strtol(text, NULL, 10) : 60;
    static struct arena arena;
    int role;

    build(&arena);
    for (role = 0; role < ROLE__MAX; role++)
        start(&arena, (enum role)role);
    torment(&arena, kills > 0 ? (unsigned)kills : 1);
    stop(&arena);
    check_all(&arena, arena.state, "the store");
    copy_files(&arena);
    check_prizes(&arena, arena.state, "the store");
    check_tokens(&arena, arena.state, "the store");
    check_all(&arena, arena.copy, "a copy of files and log alone");
    check_prizes(&arena, arena.copy, "the copy");
    check_tokens(&arena, arena.copy, "the copy");
    write_pages(arena.copy);
    verify(arena.copy, "clients.db");
    verify(arena.copy, "counters.db");
    verify(arena.copy, "jwks.db");
    verify(arena.copy, "keys.db");
    verify(arena.copy, "meta.db");
    verify(arena.copy, "replay.db");
    verify(arena.copy, "tokens.db");
    report(&arena);
    shell("rm -rf '%s'", arena.dir, "");
    return tap_done();
}

static void
build(struct arena *arena)
{
    const char *tmp = getenv("TMPDIR");
    struct errtext why = {.text = ""};

    snprintf(arena->dir, sizeof(arena->dir), "%s/ccgrant-kill-XXXXXX",
             tmp != NULL && strlen(tmp) < 32 ? tmp : "/tmp");
    if (mkdtemp(arena->dir) == NULL)
        abort();
    snprintf(arena->state, sizeof(arena->state), "%s/state", arena->dir);
    snprintf(arena->copy, sizeof(arena->copy), "%s/copy", arena->dir);
    shell("mkdir -m 770 '%s' '%s'", arena->state, arena->copy);
    arena->ledger = ledger_new();
    arena->seed = (unsigned)time(NULL) ^ (unsigned)getpid();
    arena->moved = ledger_now_ms();
    if (store_create(arena->state, &why) < 0) {
        tap_diag("%s", why.text);
        abort();
    }
}

static void
start(struct arena *arena, enum role role)
{
    unsigned seed = any(arena, 1U << 24);
    pid_t pid = fork();

    if (pid < 0)
        abort();
    if (pid == 0)
        role_run(role, arena->state, arena->ledger, seed);
    arena->pids[role] = pid;
}

static void
torment(struct arena *arena, unsigned kills)
{
    while (arena->kills < kills && arena->ledger->failed == 0) {
        /* Now and then a series of deaths, in recoveries too. */
        nap(any(arena, 8) == 0 ? 1 : 5 + (long)any(arena, 60));
        watch(arena);
        reap(arena, true);
        kill_one(arena);
    }
}

static void
kill_one(struct arena *arena)
{
    enum role role = (enum role)any(arena, ROLE__MAX);

    if (kill(arena->pids[role], SIGKILL) == 0)
        arena->kills++;
    (void)waitpid(arena->pids[role], NULL, 0);
    start(arena, role);
}

/* Those that ended by themselves, or that the gate has ended. */
static void
reap(struct arena *arena, bool restart)
{
    int status;
    int role;

    for (role = 0; role < ROLE__MAX; role++) {
        if (arena->pids[role] == 0
            || waitpid(arena->pids[role], &status, WNOHANG) <= 0)
            continue;
        arena->pids[role] = 0;
        if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
            arena->ended++;
        else if (WIFSIGNALED(status)) {
            tap_diag("role %d: signal %d", role, WTERMSIG(status));
            arena->ledger->failed++;
        }
        if (restart)
            start(arena, (enum role)role);
    }
}

/* How long nobody at all came to the end of a call. */
static void
watch(struct arena *arena)
{
    int64_t now = ledger_now_ms();

    if (arena->operations == arena->ledger->operations) {
        if (now - arena->moved > arena->standstill)
            arena->standstill = now - arena->moved;
        return;
    }
    arena->operations = arena->ledger->operations;
    arena->moved = now;
}

static void
stop(struct arena *arena)
{
    int64_t deadline = ledger_now_ms() + STOP_MS;
    bool all = false;
    int role;

    arena->ledger->stop = true;
    while (!all && ledger_now_ms() < deadline) {
        nap(10);
        reap(arena, false);
        all = true;
        for (role = 0; role < ROLE__MAX; role++)
            all = all && arena->pids[role] == 0;
    }
    tap_ok(all, "every process ends when it is told to");
    for (role = 0; role < ROLE__MAX; role++)
        if (arena->pids[role] != 0)
            kill(arena->pids[role], SIGKILL);
}

static void
check_all(struct arena *arena, const char *dir, const char *what)
{
    static char buf[STORE_VALUE_MAX + 1];
    struct ledger *ledger = arena->ledger;
    uint64_t before = ledger->missing + ledger->torn;
    struct errtext why = {.text = ""};
    struct store *store = NULL;
    unsigned writer;
    unsigned record;
    char key[32];
    size_t len;
    int rc = store_open(&store, dir, STORE_ADMIN, &why);

    for (writer = 0; writer < WRITERS && rc >= 0; writer++)
        for (record = 0; record < RECORDS && rc >= 0; record++) {
            ledger_key(writer, record, key);
            rc = store_get(store, STORE_CLIENTS, key, buf, sizeof(buf),
                           &len, &why);
            if (rc >= 0)
                ledger_check(ledger, writer, record, rc > 0 ? buf : NULL,
                             ledger->acked[writer][record],
                             ledger->begun[writer][record]);
        }
    store_close(store);
    tap_ok(rc >= 0, "%s can be read%s%s", what, rc < 0 ? ": " : "",
           rc < 0 ? why.text : "");
    tap_is_int(0, (long long)(ledger->missing + ledger->torn - before),
               "%s has all that was acknowledged, whole", what);
}

static void
check_prizes(struct arena *arena, const char *dir, const char *what)
{
    struct ledger *ledger = arena->ledger;
    uint64_t missing = ledger->missing;
    struct expiring *expiring = NULL;
    struct errtext why = {.text = ""};
    struct store *store = NULL;
    int rc = store_open(&store, dir, STORE_ADMIN, &why);
    size_t n = 0;

    if (rc == 0) {
        expiring = expiring_open(store);
        rc = ledger_check_prizes(ledger, expiring, &why);
    }
    tap_ok(rc == 0, "%s: %u prizes are looked for%s%s", what,
           (unsigned)ledger->prize + 1, rc < 0 ? ": " : "", why.text);
    tap_is_int(0, (long long)(ledger->missing - missing),
               "%s has every prize that was won", what);
    if (rc == 0)
        rc = expiring_purge(expiring, ledger_time(PRIZES), SIZE_MAX, &n,
                            &why);
    tap_ok(rc == 0, "%s: the %zu that expired can be purged%s%s", what, n,
           rc < 0 ? ": " : "", why.text);
    expiring_close(expiring);
    store_close(store);
}

static void
check_tokens(struct arena *arena, const char *dir, const char *what)
{
    struct ledger *ledger = arena->ledger;
    uint64_t before = ledger->missing + ledger->torn;
    struct expiring *expiring = NULL;
    struct errtext why = {.text = ""};
    struct store *store = NULL;
    unsigned hand, record;
    uint64_t acked = 0;
    int rc = store_open(&store, dir, STORE_ADMIN, &why);
    size_t n = 0;

    if (rc == 0)
        expiring = expiring_open(store);
    if (rc == 0)
        rc = expiring_sweep(expiring, EXPIRING_TOKENS, ledger_time(PRIZES),
                            &n, &why);
    for (hand = WRITERS; hand < HANDS && rc == 0; hand++)
        for (record = 0; record < SHARED && rc == 0; record++) {
            acked += ledger->acked[hand][record];
            rc = ledger_check_token(ledger, expiring, hand, record, &why);
        }
    tap_ok(rc == 0 && acked > 0, "%s: tokens are looked for, %llu times "
           "written, %zu that expired swept%s%s", what,
           (unsigned long long)acked, n, rc < 0 ? ": " : "", why.text);
    tap_is_int(0, (long long)(ledger->missing + ledger->torn - before),
               "%s has every token that was acknowledged, whole, and none "
               "that was removed", what);
    expiring_close(expiring);
    store_close(store);
}

/* As after a power cut: no regions, no gate. */
static void
copy_files(struct arena *arena)
{
    shell("cp '%s'/*.db '%s'/", arena->state, arena->copy);
    shell("cp '%s'/log.* '%s'/", arena->state, arena->copy);
}

/* What the checks above changed may be in memory and in the log alone. */
static void
write_pages(const char *dir)
{
    struct errtext why = {.text = ""};
    struct store *store = NULL;

    tap_ok(store_open(&store, dir, STORE_ADMIN, &why) == 0
               && store_checkpoint(store, &why) == 0,
           "all pages of the copy are written%s%s",
           why.text[0] != '\0' ? ": " : "", why.text);
    store_close(store);
}

static void
verify(const char *dir, const char *file)
{
    char path[192];
    DB *db;
    int rc;

    snprintf(path, sizeof(path), "%s/%s", dir, file);
    rc = db_create(&db, NULL, 0);
    if (rc == 0)
        rc = db->verify(db, path, NULL, NULL, 0);
    tap_is_int(0, rc, "%s verifies", file);
}

static int
refuse(void *arg, struct errtext *why)
{
    (void)arg;
    return errtext_set(why, "no recovery was expected");
}

static uint64_t
lives(const struct arena *arena)
{
    struct errtext why = {.text = ""};
    struct gate *gate = NULL;
    uint64_t life = 0;
    char path[128];

    snprintf(path, sizeof(path), "%s/gate", arena->state);
    if (gate_open(&gate, path, 10, refuse, NULL, &why) == 0
        && gate_enter(gate, &life, &why) == 0)
        gate_leave(gate);
    else
        tap_diag("%s", why.text);
    gate_close(gate);
    return life;
}

static void
report(const struct arena *arena)
{
    struct ledger *ledger = arena->ledger;
    uint64_t life = lives(arena);

    tap_is_int(0, (long long)ledger->missing, "nothing is missing");
    tap_is_int(0, (long long)ledger->torn, "nothing is torn");
    tap_is_int(0, (long long)ledger->twice, "nothing was added twice");
    tap_is_int(0, (long long)ledger->stale,
               "nobody used an old record under a new generation");
    tap_is_int(0, (long long)ledger->failed, "no call has failed");
    tap_ok(ledger->longest_ms <= STALL_MAX_MS
           && arena->standstill <= STALL_MAX_MS,
           "no call took more than %d ms", STALL_MAX_MS);
    tap_ok(ledger->acknowledged > 0 && life > 1,
           "there were writes and recoveries");
    tap_diag("kills %u, acknowledged %llu, missing %llu, torn %llu, "
             "longest stall %lld ms, recoveries %llu", arena->kills,
             (unsigned long long)ledger->acknowledged,
             (unsigned long long)ledger->missing,
             (unsigned long long)ledger->torn,
             (long long)ledger->longest_ms, (unsigned long long)life - 1);
    tap_diag("calls %llu, standstill of all %lld ms, ended by the gate %u, "
             "prizes %u, in doubt %llu",
             (unsigned long long)ledger->operations,
             (long long)arena->standstill, arena->ended,
             (unsigned)ledger->prize + 1, (unsigned long long)ledger->doubts);
}

static void
shell(const char *format, const char *a, const char *b)
{
    char command[512];
    int rc;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(command, sizeof(command), format, a, b);
#pragma GCC diagnostic pop
    rc = system(command);
    if (rc != 0)
        tap_diag("%s: status %d", command, rc);
}

static unsigned
any(struct arena *arena, unsigned below)
{
    arena->seed = arena->seed * 1103515245U + 12345U;
    return (arena->seed >> 8) % below;
}

static void
nap(long ms)
{
    const struct timespec time = {ms / 1000, ms % 1000 * 1000000};

    (void)nanosleep(&time, NULL);
}
