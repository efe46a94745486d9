/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * JSON from strangers: what is an object, and what is none.
 */

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/jparse.h"
#include "tap.h"

/* Bytes with what may hold a NUL. */
#define TEXT(text) text, sizeof(text) - 1

static const struct {
    const char *sentence;
    const char *text;
    size_t len;
    const char *reason; /* a part of it; NULL: taken */
} rows[] = {
    {"an empty object", TEXT("{}"), NULL},
    {"white space around", TEXT(" \t\r\n{ }\r\n"), NULL},
    {"white space between", TEXT("{\t\"a\"\r\n:\n1 , \"b\" :2}"), NULL},
    {"every kind of value",
     TEXT("{\"a\":[1,-2,3.5,1e9,\"x\",true,false,null,{}]}"), NULL},
    {"an escaped character", TEXT("{\"\\u0061\":\"\\ud83d\\ude00\"}"), NULL},
    {"brackets in a string", TEXT("{\"a\":\"[[[[[[[[[[[[[[[[[[[[[[\"}"),
     NULL},
    {"brackets behind an escaped quotation mark",
     TEXT("{\"a\":\"\\\"[[[[[[[[[[[[[[[[[[[[[[\"}"), NULL},
    {"an escaped reverse solidus ends no string early",
     TEXT("{\"a\":\"\\\\\",\"b\":[]}"), NULL},
    {"one name at two depths", TEXT("{\"a\":{\"a\":{\"a\":1}}}"), NULL},
    {"names that differ in case", TEXT("{\"a\":1,\"A\":2}"), NULL},
    {"the greatest integer", TEXT("{\"a\":9223372036854775807}"), NULL},
    {"an integer over 64 bits", TEXT("{\"a\":18446744073709551617}"), NULL},
    {"an integer of thirty digits",
     TEXT("{\"a\":123456789012345678901234567890}"), NULL},
    {"the least integer", TEXT("{\"a\":-9223372036854775808}"), NULL},
    {"nearly the greatest double", TEXT("{\"a\":1.7e308}"), NULL},
    {"a number that is nearly nothing", TEXT("{\"a\":1e-400}"), NULL},

    {"nothing is refused", TEXT(""), "broken"},
    {"white space alone is refused", TEXT("  "), "broken"},
    {"null is refused", TEXT("null"), "not a JSON object"},
    {"true is refused", TEXT("true"), "not a JSON object"},
    {"a number is refused", TEXT("1"), "not a JSON object"},
    {"a string is refused", TEXT("\"x\""), "not a JSON object"},
    {"an array is refused", TEXT("[]"), "not a JSON object"},
    {"an array of an object is refused", TEXT("[{}]"), "not a JSON object"},
    {"an object that does not end is refused", TEXT("{\"a\":1"), "early"},
    {"a string that does not end is refused", TEXT("{\"a\":\"x"), "early"},
    {"an escape that does not end is refused", TEXT("{\"a\":\"\\"), "broken"},
    {"another object behind is refused", TEXT("{}{}"), "behind"},
    {"a letter behind is refused", TEXT("{} x"), "behind"},
    {"a bracket behind is refused", TEXT("{}}"), "behind"},
    {"a NUL behind is refused", TEXT("{}\0"), "behind"},
    {"a NUL before is refused", TEXT("\0{}"), "broken"},
    {"a byte order mark is refused", TEXT("\xef\xbb\xbf{}"), "broken"},
    {"UTF-16 is refused", TEXT("{\0}\0"), "broken"},
    {"a comma at the end is refused", TEXT("{\"a\":1,}"), "broken"},
    {"a missing comma is refused", TEXT("{\"a\":1 \"b\":2}"), "broken"},
    {"single quotes are refused", TEXT("{'a':1}"), "broken"},
    {"a name without quotes is refused", TEXT("{a:1}"), "broken"},
    {"a comment is refused", TEXT("{/* */}"), "broken"},
    {"a closing bracket of another kind is refused", TEXT("{\"a\":[1}"),
     "broken"},
    {"brackets in the wrong order are refused", TEXT("}{"), "broken"},
    {"NaN is refused", TEXT("{\"a\":NaN}"), "broken"},
    {"Infinity is refused", TEXT("{\"a\":Infinity}"), "broken"},
    {"a leading zero is refused", TEXT("{\"a\":01}"), "broken"},
    {"a leading plus is refused", TEXT("{\"a\":+1}"), "broken"},
    {"a hexadecimal number is refused", TEXT("{\"a\":0x10}"), "broken"},
    {"True is refused", TEXT("{\"a\":True}"), "broken"},
    {"a raw tab in a string is refused", TEXT("{\"a\":\"\t\"}"), "broken"},
    {"a raw newline in a string is refused", TEXT("{\"a\":\"\n\"}"),
     "broken"},
    {"an unknown escape is refused", TEXT("{\"a\":\"\\x41\"}"), "broken"},

    {"a member twice is refused", TEXT("{\"a\":1,\"a\":1}"), "twice"},
    {"a member twice, once escaped, is refused",
     TEXT("{\"a\":1,\"\\u0061\":2}"), "twice"},
    {"a member twice, deep within, is refused",
     TEXT("{\"x\":[{\"y\":{\"a\":1,\"b\":2,\"a\":3}}]}"), "twice"},
    {"an empty name twice is refused", TEXT("{\"\":1,\"\":2}"), "twice"},

    {"a NUL escaped in a string is refused", TEXT("{\"a\":\"\\u0000\"}"),
     "NUL"},
    {"a NUL escaped in a name is refused", TEXT("{\"a\\u0000\":1}"), "NUL"},
    {"a raw NUL in a string is refused", TEXT("{\"a\":\"\0\"}"), "broken"},

    {"an overlong sequence is refused", TEXT("{\"a\":\"\xc0\xaf\"}"),
     "UTF-8"},
    {"a sequence that is cut is refused", TEXT("{\"a\":\"\xe2\x82\"}"),
     "UTF-8"},
    {"a byte of no sequence is refused", TEXT("{\"a\":\"\xff\"}"), "UTF-8"},
    {"a surrogate in UTF-8 is refused", TEXT("{\"a\":\"\xed\xa0\x80\"}"),
     "UTF-8"},
    {"a lone surrogate in an escape is refused",
     TEXT("{\"a\":\"\\ud83d\"}"), "broken"},
    {"a surrogate pair in the wrong order is refused",
     TEXT("{\"a\":\"\\ude00\\ud83d\"}"), "broken"},

    {"a double that is too big is refused", TEXT("{\"a\":1e400}"),
     "too big"},
    {"a negative double that is too big is refused", TEXT("{\"a\":-1e400}"),
     "too big"},
};

