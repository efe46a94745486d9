/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What becomes of logs that are no longer needed.
 *
 * The library could remove them by itself, but the flag for that is one of the
 * environment: any process that opens it would set it for all.
 */

#include <sys/types.h>

#include <db.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "io/path.h"
#include "io/store.h"
#include "io/store_archive.h"
#include "io/store_env.h"
#include "io/store_upkeep.h"

enum { MODE = 0640, BLOCK = 65536 };

static store_env_step_fn list_logs;
static bool move(const char *archive, const char *path);
static int link_or_copy(const char *archive, const char *path,
                        const char *target);
static int copy(const char *path, const char *draft);
static int pour(int from, int to);
static bool is_same(const char *a, const char *b);
static bool streams_are_same(FILE *a, FILE *b);
static int sync_dir(const char *dir);

void
store_archive(struct store *store, const char *dir)
{
    snprintf(store->archive, sizeof(store->archive), "%s", dir);
}

void
store_archive_logs(struct store *store)
{
    char **logs = NULL;
    bool goes = true;
    size_t i;

    if (store_env_run(store, list_logs, &logs, NULL) < 0 || logs == NULL)
        return;
    /* The oldest first, and none behind one that stays: the library does not
     * see beyond a gap. */
    for (i = 0; logs[i] != NULL && goes; i++)
        goes = store->archive[0] == '\0' ? unlink(logs[i]) == 0
                                                || errno == ENOENT
                                         : move(store->archive, logs[i]);
    free(logs);
}

int
store_waiting_logs(struct store *store, size_t *n, long long *bytes,
                   struct errtext *why)
{
    char **logs = NULL;
    struct stat st;

    *n = 0;
    *bytes = 0;
    if (store_env_run(store, list_logs, &logs, why) < 0)
        return -1;
    while (logs != NULL && logs[*n] != NULL) {
        *bytes += stat(logs[*n], &st) == 0 ? (long long)st.st_size : 0;
        ++*n;
    }
    free(logs);
    return 0;
}

/* All of the list is one piece of memory. */
static int
list_logs(struct store *store, void *arg, struct errtext *why)
{
    char ***logs = arg;
    int rc;

    (void)why;
    *logs = NULL;
    rc = store->env->log_archive(store->env, logs, DB_ARCH_ABS);
    return rc == DB_RUNRECOVERY ? rc : 0;
}

/* The name is on the disk before the other one goes.  A name that is taken by
 * something else leaves the log where it is.  Returns whether it is gone, by
 * another process perhaps. */
static bool
move(const char *archive, const char *path)
{
    const char *slash = strrchr(path, '/');
    char target[PATH_TEXT_MAX];

    if (slash == NULL || path_join(target, archive, slash + 1, NULL) < 0)
        return false;
    if (link_or_copy(archive, path, target) < 0
        && (errno != EEXIST || !is_same(path, target)))
        return access(path, F_OK) < 0 && errno == ENOENT;
    return sync_dir(archive) == 0
           && (unlink(path) == 0 || errno == ENOENT);
}

/* A draft that a dead process left behind is nobody's any more when another
 * has its number. */
static int
link_or_copy(const char *archive, const char *path, const char *target)
{
    char draft[PATH_TEXT_MAX];
    char name[32];
    int rc;

    if (link(path, target) == 0)
        return 0;
    if (errno == EEXIST || errno == ENOENT)
        return -1;
    snprintf(name, sizeof(name), "draft.%ld", (long)getpid());
    if (path_join(draft, archive, name, NULL) < 0)
        return -1;
    (void)unlink(draft);
    rc = copy(path, draft);
    if (rc == 0)
        rc = link(draft, target);
    if (rc < 0 && errno == EPERM && access(target, F_OK) < 0)
        return rename(draft, target); /* no links on that file system */
    (void)unlink(draft);
    return rc;
}

static int
copy(const char *path, const char *draft)
{
    int from = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    int to = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, MODE);
    int rc = from < 0 || to < 0 ? -1 : pour(from, to);

    if (rc == 0)
        rc = fsync(to);
    if (from >= 0)
        close(from);
    if (to >= 0 && close(to) < 0)
        rc = -1;
    return rc;
}

static int
pour(int from, int to)
{
    static const size_t block = BLOCK;
    char *bytes = alloc_bytes(block);
    ssize_t n;
    int rc = 0;

    do {
        n = read(from, bytes, block);
        if (n < 0 || (n > 0 && write(to, bytes, (size_t)n) != n))
            rc = -1;
    } while (n > 0 && rc == 0);
    free(bytes);
    return rc;
}

static bool
is_same(const char *a, const char *b)
{
    FILE *one = fopen(a, "re");
    FILE *other = fopen(b, "re");
    bool same = one != NULL && other != NULL && streams_are_same(one, other);

    if (one != NULL)
        fclose(one);
    if (other != NULL)
        fclose(other);
    return same;
}

static bool
streams_are_same(FILE *a, FILE *b)
{
    int c;

    do {
        c = getc(a);
        if (c != getc(b))
            return false;
    } while (c != EOF);
    return !ferror(a) && !ferror(b);
}

static int
sync_dir(const char *dir)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int rc = fd < 0 ? -1 : fsync(fd);

    if (fd >= 0)
        close(fd);
    return rc;
}
