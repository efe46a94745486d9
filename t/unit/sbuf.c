/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The bounded text: what fits, what does not, and what is escaped.
 */

#include <inttypes.h>
#include <string.h>

#include "core/sbuf.h"
#include "tap.h"

enum { CAP = 64 };

static const struct {
    const char *sentence;
    int64_t value;
    const char *text;
} int_rows[] = {
    {"zero", 0, "0"},
    {"one digit", 7, "7"},
    {"ten", 10, "10"},
    {"a negative number", -42, "-42"},
    {"the greatest number", INT64_MAX, "9223372036854775807"},
    {"the least number", INT64_MIN, "-9223372036854775808"},
};

static const struct {
    const char *sentence;
    const char *in;
    size_t len;
    const char *json;
    const char *log;
} escape_rows[] = {
    {"nothing", "", 0, "\"\"", ""},
    {"plain text is copied", "a b~", 4, "\"a b~\"", "a b~"},
    {"a quotation mark is escaped", "a\"b", 3, "\"a\\u0022b\"", "a\\\"b"},
    {"a reverse solidus is escaped", "a\\", 2, "\"a\\u005c\"", "a\\\\"},
    {"a solidus is not", "a/b", 3, "\"a/b\"", "a/b"},
    {"a line end is escaped", "a\nb", 3, "\"a\\u000ab\"", "a\\x0Ab"},
    {"a carriage return is escaped", "\r", 1, "\"\\u000d\"", "\\x0D"},
    {"NUL is escaped", "a\0b", 3, "\"a\\u0000b\"", "a\\x00b"},
    {"DEL is escaped", "\x7f", 1, "\"\\u007f\"", "\\x7F"},
    {"UTF-8 stays in JSON, not in a log line", "\xc2\xa3", 2,
     "\"\xc2\xa3\"", "\\xC2\\xA3"},
    {"an equals sign stays", "a=b", 3, "\"a=b\"", "a=b"},
};

static void
test_bounds(void)
{
    char buf[4] = "zzz", one[1] = {'z'};
    struct sbuf sb;

    sbuf_init(&sb, buf, sizeof(buf));
    tap_is_str("", buf, "a text begins empty");
    sbuf_add(&sb, "ab");
    sbuf_add(&sb, "cd");
    tap_ok(sb.overflow, "a piece that does not fit sets overflow");
    tap_is_str("ab", buf, "and leaves the text as it was");
    sbuf_add(&sb, "");
    tap_ok(sb.overflow, "overflow stays set");

    sbuf_init(&sb, buf, sizeof(buf));
    sbuf_add(&sb, "abc");
    tap_ok(!sb.overflow && sb.len == 3, "a piece that fits exactly is taken");
    sbuf_add(&sb, "");
    tap_ok(!sb.overflow, "an empty piece fits in a full text");
    sbuf_add_int(&sb, 1);
    tap_ok(sb.overflow, "a number does not fit in a full text");
    tap_is_str("abc", buf, "and leaves the text as it was");

    sbuf_init(&sb, one, 1);
    sbuf_add(&sb, "");
    tap_ok(!sb.overflow, "the smallest buffer takes nothing");
    sbuf_add_bytes(&sb, "a", 1);
    tap_ok(sb.overflow && one[0] == '\0', "and takes no byte");

    sbuf_init(&sb, buf, sizeof(buf));
    sbuf_add_bytes(&sb, "a\0b", 3);
    tap_is_mem("a\0b", 4, buf, 4, "bytes are taken with a NUL in them");
    sbuf_init(&sb, buf, sizeof(buf));
    sbuf_add_log(&sb, "\n\n", 2);
    tap_ok(sb.overflow && buf[0] == '\0', "an escape is not cut in half");
    sbuf_init(&sb, buf, sizeof(buf));
    sbuf_add_bytes(&sb, "abcdef", SIZE_MAX);
    tap_ok(sb.overflow && buf[0] == '\0', "no length wraps around");
}

int
main(void)
{
    char buf[CAP];
    struct sbuf sb;
    size_t i;

    for (i = 0; i < LEN(int_rows); i++) {
        sbuf_init(&sb, buf, sizeof(buf));
        sbuf_add_int(&sb, int_rows[i].value);
        tap_is_str(int_rows[i].text, buf, "%s", int_rows[i].sentence);
    }
    for (i = 0; i < LEN(escape_rows); i++) {
        sbuf_init(&sb, buf, sizeof(buf));
        sbuf_add_json(&sb, escape_rows[i].in, escape_rows[i].len);
        tap_is_str(escape_rows[i].json, buf, "JSON: %s",
                   escape_rows[i].sentence);
        sbuf_init(&sb, buf, sizeof(buf));
        sbuf_add_log(&sb, escape_rows[i].in, escape_rows[i].len);
        tap_is_str(escape_rows[i].log, buf, "log: %s",
                   escape_rows[i].sentence);
    }
    test_bounds();
    return tap_done();
}
