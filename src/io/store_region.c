/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The files of the environment's shared memory.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <errno.h>
#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "io/path.h"
#include "io/store_region.h"

enum { LOG_ROOM = 2 << 20 }; /* for what one change or a recovery writes */

/* With the settings of store_env.c; the greatest is the cache. */
const struct store_region store_regions[STORE_REGIONS] = {
    {"__db.001", 1920 << 10},
    {"__db.002", 608 << 10},
    {"__db.003", 2816 << 10},
};

static const char reserve[] = "reserve";

static size_t room(void);
static int allocate(const char *dir, const char *name, int flags,
                    size_t len);

int
store_region_clear(const char *dir)
{
    char path[PATH_TEXT_MAX];
    size_t i;
    int rc;

    for (i = 0; i < STORE_REGIONS; i++) {
        if (path_join(path, dir, store_regions[i].name, NULL) < 0)
            return ENAMETOOLONG;
        if (unlink(path) < 0 && errno != ENOENT)
            return errno;
    }
    if (path_join(path, dir, reserve, NULL) < 0)
        return ENAMETOOLONG;
    rc = allocate(dir, reserve, O_CREAT, room());
    (void)unlink(path);
    return rc;
}

int
store_region_reserve(const char *dir)
{
    size_t i;
    int rc = 0;

    for (i = 0; i < STORE_REGIONS && rc == 0; i++)
        rc = allocate(dir, store_regions[i].name, 0, store_regions[i].max);
    if (rc == 0)
        (void)allocate(dir, reserve, O_CREAT, room());
    return rc;
}

bool
store_region_has_room(const char *dir)
{
    struct statvfs fs;

    return statvfs(dir, &fs) < 0
           || fs.f_bavail >= LOG_ROOM / (fs.f_frsize > 0 ? fs.f_frsize : 1);
}

static size_t
room(void)
{
    size_t len = LOG_ROOM;
    size_t i;

    for (i = 0; i < STORE_REGIONS; i++)
        len += store_regions[i].max;
    return len;
}

/* The size of the file stays what the library believes it to be. */
static int
allocate(const char *dir, const char *name, int flags, size_t len)
{
    char path[PATH_TEXT_MAX];
    int rc = 0;
    int fd;

    if (path_join(path, dir, name, NULL) < 0)
        return ENAMETOOLONG;
    fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0660);
    if (fd < 0)
        return errno;
    if (fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, (off_t)len) < 0)
        rc = errno;
    close(fd);
    /* A file system that cannot promise room cannot be held to it. */
    return rc == EOPNOTSUPP || rc == ENOSYS ? 0 : rc;
}
