/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Client authentication with a certificate.
 */

#include "auth_priv.h"

/* As slowly as a certificate whose key is another. */
static enum oauth_error
refuse(const struct peer *peer, enum rule rule, const char *reason,
       struct errtext *why)
{
    peer_waste(peer);
    return auth_refuse(why, rule, reason);
}

enum oauth_error
auth_cert(struct service *service, const struct cred *cred,
          const struct peer *peer, const struct request *rq, int64_t now,
          struct auth *auth, struct errtext *why)
{
    struct roster_entry *entry = auth_find(service, cred->client_id, why);
    const struct client *cl;
    int rc;

    if (entry == NULL)
        return OAUTH_UNAVAILABLE;
    cl = entry->cl;
    if (cl == NULL)
        return refuse(peer, RULE_AUTH_UNKNOWN, "there is no such client", why);
    if (cl->auth != AUTH_TLS && cl->auth != AUTH_SELF_SIGNED_TLS)
        return refuse(peer,
                      peer->has_cert ? RULE_AUTH_METHOD : RULE_AUTH_NONE,
                      peer->has_cert
                          ? "the record wants another method than a "
                            "certificate"
                          : "no client authentication included",
                      why);
    rc = peer_is_client(service, peer, cl, now, auth->credential, why);
    if (rc < 0)
        return OAUTH_UNAVAILABLE;
    if (rc == 0 && cl->auth == AUTH_TLS)
        peer_waste(peer);
    if (rc == 0)
        return OAUTH_INVALID_CLIENT;
    if (auth_object(service, cl, rq, now, why) != 0)
        return OAUTH_INVALID_CLIENT;
    auth->entry = entry;
    return OAUTH_OK;
}
