/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The reason: set, set in context, cut, and not wanted.
 */

#include <string.h>

#include "core/errtext.h"
#include "tap.h"

static void
test_set(void)
{
    struct errtext why;

    tap_is_int(-1, errtext_set(&why, "%s is %d", "it", 7),
               "setting the reason returns -1");
    tap_is_str("it is 7", why.text, "the reason is formatted");
    errtext_set(&why, "%s", "short");
    tap_is_str("short", why.text, "a second reason replaces the first");
    errtext_set(&why, "%s", "%s%n");
    tap_is_str("%s%n", why.text, "an argument is no format");
    tap_is_int(-1, errtext_set(NULL, "%s", "x"),
               "a reason that nobody wants still returns -1");
}

static void
test_context(void)
{
    struct errtext why;

    errtext_set(&why, "it is not there");
    tap_is_int(-1, errtext_context(&why, "file %d", 3),
               "adding context returns -1");
    tap_is_str("file 3: it is not there", why.text,
               "the context stands before the reason");
    errtext_context(&why, "policy");
    tap_is_str("policy: file 3: it is not there", why.text,
               "and another before that");
    tap_is_int(-1, errtext_context(NULL, "file"),
               "context of a reason that nobody wants returns -1");
}

static void
test_cut(void)
{
    struct errtext why;
    char text[2 * ERRTEXT_MAX];

    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    tap_is_int(-1, errtext_set(&why, "%s", text),
               "a reason that is too long returns -1");
    tap_is_int(ERRTEXT_MAX - 1, (long long) strlen(why.text),
               "a reason that is too long is cut");
    errtext_context(&why, "first");
    tap_is_int(ERRTEXT_MAX - 1, (long long) strlen(why.text),
               "a reason that context makes too long is cut");
    tap_ok(strncmp(why.text, "first: xxx", 10) == 0,
           "and keeps its beginning");
    errtext_set(&why, "reason");
    errtext_context(&why, "%s", text);
    tap_is_int(ERRTEXT_MAX - 1, (long long) strlen(why.text),
               "a context that is too long is cut");
    errtext_set(&why, "reason");
    text[ERRTEXT_MAX - 2] = '\0';
    errtext_context(&why, "%s", text);
    tap_is_int(ERRTEXT_MAX - 1, (long long) strlen(why.text),
               "a context that leaves one byte is cut");
}

static void
test_rule(void)
{
    struct errtext why;

    tap_is_int(-1, errtext_rule(&why, RULE_SCOPE_NONE, "%s is %d", "it", 7),
               "setting a reason with its rule returns -1");
    tap_is_str("it is 7", why.text, "that reason is formatted");
    tap_is_int(RULE_SCOPE_NONE, why.rule, "and has its rule");
    errtext_context(&why, "there");
    tap_is_int(RULE_SCOPE_NONE, why.rule, "context leaves the rule");
    tap_is_int(-1, errtext_under(&why, RULE_SCOPE_SIZE),
               "a rule for want of another returns -1");
    tap_is_int(RULE_SCOPE_NONE, why.rule, "and is not taken, when there is");
    errtext_set(&why, "new");
    tap_is_int(RULE_NONE, why.rule, "a new reason has no rule");
    errtext_under(&why, RULE_SCOPE_SIZE);
    tap_is_int(RULE_SCOPE_SIZE, why.rule, "and takes that");
    tap_is_str("new", why.text, "and stays");
    tap_is_int(-1, errtext_rule(NULL, RULE_SCOPE_NONE, "x"),
               "a rule that nobody wants returns -1");
    tap_is_int(-1, errtext_under(NULL, RULE_SCOPE_NONE),
               "and so does one for want of another");
}

int
main(void)
{
    test_set();
    test_context();
    test_cut();
    test_rule();
    return tap_done();
}
