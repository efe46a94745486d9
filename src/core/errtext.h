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

enum { ERRTEXT_MAX = 400 }; /* a path of usual length and a sentence */

struct errtext {
    char text[ERRTEXT_MAX];
};

/*
 * Set the reason.  A NULL why is allowed.  A text that is too long is cut.
 *
 * Returns -1 always, so that failing costs one line.
 */
int errtext_set(struct errtext *why, const char *fmt, ...)
    __attribute__((__format__(printf, 2, 3)));

/*
 * Put "CONTEXT: " before the reason that is already there.
 *
 * Returns -1 always.
 */
int errtext_context(struct errtext *why, const char *fmt, ...)
    __attribute__((__format__(printf, 2, 3)));

#endif /* CORE_ERRTEXT_H */
