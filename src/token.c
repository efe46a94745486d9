/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The token endpoint: one request from start to end.
 */

#include <stdio.h>
#include <string.h>

#include "active.h"
#include "auth.h"
#include "core/form.h"
#include "core/grant.h"
#include "group.h"
#include "intake.h"
#include "io/crypto.h"
#include "mint.h"
#include "once.h"
#include "possession.h"
#include "reuse.h"
#include "token.h"

enum { NEXT_SECOND = 1 };

_Static_assert(MINT_TOKEN_MAX + GRANT_SCOPE_MAX + DETAILS_MAX + 160
                   <= REPLY_BUF_MAX,
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
    uint64_t generation; /* of the store, at the beginning */
    struct reuse_key same;
    bool is_again; /* a token that was given before */
    unsigned char random[MINT_RANDOM_LEN];
    struct mint_opaque opaque;
    char jwt[MINT_TOKEN_MAX]; /* or any token that was given before */
    struct audit *audit;
};

static enum oauth_error read_form(struct token *t, struct request *rq);
static enum oauth_error find_peer(struct token *t, const struct request *rq);
static enum oauth_error authenticate(struct token *t,
                                     const struct request *rq);
static enum oauth_error check_grant_type(struct token *t);
static enum oauth_error check_possession(struct token *t,
                                         const struct request *rq);
static enum oauth_error decide(struct token *t);
static enum oauth_error check_second(struct token *t);
static enum oauth_error look_back(struct token *t);
static enum oauth_error prepare(struct token *t);
static enum oauth_error use(struct token *t);
static enum oauth_error sign(struct token *t);
static void answer_token(struct token *t, struct reply *rp);
static void refuse(struct token *t, enum oauth_error error,
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
    t.generation = store_generation(service->store);
    t.is_again = false;
    t.possession.nonce[0] = '\0';
    t.opaque.text[0] = t.jwt[0] = '\0';
    if ((rc = read_form(&t, rq)) == OAUTH_OK
        && (rc = find_peer(&t, rq)) == OAUTH_OK
        && (rc = authenticate(&t, rq)) == OAUTH_OK
        && (rc = check_grant_type(&t)) == OAUTH_OK
        && (rc = check_possession(&t, rq)) == OAUTH_OK
        && (rc = decide(&t)) == OAUTH_OK
        && (rc = check_second(&t)) == OAUTH_OK
        && (rc = look_back(&t)) == OAUTH_OK
        && (rc = prepare(&t)) == OAUTH_OK && (rc = use(&t)) == OAUTH_OK
        && (rc = sign(&t)) == OAUTH_OK)
        answer_token(&t, rp);
    else
        refuse(&t, rc, rp);
    crypto_wipe(t.opaque.text, sizeof(t.opaque.text));
    crypto_wipe(t.jwt, strlen(t.jwt));
    crypto_wipe(t.random, sizeof(t.random)); /* the token, in other words */
    snprintf(rp->dpop_nonce, sizeof(rp->dpop_nonce), "%s",
             t.possession.nonce);
    audit->outcome = rc;
}

/* What was prepared is no token. */
static void
refuse(struct token *t, enum oauth_error error, struct reply *rp)
{
    t->audit->jti[0] = '\0';
    intake_refuse(t->service, error, t->audit, rp);
}

static enum oauth_error
read_form(struct token *t, struct request *rq)
{
    return intake_form(&t->form, rq, &t->audit->why);
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
    return grant_check_type(&t->form, &t->audit->why);
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
    return grant_decide(&t->grant, t->service->policy, t->auth.entry->cl,
                        &t->auth.entry->allowed, &t->form, &t->audit->why);
}

/* Nobody gets a token that is revoked already, as long as its second lasts. */
static enum oauth_error
check_second(struct token *t)
{
    int rc = active_would_be(t->service, t->auth.entry->cl, t->now,
                             &t->audit->why);

    if (rc == 1)
        return OAUTH_OK;
    if (rc == 0)
        t->audit->retry_after = NEXT_SECOND;
    errtext_under(&t->audit->why,
                  rc == 0 ? RULE_TOKEN_SECOND : RULE_SERVER_STORE);
    return OAUTH_UNAVAILABLE;
}

