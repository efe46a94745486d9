/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Client authentication with a JWT assertion (RFC 7523, 2.2).
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth_priv.h"
#include "core/assertion.h"
#include "guess.h"
#include "jwks.h"
#include "keyset.h"
#include "once.h"

static enum oauth_error check_shared(struct service *service,
                                     const struct assertion *assertion,
                                     const struct request *rq, int64_t now,
                                     struct auth *auth, struct audit *audit);
static enum oauth_error check(struct service *service,
                              const struct assertion *assertion,
                              const struct request *rq, int64_t now,
                              struct auth *auth, struct errtext *why);
static int verify(struct service *service, struct roster_entry *entry,
                  const struct jws *jws, int64_t now, struct errtext *why);
static int find_keys(struct service *service, struct roster_entry *entry,
                     int64_t now, struct errtext *why);
static int add_published(struct service *service, struct roster_entry *entry,
                         struct keyset *set, int64_t now,
                         struct errtext *why);
static int verify_anew(struct service *service, struct roster_entry *entry,
                       const struct jws *jws, int64_t now, size_t *tried,
                       struct errtext *why);
static void verify_decoy(struct service *service, const struct jws *jws,
                         int64_t now);
static void name_use(struct auth *auth, const struct assertion *assertion);

enum oauth_error
auth_assertion(struct service *service, const struct cred *cred,
               const struct request *rq, int64_t now, struct auth *auth,
               struct audit *audit)
{
    struct assertion assertion;
    enum oauth_error rc;

    if (assertion_parse(&assertion, cred->assertion, cred->assertion_len,
                        &audit->why)
        != 0)
        return OAUTH_INVALID_CLIENT;
    snprintf(audit->client_id, sizeof(audit->client_id), "%s",
             assertion.client_id);
    if (cred->client_id[0] != '\0'
        && strcmp(cred->client_id, assertion.client_id) != 0)
        rc = auth_refuse(&audit->why, RULE_AUTH_CLIENT_ID,
                         "client_id is another than in the assertion (RFC "
                         "7521, 4.2)");
    else if (jose_is_hmac(assertion.jws.alg))
        rc = check_shared(service, &assertion, rq, now, auth, audit);
    else
        rc = check(service, &assertion, rq, now, auth, &audit->why);
    if (rc == OAUTH_OK)
        name_use(auth, &assertion);
    assertion_free(&assertion);
    return rc;
}

/* A shared secret can be guessed, a private key cannot. */
static enum oauth_error
check_shared(struct service *service, const struct assertion *assertion,
             const struct request *rq, int64_t now, struct auth *auth,
             struct audit *audit)
{
    struct guess guess;
    enum oauth_error rc = guess_check(service, rq, assertion->client_id, now,
                                      &guess, audit);

    if (rc != OAUTH_OK)
        return rc;
    rc = check(service, assertion, rq, now, auth, &audit->why);
    if (rc == OAUTH_INVALID_CLIENT)
        guess_failed(service, rq, &guess, now, &audit->why);
    else if (rc == OAUTH_OK)
        guess_passed(service, &guess, now);
    return rc;
}

/* The signature first: without it nothing that is claimed says anything. */
static enum oauth_error
check(struct service *service, const struct assertion *assertion,
      const struct request *rq, int64_t now, struct auth *auth,
      struct errtext *why)
{
    struct roster_entry *entry =
        auth_find(service, assertion->client_id, why);
    int rc;

    if (entry == NULL)
        return OAUTH_UNAVAILABLE;
    auth->entry = entry;
    rc = verify(service, entry, &assertion->jws, now, why);
    if (rc < 0)
        return OAUTH_UNAVAILABLE;
    if (rc == 0)
        return OAUTH_INVALID_CLIENT;
    if (auth_object(service, entry->cl, rq, now, why) != 0
        || assertion_check(assertion, entry->cl, service->policy, now, why)
               != 0)
        return OAUTH_INVALID_CLIENT;
    snprintf(auth->credential, sizeof(auth->credential), "%s",
             keyset_hit(entry->keys));
    return OAUTH_OK;
}

/* Whether fetched keys are so old that the store may know newer ones. */
static bool
keys_are_due(const struct roster_entry *entry, int64_t now)
{
    return entry->keys_fetched != 0
           && (entry->keys_due <= now || entry->keys_fetched > now);
}

/*
 * Whether the client may have published another key since.  Who forges costs
 * one look into the store a second.
 */
