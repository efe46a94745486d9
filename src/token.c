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
#include "intake.h"
#include "io/crypto.h"
#include "mint.h"
#include "once.h"
#include "possession.h"
#include "token.h"

enum { NEXT_SECOND = 1 };

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
    unsigned char random[MINT_RANDOM_LEN];
    struct mint_opaque opaque;
    char jwt[MINT_TOKEN_MAX];
    int retry_after; /* seconds, or 0: as usual */
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
    t.retry_after = 0;
    t.possession.nonce[0] = '\0';
    t.opaque.text[0] = '\0';
    if ((rc = read_form(&t, rq)) == OAUTH_OK
        && (rc = find_peer(&t, rq)) == OAUTH_OK
        && (rc = authenticate(&t, rq)) == OAUTH_OK
        && (rc = check_grant_type(&t)) == OAUTH_OK
        && (rc = check_possession(&t, rq)) == OAUTH_OK
        && (rc = decide(&t)) == OAUTH_OK
        && (rc = check_second(&t)) == OAUTH_OK
        && (rc = prepare(&t)) == OAUTH_OK
        && (rc = use(&t)) == OAUTH_OK && (rc = sign(&t)) == OAUTH_OK)
        answer_token(&t, rp);
    else
        refuse(&t, rc, rp);
    crypto_wipe(t.opaque.text, sizeof(t.opaque.text));
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
    intake_refuse(t->service, error, rp);
    if (t->retry_after != 0)
        rp->retry_after = t->retry_after;
}

static enum oauth_error
fail(struct errtext *why, enum oauth_error error, const char *reason)
{
    errtext_set(why, "%s", reason);
    return error;
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

/* Nobody gets a token that is revoked already, as long as its second lasts. */
static enum oauth_error
check_second(struct token *t)
{
    int rc = active_would_be(t->service, t->auth.entry->cl, t->now,
                             &t->audit->why);

    if (rc == 0)
        t->retry_after = NEXT_SECOND;
    return rc == 1 ? OAUTH_OK : OAUTH_UNAVAILABLE;
}

/* An opaque token is made first: its record is written with the uses. */
static enum oauth_error
prepare(struct token *t)
{
    struct errtext *why = &t->audit->why;

    if (crypto_random(t->random, sizeof(t->random), why) != 0)
        return OAUTH_UNAVAILABLE;
    if (t->grant.format == FORMAT_OPAQUE
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
    bool is_opaque = t->grant.format == FORMAT_OPAQUE;

    return once_spend(t->service, &t->auth, &t->possession,
                      is_opaque ? &t->opaque.record : NULL, t->now,
                      &t->audit->why);
}

/* A JWT is signed at last: what is refused costs no signature. */
static enum oauth_error
sign(struct token *t)
{
    if (t->grant.format == FORMAT_JWT
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
    bool is_opaque = t->grant.format == FORMAT_OPAQUE;

    reply_token(rp, is_opaque ? t->opaque.text : t->jwt,
                t->possession.binding.jkt[0] != '\0' ? "DPoP" : "Bearer",
                t->grant.lifetime, t->grant.scope);
    t->audit->done = AUDIT_ISSUED;
    snprintf(t->audit->scope, sizeof(t->audit->scope), "%s", t->grant.scope);
    if (!is_opaque)
        crypto_wipe(t->jwt, strlen(t->jwt));
}
