/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * A disk that counts, waits and fails: preloaded into a program, with the name
 * of a directory in CCGRANT_DISK.
 *
 * Each flush adds a byte to the file "count" there.  While there is a file
 * "slow" it takes 20 ms longer.  One that finds a file "fail" removes it and
 * fails.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { SLOW_NS = 20000000, NAME_MAX_LEN = 4096 };

static int
flush(long call, int fd)
{
    const char *dir = getenv("CCGRANT_DISK");
    char name[NAME_MAX_LEN];
    int count;

    if (dir == NULL)
        return (int) syscall(call, fd);
    (void) snprintf(name, sizeof(name), "%s/count", dir);
    count = open(name, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
    if (count >= 0) {
        if (write(count, ".", 1) != 1)
            abort();
        (void) close(count);
    }
    (void) snprintf(name, sizeof(name), "%s/slow", dir);
    if (access(name, F_OK) == 0)
        (void) nanosleep(&(struct timespec){.tv_nsec = SLOW_NS}, NULL);
    (void) snprintf(name, sizeof(name), "%s/fail", dir);
    if (unlink(name) == 0) {
        errno = EIO;
        return -1;
    }
    return (int) syscall(call, fd);
}

int
fdatasync(int fd)
{
    return flush(SYS_fdatasync, fd);
}

int
fsync(int fd)
{
    return flush(SYS_fsync, fd);
}
