/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The files that a policy was read from, and whether they have changed since.
 */

#ifndef IO_CONF_WATCH_H
#define IO_CONF_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/errtext.h"
#include "io/path.h"

enum { CONF_FILE_MAX = 4194304 }; /* bytes */

/* All zero is an empty one. */
struct conf_watch {
    struct conf_watched {
        char *file;
        struct path_stamp stamp; /* when it was about to be read */
    } * files;
    size_t n;
};

/*
 * Note a file that is about to be read, or is not there.  A NULL watch is
 * allowed.
 */
void conf_watch_add(struct conf_watch *watch, const char *file);

/*
 * Note a file and read it: a regular one, of at most CONF_FILE_MAX bytes, none
 * of them zero.
 *
 * Returns 0 with its text, which the caller frees, or -1 with the reason in
 * *why, without the name of the file.
 */
int conf_watch_read(struct conf_watch *watch, const char *file, char **text,
                    struct errtext *why);

/*
 * Whether any file is another than the one that was noted, or another version
 * of it.  A file that changed within this second, or seems to, may be half
 * written, and the next change of it may not show: then nothing is due yet.
 */
bool conf_watch_is_due(const struct conf_watch *watch, int64_t now);

/* Frees all, and leaves it empty. */
void conf_watch_clear(struct conf_watch *watch);

#endif /* IO_CONF_WATCH_H */
