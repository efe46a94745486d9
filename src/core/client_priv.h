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

/*
 * A value of the record is read from, and written to, one member of the
 * object by a pair of functions.
 */
struct member {
    const char *name;
    client_read_fn *read;
    client_write_fn *write;
    size_t offset; /* of the member in struct client */
    size_t count;  /* of its number of entries there, for lists */
    const char *const *words; /* names of an enumeration's values */
    bool is_newer;            /* records of schema 1 do not have it */
};

client_read_fn client_secrets_read, client_keys_read, client_claims_read;
client_read_fn client_budgets_read;
client_write_fn client_secrets_write, client_keys_write, client_claims_write;
client_write_fn client_budgets_write;

/* Lists of strings, of networks, and of words that are bits. */
client_read_fn client_list_read, client_networks_read, client_words_read;
client_write_fn client_list_write, client_networks_write, client_words_write;

/*
 * Say that a member is not what was expected.
 *
 * Returns -1 always.
 */
int client_wrong(const struct member *m, const char *expected,
                 struct errtext *why);

#endif /* CORE_CLIENT_PRIV_H */
