/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Times and durations: what people write, and slips that must not pass.
 */

#include <string.h>

#include "core/when.h"
#include "tap.h"

enum { REFUSED = -1 };

static const int64_t now = 1800000000; /* 2027-01-15T08:00:00Z */

static const struct {
    const char *sentence;
    const char *text;
    int64_t when; /* or REFUSED */
} rows[] = {
    {"never is 0", "never", 0},
    {"a date is its first second", "2027-01-31", 1801353600},
    {"a time", "2027-01-31T12:00:01Z", 1801396801},
    {"the first second after the epoch", "1970-01-01T00:00:01Z", 1},
    {"the last second that can be written", "9999-12-31T23:59:59Z",
     253402300799},
    {"a leap day", "2028-02-29", 1835395200},
    {"the leap day of a year that 400 divides", "2000-02-29", 951782400},
    {"the day behind a leap day", "2028-03-01", 1835481600},
    {"a past date", "2001-09-09T01:46:40Z", 1000000000},
    {"days from now", "90d", 1800000000 + 90 * 86400},
    {"hours from now", "12h", 1800000000 + 12 * 3600},
    {"minutes from now", "30m", 1800000000 + 30 * 60},
    {"seconds from now", "45s", 1800000000 + 45},
    {"weeks from now", "2w", 1800000000 + 14 * 86400},
    {"a plus before it", "+12h", 1800000000 + 12 * 3600},
    {"nothing is refused", "", REFUSED},
    {"a plus alone is refused", "+", REFUSED},
    {"two plus signs are refused", "++1d", REFUSED},
    {"a unit alone is refused", "d", REFUSED},
    {"an unknown unit is refused", "3y", REFUSED},
    {"a unit in capitals is refused", "3D", REFUSED},
    {"two units are refused", "1d12h", REFUSED},
    {"a word for the unit is refused", "3 days", REFUSED},
    {"a negative time is refused", "-1d", REFUSED},
    {"a fraction is refused", "1.5d", REFUSED},
    {"a space before is refused", " 1d", REFUSED},
    {"a space behind is refused", "1d ", REFUSED},
    {"a time beyond the year 9999 is refused", "9000000w", REFUSED},
    {"a number that would wrap is refused", "99999999999999999999s",
     REFUSED},
    {"a number that wraps with its unit is refused", "30500568904943w",
     REFUSED},
    {"Never is refused", "Never", REFUSED},
    {"+never is refused", "+never", REFUSED},
    {"a year alone is refused, it is no number of seconds", "2027", REFUSED},
    {"seconds since the epoch are refused", "1801353600", REFUSED},
    {"the epoch is refused, its number says never", "1970-01-01", REFUSED},
    {"the epoch with its time is refused", "1970-01-01T00:00:00Z", REFUSED},
    {"a year before 1970 is refused", "1969-12-31", REFUSED},
    {"month 0 is refused", "2027-00-01", REFUSED},
    {"month 13 is refused", "2027-13-01", REFUSED},
    {"day 0 is refused", "2027-01-00", REFUSED},
    {"day 32 is refused", "2027-01-32", REFUSED},
    {"the 31st of April is refused", "2027-04-31", REFUSED},
    {"a leap day in another year is refused", "2027-02-29", REFUSED},
    {"the leap day of 2100 is refused", "2100-02-29", REFUSED},
    {"hour 24 is refused", "2027-01-31T24:00:00Z", REFUSED},
    {"minute 60 is refused", "2027-01-31T12:60:00Z", REFUSED},
    {"a leap second is refused", "2027-01-31T23:59:60Z", REFUSED},
    {"a time without its Z is refused", "2027-01-31T12:00:00", REFUSED},
    {"another offset is refused", "2027-01-31T12:00:00+01:00", REFUSED},
    {"a time without seconds is refused", "2027-01-31T12:00Z", REFUSED},
    {"fractions of seconds are refused", "2027-01-31T12:00:00.5Z", REFUSED},
    {"a space for the T is refused", "2027-01-31 12:00:00Z", REFUSED},
    {"a small t is refused", "2027-01-31t12:00:00Z", REFUSED},
    {"a date cut short is refused", "2027-01-3", REFUSED},
    {"a date without its day is refused", "2027-01", REFUSED},
    {"a date in another order is refused", "31-01-2027", REFUSED},
    {"a date with solidi is refused", "2027/01/31", REFUSED},
    {"a year of five digits is refused", "12027-01-31", REFUSED},
    {"text behind the date is refused", "2027-01-31x", REFUSED},
    {"text behind the time is refused", "2027-01-31T12:00:00Zx", REFUSED},
};

