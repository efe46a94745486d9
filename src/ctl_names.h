/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Names that nobody defined, and those that were meant.
 */

#ifndef CTL_NAMES_H
#define CTL_NAMES_H

#include <stdbool.h>

#include "core/errtext.h"
#include "core/jose.h"
#include "core/policy.h"

/*
 * Whether the policy defines the name.
 *
 * Returns 0, or -1 with the reason in *why, which names the nearest one.
 */
typedef int ctl_names_fn(const struct policy *policy, const char *name,
                         struct errtext *why);

ctl_names_fn ctl_names_role, ctl_names_scope, ctl_names_resource;

/*
 * The algorithm of that name; own: of those that this server signs with.
 *
 * Returns 0 with *alg, or -1 with the reason in *why, which names the nearest
 * one, or all.
 */
int ctl_names_alg(enum jose_alg *alg, const char *name, bool own,
                  struct errtext *why);

/*
 * Say that value is none of the words, "" aside, and which is nearest, or
 * which there are.
 *
 * Returns -1 always.
 */
int ctl_names_word(const char *const *words, const char *value,
                   struct errtext *why);

#endif /* CTL_NAMES_H */
