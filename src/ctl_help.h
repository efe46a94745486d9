/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What --help prints, made from the tables of commands and options.
 */

#ifndef CTL_HELP_H
#define CTL_HELP_H

#include <stdio.h>

#include "ctl.h"

/* Write the help of what the command line named: all, a noun, a command. */
void ctl_help(const struct ctl *ctl);

/* Write one line, "usage: ...", of the same. */
void ctl_help_usage(const struct ctl *ctl, FILE *out);

#endif /* CTL_HELP_H */
