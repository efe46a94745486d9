/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * ccgrant token revoke: one token, those of a client, or all.
 */

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/alloc.h"
#include "core/when.h"
#include "ctl_args.h"
#include "ctl_out.h"
#include "ctl_record.h"
#include "ctl_revoke.h"
#include "ctl_tokentext.h"
#include "io/crypto.h"
#include "revocation.h"

enum { QUESTION_MAX = 400 };

static int check_options(const struct ctl *ctl, struct errtext *why);
static int revoke_token(struct ctl *ctl, struct errtext *why);
static int revoke_client(struct ctl *ctl, const char *id, struct errtext *why);
static int revoke_all(struct ctl *ctl, struct errtext *why);
static ctl_record_fn raise_until;

void
ctl_revoke_wait(int64_t second)
{
    static const struct timespec step = {0, 2000000L};

    /*
     * By the clock that everybody reads: time() may be some milliseconds
     * behind clock_gettime(), of which nobody would know.
     */
    while (ctl_record_clock() == second)
        (void) nanosleep(&step, NULL);
}

int
ctl_revoke_list(struct ctl *ctl, const char *client_id, int64_t until,
                struct errtext *why)
{
    int64_t now = ctl_record_clock();

    if (revocation_client(&ctl->service, client_id, until, now, why) != 0)
        return -1;
    return revocation_publish(&ctl->service, now, why);
}

int
ctl_token_revoke(struct ctl *ctl, struct errtext *why)
{
    const char *id = ctl_args_value(ctl, "client");
    int rc = check_options(ctl, why);

    if (rc != 0)
        return rc;
    if (ctl->n_args == 1)
        return revoke_token(ctl, why);
    if (ctl_record_open(ctl, why) != 0)
        return CTL_FAILED;
    return id != NULL ? revoke_client(ctl, id, why) : revoke_all(ctl, why);
}

static int
check_options(const struct ctl *ctl, struct errtext *why)
{
    bool by_client = ctl_args_has(ctl, "client");
    bool by_time = ctl_args_has(ctl, "before");

    if (ctl->n_args == 1 && (by_client || by_time))
        errtext_set(why, "give TOKEN, or --client and --before, not both");
    else if (ctl->n_args == 0 && !by_client && !by_time)
        errtext_set(why, "TOKEN is missing (or --client ID, or --before "
                         "WHEN)");
    else
        return 0;
    return CTL_USAGE;
}

static void
print_token(const struct ctl *ctl, const struct active *active, bool found,
            const char *reason)
{
    char *clean;

    if (ctl->json) {
        ctl_out_json(found ? json_pack("{s:b,s:s,s:s}", "revoked", 1,
                                       "client_id", active->client_id, "jti",
                                       active->jti)
                           : json_pack("{s:b,s:s}", "revoked", 0, "reason",
                                       reason));
        return;
    }
    clean = ctl_out_clean(reason);
    if (found)
        printf("%s: revoked the token %s\n", active->client_id, active->jti);
    else
        printf("not active: %s\n", clean);
    free(clean);
}

/* Leaves the reason that is there, unless it fails. */
static int
write_list(struct ctl *ctl, struct errtext *why)
{
    struct errtext trouble;
    int rc = revocation_publish(&ctl->service, ctl_record_clock(), &trouble);

    if (rc != 0)
        *why = trouble;
    return rc;
}

static int
revoke_token(struct ctl *ctl, struct errtext *why)
{
    struct service *service = &ctl->service;
    char *token = alloc_bytes(CTL_TOKENTEXT_MAX + 1);
    struct active active = {.is_opaque = false};
    int found = -1, rc = CTL_FAILED;
    size_t len = 0;

    if (ctl_tokentext_read(ctl, token, &len, why) == 0
        && ctl_record_open(ctl, why) == 0)
        found = active_find(service, token, len, ctl->now, &active, why);
    /* Perhaps it was revoked without the list. */
    if (found == 0)
        rc = write_list(ctl, why) == 0 ? CTL_NO : CTL_FAILED;
    else if (found == 1)
        rc = revocation_token(service, &active, ctl->now, why);
    if (rc == 0 && found == 1 && write_list(ctl, why) != 0)
        rc = errtext_context(why, "the token is revoked");
    if (rc >= 0)
        print_token(ctl, &active, found == 1, why->text);
    crypto_wipe(&active, sizeof(active));
    crypto_wipe(token, len);
    free(token);
    return rc;
}

/* Read --before; without it, and with "now", the present second. */
static int
read_until(const struct ctl *ctl, int64_t *until, struct errtext *why)
{
    const char *text = ctl_args_value(ctl, "before");

    *until = ctl_record_clock();
    if (text == NULL || strcmp(text, "now") == 0)
        return 0;
    if (when_parse(until, text, ctl->now, NULL) == 0 && *until != 0
        && *until <= ctl->now)
        return 0;
    return errtext_set(why, "--before: \"%.40s\" is no time that has come: "
                            "say now, 2026-01-31 or 2026-01-31T12:00:00Z",
                       text);
}

/* Ask; what "now" means is known when it was answered. */
static int
confirm(const struct ctl *ctl, const char *whose, int64_t *until,
        struct errtext *why)
{
    char question[QUESTION_MAX], when[WHEN_TEXT_MAX];

    if (read_until(ctl, until, why) != 0)
        return -1;
    when_text(*until, when);
    snprintf(question, sizeof(question),
             "Revoke all tokens of %s that were issued up to %s?", whose,
             when);
    if (ctl_out_confirm(ctl, question, why) != 0)
        return -1;
    return read_until(ctl, until, why);
}

static void
print_many(const struct ctl *ctl, const char *id, int64_t until, bool changed)
{
    char when[WHEN_TEXT_MAX];

    when_text(until, when);
    if (ctl->json)
        ctl_out_json(json_pack("{s:s*,s:I,s:b}", "client_id", id,
                               "revoked_until", (json_int_t) until, "changed",
                               (int) changed));
    else
        printf("%s: %s all tokens issued up to %s\n",
               id != NULL ? id : "every client",
               changed ? "revoked" : "revoked before were", when);
}

static int
revoke_client(struct ctl *ctl, const char *id, struct errtext *why)
{
    struct client *cl = NULL;
    int64_t until;
    int rc;

    if (ctl_record_get(ctl, id, &cl, why) != 0)
        return CTL_FAILED;
    client_free(cl);
    if (confirm(ctl, id, &until, why) != 0)
        return CTL_FAILED;
    rc = ctl_record_edit(ctl, id, raise_until, &until, why);
    if (rc < 0)
        return CTL_FAILED;
    if (ctl_revoke_list(ctl, id, until, why) != 0)
        return errtext_context(why, "the tokens are revoked");
    ctl_revoke_wait(until);
    print_many(ctl, id, until, rc == 1);
    return CTL_DONE;
}

static int
raise_until(void *arg, struct client *cl, struct errtext *why)
{
    const int64_t *until = arg;

    (void) why;
    if (cl->revoked_until > *until)
        return 0;
    cl->revoked_until = *until;
    return 1;
}

static int
revoke_all(struct ctl *ctl, struct errtext *why)
{
    int64_t until;
    int rc;

    if (confirm(ctl, "every client", &until, why) != 0)
        return CTL_FAILED;
    rc = revocation_all(&ctl->service, until, why);
    if (rc < 0)
        return CTL_FAILED;
    if (revocation_publish(&ctl->service, ctl_record_clock(), why) != 0)
        return errtext_context(why, "the tokens are revoked");
    ctl_revoke_wait(until);
    print_many(ctl, NULL, until, rc == 1);
    return CTL_DONE;
}
