/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Client authentication: which way.
 */

#include <stdio.h>
#include <string.h>

#include "auth_priv.h"
#include "guess.h"
#include "io/crypto.h"
#include "lastuse.h"

static enum oauth_error check_secret(struct service *service,
                                     struct cred *cred,
                                     const struct request *rq, int64_t now,
                                     struct auth *auth, struct audit *audit);

enum oauth_error
auth_client(struct service *service, const struct request *rq,
            const struct peer *peer, const struct form *form, int64_t now,
            struct auth *auth, struct audit *audit)
{
    enum oauth_error rc;
    struct cred cred;

    memset(auth, 0, sizeof(*auth));
    rc = cred_take(&cred, rq->authorization, form, &audit->why);
    snprintf(audit->client_id, sizeof(audit->client_id), "%s",
             cred.client_id);
    if (rc == OAUTH_OK && cred.method == CRED_NONE
        && cred.client_id[0] != '\0')
        rc = auth_cert(service, &cred, peer, rq, now, auth, &audit->why);
    else if (rc == OAUTH_OK && cred.method == CRED_NONE)
        rc = auth_refuse(&audit->why, RULE_AUTH_NONE,
                         "no client authentication included");
    else if (rc == OAUTH_OK && cred.method == CRED_ASSERTION)
        rc = auth_assertion(service, &cred, rq, now, auth, audit);
    else if (rc == OAUTH_OK)
        rc = check_secret(service, &cred, rq, now, auth, audit);
    crypto_wipe(cred.buf, sizeof(cred.buf));
    crypto_wipe(cred.raw, sizeof(cred.raw));
    if (rc == OAUTH_OK)
        lastuse_note(service, auth->entry, auth->credential, rq->origin,
                     now);
    return rc;
}

/*
 * What is tried, and how long that takes, follows from the credentials alone,
 * whoever they name: what is cheap in both readings, then what is slow.
 */
static enum oauth_error
check_readings(struct service *service, struct cred *cred,
               const struct request *rq, int64_t now, struct auth *auth,
               struct errtext *why)
{
    struct errtext first;
    enum oauth_error rc;
    int i;

    for (i = 0; i < 2; i++) {
        rc = auth_secret_quick(service, cred, rq, now, auth, why);
        if (rc != OAUTH_INVALID_CLIENT)
            return rc;
        cred_swap(cred);
    }
    rc = auth_secret(service, cred, rq, now, auth, &first);
    if (rc != OAUTH_INVALID_CLIENT) {
        *why = first;
        return rc;
    }
    cred_swap(cred);
    rc = auth_secret(service, cred, rq, now, auth, why);
    if (rc == OAUTH_INVALID_CLIENT && strcmp(why->text, first.text) != 0)
        errtext_context(why, "%s; %s", first.text,
                        cred->is_raw ? "as it came" : "form-decoded");
    return rc;
}

/* Of the two readings, that which a client can have. */
static const char *
presented_id(const struct cred *cred)
{
    return cred->other_id == NULL
                   || client_check_id(cred->client_id, NULL) == 0
               ? cred->client_id
               : cred->other_id;
}

static enum oauth_error
check_secret(struct service *service, struct cred *cred,
             const struct request *rq, int64_t now, struct auth *auth,
             struct audit *audit)
{
    const char *id = presented_id(cred);
    struct guess guess;
    enum oauth_error rc = guess_check(service, rq, id, now, &guess, audit);

    snprintf(audit->client_id, sizeof(audit->client_id), "%s", id);
    if (rc != OAUTH_OK)
        return rc;
    rc = cred->other_id == NULL
             ? auth_secret(service, cred, rq, now, auth, &audit->why)
             : check_readings(service, cred, rq, now, auth, &audit->why);
    if (rc == OAUTH_INVALID_CLIENT)
        guess_failed(service, rq, &guess, now, &audit->why);
    if (rc != OAUTH_OK)
        return rc;
    guess_passed(service, &guess, now);
    audit->why.text[0] = '\0';
    snprintf(audit->client_id, sizeof(audit->client_id), "%s",
             cred->client_id);
    if (cred->is_raw)
        audit->compat |= COMPAT_BASIC;
    return OAUTH_OK;
}
