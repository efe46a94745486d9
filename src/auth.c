/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Client authentication: which way.
 */

#include <stdio.h>
#include <string.h>

#include "auth_priv.h"
#include "io/crypto.h"
#include "lastuse.h"

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
        rc = auth_refuse(&audit->why, "no client authentication included");
    else if (rc == OAUTH_OK && cred.method == CRED_ASSERTION)
        rc = auth_assertion(service, &cred, rq, now, auth, audit);
    else if (rc == OAUTH_OK)
        rc = auth_secret(service, &cred, rq, now, auth, &audit->why);
    crypto_wipe(cred.buf, sizeof(cred.buf));
    if (rc == OAUTH_OK)
        lastuse_note(service, auth->entry, auth->credential, rq->remote_addr,
                     now);
    return rc;
}
