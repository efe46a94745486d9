/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The log file: appended to, followed when it is moved, refused with a reason.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/log.h"
#include "tap.h"

static char dir[] = "/tmp/log-test-XXXXXX";

static const char *
inside(char buf[128], const char *name)
{
    (void)snprintf(buf, 128, "%s/%s", dir, name);
    return buf;
}

static const char *
content(const char *path)
{
    static char text[256];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

    if (fd >= 0)
        close(fd);
    if (n < 0)
        return NULL;
    text[n] = '\0';
    return text;
}

static void
test_file(void)
{
    char path[128], old[128];
    struct log *log = NULL;
    struct errtext why;
    struct stat st = { 0 };

    (void)inside(path, "a.log");
    (void)inside(old, "a.log.1");
    umask(0);
    tap_is_int(0, log_open(&log, path, &why), "a file is opened");
    log_line(log, "one");
    log_line(log, "two");
    tap_is_str("one\ntwo\n", content(path), "each line gets its end");
    tap_is_int(0, stat(path, &st), "the file is there");
    tap_is_int(0640, (int) (st.st_mode & 07777), "others may not read it");
    tap_is_int(0, rename(path, old), "the file is moved away");
    log_line(log, "three");
    tap_is_str("three\n", content(path), "the next line is in a new file");
    tap_is_str("one\ntwo\n", content(old), "the old file is left alone");
    tap_is_int(0, unlink(path), "the file is removed");
    log_line(log, "four");
    tap_is_str("four\n", content(path), "a removed file is made again");
    log_close(log);
    tap_is_int(0, log_open(&log, path, &why), "it is opened a second time");
    log_line(log, "");
    tap_is_str("four\n\n", content(path), "and appended to");
    (void)unlink(path);
    tap_is_int(0, mkdir(path, 0700), "something else is in its place");
    log_line(log, "five");
    tap_ok(true, "a line is then lost, not the program");
    log_close(log);
    (void)rmdir(path);
    (void)unlink(old);
}

static void
test_refusals(void)
{
    static const struct {
        const char *sentence;
        const char *to;
        const char *part;
    } rows[] = {
        { "an empty name", "", "full path" },
        { "a relative name", "ccgrant.log", "full path" },
        { "another word", "stdout", "full path" },
        { "a missing directory", "/nonexistent/x/y.log", "No such file" },
        { "a directory", "/", "Is a directory" },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct errtext why = {.text = ""};
        struct log *log = NULL;

        tap_is_int(-1, log_open(&log, rows[i].to, &why), "%s is refused",
                   rows[i].sentence);
        tap_ok(strstr(why.text, rows[i].part) != NULL, "%s: the reason",
               rows[i].sentence);
    }
}

int
main(void)
{
    struct log *log = NULL;

    if (mkdtemp(dir) == NULL)
        tap_skip_all("no directory can be made in /tmp");
    test_file();
    test_refusals();
    tap_is_int(0, log_open(&log, "syslog", NULL), "syslog is opened");
    log_close(log);
    log_close(NULL);
    (void)rmdir(dir);
    return tap_done();
}