/* What comes out again, and with which value. */
static const struct {
    const char *sentence;
    const char *text;
    const char *out; /* NULL: refused */
} exact_rows[] = {
    {"an integer", "1", "1"},
    {"minus zero is zero", "-0", "0"},
    {"the greatest integer of a double", "9007199254740991",
     "9007199254740991"},
    {"the least", "-9007199254740991", "-9007199254740991"},
    {"a decimal", "0.1", "0.1"},
    {"a decimal of 15 digits", "123456789.012345", "123456789.012345"},
    {"zeros behind go, the point stays", "1.00", "1.0"},
    {"the least of 15 digits", "-0.00000000000001", "-0.00000000000001"},
    {"and one with a digit more before its end", "-0.00000000000012",
     "-0.00000000000012"},
    {"a small decimal has no exponent", "0.00001", "0.00001"},
    {"a negative one, among others",
     "{\"a\":-0.000015,\"b\":[0.000010,0.0001,0,\"1e-5\"]}",
     "{\"a\":-0.000015,\"b\":[0.00001,0.0001,0,\"1e-5\"]}"},
    {"a string", "\"x\"", "\"x\""},
    {"digits in a string", "\"1e9 99999999999999999999\"",
     "\"1e9 99999999999999999999\""},
    {"digits behind an escaped quotation mark", "\"\\\" 1e9\"",
     "\"\\\" 1e9\""},
    {"null", "null", "null"},
    {"an array keeps its order", "[2, 1]", "[2,1]"},
    {"members are sorted at every depth",
     "{\"b\":{\"d\":1,\"c\":2},\"a\":0}",
     "{\"a\":0,\"b\":{\"c\":2,\"d\":1}}"},
    {"a name in capitals comes first", "{\"a\":1,\"B\":2}",
     "{\"B\":2,\"a\":1}"},

    {"2^53 is refused", "9007199254740992", NULL},
    {"-2^53 is refused", "-9007199254740992", NULL},
    {"an integer beyond 64 bits is refused", "[99999999999999999999]", NULL},
    {"a decimal of 16 digits is refused", "1.000000000000001", NULL},
    {"an exponent is refused", "1e1", NULL},
    {"a capital one, too", "1.5E-3", NULL},
    {"a number at the end of an object is looked at", "{\"a\":1e1}", NULL},
    {"nothing is refused", "", NULL},
    {"two values are refused", "1 2", NULL},
    {"a member twice is refused", "{\"a\":1,\"a\":1}", NULL},
    {"a word is refused", "sales", NULL},
    {"NaN is refused", "NaN", NULL},
    {"17 deep is refused",
     "[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]", NULL},
};

