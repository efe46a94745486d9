/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The options of "client add" and "client set", put into a record.
 */

#ifndef CTL_OPTIONS_H
#define CTL_OPTIONS_H

#include "core/client.h"
#include "core/errtext.h"
#include "ctl.h"
#include "ctl_clientkeys.h"

/*
 * Puts one option into the record; value is the one that was given last.
 *
 * Returns 0, or -1 with the reason in *why.
 */
typedef int ctl_options_fn(const struct ctl *ctl, struct client *cl,
                           const char *value, struct errtext *why);

/*
 * Change the record as the command line says, and check it against the
 * policy.  An undefined role, scope or resource is refused with the nearest
 * defined one.  keys are those of --jwks and --cert.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int ctl_options_apply(const struct ctl *ctl, struct client *cl,
                      const struct ctl_clientkeys *keys,
                      struct errtext *why);

#endif /* CTL_OPTIONS_H */
