/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The times that a client claims, by this server's clock.
 */

#ifndef CORE_CLOCK_H
#define CORE_CLOCK_H

#include <stdint.h>

#include "core/errtext.h"

struct json_t;

struct clock {
    const char *what;            /* whose claims, for reasons: "the proof" */
    const struct json_t *claims; /* exp, nbf and iat, each a time or absent */
    int64_t skew;                /* the policy's assertions.skew */
    int64_t now;
};

/*
 * Refuse an exp that is skew seconds ago, or more.
 *
 * Returns 0, also without exp, or -1 with the reason in *why.
 */
int clock_check_end(const struct clock *clock, struct errtext *why);

/*
 * Refuse a claim of that name, nbf or iat, that is further ahead than the
 * skew, or than 10 seconds if that is more, or than 60 if that is less (FAPI
 * 2.0 Security Profile, 5.3.2.1).
 *
 * Returns 0, also without the claim, or -1 with the reason in *why.
 */
int clock_check_begin(const struct clock *clock, const char *name,
                      struct errtext *why);

/*
 * What iat tells of the client's clock: words for the end of a reason, or
 * nothing without iat.  Returns the text in *text.
 */
const char *clock_text(const struct clock *clock, struct errtext *text);

#endif /* CORE_CLOCK_H */
