/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Decoded client records, kept as long as the store has not changed.
 *
 * Unknown ids are kept too, apart, so that asking twice for one takes the
 * same time as for a client that exists.
 */

#ifndef ROSTER_H
#define ROSTER_H

#include <stdbool.h>

#include "core/client.h"
#include "core/errtext.h"
#include "core/scope.h"
#include "costs.h"
#include "io/store.h"

enum {
    ROSTER_PROOF_LEN = 32,
    ROSTER_MARKS_MAX = 8, /* credentials of one client that are used at once */
};

/* That a slow secret was checked and was right. */
struct roster_proof {
    bool set;
    unsigned char digest[ROSTER_PROOF_LEN]; /* roster_digest() of it */
};

/* When the use of a credential was last known to be recorded: lastuse.c. */
struct roster_mark {
    char credential[CRED_ID_MAX]; /* or "" */
    int64_t noted;
};

/* Borrowed: valid until roster_find() is called again. */
struct roster_entry {
    char *id;
    struct client *cl;          /* NULL: there is no such client */
    struct scope_set allowed;   /* grant_allowed() of it */
    struct roster_proof *proof; /* one for each of cl->secrets, or NULL */
    struct keyset *keys;        /* of its assertions, once wanted, or NULL */
    int64_t keys_fetched;       /* when those of its jwks_uri came, or 0 */
    int64_t keys_due;           /* when to ask the store again for newer */
    int64_t keys_missed;        /* when a key was last asked for in vain */
    struct roster_mark marks[ROSTER_MARKS_MAX]; /* the last used first */
};

struct roster;

/*
 * Returns 0 with *roster, which the caller closes with roster_close(), or -1
 * with the reason in *why.  store and policy are borrowed.
 */
int roster_open(struct roster **roster, struct store *store,
                const struct policy *policy, struct errtext *why);

/*
 * Find the entry of an id, an unknown one's included.
 *
 * Returns the entry, or NULL with the reason in *why when the store or the
 * record cannot be read.
 */
struct roster_entry *roster_find(struct roster *roster, const char *id,
                                 struct errtext *why);

/*
 * What slow work any client's secrets want: every failed check does all of
 * it.
 */
const struct costs *roster_costs(const struct roster *roster);

/* Digest a presented secret under this process's own random key. */
void roster_digest(const struct roster *roster, const char *secret,
                   size_t len, unsigned char digest[ROSTER_PROOF_LEN]);

/* NULL is allowed. */
void roster_close(struct roster *roster);

#endif /* ROSTER_H */
