/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * A look at the policy file before libconfig reads it.
 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/conf_scan.h"
#include "io/conf_text.h"
#include "io/path.h"

enum {
    DEPTH_MAX = 9, /* libconfig allows one more */
    NAME_MAX_SHOWN = 64
};

struct scan {
    const char *file;
    const char *dir; /* of the policy, which all includes are relative to */
    int depth;
    struct conf_watch *watch;
    const char *p;    /* the next byte; the text is terminated */
    unsigned line;    /* of *p */
    bool line_begins; /* nothing but blanks before *p in this line */
    char name[NAME_MAX_SHOWN]; /* the last name before *p */
    struct errtext *why;
};

static int read_text(const char *file, struct conf_watch *watch, char **text,
                     struct errtext *why);
static int scan_text(struct scan scan, const char *text);
static int scan_step(struct scan *scan);
static int scan_include(struct scan *scan);
static int scan_string(struct scan *scan);
static int scan_token(struct scan *scan);

int
conf_scan(const char *file, const char *dir, struct conf_watch *watch,
          struct errtext *why)
{
    struct scan scan = { .file = file, .dir = dir, .watch = watch,
                         .why = why };
    struct errtext reason;
    char *text;
    int rc;

    if (read_text(file, watch, &text, &reason) < 0)
        return errtext_set(why, "%s: %s; expected a policy that this user can "
                           "read: \"ccgrant init\" makes one, -c or "
                           "$CCGRANT_CONFIG names another", file, reason.text);
    rc = scan_text(scan, text);
    free(text);
    return rc;
}

/* Returns the bytes of the open regular file, or -1. */
static long
file_size(int fd, struct errtext *why)
{
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0)
        return errtext_set(why, "%s", strerror(errno));
    if (!S_ISREG(st.st_mode))
        return errtext_set(why, "not a regular file");
    if (st.st_size > CONF_FILE_MAX)
        return errtext_set(why, "more than %d bytes", (int)CONF_FILE_MAX);
    return (long)st.st_size;
}

static int
read_text(const char *file, struct conf_watch *watch, char **text,
          struct errtext *why)
{
    size_t len = 0;
    ssize_t n;
    int fd, rc = -1;
    long size;

    conf_watch_add(watch, file); /* first: a change is then seen later */
    fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    size = file_size(fd, why);
    *text = NULL;
    if (size < 0)
        goto done;
    *text = malloc((size_t)size + 1);
    if (*text == NULL)
        abort();
    while (len < (size_t)size
           && (n = read(fd, *text + len, (size_t)size - len)) > 0)
        len += (size_t)n;
    (*text)[len] = '\0';
    rc = 0;
    if (strlen(*text) < len) {
        free(*text);
        rc = errtext_set(why, "not a text: it has a zero byte");
    }
done:
    if (fd >= 0)
        close(fd);
    return rc;
}

/* Scan a text from its start, in the file, at the depth of scan. */
static int
scan_text(struct scan scan, const char *text)
{
    int rc = 0;

    scan.p = text;
    scan.line = 1;
    scan.line_begins = true;
    scan.name[0] = '\0';
    while (rc == 0 && *scan.p != '\0')
        rc = scan_step(&scan);
    return rc;
}

static bool
is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
           || (c >= '0' && c <= '9')
           || (c != '\0' && strchr("_*.+-", c) != NULL);
}

static int
scan_step(struct scan *scan)
{
    static const char include[] = "@include";
    const char *p = scan->p;

    if (*p == '\n') {
        scan->line++;
        scan->line_begins = true;
        scan->p++;
        return 0;
    }
    if (scan->line_begins && strncmp(p, include, sizeof(include) - 1) == 0)
        return scan_include(scan);
    scan->line_begins = scan->line_begins && (*p == ' ' || *p == '\t');
    if (*p == '"')
        return scan_string(scan);
    if (is_word(*p))
        return scan_token(scan);
    if (*p == '#' || strncmp(p, "//", 2) == 0) {
        scan->p += strcspn(p, "\n");
    } else if (strncmp(p, "/*", 2) == 0) {
        for (; *scan->p != '\0' && strncmp(scan->p, "*/", 2) != 0; scan->p++)
            scan->line += *scan->p == '\n';
        scan->p += *scan->p != '\0' ? 2 : 0;
    } else {
        scan->p++;
    }
    return 0;
}

