/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * budget: what a token is counted in, and what who has none left is told.
 */

#include <stdio.h>
#include <string.h>

#include "budget.h"
#include "fake_expiring.h"
#include "io/crypto.h"
#include "once.h"
#include "tap.h"
#include "world.h"

enum { START = 1800000000 / 86400 * 86400 }; /* of a day */

static struct world world;
static struct audit audit;

/* One step: a token at that time, with a proof of that number, or none. */
struct step {
    int64_t later;
    int proof;
    enum oauth_error expected;
    int retry_after;
};

struct row {
    const char *what;
    int64_t budgets[PERIOD__MAX];
    struct step steps[8]; /* one without an expectation but OK ends them */
};

#define GIVEN(later) {later, 0, OAUTH_OK, -1}
#define REFUSED(later, after) {later, 0, OAUTH_TOO_MANY, after}

static const struct row rows[] = {
    {"a second", {2}, {GIVEN(0), GIVEN(0), REFUSED(0, 1), GIVEN(1),
                       GIVEN(1), REFUSED(1, 1)}},
    {"a minute", {0, 1}, {GIVEN(5), REFUSED(5, 55), REFUSED(59, 1),
                          GIVEN(60), REFUSED(60, 60)}},
    {"an hour", {0, 0, 1}, {GIVEN(0), REFUSED(60, 3540), GIVEN(3600)}},
    {"a day", {0, 0, 0, 1}, {GIVEN(0), REFUSED(3600, 82800),
                             GIVEN(86400)}},
    {"the narrower of two", {1, 2}, {GIVEN(0), REFUSED(0, 1), GIVEN(1),
                                     REFUSED(2, 58), GIVEN(60)}},
    {"a refusal costs nothing of the wider", {1, 3},
     {GIVEN(0), REFUSED(0, 1), REFUSED(0, 1), GIVEN(1), GIVEN(2),
      REFUSED(3, 57)}},
    {"a refusal uses up no proof", {1},
     {{0, 1, OAUTH_OK, -1}, {0, 2, OAUTH_TOO_MANY, 1}, {1, 2, OAUTH_OK, -1},
      {2, 2, OAUTH_INVALID_DPOP_PROOF, 0}}},
    {"a proof that was used goes before", {1},
     {{0, 3, OAUTH_OK, -1}, {0, 3, OAUTH_INVALID_DPOP_PROOF, 0}}},
};

static enum oauth_error
spend(const struct client *cl, const struct step *step)
{
    struct possession possession = {.is_once = step->proof != 0};
    struct budget budget;
    struct once_token token = {.budget = &budget};

    possession.use.expires = START + 1000;
    memset(possession.use.id, step->proof, sizeof(possession.use.id));
    memset(&audit, 0, sizeof(audit));
    budget_of(&budget, cl);
    return once_spend(&world.service, NULL, &possession, &token,
                      START + step->later, &audit);
}

static void
test_row(const struct row *row, size_t n)
{
    struct client *cl;
    char id[16];
    size_t i;

    snprintf(id, sizeof(id), "app%zu", n);
    cl = client_new(id, 0);
    memcpy(cl->budgets, row->budgets, sizeof(cl->budgets));
    for (i = 0; i < LEN(row->steps); i++) {
        const struct step *step = &row->steps[i];

        if (step->expected == OAUTH_OK && step->retry_after == 0)
            break;
        tap_is_int(step->expected, spend(cl, step), "%s: step %zu: %s",
                   row->what, i + 1, audit.why.text);
        if (step->expected == OAUTH_TOO_MANY)
            tap_is_int(step->retry_after, audit.retry_after,
                       "%s: step %zu: the time", row->what, i + 1);
    }
    client_free(cl);
}

int
main(void)
{
    struct client *cl = client_new("none", 0);
    const struct step step = GIVEN(0);
    size_t i;

    world_open(&world);
    for (i = 0; i < LEN(rows); i++)
        test_row(&rows[i], i);
    fake_expiring_adds();
    tap_is_int(OAUTH_OK, spend(cl, &step), "a client without a budget");
    tap_is_int(0, fake_expiring_adds(), "costs nothing");
    cl->budgets[PERIOD_MINUTE] = 1;
    tap_is_int(OAUTH_OK, spend(cl, &step), "one token");
    tap_is_int(OAUTH_TOO_MANY, spend(cl, &step), "and no more");
    tap_is_int(RULE_LIMITS_BUDGET, audit.why.rule, "by that rule");
    tap_ok(strstr(audit.why.text, "1 tokens of this minute: until 20")
               != NULL, "which says so: %s", audit.why.text);
    fake_expiring_break(true);
    tap_is_int(OAUTH_UNAVAILABLE, spend(cl, &step),
               "a store that fails gives none");
    fake_expiring_break(false);
    client_free(cl);
    world_close(&world);
    return tap_done();
}
