/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The public keys of a client, for people and as JSON.
 */

#ifndef CTL_KEYTABLE_H
#define CTL_KEYTABLE_H

#include "core/client.h"
#include "ctl.h"
#include "ctl_table.h"

/* Print the table of the keys in the record. */
void ctl_keytable_print(struct ctl *ctl, const struct client *cl);

/* Add what is known of the record's jwks_uri, if it has one. */
void ctl_keytable_facts(struct ctl *ctl, struct ctl_table *table,
                        const struct client *cl);

struct json_t;

/* A new object with the same, or NULL when it has none. */
struct json_t *ctl_keytable_look(struct ctl *ctl, const struct client *cl);

/* Print a new client that has keys in place of a secret. */
void ctl_keytable_made(struct ctl *ctl, const struct client *cl);

#endif /* CTL_KEYTABLE_H */
