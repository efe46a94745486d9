/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * How many tokens a client gets.
 */

#include <inttypes.h>

#include "budget.h"
#include "core/when.h"

_Static_assert((int) EXPIRING_COUNTS_MAX >= (int) PERIOD__MAX,
               "a token is counted in one change");

static const int64_t lengths[PERIOD__MAX] = {
    [PERIOD_SECOND] = 1,
    [PERIOD_MINUTE] = 60,
    [PERIOD_HOUR] = 3600,
    [PERIOD_DAY] = 86400,
};

void
budget_of(struct budget *budget, const struct client *cl)
{
    int period;

    budget->n = 0;
    for (period = 0; period < PERIOD__MAX; period++) {
        size_t n = budget->n;

        if (cl->budgets[period] == 0)
            continue;
        budget->periods[n] = (enum client_period) period;
        budget->keys[n] = counter_key(COUNTER_BUDGET, cl->id,
                                      client_period_words[period]);
        budget->counts[n] = (struct expiring_count){
            .key = budget->keys[n].bytes,
            .key_len = budget->keys[n].len,
            .length = lengths[period],
            .limit = cl->budgets[period],
        };
        budget->n++;
    }
}

int
budget_refuse(const struct budget *budget, size_t i, int64_t now,
              struct errtext *why)
{
    const struct expiring_count *count = &budget->counts[i];
    char until[WHEN_TEXT_MAX];

    when_text(count->tally.until, until);
    errtext_rule(why, RULE_LIMITS_BUDGET,
                 "the client has had its %" PRId64 " tokens of this %s: "
                 "until %s",
                 count->limit, client_period_words[budget->periods[i]],
                 until);
    return count->tally.until > now ? (int) (count->tally.until - now) : 1;
}
