/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What a token request would get.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth.h"
#include "budget.h"
#include "core/alloc.h"
#include "explain.h"
#include "guess.h"
#include "intake.h"
#include "io/crypto.h"
#include "once.h"
#include "possession.h"
#include "token.h"

/* What is at hand while a supposed request is judged. */
struct supposed {
    struct service *service; /* of the command */
    struct service view;     /* the same, of this policy */
    struct policy policy;    /* the same, without networks if nobody asks */
    struct client cl;        /* likewise */
    const struct explain_wish *wish;
    int64_t now;
    struct explain *ex;
};

static enum oauth_error suppose_client(struct supposed *s);
static enum oauth_error suppose_binding(struct supposed *s);
static enum oauth_error decide(struct service *service, struct explain *ex);
static enum oauth_error count(struct supposed *s);
static enum oauth_error finish(struct service *service, int64_t now,
                               struct explain *ex);
static void look_again(struct service *service, struct request *rq,
                       int64_t now, struct explain *ex);

/* One step of a supposed request; whether it goes on. */
static bool
goes_on(struct explain *ex, enum explain_step step, enum oauth_error rc)
{
    ex->outcome = rc;
    if (rc != OAUTH_OK)
        ex->step = step;
    return rc == OAUTH_OK;
}

void
explain_client(struct service *service, const struct explain_wish *wish,
               int64_t now, struct explain *ex)
{
    struct supposed s = {.service = service, .wish = wish, .now = now,
                         .ex = ex};

    memset(ex, 0, sizeof(*ex));
    ex->step = EXPLAIN__MAX;
    ex->form = *wish->form;
    snprintf(ex->client_id, sizeof(ex->client_id), "%s", wish->client_id);
    if (goes_on(ex, EXPLAIN_CLIENT, suppose_client(&s))
        && goes_on(ex, EXPLAIN_TYPE, grant_check_type(&ex->form, &ex->why))
        && goes_on(ex, EXPLAIN_POSSESSION, suppose_binding(&s))
        && goes_on(ex, EXPLAIN_DECISION, decide(service, ex))
        && goes_on(ex, EXPLAIN_LIMITS, count(&s)))
        (void) goes_on(ex, EXPLAIN_TOKEN, finish(service, now, ex));
}

/* Without an address there is nothing to compare networks with. */
static void
forget_networks(struct supposed *s)
{
    if (s->wish->from[0] != '\0')
        return;
    s->policy.n_networks = 0;
    s->cl.n_networks = 0;
}

static enum oauth_error
find_client(struct service *service, struct explain *ex, struct errtext *why)
{
    const struct roster_entry *entry = NULL;

    if (client_check_id(ex->client_id, NULL) == 0) {
        entry = roster_find(service->roster, ex->client_id, why);
        if (entry == NULL) {
            errtext_under(why, RULE_SERVER_STORE);
            return OAUTH_UNAVAILABLE;
        }
    }
    if (entry == NULL || entry->cl == NULL) {
        errtext_rule(why, RULE_AUTH_UNKNOWN, "there is no such client");
        return OAUTH_INVALID_CLIENT;
    }
    ex->entry = entry;
    return OAUTH_OK;
}

/* Who guessed from there waits, with the right secret too. */
static enum oauth_error
check_guesses(struct supposed *s, const struct request *rq)
{
    struct audit audit = {.endpoint = ""};
    struct guess guess;
    enum oauth_error rc = OAUTH_OK;

    if (s->wish->from[0] != '\0'
        && (s->ex->method == AUTH_SECRET_BASIC
            || s->ex->method == AUTH_SECRET_POST
            || s->ex->method == AUTH_SECRET_JWT))
        rc = guess_check(s->service, rq, s->cl.id, s->now, &guess, &audit);
    s->ex->why = audit.why;
    return rc;
}

static enum oauth_error
suppose_client(struct supposed *s)
{
    struct request rq = {.origin = s->wish->from, .origin_why = ""};
    struct explain *ex = s->ex;
    enum oauth_error rc;

    rc = find_client(s->service, ex, &ex->why);
    if (rc != OAUTH_OK)
        return rc;
    s->cl = *ex->entry->cl;
    s->policy = *s->service->policy;
    s->view = *s->service;
    s->view.policy = &s->policy;
    forget_networks(s);
    ex->method = s->wish->method != 0 ? s->wish->method : s->cl.auth;
    rc = check_guesses(s, &rq);
    if (rc != OAUTH_OK)
        return rc;
    if (auth_fits(&s->cl, &s->policy, ex->method, &ex->why) != 0
        || auth_object(&s->view, &s->cl, &rq, s->now, &ex->why) != 0)
        return OAUTH_INVALID_CLIENT;
    return OAUTH_OK;
}

static enum oauth_error
suppose_binding(struct supposed *s)
{
    struct binding *binding = &s->ex->binding;

    if (s->wish->has_cert)
        snprintf(binding->x5t, sizeof(binding->x5t), EXPLAIN_SUPPOSED);
    if (s->wish->has_proof)
        snprintf(binding->jkt, sizeof(binding->jkt), EXPLAIN_SUPPOSED);
    return possession_demand(&s->cl, s->service->policy, binding,
                             &s->ex->why);
}

static enum oauth_error
decide(struct service *service, struct explain *ex)
{
    return grant_decide(&ex->grant, service->policy, ex->entry->cl,
                        &ex->entry->allowed, &ex->form, &ex->why);
}

