/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Decoded client records.
 */

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/grant.h"
#include "io/crypto.h"
#include "keyset.h"
#include "roster.h"

enum {
    SHELF_LEN = 8,        /* entries of one hash, the last used first */
    KNOWN_SHELVES = 128,  /* a record is a kilobyte or two decoded */
    UNKNOWN_SHELVES = 32, /* whoever guesses ids evicts only guesses */
    KEY_LEN = 32,
};

struct shelf {
    struct roster_entry *entry[SHELF_LEN]; /* NULL behind the last */
};

struct roster {
    struct store *store;
    const struct policy *policy;
    uint64_t generation; /* that the entries are of */
    bool fresh;          /* generation is set */
    struct costs costs;
    unsigned char key[KEY_LEN];
    struct shelf known[KNOWN_SHELVES];
    struct shelf unknown[UNKNOWN_SHELVES];
    char value[STORE_VALUE_MAX + 1];
};

static int refresh(struct roster *roster, struct errtext *why);
static struct roster_entry *fetch(struct roster *roster, const char *id,
                                  struct errtext *why);

int
roster_open(struct roster **roster, struct store *store,
            const struct policy *policy, struct errtext *why)
{
    struct roster *new = alloc_zero(1, sizeof(*new));

    new->store = store;
    new->policy = policy;
    if (crypto_random(new->key, sizeof(new->key), why) != 0) {
        roster_close(new);
        return -1;
    }
    *roster = new;
    return 0;
}

static void
entry_free(struct roster_entry *entry)
{
    if (entry == NULL)
        return;
    if (entry->proof != NULL)
        crypto_wipe(entry->proof,
                    entry->cl->n_secrets * sizeof(*entry->proof));
    free(entry->proof);
    keyset_close(entry->keys);
    client_free(entry->cl);
    free(entry->id);
    crypto_wipe(entry, sizeof(*entry));
    free(entry);
}

static void
clear(struct shelf *shelves, size_t n)
{
    size_t i, j;

    for (i = 0; i < n; i++) {
        for (j = 0; j < SHELF_LEN; j++) {
            entry_free(shelves[i].entry[j]);
            shelves[i].entry[j] = NULL;
        }
    }
}

static void
forget(struct roster *roster)
{
    clear(roster->known, KNOWN_SHELVES);
    clear(roster->unknown, UNKNOWN_SHELVES);
}

/* FNV-1a: spreads ids over the shelves. */
static uint32_t
hash(const char *id)
{
    uint32_t h = 2166136261u;

    for (; *id != '\0'; id++)
        h = (h ^ (unsigned char) *id) * 16777619u;
    return h;
}

/* Put an entry first; those before its old place, i, move up. */
static struct roster_entry *
put_first(struct shelf *shelf, size_t i, struct roster_entry *entry)
{
    memmove(shelf->entry + 1, shelf->entry, i * sizeof(entry));
    shelf->entry[0] = entry;
    return entry;
}

static struct roster_entry *
look(struct shelf *shelf, const char *id)
{
    size_t i;

    for (i = 0; i < SHELF_LEN && shelf->entry[i] != NULL; i++) {
        if (strcmp(shelf->entry[i]->id, id) == 0)
            return put_first(shelf, i, shelf->entry[i]);
    }
    return NULL;
}

struct roster_entry *
roster_find(struct roster *roster, const char *id, struct errtext *why)
{
    uint32_t h = hash(id);
    struct shelf *known = &roster->known[h % KNOWN_SHELVES];
    struct shelf *unknown = &roster->unknown[h % UNKNOWN_SHELVES], *shelf;
    struct roster_entry *entry;

    if (refresh(roster, why) != 0)
        return NULL;
    entry = look(known, id);
    if (entry == NULL)
        entry = look(unknown, id);
    if (entry != NULL)
        return entry;
    entry = fetch(roster, id, why);
    if (entry == NULL)
        return NULL;
    shelf = entry->cl != NULL ? known : unknown;
    entry_free(shelf->entry[SHELF_LEN - 1]);
    return put_first(shelf, SHELF_LEN - 1, entry);
}

/* Drop everything when the store may have changed. */
static int
refresh(struct roster *roster, struct errtext *why)
{
    uint64_t generation = store_generation(roster->store);
    size_t len;
    int rc;

    if (roster->fresh && roster->generation == generation)
        return 0;
    forget(roster);
    rc = store_get(roster->store, STORE_META, COSTS_NOTE, roster->value,
                   sizeof(roster->value), &len, why);
    if (rc < 0)
        return -1;
    costs_read(&roster->costs, rc == 1 ? roster->value : "");
    roster->generation = generation;
    roster->fresh = true;
    return 0;
}

/* Read the record; returns 1, 0 when there is none, or -1. */
static int
load(struct client **cl, struct roster *roster, const char *id,
     struct errtext *why)
{
    size_t len;
    int rc;

    rc = store_get(roster->store, STORE_CLIENTS, id, roster->value,
                   sizeof(roster->value), &len, why);
    if (rc != 1)
        return rc;
    rc = client_load(cl, roster->value, len, why);
    crypto_wipe(roster->value, len);
    if (rc == 0 && strcmp((*cl)->id, id) != 0) {
        client_free(*cl);
        *cl = NULL;
        rc = errtext_set(why, "client record: it is of another id than it "
                              "is stored under");
    }
    return rc == 0 ? 1 : -1;
}

static struct roster_entry *
fetch(struct roster *roster, const char *id, struct errtext *why)
{
    struct roster_entry *entry = alloc_zero(1, sizeof(*entry));

    entry->id = alloc_text(id);
    if (load(&entry->cl, roster, id, why) < 0) {
        entry_free(entry);
        return NULL;
    }
    if (entry->cl == NULL)
        return entry;
    grant_allowed(&entry->allowed, roster->policy, entry->cl);
    entry->proof = alloc_zero(entry->cl->n_secrets + 1, sizeof(*entry->proof));
    return entry;
}

const struct costs *
roster_costs(const struct roster *roster)
{
    return &roster->costs;
}

void
roster_digest(const struct roster *roster, const char *secret, size_t len,
              unsigned char digest[ROSTER_PROOF_LEN])
{
    unsigned char keyed[KEY_LEN + CRYPTO_SHA256_LEN];

    memcpy(keyed, roster->key, KEY_LEN);
    crypto_sha256(secret, len, keyed + KEY_LEN);
    crypto_sha256(keyed, sizeof(keyed), digest);
    crypto_wipe(keyed, sizeof(keyed));
}

void
roster_close(struct roster *roster)
{
    if (roster == NULL)
        return;
    forget(roster);
    crypto_wipe(roster, sizeof(*roster));
    free(roster);
}
