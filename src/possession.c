/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Proof of possession.
 */

#include <stdio.h>
#include <string.h>

#include "core/assertion.h"
#include "core/dpop.h"
#include "io/crypto.h"
#include "io/expiring.h"
#include "once.h"
#include "possession.h"
#include "proofkeys.h"

/* Seconds, and which steps are fresh: hosts' clocks differ a little. */
enum { NONCE_STEP = 60, NONCE_BEHIND = 2, NONCE_AHEAD = 1 };

static enum oauth_error offer(struct service *service, enum dpop_nonce mode,
                              int64_t now, struct possession *possession,
                              struct errtext *why);
static enum oauth_error take_proof(struct service *service,
                                   const struct client *cl,
                                   const struct request *rq, int64_t now,
                                   struct possession *possession,
                                   struct errtext *why);
static enum oauth_error check_proof(struct service *service,
                                    const struct client *cl,
                                    const struct dpop *dpop,
                                    const char *method, int64_t now,
                                    char jkt[BINDING_TEXT_MAX],
                                    struct errtext *why);
static enum oauth_error check_nonce(struct service *service,
                                    enum dpop_nonce mode, const char *nonce,
                                    int64_t now, struct errtext *why);
static int is_fresh(struct service *service, const char *nonce, int64_t now,
                    struct errtext *why);

enum dpop_nonce
possession_nonce(const struct client *cl, const struct policy *policy)
{
    return cl->dpop_nonce != DPOP_NONCE_DEFAULT ? cl->dpop_nonce
                                                : policy->dpop.nonce;
}

enum oauth_error
possession_check(struct service *service, const struct client *cl,
                 const struct peer *peer, const struct request *rq,
                 int64_t now, struct possession *possession,
                 struct errtext *why)
{
    struct binding *binding = &possession->binding;
    enum oauth_error rc = OAUTH_OK;

    memset(possession, 0, sizeof(*possession));
    if (peer->has_cert)
        snprintf(binding->x5t, sizeof(binding->x5t), "%s", peer->x5t);
    if (rq->dpop != NULL) {
        rc = offer(service, possession_nonce(cl, service->policy), now,
                   possession, why);
        if (rc == OAUTH_OK)
            rc = take_proof(service, cl, rq, now, possession, why);
    }
    if (rc != OAUTH_OK)
        return rc;
    return possession_demand(cl, service->policy, binding, why);
}

/* The nonce of now, for whatever the answer will be. */
static enum oauth_error
offer(struct service *service, enum dpop_nonce mode, int64_t now,
      struct possession *possession, struct errtext *why)
{
    char nonce[VAULT_NONCE_TEXT_MAX];

    if (mode != DPOP_NONCE_ON && mode != DPOP_NONCE_REQUIRED)
        return OAUTH_OK;
    if (vault_nonce(service->vault, now / NONCE_STEP, nonce, why) != 0)
        return OAUTH_UNAVAILABLE;
    snprintf(possession->nonce, sizeof(possession->nonce), "%s", nonce);
    return OAUTH_OK;
}

/* The proof is remembered for as long as any policy could take it. */
static enum oauth_error
take_proof(struct service *service, const struct client *cl,
           const struct request *rq, int64_t now,
           struct possession *possession, struct errtext *why)
{
    char jkt[BINDING_TEXT_MAX];
    enum oauth_error rc;
    struct dpop dpop;

    if (dpop_parse(&dpop, rq->dpop, why) != 0)
        return OAUTH_INVALID_DPOP_PROOF;
    rc = check_proof(service, cl, &dpop, rq->method, now, jkt, why);
    if (rc == OAUTH_OK) {
        memcpy(possession->binding.jkt, jkt, sizeof(jkt));
        once_name("dpop", cl->id, dpop.jti, possession->use.id);
        possession->use.expires =
            dpop.iat + DPOP_AGE_MAX + ASSERTION_SKEW_MAX;
        possession->is_once = true;
    }
    dpop_free(&dpop);
    return rc;
}

