/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What can be used once.
 */

#include <stdlib.h>
#include <string.h>

#include "io/crypto.h"
#include "once.h"

void
once_name(const char *kind, const char *client_id, const char *jti,
          unsigned char use[EXPIRING_ID_LEN])
{
    size_t kind_len = strlen(kind) + 1;
    size_t id_len = strlen(client_id) + 1;
    size_t jti_len = strlen(jti);
    size_t len = kind_len + id_len + jti_len;
    char *text = malloc(len);

    if (text == NULL)
        abort();
    /* With their terminators: no two such texts are the same. */
    memcpy(text, kind, kind_len);
    memcpy(text + kind_len, client_id, id_len);
    memcpy(text + kind_len + id_len, jti, jti_len);
    crypto_sha256(text, len, use);
    free(text);
}

enum oauth_error
once_spend(struct service *service, const struct auth *auth,
           const struct possession *possession,
           const struct expiring_record *record, int64_t now,
           struct errtext *why)
{
    struct expiring_change change = {
        .records = record,
        .n_records = record != NULL ? 1 : 0,
        .durable = record != NULL && service->policy->token.durable,
    };
    struct expiring_use uses[EXPIRING_USES_MAX];
    bool has_assertion = auth != NULL && auth->is_once;
    bool has_proof = possession != NULL && possession->is_once;
    size_t n = 0, there;
    int rc;

    if (has_assertion)
        uses[n++] = auth->use;
    if (has_proof)
        uses[n++] = possession->use;
    if (n == 0 && record == NULL)
        return OAUTH_OK;
    change.uses = uses;
    change.n_uses = n;
    rc = expiring_commit(service->expiring, &change, now, &there, why);
    if (rc < 0)
        errtext_under(why, RULE_SERVER_STORE);
    if (rc < 0)
        return OAUTH_UNAVAILABLE;
    if (rc == 1)
        return OAUTH_OK;
    if (has_assertion && there == 0) {
        errtext_rule(why, RULE_ASSERTION_REPLAY,
                     "the assertion was used before (RFC 7523, 3, 7)");
        return OAUTH_INVALID_CLIENT;
    }
    errtext_rule(why, RULE_DPOP_REPLAY,
                 "the DPoP proof was used before (RFC 9449, 11.1)");
    return OAUTH_INVALID_DPOP_PROOF;
}
