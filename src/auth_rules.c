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

/* Why the request may not come from where it does, or NULL. */
static const char *
object_to_origin(const struct policy *policy, const struct client *cl,
                 const struct request *rq)
{
    if (policy->n_networks == 0 && cl->n_networks == 0)
        return NULL;
    if (rq->origin[0] == '\0')
        return rq->origin_why;
    if (policy->n_networks > 0
        && !cidr_match(policy->nets, policy->n_networks, rq->origin))
        return "no client may come from that network";
    if (cl->n_networks > 0
        && !cidr_match(cl->networks, cl->n_networks, rq->origin))
        return "the client may not come from that network";
    return NULL;
}

const char *
auth_objection(const struct service *service, const struct client *cl,
               const struct request *rq, int64_t now)
{
    if (!cl->enabled)
        return "the client is disabled";
    if (cl->expires != 0 && cl->expires <= now)
        return "the client has expired";
    return object_to_origin(service->policy, cl, rq);
}

enum oauth_error
auth_refuse(struct errtext *why, const char *reason)
{
    errtext_set(why, "%s", reason);
    return OAUTH_INVALID_CLIENT;
}
