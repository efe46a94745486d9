/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The files of the environment's shared memory, and room for them: to fill a
 * hole of a mapped file on a full disk is SIGBUS.  Private to the store.
 */

#ifndef IO_STORE_REGION_H
#define IO_STORE_REGION_H

#include <stdbool.h>
#include <stddef.h>

enum { STORE_REGIONS = 3 };

struct store_region {
    const char *name; /* in the state directory */
    size_t max;       /* bytes that it never grows beyond */
};

extern const struct store_region store_regions[STORE_REGIONS];

/*
 * Before a recovery: remove the files of the past life, which nobody uses any
 * more and whose contents may be anything, and see to it that there is room
 * for new ones.  Processes of the past life may hold the old blocks for long,
 * so some are kept for this in a file of their own, "reserve".
 *
 * Returns 0 or an error number.
 */
int store_region_clear(const char *dir);

/*
 * After it: have the blocks that the new files may grow into, and a reserve if
 * there is room for one.
 *
 * Returns 0 or an error number.
 */
int store_region_reserve(const char *dir);

/* Whether there is room for a change, and for the recovery after it. */
bool store_region_has_room(const char *dir);

#endif /* IO_STORE_REGION_H */
