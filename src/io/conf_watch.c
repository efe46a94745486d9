/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The files that a policy was read from.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "io/conf_watch.h"

/* Seconds; a file whose time is further ahead has a wrong clock's. */
enum { AHEAD_MAX = 2 };

void
conf_watch_add(struct conf_watch *watch, const char *file)
{
    struct conf_watched *at;

    if (watch == NULL)
        return;
    at = alloc_again(watch->files, (watch->n + 1) * sizeof(*watch->files));
    watch->files = at;
    at += watch->n++;
    at->file = alloc_text(file);
    path_stamp(file, &at->stamp);
}

/* Returns the bytes of the open regular file, or -1. */
static long
file_size(int fd, struct errtext *why)
{
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0)
        return errtext_set(why, "%s", strerror(errno));
    if (!S_ISREG(st.st_mode))
        return errtext_set(why, "not a regular file");
    if (st.st_size > CONF_FILE_MAX)
        return errtext_set(why, "more than %d bytes", (int)CONF_FILE_MAX);
    return (long)st.st_size;
}

int
conf_watch_read(struct conf_watch *watch, const char *file, char **text,
                struct errtext *why)
{
    size_t len = 0;
    ssize_t n;
    int fd, rc = -1;
    long size;

    conf_watch_add(watch, file); /* first: a change is then seen later */
    fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    size = file_size(fd, why);
    *text = NULL;
    if (size < 0)
        goto done;
    *text = alloc_bytes((size_t)size + 1);
    while (len < (size_t)size
           && (n = read(fd, *text + len, (size_t)size - len)) > 0)
        len += (size_t)n;
    (*text)[len] = '\0';
    rc = 0;
    if (strlen(*text) < len) {
        free(*text);
        rc = errtext_set(why, "not a text: it has a zero byte");
    }
done:
    if (fd >= 0)
        close(fd);
    return rc;
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
