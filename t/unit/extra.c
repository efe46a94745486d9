/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Static claims: what can be one, and what is the server's own.
 */

#include <stdio.h>
#include <string.h>

#include "core/extra.h"
#include "tap.h"

static const struct {
    const char *sentence;
    const char *text;
    const char *name, *value; /* NULL: refused */
    const char *fault;        /* a part of what was expected */
} rows[] = {
    {"a number", "tier=2", "tier", "2", NULL},
    {"a string", "department=\"sales\"", "department", "\"sales\"", NULL},
    {"a decimal", "rate=0.1", "rate", "0.1", NULL},
    {"true", "internal=true", "internal", "true", NULL},
    {"null", "x=null", "x", "null", NULL},
    {"roles (RFC 9068, 2.2.3.1)", "roles=[\"a\",\"b\"]", "roles",
     "[\"a\",\"b\"]", NULL},
    {"an object, in the order of its bytes", "o={\"b\":1, \"a\":{\"d\":2}}",
     "o", "{\"a\":{\"d\":2},\"b\":1}", NULL},
    {"a URI is a name", "https://example.org/tenant=\"t\"",
     "https://example.org/tenant", "\"t\"", NULL},
    {"the first = parts the two", "a=\"b=c\"", "a", "\"b=c\"", NULL},
    {"a name that begins as one of the server's", "issuer=1", "issuer", "1",
     NULL},
    {"a name in capitals is another", "ISS=1", "ISS", "1", NULL},

    {"a name alone is refused", "tier", NULL, NULL, "NAME=JSON"},
    {"nothing is refused", "", NULL, NULL, "NAME=JSON"},
    {"no name is refused", "=1", NULL, NULL, "name"},
    {"a space in a name is refused", "a b=1", NULL, NULL, "name"},
    {"a quotation mark in a name is refused", "a\"=1", NULL, NULL, "name"},
    {"a name that is not ASCII is refused", "\xc3\xa4=1", NULL, NULL,
     "name"},
    {"no value is refused", "a=", NULL, NULL, "JSON behind"},
    {"text without quotes is refused", "department=sales", NULL, NULL,
     "department=\"sales\""},
    {"text in single quotes is refused", "a='x'", NULL, NULL, "quotes"},
    {"something behind the value is refused", "a=1 2", NULL, NULL, "JSON"},
    {"a member twice is refused", "a={\"b\":1,\"b\":2}", NULL, NULL, "JSON"},
    {"a number that would change is refused", "a=12345678901234567890", NULL,
     NULL, "15 digits"},
    {"iss is refused", "iss=\"x\"", NULL, NULL, "server's own"},
    {"sub is refused", "sub=\"x\"", NULL, NULL, "server's own"},
    {"aud is refused", "aud=\"x\"", NULL, NULL, "server's own"},
    {"exp is refused", "exp=1", NULL, NULL, "server's own"},
    {"nbf is refused", "nbf=1", NULL, NULL, "server's own"},
    {"iat is refused", "iat=1", NULL, NULL, "server's own"},
    {"jti is refused", "jti=\"x\"", NULL, NULL, "server's own"},
    {"client_id is refused", "client_id=\"x\"", NULL, NULL, "server's own"},
    {"scope is refused", "scope=\"x\"", NULL, NULL, "server's own"},
    {"cnf is refused", "cnf={}", NULL, NULL, "server's own"},
    {"act is refused", "act={}", NULL, NULL, "server's own"},
    {"may_act is refused", "may_act={}", NULL, NULL, "server's own"},
    {"authorization_details is refused", "authorization_details=[]", NULL,
     NULL, "server's own"},
    {"active is refused", "active=false", NULL, NULL, "server's own"},
    {"token_type is refused", "token_type=\"x\"", NULL, NULL,
     "server's own"},
    {"username is refused", "username=\"x\"", NULL, NULL, "server's own"},
    {"token_introspection is refused", "token_introspection={}", NULL, NULL,
     "server's own"},
    {"acr, of a user, is refused", "acr=\"x\"", NULL, NULL, "server's own"},
    {"amr, of a user, is refused", "amr=[]", NULL, NULL, "server's own"},
    {"auth_time, of a user, is refused", "auth_time=1", NULL, NULL,
     "server's own"},
};

