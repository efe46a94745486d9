/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The Test Anything Protocol for the unit tests.
 */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"

enum { TEXT_MAX = 1024, HEX_MAX = 64 };

static int tests;
static int failures;

static bool line(bool ok, const char *fmt, va_list args)
    __attribute__((__format__(printf, 2, 0)));

/* A name stays on its line, and has no '#' that would read as a directive. */
static bool
line(bool ok, const char *fmt, va_list args)
{
    char name[TEXT_MAX];

    (void)vsnprintf(name, sizeof(name), fmt, args);
    for (char *p = name; *p != '\0'; p++) {
        if (*p == '\n' || *p == '\r' || *p == '#')
            *p = ' ';
    }
    tests++;
    if (!ok)
        failures++;
    printf("%sok %d - %s\n", ok ? "" : "not ", tests, name);
    fflush(stdout);
    if (!ok)
        tap_diag("failed: %s", name);
    return ok;
}

static void
diag_hex(const char *label, const void *data, size_t len)
{
    const unsigned char *bytes = data;
    char text[2 * HEX_MAX + 1] = "";

    for (size_t i = 0; bytes != NULL && i < len && i < HEX_MAX; i++)
        (void)snprintf(text + 2 * i, 3, "%02x", bytes[i]);
    tap_diag("%s: %zu bytes: %s%s", label, len, bytes == NULL ? "NULL" : text,
             len > HEX_MAX ? "..." : "");
}

void
tap_ok(bool ok, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    (void)line(ok, fmt, args);
    va_end(args);
}

void
tap_is_int(long long expected, long long seen, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    if (!line(expected == seen, fmt, args))
        tap_diag("expected %lld, seen %lld", expected, seen);
    va_end(args);
}

void
tap_is_str(const char *expected, const char *seen, const char *fmt, ...)
{
    va_list args;
    bool same = expected == seen;

    if (expected != NULL && seen != NULL)
        same = strcmp(expected, seen) == 0;
    va_start(args, fmt);
    if (!line(same, fmt, args)) {
        tap_diag("expected: %s", expected == NULL ? "NULL" : expected);
        tap_diag("    seen: %s", seen == NULL ? "NULL" : seen);
    }
    va_end(args);
}

void
tap_is_mem(const void *expected, size_t elen, const void *seen, size_t slen,
           const char *fmt, ...)
{
    va_list args;
    bool same = elen == slen;

    if (same && elen > 0)
        same = expected != NULL && seen != NULL
            && memcmp(expected, seen, elen) == 0;
    va_start(args, fmt);
    if (!line(same, fmt, args)) {
        diag_hex("expected", expected, elen);
        diag_hex("    seen", seen, slen);
    }
    va_end(args);
}

void
tap_diag(const char *fmt, ...)
{
    char text[TEXT_MAX];
    va_list args;
    const char *p = text;

    va_start(args, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    do {
        size_t len = strcspn(p, "\n");

        fprintf(stderr, "# %.*s\n", (int)len, p);
        p += len;
        if (*p == '\n')
            p++;
    } while (*p != '\0');
}

void
tap_must(bool good, const char *what)
{
    if (good)
        return;
    tap_diag("the test cannot begin: %s", what);
    exit(EXIT_FAILURE);
}

void
tap_skip_all(const char *fmt, ...)
{
    char reason[TEXT_MAX];
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(reason, sizeof(reason), fmt, args);
    va_end(args);
    printf("1..0 # SKIP %s\n", reason);
    exit(EXIT_SUCCESS);
}

int
tap_done(void)
{
    printf("1..%d\n", tests);
    if (failures > 0)
        tap_diag("%d of %d tests failed", failures, tests);
    return tests > 0 && failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
