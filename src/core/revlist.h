/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The list of revoked tokens: its claims, as a resource server reads them.
 *
 *     { "iss": ISSUER, "iat": T, "exp": T, "ttl": SECONDS,
 *       "all": T, "clients": { CLIENT-ID: T, ... },
 *       "tokens": { JTI: T, ... } }
 *
 * A token is revoked when "tokens" has its jti, or when its iat is not after
 * the time that "clients" has for its client_id, or not after "all".  The time
 * in "tokens" is when the token ends, and its entry with it.
 *
 * What one line says, no other repeats: a client that "all" covers is left
 * out, and so is a token that its client or "all" covers.  A client has a
 * share of "tokens", so that none can make the list too long for all: of more
 * revoked tokens those that were issued last are there, and the time in
 * "clients" covers the rest.
 */

#ifndef CORE_REVLIST_H
#define CORE_REVLIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* No registered type: a Token Status List has a number in each token that it
 * is about, and these tokens have none. */
#define REVLIST_TYP "revocations+jwt"

enum {
    REVLIST_TTL = 60,       /* seconds after which to read it again */
    REVLIST_MAX = 16777216, /* bytes of claims */
    REVLIST_SHARE = 1000,   /* tokens of one client */
    REVLIST_JTI_MAX = 32,   /* bytes */
};

/* What the list begins with; all times are seconds since the epoch. */
struct revlist_head {
    const char *issuer;
    int64_t iat;
    int64_t exp;
    int64_t all;  /* tokens up to and in this second are revoked, or 0 */
    size_t share; /* tokens of one client: REVLIST_SHARE, or less */
};

/* A text that is not terminated. */
struct revlist_name {
    const char *text;
    size_t len;
};

struct revlist;

/* The caller frees with revlist_free().  Never NULL. */
struct revlist *revlist_new(const struct revlist_head *head);

/* Add a client; in the order of memcmp(), all of them before the tokens. */
void revlist_add_client(struct revlist *list, const struct revlist_name *id,
                        int64_t until);

/*
 * Add a token of a client; all of one client come one after the other.  One
 * whose jti is too long is none of this server's, and is left out.
 */
void revlist_add_token(struct revlist *list, const struct revlist_name *client,
                       const struct revlist_name *jti, int64_t iat,
                       int64_t exp);

/*
 * End the list.
 *
 * Returns the claims, borrowed from it, with *len; or NULL when they are over
 * REVLIST_MAX bytes.
 */
const char *revlist_end(struct revlist *list, size_t *len);

/* NULL is allowed. */
void revlist_free(struct revlist *list);

#endif /* CORE_REVLIST_H */
