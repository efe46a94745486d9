/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The file of the gate: its layout, its locks and who holds them.  Private to
 * gate.c.
 *
 * Two kinds of lock that know nothing of each other lie on one descriptor: a
 * flock on the file, shared by who is inside and exclusive for recovery, and
 * an open-file-description lock on one byte for each slot, beyond the data.
 */

#ifndef IO_GATE_FILE_H
#define IO_GATE_FILE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/file.h>

#include "core/errtext.h"

enum {
    GATE_SLOTS = 384, /* beyond 450 handles the library has no mutexes */
    GATE_MAGIC_LEN = 16,
    GATE_BOOT_LEN = 40,
};

struct gate_slot {
    _Atomic uint32_t inside;
    _Atomic int32_t pid;
    _Atomic uint64_t space;  /* of process numbers: what pid means */
    _Atomic uint64_t joined; /* the life whose environment is open, or 0 */
};

/* As it lies in the file.  A change of it needs another magic. */
struct gate_file {
    char magic[GATE_MAGIC_LEN];
    char boot[GATE_BOOT_LEN]; /* when it was last recovered */
    _Atomic uint64_t life;
    _Atomic uint64_t wanted; /* the life that is to end in recovery */
    _Atomic uint64_t generation;
    _Atomic uint64_t commits;
    _Atomic uint32_t recovering;
    _Atomic uint32_t leaks; /* ends without a clean close, in this life */
    _Atomic uint32_t top;   /* no slot from here on was ever used */
    _Atomic uint32_t alarmed; /* seconds; was padding, always 0, before */
    struct gate_slot slots[GATE_SLOTS];
};

_Static_assert(sizeof(struct gate_file)
                   == 104 + GATE_SLOTS * sizeof(struct gate_slot),
               "the layout that has that magic");

/*
 * Read the identity of this run of the machine, padded with zeros.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int gate_file_boot(char boot[GATE_BOOT_LEN], struct errtext *why);

/*
 * Open and map, and make it when it is not there; any number of processes may
 * do so at once.
 *
 * Returns 0, or -1 with the reason in *why; gate_file_close() follows both.
 */
int gate_file_open(int *fd, struct gate_file **file, const char *path,
                   struct errtext *why);

void gate_file_close(int fd, struct gate_file *file);

/* A number that differs between the process number spaces of a machine. */
uint64_t gate_file_pid_space(void);

/* Take the flock, LOCK_SH or LOCK_EX, unless that means to wait. */
bool gate_file_try(int fd, int how);

void gate_file_drop(int fd);

/* Take the lock of a slot until gate_file_close(), unless another has it. */
bool gate_file_lock_slot(int fd, unsigned slot);

/* Whether another process, alive, has it. */
bool gate_file_slot_is_held(int fd, unsigned slot);

/*
 * Say that the slot is used: nobody looks at those from top on.  Any number of
 * processes may do so at once.
 */
void gate_file_raise_top(struct gate_file *file, unsigned slot);

/*
 * Wish that life to end in recovery: a wish is for the end of one, so that a
 * late one does no harm.
 */
void gate_file_want(struct gate_file *file, uint64_t life);

/* Raise the time in alarmed, unless it is more than that can hold. */
void gate_file_raise_alarm(struct gate_file *file, int64_t time);

/*
 * Kill the process that is inside in this slot, and no other.  It lives where
 * it cannot be told for certain from others: in another space of process
 * numbers, and under a kernel without pidfd_open(2), before Linux 5.3.  Then
 * its watchdog ends it after its patience, and who waits for the gate longer
 * than it may is refused meanwhile.
 */
void gate_file_kill_owner(int fd, struct gate_file *file, unsigned slot);

#endif /* IO_GATE_FILE_H */
