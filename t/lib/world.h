/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * A service for the endpoints' tests: the sample policy, a real vault in a
 * scratch directory, keys and clients in the fake store.
 */

#ifndef T_LIB_WORLD_H
#define T_LIB_WORLD_H

#include <stdint.h>

#include "core/binding.h"
#include "core/client.h"
#include "core/request.h"
#include "mint.h"
#include "service.h"

/* The time in the tests. */
#define WORLD_NOW INT64_C(1800000000)

struct world {
    struct policy policy;
    struct service service;
    char dir[64];
};

/* Open it, with no key and no client; ends the test when that fails. */
void world_open(struct world *world);

/* Make a signing key that signs from a time on. */
void world_key(struct world *world, enum jose_alg alg, int64_t from);

/* A new record of these roles; the caller changes it and stores it. */
struct client *world_client(const char *id, const char *roles);

/*
 * Add a secret of the text to the record: a time is 0 for none.  A slow one
 * also sets the mark that the command sets.
 */
void world_secret(struct world *world, struct client *cl,
                  enum secret_scheme scheme, const char *text,
                  int64_t not_before, int64_t not_after);

/* Store the record and free it. */
void world_store(struct client *cl);

/*
 * Issue a token of ES256, or an opaque one, to that client: for SAMPLE_ORDERS,
 * of the scope orders.read, for WORLD_LIFETIME seconds.  binding may be NULL.
 */
enum { WORLD_LIFETIME = 3600 };
void world_token(struct world *world, const char *client_id,
                 enum token_format format, const struct binding *binding,
                 int64_t now, char token[MINT_TOKEN_MAX]);

/* What a request about a token sends: NULL is the usual. */
struct world_sent {
    const char *method, *type, *basic, *body, *accept;
    int64_t later; /* than WORLD_NOW */
};

/*
 * A POST request with that secret, "ID:SECRET", about that token, but for what
 * is sent; an empty one is none.  It is there until the next.
 */
struct request world_request(const struct world_sent *sent, const char *basic,
                             const char *token);

/* Closes, and removes the directory. */
void world_close(struct world *world);

#endif /* T_LIB_WORLD_H */
