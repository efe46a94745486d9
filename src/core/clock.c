/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The times that a client claims, by this server's clock.
 */

#include <jansson.h>
#include <stdbool.h>

#include "core/clock.h"
#include "core/jparse.h"

/* How far ahead of now nbf and iat can be, whatever the skew. */
enum { AHEAD_LEAST = 10, AHEAD_MOST = 60 };

static bool
find(const struct clock *clock, const char *name, int64_t *when)
{
    return jparse_time(when, json_object_get(clock->claims, name)) == 0;
}

int
clock_check_end(const struct clock *clock, struct errtext *why)
{
    struct errtext text;
    int64_t when, left;

    if (!find(clock, "exp", &when))
        return 0;
    left = when - clock->now;
    if (left + clock->skew > 0)
        return 0;
    return errtext_set(why, "%s expired %lld second%s ago (assertions.skew "
                            "is %lld)%s",
                       clock->what, (long long)-left, left == -1 ? "" : "s",
                       (long long)clock->skew, clock_text(clock, &text));
}

int
clock_check_begin(const struct clock *clock, const char *name,
                  struct errtext *why)
{
    int64_t when, ahead = clock->skew;
    struct errtext text;

    if (!find(clock, name, &when))
        return 0;
    if (ahead < AHEAD_LEAST)
        ahead = AHEAD_LEAST;
    if (ahead > AHEAD_MOST)
        ahead = AHEAD_MOST;
    if (when - clock->now <= ahead)
        return 0;
    return errtext_set(why, "the %s of %s is %lld seconds ahead (%lld are "
                            "allowed)%s",
                       name, clock->what, (long long)(when - clock->now),
                       (long long)ahead, clock_text(clock, &text));
}

const char *
clock_text(const struct clock *clock, struct errtext *text)
{
    int64_t iat, off;

    text->text[0] = '\0';
    if (!find(clock, "iat", &iat))
        return text->text;
    off = iat - clock->now;
    if (off == 0)
        errtext_set(text, "; by its iat the client's clock is right");
    else
        errtext_set(text, "; by its iat the client's clock is %lld second%s "
                          "%s",
                    (long long)(off < 0 ? -off : off),
                    off == 1 || off == -1 ? "" : "s",
                    off < 0 ? "behind" : "ahead");
    return text->text;
}
