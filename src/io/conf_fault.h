/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What is wrong with a setting, and where it stands.
 */

#ifndef IO_CONF_FAULT_H
#define IO_CONF_FAULT_H

#include <stdbool.h>

#include "io/conf_keys.h"
#include "io/conf_read.h"
#include "io/path.h"

/*
 * The file that libconfig calls source, NULL for the policy itself: libconfig
 * 1.5 tells the name of an included file alone, which is relative to the
 * directory of the policy.  Returns one of the two, or buf.
 */
const char *conf_fault_file(const char *policy, const char *source,
                            char buf[PATH_TEXT_MAX]);

/*
 * Set the reason "FILE:LINE: PATH: " and what follows.
 *
 * Returns -1 always, as the other two do.
 */
int conf_fault(struct conf_reader *rd, const struct config_setting_t *setting,
               const char *path, const char *fmt, ...)
    __attribute__((__format__(printf, 4, 5)));

/*
 * The same with "found VALUE; expected EXPECTED"; kind puts the kind of the
 * value before it.
 */
int conf_fault_value(struct conf_reader *rd,
                     const struct config_setting_t *setting, const char *path,
                     bool kind, const char *expected);

/* The same with what the table expects of the key. */
int conf_fault_key(struct conf_reader *rd,
                   const struct config_setting_t *setting,
                   const struct conf_key *key, bool kind);

/* Tell who wants to know: "FILE:LINE: PATH: WHAT". */
void conf_fault_warn(const struct conf_reader *rd,
                     const struct config_setting_t *setting, const char *path,
                     const char *what);

#endif /* IO_CONF_FAULT_H */
