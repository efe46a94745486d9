/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * ccgrant secret: several live secrets of one client.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/when.h"
#include "ctl_args.h"
#include "ctl_auth.h"
#include "ctl_credential.h"
#include "ctl_out.h"
#include "ctl_record.h"

/* Seconds. */
static const int64_t overlap_default = 7 * 86400, overlap_max = 3650 * 86400;

/* A new secret, and what becomes of the old ones. */
struct addition {
    const struct ctl_credential *new;
    int64_t now;
    bool rotates;
    int64_t end; /* of the old ones, when it rotates */
};

/* A secret that is to go. */
struct removal {
    const char *id;
    bool seen;
};

static int add(struct ctl *ctl, struct addition *addition,
               struct errtext *why);
static ctl_record_fn append, take_away;

int
ctl_secret_add(struct ctl *ctl, struct errtext *why)
{
    struct addition addition = {.now = ctl->now};

    return add(ctl, &addition, why);
}

int
ctl_secret_rotate(struct ctl *ctl, struct errtext *why)
{
    const char *text = ctl_args_value(ctl, "overlap");
    struct addition addition = {.now = ctl->now, .rotates = true};
    int64_t overlap = overlap_default;

    if (text != NULL && when_duration(&overlap, text, why) != 0)
        return errtext_context(why, "--overlap");
    if (overlap > overlap_max)
        return errtext_set(why, "--overlap: that is over ten years");
    addition.end = ctl->now + overlap;
    return add(ctl, &addition, why);
}

static void
note_unused(enum client_auth auth)
{
    char text[120];

    if (ctl_auth_has_secret(auth))
        return;
    snprintf(text, sizeof(text), "the secret is stored, but not used: the "
                                 "client's method is %s",
             client_auth_words[auth]);
    ctl_out_note(text);
}

static int
add(struct ctl *ctl, struct addition *addition, struct errtext *why)
{
    const char *id = ctl->args[0];
    struct ctl_credential new;
    struct client *cl = NULL;
    int rc = CTL_FAILED;

    if (ctl_credential_read(ctl, &new, why) == 0
        && ctl_record_open(ctl, why) == 0
        && ctl_record_get(ctl, id, &cl, why) == 0
        && ctl_credential_make(ctl, &new, cl, "label", "expires", why) == 0
        && ctl_credential_announce(ctl, &new, why) == 0) {
        addition->new = &new;
        rc = ctl_record_edit(ctl, id, append, addition, why);
    }
    if (rc == 1 && ctl_credential_announce(ctl, &new, why) != 0)
        rc = CTL_FAILED;
    if (rc == 1) {
        ctl_credential_print(ctl, &new, id, false);
        note_unused(cl->auth);
    }
    client_free(cl);
    ctl_credential_wipe(&new);
    return rc == 1 ? CTL_DONE : CTL_FAILED;
}

/* What has ended goes first, so that a client can be rotated for ever. */
static void
end_old(struct client *cl, const struct addition *addition)
{
    size_t i = 0;

    while (i < cl->n_secrets) {
        struct secret *secret = &cl->secrets[i];

        if (secret->not_after == 0 || secret->not_after > addition->end)
            secret->not_after = addition->end;
        if (secret->not_after <= addition->now)
            ctl_credential_remove(cl, i);
        else
            i++;
    }
}

static int
append(void *arg, struct client *cl, struct errtext *why)
{
    const struct addition *addition = arg;

    if (addition->rotates && !ctl_credential_is_in(addition->new, cl))
        end_old(cl, addition);
    return ctl_credential_add(addition->new, cl, why) == 0 ? 1 : -1;
}

int
ctl_secret_delete(struct ctl *ctl, struct errtext *why)
{
    struct removal removal = {.id = ctl->args[1]};
    char question[400];
    int rc;

    snprintf(question, sizeof(question),
             "Delete the secret %.32s of the client \"%.255s\"?",
             ctl->args[1], ctl->args[0]);
    if (ctl_record_open(ctl, why) != 0
        || ctl_out_confirm(ctl, question, why) != 0)
        return CTL_FAILED;
    rc = ctl_record_edit(ctl, ctl->args[0], take_away, &removal, why);
    if (rc < 0)
        return CTL_FAILED;
    if (ctl->json)
        ctl_out_outcome(ctl->args[0], true);
    else
        printf("%s: secret %s deleted\n", ctl->args[0], removal.id);
    return CTL_DONE;
}

static int
take_away(void *arg, struct client *cl, struct errtext *why)
{
    struct removal *removal = arg;
    size_t i;

    for (i = 0; i < cl->n_secrets; i++) {
        if (strcmp(cl->secrets[i].id, removal->id) == 0) {
            removal->seen = true;
            ctl_credential_remove(cl, i);
            return 1;
        }
    }
    if (removal->seen)
        return 1;
    return errtext_set(why, "the client has no secret \"%.32s\": ccgrant "
                            "secret list",
                       removal->id);
}
