/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The argument TOKEN.
 */

#include <string.h>

#include "ctl_tokentext.h"
#include "io/path.h"

int
ctl_tokentext_read(const struct ctl *ctl, char text[CTL_TOKENTEXT_MAX + 1],
                   size_t *len, struct errtext *why)
{
    const char *arg = ctl->args[0];
    long n = (long) strlen(arg);

    if (strcmp(arg, "-") == 0) {
        n = path_read("-", text, CTL_TOKENTEXT_MAX, why);
        if (n < 0)
            return -1;
        while (n > 0 && strchr(" \t\r\n", text[n - 1]) != NULL)
            n--;
    } else if (n > CTL_TOKENTEXT_MAX) {
        return errtext_set(why, "the token is over %d bytes",
                           CTL_TOKENTEXT_MAX);
    } else {
        memcpy(text, arg, (size_t) n);
    }
    text[n] = '\0';
    *len = (size_t) n;
    return 0;
}
