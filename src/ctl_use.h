/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * When and from where credentials were last used, as anybody may see it.
 */

#ifndef CTL_USE_H
#define CTL_USE_H

#include "core/client.h"
#include "ctl.h"
#include "ctl_table.h"
#include "lastuse.h"

struct json_t;

/* Heads of the two columns that ctl_use_add() fills. */
#define CTL_USE_HEADS "LAST USE", "FROM"

/*
 * When uses began to be recorded here, as far as anybody looked: the first
 * call notes the present time.  0 when that cannot be read.
 */
int64_t ctl_use_since(struct ctl *ctl);

/*
 * The last use of a credential of the client; all zero when none is known, or
 * when it was of one before it with the same id.
 */
void ctl_use_find(struct ctl *ctl, const struct client *cl,
                  const char *credential, struct lastuse *use);

/* Add two cells: when, and from where. */
void ctl_use_add(struct ctl_table *table, const struct lastuse *use);

/* Set last_use, 0 for none that is known, and last_use_from. */
void ctl_use_set(struct json_t *object, const struct lastuse *use);

#endif /* CTL_USE_H */
