/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Client authentication with a certificate.
 */

#include "auth_priv.h"

enum oauth_error
auth_cert(struct service *service, const struct cred *cred,
          const struct peer *peer, const struct request *rq, int64_t now,
          struct auth *auth, struct errtext *why)
{
    struct roster_entry *entry = auth_find(service, cred->client_id, why);
    const struct client *cl;
    const char *reason;
    int rc;

    if (entry == NULL)
        return OAUTH_UNAVAILABLE;
    cl = entry->cl;
    if (cl == NULL || cl->auth != AUTH_SELF_SIGNED_TLS)
        peer_waste(peer);
    if (cl == NULL)
        return auth_refuse(why, "there is no such client");
    if (cl->auth != AUTH_TLS && cl->auth != AUTH_SELF_SIGNED_TLS)
        return auth_refuse(why, "the record wants another method than a "
                                "certificate");
    rc = peer_is_client(service, peer, cl, now, why);
    if (rc < 0)
        return OAUTH_UNAVAILABLE;
    if (rc == 0)
        return OAUTH_INVALID_CLIENT;
    reason = auth_objection(cl, rq, now);
    if (reason != NULL)
        return auth_refuse(why, reason);
    auth->entry = entry;
    return OAUTH_OK;
}
