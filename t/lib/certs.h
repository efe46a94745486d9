/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Certificates for tests, of t/data/certs.pem; t/lib/Ca.pm tells their names.
 */

#ifndef T_LIB_CERTS_H
#define T_LIB_CERTS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/b64.h"

enum { CERTS_MAX = 4096 };

/* The PEM of that name; the test ends when there is none. */
static void
certs_pem(const char *name, char pem[CERTS_MAX])
{
    const char *srcdir = getenv("SRCDIR");
    char path[1024], line[128];
    size_t len = 0;
    int in = 0;
    FILE *file;

    snprintf(path, sizeof(path), "%s/t/data/certs.pem", srcdir ? srcdir : ".");
    file = fopen(path, "r");
    while (file && fgets(line, sizeof(line), file)) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "# ", 2) == 0)
            in = strcmp(line + 2, name) == 0;
        else if (in)
            len += (size_t)snprintf(pem + len, CERTS_MAX - len, "%s\n", line);
        if (len >= CERTS_MAX)
            abort();
    }
    if (!file || len == 0)
        abort();
    fclose(file);
}

/* The same in DER; returns the number of bytes. */
static inline size_t
certs_der(const char *name, unsigned char der[CERTS_MAX])
{
    char pem[CERTS_MAX], text[CERTS_MAX];
    const char *at;
    size_t len = 0;
    long n;

    certs_pem(name, pem);
    for (at = strchr(pem, '\n') + 1; *at != '-'; at++)
        if (*at != '\n')
            text[len++] = *at;
    n = b64_decode(text, len, der, CERTS_MAX);
    if (n <= 0)
        abort();
    return (size_t)n;
}

/* Write those of the names, with spaces between, to a file. */
static inline void
certs_write(const char *path, const char *names)
{
    FILE *file = fopen(path, "w");
    char pem[CERTS_MAX], name[64];
    size_t n;

    if (!file)
        abort();
    for (; *names; names += n, names += strspn(names, " ")) {
        n = strcspn(names, " ");
        snprintf(name, sizeof(name), "%.*s", (int)n, names);
        certs_pem(name, pem);
        fputs(pem, file);
    }
    if (fclose(file) != 0)
        abort();
}

#endif /* T_LIB_CERTS_H */
