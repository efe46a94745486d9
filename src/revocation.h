/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Revoking access tokens, and the signed list of those that were, for resource
 * servers that verify JWTs by themselves.
 */

#ifndef REVOCATION_H
#define REVOCATION_H

#include <stdint.h>

#include "active.h"
#include "core/errtext.h"
#include "service.h"

/* What STORE_META names the time by which all older tokens are revoked. */
#define REVOCATION_ALL_META "revoked_until"

/*
 * What the list is made of is in EXPIRING_COUNTERS (core/counter.h), each as
 * long as such a token can be there; that of a client as long as under any
 * policy, since that of today may not be the one by which they were issued.
 */
enum {
    REVOCATION_SKEW = 60, /* seconds by which the clock of a resource server
                             may be behind */
    REVOCATION_KEPT = 31536000, /* seconds: no policy allows a longer life */
};

/*
 * Revoke one token, durably: every process finds it inactive at its next look.
 * A second time changes nothing.  The list is the caller's to write.
 *
 * Returns 0, or -1 with the reason in *why when nothing was done.
 */
int revocation_token(struct service *service, const struct active *active,
                     int64_t now, struct errtext *why);

/*
 * Have all tokens of a client up to and in the second until on the list, when
 * it is written next.  The record of the client, by which introspection
 * answers, is the caller's to change.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int revocation_client(struct service *service, const char *client_id,
                      int64_t until, int64_t now, struct errtext *why);

/*
 * Revoke all tokens of all clients up to and in the second until.  Nothing
 * lowers it again.
 *
 * Returns 1, 0 when that was so before, or -1 with the reason in *why.
 */
int revocation_all(struct service *service, int64_t until,
                   struct errtext *why);

/*
 * Write the signed list to the file that the policy names, if it names one:
 * atomically, all that is revoked when this is called, never an older list
 * over a newer one.  Waits for others who do the same: for commands.  When it
 * fails, and when the process is killed, those below try again.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int revocation_publish(struct service *service, int64_t now,
                       struct errtext *why);

/*
 * The same when the list lacks what was revoked, by whomever: for workers.
 * Does not wait for long.  Where many tokens are revoked, or another is at it,
 * it is left to revocation_refresh(), which looks at once.
 *
 * Returns as revocation_publish() does; 0 when it was left, too.
 */
int revocation_settle(struct service *service, int64_t now,
                      struct errtext *why);

/*
 * The same when the list lacks what was revoked, or has lived for half of its
 * life; costs nothing but once in a while.  For what happens in passing.
 *
 * Returns as revocation_publish() does.
 */
int revocation_refresh(struct service *service, int64_t now,
                       struct errtext *why);

#endif /* REVOCATION_H */