static void
test_exact(size_t row)
{
    const char *text = exact_rows[row].text;
    struct errtext why = {.text = ""};
    json_t *value = jparse_exact(text, strlen(text), &why);
    char out[256];
    struct sbuf sb;

    tap_ok((value != NULL) == (exact_rows[row].out != NULL), "%s",
           exact_rows[row].sentence);
    if (value != NULL && exact_rows[row].out != NULL) {
        sbuf_init(&sb, out, sizeof(out));
        jparse_write(&sb, value);
        tap_is_str(exact_rows[row].out, out, "%s: what comes out",
                   exact_rows[row].sentence);
        sbuf_init(&sb, out, strlen(exact_rows[row].out));
        jparse_write(&sb, value);
        tap_ok(sb.overflow && sb.len == 0, "%s: where it does not fit",
               exact_rows[row].sentence);
    } else if (value == NULL) {
        tap_ok(why.text[0] != '\0', "%s: why", exact_rows[row].sentence);
    }
    json_decref(value);
}

static const struct {
    const char *sentence;
    const char *json;
    int64_t seconds; /* -1: refused */
} time_rows[] = {
    {"an integer", "1300819380", 1300819380},
    {"zero", "0", 0},
    {"minus zero", "-0", 0},
    {"minus zero as a fraction", "-0.0", 0},
    {"one", "1", 1},
    {"a fraction of nothing is the integer", "100.0", 100},
    {"a fraction is rounded up", "100.5", 101},
    {"a small fraction is rounded up", "1300819380.001", 1300819381},
    {"the least fraction is rounded up", "5e-324", 1},
    {"less than the least is zero", "1e-400", 0},
    {"an exponent", "1.3e9", 1300000000},
    {"the last second of 9999", "253402300799", JPARSE_TIME_MAX},
    {"the last second of 9999 as a fraction", "253402300799.0",
     JPARSE_TIME_MAX},
    {"a fraction before it", "253402300798.5", JPARSE_TIME_MAX},
    {"a fraction behind it is refused", "253402300799.5", -1},
    {"the first second of 10000 is refused", "253402300800", -1},
    {"minus one is refused", "-1", -1},
    {"a small negative fraction is refused", "-0.001", -1},
    {"milliseconds are refused", "1300819380000", -1},
    {"the greatest integer is refused", "9223372036854775807", -1},
    {"the least integer is refused", "-9223372036854775808", -1},
    {"1e18 is refused", "1e18", -1},
    {"1e308 is refused", "1e308", -1},
    {"-1e308 is refused", "-1e308", -1},
    {"a string is refused", "\"1300819380\"", -1},
    {"an empty string is refused", "\"\"", -1},
    {"null is refused", "null", -1},
    {"true is refused", "true", -1},
    {"an array is refused", "[1300819380]", -1},
    {"an object is refused", "{}", -1},
};

static void
test_row(size_t row)
{
    struct errtext why = {.text = ""};
    char *text = malloc(rows[row].len + 1);
    json_t *object;

    /* No terminator that it could lean on, in memory of its own size. */
    if (text == NULL)
        abort();
    memcpy(text, rows[row].text, rows[row].len);
    text[rows[row].len] = '}';
    object = jparse_object(text, rows[row].len, &why);
    if (rows[row].reason == NULL) {
        tap_ok(json_is_object(object), "%s", rows[row].sentence);
    } else {
        tap_ok(object == NULL && why.text[0] != '\0'
                   && strstr(why.text, rows[row].reason) != NULL,
               "%s", rows[row].sentence);
        if (object == NULL && strstr(why.text, rows[row].reason) == NULL)
            tap_diag("reason: %s", why.text);
    }
    json_decref(object);
    free(text);
}

