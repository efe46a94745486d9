/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Tokens that are given again to who asks again for the same, where the
 * client's record wants that.
 *
 * A memory of this process alone, emptied when anything in the store, or the
 * policy, may have changed.
 */

#ifndef REUSE_H
#define REUSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/audit.h"
#include "core/binding.h"
#include "core/client.h"
#include "core/errtext.h"
#include "core/grant.h"
#include "io/crypto.h"
#include "mint.h"
#include "service.h"

/* What tokens are the same. */
struct reuse_key {
    unsigned char digest[CRYPTO_SHA256_LEN];
};

/* A token that was given before. */
struct reuse_token {
    char *text; /* room for MINT_TOKEN_MAX bytes; the caller wipes it */
    char jti[AUDIT_JTI_MAX];
    int64_t expires;
};

/*
 * The key of what a client was granted, with that binding: two have the same
 * when their tokens differ in nothing but their time and jti, and are, if they
 * are encrypted, for the same reading of the same key of their resource.
 */
void reuse_key(struct reuse_key *key, struct service *service,
               const char *client_id, const struct grant *grant,
               const struct binding *binding, int64_t now);

/*
 * Find a token of that key with at least percent of its lifetime left that was
 * not revoked.  generation is that of the store before anything was read for
 * the request.
 *
 * Returns 1 with *token, 0 when there is none, or -1 with the reason in *why.
 */
int reuse_find(struct service *service, const struct reuse_key *key,
               uint64_t generation, int64_t percent, int64_t now,
               struct reuse_token *token, struct errtext *why);

/*
 * Remember a token that expires lifetime seconds from now; unless the store
 * changed since generation, or within this second, so that what revoked all
 * tokens up to now is not followed by one that it revoked, too.
 */
void reuse_add(struct service *service, const struct reuse_key *key,
               uint64_t generation, const char *text, const char *jti,
               bool is_opaque, int64_t lifetime, int64_t now);

struct reuse;

/* Wipes and frees.  NULL is allowed. */
void reuse_close(struct reuse *reuse);

#endif /* REUSE_H */
