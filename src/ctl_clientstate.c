/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * ccgrant client: disable, enable and delete, which end its tokens too.
 */

#include <stdio.h>

#include "ctl.h"
#include "ctl_args.h"
#include "ctl_out.h"
#include "ctl_record.h"
#include "ctl_revoke.h"
#include "revocation.h"

static ctl_record_fn enable, disable;
static int delete(struct ctl *ctl, const char *id, struct errtext *why);
static void report(const struct ctl *ctl, bool changed, const char *done,
                   const char *already);

/* Whatever was issued before stays revoked. */
static void
end_tokens(struct client *cl, int64_t until)
{
    if (cl->revoked_until < until)
        cl->revoked_until = until;
}

int
ctl_client_enable(struct ctl *ctl, struct errtext *why)
{
    const char *id = ctl->args[0];
    int64_t until = ctl_record_clock();
    int rc;

    if (ctl_record_open(ctl, why) != 0)
        return CTL_FAILED;
    ctl_revoke_wait(until);
    rc = ctl_record_edit(ctl, id, enable, &until, why);
    if (rc == 1 && ctl_revoke_list(ctl, id, until, why) != 0)
        return errtext_context(why, "the client is enabled");
    if (rc < 0)
        return CTL_FAILED;
    report(ctl, rc == 1, "enabled", "enabled already");
    return CTL_DONE;
}

static int
enable(void *arg, struct client *cl, struct errtext *why)
{
    const int64_t *until = arg;

    (void) why;
    if (cl->enabled)
        return 0;
    cl->enabled = true;
    end_tokens(cl, *until);
    return 1;
}

int
ctl_client_disable(struct ctl *ctl, struct errtext *why)
{
    const char *id = ctl->args[0];
    int64_t until = ctl_record_clock();
    int rc;

    if (ctl_record_open(ctl, why) != 0)
        return CTL_FAILED;
    rc = ctl_record_edit(ctl, id, disable, &until, why);
    if (rc < 0)
        return CTL_FAILED;
    /* By now nobody issues any; the one before may have been cut short. */
    if (ctl_revoke_list(ctl, id, ctl_record_clock(), why) != 0)
        return errtext_context(why, "the client is disabled");
    report(ctl, rc == 1, "disabled", "disabled already");
    return CTL_DONE;
}

static int
disable(void *arg, struct client *cl, struct errtext *why)
{
    const int64_t *until = arg;

    (void) why;
    if (!cl->enabled)
        return 0;
    cl->enabled = false;
    end_tokens(cl, *until);
    return 1;
}

/* A record that cannot be read can still be deleted. */
static int
ask(struct ctl *ctl, const char *id, struct errtext *why)
{
    struct client *cl = NULL;
    char question[400], keys[40] = "";

    if (ctl_args_has(ctl, "yes"))
        return client_check_id(id, why);
    if (ctl_record_get(ctl, id, &cl, why) != 0)
        return -1;
    if (cl->n_keys > 0)
        snprintf(keys, sizeof(keys), " and %zu keys", cl->n_keys);
    snprintf(question, sizeof(question),
             "Delete the client \"%s\" and its %zu secrets%s?", id,
             cl->n_secrets, keys);
    client_free(cl);
    return ctl_out_confirm(ctl, question, why);
}

int
ctl_client_delete(struct ctl *ctl, struct errtext *why)
{
    const char *id = ctl->args[0];

    if (ctl_record_open(ctl, why) != 0 || ask(ctl, id, why) != 0
        || delete(ctl, id, why) != 0)
        return CTL_FAILED;
    report(ctl, true, "deleted", NULL);
    return CTL_DONE;
}

/*
 * A client that is made again under the id must be of a later second than
 * every token of this one.
 */
static int
delete(struct ctl *ctl, const char *id, struct errtext *why)
{
    int64_t until = ctl_record_clock();

    /* Before it too: nobody could repeat a command that was cut short. */
    if (revocation_client(&ctl->service, id, until, until, why) != 0
        || ctl_record_delete(ctl, id, why) != 0)
        return -1;
    until = ctl_record_clock();
    if (ctl_revoke_list(ctl, id, until, why) != 0)
        return errtext_context(why, "the client is deleted");
    ctl_revoke_wait(until);
    return 0;
}

static void
report(const struct ctl *ctl, bool changed, const char *done,
       const char *already)
{
    const char *id = ctl->args[0];

    if (ctl->json)
        ctl_out_outcome(id, changed);
    else
        printf("%s: %s\n", id, changed ? done : already);
}
