/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Metadata, the JWK Set and health.
 */

#include <string.h>

#include "core/metadata.h"
#include "discovery.h"

static enum oauth_error answer_metadata(struct service *service,
                                        struct reply *rp);
static enum oauth_error answer_keys(struct service *service, int64_t now,
                                    struct reply *rp, struct errtext *why);
static enum oauth_error answer_health(struct service *service, int64_t now,
                                      struct reply *rp, struct errtext *why);

static bool
is_read(const struct request *rq)
{
    return strcmp(rq->method, "GET") == 0 || strcmp(rq->method, "HEAD") == 0;
}

static enum oauth_error
answer(struct service *service, enum endpoint endpoint, int64_t now,
       struct reply *rp, struct errtext *why)
{
    switch (endpoint) {
    case ENDPOINT_METADATA:
        return answer_metadata(service, rp);
    case ENDPOINT_KEYS:
        return answer_keys(service, now, rp, why);
    case ENDPOINT_HEALTH:
        return answer_health(service, now, rp, why);
    default:
        errtext_rule(why, RULE_REQUEST_PATH, "the path is no endpoint's");
        return OAUTH_NOT_FOUND;
    }
}

void
discovery_answer(struct service *service, enum endpoint endpoint,
                 const struct request *rq, int64_t now, struct reply *rp,
                 struct audit *audit)
{
    enum oauth_error rc;

    if (endpoint != ENDPOINT_NONE && !is_read(rq)) {
        errtext_rule(&audit->why, RULE_REQUEST_METHOD,
                     "the method is not GET or HEAD");
        rc = OAUTH_METHOD_NOT_ALLOWED;
    } else if (rq->fault == REQUEST_DUPLICATE) {
        errtext_rule(&audit->why, RULE_REQUEST_HEADER,
                     "%s came more than once", rq->repeated);
        rc = OAUTH_INVALID_REQUEST;
    } else {
        rc = answer(service, endpoint, now, rp, &audit->why);
    }
    if (rc != OAUTH_OK)
        reply_error(rp, rc);
    if (rc == OAUTH_METHOD_NOT_ALLOWED)
        rp->allow = "GET, HEAD";
    audit->outcome = rc;
}

static enum oauth_error
answer_metadata(struct service *service, struct reply *rp)
{
    if (service->metadata == NULL)
        service->metadata = metadata_text(service->policy);
    reply_document(rp, service->metadata, strlen(service->metadata));
    return OAUTH_OK;
}

static enum oauth_error
answer_keys(struct service *service, int64_t now, struct reply *rp,
            struct errtext *why)
{
    size_t len;
    const char *jwks = keyring_jwks(service->keyring, now, &len, why);

    if (jwks == NULL)
        return OAUTH_UNAVAILABLE;
    reply_document(rp, jwks, len);
    return OAUTH_OK;
}

/* Good when the store answers and a key can sign: a token could be issued. */
static enum oauth_error
answer_health(struct service *service, int64_t now, struct reply *rp,
              struct errtext *why)
{
    static const char good[] = "{\"status\":\"ok\"}";
    static const char less[] = "{\"status\":\"ok\",\"warning\":"
                               "\"a signing key cannot be read\"}";
    char schema[STORE_VALUE_MAX + 1];
    size_t len;
    int rc;

    rc = store_get(service->store, STORE_META, "schema", schema,
                   sizeof(schema), &len, why);
    if (rc == 0)
        errtext_set(why, "the store has lost its schema: restore a backup");
    if (rc != 1
        || keyring_signer(service->keyring, service->policy->token.alg, now,
                          why)
               == NULL)
        return OAUTH_UNAVAILABLE;
    if (keyring_is_whole(service->keyring))
        reply_document(rp, good, sizeof(good) - 1);
    else
        reply_document(rp, less, sizeof(less) - 1);
    rp->cacheable = false;
    return OAUTH_OK;
}
