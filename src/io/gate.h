/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The gate before the Berkeley DB environment: who may be inside the library,
 * and when it must be recovered.
 *
 * Mechanism: a small file beside the environment is mapped by every process
 * (worker, CGI program, command) and used as a lock.  Each process holds an
 * open-file-description lock on one byte of it, its slot, for life; the kernel
 * drops that lock at death, so the dead are told from the living without
 * trusting process numbers.  A process is inside the library only between
 * gate_enter() and gate_leave(), under a shared flock; recovery runs under the
 * exclusive one, so that nobody alive is inside while it does.  Berkeley DB's
 * own register was measured to lose acknowledged writes where processes are
 * killed; this was measured not to.
 */

#ifndef IO_GATE_H
#define IO_GATE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/errtext.h"

struct gate;

/*
 * Recovers the environment.  Called with nobody inside.  Returns 0 or -1.
 */
typedef int gate_recover_fn(void *arg, struct errtext *why);

/*
 * Open or create the gate file and claim a slot.  patience is the number of
 * seconds after which a process that is still inside ends itself.  recover is
 * called, with arg, when the environment needs it.  Must come after any fork.
 *
 * Returns 0 with *gate, which the caller closes with gate_close(), or -1 with
 * the reason in *why.
 */
int gate_open(struct gate **gate, const char *path, unsigned patience,
              gate_recover_fn *recover, void *arg, struct errtext *why);

/*
 * Enter; recovers first when a process died inside, when recovery is wanted
 * or was cut short, or when the machine was started anew.
 *
 * Returns 0 with the life of the environment in *life: a number that rises at
 * every recovery, and a handle opened in another life must be discarded.
 * Returns -1 with the reason in *why, and then is not inside.
 */
int gate_enter(struct gate *gate, uint64_t *life, struct errtext *why);

/*
 * Inside: end this process when it is still there after so many seconds, not
 * after those of gate_open(); what comes next may wait for a slow disk.
 */
void gate_watch(struct gate *gate, unsigned seconds);

/* Leave.  Must follow every successful gate_enter(). */
void gate_leave(struct gate *gate);

/* Note that the library asked for recovery; the next gate_enter() does it. */
void gate_want_recovery(struct gate *gate);

/*
 * The administrative generation: rises whenever decoded records may be stale,
 * at recovery too.  A memory read; needs no gate_enter().
 */
uint64_t gate_generation(const struct gate *gate);

/* Raise it: after the writes hold their locks, before the commit. */
void gate_bump(struct gate *gate);

/*
 * Count a commit of any process.
 *
 * Returns whether it is this process's turn to do a bounded bit of upkeep.
 */
bool gate_count_commit(struct gate *gate);

/*
 * Note a time, and the latest that any process noted, or 0; seconds since the
 * epoch.  Memory alone; needs no gate_enter().
 */
void gate_alarm(struct gate *gate, int64_t now);
int64_t gate_alarmed(const struct gate *gate);

/* Says whether this process has an environment handle open (for life). */
void gate_mark_joined(struct gate *gate, bool joined);

/* NULL is allowed. */
void gate_close(struct gate *gate);

#endif /* IO_GATE_H */
