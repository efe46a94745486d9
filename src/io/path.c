/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Files and directories whose owner and mode matter.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "io/path.h"

enum { LOCK_TRIES = 100 }; /* in a second */

static int write_file(const char *path, mode_t mode, const void *bytes,
                      size_t len);
static int write_all(int fd, const void *bytes, size_t len);
static int sync_parent(const char *path);
static int become(uid_t uid, gid_t gid);
static const char *user_name(uid_t uid, char buf[32]);

int
path_join(char buf[PATH_TEXT_MAX], const char *dir, const char *name,
          struct errtext *why)
{
    const char *before = name[0] == '/' ? "" : dir;
    size_t len = strlen(before);
    const char *slash = len > 0 && before[len - 1] != '/' ? "/" : "";
    int n = snprintf(buf, PATH_TEXT_MAX, "%s%s%s", before, slash, name);

    if (n < 0 || n >= PATH_TEXT_MAX)
        return errtext_set(why, "a path of more than %d bytes: %.60s...",
                           PATH_TEXT_MAX - 1, len > 0 ? before : name);
    return 0;
}

int
path_is_secret(const char *path, struct errtext *why)
{
    struct stat st;
    char name[32];

    if (lstat(path, &st) < 0)
        return errtext_set(why, "%s: %s", path, strerror(errno));
    if (S_ISLNK(st.st_mode))
        return errtext_set(why, "%s is a symbolic link: put the file itself "
                           "there", path);
    if (!S_ISREG(st.st_mode))
        return errtext_set(why, "%s is not a regular file", path);
    if (st.st_uid != geteuid() && st.st_uid != 0)
        return errtext_set(why, "%s belongs to another user: chown %s %s",
                           path, user_name(geteuid(), name), path);
    if ((st.st_mode & 077) != 0)
        return errtext_set(why, "%s is open to other users (mode %03o): "
                           "chmod 600 %s", path,
                           (unsigned)st.st_mode & 0777, path);
    return 0;
}

int
path_write_new(const char *path, mode_t mode, const void *bytes, size_t len,
               struct errtext *why)
{
    char part[PATH_TEXT_MAX];
    int rc;
    int n;

    /* Written under another name first: whoever finds the file finds it
     * whole, after a power cut too. */
    n = snprintf(part, sizeof(part), "%s.%ld.part", path, (long)getpid());
    if (n < 0 || (size_t)n >= sizeof(part))
        return errtext_set(why, "%.60s...: the path is too long", path);
    (void)unlink(part);
    rc = write_file(part, mode, bytes, len);
    if (rc == 0 && (rc = link(part, path)) == 0
        && (rc = sync_parent(path)) < 0)
        (void)unlink(path);
    if (rc < 0)
        errtext_set(why, "cannot write %s: %s", path, strerror(errno));
    (void)unlink(part);
    return rc;
}

void
path_remove_parts(const char *dir, const char *name)
{
    char pattern[PATH_TEXT_MAX];
    DIR *stream = opendir(dir);
    const struct dirent *entry;

    snprintf(pattern, sizeof(pattern), "%s.[0-9]*.part", name);
    while (stream != NULL && (entry = readdir(stream)) != NULL) {
        if (fnmatch(pattern, entry->d_name, 0) == 0)
            (void)unlinkat(dirfd(stream), entry->d_name, 0);
    }
    if (stream != NULL)
        closedir(stream);
}

/* A new file, on the disk.  Returns 0, or -1 with errno. */
static int
write_file(const char *path, mode_t mode, const void *bytes, size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                  0600);
    int rc = -1;

    if (fd < 0)
        return -1;
    if (write_all(fd, bytes, len) == 0 && fchmod(fd, mode) == 0)
        rc = fsync(fd);
    return close(fd) < 0 ? -1 : rc;
}