static void
test_row(size_t row)
{
    const char *expected = extra_fault(rows[row].text);
    struct extras extras = {NULL, 0, 0};
    struct errtext why = {.text = ""};
    int rc = extra_parse(&extras, rows[row].text, &why);

    tap_is_int(rows[row].value != NULL ? 0 : -1, rc, "%s",
               rows[row].sentence);
    tap_ok((expected == NULL) == (rc == 0), "%s: and so it is said before",
           rows[row].sentence);
    if (rc == 0) {
        tap_is_str(rows[row].name, extras.list[0].name, "%s: the name",
                   rows[row].sentence);
        tap_is_str(rows[row].value, extras.list[0].value, "%s: the value",
                   rows[row].sentence);
    } else {
        tap_ok(rows[row].fault != NULL && expected != NULL
                   && strstr(expected, rows[row].fault) != NULL
                   && strstr(why.text, rows[row].fault) != NULL,
               "%s: what was expected", rows[row].sentence);
    }
    extra_free(&extras);
}

static void
test_many(void)
{
    struct extras extras = {NULL, 0, 0};
    char text[EXTRA_TEXT_MAX + 16];
    struct errtext why = {.text = ""};
    int i;

    tap_is_int(0, extra_parse(&extras, "m=1", NULL), "a claim");
    tap_is_int(0, extra_parse(&extras, "z=2", NULL), "one behind it");
    tap_is_int(0, extra_parse(&extras, "a=3", NULL), "one before it");
    tap_ok(strcmp(extras.list[0].name, "a") == 0
               && strcmp(extras.list[1].name, "m") == 0
               && strcmp(extras.list[2].name, "z") == 0,
           "they are sorted");
    tap_is_str("1", extra_find(&extras, "m")->value, "one is found");
    tap_ok(extra_find(&extras, "n") == NULL, "another is not");
    tap_is_int(-1, extra_parse(&extras, "m=1", &why), "twice is refused");
    tap_ok(strstr(why.text, "twice") != NULL, "and said");
    for (i = 3; i < EXTRA_COUNT_MAX; i++) {
        snprintf(text, sizeof(text), "n%d=1", i);
        if (extra_parse(&extras, text, NULL) != 0)
            break;
    }
    tap_is_int(EXTRA_COUNT_MAX, i, "as many as there may be");
    tap_is_int(-1, extra_parse(&extras, "y=1", &why), "one more is refused");
    tap_ok(strstr(why.text, "too many") != NULL, "and said");
    extra_free(&extras);
    extra_free(&extras);
    memset(text, 'x', sizeof(text));
    memcpy(text, "a=\"", 3);
    memcpy(text + EXTRA_TEXT_MAX, "\"", 2);
    tap_is_int(0, extra_parse(&extras, text, &why), "the longest value");
    tap_is_int(-1, extra_parse(&extras, "b=1", &why),
               "a byte more of all is refused");
    extra_free(&extras);
    memcpy(text + EXTRA_TEXT_MAX, "x\"", 3);
    tap_is_int(-1, extra_parse(&extras, text, &why),
               "a longer value is refused");
    memset(text, 'n', sizeof(text));
    memcpy(text + EXTRA_NAME_MAX, "=1", 3);
    tap_is_int(0, extra_parse(&extras, text, &why), "the longest name");
    memcpy(text + EXTRA_NAME_MAX, "n=1", 4);
    tap_is_int(-1, extra_parse(&extras, text, &why),
               "a longer name is refused");
    extra_free(&extras);
}

int
main(void)
{
    size_t i;

    for (i = 0; i < LEN(rows); i++)
        test_row(i);
    test_many();
    return tap_done();
}
