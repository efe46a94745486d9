/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The claims of an access token of this server, read back.
 */

#ifndef CORE_ACCESS_H
#define CORE_ACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/audit.h"
#include "core/client.h"
#include "core/errtext.h"

struct access {
    char jti[AUDIT_JTI_MAX];
    char client_id[CLIENT_ID_MAX + 1];
    int64_t iat; /* seconds since the epoch */
    int64_t exp;
    bool is_dpop; /* bound to a key: cnf has jkt (RFC 9449, 6.1) */
};

/*
 * Read what claims_add() wrote.  Refuses what jparse_object() refuses; an iss
 * other than issuer; and jti, client_id, iat and exp that are missing or of
 * another form than there.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int access_read(struct access *access, const char *claims, size_t len,
                const char *issuer, struct errtext *why);

/* Whether aud in the claims is that text, or has it. */
bool access_is_for(const char *claims, size_t len, const char *audience);

#endif /* CORE_ACCESS_H */
