/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The revocation endpoint: one request from start to end.
 */

#include <string.h>

#include "active.h"
#include "core/jwe.h"
#include "intake.h"
#include "io/crypto.h"
#include "revocation.h"
#include "revoke.h"

static enum oauth_error revoke(struct service *service,
                               const struct intake *in, int64_t now,
                               struct audit *audit);
static void answer(struct reply *rp);

void
revoke_answer(struct service *service, struct request *rq, int64_t now,
              struct reply *rp, struct audit *audit)
{
    struct intake in;
    enum oauth_error rc;

    if ((rc = intake_token(&in, service, rq, now, audit)) == OAUTH_OK
        && (rc = revoke(service, &in, now, audit)) == OAUTH_OK)
        answer(rp);
    else
        intake_refuse(service, rc, audit, rp);
    audit->outcome = rc;
}

/* RFC 7009, 2.1: a token of another client is left alone. */
static enum oauth_error
revoke_active(struct service *service, const struct intake *in,
              const struct active *active, int64_t now, struct audit *audit)
{
    struct errtext *why = &audit->why;

    if (strcmp(active->client_id, in->caller) != 0) {
        errtext_set(why, "it is a token of the client %s", active->client_id);
        return OAUTH_OK;
    }
    if (revocation_token(service, active, now, why) != 0)
        return OAUTH_UNAVAILABLE;
    why->text[0] = '\0';
    audit->done = AUDIT_REVOKED;
    memcpy(audit->jti, active->jti, sizeof(audit->jti));
    return OAUTH_OK;
}

/* Not to be ignored: the client would believe that it is gone. */
static enum oauth_error
revoke(struct service *service, const struct intake *in, int64_t now,
       struct audit *audit)
{
    enum oauth_error rc = OAUTH_OK;
    struct errtext trouble;
    struct active active;
    int found;

    audit->done = AUDIT_IGNORED;
    if (jwe_looks_like(in->token->text, in->token->len)) {
        errtext_rule(&audit->why, RULE_TOKEN_ENCRYPTED,
                     "the token is encrypted: its resource can give the JWT "
                     "inside, or the administrator revoke all of the client");
        return OAUTH_UNSUPPORTED_TOKEN_TYPE;
    }
    found = active_find(service, in->token->text, in->token->len, now, &active,
                        &audit->why);
    if (found < 0)
        rc = OAUTH_UNAVAILABLE;
    if (found == 1)
        rc = revoke_active(service, in, &active, now, audit);
    crypto_wipe(&active, sizeof(active));
    /* A second time too: the first may not have come so far.  Else the log
     * says why the list is not up to date. */
    if (rc == OAUTH_OK && revocation_settle(service, now, &trouble) != 0)
        audit->why = trouble;
    return rc;
}

/* RFC 7009, 2.2: the same, whatever was done. */
static void
answer(struct reply *rp)
{
    memcpy(rp->buf, "{}", 2);
    reply_buf(rp, "application/json", 2);
}
