/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Introspection (RFC 7662), plain or signed (RFC 9701).
 */

#ifndef INTROSPECT_H
#define INTROSPECT_H

#include <stdint.h>

#include "core/audit.h"
#include "core/reply.h"
#include "core/request.h"
#include "service.h"

/*
 * Answer one request.  The body is decoded in place.
 *
 * The caller authenticates as at the token endpoint.  It is told of a token
 * when its record has the permission, when it is the client of the token, or
 * when its id is one of the audiences.  Of everything else it hears
 * {"active":false} and nothing more (RFC 7662, 2.2).  With
 * Accept: application/token-introspection+jwt the same is said in a signed JWT
 * for that caller.
 *
 * *rp is always an answer; *audit says what became of the request.
 */
void introspect_answer(struct service *service, struct request *rq,
               int64_t now, struct reply *rp, struct audit *audit);

#endif /* INTROSPECT_H */
