/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The decision: what a client gets that is who it says it is.
 */

#ifndef CORE_GRANT_H
#define CORE_GRANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/client.h"
#include "core/details.h"
#include "core/errtext.h"
#include "core/form.h"
#include "core/oauth.h"
#include "core/policy.h"

enum {
    GRANT_SCOPE_MAX = 4096, /* bytes of scope text in one token */
    GRANT_AUDIENCES_MAX = FORM_RESOURCES_MAX,
    GRANT_CLAIMS_MAX = 2 * (EXTRA_TEXT_MAX + 4 * EXTRA_COUNT_MAX) + 1,
};

/* Who decided it, in the order in which they are asked. */
enum grant_source {
    GRANT_BY_POLICY,
    GRANT_BY_RESOURCE,
    GRANT_BY_CLIENT,
    GRANT_BY_REQUEST,
};

struct grant {
    char scope[GRANT_SCOPE_MAX]; /* "" when the token has none */
    const char *audience[GRANT_AUDIENCES_MAX]; /* borrowed from the policy */
    size_t n_audiences;                        /* at least 1 */
    int64_t lifetime;                          /* seconds */
    enum token_format format;                  /* never FORMAT_DEFAULT */
    enum jose_alg alg;                         /* of a JWT */
    char details[DETAILS_MAX + 1]; /* authorization_details, or "" */
    char claims[GRANT_CLAIMS_MAX]; /* static ones, as ",\"name\":value" */
    const struct policy_resource *recipient; /* whose key a JWT is encrypted
                                                to; borrowed, or NULL */
    unsigned compat; /* bits of enum client_compat: where this token is another
                        than without them */
    enum grant_source lifetime_by, limit_by, format_by, alg_by;
    bool is_cut; /* the lifetime, to that limit */
};

/*
 * Every scope that the client may have: its own and those of its roles.  What
 * the policy no longer defines is left out.
 */
void grant_allowed(struct scope_set *allowed, const struct policy *policy,
                   const struct client *cl);

/*
 * Whether the grant type is there (OAUTH_INVALID_REQUEST) and this one
 * (OAUTH_UNSUPPORTED_GRANT_TYPE): RFC 6749, 4.4.2.
 */
enum oauth_error grant_check_type(const struct form *form,
                                  struct errtext *why);

/*
 * Decide scope, audience, lifetime, format, algorithm and the other content:
 * what the record says goes before the resource, and that before the policy.
 *
 * form gives scope (RFC 6749, 3.3) and resource (RFC 8707, 2).  The scope
 * tokens of the request keep their order, repeats are dropped.  Aliases, when
 * the policy has them on, stand for scopes and never reach the token:
 * urn:opc:idm:__myscopes__ (all), urn:opc:idm:role.NAME (those of one granted
 * role), urn:opc:resource:expiry=SECONDS (a lifetime, cut to the limit), and
 * a scope behind the audience of its resource (policy_qualified()).
 * Scopes of several resources in one token are OAUTH_INVALID_SCOPE (RFC 9068,
 * 3) unless the policy allows several audiences.
 *
 * authorization_details are granted as they came, or refused whole as
 * OAUTH_INVALID_DETAILS (RFC 9396, 5): by details_take(); and where their
 * resource is none that was named, none of the client's, or one too many, as a
 * scope of it would be.  Beside them an omitted scope is no scope: they say
 * what is wanted (RFC 9396, 3.1).
 *
 * Static claims of the client go before those of a resource.  Resources that
 * have different values for one claim are not together in a token
 * (OAUTH_INVALID_TARGET): each would believe the other's.  Nor are, in a JWT,
 * resources whose tokens are encrypted to different keys, or in different
 * ways, or of which some are not: compact serialization has one recipient
 * (RFC 7516, 7.1).
 *
 * Returns OAUTH_OK, or the error with the reason in *why.
 */
enum oauth_error grant_decide(struct grant *grant, const struct policy *policy,
                              const struct client *cl,
                              const struct scope_set *allowed,
                              const struct form *form, struct errtext *why);

#endif /* CORE_GRANT_H */
