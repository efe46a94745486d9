/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Where the settings of a policy stand in its files.
 */

#ifndef IO_CONF_LINES_H
#define IO_CONF_LINES_H

#include "io/path.h"

enum { CONF_LINES_TEXT_MAX = PATH_TEXT_MAX + 16 };

struct conf_lines;

/*
 * Read the policy again.  One that cannot be read any more has no settings.
 * The caller closes with conf_lines_close().
 */
struct conf_lines *conf_lines_open(const char *file);

/*
 * Write "FILE:LINE" of a setting, by its name in libconfig: "token.lifetime",
 * "resources.[0].scopes.[2]".
 *
 * Returns where, "" when the policy does not have it.
 */
const char *conf_lines_find(const struct conf_lines *lines, const char *path,
                            char where[CONF_LINES_TEXT_MAX]);

/* NULL is allowed. */
void conf_lines_close(struct conf_lines *lines);

#endif /* IO_CONF_LINES_H */
