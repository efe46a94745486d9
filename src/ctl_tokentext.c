/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The argument TOKEN.
 */

#include <string.h>

#include "core/jwe.h"
#include "core/opaque.h"
#include "ctl_tokentext.h"
#include "io/path.h"

/* What is mistyped is no question of whether it is active. */
static int
check(const char *text, size_t len, bool piped, struct errtext *why)
{
    const char *first = strchr(text, '.');
    const char *second = first != NULL ? strchr(first + 1, '.') : NULL;

    if (len == 0)
        return errtext_set(why, piped ? "standard input is empty"
                                      : "TOKEN is empty");
    if (opaque_looks_like(text, len) || jwe_looks_like(text, len)
        || (second != NULL && strchr(second + 1, '.') == NULL))
        return 0;
    return errtext_set(why, "that is neither a JWT, which has three parts "
                            "with dots between them, nor an opaque token "
                            "(ccga_...)");
}

int
ctl_tokentext_read(const struct ctl *ctl, char text[CTL_TOKENTEXT_MAX + 1],
                   size_t *len, struct errtext *why)
{
    const char *arg = ctl->args[0];
    bool piped = strcmp(arg, "-") == 0;
    long n = (long) strlen(arg);

    if (piped) {
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
    return check(text, *len, piped, why);
}
