/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The budgets of a client record as JSON.
 */

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/client_priv.h"

/* Of one period; the second of the same is refused. */
static int
read_one(struct client *cl, const struct member *m, const json_t *value,
         struct errtext *why)
{
    const json_t *tokens = json_object_get(value, "tokens");
    int period = client_find_word(
        client_period_words,
        json_string_value(json_object_get(value, "period")));

    if (period < 0 || json_object_size(value) != 2
        || cl->budgets[period] != 0 || json_integer_value(tokens) <= 0)
        return client_wrong(m, "an array of a number of tokens and a period "
                               "that this version knows", why);
    cl->budgets[period] = json_integer_value(tokens);
    return 0;
}

int
client_budgets_read(struct client *cl, const struct member *m,
                    const json_t *value, struct errtext *why)
{
    size_t i;

    memset(cl->budgets, 0, sizeof(cl->budgets));
    if (!json_is_array(value))
        return client_wrong(m, "an array", why);
    for (i = 0; i < json_array_size(value); i++) {
        if (read_one(cl, m, json_array_get(value, i), why) != 0)
            return -1;
    }
    return 0;
}

json_t *
client_budgets_write(const struct client *cl, const struct member *m)
{
    json_t *array = json_array();
    int period;

    (void) m;
    for (period = 0; period < PERIOD__MAX; period++) {
        if (cl->budgets[period] != 0
            && json_array_append_new(
                   array, json_pack("{s:I, s:s}", "tokens",
                                    (json_int_t) cl->budgets[period],
                                    "period", client_period_words[period]))
                   != 0)
            abort();
    }
    return array;
}
