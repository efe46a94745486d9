/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * A store in memory.
 */

#include <stdlib.h>
#include <string.h>

#include "fake_store.h"

/* The records of one database, sorted by their keys. */
struct record {
    struct record *next;
    char *key;
    char *value;
};

struct store {
    struct record *records[STORE__MAX];
    uint64_t generation;
    bool broken;
    int gets;
    int users;
};

static struct store the_store;

static char *
copy(const char *text)
{
    char *new = strdup(text);

    if (new == NULL)
        abort();
    return new;
}

/* The place of the key, or where it would be. */
static struct record **
find(struct store *store, enum store_db db, const char *key)
{
    struct record **place = &store->records[db];

    while (*place != NULL && strcmp((*place)->key, key) < 0)
        place = &(*place)->next;
    return place;
}

static bool
is_there(struct record *const *place, const char *key)
{
    return *place != NULL && strcmp((*place)->key, key) == 0;
}

static void
drop(struct record **place)
{
    struct record *record = *place;

    *place = record->next;
    free(record->key);
    free(record->value);
    free(record);
}

static int
fail(struct errtext *why)
{
    return errtext_set(why, "the store of the test is broken");
}

void
fake_store_put(enum store_db db, const char *key, const char *value)
{
    struct record **place = find(&the_store, db, key);
    struct record *record;

    the_store.generation++;
    if (is_there(place, key))
        drop(place);
    if (value == NULL)
        return;
    record = malloc(sizeof(*record));
    if (record == NULL)
        abort();
    record->key = copy(key);
    record->value = copy(value);
    record->next = *place;
    *place = record;
}

void
fake_store_break(bool broken)
{
    the_store.generation++;
    the_store.broken = broken;
}

int
fake_store_gets(void)
{
    int gets = the_store.gets;

    the_store.gets = 0;
    return gets;
}

int
store_create(const char *dir, struct errtext *why)
{
    (void) dir;
    return the_store.broken ? fail(why) : 0;
}

int
store_open(struct store **store, const char *dir, enum store_role role,
           struct errtext *why)
{
    (void) dir;
    (void) role;
    if (the_store.broken)
        return fail(why);
    the_store.users++;
    *store = &the_store;
    return 0;
}

uint64_t
store_generation(const struct store *store)
{
    return store->generation;
}

int
store_get(struct store *store, enum store_db db, const char *key, char *buf,
          size_t cap, size_t *len, struct errtext *why)
{
    struct record **place = find(store, db, key);

    store->gets++;
    if (store->broken || cap < STORE_VALUE_MAX + 1)
        return fail(why);
    if (!is_there(place, key))
        return 0;
    *len = strlen((*place)->value);
    memcpy(buf, (*place)->value, *len + 1);
    return 1;
}

int
store_each(struct store *store, enum store_db db, store_each_fn *fn,
           void *arg, struct errtext *why)
{
    struct record *record;
    int rc = 0;

    if (store->broken)
        return fail(why);
    for (record = store->records[db]; record != NULL && rc == 0;
         record = record->next)
        rc = fn(arg, record->key, record->value, strlen(record->value));
    return rc;
}

int
store_edit(struct store *store, enum store_db db, const char *key,
           store_edit_fn *fn, void *arg, struct errtext *why)
{
    struct record **place = find(store, db, key);
    const char *old = is_there(place, key) ? (*place)->value : NULL;
    char *value = NULL;
    int rc;

    if (store->broken)
        return fail(why);
    rc = fn(arg, old, old != NULL ? strlen(old) : 0, &value, why);
    if (rc > 0)
        fake_store_put(db, key, value);
    if (rc == 2)
        store->generation--;
    free(value);
    return rc > 0 ? 1 : rc;
}

void
store_archive(struct store *store, const char *dir)
{
    (void) store;
    (void) dir;
}

bool
store_is_worn(const struct store *store)
{
    (void) store;
    return false;
}

void
store_close(struct store *store)
{
    int db;

    if (store == NULL || --store->users > 0)
        return;
    for (db = 0; db < STORE__MAX; db++) {
        while (store->records[db] != NULL)
            drop(&store->records[db]);
    }
}
