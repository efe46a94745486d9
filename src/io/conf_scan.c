/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * A look at the policy file before libconfig reads it.
 */

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/conf_place.h"
#include "io/conf_scan.h"
#include "io/conf_text.h"
#include "io/path.h"

enum { DEPTH_MAX = 9 }; /* libconfig allows one more */

static const char ends[] = " \t\r\n;,})]"; /* of a value without quotes */
static const char any[] = "a string in double quotes, a number, true, false, "
                          "[ ... ], ( ... ) or { ... }";
static const char one_kind[] = "values of one type between [ and ]";
static const char closing[] = "the double quote that ends this string";
static const char opening[] = "the double quote that ends this string, or "
                              "none here";
static const char bom[] = "\357\273\277";

struct scan {
    const char *file;
    const char *dir; /* of the policy, which all includes are relative to */
    int depth;
    struct conf_watch *watch;
    const char *p;    /* the next byte; the text is terminated */
    unsigned line;    /* of *p */
    bool line_begins; /* nothing but blanks before *p in this line */
    const char *entry_end; /* behind the last string or bracket, or NULL */
    struct conf_place *place;
    struct errtext *why;
};

static int scan_text(struct scan scan, const char *text);
static int scan_step(struct scan *scan);
static int scan_comment(struct scan *scan);
static int scan_include(struct scan *scan);
static int scan_string(struct scan *scan);
static int scan_token(struct scan *scan);
static int scan_mark(struct scan *scan);
static int refuse(struct scan *scan, const char *key, const char *found,
                  size_t len, const char *expected);
static int refuse_value(struct scan *scan, const char *value, size_t len,
                        const char *otherwise);
static int refuse_bracket(struct scan *scan, const char *found, size_t len,
                          const char *before);
static int check_end(struct scan *scan);

int
conf_scan(const char *file, const char *dir, struct conf_watch *watch,
          struct errtext *why)
{
    struct conf_place place = { .depth = 0 };
    struct scan scan = { .file = file, .dir = dir, .watch = watch,
                         .place = &place, .why = why };
    struct errtext reason;
    char *text;
    int rc;

    if (conf_watch_read(watch, file, &text, &reason) < 0)
        return errtext_set(why, "%s: %s; expected a policy that this user can "
                           "read: \"ccgrant init\" makes one, -c or "
                           "$CCGRANT_CONFIG names another", file, reason.text);
    rc = scan_text(scan, text);
    if (rc == 0)
        rc = check_end(&scan);
    conf_place_free(&place);
    free(text);
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
    scan.entry_end = NULL;
    if (strncmp(text, bom, sizeof(bom) - 1) == 0)
        return errtext_set(scan.why, "%s:1: found a byte order mark; expected "
                           "the text alone, as UTF-8 without one", scan.file);
    while (rc == 0 && *scan.p != '\0')
        rc = scan_step(&scan);
    return rc;
}

/* A bracket of the policy itself that nothing ends; libconfig tells others. */
static int
check_end(struct scan *scan)
{
    const struct conf_level *level = conf_place_top(scan->place);

    if (level == NULL || level->line == 0 || level->path == 0)
        return 0;
    scan->place->path[level->path] = '\0';
    return errtext_set(scan->why, "%s:%u: %s: found %c without its end; "
                       "expected %c before the end of the file", scan->file,
                       level->line, scan->place->path, level->bracket,
                       conf_place_end(level->bracket));
}

/*
 * Whether an entry of a list begins here and none ended.  libconfig makes one
 * of two strings, which is of use for long claims alone.
 */
static bool
lacks_comma(const struct scan *scan)
{
    const struct conf_level *level = conf_place_top(scan->place);

    return strchr("\"{([", *scan->p) != NULL && scan->entry_end != NULL
           && level != NULL && level->bracket != '{'
           && strcmp(scan->place->path, "resources.claims") != 0
           && conf_place_skip(scan->entry_end) == scan->p;
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
    if (lacks_comma(scan))
        return refuse(scan, scan->place->path, p,
                      *p == '"' ? strcspn(p + 1, "\"\r\n") + 2 : 1,
                      "a comma before it");
    if (*p == '"')
        return scan_string(scan);
    if (strchr(CONF_PLACE_WORD, *p) != NULL)
        return scan_token(scan);
    if (*p == '#' || strncmp(p, "//", 2) == 0) {
        scan->p += strcspn(p, "\n");
    } else if (strncmp(p, "/*", 2) == 0) {
        return scan_comment(scan);
    } else {
        return scan_mark(scan);
    }
    return 0;
}

/* libconfig takes what is never closed as one, without a word. */
static int
scan_comment(struct scan *scan)
{
    const char *end = strstr(scan->p + 2, "*/");

    if (end == NULL)
        return refuse(scan, "", scan->p, strcspn(scan->p, "\r\n"),
                      "*/ at the end of this comment");
    for (; scan->p < end + 2; scan->p++)
        scan->line += *scan->p == '\n';
    return 0;
}

