/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Forms: media types, vectors, refusals, and every input of one and two bytes.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/form.h"
#include "core/utf8.h"
#include "tap.h"

#define FORM "application/x-www-form-urlencoded"

static const struct {
    const char *sentence;
    const char *type;
    bool right;
} type_rows[] = {
    {"the type alone is right", FORM, true},
    {"the type in any case is right", "Application/X-WWW-Form-URLencoded",
     true},
    {"charset=UTF-8 is right", FORM ";charset=UTF-8", true},
    {"charset=utf-8 behind a space is right", FORM "; charset=utf-8", true},
    {"spaces before the semicolon are right", FORM " \t; charset=utf-8",
     true},
    {"a quoted charset is right", FORM "; charset=\"utf-8\"", true},
    {"CHARSET in capitals is right", FORM "; CHARSET=Utf-8", true},
    {"another parameter is right", FORM "; boundary=x", true},
    {"another parameter before the charset is right",
     FORM "; a=b; charset=utf-8", true},
    {"a semicolon at the end is right", FORM ";", true},
    {"a space at the end is right", FORM "; charset=utf-8 ", true},
    {"no type is refused", "", false},
    {"JSON is refused", "application/json", false},
    {"multipart is refused", "multipart/form-data; boundary=x", false},
    {"plain text is refused", "text/plain", false},
    {"a shorter type is refused", "application/x-www-form-urlencode", false},
    {"a longer type is refused", FORM "x", false},
    {"a type before it is refused", "text/plain, " FORM, false},
    {"a type behind it is refused", FORM ", text/plain", false},
    {"a space before it is refused", " " FORM, false},
    {"another charset is refused", FORM "; charset=iso-8859-1", false},
    {"another charset in quotation marks is refused",
     FORM "; charset=\"utf-7\"", false},
    {"another charset behind UTF-8 is refused",
     FORM "; charset=utf-8; charset=latin1", false},
    {"another charset behind another parameter is refused",
     FORM "; a=b; charset=utf-16", false},
    {"an empty charset is refused", FORM "; charset=", false},
    {"a charset that begins as UTF-8 is refused", FORM "; charset=utf-80",
     false},
    {"half a quotation is refused", FORM "; charset=\"utf-8", false},
    {"a quotation mark alone is refused", FORM "; charset=\"", false},
    {"a charset without its hyphen is refused", FORM ";charset=utf8", false},
};

/* out NULL: refused. */
static const struct {
    const char *sentence;
    const char *in;
    const char *out;
} decode_rows[] = {
    {"nothing is nothing", "", ""},
    {"the vector of RFC 6749, B", "+%25%26%2B%C2%A3%E2%82%AC",
     " %&+\xc2\xa3\xe2\x82\xac"},
    {"hexadecimal digits in lower case", "%c2%a3%e2%82%ac",
     "\xc2\xa3\xe2\x82\xac"},
    {"%20 is a space as + is", "a%20b+c", "a b c"},
    {"an escape that needs none", "%61%62", "ab"},
    {"an escaped % begins no escape", "%2541", "%41"},
    {"bytes that could be escaped may stand plain", "/?:@!$'()*,;=&",
     "/?:@!$'()*,;=&"},
    {"UTF-8 may stand plain", "\xe2\x82\xac", "\xe2\x82\xac"},
    {"a sequence may be half plain", "\xe2%82\xac", "\xe2\x82\xac"},
    {"a % alone is refused", "%", NULL},
    {"a % at the end is refused", "abc%", NULL},
    {"one digit at the end is refused", "abc%4", NULL},
    {"one digit before another byte is refused", "%4z", NULL},
    {"no digit before one is refused", "%g0", NULL},
    {"a second % is no digit", "%%41", NULL},
    {"a sign is no digit", "%+1", NULL},
    {"a space is no digit", "% 1", NULL},
    {"0x is no digit", "%0x", NULL},
    {"an escaped NUL is refused", "a%00b", NULL},
    {"an escaped byte that is not UTF-8 is refused", "%ff%fe", NULL},
    {"an overlong form is refused", "%c0%af", NULL},
    {"a surrogate is refused", "%ed%a0%80", NULL},
    {"a sequence cut short is refused", "%e2%82", NULL},
    {"a sequence cut by a plus is refused", "%e2%82+", NULL},
    {"a plain byte that is not UTF-8 is refused", "\xff", NULL},
};