static const struct {
    const char *sentence;
    const char *text;
    int64_t seconds; /* or REFUSED */
} duration_rows[] = {
    {"a number is of seconds", "3600", 3600},
    {"no time at all", "0", 0},
    {"seconds", "45s", 45},
    {"minutes", "5m", 300},
    {"hours", "2h", 7200},
    {"days", "7d", 604800},
    {"weeks", "1w", 604800},
    {"a leading zero", "07d", 604800},
    {"nothing is refused", "", REFUSED},
    {"a unit alone is refused", "h", REFUSED},
    {"a plus is refused", "+7d", REFUSED},
    {"a minus is refused", "-7d", REFUSED},
    {"a year is refused", "1y", REFUSED},
    {"months are refused", "1M", REFUSED},
    {"never is refused", "never", REFUSED},
    {"the longest is taken", "253402300799s", 253402300799},
    {"one second more is refused", "253402300800s", REFUSED},
    {"more than 64 bits are refused", "18446744073709551617", REFUSED},
};

/* Every day from 1970 to 9999 goes to its text and back. */
static void
test_days(void)
{
    int64_t day, back, wrong = 0;
    char text[WHEN_TEXT_MAX];
    char last[WHEN_TEXT_MAX] = "";

    for (day = 1; day <= 2932896; day += day < 40000 ? 1 : 7) {
        int64_t when = day * 86400 + day % 86400;

        when_text(when, text);
        if (when_parse(&back, text, now, NULL) != 0 || back != when
            || strcmp(last, text) >= 0)
            wrong++;
        memcpy(last, text, sizeof(last));
    }
    tap_is_int(0, wrong, "days go to their text and back, in order");
}

static void
test_text(void)
{
    char text[WHEN_TEXT_MAX];

    when_text(0, text);
    tap_is_str("never", text, "0 is never");
    when_text(-5, text);
    tap_is_str("never", text, "a negative time is never");
    when_text(1, text);
    tap_is_str("1970-01-01T00:00:01Z", text, "the first second");
    when_text(now, text);
    tap_is_str("2027-01-15T08:00:00Z", text, "a time of these days");
    when_text(253402300799, text);
    tap_is_str("9999-12-31T23:59:59Z", text, "the last second");
    when_text(253402300800, text);
    tap_is_str("never", text, "a time beyond the last second is never");
    when_text(INT64_MAX, text);
    tap_is_str("never", text, "and so is the greatest number");
}

int
main(void)
{
    struct errtext why;
    int64_t when;
    size_t i;

    for (i = 0; i < LEN(rows); i++) {
        int rc;

        when = -2;
        rc = when_parse(&when, rows[i].text, now, &why);
        tap_is_int(rows[i].when, rc == 0 ? when : rc, "%s",
                   rows[i].sentence);
    }
    for (i = 0; i < LEN(duration_rows); i++) {
        int rc;

        when = -2;
        rc = when_duration(&when, duration_rows[i].text, &why);
        tap_is_int(duration_rows[i].seconds, rc == 0 ? when : rc,
                   "duration: %s", duration_rows[i].sentence);
    }
    test_text();
    test_days();
    return tap_done();
}