/* What is neither a word nor a string nor a comment. */
static int
scan_mark(struct scan *scan)
{
    struct conf_place *place = scan->place;
    const struct conf_level *level = conf_place_top(place);
    char c = *scan->p;

    if ((c == '=' || c == ':') && !place->in_value) {
        if (!conf_place_assign(place))
            return errtext_set(scan->why, "%s:%u: %s: stands here twice; "
                               "expected each key once in its group",
                               scan->file, scan->line, place->path);
    } else if (strchr("{([", c) != NULL) {
        if (!place->in_value)
            return refuse(scan, "", scan->p, strcspn(scan->p, "\r\n"),
                          "KEY = before it");
        if (level != NULL && level->bracket == '[')
            return refuse_value(scan, scan->p, 1, one_kind);
        conf_place_open(place, c, scan->depth == 0 ? scan->line : 0);
    } else if (strchr("})]", c) != NULL) {
        if (place->depth == 0)
            return refuse(scan, "", &c, 1, "what it ends before it");
        if (level != NULL && conf_place_end(level->bracket) != c)
            return refuse_bracket(scan, &c, 1, "");
        conf_place_close(place);
        scan->entry_end = scan->p + 1;
    } else if (c == ';' || c == ',') {
        if (c == ';' && level != NULL && level->bracket != '{')
            return refuse_bracket(scan, &c, 1, "a comma, or ");
        if (!conf_place_separate(place))
            return refuse_value(scan, "nothing", strlen("nothing"), any);
    } else if (place->in_value && place->depth <= CONF_PLACE_LEVELS
               && strchr(" \t\r\f", c) == NULL) {
        return refuse_value(scan, scan->p, strcspn(scan->p, ends), any);
    } else if (c == '@') {
        return refuse(scan, "", scan->p, strcspn(scan->p, "\r\n"),
                      "@include \"FILE\" at the beginning of a line");
    }
    scan->p++;
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
    if (conf_watch_read(scan->watch, path, &text, &reason) < 0) {
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

/* Tells where it was opened, and shows no more than that line. */
static int
refuse_string(struct scan *scan, unsigned line)
{
    bool in_value = scan->place->in_value;

    scan->line = line;
    return refuse(scan, in_value ? scan->place->path : "", scan->p,
                  strcspn(scan->p, "\r\n"), in_value ? closing : opening);
}

static int
scan_string(struct scan *scan)
{
    const char *p = scan->p + 1;
    unsigned line = scan->line;

    for (; *p != '\0' && *p != '"'; p++) {
        scan->line += *p == '\n';
        if (strncmp(p, "\\x00", 4) == 0)
            return refuse(scan, scan->place->path, "\\x00", 4,
                          "a string without it");
        p += *p == '\\' && p[1] != '\0' && p[1] != '\n';
    }
    if (*p == '\0' || (scan->line != line && !conf_place_can_follow(p + 1)))
        return refuse_string(scan, line);
    p++;
    if (!conf_place_value(scan->place, '"'))
        return refuse_value(scan, scan->p, (size_t)(p - scan->p), one_kind);
    scan->p = scan->entry_end = p;
    return 0;
}

/* What cannot be a value here: tells what the key expects, or otherwise. */
static int
refuse_value(struct scan *scan, const char *value, size_t len,
             const char *otherwise)
{
    const struct conf_key *key = conf_keys_find(scan->place->path);
    char expected[CONF_EXPECT_MAX];

    if (key != NULL)
        conf_text_expect(key, expected);
    else
        snprintf(expected, sizeof(expected), "%s", otherwise);
    return refuse(scan, scan->place->path, value, len, expected);
}

/* What can only stand behind the end of the list or group that is open. */
static int
refuse_bracket(struct scan *scan, const char *found, size_t len,
               const char *before)
{
    const struct conf_level *level = conf_place_top(scan->place);
    char expected[CONF_EXPECT_MAX];
    int n = snprintf(expected, sizeof(expected), "%s%c", before,
                     conf_place_end(level->bracket));

    if (scan->depth == 0 && level->line > 0)
        snprintf(expected + n, sizeof(expected) - (size_t)n,
                 ", for the %c in line %u", level->bracket, level->line);
    scan->place->path[level->path] = '\0';
    return refuse(scan, scan->place->path, found, len, expected);
}

/* A name, or a value without quotes. */
static int
scan_token(struct scan *scan)
{
    struct conf_place *place = scan->place;
    const struct conf_level *level = conf_place_top(place);
    const char *token = scan->p;
    size_t len = strspn(token, CONF_PLACE_WORD);
    char kind;

    scan->p += len;
    if (!place->in_value) {
        conf_place_name(place, token, len);
        return 0;
    }
    kind = conf_place_kind(token, len);
    if (kind == CONF_PLACE_WRAPPED)
        return refuse_value(scan, token, len, "an integer of at most "
                            "2147483647, or a greater one with L behind it");
    if (kind == CONF_PLACE_OCTAL)
        return refuse(scan, place->path, token, len,
                      "the number without a zero before it");
    if (place->depth > CONF_PLACE_LEVELS)
        return 0;
    if (kind == '\0' && level != NULL && level->bracket != '{'
        && conf_place_is_assigned(scan->p))
        return refuse_bracket(scan, token, len, "");
    if (kind == '\0')
        return refuse_value(scan, token, strcspn(token, ends), any);
    if (!conf_place_value(place, kind))
        return refuse_value(scan, token, len, one_kind);
    return 0;
}
