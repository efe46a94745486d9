/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What can be used once.
 */

#ifndef ONCE_H
#define ONCE_H

#include "auth.h"
#include "budget.h"
#include "io/expiring.h"
#include "possession.h"

/*
 * The name of a use: of that kind, by that client, with that jti.  No two that
 * differ in any of the three have the same.
 */
void once_name(const char *kind, const char *client_id, const char *jti,
               unsigned char use[EXPIRING_ID_LEN]);

/* What is done with a token that is issued. */
struct once_token {
    const struct expiring_record *record; /* what is written of it, or NULL */
    struct budget *budget; /* what it is counted in */
};

/*
 * Use up the assertion that a client authenticated with (RFC 7523, 3, 7) and
 * the proof beside it (RFC 9449, 11.1), both or neither, after everything else
 * that can refuse the request.  Either may be NULL, and work more than once.
 * token, unless it is NULL, is counted and written with them, all or nothing,
 * and is durable when the policy says so of tokens; unless group_is_on() is
 * true: then it is after the next store_flush().
 *
 * Returns OAUTH_OK; OAUTH_INVALID_CLIENT when the assertion was used before
 * (RFC 7521, 4.2.1), OAUTH_INVALID_DPOP_PROOF when the proof was;
 * OAUTH_TOO_MANY with audit->retry_after when a budget is used up: then
 * nothing else is; or OAUTH_UNAVAILABLE when the store failed.
 */
enum oauth_error once_spend(struct service *service, const struct auth *auth,
                            const struct possession *possession,
                            const struct once_token *token, int64_t now,
                            struct audit *audit);

#endif /* ONCE_H */