/* The values expected; fault NULL: none. */
static const struct {
    const char *sentence;
    const char *body;
    const char *fault; /* a part of the reason */
    const char *grant_type, *scope, *client_id, *client_secret;
    const char *resource; /* all of them, a bar between */
} parse_rows[] = {
    {"an empty body has no parameter", "", NULL, "", "", "", "", ""},
    {"one parameter", "grant_type=client_credentials", NULL,
     "client_credentials", "", "", "", ""},
    {"several parameters", "grant_type=a&scope=b+c&client_id=d&client_secret"
     "=e%26f", NULL, "a", "b c", "d", "e&f", ""},
    {"empty pairs are nothing", "&&grant_type=a&&&scope=b&&", NULL, "a", "b",
     "", "", ""},
    {"a name may be escaped", "%67rant%5Ftype=a", NULL, "a", "", "", "", ""},
    {"an equals sign belongs to the value", "scope==a=b=", NULL, "", "=a=b=",
     "", "", ""},
    {"an empty value is an absent parameter (RFC 6749, 3.2)",
     "grant_type=&scope=", NULL, "", "", "", "", ""},
    {"a name without a value is an absent parameter", "grant_type&scope=a",
     NULL, "", "a", "", "", ""},
    {"an empty value is no repeat", "scope=&scope=a&scope=", NULL, "", "a",
     "", "", ""},
    {"unknown parameters are ignored", "foo=bar&response_type=code&x%5B%5D=1"
     "&scope=a", NULL, "", "a", "", "", ""},
    {"unknown parameters may repeat", "foo=1&foo=2&scope=a", NULL, "", "a",
     "", "", ""},
    {"names are case-sensitive", "Scope=a&CLIENT_ID=b&Client_Secret=c", NULL,
     "", "", "", "", ""},
    {"a part of a name is another name", "scop=a&scopes=b&scope=c", NULL, "",
     "c", "", "", ""},
    {"a space belongs to the name", "+scope=a&scope+=b", NULL, "", "", "", "",
     ""},
    {"a name may be empty", "=a&scope=b", NULL, "", "b", "", "", ""},
    {"resource may repeat (RFC 8707, 2)", "resource=https%3A%2F%2Fa&"
     "resource=https://b/", NULL, "", "", "", "", "https://a|https://b/"},
    {"an empty resource is no resource", "resource=&resource=x&resource",
     NULL, "", "", "", "", "x"},
    {"a semicolon parts nothing", "scope=a;client_id=b", NULL, "",
     "a;client_id=b", "", "", ""},
    {"a line end belongs to the value", "scope=a\r\n", NULL, "", "a\r\n", "",
     "", ""},
    {"grant_type twice is refused",
     "grant_type=client_credentials&grant_type=client_credentials",
     "grant_type is given twice", "", "", "", "", ""},
    {"scope twice is refused", "scope=a&client_id=b&scope=c",
     "scope is given twice", "", "", "", "", ""},
    {"client_id twice is refused", "client_id=a&client_id=a",
     "client_id is given twice", "", "", "", "", ""},
    {"client_secret twice is refused", "client_secret=a&client_secret=b",
     "client_secret is given twice", "", "", "", "", ""},
    {"client_assertion twice is refused",
     "client_assertion=a&client_assertion=b",
     "client_assertion is given twice", "", "", "", "", ""},
    {"client_assertion_type twice is refused",
     "client_assertion_type=a&client_assertion_type=a",
     "client_assertion_type is given twice", "", "", "", "", ""},
    {"the second name escaped is the same name", "scope=a&s%63ope=b",
     "scope is given twice", "", "", "", "", ""},
    {"a malformed escape in a value is refused", "scope=%zz",
     "malformed escape", "", "", "", "", ""},
    {"a malformed escape in a name is refused", "%zz=a", "malformed escape",
     "", "", "", "", ""},
    {"a malformed escape of an unknown parameter is refused", "foo=%4",
     "malformed escape", "", "", "", "", ""},
    {"an escape does not reach beyond its value", "scope=%4&1=a",
     "malformed escape", "", "", "", "", ""},
    {"a name without a value is decoded, too", "scope=a&%", "malformed",
     "", "", "", "", ""},
    {"NUL in a value is refused", "scope=a%00", "NUL", "", "", "", "", ""},
    {"NUL in a name is refused", "scope%00=a", "NUL", "", "", "", "", ""},
    {"a value that is not UTF-8 is refused", "client_id=%c0%af", "UTF-8", "",
     "", "", "", ""},
    {"a name that is not UTF-8 is refused", "%ff=a", "UTF-8", "", "", "", "",
     ""},
    {"a sequence does not reach beyond its value", "scope=%e2&%82%ac=a",
     "UTF-8", "", "", "", "", ""},
};

