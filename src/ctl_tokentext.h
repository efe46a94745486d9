/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The argument TOKEN.
 */

#ifndef CTL_TOKENTEXT_H
#define CTL_TOKENTEXT_H

#include <stddef.h>

#include "core/errtext.h"
#include "ctl.h"

enum { CTL_TOKENTEXT_MAX = 65536 }; /* bytes */

/*
 * Copy the first argument to text, or standard input without the white space
 * at its end when that is "-".  The caller wipes it.
 *
 * Returns 0 with *len, or -1 with the reason in *why.
 */
int ctl_tokentext_read(const struct ctl *ctl, char text[CTL_TOKENTEXT_MAX + 1],
                       size_t *len, struct errtext *why);

#endif /* CTL_TOKENTEXT_H */
