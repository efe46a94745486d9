/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Expiring records in memory.
 */

#include <stdlib.h>
#include <string.h>

#include "fake_expiring.h"

/* Sorted, the oldest first. */
struct record {
    struct record *next;
    int64_t expires;
    unsigned char id[EXPIRING_ID_LEN];
};

struct expiring {
    struct record *records;
    struct record last; /* asked for */
    size_t n;
    bool broken;
    int adds;
    int users;
};

static struct expiring the_records;

static int
fail(struct errtext *why)
{
    return errtext_set(why, "the expiring records of the test are broken");
}

static void
drop(struct expiring *expiring)
{
    struct record *record = expiring->records;

    expiring->records = record->next;
    expiring->n--;
    free(record);
}

static int
compare(const struct record *record, int64_t expires,
        const unsigned char id[EXPIRING_ID_LEN])
{
    if (record->expires != expires)
        return record->expires < expires ? -1 : 1;
    return memcmp(record->id, id, EXPIRING_ID_LEN);
}

void
fake_expiring_break(bool broken)
{
    the_records.broken = broken;
}

int
fake_expiring_adds(void)
{
    int adds = the_records.adds;

    the_records.adds = 0;
    return adds;
}

size_t
fake_expiring_count(void)
{
    return the_records.n;
}

void
fake_expiring_last(int64_t *expires, unsigned char id[EXPIRING_ID_LEN])
{
    *expires = the_records.last.expires;
    memcpy(id, the_records.last.id, EXPIRING_ID_LEN);
}

struct expiring *
expiring_open(struct store *store)
{
    (void) store;
    the_records.users++;
    return &the_records;
}

static struct record **
find(struct expiring *expiring, const struct expiring_use *use)
{
    struct record **place = &expiring->records;

    while (*place != NULL && compare(*place, use->expires, use->id) < 0)
        place = &(*place)->next;
    return place;
}

static void
add(struct expiring *expiring, const struct expiring_use *use)
{
    struct record **place = find(expiring, use), *record;

    record = malloc(sizeof(*record));
    if (record == NULL)
        abort();
    record->next = *place;
    record->expires = use->expires;
    memcpy(record->id, use->id, EXPIRING_ID_LEN);
    *place = record;
    expiring->n++;
}

int
expiring_add(struct expiring *expiring, const struct expiring_use *uses,
             size_t n, int64_t now, size_t *there, struct errtext *why)
{
    struct record **place;
    size_t i;

    (void) now;
    expiring->adds++;
    expiring->last.expires = uses[n - 1].expires;
    memcpy(expiring->last.id, uses[n - 1].id, EXPIRING_ID_LEN);
    if (expiring->broken)
        return fail(why);
    for (i = 0; i < n; i++) {
        place = find(expiring, &uses[i]);
        if (*place != NULL
            && compare(*place, uses[i].expires, uses[i].id) == 0) {
            *there = i;
            return 0;
        }
    }
    for (i = 0; i < n; i++)
        add(expiring, &uses[i]);
    return 1;
}

int
expiring_purge(struct expiring *expiring, int64_t now, size_t max,
               size_t *n, struct errtext *why)
{
    if (expiring->broken)
        return fail(why);
    for (*n = 0; *n < max && expiring->records != NULL
         && expiring->records->expires < now; ++*n)
        drop(expiring);
    return 0;
}

void
expiring_close(struct expiring *expiring)
{
    if (expiring == NULL || --expiring->users > 0)
        return;
    while (expiring->records != NULL)
        drop(expiring);
    memset(&expiring->last, 0, sizeof(expiring->last));
}
