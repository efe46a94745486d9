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
 * audit->why says which it was, audit->client_id who it claimed to be.
 *
 * Returns OAUTH_OK with *auth; OAUTH_INVALID_CLIENT or OAUTH_INVALID_REQUEST;
 * or OAUTH_UNAVAILABLE when the store cannot be read, or the keys of the
 * client cannot be had.
 */
enum oauth_error auth_client(struct service *service, const struct request *rq,
                             const struct peer *peer, const struct form *form,
                             int64_t now, struct auth *auth,
                             struct audit *audit);

#endif /* AUTH_H */
