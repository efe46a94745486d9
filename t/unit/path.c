/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * path: owners and modes, whole files, and becoming the owner.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/path.h"
#include "../lib/tap.h"

static char dir[64] = "/tmp/ccgrant-path-XXXXXX";

static void
joining(void)
{
    static const struct {
        const char *what, *dir, *name, *expected;
    } rows[] = {
        {"a slash goes between", "/a", "b", "/a/b"},
        {"no second slash", "/a/", "b", "/a/b"},
        {"the root", "/", "b", "/b"},
        {"an absolute name stands alone", "/a", "/b/c", "/b/c"},
        {"no directory", "", "b", "b"},
        {"a relative directory", "a", "b/c", "a/b/c"},
    };
    char buf[PATH_TEXT_MAX];
    char longest[PATH_TEXT_MAX + 1];
    struct errtext why = {.text = ""};
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        tap_is_int(0, path_join(buf, rows[i].dir, rows[i].name, &why),
                   "join: %s", rows[i].what);
        tap_is_str(rows[i].expected, buf, "join: %s: the text",
                   rows[i].what);
    }
    memset(longest, 'x', sizeof(longest));
    longest[PATH_TEXT_MAX - 1] = '\0';
    tap_is_int(-1, path_join(buf, "/a", longest, &why),
               "join: too long is refused");
    tap_ok(strstr(why.text, "4095") != NULL, "join: the limit is named");
    longest[PATH_TEXT_MAX - 4] = '\0';
    tap_is_int(0, path_join(buf, "/a", longest, &why),
               "join: the longest that fits");
    tap_is_int(PATH_TEXT_MAX - 1, (long long)strlen(buf),
               "join: its length");
}

static void
make_file(const char *path, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    if (fd < 0 || fchmod(fd, mode) < 0 || close(fd) < 0)
        abort();
}

static void
secrecy(void)
{
    static const struct {
        const char *what;
        int mode; /* of a file; -1 a symbolic link, -2 a directory, -3 none */
        const char *reason;
    } rows[] = {
        {"0600", 0600, NULL},
        {"0400", 0400, NULL},
        {"read by the group", 0640, "chmod 600"},
        {"written by the group", 0620, "chmod 600"},
        {"run by the group", 0610, "chmod 600"},
        {"read by others", 0604, "chmod 600"},
        {"written by others", 0602, "chmod 600"},
        {"a symbolic link", -1, "symbolic link"},
        {"a directory", -2, "not a regular file"},
        {"missing", -3, "No such file"},
    };
    char path[PATH_TEXT_MAX];
    struct errtext why = {.text = ""};
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        snprintf(path, sizeof(path), "%s/secret%zu", dir, i);
        if (rows[i].mode >= 0)
            make_file(path, (mode_t)rows[i].mode);
        else if (rows[i].mode == -1 && symlink("secret0", path) < 0)
            abort();
        else if (rows[i].mode == -2 && mkdir(path, 0700) < 0)
            abort();
        tap_is_int(rows[i].reason == NULL ? 0 : -1,
                   path_is_secret(path, &why), "secret: %s", rows[i].what);
        if (rows[i].reason != NULL)
            tap_ok(strstr(why.text, rows[i].reason) != NULL
                   && strstr(why.text, path) != NULL,
                   "secret: %s: %s", rows[i].what, why.text);
    }
    if (geteuid() == 0) {
        snprintf(path, sizeof(path), "%s/secret0", dir);
        if (chown(path, 65534, 65534) < 0)
            abort();
        tap_is_int(-1, path_is_secret(path, &why),
                   "secret: of another user");
        tap_ok(strstr(why.text, "chown") != NULL,
               "secret: of another user: %s", why.text);
    }
}

