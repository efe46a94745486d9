/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What is to be said of a secret: that it ends, that nobody uses it.
 */

#ifndef CORE_REMARK_H
#define CORE_REMARK_H

#include <stddef.h>
#include <stdint.h>

#include "core/client.h"

enum {
    REMARK_MAX = 80,
    REMARK_TIME = 14 * 86400, /* seconds, before an end and after a use */
};

/* Write when it is, in 0 or more seconds: "3 days", "within a minute". */
void remark_span(int64_t seconds, char text[REMARK_MAX]);

/*
 * Write what is to be said of the secret at that place, or "": that it has
 * ended; that the method of the client does not use it; that it has not begun;
 * that it ends within REMARK_TIME; that it was not used for REMARK_TIME or
 * longer, and, if another live one was used within that time, that it is safe
 * to delete.
 *
 * uses has for each secret of the client when it was last used, or 0.  since
 * is when uses began to be recorded; 0: they are not.
 */
void remark_secret(const struct client *cl, size_t at, const int64_t *uses,
                   int64_t since, int64_t now, char text[REMARK_MAX]);

#endif /* CORE_REMARK_H */
