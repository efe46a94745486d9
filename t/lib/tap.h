/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The Test Anything Protocol for the unit tests: one line a test, the plan
 * at the end.  A test program that dies early prints no plan, and so fails.
 */

#ifndef T_LIB_TAP_H
#define T_LIB_TAP_H

#include <stdbool.h>
#include <stddef.h>

#define LEN(array) (sizeof(array) / sizeof((array)[0]))

/* One test line, named by the format. */
void tap_ok(bool ok, const char *fmt, ...)
    __attribute__((__format__(printf, 2, 3)));

/* As tap_ok; a failure shows both values.  A string may be NULL. */
void tap_is_int(long long expected, long long seen, const char *fmt, ...)
    __attribute__((__format__(printf, 3, 4)));
void tap_is_str(const char *expected, const char *seen, const char *fmt, ...)
    __attribute__((__format__(printf, 3, 4)));
void tap_is_mem(const void *expected, size_t elen, const void *seen,
                size_t slen, const char *fmt, ...)
    __attribute__((__format__(printf, 5, 6)));

/* What a test begins with: when it is not good there is no test. */
void tap_must(bool good, const char *what);

/* A diagnostic on standard error, each line of it behind "# ". */
void tap_diag(const char *fmt, ...)
    __attribute__((__format__(printf, 1, 2)));

/* Print the plan of a skipped program with the reason, and exit with 0. */
void tap_skip_all(const char *fmt, ...)
    __attribute__((__format__(printf, 1, 2), __noreturn__));

/*
 * Print the plan.
 *
 * Returns the exit status for main: 0 when every test passed and there was
 * one at least, 1 otherwise.
 */
int tap_done(void);

#endif /* T_LIB_TAP_H */
