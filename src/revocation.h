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
 * Revoke one token, durably: every process finds it inactive at its next look.
 * A second time changes nothing.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int revocation_token(struct service *service, const struct active *active,
                     int64_t now, struct errtext *why);

/*
 * Write the signed list to the file that the policy names, if it names one:
 * atomically, all that is revoked when this is called, never an older list
 * over a newer one.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int revocation_publish(struct service *service, int64_t now,
                       struct errtext *why);

/*
 * The same when the present list has lived for half of its life; costs a
 * stat() at most.  For what happens in passing.
 *
 * Returns as revocation_publish() does.
 */
int revocation_refresh(struct service *service, int64_t now,
                       struct errtext *why);

#endif /* REVOCATION_H */
