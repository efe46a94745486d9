/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The records of a backup on their way into the store.
 */

#ifndef CTL_LOAD_H
#define CTL_LOAD_H

#include <stddef.h>
#include <stdint.h>

#include "core/errtext.h"
#include "ctl_manifest.h"
#include "io/expiring.h"
#include "io/store.h"
#include "io/store_upkeep.h"

struct ctl_load {
    struct ctl_backup *backup; /* checked */
    struct store *store;       /* of STORE_RESTORES */
    struct expiring *expiring;
    enum store_restore mode;
    int64_t now;
    size_t written[STORE__MAX];
    size_t removed[STORE__MAX];
    size_t left_out; /* opaque tokens, see ctl_load_missing() */
};

/*
 * Make a database (clients, keys, meta) what the backup says: write what is
 * other, remove what is not in it.  Of databases that were in use, no
 * revocation is taken back: of two times up to which tokens are revoked the
 * later one stays.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int ctl_load_exactly(struct ctl_load *load, enum store_db db,
                     struct errtext *why);

/*
 * Add what the backup has of another database and what has not expired; what
 * is there stays.  Opaque tokens are added to a new store alone: one that is
 * no longer there may have been revoked.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int ctl_load_missing(struct ctl_load *load, enum store_db db,
                     struct errtext *why);

#endif /* CTL_LOAD_H */
