/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What can be used once.
 */

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "group.h"
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
    char *text = alloc_bytes(len);

    /* With their terminators: no two such texts are the same. */
    memcpy(text, kind, kind_len);
    memcpy(text + kind_len, client_id, id_len);
    memcpy(text + kind_len + id_len, jti, jti_len);
    crypto_sha256(text, len, use);
    free(text);
}

static enum oauth_error
refuse_use(bool is_assertion, struct errtext *why)
{
    if (is_assertion) {
        errtext_rule(why, RULE_ASSERTION_REPLAY,
                     "the assertion was used before (RFC 7523, 3, 7)");
        return OAUTH_INVALID_CLIENT;
    }
    errtext_rule(why, RULE_DPOP_REPLAY,
                 "the DPoP proof was used before (RFC 9449, 11.1)");
    return OAUTH_INVALID_DPOP_PROOF;
}

/* Add what is done with a token. */
static void
add_token(struct expiring_change *change, const struct service *service,
          const struct once_token *token)
{
    change->records = token->record;
    change->n_records = token->record != NULL ? 1 : 0;
    change->counts = token->budget->counts;
    change->n_counts = token->budget->n;
    change->durable = token->record != NULL && service->policy->token.durable
                      && !group_is_on(service);
}

enum oauth_error
once_spend(struct service *service, const struct auth *auth,
           const struct possession *possession,
           const struct once_token *token, int64_t now, struct audit *audit)
{
    struct expiring_use uses[EXPIRING_USES_MAX];
    struct expiring_change change = {.uses = uses};
    bool has_assertion = auth != NULL && auth->is_once;
    size_t there;
    int rc;

    if (has_assertion)
        uses[change.n_uses++] = auth->use;
    if (possession != NULL && possession->is_once)
        uses[change.n_uses++] = possession->use;
    if (token != NULL)
        add_token(&change, service, token);
    if (change.n_uses + change.n_counts + change.n_records == 0)
        return OAUTH_OK;
    rc = expiring_commit(service->expiring, &change, now, &there,
                         &audit->why);
    if (rc == 1)
        return OAUTH_OK;
    if (rc == 0)
        return refuse_use(has_assertion && there == 0, &audit->why);
    if (rc == 2) {
        audit->retry_after =
            budget_refuse(token->budget, there, now, &audit->why);
        return OAUTH_TOO_MANY;
    }
    errtext_under(&audit->why, RULE_SERVER_STORE);
    return OAUTH_UNAVAILABLE;
}
