/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Revocation (RFC 7009).
 */

#ifndef REVOKE_H
#define REVOKE_H

#include <stdint.h>

#include "core/audit.h"
#include "core/reply.h"
#include "core/request.h"
#include "service.h"

/*
 * Answer one request.  The body is decoded in place.
 *
 * The caller authenticates as at the token endpoint.  A token of its own is
 * revoked, durably, before the answer is made.  The answer to everything else,
 * a token of another client among it, is the same 200 (RFC 7009, 2.2).
 *
 * *rp is always an answer; *audit says what became of the request.
 */
void revoke_answer(struct service *service, struct request *rq,
               int64_t now, struct reply *rp, struct audit *audit);

#endif /* REVOKE_H */
