/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The endpoint of its name.
 */

#include "intake.h"
#include "revoke.h"

void
revoke_answer(struct service *service, struct request *rq, int64_t now,
              struct reply *rp, struct audit *audit)
{
    (void) rq;
    (void) now;
    intake_refuse(service, OAUTH_NOT_FOUND, rp);
    audit->outcome = OAUTH_NOT_FOUND;
}
