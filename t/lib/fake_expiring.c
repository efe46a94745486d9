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

int
expiring_add(struct expiring *expiring, int64_t expires,
             const unsigned char id[EXPIRING_ID_LEN], int64_t now,
             struct errtext *why)
{
    struct record **place = &expiring->records;
    struct record *record;

    (void) now;
    expiring->adds++;
    expiring->last.expires = expires;
    memcpy(expiring->last.id, id, EXPIRING_ID_LEN);
    if (expiring->broken)
        return fail(why);
    while (*place != NULL && compare(*place, expires, id) < 0)
        place = &(*place)->next;
    if (*place != NULL && compare(*place, expires, id) == 0)
        return 0;
    record = malloc(sizeof(*record));
    if (record == NULL)
        abort();
    *record = expiring->last;
    record->next = *place;
    *place = record;
    expiring->n++;
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