static bool
is_refused(struct errtext *why, const char *fault)
{
    return strstr(why->text, fault) != NULL;
}

static void
check_parsed(size_t row, const struct form *form)
{
    char resources[256] = "";
    size_t i, len = 0;

    for (i = 0; i < form->n_resources; i++)
        len += (size_t) snprintf(resources + len, sizeof(resources) - len,
                                 "%s%s", i > 0 ? "|" : "",
                                 form->resource[i].text);
    tap_is_str(parse_rows[row].grant_type,
               form->value[FORM_GRANT_TYPE].text, "%s: grant_type",
               parse_rows[row].sentence);
    tap_is_str(parse_rows[row].scope, form->value[FORM_SCOPE].text,
               "%s: scope", parse_rows[row].sentence);
    tap_is_str(parse_rows[row].client_id, form->value[FORM_CLIENT_ID].text,
               "%s: client_id", parse_rows[row].sentence);
    tap_is_str(parse_rows[row].client_secret,
               form->value[FORM_CLIENT_SECRET].text, "%s: client_secret",
               parse_rows[row].sentence);
    tap_is_str(parse_rows[row].resource, resources, "%s: resource",
               parse_rows[row].sentence);
    for (i = 0; i < FORM__MAX; i++) {
        if (form->value[i].len != strlen(form->value[i].text))
            tap_ok(false, "%s: the length of parameter %zu",
                   parse_rows[row].sentence, i);
    }
}

/* In memory of its own size, so that a reader beyond it is found. */
static void
test_parse(size_t row)
{
    size_t len = strlen(parse_rows[row].body);
    char *body = malloc(len + 1);
    struct errtext why = {.text = ""};
    struct form form;
    int rc;

    if (body == NULL)
        return;
    memcpy(body, parse_rows[row].body, len);
    body[len] = '~';
    rc = form_parse(&form, body, len, &why);
    if (parse_rows[row].fault == NULL) {
        tap_is_int(0, rc, "%s", parse_rows[row].sentence);
        if (rc == 0)
            check_parsed(row, &form);
    } else {
        tap_ok(rc == -1 && is_refused(&why, parse_rows[row].fault), "%s",
               parse_rows[row].sentence);
    }
    free(body);
}

static void
test_decode(size_t row)
{
    char text[64];
    size_t len = strlen(decode_rows[row].in);
    long n;

    memcpy(text, decode_rows[row].in, len);
    n = form_decode(text, len);
    if (decode_rows[row].out == NULL)
        tap_is_int(-1, n, "%s", decode_rows[row].sentence);
    else
        tap_is_mem(decode_rows[row].out, strlen(decode_rows[row].out), text,
                   n < 0 ? 0 : (size_t) n, "%s", decode_rows[row].sentence);
}

