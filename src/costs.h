/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The slow work that checks of secrets are.
 *
 * Every failed check does the work of every kind that any client's record
 * wants, so that its time says nothing of the client.  The kinds are noted in
 * the store before the first record that wants one is written.
 */

#ifndef COSTS_H
#define COSTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/client.h"
#include "core/errtext.h"
#include "io/foreign.h"
#include "io/vault.h"

enum {
    COSTS_FOREIGN_MAX = 4,             /* kinds of imported hashes at once */
    COSTS_MAX = COSTS_FOREIGN_MAX + 1, /* and scrypt */
    COSTS_READINGS = 2,  /* of Basic credentials (core/cred.h): a failure
                            does all of it once for each */
    COSTS_MS_MAX = 1500, /* that a failure may take (foreign_ms()): of a kind
                            at its limit there is room for one */
    COSTS_TEXT_MAX = COSTS_MAX * FOREIGN_COST_MAX,
};

/* The note, in STORE_META, and scrypt's name in it: the oldest there is. */
#define COSTS_NOTE "slow_secrets"
#define COSTS_SCRYPT "1"

/* Different from each other; the rest are those of io/foreign.h. */
struct costs {
    char cost[COSTS_MAX][FOREIGN_COST_MAX];
    size_t n;
};

struct service;

/* Read a note.  What does not fit is left out. */
void costs_read(struct costs *costs, const char *text);

bool costs_has(const struct costs *costs, const char *cost);

/*
 * Add a cost that may be there.
 *
 * Returns 1 when it was added, 0 when it was there, or -1 with the reason and
 * the cure in *why when there are as many as can be.
 */
int costs_add(struct costs *costs, const char *cost, struct errtext *why);

/*
 * Unseal the hash of a secret of the client that is SECRET_FOREIGN.
 *
 * Returns 0 with the terminated hash, for crypto_wipe(), and its cost, or -1
 * with the reason in *why.
 */
int costs_unseal(struct vault *vault, const char *client_id,
                 const struct secret *secret, char hash[CLIENT_SEALED_MAX],
                 char cost[FOREIGN_COST_MAX], struct errtext *why);

/*
 * Note that checks of that cost are wanted of every process.  Comes before
 * the record is written, and once more after it, since costs_recount() may
 * have come between.  Refuses a new one with which a failure, of two
 * readings, would take more than COSTS_MS_MAX for all that are noted.
 *
 * Returns 0, or -1 with the reason and the cure in *why.
 */
int costs_announce(struct service *service, const char *cost,
                   struct errtext *why);

/*
 * Note what the secrets want that have not ended, and nothing else.  A record
 * that cannot be read leaves the note as it is, and so does one that is
 * changed meanwhile.
 *
 * Returns 1 when the note was changed, 0 when not, -1 with the reason in
 * *why.
 */
int costs_recount(struct service *service, int64_t now, struct errtext *why);

#endif /* COSTS_H */
