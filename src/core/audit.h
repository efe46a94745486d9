/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What the operator's log says of one request.
 */

#ifndef CORE_AUDIT_H
#define CORE_AUDIT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/client.h"
#include "core/errtext.h"
#include "core/oauth.h"
#include "core/sbuf.h"

enum { AUDIT_JTI_MAX = 32, AUDIT_SCOPE_MAX = 4096, AUDIT_LINE_MAX = 8192 };

/* All of it may be logged: no secret, no token. */
struct audit {
    const char *endpoint;              /* static text */
    enum oauth_error outcome;          /* what the client was told */
    char client_id[CLIENT_ID_MAX + 1]; /* as presented, cut; "" for none */
    const char *from;                  /* address of the caller, borrowed */
    char jti[AUDIT_JTI_MAX];           /* of the token issued, or "" */
    char scope[AUDIT_SCOPE_MAX];       /* of the token issued, or "" */
    struct errtext why;                /* the reason of a refusal */
};

/*
 * Add the line: logfmt, or JSON.  when is put first unless it is 0, for logs
 * that have no clock of their own.
 */
void audit_line(struct sbuf *sb, const struct audit *audit, bool json,
                int64_t when);

#endif /* CORE_AUDIT_H */