/* What a killed process left of one file, and what is none of it. */
static void
parts(void)
{
    static const struct {
        const char *name;
        int gone; /* how many names have to match until it is */
    } rows[] = {
        {"secret.12.part", 1}, {"other.12.part", 2}, {"secret.part", 0},
        {"secret.x.part", 0},  {"secret.12", 0},
    };
    static const char *const names[] = {"secret", "*"};
    char path[PATH_TEXT_MAX];
    struct errtext why;
    size_t i;
    int n;

    for (i = 0; i < LEN(rows); i++) {
        snprintf(path, sizeof(path), "%s/%s", dir, rows[i].name);
        tap_must(path_write_new(path, 0600, "x", 1, &why) == 0, "a part");
    }
    for (n = 1; n <= 2; n++) {
        path_remove_parts(dir, names[n - 1]);
        for (i = 0; i < LEN(rows); i++) {
            snprintf(path, sizeof(path), "%s/%s", dir, rows[i].name);
            tap_ok((access(path, F_OK) != 0)
                       == (rows[i].gone != 0 && rows[i].gone <= n),
                   "parts of %s: %s", names[n - 1], rows[i].name);
        }
    }
    path_remove_parts("/nowhere", "*");
}

static void
writing_and_reading(void)
{
    char path[PATH_TEXT_MAX];
    char buf[16];
    struct errtext why = {.text = ""};
    struct stat st;

    snprintf(path, sizeof(path), "%s/new", dir);
    umask(0777);
    tap_is_int(0, path_write_new(path, 0600, "ab\0cd", 5, &why), "write: new");
    umask(022);
    tap_is_int(0, stat(path, &st), "write: it is there");
    tap_is_int(0600, st.st_mode & 07777, "write: 0600 under any umask");
    tap_is_int(1, (long long)st.st_nlink, "write: no second name stays");
    tap_is_int(5, path_read(path, buf, sizeof(buf), &why), "read: whole");
    tap_is_mem("ab\0cd", 5, buf, 5, "read: the bytes");
    tap_is_int(5, path_read(path, buf, 5, &why), "read: exactly the cap");
    tap_is_int(-1, path_read(path, buf, 4, &why), "read: past the cap");
    tap_ok(strstr(why.text, "larger than 4 bytes") != NULL,
           "read: past the cap: %s", why.text);
    tap_is_int(-1, path_write_new(path, 0600, "x", 1, &why),
               "write: what exists is refused");
    tap_ok(strstr(why.text, "exists") != NULL, "write: exists: %s",
           why.text);
    tap_is_int(5, path_read(path, buf, sizeof(buf), &why),
               "write: and is left alone");
    snprintf(path, sizeof(path), "%s/open", dir);
    umask(0777);
    tap_is_int(0, path_write_new(path, 0644, "x", 1, &why), "write: for all");
    umask(022);
    tap_is_int(0, stat(path, &st), "write: it is there");
    tap_is_int(0644, st.st_mode & 07777, "write: 0644 under any umask");
    parts();
    snprintf(path, sizeof(path), "%s/none/new", dir);
    tap_is_int(-1, path_write_new(path, 0600, "x", 1, &why),
               "write: a missing directory");
    tap_is_int(-1, path_read(path, buf, sizeof(buf), &why),
               "read: a missing file");
    tap_is_int(-1, path_read(dir, buf, sizeof(buf), &why),
               "read: a directory");
}

static void
standard_input(void)
{
    char buf[16];
    struct errtext why = {.text = ""};
    int saved = dup(0);
    int ends[2];

    if (saved < 0 || pipe(ends) < 0 || write(ends[1], "hello", 5) != 5
        || close(ends[1]) < 0 || dup2(ends[0], 0) < 0)
        abort();
    tap_is_int(5, path_read("-", buf, sizeof(buf), &why),
               "read: standard input");
    tap_is_int(0, path_read("-", buf, sizeof(buf), &why),
               "read: it stays open");
    dup2(saved, 0);
    close(saved);
    close(ends[0]);
}

