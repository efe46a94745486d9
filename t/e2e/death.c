/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Death at a chosen call: preloaded into a program, which is killed before the
 * call with the number in CCGRANT_DEATH of those that change something on the
 * disk, or lock a file, from 1 on.  A program that comes to its end writes how
 * many there were to the file that CCGRANT_DEATH_COUNT names.
 */

#undef _FORTIFY_SOURCE /* its inline versions of these functions */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static long met;

static void
point(void)
{
    const char *text = getenv("CCGRANT_DEATH");

    if (++met == (text != NULL ? strtol(text, NULL, 10) : 0))
        (void) syscall(SYS_kill, getpid(), SIGKILL);
}

__attribute__((destructor)) static void
say(void)
{
    const char *file = getenv("CCGRANT_DEATH_COUNT");
    char text[32];
    int n = snprintf(text, sizeof(text), "%ld\n", met);
    long fd;

    if (file == NULL)
        return;
    fd = syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_TRUNC,
                 0644);
    (void) syscall(SYS_write, fd, text, (size_t) n);
}

static int
open_met(int dir, const char *path, int flags, mode_t mode)
{
    if ((flags & (O_CREAT | O_TRUNC)) != 0)
        point();
    return (int) syscall(SYS_openat, dir, path, flags, mode);
}

int
open(const char *path, int flags, ...)
{
    va_list args;
    mode_t mode;

    va_start(args, flags);
    mode = (flags & O_CREAT) != 0 ? (mode_t) va_arg(args, unsigned) : 0;
    va_end(args);
    return open_met(AT_FDCWD, path, flags, mode);
}

int
open64(const char *path, int flags, ...)
{
    va_list args;
    mode_t mode;

    va_start(args, flags);
    mode = (flags & O_CREAT) != 0 ? (mode_t) va_arg(args, unsigned) : 0;
    va_end(args);
    return open_met(AT_FDCWD, path, flags, mode);
}

ssize_t
write(int fd, const void *bytes, size_t len)
{
    point();
    return syscall(SYS_write, fd, bytes, len);
}

ssize_t
pwrite(int fd, const void *bytes, size_t len, off_t at)
{
    point();
    return syscall(SYS_pwrite64, fd, bytes, len, at);
}

ssize_t
pwrite64(int fd, const void *bytes, size_t len, off64_t at)
{
    point();
    return syscall(SYS_pwrite64, fd, bytes, len, at);
}

int
fsync(int fd)
{
    point();
    return (int) syscall(SYS_fsync, fd);
}

int
fdatasync(int fd)
{
    point();
    return (int) syscall(SYS_fdatasync, fd);
}

int
link(const char *from, const char *to)
{
    point();
    return (int) syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int
rename(const char *from, const char *to)
{
    point();
    return (int) syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int
unlink(const char *path)
{
    point();
    return (int) syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}

int
unlinkat(int dir, const char *path, int flags)
{
    point();
    return (int) syscall(SYS_unlinkat, dir, path, flags);
}

int
mkdir(const char *path, mode_t mode)
{
    point();
    return (int) syscall(SYS_mkdirat, AT_FDCWD, path, mode);
}

int
flock(int fd, int how)
{
    point();
    return (int) syscall(SYS_flock, fd, how);
}
