/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * A file in memory, for targets that read one by its name.
 */

#ifndef T_FUZZ_FILE_H
#define T_FUZZ_FILE_H

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"

enum { FILE_NAME_MAX = 32 };

struct file {
    int fd;
    char name[FILE_NAME_MAX];
};

/* Begin an empty one; the caller ends it with file_close(). */
static inline void
file_open(struct file *file)
{
    file->fd = memfd_create("fuzz", MFD_CLOEXEC);
    hold(file->fd >= 0);
    snprintf(file->name, sizeof(file->name), "/proc/self/fd/%d", file->fd);
}

static inline void
file_add(struct file *file, const void *data, size_t len)
{
    hold(write(file->fd, data, len) == (ssize_t)len);
}

static inline void
file_close(struct file *file)
{
    close(file->fd);
}

#endif /* T_FUZZ_FILE_H */
