/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Client authentication (RFC 6749, 2.3), for every endpoint that wants it.
 */

#ifndef AUTH_H
#define AUTH_H

#include <stdbool.h>
#include <stdint.h>

#include "core/audit.h"
#include "core/form.h"
#include "core/oauth.h"
#include "core/request.h"
#include "peer.h"
#include "roster.h"
#include "service.h"

/* Who was authenticated, and what is to be recorded of it. */
struct auth {
    struct roster_entry *entry; /* borrowed until the next auth_client() */
    char credential[CRED_ID_MAX]; /* which of the client's it was, or "" */
    bool is_once;               /* by an assertion, for one use */
    struct expiring_use use;    /* what names that use */
};

/*
 * Authenticate the client of the request by exactly one mechanism, the one
 * its record names, from a network it may come from.  peer is the certificate
 * of the connection: client_id alone and a certificate are a mechanism too
 * (RFC 8705, 2); beside a secret or an assertion it authenticates nobody.
 *
 * An unknown client, a wrong secret or signature, another method, a disabled
 * or expired client and a wrong network are one answer and one duration;
 * audit->why says which it was, audit->client_id who it claimed to be.  Of
 * assertions two things show.  One without a kid is tried with each key of the
 * client that its algorithm can be for, and with one key for nobody.  And a
 * key on P-256 that a process made faster, since it is used much (warm.h),
 * finds a bad signature some 25 microseconds sooner: the time can tell that a
 * client is there and busy, but nothing of what is secret.
 *
 * Who failed too often with shared secrets waits: see guess.h.
 *
 * Returns OAUTH_OK with *auth; OAUTH_INVALID_CLIENT or
 * OAUTH_INVALID_REQUEST; OAUTH_TOO_MANY with audit->retry_after; or
 * OAUTH_UNAVAILABLE when the store cannot be read, or the keys of the client
 * cannot be had.
 */
enum oauth_error auth_client(struct service *service, const struct request *rq,
                             const struct peer *peer, const struct form *form,
                             int64_t now, struct auth *auth,
                             struct audit *audit);

/*
 * Whether a client may authenticate in that way: as its record says, and as
 * its profile allows.  Either way of certificates is the other: the record
 * says what is looked at.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int auth_fits(const struct client *cl, const struct policy *policy,
              enum client_auth way, struct errtext *why);

/*
 * Whether a client that proved itself is refused all the same: disabled,
 * expired, from a network that it, or no client of the policy, may come from.
 *
 * Returns 0, or -1 with the reason in *why, which may be NULL.
 */
int auth_object(const struct service *service, const struct client *cl,
                const struct request *rq, int64_t now, struct errtext *why);

#endif /* AUTH_H */