static int
write_all(int fd, const void *bytes, size_t len)
{
    const char *at = bytes;
    ssize_t n;

    while (len > 0) {
        n = write(fd, at, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        at += n;
        len -= (size_t)n;
    }
    return 0;
}

/* A new name is on the disk only when its directory is. */
static int
sync_parent(const char *path)
{
    char dir[PATH_TEXT_MAX];
    const char *slash = strrchr(path, '/');
    int fd;
    int rc;

    if (slash == NULL)
        snprintf(dir, sizeof(dir), ".");
    else
        snprintf(dir, sizeof(dir), "%.*s",
                 slash == path ? 1 : (int)(slash - path), path);
    fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    rc = fsync(fd);
    close(fd);
    return rc;
}

int
path_replace(const char *path, const void *bytes, size_t len,
             struct errtext *why)
{
    char part[PATH_TEXT_MAX];
    int n = snprintf(part, sizeof(part), "%s.part", path);
    int rc;

    if (n < 0 || (size_t)n >= sizeof(part))
        return errtext_set(why, "%.60s...: the path is too long", path);
    (void)unlink(part); /* of a process that was killed */
    rc = write_file(part, 0644, bytes, len);
    if (rc == 0)
        rc = rename(part, path);
    if (rc == 0)
        rc = sync_parent(path);
    if (rc < 0) {
        errtext_set(why, "cannot write %s: %s", path, strerror(errno));
        (void)unlink(part);
    }
    return rc;
}

int
path_written(const char *path, int64_t *when, struct errtext *why)
{
    struct stat st;

    if (stat(path, &st) == 0) {
        *when = (int64_t)st.st_mtime;
        return 1;
    }
    if (errno == ENOENT)
        return 0;
    return errtext_set(why, "%s: %s", path, strerror(errno));
}

int
path_touch(int fd, int64_t when)
{
    const struct timespec times[2] = {{.tv_sec = (time_t)when},
                                      {.tv_sec = (time_t)when}};

    return futimens(fd, times);
}

int
path_lock(const char *path, int seconds, int *fd, struct errtext *why)
{
    static const struct timespec pause = {0, 1000000000L / LOCK_TRIES};
    int tries = seconds * LOCK_TRIES;
    int rc;

    *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0660);
    if (*fd < 0)
        return errtext_set(why, "cannot open %s: %s", path, strerror(errno));
    while ((rc = flock(*fd, LOCK_EX | LOCK_NB)) < 0
           && (errno == EWOULDBLOCK || errno == EINTR) && tries-- > 0)
        (void)nanosleep(&pause, NULL);
    if (rc == 0)
        return 1;
    rc = errno == EWOULDBLOCK || errno == EINTR
             ? 0
             : errtext_set(why, "cannot lock %s: %s", path, strerror(errno));
    close(*fd);
    return rc;
}

void
path_unlock(int fd)
{
    close(fd);
}

void
path_stamp(const char *path, struct path_stamp *stamp)
{
    struct stat st;

    memset(stamp, 0, sizeof(*stamp));
    if (stat(path, &st) != 0)
        return;
    stamp->dev = st.st_dev;
    stamp->ino = st.st_ino;
    stamp->size = st.st_size;
    stamp->modified = st.st_mtim;
    stamp->changed = st.st_ctim;
}

static bool
is_same_time(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

bool
path_stamp_is_same(const struct path_stamp *a, const struct path_stamp *b)
{
    return a->dev == b->dev && a->ino == b->ino && a->size == b->size
           && is_same_time(&a->modified, &b->modified)
           && is_same_time(&a->changed, &b->changed);
}

long
path_read(const char *path, void *buf, size_t cap, struct errtext *why)
{
    bool standard = strcmp(path, "-") == 0;
    const char *name = standard ? "standard input" : path;
    int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    size_t have = 0;
    ssize_t n = -1;
    char beyond;

    if (fd < 0)
        return errtext_set(why, "cannot read %s: %s", name, strerror(errno));
    do {
        if (have < cap)
            n = read(fd, (char *)buf + have, cap - have);
        else
            n = read(fd, &beyond, 1);
        if (n > 0 && have == cap)
            break;
        if (n > 0)
            have += (size_t)n;
    } while (n > 0 || (n < 0 && errno == EINTR));
    if (n < 0)
        errtext_set(why, "cannot read %s: %s", name, strerror(errno));
    else if (n > 0)
        errtext_set(why, "%s is larger than %zu bytes", name, cap);
    if (!standard)
        close(fd);
    return n == 0 ? (long)have : -1;
}

int
path_become_owner(const char *dir, struct errtext *why)
{
    struct stat st;
    char owner[32];
    char self[32];

    if (stat(dir, &st) < 0)
        return errtext_set(why, "%s: %s%s", dir, strerror(errno),
                           errno == ENOENT ? ": make it with ccgrant init"
                                           : "");
    if (!S_ISDIR(st.st_mode))
        return errtext_set(why, "%s is not a directory", dir);
    if (st.st_uid == geteuid())
        return 0;
    user_name(st.st_uid, owner);
    if (geteuid() != 0)
        return errtext_set(why, "%s belongs to %s, and this runs as %s: run "
                           "it as %s or as root", dir, owner,
                           user_name(geteuid(), self), owner);
    if (become(st.st_uid, st.st_gid) < 0)
        return errtext_set(why, "cannot become %s, the owner of %s: %s",
                           owner, dir, strerror(errno));
    umask(007);
    return 0;
}

/* For good: the real and the saved ids too. */
static int
become(uid_t uid, gid_t gid)
{
    const struct passwd *pw = getpwuid(uid);
    int rc;

    rc = pw != NULL ? initgroups(pw->pw_name, gid) : setgroups(1, &gid);
    if (rc == 0)
        rc = setresgid(gid, gid, gid);
    if (rc == 0)
        rc = setresuid(uid, uid, uid);
    return rc;
}

static const char *
user_name(uid_t uid, char buf[32])
{
    const struct passwd *pw = getpwuid(uid);

    if (pw != NULL)
        snprintf(buf, 32, "%s", pw->pw_name);
    else
        snprintf(buf, 32, "%lu", (unsigned long)uid);
    return buf;
}
