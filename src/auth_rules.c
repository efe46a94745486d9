/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Client authentication: what every way asks.
 */

#include "auth_priv.h"
#include "core/cidr.h"

/* No client can have this id: what is looked up for one that cannot be. */
static const char impossible_id[] = " ";

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
