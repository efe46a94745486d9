/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Death at every system call: a process that opens the store, edits a record,
 * adds an expiring one, writes a token, purges and closes is killed before its first call, its
 * second, and so on to its last; then one that recovers what a death inside
 * has left; then one that opens a store of an older schema.  The short form
 * takes every fifth call of a recovery, and of an upgrade; CCGRANT_KILLS=1000
 * every one.
 *
 * The calls that the store and Berkeley DB make are met here on their way to
 * the C library, for which this program defines them itself.
 */

#undef _FORTIFY_SOURCE /* its inline versions of these functions */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "io/expiring.h"
#include "io/store.h"
#include "io/store_env.h"
#include "io/store_meta.h"
#include "../lib/tap.h"
#include "ledger.h"

#if defined(__SANITIZE_ADDRESS__)                                            \
    || !(defined(__x86_64__) || defined(__aarch64__))
#define CAN_MEET_CALLS 0
#else
#define CAN_MEET_CALLS 1
#endif

enum {
    POINTS_MAX = 3000,
    DIES_INSIDE = 0, /* in place of a point: in the midst of an edit */
};

static char top[64] = "/tmp/ccgrant-points-XXXXXX";
static char dir[96];
static struct ledger *ledger;
static long left = -1; /* calls until death, DIES_INSIDE, or -1: none */

static void
point(void)
{
    if (left > 0 && --left == 0)
        (void)syscall(SYS_kill, getpid(), SIGKILL);
}

#if CAN_MEET_CALLS

/* The C library's own declarations name these differently. */
int openat_met(const char *path, int flags, mode_t mode);

