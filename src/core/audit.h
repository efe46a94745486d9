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

/* What a request that was answered without an error did. */
enum audit_done {
    AUDIT_NOTHING = 0, /* what is worth a line */
    AUDIT_ISSUED,      /* a token */
    AUDIT_REUSED,      /* a token that was issued before */
    AUDIT_REVOKED,     /* a token; why, unless "", is what else went wrong */
    AUDIT_IGNORED,     /* the wish to revoke a token, for the reason in why */
};

/* All of it may be logged: no secret, no token. */
struct audit {
    const char *endpoint;              /* static text */
    enum oauth_error outcome;          /* what the client was told */
    enum audit_done done;              /* with OAUTH_OK */
    char client_id[CLIENT_ID_MAX + 1]; /* as presented, cut; "" for none */
    const char *from;                  /* address of the caller, borrowed */
    char jti[AUDIT_JTI_MAX]; /* of the token issued or revoked, or "" */
    char scope[AUDIT_SCOPE_MAX];       /* of the token issued, or "" */
    int retry_after; /* seconds: what the client was told with
                        OAUTH_TOO_MANY */
    unsigned compat; /* bits of enum client_compat: what mattered */
    struct errtext why; /* the reason of a refusal, with its rule, or of doing
                           nothing */
};

/*
 * Add the line: logfmt, or JSON.  when is put first unless it is 0, for logs
 * that have no clock of their own.
 */
void audit_line(struct sbuf *sb, const struct audit *audit, bool json,
                int64_t when);

/*
 * Add a line of the same form of what was no request: a name for it, static
 * text, and what there is to tell.
 */
void audit_event(struct sbuf *sb, const char *event, const char *reason,
                 bool json, int64_t when);

#endif /* CORE_AUDIT_H */
