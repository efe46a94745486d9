/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The token endpoint: one request from start to end.
 */

#include <stdio.h>
#include <string.h>

#include "auth.h"
#include "core/form.h"
#include "core/grant.h"
#include "io/crypto.h"
#include "mint.h"
#include "once.h"
#include "possession.h"
#include "token.h"

_Static_assert(MINT_TOKEN_MAX + GRANT_SCOPE_MAX + 128 <= REPLY_BUF_MAX,
               "every token fits in an answer");

/* What is at hand while one request is answered. */
struct token {
    struct service *service;
    int64_t now;
    struct form form;
    struct peer peer;
    struct auth auth;
    struct possession possession;
    struct grant grant;
    char jwt[MINT_TOKEN_MAX];
    struct audit *audit;
};

static enum oauth_error check_request(const struct request *rq,
                                      struct errtext *why);
static enum oauth_error read_form(struct token *t, struct request *rq);
static enum oauth_error find_peer(struct token *t, const struct request *rq);
static enum oauth_error authenticate(struct token *t,
                                     const struct request *rq);
static enum oauth_error check_grant_type(struct token *t);
static enum oauth_error check_possession(struct token *t,
                                         const struct request *rq);
static enum oauth_error decide(struct token *t);
static enum oauth_error use(struct token *t);
static enum oauth_error mint(struct token *t);
static void answer_token(struct token *t, struct reply *rp);
static void answer_error(struct token *t, enum oauth_error error,
                         struct reply *rp);

void
token_answer(struct service *service, struct request *rq, int64_t now,
             struct reply *rp, struct audit *audit)
{
    struct token t;
    enum oauth_error rc;

    t.service = service;
    t.now = now;
    t.audit = audit;
    t.possession.nonce[0] = '\0';
    if ((rc = check_request(rq, &audit->why)) == OAUTH_OK
        && (rc = read_form(&t, rq)) == OAUTH_OK
        && (rc = find_peer(&t, rq)) == OAUTH_OK
        && (rc = authenticate(&t, rq)) == OAUTH_OK
        && (rc = check_grant_type(&t)) == OAUTH_OK
        && (rc = check_possession(&t, rq)) == OAUTH_OK
        && (rc = decide(&t)) == OAUTH_OK && (rc = use(&t)) == OAUTH_OK
        && (rc = mint(&t)) == OAUTH_OK) {
        answer_token(&t, rp);
    } else {
        answer_error(&t, rc, rp);
    }
    snprintf(rp->dpop_nonce, sizeof(rp->dpop_nonce), "%s",
             t.possession.nonce);
    audit->outcome = rc;
}

static enum oauth_error
fail(struct errtext *why, enum oauth_error error, const char *reason)
{
    errtext_set(why, "%s", reason);
    return error;
}

static enum oauth_error
check_request(const struct request *rq, struct errtext *why)
{
    if (strcmp(rq->method, "POST") != 0)
        return fail(why, OAUTH_METHOD_NOT_ALLOWED,
                    "the method is not POST (RFC 6749, 3.2)");
    if (rq->fault == REQUEST_TOO_LARGE)
        return fail(why, OAUTH_TOO_LARGE, "the body is over limits.body");
    if (rq->fault == REQUEST_TIMEOUT)
        return fail(why, OAUTH_TIMEOUT, "the body did not arrive in time");
    if (rq->fault == REQUEST_DUPLICATE) {
        errtext_set(why, "%s came more than once", rq->repeated);
        return OAUTH_INVALID_REQUEST;
    }
    if (!form_is_type(rq->content_type))
        return fail(why, OAUTH_INVALID_REQUEST,
                    "the body is not application/x-www-form-urlencoded in "
                    "UTF-8 (RFC 6749, 4.4.2)");
    if (rq->fault == REQUEST_INCOMPLETE)
        return fail(why, OAUTH_INVALID_REQUEST,
                    "the body is not as long as its header said");
    return OAUTH_OK;
}

static enum oauth_error
read_form(struct token *t, struct request *rq)
{
    if (form_parse(&t->form, rq->body, rq->body_len, &t->audit->why) != 0)
        return OAUTH_INVALID_REQUEST;
    return OAUTH_OK;
}

static enum oauth_error
find_peer(struct token *t, const struct request *rq)
{
    return peer_find(&t->peer, t->service->policy, rq, &t->audit->why);
}

static enum oauth_error
authenticate(struct token *t, const struct request *rq)
{
    return auth_client(t->service, rq, &t->peer, &t->form, t->now, &t->auth,
                       t->audit);
}

static enum oauth_error
check_grant_type(struct token *t)
{
    const struct form_value *type = &t->form.value[FORM_GRANT_TYPE];

    if (type->len == 0)
        return fail(&t->audit->why, OAUTH_INVALID_REQUEST,
                    "grant_type is missing");
    if (strcmp(type->text, "client_credentials") != 0)
        return fail(&t->audit->why, OAUTH_UNSUPPORTED_GRANT_TYPE,
                    "grant_type is not client_credentials");
    return OAUTH_OK;
}

/* A demand for a nonce stops here, before anything is used up. */
static enum oauth_error
check_possession(struct token *t, const struct request *rq)
{
    return possession_check(t->service, t->auth.entry->cl, &t->peer, rq,
                            t->now, &t->possession, &t->audit->why);
}

static enum oauth_error
decide(struct token *t)
{
    /* What is not understood is never ignored: RFC 9396, 5. */
    if (t->form.value[FORM_AUTHORIZATION_DETAILS].len > 0)
        return fail(&t->audit->why, OAUTH_INVALID_DETAILS,
                    "authorization_details came, and the policy defines no "
                    "types of it");
    return grant_decide(&t->grant, t->service->policy, t->auth.entry->cl,
                        &t->auth.entry->allowed, &t->form, &t->audit->why);
}

/* Last: what is refused above burns no assertion and no proof. */
static enum oauth_error
use(struct token *t)
{
    return once_spend(t->service, &t->auth, &t->possession, t->now,
                      &t->audit->why);
}

static enum oauth_error
mint(struct token *t)
{
    unsigned char random[CLAIMS_JTI_LEN];

    if (crypto_random(random, sizeof(random), &t->audit->why) != 0
        || mint_jwt(t->service, t->auth.entry->cl->id, &t->grant,
                    &t->possession.binding, t->now, random, t->jwt,
                    t->audit->jti, &t->audit->why)
               != 0)
        return OAUTH_UNAVAILABLE;
    return OAUTH_OK;
}

/* The type says whether a proof must come with the token (RFC 9449, 5). */
static void
answer_token(struct token *t, struct reply *rp)
{
    reply_token(rp, t->jwt,
                t->possession.binding.jkt[0] != '\0' ? "DPoP" : "Bearer",
                t->grant.lifetime, t->grant.scope);
    snprintf(t->audit->scope, sizeof(t->audit->scope), "%s", t->grant.scope);
    crypto_wipe(t->jwt, strlen(t->jwt));
}

/* A 401 always carries the challenge (RFC 6749, 5.2; RFC 9110, 15.5.2). */
static void
answer_error(struct token *t, enum oauth_error error, struct reply *rp)
{
    reply_error(rp, error);
    if (error == OAUTH_INVALID_CLIENT)
        rp->challenge = t->service->challenge;
    if (error == OAUTH_METHOD_NOT_ALLOWED)
        rp->allow = "POST";
}
