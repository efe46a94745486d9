/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * ccgrant: the administrator's command.
 */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "ctl.h"
#include "ctl_args.h"
#include "ctl_help.h"
#include "ctl_out.h"
#include "io/crypto.h"
#include "process.h"

enum { OUTPUT_MAX = 65536 };

static int run(struct ctl *ctl, char **words, struct errtext *why);
static int report(const struct ctl *ctl, int rc, const struct errtext *why);
static int end_output(void);

/* What is written may hold a secret: this buffer is wiped at the end. */
static char output[OUTPUT_MAX];

int
main(int argc, char **argv)
{
    struct errtext why = {.text = ""};
    struct ctl ctl;
    int rc;

    memset(&ctl, 0, sizeof(ctl));
    process_protect();
    umask(077); /* no file open to others */
    setvbuf(stdout, output, _IOFBF, sizeof(output));
    ctl.now = (int64_t) time(NULL);
    ctl.colour = ctl_out_has_colour(stdout);
    rc = run(&ctl, argv + (argc > 0), &why);
    rc = report(&ctl, rc, &why);
    service_close(&ctl.service);
    policy_free(&ctl.policy);
    free(ctl.given);
    return end_output() == 0 ? rc : EXIT_FAILURE;
}

static int
run(struct ctl *ctl, char **words, struct errtext *why)
{
    int rc = ctl_args_read(ctl, words, why);

    if (rc != 0)
        return rc;
    if (ctl_args_has(ctl, "help")) {
        ctl_help(ctl);
        return CTL_DONE;
    }
    if (ctl_args_has(ctl, "version")) {
        printf("ccgrant %s\n", PACKAGE_VERSION);
        return CTL_DONE;
    }
    if (crypto_init(why) != 0)
        return CTL_FAILED;
    return ctl->command->fn(ctl, why);
}

/* Returns the exit status. */
static int
report(const struct ctl *ctl, int rc, const struct errtext *why)
{
    if (rc == CTL_FAILED || rc == CTL_USAGE)
        ctl_out_error(why->text);
    if (rc == CTL_USAGE)
        ctl_help_usage(ctl, stderr);
    return rc == CTL_FAILED ? EXIT_FAILURE : rc;
}

static int
end_output(void)
{
    int rc = fflush(stdout) != 0 || ferror(stdout) ? -1 : 0;

    if (rc != 0)
        ctl_out_error("the answer could not be written to standard output; "
                      "a new secret that was to be in it is lost: make "
                      "another with ccgrant secret add");
    crypto_wipe(output, sizeof(output));
    return rc;
}
