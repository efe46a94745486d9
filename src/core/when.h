/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Times for people: RFC 3339 and durations.  All times are UTC seconds since
 * the epoch; the present is an argument.
 */

#ifndef CORE_WHEN_H
#define CORE_WHEN_H

#include <stdint.h>

#include "core/errtext.h"

enum { WHEN_TEXT_MAX = 48 };

/*
 * Read "never" (0), "2027-01-31" (its first second), "2027-01-31T12:00:00Z"
 * or a time from now: "90d", "+12h", "30m", "45s", "2w".  Refuses a number
 * without a unit, and the epoch itself, whose number says never.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int when_parse(int64_t *when, const char *text, int64_t now,
               struct errtext *why);

/* Read a duration such as "7d" or "3600" (seconds).  Returns 0 or -1. */
int when_duration(int64_t *seconds, const char *text, struct errtext *why);

/* Write RFC 3339 text, or "never" for 0. */
void when_text(int64_t when, char text[WHEN_TEXT_MAX]);

#endif /* CORE_WHEN_H */
