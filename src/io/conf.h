/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The policy file (libconfig), read through one table of keys.
 */

#ifndef IO_CONF_H
#define IO_CONF_H

#include <stddef.h>
#include <stdio.h>

#include "core/errtext.h"
#include "core/policy.h"
#include "io/conf_watch.h"

/* Told of what is allowed but surely not meant: "FILE:LINE: text". */
typedef void conf_warn_fn(void *arg, const char *text);

/*
 * Read, check and ready the policy in file.  Refuses an unknown key, a wrong
 * type, a value out of its limits, an undefined role or scope; the reason
 * begins with FILE:LINE: and says what was expected.  warn may be NULL.
 *
 * Returns 0 with *policy, which the caller frees with policy_free(), or -1
 * with the reason in *why and nothing to free.
 */
int conf_load(struct policy *policy, const char *file, conf_warn_fn *warn,
              void *arg, struct errtext *why);

/*
 * The same, and add to *watch the files that it was read from, those of a
 * refused policy too.
 */
int conf_load_watched(struct policy *policy, const char *file,
                      struct conf_watch *watch, struct errtext *why);

/*
 * Put "FILE:LINE: KEY: " before a reason that was found out after conf_load():
 * where the key stands in file, or that entry of it when it is a list; one of
 * an entry of a list of groups is "LIST.[ENTRY].KEY", and shown without the
 * number.  The
 * file is read again; without the line when it does not have the key any more.
 *
 * Returns -1 always.
 */
int conf_context(const char *file, const char *key, size_t entry,
                 struct errtext *why);

/*
 * Where the policy is: given (may be NULL), else $CCGRANT_CONFIG, else the
 * compiled-in name.  Static text or borrowed.
 */
const char *conf_file(const char *given);

/* Write every key with its type, default, limits and meaning, for tests. */
void conf_print_keys(FILE *out);

#endif /* IO_CONF_H */
