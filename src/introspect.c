/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The introspection endpoint: one request from start to end.
 */

#include <string.h>

#include "active.h"
#include "core/introspection.h"
#include "intake.h"
#include "introspect.h"
#include "io/crypto.h"
#include "mint.h"

_Static_assert(INTROSPECTION_JWT_MAX / 3 * 4 + CLAIMS_HEADER_MAX * 2
                       + JOSE_SIG_MAX * 2
                   <= REPLY_BUF_MAX,
               "every signed answer fits");

/* What is at hand while one request is answered. */
struct introspect {
    struct service *service;
    int64_t now;
    struct intake in;
    bool is_told; /* what there is in active */
    struct active active;
    struct audit *audit;
};

static enum oauth_error read_request(struct introspect *i,
                                     struct request *rq);
static enum oauth_error find(struct introspect *i);
static enum oauth_error answer(struct introspect *i, const struct request *rq,
                               struct reply *rp);

void
introspect_answer(struct service *service, struct request *rq, int64_t now,
                  struct reply *rp, struct audit *audit)
{
    struct introspect i;
    enum oauth_error rc;

    i.service = service;
    i.now = now;
    i.audit = audit;
    if ((rc = read_request(&i, rq)) != OAUTH_OK || (rc = find(&i)) != OAUTH_OK
        || (rc = answer(&i, rq, rp)) != OAUTH_OK)
        intake_refuse(service, rc, audit, rp);
    audit->outcome = rc;
}

static enum oauth_error
read_request(struct introspect *i, struct request *rq)
{
    return intake_token(&i->in, i->service, rq, i->now, i->audit);
}

static bool
is_allowed(const struct introspect *i)
{
    const char *caller = i->in.caller;

    return (i->in.permissions & PERMIT_INTROSPECT) != 0
           || strcmp(i->active.client_id, caller) == 0
           || active_is_for(&i->active, caller);
}

static enum oauth_error
find(struct introspect *i)
{
    int rc = active_find(i->service, i->in.token->text, i->in.token->len,
                         i->now, &i->active, &i->audit->why);

    i->is_told = rc == 1 && is_allowed(i);
    return rc < 0 ? OAUTH_UNAVAILABLE : OAUTH_OK;
}

/* RFC 9701, 5.  The key is the one of access tokens, its typ another. */
static enum oauth_error
sign(struct introspect *i, const struct sbuf *said, struct reply *rp)
{
    const struct policy *policy = i->service->policy;
    char claims[INTROSPECTION_JWT_MAX];
    struct sbuf sb;
    size_t len;

    sbuf_init(&sb, claims, sizeof(claims));
    introspection_add_claims(&sb, policy->issuer, i->in.caller, i->now, said);
    if (mint_statement(i->service, INTROSPECTION_TYP, policy->token.alg,
                       claims, sb.len, i->now, rp->buf, sizeof(rp->buf), &len,
                       &i->audit->why)
        != 0)
        return OAUTH_UNAVAILABLE;
    reply_buf(rp, INTROSPECTION_TYPE, len);
    return OAUTH_OK;
}

static enum oauth_error
answer(struct introspect *i, const struct request *rq, struct reply *rp)
{
    char text[INTROSPECTION_MAX];
    struct sbuf sb;

    sbuf_init(&sb, text, sizeof(text));
    if (i->is_told)
        introspection_add_active(&sb, i->active.claims, i->active.claims_len,
                                 i->active.is_dpop);
    else
        introspection_add_inactive(&sb);
    crypto_wipe(&i->active, sizeof(i->active));
    if (introspection_wants_jwt(rq->accept))
        return sign(i, &sb, rp);
    memcpy(rp->buf, text, sb.len);
    reply_buf(rp, "application/json", sb.len);
    return OAUTH_OK;
}
