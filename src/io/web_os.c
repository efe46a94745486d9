/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What the files of the adapter want of the system: a clock and an error log.
 */

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "io/web_priv.h"

int64_t
web_now_ms(void)
{
    struct timespec ts;

    (void)clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t) ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

void
web_stderr(const char *line)
{
    struct iovec parts[2] = {
        { .iov_base = (void *) (uintptr_t) line, .iov_len = strlen(line) },
        { .iov_base = (char[]){ '\n' }, .iov_len = 1 },
    };
    ssize_t n;

    do {
        n = writev(STDERR_FILENO, parts, 2);
    } while (n < 0 && errno == EINTR);
}
