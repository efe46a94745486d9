/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * A hash of a secret that another system made: what is taken has a cost that
 * is known and bounded, and the cheap ones are verified, too.
 */

#include <stdbool.h>
#include <string.h>

#include "costs.h"
#include "fuzz.h"
#include "io/foreign.h"

const char fuzz_corpus[] = "hash";

enum {
    /* of a hash that is taken: there is room for it (costs.h) */
    MS_MAX = COSTS_MS_MAX / COSTS_READINGS,
    MS_CHEAP = 2, /* of one that is verified here */
};

/* Visible ASCII, terminated. */
static void
check_text(const char text[FOREIGN_COST_MAX], char least)
{
    size_t i;

    hold(memchr(text, '\0', FOREIGN_COST_MAX) != NULL && text[0] != '\0');
    for (i = 0; text[i] != '\0'; i++)
        hold(text[i] >= least && text[i] <= '~');
}

static void
verify(const char *hash, const char *cost)
{
    struct errtext why = {.text = ""};
    int rc = foreign_verify(hash, "secret", 6, &why);

    hold(rc == 0 || rc == 1 || rc == -1);
    if (rc < 0)
        check_reason(&why);
    hold(foreign_waste(cost, "secret", 6, &why) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char cost[FOREIGN_COST_MAX], shown[FOREIGN_COST_MAX];
    char *hash = copy(data, size, true);
    struct errtext why = {.text = ""};
    long ms;

    if (foreign_check(hash, cost, &why) == 0) {
        check_text(cost, '!');
        foreign_describe(cost, shown);
        check_text(shown, ' ');
        hold(strcmp(foreign_form(cost), "unknown") != 0);
        ms = foreign_ms(cost);
        hold(ms >= 0 && ms <= MS_MAX);
        if (ms <= MS_CHEAP)
            verify(hash, cost);
    } else {
        check_reason(&why);
        hold(foreign_verify(hash, "secret", 6, NULL) == -1);
    }
    free(hash);
    return 0;
}
