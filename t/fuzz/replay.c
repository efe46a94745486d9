/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Feeds a fuzz target with its corpus, as a test: whoever does not abort and
 * reads nothing that is not its own has passed.
 */

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "tap.h"

enum { INPUT_MAX = 1 << 20 };

/* Feed one file, in memory of its own size. */
static void
feed(const char *dir, const char *name)
{
    static unsigned char buf[INPUT_MAX];
    char path[4096], *data;
    size_t size;
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    file = fopen(path, "rb");
    if (file == NULL) {
        tap_ok(false, "%s can be read", path);
        return;
    }
    size = fread(buf, 1, sizeof(buf), file);
    fclose(file);
    data = copy(buf, size, false);
    tap_is_int(0, LLVMFuzzerTestOneInput((const uint8_t *)data, size), "%s",
               name);
    free(data);
}

static int
is_input(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

int
main(void)
{
    const char *srcdir = getenv("SRCDIR");
    struct dirent **names;
    char dir[2048];
    int i, n;

    snprintf(dir, sizeof(dir), "%s/t/fuzz/corpus/%s",
             srcdir != NULL ? srcdir : ".", fuzz_corpus);
    n = scandir(dir, &names, is_input, alphasort);
    tap_ok(n > 0, "%s has a corpus", fuzz_corpus);
    for (i = 0; i < n; i++) {
        feed(dir, names[i]->d_name);
        free(names[i]);
    }
    if (n >= 0)
        free(names);
    return tap_done();
}
