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
struct use {
    struct use *next;
    struct expiring_use use;
};

/* Sorted by the key. */
struct record {
    struct record *next;
    size_t key_len;
    int64_t expires;
    char *text;
    unsigned char key[EXPIRING_KEY_MAX + 1]; /* terminated */
};

struct expiring {
    struct use *uses;
    struct record *records[EXPIRING__MAX];
    struct expiring_use last; /* asked for */
    size_t n;
    bool broken;
    bool durable;
    int64_t alarmed;
    int reads; /* of counts */
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
drop_use(struct expiring *expiring)
{
    struct use *use = expiring->uses;

    expiring->uses = use->next;
    expiring->n--;
    free(use);
}

static void
drop_record(struct record **place)
{
    struct record *record = *place;

    *place = record->next;
    free(record->text);
    free(record);
}

static int
compare(const struct expiring_use *a, const struct expiring_use *b)
{
    if (a->expires != b->expires)
        return a->expires < b->expires ? -1 : 1;
    return memcmp(a->id, b->id, EXPIRING_ID_LEN);
}

static int
compare_key(const struct record *record, const void *key, size_t len)
{
    size_t both = record->key_len < len ? record->key_len : len;
    int rc = memcmp(record->key, key, both);

    if (rc != 0 || record->key_len == len)
        return rc;
    return record->key_len < len ? -1 : 1;
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

size_t
fake_expiring_records(enum expiring_table table)
{
    const struct record *record;
    size_t n = 0;

    for (record = the_records.records[table]; record != NULL;
         record = record->next)
        n++;
    return n;
}

bool
fake_expiring_was_durable(void)
{
    return the_records.durable;
}

struct expiring *
expiring_open(struct store *store)
{
    (void) store;
    the_records.users++;
    return &the_records;
}

static struct use **
find_use(struct expiring *expiring, const struct expiring_use *use)
{
    struct use **place = &expiring->uses;

    while (*place != NULL && compare(&(*place)->use, use) < 0)
        place = &(*place)->next;
    return place;
}

static bool
has_use(struct expiring *expiring, const struct expiring_use *use)
{
    struct use **place = find_use(expiring, use);

    return *place != NULL && compare(&(*place)->use, use) == 0;
}

static void
add_use(struct expiring *expiring, const struct expiring_use *use)
{
    struct use **place = find_use(expiring, use), *added;

    added = malloc(sizeof(*added));
    if (added == NULL)
        abort();
    added->next = *place;
    added->use = *use;
    *place = added;
    expiring->n++;
}

/* The place of the key, or where it would be. */
static struct record **
find(struct expiring *expiring, enum expiring_table table, const void *key,
     size_t len)
{
    struct record **place = &expiring->records[table];

    while (*place != NULL && compare_key(*place, key, len) < 0)
        place = &(*place)->next;
    return place;
}

static bool
is_there(struct record *const *place, const void *key, size_t len)
{
    return *place != NULL && compare_key(*place, key, len) == 0;
}

static void
write_record(struct expiring *expiring, const struct expiring_record *from)
{
    struct record **place = find(expiring, from->table, from->key,
                                 from->key_len);
    struct record *record;

    if (is_there(place, from->key, from->key_len))
        drop_record(place);
    if (from->text == NULL)
        return;
    record = malloc(sizeof(*record));
    if (record == NULL || (record->text = strdup(from->text)) == NULL)
        abort();
    record->next = *place;
    record->expires = from->expires;
    record->key_len = from->key_len;
    memcpy(record->key, from->key, from->key_len);
    record->key[from->key_len] = '\0';
    *place = record;
}

static bool
is_sound(const struct expiring_change *change)
{
    size_t i;

    if (change->n_uses > EXPIRING_USES_MAX
        || change->n_counts > EXPIRING_COUNTS_MAX
        || change->n_records > EXPIRING_RECORDS_MAX)
        return false;
    for (i = 0; i < change->n_records; i++) {
        const struct expiring_record *record = &change->records[i];

        if (record->key_len == 0 || record->key_len > EXPIRING_KEY_MAX
            || (record->text != NULL
                && strlen(record->text) > EXPIRING_TEXT_MAX))
            return false;
    }
    return true;
}

static int
find_count(struct expiring *expiring, struct expiring_count *count,
           int64_t now, struct errtext *why)
{
    struct record **place = find(expiring, EXPIRING_COUNTERS, count->key,
                                 count->key_len);
    bool there = is_there(place, count->key, count->key_len);

    return tally_read(&count->tally, there ? (*place)->text : NULL,
                      there ? (*place)->expires : 0, count->length, now)
                   == 0
               ? 0
               : errtext_set(why, "a count of the test is damaged");
}

static void
raise_count(struct expiring *expiring, struct expiring_count *count,
            int64_t now)
{
    char text[TALLY_TEXT_MAX];
    struct expiring_record record = {.table = EXPIRING_COUNTERS,
                                     .key = count->key,
                                     .key_len = count->key_len,
                                     .text = text};

    tally_raise(&count->tally, now, text);
    record.expires = count->tally.until;
    write_record(expiring, &record);
}

int
expiring_count_read(struct expiring *expiring, struct expiring_count *count,
                    int64_t now, struct errtext *why)
{
    expiring->reads++;
    if (expiring->broken)
        return fail(why);
    return find_count(expiring, count, now, why);
}

int64_t
expiring_alarmed(const struct expiring *expiring)
{
    return expiring->alarmed;
}

int
fake_expiring_reads(void)
{
    int reads = the_records.reads;

    the_records.reads = 0;
    return reads;
}

int
expiring_commit(struct expiring *expiring,
                const struct expiring_change *change, int64_t now,
                size_t *there, struct errtext *why)
{
    size_t i;

    expiring->adds++;
    if (change->n_uses > 0)
        expiring->last = change->uses[change->n_uses - 1];
    expiring->durable = change->durable;
    if (expiring->broken || !is_sound(change))
        return fail(why);
    for (i = 0; i < change->n_uses; i++) {
        if (has_use(expiring, &change->uses[i])) {
            *there = i;
            return 0;
        }
    }
    if (change->alarms && now > expiring->alarmed)
        expiring->alarmed = now;
    for (i = 0; i < change->n_counts; i++) {
        if (find_count(expiring, &change->counts[i], now, why) != 0)
            return -1;
        if (change->counts[i].tally.n >= change->counts[i].limit) {
            *there = i;
            return 2;
        }
    }
    for (i = 0; i < change->n_uses; i++)
        add_use(expiring, &change->uses[i]);
    for (i = 0; i < change->n_counts; i++)
        raise_count(expiring, &change->counts[i], now);
    for (i = 0; i < change->n_records; i++)
        write_record(expiring, &change->records[i]);
    return 1;
}

int
expiring_read(struct expiring *expiring, enum expiring_table table,
              const void *key, size_t key_len, int64_t now, char *buf,
              size_t cap, size_t *len, int64_t *expires, struct errtext *why)
{
    struct record **place = find(expiring, table, key, key_len);
    const struct record *record = *place;

    if (expiring->broken || cap < EXPIRING_TEXT_MAX + 1)
        return fail(why);
    if (!is_there(place, key, key_len) || record->expires <= now)
        return 0;
    memcpy(buf, record->text, strlen(record->text) + 1);
    if (len != NULL)
        *len = strlen(record->text);
    if (expires != NULL)
        *expires = record->expires;
    return 1;
}

int
expiring_each(struct expiring *expiring, enum expiring_table table,
              const char *prefix, int64_t now, expiring_each_fn *fn,
              void *arg, struct errtext *why)
{
    const struct record *record = expiring->records[table];
    size_t len = strlen(prefix);
    int rc = 0;

    if (expiring->broken)
        return fail(why);
    for (; record != NULL && rc == 0; record = record->next) {
        if (record->expires > now && record->key_len >= len
            && memcmp(record->key, prefix, len) == 0)
            rc = fn(arg, record->key, record->key_len, record->expires,
                    record->text, strlen(record->text));
    }
    return rc;
}

int
expiring_uses(struct expiring *expiring, int64_t now, expiring_uses_fn *fn,
              void *arg, struct errtext *why)
{
    const struct use *use;
    int rc = 0;

    if (expiring->broken)
        return fail(why);
    for (use = expiring->uses; use != NULL && rc == 0; use = use->next) {
        if (use->use.expires > now)
            rc = fn(arg, &use->use);
    }
    return rc;
}

int
expiring_sweep(struct expiring *expiring, enum expiring_table table,
               int64_t now, size_t *n, struct errtext *why)
{
    struct record **place = &expiring->records[table];

    if (expiring->broken)
        return fail(why);
    *n = 0;
    while (*place != NULL) {
        if ((*place)->expires < now) {
            drop_record(place);
            ++*n;
        } else {
            place = &(*place)->next;
        }
    }
    return 0;
}

int
expiring_purge(struct expiring *expiring, int64_t now, size_t max,
               size_t *n, struct errtext *why)
{
    if (expiring->broken)
        return fail(why);
    for (*n = 0; *n < max && expiring->uses != NULL
         && expiring->uses->use.expires < now; ++*n)
        drop_use(expiring);
    return 0;
}

void
expiring_close(struct expiring *expiring)
{
    int table;

    if (expiring == NULL || --expiring->users > 0)
        return;
    while (expiring->uses != NULL)
        drop_use(expiring);
    for (table = 0; table < EXPIRING__MAX; table++) {
        while (expiring->records[table] != NULL)
            drop_record(&expiring->records[table]);
    }
    memset(&expiring->last, 0, sizeof(expiring->last));
    expiring->alarmed = 0;
}
