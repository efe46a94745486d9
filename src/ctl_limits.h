/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * How many tokens a client gets, and whether it gets one again, in its record.
 */

#ifndef CTL_LIMITS_H
#define CTL_LIMITS_H

#include "ctl_options.h"
#include "ctl_table.h"

/* --budget N/PERIOD, all that were given, and --reuse PERCENT. */
ctl_options_fn ctl_limits_budgets, ctl_limits_reuse;

/* What "client show" says of them. */
void ctl_limits_facts(struct ctl_table *table, const struct client *cl);

#endif /* CTL_LIMITS_H */
