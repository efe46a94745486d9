/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Proof of possession: what a token will be bound to.
 */

#ifndef POSSESSION_H
#define POSSESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "core/binding.h"
#include "core/client.h"
#include "core/oauth.h"
#include "core/request.h"
#include "peer.h"
#include "service.h"

enum { POSSESSION_NONCE_MAX = 64 };

struct possession {
    struct binding binding;
    bool is_once;                       /* a proof, for one use */
    struct expiring_use use;            /* what names that use */
    char nonce[POSSESSION_NONCE_MAX]; /* for the client's next proof, or "" */
};

/*
 * Check what the request proves to have: the certificate of the connection and
 * the DPoP proof, if there is one (RFC 9449, 5).  Either binds the token.  The
 * record's bind, its profile and the policy say what must be there.
 *
 * Nonces (RFC 9449, 8) are derived from master.key and the time: any process
 * knows them, nothing is stored.  With "on" one is offered at every answer to
 * a proof, and one that comes must be fresh; with "required" it must come.
 *
 * Returns OAUTH_OK; OAUTH_INVALID_DPOP_PROOF; OAUTH_USE_DPOP_NONCE with a
 * nonce, before anything is used up; OAUTH_INVALID_REQUEST when what the
 * record demands is missing; OAUTH_UNAVAILABLE.
 */
enum oauth_error possession_check(struct service *service,
                                  const struct client *cl,
                                  const struct peer *peer,
                                  const struct request *rq, int64_t now,
                                  struct possession *possession,
                                  struct errtext *why);

/*
 * Whether what was proved is what the record, its profile and the policy
 * demand.
 *
 * Returns OAUTH_OK, or the error with the reason in *why.
 */
enum oauth_error possession_demand(const struct client *cl,
                                   const struct policy *policy,
                                   const struct binding *binding,
                                   struct errtext *why);

/* Whether the client's proofs have a nonce: as its record, or the policy. */
enum dpop_nonce possession_nonce(const struct client *cl,
                                 const struct policy *policy);

#endif /* POSSESSION_H */
