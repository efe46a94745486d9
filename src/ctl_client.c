/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * ccgrant client: the records.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/when.h"
#include "ctl.h"
#include "ctl_args.h"
#include "ctl_credential.h"
#include "ctl_options.h"
#include "ctl_out.h"
#include "ctl_record.h"

static int add(struct ctl *ctl, struct ctl_credential *new,
               struct client *cl, struct errtext *why);
static int set(struct ctl *ctl, struct ctl_credential *new,
               struct errtext *why);
static ctl_record_fn change, enable, disable;
static int report_change(const struct ctl *ctl, int rc, const char *done,
                         const char *already);

int
ctl_client_add(struct ctl *ctl, struct errtext *why)
{
    const char *id = ctl->args[0];
    struct ctl_credential new;
    struct client *cl = NULL;
    int rc = CTL_FAILED;

    if (ctl_credential_read(ctl, &new, why) == 0
        && client_check_id(id, why) == 0) {
        cl = client_new(id, ctl->now);
        rc = add(ctl, &new, cl, why);
    }
    if (rc == CTL_DONE)
        ctl_credential_print(ctl, &new, id);
    client_free(cl);
    ctl_credential_wipe(&new);
    return rc;
}

static int
add(struct ctl *ctl, struct ctl_credential *new, struct client *cl,
    struct errtext *why)
{
    if (ctl_record_open(ctl, why) != 0
        || ctl_options_apply(ctl, cl, why) != 0
        || ctl_credential_make(ctl, new, cl->id, "secret-label",
                               "secret-expires", why)
               != 0
        || ctl_credential_add(new, cl, why) != 0
        || ctl_credential_announce(ctl, new, why) != 0)
        return -1;
    return ctl_record_add(ctl, cl, why);
}

/* What change() makes of a record. */
struct change {
    struct ctl *ctl;
    const struct ctl_credential *new;
};

int
ctl_client_set(struct ctl *ctl, struct errtext *why)
{
    const struct ctl_option *option;
    struct ctl_credential new;
    int rc = CTL_FAILED;

    for (option = ctl->command->options; option->name != NULL; option++) {
        if (ctl_args_has(ctl, option->name))
            break;
    }
    if (option->name == NULL) {
        errtext_set(why, "nothing is to be set: see ccgrant client set "
                         "--help");
        return CTL_USAGE;
    }
    if (ctl_credential_read(ctl, &new, why) == 0)
        rc = set(ctl, &new, why);
    ctl_credential_wipe(&new);
    return rc;
}

static int
set(struct ctl *ctl, struct ctl_credential *new, struct errtext *why)
{
    struct change how = {.ctl = ctl, .new = new};
    const char *id = ctl->args[0];

    if (ctl_record_open(ctl, why) != 0
        || (new->chosen
            && (ctl_credential_make(ctl, new, id, "secret-label",
                                    "secret-expires", why)
                    != 0
                || ctl_credential_announce(ctl, new, why) != 0)))
        return CTL_FAILED;
    return report_change(ctl, ctl_record_edit(ctl, id, change, &how, why),
                         "changed", "unchanged");
}

static int
change(void *arg, struct client *cl, struct errtext *why)
{
    const struct change *how = arg;

    if (ctl_options_apply(how->ctl, cl, why) != 0)
        return -1;
    if (how->new->chosen && ctl_credential_replace(how->new, cl, why) != 0)
        return -1;
    return 1;
}

int
ctl_client_enable(struct ctl *ctl, struct errtext *why)
{
    if (ctl_record_open(ctl, why) != 0)
        return CTL_FAILED;
    return report_change(
        ctl, ctl_record_edit(ctl, ctl->args[0], enable, NULL, why), "enabled",
        "enabled already");
}

static int
enable(void *arg, struct client *cl, struct errtext *why)
{
    bool was = cl->enabled;

    (void) arg;
    (void) why;
    cl->enabled = true;
    return was ? 0 : 1;
}

int
ctl_client_disable(struct ctl *ctl, struct errtext *why)
{
    if (ctl_record_open(ctl, why) != 0)
        return CTL_FAILED;
    return report_change(
        ctl, ctl_record_edit(ctl, ctl->args[0], disable, NULL, why),
        "disabled", "disabled already");
}

static int
disable(void *arg, struct client *cl, struct errtext *why)
{
    bool was = cl->enabled;

    (void) arg;
    (void) why;
    cl->enabled = false;
    return was ? 1 : 0;
}

int
ctl_client_delete(struct ctl *ctl, struct errtext *why)
{
    const char *id = ctl->args[0];
    struct client *cl = NULL;
    char question[400];
    int rc = CTL_FAILED;

    if (ctl_record_open(ctl, why) != 0)
        return CTL_FAILED;
    /* A record that cannot be read can still be deleted. */
    if (ctl_args_has(ctl, "yes"))
        rc = CTL_DONE;
    else if (ctl_record_get(ctl, id, &cl, why) == 0) {
        snprintf(question, sizeof(question),
                 "Delete the client \"%s\" and its %zu secrets?", id,
                 cl->n_secrets);
        rc = ctl_out_confirm(ctl, question, why);
    }
    client_free(cl);
    if (rc == CTL_DONE)
        rc = client_check_id(id, why);
    if (rc == CTL_DONE)
        rc = ctl_record_delete(ctl, id, why);
    return rc == CTL_DONE ? report_change(ctl, 1, "deleted", NULL) : rc;
}

/* rc is what ctl_record_edit() returned. */
static int
report_change(const struct ctl *ctl, int rc, const char *done,
              const char *already)
{
    const char *id = ctl->args[0];

    if (rc < 0)
        return CTL_FAILED;
    if (ctl->json)
        ctl_out_outcome(id, rc == 1);
    else
        printf("%s: %s\n", id, rc == 1 ? done : already);
    return CTL_DONE;
}
