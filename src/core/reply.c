/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * One HTTP answer.
 */

#include <string.h>

#include "core/reply.h"
#include "core/sbuf.h"

static const char json_type[] = "application/json;charset=UTF-8";

/* The reason phrases of the statuses in use (RFC 9110, 15). */
static const char *
phrase(int status)
{
    switch (status) {
    case 200:
        return "OK";
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 408:
        return "Request Timeout";
    case 413:
        return "Content Too Large";
    case 429:
        return "Too Many Requests";
    default:
        return "Service Unavailable";
    }
}

static void
start(struct reply *rp, int status)
{
    rp->status = status;
    rp->content_type = json_type;
    rp->challenge = NULL;
    rp->allow = NULL;
    rp->cacheable = false;
    rp->retry_after = 0;
    rp->is_pending = false;
    rp->dpop_nonce[0] = '\0';
    rp->body = rp->buf;
    rp->len = 0;
}

void
reply_error(struct reply *rp, enum oauth_error error)
{
    struct sbuf sb;

    start(rp, oauth_status(error));
    sbuf_init(&sb, rp->buf, sizeof(rp->buf));
    sbuf_add(&sb, "{\"error\":\"");
    sbuf_add(&sb, oauth_name(error));
    sbuf_add(&sb, "\",\"error_description\":\"");
    sbuf_add(&sb, oauth_description(error));
    sbuf_add(&sb, "\"}");
    rp->len = sb.len;
    if (error == OAUTH_UNAVAILABLE)
        rp->retry_after = 5;
}

void
reply_token(struct reply *rp, const char *token, const char *type,
            int64_t expires_in, const char *scope, const char *details)
{
    struct sbuf sb;

    start(rp, 200);
    sbuf_init(&sb, rp->buf, sizeof(rp->buf));
    sbuf_add(&sb, "{\"access_token\":\"");
    sbuf_add(&sb, token);
    sbuf_add(&sb, "\",\"token_type\":\"");
    sbuf_add(&sb, type);
    sbuf_add(&sb, "\",\"expires_in\":");
    sbuf_add_int(&sb, expires_in);
    if (scope[0] != '\0') {
        sbuf_add(&sb, ",\"scope\":\"");
        sbuf_add(&sb, scope);
        sbuf_add(&sb, "\"");
    }
    if (details[0] != '\0') {
        sbuf_add(&sb, ",\"authorization_details\":");
        sbuf_add(&sb, details);
    }
    sbuf_add(&sb, "}");
    rp->len = sb.len;
    if (sb.overflow)
        reply_error(rp, OAUTH_UNAVAILABLE);
}

void
reply_buf(struct reply *rp, const char *content_type, size_t len)
{
    start(rp, 200);
    rp->content_type = content_type;
    rp->len = len;
}

void
reply_document(struct reply *rp, const char *body, size_t len)
{
    start(rp, 200);
    rp->content_type = "application/json";
    rp->cacheable = true;
    rp->body = body;
    rp->len = len;
}

static void
add_header(struct sbuf *sb, const char *name, const char *value)
{
    sbuf_add(sb, name);
    sbuf_add(sb, ": ");
    sbuf_add(sb, value);
    sbuf_add(sb, "\r\n");
}

static void
add_number(struct sbuf *sb, const char *name, int64_t value)
{
    sbuf_add(sb, name);
    sbuf_add(sb, ": ");
    sbuf_add_int(sb, value);
    sbuf_add(sb, "\r\n");
}

size_t
reply_head(const struct reply *rp, char head[REPLY_HEAD_MAX])
{
    struct sbuf sb;

    sbuf_init(&sb, head, REPLY_HEAD_MAX);
    sbuf_add(&sb, "Status: ");
    sbuf_add_int(&sb, rp->status);
    sbuf_add(&sb, " ");
    sbuf_add(&sb, phrase(rp->status));
    sbuf_add(&sb, "\r\n");
    add_header(&sb, "Content-Type", rp->content_type);
    add_number(&sb, "Content-Length", (int64_t) rp->len);
    if (rp->cacheable) {
        add_header(&sb, "Cache-Control", "public, max-age=300");
    } else {
        add_header(&sb, "Cache-Control", "no-store");
        add_header(&sb, "Pragma", "no-cache");
    }
    add_header(&sb, "X-Content-Type-Options", "nosniff");
    if (rp->challenge != NULL)
        add_header(&sb, "WWW-Authenticate", rp->challenge);
    if (rp->allow != NULL)
        add_header(&sb, "Allow", rp->allow);
    if (rp->dpop_nonce[0] != '\0')
        add_header(&sb, "DPoP-Nonce", rp->dpop_nonce);
    if (rp->retry_after > 0)
        add_number(&sb, "Retry-After", rp->retry_after);
    sbuf_add(&sb, "\r\n");
    return sb.len;
}
