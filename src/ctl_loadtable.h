/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What a restore has done, for people and as JSON.
 */

#ifndef CTL_LOADTABLE_H
#define CTL_LOADTABLE_H

#include <stdbool.h>

#include "ctl.h"
#include "ctl_load.h"

/* has_new_master: master.key was another one before. */
void ctl_loadtable_print(const struct ctl *ctl, const struct ctl_load *load,
                         bool has_new_master);

#endif /* CTL_LOADTABLE_H */
