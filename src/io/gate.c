/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The gate before the Berkeley DB environment.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/alloc.h"
#include "io/gate.h"
#include "io/gate_file.h"

enum {
    WAIT_MS = 15000,    /* for the gate, then it is an error */
    KILL_MS = 300,      /* then who is still inside is killed */
    RECOVERY_SECS = 75, /* a recovery, and the wait for its lock */
    LEAKS_MAX = 64,     /* of some 400 that make every open spin */
    CROWD = 32,         /* who would be one more inside waits outside */
    NAP_DOUBLINGS = 5,  /* of one millisecond */
    UPKEEP = 61,        /* commits; a prime, so that in no rhythm of them the
                           turn always falls on the same kind */
};

struct gate {
    struct gate_file *file;
    int fd;
    unsigned slot;
    unsigned patience;
    gate_recover_fn *recover;
    void *arg;
    unsigned naps; /* since the last entry */
    uint64_t life; /* then */
    char boot[GATE_BOOT_LEN];
    timer_t watchdog;
    bool has_watchdog;
};

static int start_watchdog(struct gate *gate, struct errtext *why);
static int claim_slot(struct gate *gate, const char *path,
                      struct errtext *why);
static void bury(struct gate_file *file, struct gate_slot *slot);
static int enter_shared(struct gate *gate, int64_t deadline,
                        struct errtext *why);
static bool needs_recovery(const struct gate *gate);
static bool died_inside(const struct gate *gate);
static bool is_crowded(const struct gate *gate);
static int recover(struct gate *gate, int64_t deadline, struct errtext *why);
static int lock_exclusive(struct gate *gate, int64_t deadline,
                          struct errtext *why);
static void kill_inside(const struct gate *gate);
static int recover_locked(struct gate *gate, struct errtext *why);
static int64_t now_ms(void);
static void nap(struct gate *gate);

int
gate_open(struct gate **out, const char *path, unsigned patience,
          gate_recover_fn *recover_fn, void *arg, struct errtext *why)
{
    struct gate *gate = alloc_zero(1, sizeof(*gate));

    gate->fd = -1;
    gate->patience = patience;
    gate->recover = recover_fn;
    gate->arg = arg;
    if (gate_file_boot(gate->boot, why) < 0
        || gate_file_open(&gate->fd, &gate->file, path, why) < 0
        || start_watchdog(gate, why) < 0
        || claim_slot(gate, path, why) < 0) {
        gate_close(gate);
        return -1;
    }
    *out = gate;
    return 0;
}

/* SIGKILL: a program that blocks or handles signals must end all the same,
 * and one that was stopped too. */
static int
start_watchdog(struct gate *gate, struct errtext *why)
{
    struct sigevent event;

    memset(&event, 0, sizeof(event));
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = SIGKILL;
    if (timer_create(CLOCK_MONOTONIC, &event, &gate->watchdog) < 0)
        return errtext_set(why, "cannot make a timer: %s", strerror(errno));
    gate->has_watchdog = true;
    return 0;
}

static int
claim_slot(struct gate *gate, const char *path, struct errtext *why)
{
    int64_t deadline = now_ms() + (int64_t)gate->patience * 1000;
    struct gate_slot *slot;
    unsigned i;

    do {
        for (i = 0; i < GATE_SLOTS; i++) {
            if (!gate_file_lock_slot(gate->fd, i))
                continue;
            slot = &gate->file->slots[i];
            bury(gate->file, slot);
            slot->space = gate_file_pid_space();
            slot->pid = (int32_t)getpid();
            gate->slot = i;
            gate_file_raise_top(gate->file, i);
            return 0;
        }
        nap(gate);
    } while (now_ms() < deadline);
    return errtext_set(why, "%s: %d processes have the database open, and no "
                       "more can: let the web server start fewer", path,
                       GATE_SLOTS);
}

/* What the slot says is of its last owner, who is dead. */
static void
bury(struct gate_file *file, struct gate_slot *slot)
{
    uint64_t life = file->life;

    if (slot->inside)
        gate_file_want(file, life);
    else if (slot->joined == life && life != 0
             && atomic_fetch_add(&file->leaks, 1) + 1 >= LEAKS_MAX)
        gate_file_want(file, life);
    slot->inside = 0;
    slot->joined = 0;
}

int
gate_enter(struct gate *gate, uint64_t *life, struct errtext *why)
{
    int64_t deadline = now_ms() + WAIT_MS;
    struct gate_file *file = gate->file;
    int rc;

    do {
        if (file->recovering || file->wanted == file->life)
            rc = recover(gate, deadline, why);
        else
            rc = enter_shared(gate, deadline, why);
    } while (rc == 0);
    *life = gate->life;
    return rc < 0 ? -1 : 0;
}

/* Returns 1 when inside, 0 to look again, -1 with the reason in *why. */
static int
enter_shared(struct gate *gate, int64_t deadline, struct errtext *why)
{
    struct gate_file *file = gate->file;

    gate_watch(gate, gate->patience);
    if (gate_file_try(gate->fd, LOCK_SH)) {
        if (needs_recovery(gate)) {
            gate_file_want(file, file->life);
        } else if (!is_crowded(gate)) {
            gate->naps = 0;
            gate->life = file->life;
            file->slots[gate->slot].inside = 1;
            return 1;
        }
        gate_file_drop(gate->fd);
    }
    gate_watch(gate, 0);
    if (file->wanted == file->life)
        return 0;
    if (now_ms() > deadline)
        return errtext_set(why, "no way to the database for more than %d s: "
                           "others use or recover it", WAIT_MS / 1000);
    nap(gate);
    return 0;
}

