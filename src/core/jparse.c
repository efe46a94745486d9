/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * JSON from strangers, read by jansson.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/jparse.h"

enum {
    REAL_DIGITS = 15,    /* that a double keeps, whatever they are */
    INTEGER_DIGITS = 16, /* of 2^53 - 1 */
    SPELLED_MAX = 2 * REAL_DIGITS + 5, /* bytes without an exponent */
};

#define INTEGER_MAX INT64_C(9007199254740991)

/*
 * Whether brackets stand deeper than allowed.  As far as the text is JSON,
 * this sees strings where the parser does; beyond, the parser refuses it.
 */
static bool
is_too_deep(const char *text, size_t len)
{
    bool in_string = false;
    int depth = 0;
    size_t i;

    for (i = 0; i < len; i++) {
        char c = text[i];

        if (in_string && c == '\\')
            i++;
        else if (c == '"')
            in_string = !in_string;
        else if (in_string)
            continue;
        else if ((c == '{' || c == '[') && ++depth > JPARSE_DEPTH_MAX)
            return true;
        else if (c == '}' || c == ']')
            depth--;
    }
    return false;
}

/* The parser's own text quotes what it read. */
static const char *
explain(const json_error_t *error, bool any)
{
    switch (json_error_code(error)) {
    case json_error_duplicate_key:
        return "a member comes twice";
    case json_error_invalid_utf8:
        return "it is not UTF-8";
    case json_error_null_character:
    case json_error_null_byte_in_key:
        return "it has a NUL in a string";
    case json_error_numeric_overflow:
        return "a number is too big";
    case json_error_end_of_input_expected:
        return "something stands behind it";
    case json_error_premature_end_of_input:
        return "it ends too early";
    default:
        return any ? "it is no JSON" : "it is not a JSON object";
    }
}

static json_t *
load(const char *text, size_t len, size_t flags, struct errtext *why)
{
    json_error_t error;
    json_t *value;

    if (is_too_deep(text, len)) {
        errtext_set(why, "broken JSON: it is nested over %d deep",
                    JPARSE_DEPTH_MAX);
        return NULL;
    }
    value = json_loadb(text, len, JSON_REJECT_DUPLICATES | flags, &error);
    if (value == NULL)
        errtext_set(why, "broken JSON at byte %d: %s", error.position,
                    explain(&error, (flags & JSON_DECODE_ANY) != 0));
    return value;
}

struct json_t *
jparse_object(const char *text, size_t len, struct errtext *why)
{
    /* A claim that nobody reads may be an integer of any length. */
    json_t *value = load(text, len, JSON_DECODE_INT_AS_REAL, why);

    if (value == NULL)
        return NULL;
    if (!json_is_object(value)) {
        errtext_set(why, "it is not a JSON object");
        json_decref(value);
        return NULL;
    }
    return value;
}

/* Whether so many characters of a number have the value that is written. */
static bool
is_exact(const char *number, size_t len)
{
    char digits[INTEGER_DIGITS + 1];
    size_t i, n = 0;
    bool point = false;

    for (i = 0; i < len; i++) {
        if (number[i] == 'e' || number[i] == 'E')
            return false;
        if (number[i] == '.')
            point = true;
        if (number[i] < '0' || number[i] > '9')
            continue;
        if (n == INTEGER_DIGITS)
            return false;
        digits[n++] = number[i];
    }
    digits[n] = '\0';
    if (point)
        return n <= REAL_DIGITS;
    return strtoll(digits, NULL, 10) <= INTEGER_MAX;
}

/*
 * Move *at to the next number outside of strings.  Returns its length, or 0
 * at the end.  As is_too_deep(), this sees what the parser does as far as it
 * is JSON.
 */
static size_t
next_number(const char *text, size_t len, size_t *at)
{
    static const char number[] = "+-.0123456789Ee";
    bool in_string = false;
    size_t n;

    for (; *at < len; ++*at) {
        char c = text[*at];

        if (in_string && c == '\\')
            ++*at;
        else if (c == '"')
            in_string = !in_string;
        else if (!in_string && (c == '-' || (c >= '0' && c <= '9'))) {
            for (n = 1; *at + n < len && text[*at + n] != '\0'
                        && strchr(number, text[*at + n]) != NULL;)
                n++;
            return n;
        }
    }
    return 0;
}

static bool
are_exact(const char *text, size_t len)
{
    size_t at, n;

    for (at = 0; (n = next_number(text, len, &at)) > 0; at += n) {
        if (!is_exact(text + at, n))
            return false;
    }
    return true;
}

struct json_t *
jparse_exact(const char *text, size_t len, struct errtext *why)
{
    if (!are_exact(text, len)) {
        errtext_set(why, "a number is beyond 2^53 - 1, has over %d digits, or "
                         "an exponent: as text it would stay as it is",
                    REAL_DIGITS);
        return NULL;
    }
    return load(text, len, JSON_DECODE_ANY, why);
}

/*
 * The library writes what is below 0.0001 with an exponent: spell "1.5e-5" as
 * 0.000015.  Returns the length, or 0 when number is no such, or would be none
 * that jparse_exact() takes.
 */
static size_t
spell(const char *number, size_t len, char text[SPELLED_MAX])
{
    const char *e = memchr(number, 'e', len), *p;
    long zeros = e != NULL ? -strtol(e + 1, NULL, 10) - 1 : 0;
    size_t n = 0;

    if (zeros < 1 || zeros > REAL_DIGITS || e - number > REAL_DIGITS + 2)
        return 0;
    if (*number == '-')
        text[n++] = '-';
    text[n++] = '0';
    text[n++] = '.';
    for (; zeros > 0; zeros--)
        text[n++] = '0';
    for (p = number; p < e; p++) {
        if (*p >= '0' && *p <= '9')
            text[n++] = *p;
    }
    return is_exact(text, n) ? n : 0;
}

/* Spell all numbers of a terminated text.  Returns its length, or 0 when it
 * would be longer than room. */
static size_t
spell_all(char *text, size_t len, size_t room)
{
    char spelled[SPELLED_MAX];
    size_t at, n, m;

    for (at = 0; (n = next_number(text, len, &at)) > 0; at += n) {
        m = spell(text + at, n, spelled);
        if (m == 0)
            continue;
        if (len - n + m > room)
            return 0;
        memmove(text + at + m, text + at + n, len - at - n + 1);
        memcpy(text + at, spelled, m);
        len = len - n + m;
        n = m;
    }
    return len;
}

void
jparse_write(struct sbuf *sb, const struct json_t *value)
{
    size_t room = sb->cap - sb->len - 1;
    char *text = sb->buf + sb->len;
    size_t n = json_dumpb(value, text, room,
                          JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY
                              | JSON_REAL_PRECISION(REAL_DIGITS));

    if (n > 0 && n <= room) {
        text[n] = '\0';
        n = spell_all(text, n, room);
    }
    if (n == 0 || n > room)
        sb->overflow = true;
    else
        sb->len += n;
    sb->buf[sb->len] = '\0';
}

int
jparse_time(int64_t *seconds, const struct json_t *value)
{
    double real;

    real = json_number_value(value);
    if (!json_is_number(value) || real < 0 || real > (double)JPARSE_TIME_MAX)
        return -1;
    *seconds = (int64_t)real;
    if ((double)*seconds < real)
        ++*seconds;
    return 0;
}
