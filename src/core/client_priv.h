/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The parts of the record's format: private to client*.c.
 */

#ifndef CORE_CLIENT_PRIV_H
#define CORE_CLIENT_PRIV_H

#include "core/client.h"

struct json_t;
struct member;

/* Reads a member of the record.  Returns 0, or -1 with the reason in *why. */
typedef int client_read_fn(struct client *cl, const struct member *m,
                           const struct json_t *value, struct errtext *why);

/* Returns a new reference, which the caller owns. */
typedef struct json_t *client_write_fn(const struct client *cl,
                                       const struct member *m);

client_read_fn client_secrets_read, client_keys_read, client_claims_read;
client_write_fn client_secrets_write, client_keys_write, client_claims_write;

#endif /* CORE_CLIENT_PRIV_H */