int
openat_met(const char *path, int flags, mode_t mode)
{
    point();
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

int
open(const char *path, int flags, ...)
{
    va_list args;
    mode_t mode;

    va_start(args, flags);
    mode = (flags & O_CREAT) != 0 ? (mode_t)va_arg(args, unsigned) : 0;
    va_end(args);
    return openat_met(path, flags, mode);
}

int
open64(const char *path, int flags, ...)
{
    va_list args;
    mode_t mode;

    va_start(args, flags);
    mode = (flags & O_CREAT) != 0 ? (mode_t)va_arg(args, unsigned) : 0;
    va_end(args);
    return openat_met(path, flags, mode);
}

int
fcntl(int fd, int command, ...)
{
    va_list args;
    unsigned long arg;

    va_start(args, command);
    arg = va_arg(args, unsigned long);
    va_end(args);
    point();
    return (int)syscall(SYS_fcntl, fd, command, arg);
}

int
fcntl64(int fd, int command, ...)
{
    va_list args;
    unsigned long arg;

    va_start(args, command);
    arg = va_arg(args, unsigned long);
    va_end(args);
    point();
    return (int)syscall(SYS_fcntl, fd, command, arg);
}

int
close(int fd)
{
    point();
    return (int)syscall(SYS_close, fd);
}

ssize_t
write(int fd, const void *bytes, size_t len)
{
    point();
    return syscall(SYS_write, fd, bytes, len);
}

ssize_t
pwrite(int fd, const void *bytes, size_t len, off_t at)
{
    point();
    return syscall(SYS_pwrite64, fd, bytes, len, at);
}

ssize_t
pwrite64(int fd, const void *bytes, size_t len, off64_t at)
{
    point();
    return syscall(SYS_pwrite64, fd, bytes, len, at);
}

ssize_t
pread(int fd, void *bytes, size_t len, off_t at)
{
    point();
    return syscall(SYS_pread64, fd, bytes, len, at);
}

ssize_t
pread64(int fd, void *bytes, size_t len, off64_t at)
{
    point();
    return syscall(SYS_pread64, fd, bytes, len, at);
}

int
fsync(int fd)
{
    point();
    return (int)syscall(SYS_fsync, fd);
}

int
fdatasync(int fd)
{
    point();
    return (int)syscall(SYS_fdatasync, fd);
}

int
unlink(const char *path)
{
    point();
    return (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}

int
flock(int fd, int how)
{
    point();
    return (int)syscall(SYS_flock, fd, how);
}

int
munmap(void *at, size_t len)
{
    point();
    return (int)syscall(SYS_munmap, at, len);
}

#endif

static int
want(void *arg, const char *old, size_t len, char **value,
     struct errtext *why)
{
    uint64_t n = *(const uint64_t *)arg;

    (void)len;
    (void)why;
    ledger_check(ledger, 0, 0, old, ledger->acked[0][0], n);
    *value = ledger_text(0, 0, n);
    if (left == DIES_INSIDE)
        (void)raise(SIGKILL);
    return 1;
}

static void fail(const struct errtext *why) __attribute__((__noreturn__));

/* Open, edit, add, write a token, purge, close; death comes at the point. */
static void
work(long at)
{
    struct expiring *expiring;
    struct errtext why = {.text = ""};
    struct store *store = NULL;
    uint32_t prize = ledger->prize;
    uint64_t n = ++ledger->begun[0][0];
    size_t purged;

    left = at;
    if (store_open(&store, dir, STORE_ADMIN, &why) < 0
        || store_edit(store, STORE_CLIENTS, "writer-0-0", want, &n, &why)
           < 0)
        fail(&why);
    ledger->acked[0][0] = n;
    ledger->acknowledged++;
    expiring = expiring_open(store);
    if (ledger_race(ledger, expiring, prize, &why) < 0
        || ledger_token(ledger, expiring, WRITERS, 0, &why) < 0
        || expiring_purge(expiring, ledger_time(prize), 10, &purged, &why)
           < 0)
        fail(&why);
    expiring_close(expiring);
    store_close(store);
    _exit(0);
}

static void
fail(const struct errtext *why)
{
    ledger->failed++;
    fprintf(stderr, "# %s\n", why->text);
    _exit(0);
}

/* Returns whether it came to its end. */
static bool
survives(long at)
{
    int status = 0;
    pid_t pid = fork();

    if (pid == 0)
        work(at);
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        abort();
    return WIFEXITED(status);
}

/* The next process finds all that was acknowledged; it races for the same
 * prize, and leaves something to purge. */
static int
look(struct store *store, struct errtext *why)
{
    static char buf[STORE_VALUE_MAX + 1];
    struct expiring *expiring = expiring_open(store);
    uint32_t prize = ledger->prize;
    size_t len;
    int rc = store_get(store, STORE_CLIENTS, "writer-0-0", buf, sizeof(buf),
                       &len, why);

    if (rc >= 0)
        ledger_check(ledger, 0, 0, rc > 0 ? buf : NULL, ledger->acked[0][0],
                     ledger->begun[0][0]);
    if (rc >= 0)
        rc = ledger_check_token(ledger, expiring, WRITERS, 0, why);
    if (rc >= 0)
        rc = ledger_race(ledger, expiring, prize, why);
    if (rc >= 0)
        rc = ledger_litter(expiring, prize, why);
    if (ledger->won[prize] > 1)
        ledger->twice++;
    ledger->prize++;
    expiring_close(expiring);
    return rc;
}

static void
check(void)
{
    int64_t began = ledger_now_ms();
    struct errtext why = {.text = ""};
    struct store *store = NULL;
    int rc = store_open(&store, dir, STORE_SERVES, &why);

    if (rc == 0)
        rc = look(store, &why);
    store_close(store);
    if (rc < 0) {
        ledger->failed++;
        tap_diag("%s", why.text);
        return;
    }
    if (ledger_now_ms() - began > ledger->longest_ms)
        ledger->longest_ms = ledger_now_ms() - began;
}

static void
result(const char *what, bool survived, long n)
{
    tap_ok(survived, "%s: death at %ld points", what, n);
    tap_is_int(0, (long long)ledger->missing, "%s: nothing is missing",
               what);
    tap_is_int(0, (long long)ledger->torn, "%s: nothing is torn", what);
    tap_is_int(0, (long long)ledger->twice, "%s: nothing is added twice",
               what);
    tap_is_int(0, (long long)ledger->failed, "%s: the next one works", what);
}

static void
points(const char *what, long step, bool after_a_death)
{
    bool survived = false;
    long at;
    long n;

    for (at = 1, n = -1; at < POINTS_MAX && !survived; at += step, n++) {
        if (after_a_death)
            (void)survives(DIES_INSIDE);
        survived = survives(at);
        check();
    }
    result(what, survived, n);
}

static void
check_prizes(void)
{
    struct expiring *expiring = NULL;
    struct errtext why = {.text = ""};
    struct store *store = NULL;
    int rc = store_open(&store, dir, STORE_ADMIN, &why);

    if (rc == 0) {
        expiring = expiring_open(store);
        rc = ledger_check_prizes(ledger, expiring, &why);
    }
    tap_ok(rc == 0, "the prizes are looked for%s%s", rc < 0 ? ": " : "",
           why.text);
    tap_is_int(0, (long long)(ledger->missing + ledger->twice),
               "each was won once at most, and is there");
    expiring_close(expiring);
    store_close(store);
}

static void
shell(const char *what)
{
    char command[256];

    snprintf(command, sizeof(command), "cd '%s' && %s", top, what);
    if (system(command) != 0)
        tap_diag("%s failed", command);
}

/* As the ccgrant of schema 1 made it. */
static int
create_old(struct store *store, void *arg, struct errtext *why)
{
    int rc = 0;
    int db;

    (void)arg;
    (void)why;
    for (db = 0; db <= STORE_META && rc == 0; db++)
        rc = store_env_need(store, (enum store_db)db, STORE_ENV_CREATE);
    if (rc == 0)
        rc = store_meta_put(store->dbs[STORE_META], NULL,
                            STORE_META_GENERATION, 0);
    if (rc == 0)
        rc = store_meta_put(store->dbs[STORE_META], NULL, STORE_META_SCHEMA,
                            1);
    return rc;
}

/* The record in it is of the present number, and acknowledged. */
static void
make_old(void)
{
    struct errtext why = {.text = ""};
    struct store *store = NULL;
    uint64_t n = ledger->begun[0][0] + 1;

    snprintf(dir, sizeof(dir), "%s/old", top);
    shell("mkdir -m 770 old");
    ledger->acked[0][0] = 0;
    if (store_env_open(&store, dir, 10, &why) < 0
        || store_env_run(store, create_old, NULL, &why) < 0
        || store_edit(store, STORE_CLIENTS, "writer-0-0", want, &n, &why) < 0)
        tap_diag("%s", why.text);
    ledger->begun[0][0] = n;
    ledger->acked[0][0] = n;
    store_close(store);
}

static void
upgrade_points(long step)
{
    bool survived = false;
    uint64_t old;
    long at;
    long n;

    make_old();
    old = ledger->begun[0][0];
    snprintf(dir, sizeof(dir), "%s/state", top);
    for (at = 1, n = -1; at < POINTS_MAX && !survived; at += step, n++) {
        shell("rm -rf state && cp -a old state");
        ledger->begun[0][0] = old;
        ledger->acked[0][0] = old;
        ledger->begun[WRITERS][0] = ledger->acked[WRITERS][0] = 0;
        survived = survives(at);
        check();
    }
    result("an upgrade", survived, n);
}

int
main(void)
{
    const char *kills = getenv("CCGRANT_KILLS");
    long step = kills != NULL && strtol(kills, NULL, 10) >= 1000 ? 1 : 5;
    struct errtext why = {.text = ""};
    char command[128];

    if (!CAN_MEET_CALLS)
        tap_skip_all("system calls cannot be met in this build");
    if (mkdtemp(top) == NULL)
        return 1;
    snprintf(dir, sizeof(dir), "%s/state", top);
    shell("mkdir -m 770 state");
    ledger = ledger_new();
    if (store_create(dir, &why) < 0) {
        tap_diag("%s", why.text);
        return 1;
    }
    points("a change", 1, false);
    points("a recovery and a change", step, true);
    check_prizes();
    upgrade_points(step);
    tap_diag("acknowledged %llu, longest way back %lld ms, in doubt %llu",
             (unsigned long long)ledger->acknowledged,
             (long long)ledger->longest_ms,
             (unsigned long long)ledger->doubts);
    snprintf(command, sizeof(command), "rm -rf '%s'", top);
    if (system(command) != 0)
        tap_diag("cannot remove %s", top);
    return tap_done();
}
