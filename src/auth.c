/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Client authentication: which way, and what they all ask.
 */

#include <stdio.h>
#include <string.h>

#include "auth_priv.h"
#include "core/cidr.h"
#include "io/crypto.h"

/* No client can have this id: what is looked up for one that cannot be. */
static const char impossible_id[] = " ";

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
    if (rc == OAUTH_OK && cred.method == CRED_NONE && peer->has_cert
        && cred.client_id[0] != '\0')
        rc = auth_cert(service, &cred, peer, rq, now, auth, &audit->why);
    else if (rc == OAUTH_OK && cred.method == CRED_NONE)
        rc = auth_refuse(&audit->why, "no client authentication included");
    else if (rc == OAUTH_OK && cred.method == CRED_ASSERTION)
        rc = auth_assertion(service, &cred, rq, now, auth, audit);
    else if (rc == OAUTH_OK)
        rc = auth_secret(service, &cred, rq, now, auth, &audit->why);
    crypto_wipe(cred.buf, sizeof(cred.buf));
    return rc;
}

enum oauth_error
auth_use(struct service *service, const struct auth *auth, int64_t now,
         struct audit *audit)
{
    int rc;

    if (!auth->is_once)
        return OAUTH_OK;
    rc = expiring_add(service->expiring, auth->use_expires, auth->use, now,
                      &audit->why);
    if (rc < 0)
        return OAUTH_UNAVAILABLE;
    if (rc == 0)
        return auth_refuse(&audit->why, "the assertion was used before (RFC "
                                        "7523, 3, 7)");
    return OAUTH_OK;
}

struct roster_entry *
auth_find(struct service *service, const char *id, struct errtext *why)
{
    if (client_check_id(id, NULL) != 0)
        id = impossible_id;
    return roster_find(service->roster, id, why);
}

const char *
auth_objection(const struct client *cl, const struct request *rq, int64_t now)
{
    if (!cl->enabled)
        return "the client is disabled";
    if (cl->expires != 0 && cl->expires <= now)
        return "the client has expired";
    if (cl->n_networks > 0
        && !cidr_match(cl->networks, cl->n_networks, rq->remote_addr))
        return "the client may not come from that network";
    return NULL;
}

enum oauth_error
auth_refuse(struct errtext *why, const char *reason)
{
    errtext_set(why, "%s", reason);
    return OAUTH_INVALID_CLIENT;
}
