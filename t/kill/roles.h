/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What the processes of the kill test do, each until it is killed or told to
 * stop.
 */

#ifndef T_KILL_ROLES_H
#define T_KILL_ROLES_H

#include "ledger.h"

enum role {
    ROLE_WRITER_0, /* one writer with each number */
    ROLE_WRITER_1,
    ROLE_WRITER_2,
    ROLE_READER, /* a worker: one open store, and decoded records */
    ROLE_READER_2,
    ROLE_CGI,    /* opens, reads and closes, again and again */
    ROLE_LEAVER, /* reads and exits without closing */
    ROLE_LISTER, /* goes through all records */
    ROLE_RACER,  /* a worker that races for the prizes */
    ROLE_RACER_2,
    ROLE_RACER_3,
    ROLE_RACER_CGI, /* opens, races once and closes, again and again */
    ROLE_TOKENER_0, /* one with each number: writes and reads tokens */
    ROLE_TOKENER_1,
    ROLE__MAX
};

/* Never returns.  seed tells one life of a role from the next. */
void role_run(enum role role, const char *dir, struct ledger *ledger,
              unsigned seed) __attribute__((__noreturn__));

#endif /* T_KILL_ROLES_H */