/* In a process of its own; its exit status says what it saw. */
static int
as(uid_t uid, const char *path)
{
    struct errtext why = {.text = ""};
    int status;
    pid_t pid = fork();
    int rc;

    if (pid == 0) {
        umask(022);
        if (uid != 0 && setresuid(uid, uid, uid) < 0)
            _exit(9);
        rc = path_become_owner(path, &why);
        if (rc < 0)
            _exit(strstr(why.text, "run it as") != NULL ? 2 : 3);
        if (geteuid() == 65534 && getuid() == 65534 && getegid() == 65534
            && setuid(0) < 0)
            _exit(umask(022) == 007 ? 4 : 5);
        _exit(1);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
        return -1;
    return WEXITSTATUS(status);
}

static void
becoming(void)
{
    char path[PATH_TEXT_MAX];
    struct errtext why = {.text = ""};

    tap_is_int(0, path_become_owner(dir, &why), "owner: nothing to do");
    snprintf(path, sizeof(path), "%s/absent", dir);
    tap_is_int(-1, path_become_owner(path, &why), "owner: missing");
    tap_ok(strstr(why.text, "ccgrant init") != NULL, "owner: missing: %s",
           why.text);
    snprintf(path, sizeof(path), "%s/new", dir);
    tap_is_int(-1, path_become_owner(path, &why), "owner: of a file");
    if (geteuid() != 0)
        return;
    snprintf(path, sizeof(path), "%s/theirs", dir);
    if (chmod(dir, 0755) < 0 || mkdir(path, 0700) < 0
        || chown(path, 65534, 65534) < 0)
        abort();
    tap_is_int(4, as(0, path), "owner: root becomes it, for good");
    tap_is_int(2, as(65533, path), "owner: another user is refused");
}

static void
is_text(const char *expected, const char *path, const char *sentence)
{
    char text[64] = "";
    struct errtext why;
    long len = path_read(path, text, sizeof(text) - 1, &why);

    if (len >= 0)
        text[len] = '\0';
    tap_is_str(expected, text, "%s", sentence);
}

static void
replacing(void)
{
    char path[PATH_TEXT_MAX], part[PATH_TEXT_MAX], under[PATH_TEXT_MAX];
    struct errtext why = {.text = ""};
    int64_t when = 0;
    struct stat st;

    snprintf(path, sizeof(path), "%s/shown", dir);
    snprintf(part, sizeof(part), "%s/shown.part", dir);
    tap_is_int(0, path_written(path, &when, &why), "replace: there is none");
    tap_is_int(0, path_replace(path, "old", 3, &why), "replace: a new file");
    is_text("old", path, "replace: it is written");
    tap_ok(stat(path, &st) == 0 && (st.st_mode & 07777) == 0644,
           "replace: all may read it, whatever the umask");
    tap_ok(path_written(path, &when, &why) == 1 && when == st.st_mtime,
           "replace: when it was written");
    make_file(part, 0600);
    tap_is_int(0, path_replace(path, "new", 3, &why),
               "replace: what a killed process left is in nobody's way");
    is_text("new", path, "replace: it is written over");
    tap_ok(access(part, F_OK) != 0, "replace: nothing is left behind");
    if (mkdir(part, 0700) < 0)
        abort();
    tap_is_int(-1, path_replace(path, "third", 5, &why),
               "replace: what cannot be written");
    is_text("new", path, "replace: leaves the old one");
    tap_ok(strstr(why.text, path) != NULL, "replace: the file is named");
    snprintf(under, sizeof(under), "%s/shown/below", dir);
    tap_is_int(-1, path_written(under, &when, &why),
               "replace: a file is no directory");
}

static void
locking(void)
{
    char path[PATH_TEXT_MAX], under[PATH_TEXT_MAX];
    struct errtext why = {.text = ""};
    int64_t when;
    int fd, other;

    snprintf(path, sizeof(path), "%s/lock", dir);
    tap_is_int(1, path_lock(path, 0, &fd, &why), "lock: it is taken");
    tap_is_int(0, path_lock(path, 0, &other, &why), "lock: by one at a time");
    path_unlock(fd);
    tap_is_int(1, path_lock(path, 1, &other, &why), "lock: then by the next");
    tap_ok(path_touch(other, 1234) == 0
               && path_written(path, &when, &why) == 1 && when == 1234,
           "lock: its time is as told");
    path_unlock(other);
    snprintf(under, sizeof(under), "%s/lock/below", dir);
    tap_is_int(-1, path_lock(under, 0, &fd, &why), "lock: what cannot be");
    tap_ok(strstr(why.text, "lock/below") != NULL, "lock: is named");
}

int
main(void)
{
    char command[128];

    if (mkdtemp(dir) == NULL)
        return 1;
    joining();
    secrecy();
    writing_and_reading();
    standard_input();
    becoming();
    replacing();
    locking();
    snprintf(command, sizeof(command), "rm -rf '%s'", dir);
    if (system(command) != 0)
        tap_diag("cannot remove %s", dir);
    return tap_done();
}
