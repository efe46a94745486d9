/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Where log lines go when they do not go to the web server: a file or syslog.
 */

#ifndef IO_LOG_H
#define IO_LOG_H

#include "core/errtext.h"

struct log;

/*
 * Open "syslog" or an absolute file (appended to, mode 0640, reopened when it
 * was moved away).
 *
 * Returns 0 with *log, which the caller closes with log_close(), or -1 with
 * the reason in *why.
 */
int log_open(struct log **log, const char *to, struct errtext *why);

/* Write one line, without its end, in one write. */
void log_line(struct log *log, const char *line);

/* NULL is allowed. */
void log_close(struct log *log);

#endif /* IO_LOG_H */
