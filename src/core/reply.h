/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * One HTTP answer, built here and written by the adapter.
 */

#ifndef CORE_REPLY_H
#define CORE_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/oauth.h"

enum {
    REPLY_NONCE_MAX = 64,
    REPLY_HEAD_MAX = 1024, /* every header line that reply_head can write */
    REPLY_BUF_MAX = 45056, /* a token answer; larger bodies are borrowed */
};

struct reply {
    int status;               /* HTTP status */
    const char *content_type; /* static text */
    const char *challenge;    /* WWW-Authenticate, or NULL */
    const char *allow;        /* Allow, or NULL */
    bool cacheable;           /* public documents; all else is no-store */
    int retry_after;          /* seconds, or 0 for no header */
    bool is_pending;          /* its record is to be on the disk first */
    char dpop_nonce[REPLY_NONCE_MAX]; /* DPoP-Nonce, or "" */
    const char *body;         /* buf, or borrowed until the next request */
    size_t len;               /* bytes of body */
    char buf[REPLY_BUF_MAX];  /* wiped by the responder after writing */
};

/*
 * An answer to an error, by oauth.h's table (RFC 6749, 5.2).  With
 * OAUTH_TOO_MANY the caller sets retry_after.
 */
void reply_error(struct reply *rp, enum oauth_error error);

/*
 * A token answer (RFC 6749, 5.1).  type is "Bearer" or "DPoP"; expires_in is
 * in seconds; an empty scope gives no member, nor do empty details, which are
 * JSON text (RFC 9396, 7).  A token that does not fit in
 * the buffer becomes OAUTH_UNAVAILABLE.
 */
void reply_token(struct reply *rp, const char *token, const char *type,
                 int64_t expires_in, const char *scope, const char *details);

/*
 * An answer that nobody stores: len bytes that the caller has written to
 * rp->buf.  content_type is static text.
 */
void reply_buf(struct reply *rp, const char *content_type, size_t len);

/* A public JSON document, cacheable for a short time.  body is borrowed. */
void reply_document(struct reply *rp, const char *body, size_t len);

/*
 * Write the header block, Status line first and the empty line last
 * (RFC 3875, 6), to head.
 *
 * Returns its length in bytes.
 */
size_t reply_head(const struct reply *rp, char head[REPLY_HEAD_MAX]);

#endif /* CORE_REPLY_H */