/* Whether the text has no byte that a form without escapes may not have. */
static bool
is_plain(const char *text, size_t len)
{
    return memchr(text, '%', len) == NULL && memchr(text, '\0', len) == NULL
           && utf8_is_valid(text, len);
}

/* Every text of one and of two bytes, decoded and parsed. */
static void
test_short(size_t len)
{
    unsigned n, i, decoded = 0, parsed = 0;

    for (n = 0; n < 1u << (8 * len); n++) {
        char in[2] = {(char) n, (char) (n >> 8)}, text[2], body[3];
        struct form form;
        bool right = is_plain(in, len);
        long rc;

        memcpy(text, in, len);
        rc = form_decode(text, len);
        for (i = 0; i < len; i++) {
            if (rc == (long) len
                && text[i] != (in[i] == '+' ? ' ' : in[i]))
                rc = -2;
        }
        decoded += rc != (right ? (long) len : -1);
        memcpy(body, in, len);
        parsed += form_parse(&form, body, len, NULL) != (right ? 0 : -1);
    }
    tap_is_int(0, decoded, "every text of %zu bytes decodes by the rule",
               len);
    tap_is_int(0, parsed, "every body of %zu bytes parses by the rule", len);
}

static int
digit(int c)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *p = c == 0 ? NULL : strchr(digits, c);

    return p == NULL ? -1 : (int) (p - digits) % 16;
}

/* A percent sign and every two bytes. */
static void
test_escapes(void)
{
    unsigned n, wrong = 0;

    for (n = 0; n < 0x10000; n++) {
        char text[3] = {'%', (char) n, (char) (n >> 8)};
        int high = digit(text[1]), low = digit(text[2]);
        int value = high < 0 || low < 0 ? -1 : high << 4 | low;
        long rc = form_decode(text, 3);

        if (value > 0 && value < 0x80)
            wrong += rc != 1 || text[0] != value;
        else
            wrong += rc != -1;
    }
    tap_is_int(0, wrong, "every escape decodes by the rule");
}

/* Make a body of n times the pair; the caller frees. */
static char *
repeat(const char *pair, size_t n)
{
    size_t len = strlen(pair), i;
    char *body = malloc(n * len + 1);

    if (body == NULL)
        abort();
    for (i = 0; i < n; i++)
        memcpy(body + i * len, pair, len);
    body[n * len] = '\0';
    return body;
}

static void
test_limit(const char *pair, size_t n, const char *fault,
           const char *sentence)
{
    char *body = repeat(pair, n);
    struct errtext why = {.text = ""};
    struct form form;
    int rc = form_parse(&form, body, strlen(body), &why);

    tap_ok(fault == NULL ? rc == 0 : rc == -1 && is_refused(&why, fault),
           "%s", sentence);
    free(body);
}

int
main(void)
{
    size_t i;

    for (i = 0; i < LEN(type_rows); i++)
        tap_ok(form_is_type(type_rows[i].type) == type_rows[i].right, "%s",
               type_rows[i].sentence);
    for (i = 0; i < LEN(decode_rows); i++)
        test_decode(i);
    for (i = 0; i < LEN(parse_rows); i++)
        test_parse(i);
    test_short(1);
    test_short(2);
    test_escapes();
    test_limit("a=b&", FORM_PAIRS_MAX, NULL,
               "as many pairs as allowed are taken");
    test_limit("a=b&", FORM_PAIRS_MAX + 1, "more than",
               "one pair more is refused");
    test_limit("&", 10 * FORM_PAIRS_MAX, NULL, "empty pairs do not count");
    test_limit("resource=a&", FORM_RESOURCES_MAX, NULL,
               "as many resources as allowed are taken");
    test_limit("resource=a&", FORM_RESOURCES_MAX + 1, "resource",
               "one resource more is refused");
    test_limit("resource=&", FORM_RESOURCES_MAX + 1, NULL,
               "resources without a value do not count");
    return tap_done();
}
