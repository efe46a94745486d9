/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Budgets and reuse of tokens in a client's record.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl_args.h"
#include "ctl_limits.h"
#include "ctl_names.h"

enum {
    TOKENS_MAX = 1000000000,
    PERCENT_MAX = 99,
    FACT_MAX = 160,
};

/* Digits alone, up to what end points at then. */
static int64_t
read_number(const char *text, const char **end)
{
    int64_t n = 0;

    while (*text >= '0' && *text <= '9' && n <= TOKENS_MAX)
        n = n * 10 + (*text++ - '0');
    *end = text;
    return n;
}

static int
add_budget(struct client *cl, const char *value, struct errtext *why)
{
    const char *rest;
    int64_t n = read_number(value, &rest);
    int period;

    if (n < 1 || n > TOKENS_MAX || *rest != '/')
        return errtext_set(why, "\"%.60s\": say how many tokens, 1 to %d, and "
                                "in what time, such as 5/minute",
                           value, TOKENS_MAX);
    period = client_find_word(client_period_words, rest + 1);
    if (period < 0)
        return ctl_names_word(client_period_words, rest + 1, why);
    if (cl->budgets[period] != 0)
        return errtext_set(why, "there are two for a %s",
                           client_period_words[period]);
    cl->budgets[period] = n;
    return 0;
}

int
ctl_limits_budgets(const struct ctl *ctl, struct client *cl,
                   const char *value, struct errtext *why)
{
    size_t at = 0;

    memset(cl->budgets, 0, sizeof(cl->budgets));
    while ((value = ctl_args_next(ctl, "budget", &at)) != NULL) {
        if (*value != '\0' && add_budget(cl, value, why) != 0)
            return -1;
    }
    return 0;
}

int
ctl_limits_reuse(const struct ctl *ctl, struct client *cl, const char *value,
                 struct errtext *why)
{
    const char *rest;

    (void) ctl;
    cl->reuse = read_number(value, &rest);
    if (*value == '\0')
        return 0;
    if (*rest != '\0' || cl->reuse < 1 || cl->reuse > PERCENT_MAX)
        return errtext_set(why, "say how many percent of its life a token "
                                "must have left: 1 to %d",
                           PERCENT_MAX);
    return 0;
}

void
ctl_limits_facts(struct ctl_table *table, const struct client *cl)
{
    char text[FACT_MAX];
    struct sbuf sb;
    int period;

    sbuf_init(&sb, text, sizeof(text));
    for (period = 0; period < PERIOD__MAX; period++) {
        if (cl->budgets[period] == 0)
            continue;
        sbuf_add(&sb, sb.len > 0 ? ", " : "");
        sbuf_add_int(&sb, cl->budgets[period]);
        sbuf_add(&sb, "/");
        sbuf_add(&sb, client_period_words[period]);
    }
    ctl_table_fact(table, "budget", sb.len > 0 ? text : "any number");
    if (cl->reuse == 0)
        return;
    snprintf(text, sizeof(text), "with %" PRId64 " percent of its life left",
             cl->reuse);
    ctl_table_fact(table, "reuse", text);
}