/* The signature first: without it nothing that is claimed says anything. */
static enum oauth_error
check_proof(struct service *service, const struct client *cl,
            const struct dpop *dpop, const char *method, int64_t now,
            char jkt[BINDING_TEXT_MAX], struct errtext *why)
{
    const struct policy *policy = service->policy;
    int rc;

    if (client_is_fapi2(cl, policy) && !jose_is_fapi2(dpop->jws.alg)) {
        errtext_rule(why, RULE_DPOP_ALG,
                     "the proof is signed with %s, and the profile fapi2 "
                     "wants PS256, ES256 or EdDSA",
                     jose_name(dpop->jws.alg));
        return OAUTH_INVALID_DPOP_PROOF;
    }
    if (service->proofkeys == NULL)
        service->proofkeys = proofkeys_open(&service->warm_keys);
    rc = proofkeys_verify(service->proofkeys, &dpop->jwk, &dpop->jws, jkt,
                          why);
    if (rc < 0)
        return OAUTH_UNAVAILABLE;
    if (rc == 0 || dpop_check(dpop, policy, method, now, why) != 0)
        return OAUTH_INVALID_DPOP_PROOF;
    return check_nonce(service, possession_nonce(cl, policy), dpop->nonce, now,
                       why);
}

static enum oauth_error
check_nonce(struct service *service, enum dpop_nonce mode, const char *nonce,
            int64_t now, struct errtext *why)
{
    int rc;

    if (mode != DPOP_NONCE_ON && mode != DPOP_NONCE_REQUIRED)
        return OAUTH_OK;
    if (nonce == NULL && mode == DPOP_NONCE_ON)
        return OAUTH_OK;
    if (nonce == NULL) {
        errtext_rule(why, RULE_DPOP_NONCE, "the proof has no nonce");
        return OAUTH_USE_DPOP_NONCE;
    }
    rc = is_fresh(service, nonce, now, why);
    if (rc < 0)
        return OAUTH_UNAVAILABLE;
    if (rc == 1)
        return OAUTH_OK;
    errtext_rule(why, RULE_DPOP_NONCE,
                 "the proof's nonce is too old, or not of this server");
    return OAUTH_USE_DPOP_NONCE;
}

/* Returns 1 or 0, or -1 with the reason in *why. */
static int
is_fresh(struct service *service, const char *nonce, int64_t now,
         struct errtext *why)
{
    int64_t step = now / NONCE_STEP;
    size_t len = strnlen(nonce, DPOP_NONCE_MAX);
    char fresh[VAULT_NONCE_TEXT_MAX];
    int64_t i;

    for (i = step - NONCE_BEHIND; i <= step + NONCE_AHEAD; i++) {
        if (vault_nonce(service->vault, i, fresh, why) != 0)
            return -1;
        if (len == strlen(fresh) && crypto_equal(nonce, fresh, len))
            return 1;
    }
    return 0;
}

static enum oauth_error
lacks(enum oauth_error error, struct errtext *why, enum rule rule,
      const char *reason)
{
    errtext_rule(why, rule, "%s", reason);
    return error;
}

/*
 * RFC 9449, 5.2 does not name the error where a proof is demanded and missing;
 * this one tells the client what to send.
 */
enum oauth_error
possession_demand(const struct client *cl, const struct policy *policy,
                  const struct binding *binding, struct errtext *why)
{
    bool has_cert = binding->x5t[0] != '\0';
    bool has_proof = binding->jkt[0] != '\0';

    if (policy->mtls.required && !has_cert)
        return lacks(OAUTH_INVALID_REQUEST, why, RULE_POSSESSION_POLICY,
                     "mtls.required is set in the policy, and there is no "
                     "client certificate");
    if (cl->bind == BIND_MTLS && !has_cert)
        return lacks(OAUTH_INVALID_REQUEST, why, RULE_POSSESSION_REQUIRED,
                     "the record has bind mtls, and there is no client "
                     "certificate");
    if (cl->bind == BIND_DPOP && !has_proof)
        return lacks(OAUTH_INVALID_DPOP_PROOF, why, RULE_POSSESSION_REQUIRED,
                     "the record has bind dpop, and there is no DPoP proof");
    if (has_cert || has_proof)
        return OAUTH_OK;
    if (cl->bind == BIND_ANY)
        return lacks(OAUTH_INVALID_REQUEST, why, RULE_POSSESSION_REQUIRED,
                     "the record has bind any, and there is neither a client "
                     "certificate nor a DPoP proof");
    if (client_is_fapi2(cl, policy))
        return lacks(OAUTH_INVALID_REQUEST, why, RULE_POSSESSION_PROFILE,
                     "the profile fapi2 wants a bound token, and there is "
                     "neither a client certificate nor a DPoP proof");
    return OAUTH_OK;
}
