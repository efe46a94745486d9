/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The nearest of several names: what is close, what is not.
 */

#include <stdio.h>
#include <string.h>

#include "core/nearest.h"
#include "../lib/tap.h"

static const char *const names[] = {
    "issuer", "state", "resources", "roles", "path", "orders.read",
    "orders.write", "bills.read", "id",
};

static const struct {
    const char *sentence;
    const char *want;
    const char *best; /* or NULL */
} rows[] = {
    { "the name itself", "state", "state" },
    { "a letter that is missing", "isuer", "issuer" },
    { "a letter too many", "statee", "state" },
    { "a wrong letter", "pith", "path" },
    { "two letters in the wrong order, in a long name", "orders.raed",
      "orders.read" },
    { "the case of letters does not count", "Orders.Write", "orders.write" },
    { "the nearest wins", "orders.reat", "orders.read" },
    { "a short name may have one wrong letter", "ie", "id" },
    { "a short name of other letters is not near", "xy", NULL },
    { "two letters in the wrong order, in a short name", "apth", "path" },
    { "two letters that are not neighbours are too far", "taph", NULL },
    { "half a name is not near", "ordersxxxxx", NULL },
    { "a prefix is not near", "res", NULL },
    { "an empty one is near to nothing", "", NULL },
    { "a long one is near to nothing", "orders.read.and.more.of.it", NULL },
};

static const char *
best_of(const char *want, char buf[64])
{
    struct nearest near;
    size_t i;

    nearest_begin(&near, want, strlen(want));
    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        nearest_offer(&near, names[i], strlen(names[i]));
    if (near.best == NULL)
        return NULL;
    snprintf(buf, 64, "%.*s", (int)near.best_len, near.best);
    return buf;
}

int
main(void)
{
    char buf[64], name[2 * NEAREST_NAME_MAX];
    struct nearest near;
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        tap_is_str(rows[i].best, best_of(rows[i].want, buf), "%s",
                   rows[i].sentence);

    memset(name, 'a', sizeof(name));
    nearest_begin(&near, name, NEAREST_NAME_MAX);
    nearest_offer(&near, name, NEAREST_NAME_MAX);
    tap_ok(near.best == name, "a name of the greatest length");
    nearest_begin(&near, name, NEAREST_NAME_MAX + 1);
    nearest_offer(&near, name, NEAREST_NAME_MAX + 1);
    tap_ok(near.best == NULL, "a longer one is near to nothing");
    nearest_begin(&near, name, NEAREST_NAME_MAX);
    nearest_offer(&near, name, NEAREST_NAME_MAX + 1);
    tap_ok(near.best == NULL, "nothing is near to a longer one");
    nearest_begin(&near, "abc", 3);
    nearest_offer(&near, "abx", 3);
    nearest_offer(&near, "aby", 3);
    tap_is_str("abx", near.best, "of equals the first stays");
    return tap_done();
}
