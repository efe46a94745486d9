/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Client authentication with a secret.
 */

#include <stdio.h>
#include <string.h>

#include "auth_priv.h"
#include "costs.h"
#include "group.h"
#include "io/crypto.h"
#include "io/foreign.h"
#include "io/vault.h"

/* One check of one secret. */
struct trial {
    struct service *service;
    struct roster_entry *entry;
    const struct cred *cred;
    const struct request *rq;
    int64_t now;
    const struct secret *match; /* of the record, that was right, or NULL */
    bool slowly;                /* and was not remembered */
    struct costs done;          /* slow work */
};

static int check_quickly(struct trial *t, struct auth *auth,
                         struct errtext *why);
static void match_mac(struct trial *t, const unsigned char mac[VAULT_MAC_LEN]);
static void recall(struct trial *t);
static int check_slowly(struct trial *t, struct errtext *why);
static int try_scrypt(struct trial *t, struct errtext *why);
static int try_foreign(struct trial *t, const struct secret *secret,
                       struct errtext *why);
static void remember(struct trial *t, const struct secret *secret);
static int waste_rest(struct trial *t, struct errtext *why);
static enum oauth_error find_none(const struct client *cl,
                                  struct errtext *why);
static int object(const struct trial *t, struct errtext *why);

static bool
is_let_in(const struct trial *t)
{
    return t->match != NULL && object(t, NULL) == 0;
}

/*
 * Only who is let in leaves early: whatever is refused, and why, all slow work
 * was done once that any client's secrets want.
 */
enum oauth_error
auth_secret(struct service *service, const struct cred *cred,
            const struct request *rq, int64_t now, struct auth *auth,
            struct errtext *why)
{
    struct trial t = {.service = service, .cred = cred, .rq = rq, .now = now};
    const struct client *cl;

    if (check_quickly(&t, auth, why) != 0
        || (!is_let_in(&t) && check_slowly(&t, why) != 0))
        return OAUTH_UNAVAILABLE;
    cl = t.entry->cl;
    if (cl == NULL)
        return auth_refuse(why, RULE_AUTH_UNKNOWN, "there is no such client");
    if (t.match == NULL)
        return find_none(cl, why);
    if (object(&t, why) != 0)
        return OAUTH_INVALID_CLIENT;
    snprintf(auth->credential, sizeof(auth->credential), "%s", t.match->id);
    if (t.slowly && t.match->scheme == SECRET_FOREIGN
        && service->policy->secrets.upgrade)
        auth_upgrade(service, cl->id, t.match, cred);
    return OAUTH_OK;
}

enum oauth_error
auth_secret_quick(struct service *service, const struct cred *cred,
                  const struct request *rq, int64_t now, struct auth *auth,
                  struct errtext *why)
{
    struct trial t = {.service = service, .cred = cred, .rq = rq, .now = now};

    if (check_quickly(&t, auth, why) != 0)
        return OAUTH_UNAVAILABLE;
    if (!is_let_in(&t))
        return auth_refuse(why, RULE_AUTH_SECRET, "not yet");
    snprintf(auth->credential, sizeof(auth->credential), "%s", t.match->id);
    return OAUTH_OK;
}

/* Why no secret matched. */
static enum oauth_error
find_none(const struct client *cl, struct errtext *why)
{
    if (cl->auth == AUTH_SECRET_BASIC || cl->auth == AUTH_SECRET_POST)
        return auth_refuse(why, RULE_AUTH_SECRET,
                           "no live secret of the client matches");
    return auth_refuse(why, RULE_AUTH_METHOD,
                       "the record wants another method than a secret");
}

/* Whether a client with a right secret is refused all the same. */
static int
object(const struct trial *t, struct errtext *why)
{
    const struct client *cl = t->entry->cl;
    enum client_auth way = t->cred->method == CRED_POST ? AUTH_SECRET_POST
                                                        : AUTH_SECRET_BASIC;

    if (auth_fits(cl, t->service->policy, way, why) != 0)
        return -1;
    if (t->cred->is_raw && (cl->compat & COMPAT_BASIC) == 0)
        return errtext_rule(why, RULE_AUTH_ENCODING,
                            "the secret is right, but not form-encoded (RFC "
                            "6749, 2.3.1): ccgrant client set --basic "
                            "tolerant");
    return auth_object(t->service, cl, t->rq, t->now, why);
}

/* Whether the secret is live, and slow to check. */
static bool
is_slow(const struct trial *t, const struct secret *secret)
{
    return (secret->scheme == SECRET_SCRYPT
            || secret->scheme == SECRET_FOREIGN)
           && client_secret_is_live(secret, t->now);
}

/*
 * Find the client, and a live secret of it that matches, and is a generated
 * one or was checked before.  The work is the same for a client that does not
 * exist.
 *
 * Returns 0, or -1 with the reason in *why.
 */
static int
check_quickly(struct trial *t, struct auth *auth, struct errtext *why)
{
    unsigned char mac[VAULT_MAC_LEN];

    t->entry = auth_find(t->service, t->cred->client_id, why);
    if (t->entry == NULL)
        return -1;
    auth->entry = t->entry;
    if (vault_mac_secret(t->service->vault, t->entry->id, t->cred->secret,
                         t->cred->secret_len, mac, why)
        != 0)
        return -1;
    match_mac(t, mac);
    crypto_wipe(mac, sizeof(mac));
    if (t->match == NULL && roster_costs(t->service->roster)->n > 0)
        recall(t);
    return 0;
}