/* Of a supposed request only what it is counted in can refuse it. */
static enum oauth_error
count(struct supposed *s)
{
    struct audit audit = {.endpoint = ""};
    struct budget budget;
    struct once_token token = {.budget = &budget};
    enum oauth_error rc;

    budget_of(&budget, s->ex->entry->cl);
    rc = once_spend(s->service, NULL, NULL, &token, s->now, &audit);
    s->ex->why = audit.why;
    return rc;
}

/* All but the signature, and what is random. */
static enum oauth_error
finish(struct service *service, int64_t now, struct explain *ex)
{
    static const unsigned char none[CLAIMS_JTI_LEN];
    const struct keyring_key *key;
    struct sbuf sb;

    if (ex->grant.format == FORMAT_JWT) {
        key = keyring_signer(service->keyring, ex->grant.alg, now, &ex->why);
        if (key == NULL) {
            errtext_under(&ex->why, RULE_SERVER_KEY);
            return OAUTH_UNAVAILABLE;
        }
        snprintf(ex->kid, sizeof(ex->kid), "%s", key->kid);
    }
    sbuf_init(&sb, ex->claims, sizeof(ex->claims));
    claims_add(&sb, service->policy->issuer, ex->entry->cl->id, &ex->grant,
               &ex->binding, now, none);
    return OAUTH_OK;
}

/* The endpoint itself answers; what it found on the way is looked at again. */
void
explain_request(struct service *service, struct request *rq, int64_t now,
                struct explain *ex)
{
    struct audit audit = {.endpoint = ""};
    struct reply *rp = alloc_zero(1, sizeof(*rp));
    size_t len = rq->body_len;

    memset(ex, 0, sizeof(*ex));
    ex->body = alloc_part(rq->body, len);
    token_answer(service, rq, now, rp, &audit);
    crypto_wipe(rp, sizeof(*rp));
    free(rp);
    crypto_wipe(rq->body, len);
    ex->outcome = audit.outcome;
    ex->why = audit.why;
    memcpy(ex->client_id, audit.client_id, sizeof(ex->client_id));
    ex->step = ex->outcome == OAUTH_OK ? EXPLAIN__MAX
                                       : explain_step(ex->why.rule);
    rq->body = ex->body;
    rq->body_len = len;
    look_again(service, rq, now, ex);
}

static enum client_auth
method_of(const struct explain *ex, const struct request *rq)
{
    const struct form_value *value = ex->form.value;

    if (rq->authorization[0] != '\0')
        return AUTH_SECRET_BASIC;
    if (value[FORM_CLIENT_SECRET].len > 0)
        return AUTH_SECRET_POST;
    return ex->step > EXPLAIN_CLIENT ? ex->entry->cl->auth : 0;
}

/* As far as the endpoint came, and to the same end. */
static void
look_again(struct service *service, struct request *rq, int64_t now,
           struct explain *ex)
{
    struct possession possession;
    struct errtext ignored;
    struct peer peer;

    if (ex->step <= EXPLAIN_REQUEST
        || intake_form(&ex->form, rq, &ignored) != OAUTH_OK)
        return;
    if (find_client(service, ex, &ignored) != OAUTH_OK)
        return;
    ex->method = method_of(ex, rq);
    if (ex->step <= EXPLAIN_POSSESSION
        || peer_find(&peer, service->policy, rq, &ignored) != OAUTH_OK
        || possession_check(service, ex->entry->cl, &peer, rq, now,
                            &possession, &ignored)
               != OAUTH_OK)
        return;
    ex->binding = possession.binding;
    if (ex->step > EXPLAIN_DECISION
        && grant_decide(&ex->grant, service->policy, ex->entry->cl,
                        &ex->entry->allowed, &ex->form, &ignored)
               == OAUTH_OK
        && ex->step == EXPLAIN__MAX)
        (void) finish(service, now, ex);
}

enum explain_step
explain_step(enum rule rule)
{
    static const struct {
        const char *prefix;
        enum explain_step step;
    } parts[] = {
        {"request.", EXPLAIN_REQUEST},
        {"auth.assertion.replay", EXPLAIN_LIMITS},
        {"auth.", EXPLAIN_CLIENT},
        {"limits.lockout", EXPLAIN_CLIENT},
        {"server.client-keys", EXPLAIN_CLIENT},
        {"grant.", EXPLAIN_TYPE},
        {"possession.", EXPLAIN_POSSESSION},
        {"dpop.replay", EXPLAIN_LIMITS},
        {"dpop.", EXPLAIN_POSSESSION},
        {"resource.", EXPLAIN_DECISION},
        {"scope.", EXPLAIN_DECISION},
        {"details.", EXPLAIN_DECISION},
        {"claims.", EXPLAIN_DECISION},
        {"encryption.", EXPLAIN_DECISION},
        {"token.", EXPLAIN_DECISION},
        {"limits.", EXPLAIN_LIMITS},
        {"server.key", EXPLAIN_TOKEN},
    };
    const char *name = rule_name(rule);
    size_t i;

    for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (strncmp(name, parts[i].prefix, strlen(parts[i].prefix)) == 0)
            return parts[i].step;
    }
    return EXPLAIN_CLIENT; /* This server's own trouble: nothing is known. */
}

void
explain_free(struct explain *ex)
{
    if (ex->body != NULL)
        crypto_wipe(ex->body, strlen(ex->body));
    free(ex->body);
    crypto_wipe(ex, sizeof(*ex));
}
