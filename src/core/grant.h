/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The decision: what a client gets that is who it says it is.
 */

#ifndef CORE_GRANT_H
#define CORE_GRANT_H

#include <stddef.h>
#include <stdint.h>

#include "core/client.h"
#include "core/errtext.h"
#include "core/form.h"
#include "core/oauth.h"
#include "core/policy.h"

enum {
    GRANT_SCOPE_MAX = 4096, /* bytes of scope text in one token */
    GRANT_AUDIENCES_MAX = FORM_RESOURCES_MAX,
};

struct grant {
    char scope[GRANT_SCOPE_MAX]; /* "" when the token has none */
    const char *audience[GRANT_AUDIENCES_MAX]; /* borrowed from the policy */
    size_t n_audiences;                        /* at least 1 */
    int64_t lifetime;                          /* seconds */
    enum token_format format;                  /* never FORMAT_DEFAULT */
    enum jose_alg alg;                         /* of a JWT */
};

/*
 * Every scope that the client may have: its own and those of its roles.  What
 * the policy no longer defines is left out.
 */
void grant_allowed(struct scope_set *allowed, const struct policy *policy,
                   const struct client *cl);

/*
 * Decide scope, audience, lifetime, format and algorithm: what the record says
 * goes before the resource, and that before the policy.
 *
 * form gives scope (RFC 6749, 3.3) and resource (RFC 8707, 2).  The scope
 * tokens of the request keep their order, repeats are dropped.  Aliases, when
 * the policy has them on, stand for scopes and never reach the token:
 * urn:opc:idm:__myscopes__ (all), urn:opc:idm:role.NAME (those of one granted
 * role), urn:opc:resource:expiry=SECONDS (a lifetime, cut to the limit).
 * Scopes of several resources in one token are OAUTH_INVALID_SCOPE (RFC 9068,
 * 3) unless the policy allows several audiences.
 *
 * Returns OAUTH_OK, or the error with the reason in *why.
 */
enum oauth_error grant_decide(struct grant *grant, const struct policy *policy,
                              const struct client *cl,
                              const struct scope_set *allowed,
                              const struct form *form, struct errtext *why);

#endif /* CORE_GRANT_H */