/* A token that was given before costs no budget. */
static enum oauth_error
look_back(struct token *t)
{
    const struct client *cl = t->auth.entry->cl;
    struct reuse_token token = {.text = t->jwt};
    int rc;

    if (cl->reuse == 0)
        return OAUTH_OK;
    reuse_key(&t->same, t->service, cl->id, &t->grant,
              &t->possession.binding, t->now);
    rc = reuse_find(t->service, &t->same, t->generation, cl->reuse, t->now,
                    &token, &t->audit->why);
    if (rc < 0) {
        errtext_under(&t->audit->why, RULE_SERVER_STORE);
        return OAUTH_UNAVAILABLE;
    }
    t->is_again = rc == 1;
    if (t->is_again) {
        t->grant.lifetime = token.expires - t->now;
        memcpy(t->audit->jti, token.jti, sizeof(t->audit->jti));
    }
    return OAUTH_OK;
}

static bool
is_new(const struct token *t, enum token_format format)
{
    return !t->is_again && t->grant.format == format;
}

/* An opaque token is made first: its record is written with the uses. */
static enum oauth_error
prepare(struct token *t)
{
    struct errtext *why = &t->audit->why;

    if (t->is_again)
        return OAUTH_OK;
    if (crypto_random(t->random, sizeof(t->random), why) != 0)
        return OAUTH_UNAVAILABLE;
    if (is_new(t, FORMAT_OPAQUE)
        && mint_opaque(t->service, t->auth.entry->cl->id, &t->grant,
                       &t->possession.binding, t->now, t->random, &t->opaque,
                       t->audit->jti, why)
               != 0)
        return OAUTH_UNAVAILABLE;
    return OAUTH_OK;
}

/* Last: what is refused above burns no assertion and no proof. */
static enum oauth_error
use(struct token *t)
{
    struct budget budget;
    struct once_token token = {.budget = &budget};

    budget_of(&budget, t->auth.entry->cl);
    if (is_new(t, FORMAT_OPAQUE))
        token.record = &t->opaque.record;
    return once_spend(t->service, &t->auth, &t->possession,
                      t->is_again ? NULL : &token, t->now, t->audit);
}

/* A JWT is signed at last: what is refused costs no signature. */
static enum oauth_error
sign(struct token *t)
{
    if (is_new(t, FORMAT_JWT)
        && mint_jwt(t->service, t->auth.entry->cl->id, &t->grant,
                    &t->possession.binding, t->now,
                    t->random + OPAQUE_RANDOM_LEN, t->jwt, t->audit->jti,
                    &t->audit->why)
               != 0)
        return OAUTH_UNAVAILABLE;
    return OAUTH_OK;
}

/* The type says whether a proof must come with the token (RFC 9449, 5). */
static void
answer_token(struct token *t, struct reply *rp)
{
    const struct client *cl = t->auth.entry->cl;
    bool is_opaque = is_new(t, FORMAT_OPAQUE);
    const char *text = is_opaque ? t->opaque.text : t->jwt;

    reply_token(rp, text,
                t->possession.binding.jkt[0] != '\0' ? "DPoP" : "Bearer",
                t->grant.lifetime, t->grant.scope, t->grant.details);
    /* One that is given again may be of those that still wait. */
    rp->is_pending =
        t->grant.format == FORMAT_OPAQUE && group_is_on(t->service);
    t->audit->compat |= t->grant.compat;
    t->audit->done = t->is_again ? AUDIT_REUSED : AUDIT_ISSUED;
    snprintf(t->audit->scope, sizeof(t->audit->scope), "%s", t->grant.scope);
    if (cl->reuse != 0 && !t->is_again)
        reuse_add(t->service, &t->same, t->generation, text, t->audit->jti,
                  is_opaque, t->grant.lifetime, t->now);
}
