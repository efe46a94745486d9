/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Times for people.
 */

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "core/when.h"

/* Seconds at the end of the year 9999, the last that RFC 3339 can write. */
static const int64_t last_second = 253402300799;

/* Days since 1970-01-01 of a day of the Gregorian calendar. */
static int64_t
days_from_civil(int64_t y, int m, int d)
{
    int64_t era, yoe, doy;

    y -= m <= 2;
    era = y / 400;
    yoe = y - era * 400;
    doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static void
civil_from_days(int64_t days, int *y, int *m, int *d)
{
    int64_t z = days + 719468, era = z / 146097, doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;

    *d = (int) (doy - (153 * mp + 2) / 5 + 1);
    *m = (int) (mp < 10 ? mp + 3 : mp - 9);
    *y = (int) (yoe + era * 400 + (*m <= 2));
}

static int
days_in_month(int y, int m)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;

    return m == 2 && leap ? 29 : days[m - 1];
}

/* Take n digits; returns their value, or -1. */
static int
take(const char **p, int n)
{
    int value = 0;

    for (; n > 0; n--, (*p)++) {
        if (**p < '0' || **p > '9')
            return -1;
        value = value * 10 + (**p - '0');
    }
    return value;
}

/* Take c and then n digits. */
static int
take_after(const char **p, char c, int n)
{
    if (**p != c)
        return -1;
    (*p)++;
    return take(p, n);
}

static bool
read_date(int64_t *when, const char *text)
{
    const char *p = text;
    int y = take(&p, 4), m = take_after(&p, '-', 2);
    int d = take_after(&p, '-', 2), hour = 0, min = 0, sec = 0;

    if (y < 1970 || m < 1 || m > 12 || d < 1 || d > days_in_month(y, m))
        return false;
    if (*p != '\0') {
        hour = take_after(&p, 'T', 2);
        min = take_after(&p, ':', 2);
        sec = take_after(&p, ':', 2);
        if (strcmp(p, "Z") != 0)
            return false;
    }
    if (hour < 0 || hour > 23 || min < 0 || min > 59 || sec < 0 || sec > 59)
        return false;
    *when = days_from_civil(y, m, d) * 86400 + hour * 3600 + min * 60 + sec;
    return *when > 0; /* 0 would say never */
}

static int64_t
unit_seconds(const char *unit)
{
    static const struct {
        const char *unit;
        int64_t seconds;
    } units[] = {{"", 1},      {"s", 1},     {"m", 60},
                 {"h", 3600},  {"d", 86400}, {"w", 604800}};
    size_t i;

    for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(unit, units[i].unit) == 0)
            return units[i].seconds;
    }
    return 0;
}

int
when_duration(int64_t *seconds, const char *text, struct errtext *why)
{
    const char *p = text;
    int64_t value = 0, unit;

    for (; *p >= '0' && *p <= '9' && value <= last_second; p++)
        value = value * 10 + (*p - '0');
    unit = unit_seconds(p);
    if (p == text || unit == 0 || value > last_second / unit)
        return errtext_set(why, "\"%.40s\" is not a duration, such as 90d, "
                                "12h, 30m or 45s",
                           text);
    *seconds = value * unit;
    return 0;
}

/* A number alone may be meant as a year, or as seconds since the epoch. */
static bool
has_unit(const char *text)
{
    return text[strcspn(text, "smhdw")] != '\0';
}

int
when_parse(int64_t *when, const char *text, int64_t now, struct errtext *why)
{
    int64_t ahead;

    if (strcmp(text, "never") == 0) {
        *when = 0;
        return 0;
    }
    if (read_date(when, text))
        return 0;
    if (!has_unit(text)
        || when_duration(&ahead, text + (text[0] == '+'), NULL) != 0
        || ahead > last_second - now)
        return errtext_set(why, "\"%.40s\" is not a time: say never, "
                                "2027-01-31, 2027-01-31T12:00:00Z, or a time "
                                "from now such as 90d",
                           text);
    *when = now + ahead;
    return 0;
}

void
when_text(int64_t when, char text[WHEN_TEXT_MAX])
{
    int y, m, d, sec;

    if (when <= 0 || when > last_second) {
        snprintf(text, WHEN_TEXT_MAX, "never");
        return;
    }
    civil_from_days(when / 86400, &y, &m, &d);
    sec = (int) (when % 86400);
    snprintf(text, WHEN_TEXT_MAX, "%04d-%02d-%02dT%02d:%02d:%02dZ", y, m, d,
             sec / 3600, sec / 60 % 60, sec % 60);
}
