/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What the endpoints that take a form begin and end with alike.
 */

#include <stdio.h>
#include <string.h>

#include "intake.h"
#include "once.h"

static enum oauth_error
fail(struct errtext *why, enum oauth_error error, enum rule rule,
     const char *reason)
{
    errtext_rule(why, rule, "%s", reason);
    return error;
}

static enum oauth_error
check_request(const struct request *rq, struct errtext *why)
{
    if (strcmp(rq->method, "POST") != 0)
        return fail(why, OAUTH_METHOD_NOT_ALLOWED, RULE_REQUEST_METHOD,
                    "the method is not POST (RFC 6749, 3.2)");
    if (rq->fault == REQUEST_TOO_LARGE)
        return fail(why, OAUTH_TOO_LARGE, RULE_REQUEST_LENGTH,
                    "the body is over limits.body");
    if (rq->fault == REQUEST_TIMEOUT)
        return fail(why, OAUTH_TIMEOUT, RULE_REQUEST_TIME,
                    "the body did not arrive in time");
    if (rq->fault == REQUEST_DUPLICATE) {
        errtext_rule(why, RULE_REQUEST_HEADER, "%s came more than once",
                     rq->repeated);
        return OAUTH_INVALID_REQUEST;
    }
    if (!form_is_type(rq->content_type))
        return fail(why, OAUTH_INVALID_REQUEST, RULE_REQUEST_TYPE,
                    "the body is not application/x-www-form-urlencoded in "
                    "UTF-8 (RFC 6749, 4.4.2)");
    if (rq->fault == REQUEST_INCOMPLETE)
        return fail(why, OAUTH_INVALID_REQUEST, RULE_REQUEST_BODY,
                    "the body is not as long as its header said");
    return OAUTH_OK;
}

enum oauth_error
intake_form(struct form *form, struct request *rq, struct errtext *why)
{
    enum oauth_error rc = check_request(rq, why);

    if (rc != OAUTH_OK)
        return rc;
    if (form_parse(form, rq->body, rq->body_len, why) == 0)
        return OAUTH_OK;
    errtext_under(why, RULE_REQUEST_FORM);
    return OAUTH_INVALID_REQUEST;
}

/* Later look-ups take the entry away: what is needed of it is copied. */
static void
note_caller(struct intake *in)
{
    const struct client *cl = in->auth.entry->cl;

    snprintf(in->caller, sizeof(in->caller), "%s", cl->id);
    in->permissions = cl->permissions;
}

enum oauth_error
intake_token(struct intake *in, struct service *service, struct request *rq,
             int64_t now, struct audit *audit)
{
    enum oauth_error rc;

    if ((rc = intake_form(&in->form, rq, &audit->why)) != OAUTH_OK
        || (rc = peer_find(&in->peer, service->policy, rq, &audit->why))
               != OAUTH_OK
        || (rc = auth_client(service, rq, &in->peer, &in->form, now,
                             &in->auth, audit))
               != OAUTH_OK)
        return rc;
    note_caller(in);
    in->token = &in->form.value[FORM_TOKEN];
    if (in->token->len == 0)
        return fail(&audit->why, OAUTH_INVALID_REQUEST, RULE_REQUEST_TOKEN,
                    "token is missing");
    return once_spend(service, &in->auth, NULL, NULL, now, audit);
}

void
intake_refuse(const struct service *service, enum oauth_error error,
              const struct audit *audit, struct reply *rp)
{
    reply_error(rp, error);
    if (audit->retry_after > 0)
        rp->retry_after = audit->retry_after;
    if (error == OAUTH_INVALID_CLIENT)
        rp->challenge = service->challenge;
    if (error == OAUTH_METHOD_NOT_ALLOWED)
        rp->allow = "POST";
}
