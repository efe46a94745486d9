/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * A log file that may be moved away, or syslog.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <syslog.h>
#include <unistd.h>

#include "core/alloc.h"
#include "io/log.h"

struct log {
    char *path; /* NULL: syslog */
    int fd;
    dev_t dev; /* with ino: the file behind fd */
    ino_t ino;
};

static int open_file(const char *path, struct errtext *why);
static void follow(struct log *log);
static void adopt(struct log *log, int fd);

int
log_open(struct log **log, const char *to, struct errtext *why)
{
    struct log *l;
    int fd = -1;

    if (strcmp(to, "syslog") == 0)
        openlog("ccgrant", LOG_PID, LOG_AUTHPRIV);
    else if ((fd = open_file(to, why)) < 0)
        return -1;
    l = alloc_zero(1, sizeof(*l));
    l->fd = -1;
    if (fd >= 0) {
        l->path = alloc_text(to);
        adopt(l, fd);
    }
    *log = l;
    return 0;
}

void
log_line(struct log *log, const char *line)
{
    struct iovec parts[2] = {
        { .iov_base = (void *) (uintptr_t) line, .iov_len = strlen(line) },
        { .iov_base = (char[]){ '\n' }, .iov_len = 1 },
    };
    ssize_t n;

    if (log->path == NULL) {
        syslog(LOG_NOTICE, "%s", line);
        return;
    }
    follow(log);
    do {
        n = writev(log->fd, parts, 2);
    } while (n < 0 && errno == EINTR);
}

void
log_close(struct log *log)
{
    if (log == NULL)
        return;
    if (log->path == NULL)
        closelog();
    else
        close(log->fd);
    free(log->path);
    free(log);
}

/* A FIFO without a reader must not hold up the start. */
static int
open_file(const char *path, struct errtext *why)
{
    int fd;

    if (path[0] != '/')
        return errtext_set(why, "%s: a log is \"syslog\" or a file with its "
                                "full path", path);
    fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY |
                        O_NONBLOCK, 0640);
    if (fd < 0)
        return errtext_set(why, "%s: %s: make it writable for the user of "
                                "the web server", path, strerror(errno));
    return fd;
}

/* While the new file cannot be opened, the old one is better than none. */
static void
follow(struct log *log)
{
    struct stat st;
    int fd;

    if (stat(log->path, &st) == 0 && st.st_dev == log->dev &&
        st.st_ino == log->ino)
        return;
    fd = open_file(log->path, NULL);
    if (fd < 0)
        return;
    close(log->fd);
    adopt(log, fd);
}

static void
adopt(struct log *log, int fd)
{
    struct stat st;

    log->fd = fd;
    if (fstat(fd, &st) == 0) {
        log->dev = st.st_dev;
        log->ino = st.st_ino;
    }
}
