/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What the processes of the kill test have begun and what was acknowledged to
 * them, in memory that outlives each of them, and what records must say.
 *
 * A writer gives each of its records the numbers 1, 2, 3, ...; the text of a
 * record follows from its number, and every eighth number deletes it.  One
 * record more is shared by all writers, a field each.  A tokener does the same
 * with opaque tokens, durably, and has no shared one.
 *
 * Beside them several processes race to add the same expiring records, the
 * prizes.  Who is told that he added one has won it, which happens once.
 */

#ifndef T_KILL_LEDGER_H
#define T_KILL_LEDGER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "io/expiring.h"

enum {
    WRITERS = 3,
    TOKENERS = 2,
    HANDS = WRITERS + TOKENERS, /* tokeners have the numbers after writers */
    RECORDS = 40,         /* of each of them; the last one is its field of */
    SHARED = RECORDS - 1, /* the shared record */
    TEXT_MAX = 24000,
    PRIZES = 1 << 20,
};

struct ledger {
    _Atomic uint64_t begun[HANDS][RECORDS];
    _Atomic uint64_t acked[HANDS][RECORDS];
    _Atomic uint8_t won[PRIZES]; /* by how many */
    _Atomic uint32_t prize;      /* that is raced for now */
    _Atomic uint64_t doubts;     /* where nobody can tell */
    _Atomic uint64_t twice;      /* won */
    _Atomic uint64_t acknowledged;
    _Atomic uint64_t operations;
    _Atomic uint64_t missing;
    _Atomic uint64_t torn;
    _Atomic uint64_t stale; /* not read anew, though the generation rose */
    _Atomic uint64_t failed;
    _Atomic int64_t longest_ms; /* call */
    _Atomic bool stop;
};

/* Memory that forked processes share. */
struct ledger *ledger_new(void);

void ledger_key(unsigned writer, unsigned record, char key[32]);

/* The text of a number, malloc'd; NULL when the number deletes. */
char *ledger_text(unsigned writer, unsigned record, uint64_t n);

/* The shared text with another number in one field; old may be NULL. */
char *ledger_shared(const char *old, unsigned writer, uint64_t n);

/*
 * Hold what was read (NULL: nothing) against the ledger: its number must lie
 * between what was acknowledged before the read and what was begun after it.
 * Counts what is missing or torn.
 */
void ledger_check(struct ledger *ledger, unsigned writer, unsigned record,
                  const char *text, uint64_t acked, uint64_t begun);

/* The number in a text that ledger_check() has passed; 0 for none. */
uint64_t ledger_number(unsigned writer, unsigned record, const char *text);

/*
 * Write the next number of a token.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int ledger_token(struct ledger *ledger, struct expiring *expiring,
                 unsigned tokener, unsigned record, struct errtext *why);

/*
 * Read it and hold it against the ledger.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int ledger_check_token(struct ledger *ledger, struct expiring *expiring,
                       unsigned tokener, unsigned record,
                       struct errtext *why);

/*
 * Race for prize n.
 *
 * Returns 0, won or not, or -1 with the reason in *why.
 */
int ledger_race(struct ledger *ledger, struct expiring *expiring, uint32_t n,
                struct errtext *why);

/* Add a use that is no prize and a token of nobody, which have expired long
 * ago, for the purge. */
int ledger_litter(struct expiring *expiring, uint32_t n, struct errtext *why);

/* The time of these records. */
int64_t ledger_time(uint32_t n);

/*
 * Hold the prizes up to the present one against the store: counts what was
 * won twice, and what was won and is missing.  Adds those that nobody won.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int ledger_check_prizes(struct ledger *ledger, struct expiring *expiring,
                        struct errtext *why);

int64_t ledger_now_ms(void);

#endif /* T_KILL_LEDGER_H */
