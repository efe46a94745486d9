/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * tally: windows, what is taken of what is stored, and what is refused.
 */

#include "core/tally.h"
#include "tap.h"

static const struct {
    const char *what;
    const char *text; /* stored, NULL for none */
    int64_t until;    /* with it */
    int64_t length;
    int64_t now;
    int rc;
    int64_t n;   /* then */
    int64_t end; /* of the window */
} rows[] = {
    {"nothing is nothing", NULL, 0, 60, 1000, 0, 0, 1020},
    {"a number of this window", "7 990", 1020, 60, 1000, 0, 7, 1020},
    {"in its last second", "7 990", 1020, 60, 1019, 0, 7, 1020},
    {"then the next begins", "7 990", 1020, 60, 1020, 0, 0, 1080},
    {"a window of a second", "2 1000", 1001, 1, 1000, 0, 2, 1001},
    {"and the next one", "2 1000", 1001, 1, 1001, 0, 0, 1002},
    {"a clock that is behind takes the next window", "3 1020", 1080, 60, 1019,
     0, 3, 1080},
    {"one that was set back does not take a later one", "3 1090", 1140, 60,
     1019, 0, 0, 1020},
    {"a day is one of UTC", "5 86399", 86400, 86400, 86399, 0, 5, 86400},
    {"what has expired is not looked at", "rubbish", 900, 60, 1000, 0, 0,
     1020},
    {"an empty text is refused", "", 1020, 60, 1000, -1, 0, 0},
    {"a number alone is refused", "7", 1020, 60, 1000, -1, 0, 0},
    {"a sign is refused", "-7 990", 1020, 60, 1000, -1, 0, 0},
    {"two spaces are refused", "7  990", 1020, 60, 1000, -1, 0, 0},
    {"something behind is refused", "7 990 1", 1020, 60, 1000, -1, 0, 0},
    {"a number that is too great is refused", "99999999999999999999 1", 1020,
     60, 1000, -1, 0, 0},
};

int
main(void)
{
    char text[TALLY_TEXT_MAX];
    struct tally tally;
    size_t i;

    for (i = 0; i < LEN(rows); i++) {
        int rc = tally_read(&tally, rows[i].text, rows[i].until,
                            rows[i].length, rows[i].now);

        tap_is_int(rows[i].rc, rc, "%s", rows[i].what);
        if (rows[i].rc != 0)
            continue;
        tap_is_int(rows[i].n, tally.n, "%s: the number", rows[i].what);
        tap_is_int(rows[i].end, tally.until, "%s: the end", rows[i].what);
    }
    tap_is_int(0, tally_read(&tally, NULL, 0, 900, 1000), "none yet");
    tally_raise(&tally, 1000, text);
    tap_is_str("1 1000", text, "the first");
    tap_is_int(0, tally_read(&tally, text, 1800, 900, 1001), "is read back");
    tally_raise(&tally, 1003, text);
    tap_is_str("2 1003", text, "the second");
    tap_is_int(1003, tally.at, "and its time");
    tap_is_int(900, tally_start(900, 1799), "where a window begins");
    return tap_done();
}
