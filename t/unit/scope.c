/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Scopes: tokens, the lists that they stand in, and sets.
 */

#include <stdio.h>
#include <string.h>

#include "core/scope.h"
#include "tap.h"

/* The tokens with bars between; a bar and "!" at the end: refused there. */
static const struct {
    const char *sentence;
    const char *scope;
    const char *tokens;
} rows[] = {
    {"the empty scope has no token", "", ""},
    {"one token", "a", "a|"},
    {"two tokens", "a b", "a|b|"},
    {"three tokens keep their order", "c a b", "c|a|b|"},
    {"repeats are kept here", "a a", "a|a|"},
    {"case is kept", "A a", "A|a|"},
    {"a URN is a token", "urn:opc:idm:__myscopes__",
     "urn:opc:idm:__myscopes__|"},
    {"the edges of the alphabet", "!#[ ]~", "!#[|]~|"},
    {"markup is a token as another", "<script>alert(1)</script>",
     "<script>alert(1)</script>|"},
    {"a space alone is refused", " ", "!"},
    {"a space before is refused", " a", "!"},
    {"a space behind is refused", "a ", "!"},
    {"two spaces between are refused", "a  b", "a|!"},
    {"a space behind the second token is refused", "a b ", "a|!"},
    {"a tab is refused", "a\tb", "!"},
    {"a line end is refused", "a\n", "!"},
    {"a quotation mark is refused", "a\"b", "!"},
    {"a reverse solidus is refused", "a b\\", "a|!"},
    {"DEL is refused", "a\x7f", "!"},
    {"UTF-8 is refused", "\xc2\xa3", "!"},
    {"a byte with the high bit is refused", "a b \xff", "a|b|!"},
    {"a control character is refused", "\x01", "!"},
};

static void
test_row(size_t row)
{
    const char *rest = rows[row].scope, *name;
    char tokens[128] = "";
    size_t len, used = 0;
    int more;

    while ((more = scope_next(&rest, &name, &len)) > 0)
        used += (size_t) snprintf(tokens + used, sizeof(tokens) - used,
                                  "%.*s|", (int) len, name);
    snprintf(tokens + used, sizeof(tokens) - used, "%s", more < 0 ? "!" : "");
    tap_is_str(rows[row].tokens, tokens, "%s", rows[row].sentence);
}

/* RFC 6749, 3.3: %x21 / %x23-5B / %x5D-7E. */
static bool
is_char(unsigned c)
{
    return c == 0x21 || (c >= 0x23 && c <= 0x5b) || (c >= 0x5d && c <= 0x7e);
}

/* Every name of one and of two bytes, and every scope of as many. */
static void
test_short(void)
{
    unsigned a, b, tokens = 0, scopes = 0;

    for (a = 0; a < 256; a++) {
        char one[2] = {(char) a, '\0'};

        tokens += scope_is_token(one, 1) != is_char(a);
        for (b = 0; b < 256; b++) {
            char two[3] = {(char) a, (char) b, '\0'};
            const char *rest = two, *name;
            size_t len;
            bool good = is_char(a) && (b == 0 || is_char(b));
            int rc = scope_next(&rest, &name, &len);

            tokens += scope_is_token(two, 2) != (is_char(a) && is_char(b));
            scopes += rc != (a == 0 ? 0 : good ? 1 : -1);
        }
    }
    tap_is_int(0, tokens, "every name of one and two bytes is by the rule");
    tap_is_int(0, scopes, "every scope of one and two bytes is by the rule");
}

static void
test_lengths(void)
{
    char name[SCOPE_NAME_MAX + 2];

    memset(name, 'x', sizeof(name));
    tap_ok(!scope_is_token(name, 0), "an empty name is refused");
    tap_ok(scope_is_token(name, SCOPE_NAME_MAX), "the longest name is taken");
    tap_ok(!scope_is_token(name, SCOPE_NAME_MAX + 1),
           "a longer name is refused");
    tap_ok(!scope_is_token("a b", 3), "a name with a space is refused");
}

static void
test_sets(void)
{
    static struct scope_set set;
    size_t i, wrong = 0;

    for (i = 0; i < SCOPE_MAX; i++)
        wrong += scope_set_has(&set, i);
    tap_is_int(0, (long long) wrong, "an empty set has nothing");
    for (i = 0; i < SCOPE_MAX; i += 3)
        scope_set_add(&set, i);
    for (i = 0; i < SCOPE_MAX; i++)
        wrong += scope_set_has(&set, i) != (i % 3 == 0);
    tap_is_int(0, (long long) wrong, "a set has what was added, no more");
    scope_set_add(&set, 0);
    tap_ok(scope_set_has(&set, 0), "adding twice is adding once");
    scope_set_add(&set, SCOPE_MAX - 1);
    tap_ok(scope_set_has(&set, SCOPE_MAX - 1), "the last number fits");
}

int
main(void)
{
    size_t i;

    for (i = 0; i < LEN(rows); i++)
        test_row(i);
    test_short();
    test_lengths();
    test_sets();
    return tap_done();
}
