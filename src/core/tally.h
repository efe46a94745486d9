/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * A number that begins anew with each window of time, as it is stored.
 *
 * A window is so many seconds long and begins where the clock, in seconds
 * since the epoch, is a multiple of that: a minute is one of the clock's, a
 * day one of UTC.
 */

#ifndef CORE_TALLY_H
#define CORE_TALLY_H

#include <stdint.h>

enum { TALLY_TEXT_MAX = 44 }; /* two numbers, terminated */

struct tally {
    int64_t n;
    int64_t at;    /* when it was last raised; with n 0: nothing */
    int64_t until; /* the end of its window: the first second behind it */
};

/* When the window of that time begins. */
int64_t tally_start(int64_t length, int64_t now);

/*
 * Read the number of now's window from text, NULL for none, which is stored
 * with its window's end: 0 when that has passed.  An end that is one window
 * ahead was written by a process whose present time is a little later, and its
 * window is taken; one beyond that is from before the clock was set back, and
 * nothing.
 *
 * Returns 0, or -1 when the text is none that tally_raise() wrote.
 */
int tally_read(struct tally *tally, const char *text, int64_t until,
               int64_t length, int64_t now);

/* Add one, and write the text to be stored until tally->until. */
void tally_raise(struct tally *tally, int64_t now, char text[TALLY_TEXT_MAX]);

#endif /* CORE_TALLY_H */
