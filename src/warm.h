/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Which keys of a process are made faster, because they are used much.
 */

#ifndef WARM_H
#define WARM_H

#include <stdbool.h>

#include "core/jwk.h"
#include "io/verifier.h"

enum {
    WARM_MAX = 16,     /* keys of a process: each takes 150 kilobytes */
    WARM_AFTER = 1000, /* good signatures: what warming a key costs has by
                          then been spent on it once */
};

/* What is known of one key.  All zero is a new one. */
struct warm {
    unsigned uses; /* good signatures, up to WARM_AFTER */
    bool is_warm;
};

/*
 * Count a good signature by the key; the one that makes it WARM_AFTER warms
 * the key while fewer than WARM_MAX are.  *n is the number of those.
 */
void warm_count(struct warm *warm, unsigned *n, struct verifier *verifier,
                const struct jwk *jwk);

/* Take the key out of the number, before it goes. */
void warm_end(struct warm *warm, unsigned *n);

#endif /* WARM_H */
