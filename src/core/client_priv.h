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

/* Read the "secrets" member.  Returns 0, or -1 with the reason in *why. */
int client_secrets_read(struct client *cl, const struct json_t *value,
                        struct errtext *why);

/* A new reference, which the caller owns. */
struct json_t *client_secrets_write(const struct client *cl);

#endif /* CORE_CLIENT_PRIV_H */
