/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * JSON from strangers, read by jansson.
 */

#include <jansson.h>
#include <stdbool.h>

#include "core/jparse.h"

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
explain(const json_error_t *error)
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
        return "it is not a JSON object";
    }
}

struct json_t *
jparse_object(const char *text, size_t len, struct errtext *why)
{
    json_error_t error;
    json_t *value;

    if (is_too_deep(text, len)) {
        errtext_set(why, "broken JSON: it is nested over %d deep",
                    JPARSE_DEPTH_MAX);
        return NULL;
    }
    /* A claim that nobody reads may be an integer of any length. */
    value = json_loadb(text, len,
                       JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL,
                       &error);
    if (value == NULL) {
        errtext_set(why, "broken JSON at byte %d: %s", error.position,
                    explain(&error));
        return NULL;
    }
    if (!json_is_object(value)) {
        errtext_set(why, "it is not a JSON object");
        json_decref(value);
        return NULL;
    }
    return value;
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
