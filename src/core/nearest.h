/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The nearest of several names, for "did you mean".
 */

#ifndef CORE_NEAREST_H
#define CORE_NEAREST_H

#include <stddef.h>

enum { NEAREST_NAME_MAX = 255 }; /* longer names are near to nothing */

struct nearest {
    const char *want; /* borrowed: what was written */
    size_t len;
    const char *best; /* borrowed from nearest_offer(); NULL: none is near */
    size_t best_len;
    size_t distance; /* of best; before there is one, the first too far */
};

/*
 * Begin to look for what len bytes of want may have meant.  Names are close
 * when a third of the characters, and one at least, may be wrong, missing, too
 * many, or in each other's place; the case of letters does not count.
 */
void nearest_begin(struct nearest *near, const char *want, size_t len);

/* Consider one valid name; of equals the first offered stays. */
void nearest_offer(struct nearest *near, const char *name, size_t len);

#endif /* CORE_NEAREST_H */
