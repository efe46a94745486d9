/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The reason for the operator's log, owned by the caller.
 *
 * It never holds a secret, an assertion, a token or a key, and it never
 * reaches the client; what the client is told is an enum oauth_error.
 */

#ifndef CORE_ERRTEXT_H
#define CORE_ERRTEXT_H

#include "core/rule.h"

enum { ERRTEXT_MAX = 400 }; /* a path of usual length and a sentence */

struct errtext {
    char text[ERRTEXT_MAX];
    enum rule rule; /* by which a request is refused, or RULE_NONE */
};

/*
 * Set the reason, without a rule.  A NULL why is allowed.  A text that is too
 * long is cut.
 *
 * Returns -1 always, so that failing costs one line.
 */
int errtext_set(struct errtext *why, const char *fmt, ...)
    __attribute__((__format__(printf, 2, 3)));

/* The same with the rule by which that refuses a request. */
int errtext_rule(struct errtext *why, enum rule rule, const char *fmt, ...)
    __attribute__((__format__(printf, 3, 4)));

/*
 * Give the reason that is already there that rule, unless it has one.  A NULL
 * why is allowed.
 *
 * Returns -1 always.
 */
int errtext_under(struct errtext *why, enum rule rule);

/*
 * Put "CONTEXT: " before the reason that is already there; its rule stays.
 *
 * Returns -1 always.
 */
int errtext_context(struct errtext *why, const char *fmt, ...)
    __attribute__((__format__(printf, 2, 3)));

#endif /* CORE_ERRTEXT_H */
