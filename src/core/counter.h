/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The keys of EXPIRING_COUNTERS (io/expiring.h), where records of several
 * kinds are beside each other.
 *
 * A key is its kind, a zero byte and a name, and behind another zero byte a
 * second name where the kind has one.
 *
 *   kind              names               the text that is there
 *
 *   COUNTER_BUDGET    client, period      core/tally.h: its tokens
 *   COUNTER_GUESS     network, client     core/tally.h: failures of the two
 *                     network             of the network, whichever client
 *                     (not a zero byte)   of what did not fail before
 *   COUNTER_USE       client, credential  where it was last used from
 *   COUNTER_REVOKED_CLIENT
 *                     client              the last second whose tokens are
 *                                         revoked, in decimal
 *   COUNTER_REVOKED_TOKEN
 *                     client, jti         the iat of the token
 *   COUNTER_MARK      ""                  of the last revocation: random, and
 *                                         written anew by every one of those
 *                                         that are for the list
 *   COUNTER_LIST      SHA-256 of a file   when the list there was made, of how
 *                                         many records, and of which mark
 */

#ifndef CORE_COUNTER_H
#define CORE_COUNTER_H

#include <stddef.h>

#include "core/client.h"

#define COUNTER_BUDGET "budget"
#define COUNTER_GUESS "guess"
#define COUNTER_USE "use"
#define COUNTER_REVOKED "revoked_" /* what the next two begin with */
#define COUNTER_REVOKED_CLIENT "revoked_client"
#define COUNTER_REVOKED_TOKEN "revoked_token"
#define COUNTER_MARK "revocation_mark"
#define COUNTER_LIST "revocation_list"

/* A kind, a client and what else there is. */
enum { COUNTER_KEY_MAX = CLIENT_ID_MAX + 81 };

struct counter_key {
    size_t len;
    char bytes[COUNTER_KEY_MAX]; /* terminated */
};

/* The key of that kind and names; second may be NULL.  One that would be too
 * long is cut: there is none such. */
struct counter_key counter_key(const char *kind, const char *first,
                               const char *second);

/*
 * Take a key of len bytes apart, which is terminated; the names are borrowed
 * from it.
 *
 * Returns 1, 0 when it has one name alone, with the second "", or -1 for a key
 * of another kind, or without a name.
 */
int counter_read(const char *key, size_t len, const char *kind,
                 const char **first, const char **second);

#endif /* CORE_COUNTER_H */
