/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What is to be said of a secret.
 */

#include <stdio.h>
#include <string.h>

#include "core/remark.h"

enum { SPAN_MAX = 32, MINUTE = 60, HOUR = 3600, DAY = 86400 };

static void
write_span(int64_t seconds, char text[SPAN_MAX])
{
    const char *unit = seconds >= 2 * DAY ? "day"
                       : seconds >= HOUR  ? "hour"
                                          : "minute";
    long long n = seconds / (seconds >= 2 * DAY ? DAY
                             : seconds >= HOUR  ? HOUR
                                                : MINUTE);

    snprintf(text, SPAN_MAX, "%lld %s%s", n, unit, n == 1 ? "" : "s");
}

void
remark_span(int64_t seconds, char text[REMARK_MAX])
{
    char span[SPAN_MAX];

    write_span(seconds, span);
    snprintf(text, REMARK_MAX, "%s", seconds < MINUTE ? "within a minute"
                                                      : span);
}

/* Say that it begins or ends, in so many seconds. */
static void
write_event(const char *event, int64_t seconds, char text[REMARK_MAX])
{
    char span[REMARK_MAX];

    remark_span(seconds, span);
    snprintf(text, REMARK_MAX, "%s %s%.*s", event,
             seconds < MINUTE ? "" : "in ", SPAN_MAX, span);
}

/* Whether the client's method takes secrets of its kind. */
static bool
is_of_use(const struct client *cl, const struct secret *secret)
{
    switch (cl->auth) {
    case AUTH_SECRET_BASIC:
    case AUTH_SECRET_POST:
        return true;
    case AUTH_SECRET_JWT:
        return secret->scheme == SECRET_SEALED;
    default:
        return false;
    }
}

/* Whether the client's method takes it now. */
static bool
serves(const struct client *cl, const struct secret *secret, int64_t now)
{
    return client_secret_is_live(secret, now) && is_of_use(cl, secret);
}

/* Whether another of them is in use. */
static bool
is_spare(const struct client *cl, size_t at, const int64_t *uses, int64_t now)
{
    size_t i;

    for (i = 0; i < cl->n_secrets; i++) {
        if (i != at && serves(cl, &cl->secrets[i], now) && uses[i] != 0
            && now - uses[i] < REMARK_TIME)
            return true;
    }
    return false;
}

/* Seconds that the secret is known not to have been used. */
static int64_t
idle(const struct secret *secret, int64_t use, int64_t since, int64_t now)
{
    int64_t from = since;

    if (use != 0)
        return now - use;
    if (since == 0)
        return 0;
    if (from < secret->created)
        from = secret->created;
    if (from < secret->not_before)
        from = secret->not_before;
    return now - from;
}

void
remark_secret(const struct client *cl, size_t at, const int64_t *uses,
              int64_t since, int64_t now, char text[REMARK_MAX])
{
    const struct secret *secret = &cl->secrets[at];
    int64_t unused = idle(secret, uses[at], since, now);
    char span[SPAN_MAX];

    text[0] = '\0';
    if (secret->not_after != 0 && secret->not_after <= now) {
        snprintf(text, REMARK_MAX, "has ended");
    } else if (!is_of_use(cl, secret)) {
        snprintf(text, REMARK_MAX, "not used: the method is %s",
                 client_auth_words[cl->auth]);
    } else if (secret->not_before > now) {
        write_event("begins", secret->not_before - now, text);
    } else if (unused >= REMARK_TIME) {
        write_span(unused, span);
        snprintf(text, REMARK_MAX, "not used for %s%s", span,
                 is_spare(cl, at, uses, now) ? ", safe to delete" : "");
    } else if (secret->not_after != 0
               && secret->not_after - now <= REMARK_TIME) {
        write_event("ends", secret->not_after - now, text);
    }
}