/* Under either lock, so that life stands still. */
static bool
needs_recovery(const struct gate *gate)
{
    const struct gate_file *file = gate->file;

    return file->recovering || file->wanted == file->life
           || memcmp(file->boot, gate->boot, GATE_BOOT_LEN) != 0
           || died_inside(gate);
}

static bool
died_inside(const struct gate *gate)
{
    const struct gate_file *file = gate->file;
    unsigned top = file->top, i;

    for (i = 0; i < top; i++)
        if (file->slots[i].inside && i != gate->slot
            && !gate_file_slot_is_held(gate->fd, i))
            return true;
    return false;
}

/*
 * Hundreds of processes that start at once would wait for one another in the
 * library, each with its watchdog running.  A soft limit.
 */
static bool
is_crowded(const struct gate *gate)
{
    const struct gate_file *file = gate->file;
    unsigned top = file->top, n = 0, i;

    for (i = 0; i < top && n < CROWD; i++)
        if (file->slots[i].inside)
            n++;
    return n >= CROWD;
}

/* Returns 0 to look again, or -1 with the reason in *why. */
static int
recover(struct gate *gate, int64_t deadline, struct errtext *why)
{
    int rc;

    gate_watch(gate, RECOVERY_SECS);
    rc = lock_exclusive(gate, deadline, why);
    if (rc > 0) {
        rc = needs_recovery(gate) ? recover_locked(gate, why) : 0;
        gate_file_drop(gate->fd);
    }
    gate_watch(gate, 0);
    return rc;
}

/*
 * Polls, since who holds the lock may wait for a lock of the dead for ever.
 *
 * Returns 1 with the lock, 0 when another has recovered, -1 with the reason.
 */
static int
lock_exclusive(struct gate *gate, int64_t deadline, struct errtext *why)
{
    int64_t patient = now_ms() + KILL_MS;
    uint64_t life = gate->file->life;
    int64_t now;

    while (!gate_file_try(gate->fd, LOCK_EX)) {
        if (gate->file->life != life)
            return 0;
        now = now_ms();
        if (now > deadline)
            return errtext_set(why, "the database needs recovery, and another "
                               "process has held it for more than %d s",
                               WAIT_MS / 1000);
        if (now > patient)
            kill_inside(gate);
        nap(gate);
    }
    return 1;
}

static void
kill_inside(const struct gate *gate)
{
    unsigned top = gate->file->top, i;

    for (i = 0; i < top; i++)
        if (i != gate->slot && gate->file->slots[i].inside)
            gate_file_kill_owner(gate->fd, gate->file, i);
}

/* Nobody alive is inside.  "recovering" is set first and cleared last, so
 * that a death between them is seen. */
static int
recover_locked(struct gate *gate, struct errtext *why)
{
    struct gate_file *file = gate->file;
    unsigned i;

    file->recovering = 1;
    if (gate->recover(gate->arg, why) < 0)
        return -1;
    for (i = 0; i < GATE_SLOTS; i++)
        file->slots[i].inside = 0;
    file->leaks = 0;
    memcpy(file->boot, gate->boot, GATE_BOOT_LEN);
    atomic_fetch_add(&file->generation, 1);
    atomic_fetch_add(&file->life, 1);
    file->recovering = 0;
    return 0;
}

void
gate_leave(struct gate *gate)
{
    gate->file->slots[gate->slot].inside = 0;
    gate_file_drop(gate->fd);
    gate_watch(gate, 0);
}

void
gate_want_recovery(struct gate *gate)
{
    gate_file_want(gate->file, gate->life);
}

uint64_t
gate_generation(const struct gate *gate)
{
    return gate->file->generation;
}

void
gate_bump(struct gate *gate)
{
    atomic_fetch_add(&gate->file->generation, 1);
}

bool
gate_count_commit(struct gate *gate)
{
    return atomic_fetch_add(&gate->file->commits, 1) % UPKEEP == UPKEEP - 1;
}

void
gate_alarm(struct gate *gate, int64_t now)
{
    gate_file_raise_alarm(gate->file, now);
}

int64_t
gate_alarmed(const struct gate *gate)
{
    return (int64_t)gate->file->alarmed;
}

void
gate_mark_joined(struct gate *gate, bool joined)
{
    gate->file->slots[gate->slot].joined = joined ? gate->life : 0;
}

void
gate_close(struct gate *gate)
{
    if (gate == NULL)
        return;
    gate_file_close(gate->fd, gate->file);
    if (gate->has_watchdog)
        timer_delete(gate->watchdog);
    free(gate);
}

/* Ends this process after secs; 0: not any more. */
void
gate_watch(struct gate *gate, unsigned seconds)
{
    struct itimerspec when;

    memset(&when, 0, sizeof(when));
    when.it_value.tv_sec = seconds;
    (void)timer_settime(gate->watchdog, 0, &when, NULL);
}

static int64_t
now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Longer each time: many who wait must not keep those from work for whom they
 * wait. */
static void
nap(struct gate *gate)
{
    struct timespec time = {0, 1000000};

    time.tv_nsec <<= gate->naps < NAP_DOUBLINGS ? gate->naps : NAP_DOUBLINGS;
    gate->naps++;
    (void)nanosleep(&time, NULL);
}
