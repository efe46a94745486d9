/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What a token has besides scope: authorization details and static claims.
 */

#include <string.h>

#include "core/grant_priv.h"

/* The token is for the resource of the type, too. */
static enum oauth_error
take_resource(struct decision *d, const struct policy_detail *type)
{
    size_t resource = type->resource;

    if (d->n_named > 0 ? !grant_is_one_of(resource, d->named, d->n_named)
                       : !grant_may_name(d, resource)) {
        errtext_rule(d->why, RULE_DETAILS_RESOURCE,
                     "authorization_details: \"%.80s\" is of %.200s, which "
                     "is not %s",
                     type->type, type->audience,
                     d->n_named > 0 ? "a named resource" : "for this client");
        return OAUTH_INVALID_DETAILS;
    }
    if (grant_is_one_of(resource, d->resource, d->n_resources))
        return OAUTH_OK;
    if (d->n_named == 0 && d->n_resources > 0
        && !d->policy->token.multiple_audiences)
        return grant_fail(d, OAUTH_INVALID_DETAILS,
                          RULE_DETAILS_SEVERAL_RESOURCES,
                          "authorization_details: with the scope they are of "
                          "several resources (RFC 9068, 3): ask for one at a "
                          "time, or set token.multiple_audiences");
    if (d->n_resources < GRANT_AUDIENCES_MAX)
        d->resource[d->n_resources++] = resource;
    else
        d->crowded = true;
    return OAUTH_OK;
}

enum oauth_error
grant_take_details(struct decision *d, struct grant *grant,
                   const struct form_value *details)
{
    const struct policy_detail *types[DETAILS_ENTRIES_MAX];
    enum oauth_error rc = OAUTH_OK;
    struct sbuf sb;
    size_t i, n = 0;

    sbuf_init(&sb, grant->details, sizeof(grant->details));
    if (!d->has_details)
        return OAUTH_OK;
    if (details_take(&sb, types, &n, d->policy, d->cl, details->text,
                     details->len, d->why)
        != 0)
        return OAUTH_INVALID_DETAILS;
    for (i = 0; rc == OAUTH_OK && i < n; i++)
        rc = take_resource(d, types[i]);
    return rc;
}

static void
add_claim(struct sbuf *sb, const struct extra *claim)
{
    if (extra_is_reserved(claim->name))
        return;
    sbuf_add(sb, ",\"");
    sbuf_add(sb, claim->name);
    sbuf_add(sb, "\":");
    sbuf_add(sb, claim->value);
}

/* The claim as a resource before the one with that place here has it. */
static const struct extra *
find_before(const struct decision *d, size_t n, const char *name)
{
    const struct extra *found = NULL;
    size_t i;

    for (i = 0; i < n && found == NULL; i++)
        found = extra_find(&d->policy->resources[d->resource[i]].extras,
                           name);
    return found;
}

static enum oauth_error
take_claims_of(struct decision *d, size_t n, struct sbuf *sb)
{
    const struct extras *extras =
        &d->policy->resources[d->resource[n]].extras;
    size_t i;

    for (i = 0; i < extras->n; i++) {
        const struct extra *claim = &extras->list[i], *other;

        if (extra_find(&d->cl->claims, claim->name) != NULL)
            continue;
        other = find_before(d, n, claim->name);
        if (other == NULL) {
            add_claim(sb, claim);
        } else if (strcmp(other->value, claim->value) != 0) {
            errtext_rule(d->why, RULE_CLAIMS_CONFLICT,
                         "the resources have different values for the claim "
                         "%s: ask for one at a time",
                         claim->name);
            return OAUTH_INVALID_TARGET;
        }
    }
    return OAUTH_OK;
}

enum oauth_error
grant_take_claims(struct decision *d, struct grant *grant)
{
    enum oauth_error rc = OAUTH_OK;
    struct sbuf sb;
    size_t i;

    sbuf_init(&sb, grant->claims, sizeof(grant->claims));
    for (i = 0; i < d->cl->claims.n; i++)
        add_claim(&sb, &d->cl->claims.list[i]);
    for (i = 0; rc == OAUTH_OK && i < d->n_resources; i++)
        rc = take_claims_of(d, i, &sb);
    if (rc == OAUTH_OK && sb.overflow)
        rc = grant_fail(d, OAUTH_INVALID_TARGET, RULE_CLAIMS_SIZE,
                        "the resources have more claims than one token can "
                        "carry: ask for one at a time");
    return rc;
}