static void
match_mac(struct trial *t, const unsigned char mac[VAULT_MAC_LEN])
{
    static const unsigned char nobody[VAULT_MAC_LEN];
    const struct client *cl = t->entry->cl;
    size_t i;

    if (cl == NULL)
        (void) crypto_equal(nobody, mac, VAULT_MAC_LEN);
    for (i = 0; cl != NULL && i < cl->n_secrets; i++) {
        const struct secret *secret = &cl->secrets[i];

        if (crypto_equal(secret->digest, mac, VAULT_MAC_LEN)
            && (secret->scheme == SECRET_MAC
                || secret->scheme == SECRET_SEALED)
            && client_secret_is_live(secret, t->now))
            t->match = secret;
    }
}

static void
recall(struct trial *t)
{
    const struct client *cl = t->entry->cl;
    const struct roster_proof *proof = t->entry->proof;
    unsigned char digest[ROSTER_PROOF_LEN];
    size_t i;

    roster_digest(t->service->roster, t->cred->secret, t->cred->secret_len,
                  digest);
    for (i = 0; cl != NULL && i < cl->n_secrets; i++) {
        if (crypto_equal(digest, proof[i].digest, sizeof(digest))
            && proof[i].set && client_secret_is_live(&cl->secrets[i], t->now))
            t->match = &cl->secrets[i];
    }
    crypto_wipe(digest, sizeof(digest));
}

/*
 * Do all slow work, or as much as lets the client in; what is right is
 * remembered.
 *
 * Returns 0, or -1 with the reason in *why.
 */
static int
check_slowly(struct trial *t, struct errtext *why)
{
    const struct client *cl = t->entry->cl;
    bool scrypt = costs_has(roster_costs(t->service->roster), COSTS_SCRYPT);
    size_t i;

    for (i = 0; cl != NULL && i < cl->n_secrets && !scrypt; i++)
        scrypt = cl->secrets[i].scheme == SECRET_SCRYPT
                 && is_slow(t, &cl->secrets[i]);
    if (scrypt && try_scrypt(t, why) != 0)
        return -1;
    for (i = 0; cl != NULL && i < cl->n_secrets && !is_let_in(t); i++) {
        if (cl->secrets[i].scheme == SECRET_FOREIGN
            && is_slow(t, &cl->secrets[i])
            && try_foreign(t, &cl->secrets[i], why) != 0)
            return -1;
    }
    return is_let_in(t) ? 0 : waste_rest(t, why);
}

/* One run of scrypt serves all secrets of a client. */
static int
try_scrypt(struct trial *t, struct errtext *why)
{
    const struct client *cl = t->entry->cl;
    unsigned char digest[VAULT_MAC_LEN];
    size_t i;

    group_hurry(t->service);
    if (vault_scrypt_secret(t->service->vault, t->entry->id, t->cred->secret,
                            t->cred->secret_len, digest, why)
        != 0)
        return -1;
    (void) costs_add(&t->done, COSTS_SCRYPT, NULL);
    for (i = 0; cl != NULL && i < cl->n_secrets; i++) {
        const struct secret *secret = &cl->secrets[i];

        if (crypto_equal(secret->digest, digest, VAULT_MAC_LEN)
            && secret->scheme == SECRET_SCRYPT && is_slow(t, secret))
            remember(t, secret);
    }
    crypto_wipe(digest, sizeof(digest));
    return 0;
}

static int
try_foreign(struct trial *t, const struct secret *secret, struct errtext *why)
{
    char hash[CLIENT_SEALED_MAX], cost[FOREIGN_COST_MAX];
    int rc;

    group_hurry(t->service);
    if (costs_unseal(t->service->vault, t->entry->id, secret, hash, cost, why)
        != 0)
        return -1;
    rc = foreign_verify(hash, t->cred->secret, t->cred->secret_len, why);
    crypto_wipe(hash, sizeof(hash));
    if (rc < 0)
        return -1;
    (void) costs_add(&t->done, cost, NULL);
    if (rc == 1)
        remember(t, secret);
    return 0;
}

static void
remember(struct trial *t, const struct secret *secret)
{
    struct roster_proof *proof =
        &t->entry->proof[secret - t->entry->cl->secrets];

    roster_digest(t->service->roster, t->cred->secret, t->cred->secret_len,
                  proof->digest);
    proof->set = true;
    t->match = secret;
    t->slowly = true;
}

/* What others' secrets want and this client's do not. */
static int
waste_rest(struct trial *t, struct errtext *why)
{
    const struct costs *costs = roster_costs(t->service->roster);
    size_t i;

    if (costs->n > 0)
        group_hurry(t->service);
    for (i = 0; i < costs->n; i++) {
        if (!costs_has(&t->done, costs->cost[i])
            && strcmp(costs->cost[i], COSTS_SCRYPT) != 0
            && foreign_waste(costs->cost[i], t->cred->secret,
                             t->cred->secret_len, why)
                   != 0)
            return -1;
    }
    return 0;
}
