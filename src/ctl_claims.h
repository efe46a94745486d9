/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Static claims, and what is done for clients that cannot be changed, in a
 * client's record.
 */

#ifndef CTL_CLAIMS_H
#define CTL_CLAIMS_H

#include "ctl_options.h"
#include "ctl_table.h"

/* --claim NAME=JSON, all that were given. */
ctl_options_fn ctl_claims_put;

/* --basic, --scope-claim, --token-typ and --aud-claim. */
ctl_options_fn ctl_claims_basic, ctl_claims_scope, ctl_claims_typ;
ctl_options_fn ctl_claims_aud;

/* What "client show" says of them: what is not the default. */
void ctl_claims_facts(struct ctl_table *table, const struct client *cl);

#endif /* CTL_CLAIMS_H */
