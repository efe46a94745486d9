/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The store on a disk that takes seconds for a flush: nobody dies of it.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <sys/types.h>

#include <db.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "io/expiring.h"
#include "io/store_env.h"
#include "../lib/state.h"
#include "../lib/tap.h"

enum {
    NOW = 1700000000,
    SLOW_MS = 2500, /* for a flush: more than the patience of a worker */
    HANG_MS = 60000,
};

struct shared {
    _Atomic bool slow;
    _Atomic int flushes; /* that were begun while it was */
    _Atomic int ready;   /* processes that have opened the store */
};

static char dir[64] = "/tmp/ccgrant-slowdisk-XXXXXX";
static char state[STATE_PATH_MAX];
static struct shared *shared;

int fdatasync(int fd);
int fsync(int fd);

static void
wait_for_disk(void)
{
    struct timespec time = {SLOW_MS / 1000, SLOW_MS % 1000 * 1000000L};

    if (shared == NULL || !shared->slow)
        return;
    shared->flushes++;
    while (nanosleep(&time, &time) < 0)
        ;
}

/* In place of those of the system, for the library too. */
int
fdatasync(int fd)
{
    wait_for_disk();
    return (int)syscall(SYS_fdatasync, fd);
}

int
fsync(int fd)
{
    wait_for_disk();
    return (int)syscall(SYS_fsync, fd);
}

/* Writes a record, or reads it. */
static int
put(struct expiring *expiring, enum expiring_table table, const char *key,
    bool durable)
{
    const struct expiring_record record = {.table = table, .key = key,
                                           .key_len = strlen(key),
                                           .expires = NOW + 1000,
                                           .text = "text"};
    const struct expiring_change change = {
        .records = &record, .n_records = 1, .durable = durable};
    struct errtext why = {.text = ""};
    size_t there;
    int rc = expiring_commit(expiring, &change, NOW, &there, &why);

    if (rc < 0)
        fprintf(stderr, "# %s\n", why.text);
    return rc;
}

static bool
write_durably(struct store *store, struct expiring *expiring)
{
    (void)store;
    return put(expiring, EXPIRING_TOKENS, "one", true) == 1;
}

static bool
write_beside(struct store *store, struct expiring *expiring)
{
    (void)store;
    return put(expiring, EXPIRING_TOKENS, "two", false) == 1;
}

static bool
write_durably_beside(struct store *store, struct expiring *expiring)
{
    (void)store;
    return put(expiring, EXPIRING_TOKENS, "three", true) == 1;
}

static bool
read_the_same(struct store *store, struct expiring *expiring)
{
    char text[EXPIRING_TEXT_MAX + 1];
    struct errtext why = {.text = ""};
    int rc = expiring_read(expiring, EXPIRING_TOKENS, "one", 3, NOW, text,
                           sizeof(text), NULL, NULL, &why);

    (void)store;
    return rc == 0 || rc == 1;
}

static bool
read_a_client(struct store *store, struct expiring *expiring)
{
    static char text[STORE_VALUE_MAX + 1];
    struct errtext why = {.text = ""};
    size_t len;

    (void)expiring;
    return store_get(store, STORE_CLIENTS, "app", text, sizeof(text), &len,
                     &why) >= 0;
}

static int
want_value(void *arg, const char *old, size_t len, char **value,
           struct errtext *why)
{
    (void)old;
    (void)len;
    (void)why;
    *value = strdup(arg);
    return 1;
}

static bool
edit_a_client(struct store *store, struct expiring *expiring)
{
    struct errtext why = {.text = ""};
    char value[] = "{}";

    (void)expiring;
    return store_edit(store, STORE_CLIENTS, "app", want_value, value, &why)
           == 1;
}

typedef bool act_fn(struct store *store, struct expiring *expiring);

/* As a process of its own, when so many are ready and have begun a flush. */
static pid_t
start(act_fn *act, int ready, int flushes)
{
    pid_t pid = fork();
    struct expiring *expiring;
    struct store *store;
    bool good;
    int ms;

    if (pid != 0)
        return pid;
    store = state_open(state, STORE_SERVES);
    expiring = expiring_open(store);
    (void)read_the_same(store, expiring);
    (void)read_a_client(store, expiring);
    shared->ready++;
    for (ms = 0; ms < HANG_MS; ms++) {
        if (shared->ready >= ready && shared->flushes >= flushes)
            break;
        (void)usleep(1000);
    }
    good = act(store, expiring);
    shared->slow = false;
    expiring_close(expiring);
    store_close(store);
    _exit(good ? 0 : 1);
}

static uint64_t
life(void)
{
    struct store *store = state_open(state, STORE_SERVES);
    struct errtext why = {.text = ""};
    uint64_t life = 0;

    if (gate_enter(store->gate, &life, &why) == 0)
        gate_leave(store->gate);
    store_close(store);
    return life;
}

/* What is done while the disk is slow, and what another does meanwhile. */
static void
acts(void)
{
    static const struct {
        const char *what;
        act_fn *act, *other;
    } rows[] = {
        {"a durable record", write_durably, NULL},
        {"a change of a client", edit_a_client, NULL},
        {"a durable record, while it is read", write_durably, read_the_same},
        {"a durable record, and another that is not", write_durably,
         write_beside},
        {"two durable records", write_durably, write_durably_beside},
        {"a change of a client, while it is read", edit_a_client,
         read_a_client},
    };
    pid_t one, other;
    uint64_t before;
    int status, n;
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        before = life();
        n = rows[i].other != NULL ? 2 : 1;
        shared->flushes = 0;
        shared->ready = 0;
        shared->slow = true;
        one = start(rows[i].act, n, 0);
        other = n > 1 ? start(rows[i].other, n, 1) : -1;
        tap_ok(waitpid(one, &status, 0) == one && status == 0,
               "slow disk: %s is made", rows[i].what);
        if (other > 0)
            tap_ok(waitpid(other, &status, 0) == other && status == 0,
                   "slow disk: %s: the other lives", rows[i].what);
        shared->slow = false;
        tap_ok(shared->flushes > 0, "slow disk: %s: it waited for the disk",
               rows[i].what);
        tap_is_int((long long)before, (long long)life(),
                   "slow disk: %s: and nothing was recovered", rows[i].what);
    }
}

int
main(void)
{
    struct expiring *expiring;
    struct store *store;

    shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return 1;
    state_make(dir, state);
    store = state_open(state, STORE_SERVES);
    expiring = expiring_open(store);
    tap_ok(write_durably(store, expiring) && edit_a_client(store, expiring),
           "slow disk: what is there before");
    expiring_close(expiring);
    store_close(store);
    acts();
    state_remove(dir);
    return tap_done();
}
