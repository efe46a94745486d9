/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * A store for tests, in a directory that goes with the test.
 */

#ifndef T_LIB_STATE_H
#define T_LIB_STATE_H

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "io/store.h"
#include "tap.h"

enum { STATE_PATH_MAX = 96 };

#ifdef __SANITIZE_ADDRESS__
/* A handle of a past life leaves some memory behind when it is discarded:
 * hence store_is_worn(). */
const char *__lsan_default_suppressions(void);

const char *
__lsan_default_suppressions(void)
{
    return "leak:libdb\n";
}
#endif

/* Run that in the directory. */
static inline void
state_shell(const char *dir, const char *what)
{
    char command[256];

    snprintf(command, sizeof(command), "cd '%s' && %s", dir, what);
    if (system(command) != 0)
        tap_diag("%s failed", command);
}

/* Make the directory, of a template for mkdtemp(), and a store in it. */
static inline void
state_make(char *dir, char state[STATE_PATH_MAX])
{
    struct errtext why = {.text = ""};

    if (mkdtemp(dir) == NULL)
        abort();
    state_shell(dir, "mkdir -m 770 state");
    snprintf(state, STATE_PATH_MAX, "%s/state", dir);
    if (store_create(state, &why) < 0) {
        tap_diag("%s", why.text);
        abort();
    }
}

static inline struct store *
state_open(const char *state, enum store_role role)
{
    struct errtext why = {.text = ""};
    struct store *store = NULL;

    if (store_open(&store, state, role, &why) < 0) {
        tap_diag("%s", why.text);
        abort();
    }
    return store;
}

/* Of that file, or -1. */
static inline long long
state_pages(const char *state, const char *file)
{
    char path[2 * STATE_PATH_MAX];
    struct stat st;

    snprintf(path, sizeof(path), "%s/%s", state, file);
    return stat(path, &st) < 0 ? -1 : (long long)st.st_size / 4096;
}

/* How many paths there are of that pattern. */
static inline size_t
state_files(const char *dir, const char *pattern)
{
    char path[2 * STATE_PATH_MAX];
    glob_t found;
    size_t n = 0;

    snprintf(path, sizeof(path), "%s/%s", dir, pattern);
    if (glob(path, 0, NULL, &found) == 0) {
        n = found.gl_pathc;
        globfree(&found);
    }
    return n;
}

static inline void
state_remove(const char *dir)
{
    char command[2 * STATE_PATH_MAX];

    snprintf(command, sizeof(command), "rm -rf '%s'", dir);
    if (system(command) != 0)
        tap_diag("cannot remove %s", dir);
}

#endif /* T_LIB_STATE_H */
