/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * A look at the policy file before libconfig reads it.  libconfig 1.5 ends
 * the process when an included file is a directory, takes an integer that is
 * too large modulo 2^32, cuts a string at \x00 and leaves out what stands
 * behind a comment that is never closed, each without a word.  What else is
 * not closed it tells at the end of the file; here it is told where it opens.
 * An integer that begins with a zero is octal to some versions of libconfig
 * and decimal to others: it is refused.
 */

#ifndef IO_CONF_SCAN_H
#define IO_CONF_SCAN_H

#include "core/errtext.h"
#include "io/conf_watch.h"

/*
 * Whether file, and what it includes from the directory dir, can be given to
 * libconfig.  Each that is read, or should be, is added to *watch, unless that
 * is NULL.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int conf_scan(const char *file, const char *dir, struct conf_watch *watch,
              struct errtext *why);

#endif /* IO_CONF_SCAN_H */
