/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The files that a policy was read from.
 */

#include <stdlib.h>
#include <string.h>

#include "io/conf_watch.h"

/* Seconds; a file whose time is further ahead has a wrong clock's. */
enum { AHEAD_MAX = 2 };

void
conf_watch_add(struct conf_watch *watch, const char *file)
{
    struct conf_watched *at;

    if (watch == NULL)
        return;
    at = realloc(watch->files, (watch->n + 1) * sizeof(*watch->files));
    if (at == NULL)
        abort();
    watch->files = at;
    at += watch->n++;
    at->file = strdup(file);
    if (at->file == NULL)
        abort();
    path_stamp(file, &at->stamp);
}

bool
conf_watch_is_due(const struct conf_watch *watch, int64_t now)
{
    struct path_stamp stamp;
    bool is_due = false;
    size_t i;

    for (i = 0; i < watch->n; i++) {
        path_stamp(watch->files[i].file, &stamp);
        if (path_stamp_is_same(&stamp, &watch->files[i].stamp))
            continue;
        if (stamp.changed.tv_sec >= now
            && stamp.changed.tv_sec - now < AHEAD_MAX)
            return false;
        is_due = true;
    }
    return is_due;
}

void
conf_watch_clear(struct conf_watch *watch)
{
    size_t i;

    for (i = 0; i < watch->n; i++)
        free(watch->files[i].file);
    free(watch->files);
    memset(watch, 0, sizeof(*watch));
}
