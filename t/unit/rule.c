/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The table of rules: complete, and each name once and of one form.
 */

#include <string.h>

#include "core/rule.h"
#include "tap.h"

static bool
is_name(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz-.";
    const char *dot = strchr(name, '.');

    return dot != NULL && dot != name && name[strlen(name) - 1] != '.'
           && strspn(name, letters) == strlen(name);
}

static bool
is_sentence(const char *text)
{
    size_t len = strlen(text);

    return len > 0 && text[0] >= 'A' && text[0] <= 'Z' && text[len - 1] != '.'
           && strpbrk(text, "\t\"\\") == NULL;
}

/* Whether no rule before it has the name. */
static bool
is_new(int rule)
{
    int i;

    for (i = 0; i < rule; i++) {
        if (strcmp(rule_name((enum rule) i), rule_name((enum rule) rule))
            == 0)
            return false;
    }
    return true;
}

int
main(void)
{
    int rule;

    tap_is_str("", rule_name(RULE_NONE), "no rule has no name");
    tap_is_str("", rule_row(RULE_NONE)->sentence, "and no sentence");
    for (rule = RULE_NONE + 1; rule < RULE__MAX; rule++) {
        const struct rule_row *row = rule_row((enum rule) rule);

        if (row->name == NULL) {
            tap_ok(false, "rule %d is in the table", rule);
            continue;
        }
        tap_ok(is_name(row->name), "%s: words with dots between", row->name);
        tap_ok(is_new(rule), "%s: the name is there once", row->name);
        tap_ok(is_sentence(row->sentence), "%s: has a sentence", row->name);
        tap_ok(row->clause != NULL && row->key != NULL && row->option != NULL,
               "%s: says where it comes from", row->name);
    }
    tap_is_str("scope.not-granted", rule_name(RULE_SCOPE_NOT_GRANTED),
               "a name that logs are searched for");
    return tap_done();
}
