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
    struct roster_entry *entry;

    if (client_check_id(id, NULL) != 0)
        id = impossible_id;
    entry = roster_find(service->roster, id, why);
    if (entry == NULL)
        errtext_under(why, RULE_SERVER_STORE);
    return entry;
}

static bool
is_secret(enum client_auth way)
{
    return way == AUTH_SECRET_BASIC || way == AUTH_SECRET_POST;
}

static bool
is_tls(enum client_auth way)
{
    return way == AUTH_TLS || way == AUTH_SELF_SIGNED_TLS;
}

static int
object_to_secret(const struct client *cl, const struct policy *policy,
                 enum client_auth way, struct errtext *why)
{
    if (!is_secret(cl->auth))
        return errtext_rule(why, RULE_AUTH_METHOD,
                            "the record wants another method than a secret");
    if (client_is_fapi2(cl, policy))
        return errtext_rule(why, RULE_AUTH_PROFILE,
                            "FAPI 2.0 allows no shared secret");
    if (cl->auth == AUTH_SECRET_POST && way != AUTH_SECRET_POST)
        return errtext_rule(why, RULE_AUTH_METHOD,
                            "the record wants client_secret_post");
    return 0;
}

int
auth_fits(const struct client *cl, const struct policy *policy,
          enum client_auth way, struct errtext *why)
{
    if (is_secret(way))
        return object_to_secret(cl, policy, way, why);
    if (cl->auth != way && !(is_tls(cl->auth) && is_tls(way)))
        return errtext_rule(why, RULE_AUTH_METHOD, "the record wants %s",
                            client_auth_words[cl->auth]);
    return 0;
}

static int
object_to_origin(const struct policy *policy, const struct client *cl,
                 const struct request *rq, struct errtext *why)
{
    if (policy->n_networks == 0 && cl->n_networks == 0)
        return 0;
    if (rq->origin[0] == '\0')
        return errtext_rule(why, RULE_AUTH_ORIGIN, "%s", rq->origin_why);
    if (policy->n_networks > 0
        && !cidr_match(policy->nets, policy->n_networks, rq->origin))
        return errtext_rule(why, RULE_AUTH_POLICY_NETWORKS,
                            "no client may come from that network");
    if (cl->n_networks > 0
        && !cidr_match(cl->networks, cl->n_networks, rq->origin))
        return errtext_rule(why, RULE_AUTH_NETWORK,
                            "the client may not come from that network");
    return 0;
}

int
auth_object(const struct service *service, const struct client *cl,
            const struct request *rq, int64_t now, struct errtext *why)
{
    if (!cl->enabled)
        return errtext_rule(why, RULE_AUTH_DISABLED,
                            "the client is disabled");
    if (cl->expires != 0 && cl->expires <= now)
        return errtext_rule(why, RULE_AUTH_EXPIRED, "the client has expired");
    return object_to_origin(service->policy, cl, rq, why);
}

enum oauth_error
auth_refuse(struct errtext *why, enum rule rule, const char *reason)
{
    errtext_rule(why, rule, "%s", reason);
    return OAUTH_INVALID_CLIENT;
}
