/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * A store that tries: it says what would be done, and nothing is.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../lib/tap.h"
#include "io/expiring.h"
#include "io/store.h"

enum { NOW = 1700000000 };

static char dir[] = "/tmp/ccgrant-tries-XXXXXX";
static struct errtext why;

static void
must(int rc)
{
    if (rc >= 0)
        return;
    printf("Bail out! %s\n", why.text);
    exit(1);
}

static int
write_text(void *arg, const char *old, size_t len, char **value,
           struct errtext *reason)
{
    (void) len;
    (void) reason;
    if (old != NULL)
        return 0;
    *value = strdup(arg);
    return 1;
}

/* A use, a count that may be raised once, and a record. */
static int
change(struct expiring *expiring, bool durable)
{
    static const struct expiring_use use = {.expires = NOW + 60, .id = "x"};
    static const struct expiring_record record = {
        .table = EXPIRING_TOKENS, .key = "k", .key_len = 1,
        .expires = NOW + 60, .text = "t"};
    struct expiring_count count = {.key = "n", .key_len = 1, .length = 3600,
                                   .limit = 1};
    struct expiring_change all = {
        .uses = &use, .n_uses = 1, .counts = &count, .n_counts = 1,
        .records = &record, .n_records = 1, .durable = durable,
        .alarms = true};
    size_t there = 9;
    int rc = expiring_commit(expiring, &all, NOW, &there, &why);

    must(rc);
    return rc;
}

static int
edit(struct store *store)
{
    char text[] = "{}";
    int rc = store_edit(store, STORE_CLIENTS, "a", write_text, text, &why);

    must(rc);
    return rc;
}

int
main(void)
{
    char text[STORE_VALUE_MAX + 1], state[64], command[96];
    struct expiring *expiring;
    struct store *store;
    uint64_t generation;
    size_t len;

    if (mkdtemp(dir) == NULL)
        abort();
    snprintf(state, sizeof(state), "%s", dir);
    must(store_create(state, &why));
    must(store_open(&store, state, STORE_TRIES, &why));
    expiring = expiring_open(store);
    generation = store_generation(store);
    tap_is_int(0, edit(store), "an edit changes nothing");
    tap_is_int(0, store_get(store, STORE_CLIENTS, "a", text, sizeof(text),
                            &len, &why),
               "and the record is not there");
    tap_is_int(1, change(expiring, false), "a change could be made");
    tap_is_int(1, change(expiring, true), "and again: it was not");
    tap_is_int(0, expiring_read(expiring, EXPIRING_TOKENS, "k", 1, NOW, text,
                                sizeof(text), NULL, NULL, &why),
               "its record is not there");
    tap_is_int(0, expiring_alarmed(expiring), "nobody is alarmed");
    tap_ok(generation == store_generation(store),
           "the generation is the same");
    expiring_close(expiring);
    store_close(store);
    must(store_open(&store, state, STORE_ADMIN, &why));
    expiring = expiring_open(store);
    tap_is_int(1, change(expiring, false), "who does not try makes it");
    expiring_close(expiring);
    store_close(store);
    must(store_open(&store, state, STORE_TRIES, &why));
    expiring = expiring_open(store);
    tap_is_int(0, change(expiring, false), "then it could not be made");
    expiring_close(expiring);
    store_close(store);
    snprintf(command, sizeof(command), "rm -r '%s'", dir);
    return system(command) == 0 ? tap_done() : 1;
}
