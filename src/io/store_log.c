/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The files of the log.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "io/store_log.h"

static int flush_file(int dir, const char *name);

int
store_log_flush(const char *dir)
{
    DIR *files = opendir(dir);
    const struct dirent *file;
    int rc = 0;

    if (files == NULL)
        return errno;
    while (rc == 0 && (file = readdir(files)) != NULL) {
        if (strncmp(file->d_name, "log.", 4) == 0)
            rc = flush_file(dirfd(files), file->d_name);
    }
    /* Not every file system can do this of a directory. */
    if (rc == 0 && fsync(dirfd(files)) < 0 && errno != EINVAL)
        rc = errno;
    closedir(files);
    return rc;
}

/* One that is moved to the archive meanwhile is no longer needed. */
static int
flush_file(int dir, const char *name)
{
    int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    int rc = 0;

    if (fd < 0)
        return errno == ENOENT ? 0 : errno;
    if (fdatasync(fd) < 0)
        rc = errno;
    close(fd);
    return rc;
}
