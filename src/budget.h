/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * How many tokens a client gets in a second, a minute, an hour and a day, of
 * all processes together.
 */

#ifndef BUDGET_H
#define BUDGET_H

#include <stdint.h>

#include "core/client.h"
#include "core/counter.h"
#include "core/errtext.h"
#include "io/expiring.h"

/* What one token is to be counted in.  Counts refer to keys. */
struct budget {
    struct expiring_count counts[PERIOD__MAX];
    enum client_period periods[PERIOD__MAX]; /* of those */
    size_t n; /* 0: the client has no budget */
    struct counter_key keys[PERIOD__MAX];
};

/* What a client's next token is to be counted in.  A client without a budget
 * costs nothing. */
void budget_of(struct budget *budget, const struct client *cl);

/*
 * Say in *why which budget is used up, the one with the number i.
 *
 * Returns the seconds until there is more, at least 1.
 */
int budget_refuse(const struct budget *budget, size_t i, int64_t now,
                  struct errtext *why);

#endif /* BUDGET_H */
