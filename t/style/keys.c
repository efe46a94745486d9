/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * For docs.t: without arguments, the table of keys; else reads the policies
 * and prints each warning and the reason of each refusal.
 */

#include <stdio.h>

#include "io/conf.h"

static void
print_warning(void *arg, const char *text)
{
    (void)arg;
    printf("warning: %s\n", text);
}

int
main(int argc, char **argv)
{
    struct policy policy;
    struct errtext why;
    int i, status = 0;

    if (argc == 1)
        conf_print_keys(stdout);
    for (i = 1; i < argc; i++) {
        if (conf_load(&policy, argv[i], print_warning, NULL, &why) < 0) {
            printf("%s\n", why.text);
            status = 1;
        } else {
            policy_free(&policy);
        }
    }
    return status;
}
