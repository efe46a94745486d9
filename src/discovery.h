/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What anybody may read: metadata (RFC 8414), the JWK Set (RFC 7517, 5) and
 * whether a token could be issued now.
 */

#ifndef DISCOVERY_H
#define DISCOVERY_H

#include <stdint.h>

#include "core/audit.h"
#include "core/reply.h"
#include "core/request.h"
#include "core/route.h"
#include "service.h"

/*
 * Answer GET and HEAD for ENDPOINT_METADATA, ENDPOINT_KEYS and
 * ENDPOINT_HEALTH; OAUTH_NOT_FOUND for any other.  A request with
 * REQUEST_DUPLICATE is OAUTH_INVALID_REQUEST; what else is wrong with its body
 * does not matter.
 */
void discovery_answer(struct service *service, enum endpoint endpoint,
                      const struct request *rq, int64_t now, struct reply *rp,
                      struct audit *audit);

#endif /* DISCOVERY_H */
