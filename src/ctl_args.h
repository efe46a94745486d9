/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The command line, read by the tables of options.
 */

#ifndef CTL_ARGS_H
#define CTL_ARGS_H

#include <stdbool.h>

#include "core/errtext.h"
#include "ctl.h"

/*
 * Read the words behind the program's name into noun, command, args, given
 * and json.  Options and arguments may be mixed; "--" ends the options.  With
 * --help or --version, nothing is asked of the arguments.
 *
 * Returns 0, or CTL_USAGE with the reason, which names the nearest valid word.
 */
int ctl_args_read(struct ctl *ctl, char **words, struct errtext *why);

/* The value that the option was given last, or NULL. */
const char *ctl_args_value(const struct ctl *ctl, const char *name);

/* Whether the option was given. */
bool ctl_args_has(const struct ctl *ctl, const char *name);

/*
 * The next value that the option was given, from *at on, which begins at 0;
 * NULL when there is none left.
 */
const char *ctl_args_next(const struct ctl *ctl, const char *name, size_t *at);

#endif /* CTL_ARGS_H */
