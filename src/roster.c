/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Decoded client records.
 */

#include <stdlib.h>
#include <string.h>

#include "core/grant.h"
#include "io/crypto.h"
#include "roster.h"

enum {
    KNOWN_MAX = 1024,  /* entries; a record is a kilobyte or two decoded */
    UNKNOWN_MAX = 256, /* entries; whoever guesses ids evicts only guesses */
    KEY_LEN = 32,
};

struct roster {
    struct store *store;
    const struct policy *policy;
    uint64_t generation; /* that the entries are of */
    bool fresh;          /* generation is set */
    bool has_slow;
    unsigned char key[KEY_LEN];
    struct roster_entry *known[KNOWN_MAX];
    struct roster_entry *unknown[UNKNOWN_MAX];
    char value[STORE_VALUE_MAX + 1];
};

static int refresh(struct roster *roster, struct errtext *why);
static struct roster_entry *fetch(struct roster *roster, const char *id,
                                  struct errtext *why);

int
roster_open(struct roster **roster, struct store *store,
            const struct policy *policy, struct errtext *why)
{
    struct roster *new = calloc(1, sizeof(*new));

    if (new == NULL)
        abort();
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
    client_free(entry->cl);
    free(entry->id);
    crypto_wipe(entry, sizeof(*entry));
    free(entry);
}

static void
forget(struct roster *roster)
{
    size_t i;

    for (i = 0; i < KNOWN_MAX; i++) {
        entry_free(roster->known[i]);
        roster->known[i] = NULL;
    }
    for (i = 0; i < UNKNOWN_MAX; i++) {
        entry_free(roster->unknown[i]);
        roster->unknown[i] = NULL;
    }
}

/* FNV-1a: spreads ids over the tables; collisions only cost a look-up. */
static uint32_t
hash(const char *id)
{
    uint32_t h = 2166136261u;

    for (; *id != '\0'; id++)
        h = (h ^ (unsigned char) *id) * 16777619u;
    return h;
}

static bool
is_for(const struct roster_entry *entry, const char *id)
{
    return entry != NULL && strcmp(entry->id, id) == 0;
}

struct roster_entry *
roster_find(struct roster *roster, const char *id, struct errtext *why)
{
    uint32_t h = hash(id);
    struct roster_entry **known = &roster->known[h % KNOWN_MAX];
    struct roster_entry **unknown = &roster->unknown[h % UNKNOWN_MAX];
    struct roster_entry *entry, **place;

    if (refresh(roster, why) != 0)
        return NULL;
    if (is_for(*known, id))
        return *known;
    if (is_for(*unknown, id))
        return *unknown;
    entry = fetch(roster, id, why);
    if (entry == NULL)
        return NULL;
    place = entry->cl != NULL ? known : unknown;
    entry_free(*place);
    *place = entry;
    return entry;
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
    rc = store_get(roster->store, STORE_META, "slow_secrets", roster->value,
                   sizeof(roster->value), &len, why);
    if (rc < 0)
        return -1;
    roster->has_slow = rc == 1;
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
    struct roster_entry *entry = calloc(1, sizeof(*entry));

    if (entry == NULL || (entry->id = strdup(id)) == NULL)
        abort();
    if (load(&entry->cl, roster, id, why) < 0) {
        entry_free(entry);
        return NULL;
    }
    if (entry->cl == NULL)
        return entry;
    grant_allowed(&entry->allowed, roster->policy, entry->cl);
    entry->proof = calloc(entry->cl->n_secrets + 1, sizeof(*entry->proof));
    if (entry->proof == NULL)
        abort();
    return entry;
}

bool
roster_has_slow(const struct roster *roster)
{
    return roster->has_slow;
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
