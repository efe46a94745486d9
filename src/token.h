/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The token endpoint (RFC 6749, 3.2) with the client-credentials grant (4.4).
 */

#ifndef TOKEN_H
#define TOKEN_H

#include <stdint.h>

#include "core/audit.h"
#include "core/reply.h"
#include "core/request.h"
#include "service.h"

/*
 * Answer one request.  The body is decoded in place.
 *
 * *rp is always an answer; *audit says what became of the request.
 */
void token_answer(struct service *service, struct request *rq, int64_t now,
                  struct reply *rp, struct audit *audit);

#endif /* TOKEN_H */