/* An object of depth brackets of that kind. */
static json_t *
nested(size_t depth, char open, char close, struct errtext *why)
{
    char *text = malloc(6 * depth + 16);
    size_t i, len = 0;
    json_t *object;

    if (text == NULL)
        abort();
    memcpy(text, "{\"a\":", 5);
    len = 5;
    for (i = 1; i < depth; i++) {
        text[len++] = open;
        if (open == '{' && i + 1 < depth) {
            memcpy(text + len, "\"a\":", 4);
            len += 4;
        }
    }
    for (i = 1; i < depth; i++)
        text[len++] = close;
    text[len++] = '}';
    object = jparse_object(text, len, why);
    free(text);
    return object;
}

static void
test_depth(void)
{
    static const struct {
        const char *what;
        char open, close;
    } kinds[] = {{"arrays", '[', ']'}, {"objects", '{', '}'}};
    struct errtext why;
    json_t *object;
    size_t i;

    for (i = 0; i < LEN(kinds); i++) {
        char open = kinds[i].open, close = kinds[i].close;

        object = nested(JPARSE_DEPTH_MAX, open, close, NULL);
        tap_ok(object != NULL, "%s nested as deep as can be", kinds[i].what);
        json_decref(object);
        tap_ok(nested(JPARSE_DEPTH_MAX + 1, open, close, &why) == NULL
                   && strstr(why.text, "deep") != NULL,
               "%s nested one deeper are refused", kinds[i].what);
        tap_ok(nested(20000, open, close, &why) == NULL
                   && strstr(why.text, "deep") != NULL,
               "%s nested 20000 deep are refused", kinds[i].what);
    }
    object = jparse_object(TEXT("{\"a\":[[],[],[],[],[],[],[],[],[],[],[],[],"
                                "[],[],[],[],[],[],[],[],[]]}"),
                           NULL);
    tap_ok(object != NULL, "many brackets beside each other are not deep");
    json_decref(object);
    tap_ok(jparse_object(TEXT("{\"a\":\"\\\\\",\"b\":"
                              "[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]}"),
                         &why)
                   == NULL
               && strstr(why.text, "deep") != NULL,
           "depth behind an escaped reverse solidus is seen");
    tap_ok(jparse_object(TEXT("{\"a\":]]]]]]]][[[[[[[[[[[[[[[[[[[[[[[[[[[[[["),
                         &why)
               == NULL,
           "brackets that close first buy no depth");
}

static void
test_reason(void)
{
    static const char json[] = "{\"hunter2\":\"hunter2\",\"hunter2\":hunter2";
    struct errtext why;
    size_t len;

    for (len = 0; len < sizeof(json); len++) {
        why.text[0] = '\0';
        if (jparse_object(json, len, &why) != NULL
            || strstr(why.text, "hun") != NULL || why.text[0] == '\0')
            break;
    }
    tap_is_int(sizeof(json), (long long)len, "the reason quotes nothing");
    tap_ok(jparse_object(json, 3, NULL) == NULL, "no reason is wanted");
}

static void
test_time(size_t row)
{
    json_t *value = json_loads(time_rows[row].json, JSON_DECODE_ANY, NULL);
    int64_t seconds = -2;
    int rc = jparse_time(&seconds, value);

    if (time_rows[row].seconds < 0)
        tap_is_int(-1, rc, "a time: %s", time_rows[row].sentence);
    else
        tap_is_int(time_rows[row].seconds, rc == 0 ? seconds : -1,
                   "a time: %s", time_rows[row].sentence);
    json_decref(value);
}

int
main(void)
{
    int64_t seconds;
    size_t i;

    for (i = 0; i < LEN(rows); i++)
        test_row(i);
    test_depth();
    test_reason();
    for (i = 0; i < LEN(time_rows); i++)
        test_time(i);
    tap_is_int(-1, jparse_time(&seconds, NULL), "a time: nothing is refused");
    for (i = 0; i < LEN(exact_rows); i++)
        test_exact(i);
    return tap_done();
}
