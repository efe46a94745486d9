/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Client authentication (RFC 6749, 2.3), for every endpoint that wants it.
 */

#ifndef AUTH_H
#define AUTH_H

#include <stdint.h>

#include "core/audit.h"
#include "core/form.h"
#include "core/oauth.h"
#include "core/request.h"
#include "roster.h"
#include "service.h"

/*
 * Authenticate the client of the request by exactly one mechanism, the one
 * its record names, from a network it may come from.
 *
 * An unknown client, a wrong secret, another method, a disabled or expired
 * client and a wrong network are one answer and one duration; audit->why says
 * which it was, audit->client_id who it claimed to be.
 *
 * Returns OAUTH_OK with *entry, borrowed until the next call; OAUTH_
 * INVALID_CLIENT or OAUTH_INVALID_REQUEST; or OAUTH_UNAVAILABLE when the
 * store cannot be read.
 */
enum oauth_error auth_client(struct service *service, const struct request *rq,
                             const struct form *form, int64_t now,
                             struct roster_entry **entry,
                             struct audit *audit);

#endif /* AUTH_H */
