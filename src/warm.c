/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Which keys of a process are made faster.
 */

#include "warm.h"

void
warm_count(struct warm *warm, unsigned *n, struct verifier *verifier,
           const struct jwk *jwk)
{
    if (warm->uses >= WARM_AFTER || ++warm->uses < WARM_AFTER
        || *n >= WARM_MAX)
        return;
    warm->is_warm = verifier_warm(verifier, jwk);
    *n += warm->is_warm;
}

void
warm_end(struct warm *warm, unsigned *n)
{
    *n -= warm->is_warm;
    warm->is_warm = false;
}
