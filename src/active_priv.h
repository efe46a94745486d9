/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What a process remembers of tokens, for active.c.
 */

#ifndef ACTIVE_PRIV_H
#define ACTIVE_PRIV_H

#include "active.h"
#include "core/access.h"
#include "core/keyrec.h"
#include "io/crypto.h"

enum {
    ACTIVE_SHELVES = 32,
    ACTIVE_SHELF_LEN = 8, /* of one shelf, the last used first */
};

/* A JWT whose signature was found good. */
struct active_known {
    unsigned char digest[CRYPTO_SHA256_LEN]; /* of its text */
    char kid[KEYREC_KID_MAX];
    struct access access;
    char *claims;
    size_t claims_len;
};

struct active_memory {
    bool is_fresh;       /* generation is set */
    uint64_t generation; /* that all of it is of */
    int64_t all_until;   /* older tokens are revoked; 0: none are */
    struct active_known *known[ACTIVE_SHELVES][ACTIVE_SHELF_LEN];
    char scratch[STORE_VALUE_MAX + 1]; /* what is read from the store */
};

/*
 * The memory, as the store is now: emptied when that changed.
 *
 * Returns it, or NULL with the reason in *why when the store failed.
 */
struct active_memory *active_memory_ready(struct service *service,
                                          struct errtext *why);

/* The JWT of that digest, borrowed until the next call, or NULL. */
const struct active_known *active_memory_find(
    struct active_memory *memory,
    const unsigned char digest[CRYPTO_SHA256_LEN]);

/* Remember one; its claims are copied. */
void active_memory_add(struct active_memory *memory,
                       const struct active_known *known);

#endif /* ACTIVE_PRIV_H */