static int
refuse(struct scan *scan, const char *key, const char *found, size_t len,
       const char *expected)
{
    char shown[CONF_SHOWN_MAX];

    conf_text_show(shown, found, len);
    return errtext_set(scan->why, "%s:%u: %s%sfound %s; expected %s",
                       scan->file, scan->line, key, *key != '\0' ? ": " : "",
                       shown, expected);
}

static int
refuse_include(struct scan *scan, const char *name, const char *expected)
{
    return refuse(scan, "@include", name, strlen(name), expected);
}

/* Take the quoted name behind @include; false when there is none. */
static bool
take_name(struct scan *scan, char name[PATH_TEXT_MAX])
{
    const char *from = scan->p + strcspn(scan->p, "\"\n") + 1;
    size_t len = from[-1] == '"' ? strcspn(from, "\"\n") : 0;

    if (len == 0 || len >= PATH_TEXT_MAX || from[len] != '"')
        return false;
    memcpy(name, from, len);
    name[len] = '\0';
    scan->p = from + len + 1;
    scan->line_begins = false;
    return true;
}

static int
scan_include(struct scan *scan)
{
    char name[PATH_TEXT_MAX], path[PATH_TEXT_MAX], expected[CONF_EXPECT_MAX];
    struct scan within = *scan;
    struct errtext reason;
    char *text;
    int rc;

    if (!take_name(scan, name))
        return refuse_include(scan, "no name", "one in quotes behind it");
    if (name[0] == '/')
        return refuse_include(scan, name, "a name relative to the directory "
                              "of the policy");
    if (scan->depth == DEPTH_MAX)
        return refuse_include(scan, name, "fewer files within files");
    if (path_join(path, scan->dir, name, scan->why) < 0)
        return -1;
    if (read_text(path, scan->watch, &text, &reason) < 0) {
        snprintf(expected, sizeof(expected),
                 "a file that can be read (%.100s)", reason.text);
        return refuse_include(scan, path, expected);
    }
    within.file = path;
    within.depth++;
    rc = scan_text(within, text);
    free(text);
    return rc;
}

static int
scan_string(struct scan *scan)
{
    const char *p = scan->p + 1;

    for (; *p != '\0' && *p != '"'; p++) {
        scan->line += *p == '\n';
        if (strncmp(p, "\\x00", 4) == 0)
            return refuse(scan, scan->name, "\\x00", 4,
                          "a string without it");
        p += *p == '\\' && p[1] != '\0' && p[1] != '\n';
    }
    scan->p = p + (*p == '"');
    return 0;
}

/* Whether the integer is one that libconfig 1.5 reads as another one. */
static bool
is_wrapped(const char *token, size_t len)
{
    bool hex = len > 2 && token[0] == '0' && (token[1] | 0x20) == 'x';
    long long value;
    char *end;

    errno = 0;
    value = strtoll(token, &end, hex ? 16 : 10);
    if (end == token)
        return false;
    if (end < token + len && *end == 'L')
        return errno == ERANGE;
    return end == token + len
           && (errno == ERANGE || value > INT_MAX || value < INT_MIN);
}

static int
scan_token(struct scan *scan)
{
    const char *token = scan->p;
    size_t len = 0, kept;

    while (is_word(token[len]))
        len++;
    scan->p += len;
    if (strchr("0123456789+-", *token) != NULL) {
        if (is_wrapped(token, len))
            return refuse(scan, scan->name, token, len,
                          "an integer of at most 2147483647");
        return 0;
    }
    kept = len < sizeof(scan->name) ? len : sizeof(scan->name) - 1;
    memcpy(scan->name, token, kept);
    scan->name[kept] = '\0';
    return 0;
}
