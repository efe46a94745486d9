/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Whether an access token is active (RFC 7662, 2.2), and what is in it.
 */

#ifndef ACTIVE_H
#define ACTIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/audit.h"
#include "core/claims.h"
#include "core/errtext.h"
#include "io/expiring.h"
#include "service.h"

/* One token that is active. */
struct active {
    bool is_opaque;
    unsigned char name[EXPIRING_ID_LEN]; /* SHA-256 of its text */
    char jti[AUDIT_JTI_MAX];
    char client_id[CLIENT_ID_MAX + 1];
    int64_t iat;
    int64_t exp;
    bool is_dpop; /* it is bound to a key (RFC 9449, 6.1) */
    char claims[CLAIMS_MAX + 1]; /* JSON object, as claims_add() wrote it */
    size_t claims_len;
};

/*
 * Find out about a token that anybody presented.  A token is active when this
 * server issued it, it has not expired, it was not revoked, neither alone nor
 * with others (struct client.revoked_until, "ccgrant token revoke --before"),
 * its client is there, enabled and not expired, and was made before it; and,
 * for a JWT, its signing key is published.  A JWT whose signature was checked
 * by this process is known again by its SHA-256.  One that is encrypted is not
 * active: it could not be told from another's; what is inside can be asked
 * about.
 *
 * roster_find() is called: entries that were had before are no longer valid.
 *
 * Returns 1 with *active, which the caller wipes; 0 when it is not active, for
 * the reason in *why; -1 with the reason in *why when the store failed.
 */
int active_find(struct service *service, const char *token, size_t len,
                int64_t now, struct active *active, struct errtext *why);

/*
 * Whether a token that is issued to the client at iat would be active, as far
 * as those revoked together are concerned.
 *
 * Returns 1; 0 when it would not, for the reason in *why: a moment later it
 * would; or -1 with the reason in *why when the store failed.
 */
int active_would_be(struct service *service, const struct client *cl,
                    int64_t iat, struct errtext *why);

/* Whether that is one of its audiences. */
bool active_is_for(const struct active *active, const char *audience);

struct active_memory;

/* Wipes and frees.  NULL is allowed. */
void active_memory_close(struct active_memory *memory);

#endif /* ACTIVE_H */