static bool
may_be_new(const struct roster_entry *entry, const struct jws *jws,
           size_t tried, int64_t now)
{
    if (entry->keys_fetched == 0 || entry->keys_missed == now)
        return false;
    return tried == 0 || jws->kid == NULL
           || !keyset_has(entry->keys, jws->kid);
}

/* Returns as keyset_verify() does, with the reason in *why unless it is 1. */
static int
verify(struct service *service, struct roster_entry *entry,
       const struct jws *jws, int64_t now, struct errtext *why)
{
    enum jose_alg pin =
        entry->cl != NULL ? entry->cl->assertion_alg : JOSE_NONE;
    size_t tried;
    int rc;

    if ((entry->keys == NULL || keys_are_due(entry, now))
        && find_keys(service, entry, now, why) != 0)
        return -1;
    rc = keyset_verify(entry->keys, jws, pin, now, &tried, why);
    if (rc == 0 && may_be_new(entry, jws, tried, now)
        && (pin == JOSE_NONE || pin == jws->alg))
        rc = verify_anew(service, entry, jws, now, &tried, why);
    if (rc == 0 && tried == 0)
        verify_decoy(service, jws, now);
    if (entry->cl == NULL)
        errtext_rule(why, RULE_AUTH_UNKNOWN, "there is no such client");
    else if (rc == 0)
        (void) auth_fits(entry->cl, service->policy,
                         jose_is_hmac(jws->alg) ? AUTH_SECRET_JWT
                                                : AUTH_PRIVATE_KEY_JWT,
                         why);
    return rc;
}

/* What the client's method verifies with; nothing, for the others. */
static int
find_keys(struct service *service, struct roster_entry *entry, int64_t now,
          struct errtext *why)
{
    const struct client *cl = entry->cl;
    struct keyset *set = keyset_open(service->vault, &service->warm_keys);
    int rc = 0;

    if (cl != NULL && cl->auth == AUTH_SECRET_JWT)
        keyset_add_secrets(set, cl);
    if (cl != NULL && cl->auth == AUTH_PRIVATE_KEY_JWT) {
        keyset_add_client_keys(set, cl);
        if (cl->jwks_uri[0] != '\0')
            rc = add_published(service, entry, set, now, why);
    }
    if (rc != 0) {
        keyset_close(set);
        return -1;
    }
    keyset_close(entry->keys);
    entry->keys = set;
    return 0;
}

static int
add_published(struct service *service, struct roster_entry *entry,
              struct keyset *set, int64_t now, struct errtext *why)
{
    struct jwk *keys = NULL;
    int n = jwks_get(service, entry->cl->jwks_uri, now, &keys,
                     &entry->keys_fetched, why);

    if (n < 0)
        return -1;
    keyset_add_keys(set, keys, (size_t) n);
    free(keys);
    entry->keys_due = entry->keys_fetched + service->policy->jwks.max_age;
    if (entry->keys_due <= now) /* It could not be fetched anew. */
        entry->keys_due = now + service->policy->jwks.cooldown;
    return 0;
}

/* After a key was meant that is not there: the client may have a new one. */
static int
verify_anew(struct service *service, struct roster_entry *entry,
            const struct jws *jws, int64_t now, size_t *tried,
            struct errtext *why)
{
    int rc = jwks_refetch(service, entry->cl->jwks_uri, now,
                          entry->keys_fetched, why);

    if (rc != 1) {
        entry->keys_missed = now;
        return rc;
    }
    if (find_keys(service, entry, now, why) != 0)
        return -1;
    return keyset_verify(entry->keys, jws, entry->cl->assertion_alg, now,
                         tried, why);
}

/* What is not known takes as long as what is wrong with one key: see auth.h
 * for what shows. */
static void
verify_decoy(struct service *service, const struct jws *jws, int64_t now)
{
    size_t tried;

    if (service->decoys == NULL) {
        service->decoys = keyset_open(service->vault, &service->warm_keys);
        keyset_add_decoys(service->decoys);
    }
    (void) keyset_verify(service->decoys, jws, JOSE_NONE, now, &tried, NULL);
}

/*
 * Its kind, client and jti (RFC 7523, 3, 7).  It is remembered for as long as
 * any policy could take the assertion.
 */
static void
name_use(struct auth *auth, const struct assertion *assertion)
{
    once_name("assertion", assertion->client_id, assertion->jti, auth->use.id);
    auth->use.expires = assertion->expires + ASSERTION_SKEW_MAX;
    auth->is_once = true;
}
