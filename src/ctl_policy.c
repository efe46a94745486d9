/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * ccgrant policy check.
 */

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "ctl.h"
#include "ctl_args.h"
#include "ctl_key.h"
#include "ctl_out.h"
#include "ctl_record.h"
#include "io/conf.h"

static conf_warn_fn warn;
static void check_keys(struct ctl *ctl, json_t *warnings);

int
ctl_policy_check(struct ctl *ctl, struct errtext *why)
{
    const char *file = conf_file(ctl_args_value(ctl, "config"));
    json_t *warnings = json_array(), *warning;
    size_t i;

    if (conf_load(&ctl->policy, file, warn, warnings, why) != 0) {
        json_decref(warnings);
        return CTL_FAILED;
    }
    check_keys(ctl, warnings);
    if (ctl->json) {
        ctl_out_json(json_pack("{s:b,s:o}", "ok", 1, "warnings", warnings));
        return CTL_DONE;
    }
    json_array_foreach(warnings, i, warning) {
        char *text = ctl_out_clean(json_string_value(warning));

        printf("warning: %s\n", text);
        free(text);
    }
    json_decref(warnings);
    printf("%s: ok\n", file);
    return CTL_DONE;
}

static void
warn(void *arg, const char *text)
{
    json_array_append_new(arg, ctl_out_string(text));
}

/* What the policy signs with must be there; a state directory that cannot be
 * opened is not the policy's fault. */
static void
check_keys(struct ctl *ctl, json_t *warnings)
{
    enum jose_alg algs[JOSE__MAX];
    struct ctl_keys keys;
    char text[200];
    size_t i, n;

    if (ctl_record_open(ctl, NULL) != 0)
        return;
    if (ctl_key_read(ctl, &keys, NULL) == 0) {
        n = ctl_key_algs(&ctl->policy, algs);
        for (i = 0; i < n; i++) {
            if (ctl_key_signer(&keys, algs[i], ctl->now) != NULL)
                continue;
            snprintf(text, sizeof(text),
                     "there is no %s key that may sign now: ccgrant key add "
                     "--alg %s",
                     jose_name(algs[i]), jose_name(algs[i]));
            warn(warnings, text);
        }
    }
    ctl_key_free(&keys);
}
