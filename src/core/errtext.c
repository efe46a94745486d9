/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The reason for the operator's log.
 */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/errtext.h"

__attribute__((__format__(printf, 3, 0)))
static void
put(struct errtext *why, enum rule rule, const char *fmt, va_list args)
{
    if (why == NULL)
        return;
    vsnprintf(why->text, sizeof(why->text), fmt, args);
    why->rule = rule;
}

int
errtext_set(struct errtext *why, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    put(why, RULE_NONE, fmt, args);
    va_end(args);
    return -1;
}

int
errtext_rule(struct errtext *why, enum rule rule, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    put(why, rule, fmt, args);
    va_end(args);
    return -1;
}

int
errtext_under(struct errtext *why, enum rule rule)
{
    if (why != NULL && why->rule == RULE_NONE)
        why->rule = rule;
    return -1;
}

int
errtext_context(struct errtext *why, const char *fmt, ...)
{
    char reason[ERRTEXT_MAX];
    va_list args;
    size_t len;

    if (why == NULL)
        return -1;
    memcpy(reason, why->text, sizeof(reason));
    va_start(args, fmt);
    vsnprintf(why->text, sizeof(why->text), fmt, args);
    va_end(args);
    len = strlen(why->text);
    snprintf(why->text + len, sizeof(why->text) - len, ": %s", reason);
    return -1;
}
