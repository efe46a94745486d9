/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The policy, the state and a client record.
 */

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/alloc.h"
#include "core/counter.h"
#include "ctl_args.h"
#include "ctl_record.h"
#include "io/conf.h"
#include "io/crypto.h"
#include "io/path.h"

/* What the callbacks of store_edit() are told. */
struct edit {
    const char *id;
    int64_t now;
    ctl_record_fn *fn;
    void *arg;
    struct client *cl; /* that is to be added */
    char *text;        /* its record, once it was made, or NULL */
    bool seen;        /* the record that is to be deleted was there */
};

static store_edit_fn change, put, take_away;

int64_t
ctl_record_clock(void)
{
    return (int64_t) time(NULL);
}

int
ctl_record_policy(struct ctl *ctl, struct errtext *why)
{
    if (ctl->policy.issuer != NULL)
        return 0;
    return conf_load(&ctl->policy, conf_file(ctl_args_value(ctl, "config")),
                     NULL, NULL, why);
}

int
ctl_record_open(struct ctl *ctl, struct errtext *why)
{
    if (ctl_record_policy(ctl, why) != 0
        || path_become_owner(ctl->policy.state, why) != 0)
        return -1;
    return service_open(&ctl->service, &ctl->policy, STORE_ADMIN, why);
}

static int
no_such_client(const char *id, struct errtext *why)
{
    return errtext_set(why, "there is no client \"%.255s\": ccgrant client "
                            "list",
                       id);
}

int
ctl_record_get(struct ctl *ctl, const char *id, struct client **cl,
               struct errtext *why)
{
    char text[STORE_VALUE_MAX + 1];
    size_t len = 0;
    int rc;

    if (client_check_id(id, why) != 0)
        return -1;
    rc = store_get(ctl->service.store, STORE_CLIENTS, id, text, sizeof(text),
                   &len, why);
    if (rc == 0)
        return no_such_client(id, why);
    if (rc == 1)
        rc = client_load(cl, text, len, why);
    crypto_wipe(text, sizeof(text));
    return rc;
}

int
ctl_record_edit(struct ctl *ctl, const char *id, ctl_record_fn *fn, void *arg,
                struct errtext *why)
{
    struct edit edit = {.id = id, .now = ctl->now, .fn = fn, .arg = arg};

    if (client_check_id(id, why) != 0)
        return -1;
    return store_edit(ctl->service.store, STORE_CLIENTS, id, change, &edit,
                      why);
}

static int
change(void *arg, const char *old, size_t len, char **value,
       struct errtext *why)
{
    struct edit *edit = arg;
    struct client *cl = NULL;
    int rc;

    if (old == NULL)
        return no_such_client(edit->id, why);
    if (client_load(&cl, old, len, why) != 0)
        return -1;
    rc = edit->fn(edit->arg, cl, why);
    if (rc == 1) {
        cl->updated = edit->now;
        *value = client_dump(cl);
    }
    client_free(cl);
    return rc;
}

static void
wipe_text(struct edit *edit)
{
    if (edit->text != NULL)
        crypto_wipe(edit->text, strlen(edit->text));
    free(edit->text);
    edit->text = NULL;
}

int
ctl_record_add(struct ctl *ctl, struct client *cl, struct errtext *why)
{
    struct edit edit = {.id = cl->id, .cl = cl};
    int rc = ctl_record_revoked(ctl->service.expiring, cl->id, ctl->now,
                                &cl->revoked_until, why);

    if (rc == 0)
        rc = store_edit(ctl->service.store, STORE_CLIENTS, cl->id, put, &edit,
                        why);
    wipe_text(&edit);
    return rc < 0 ? -1 : 0;
}

/* Before the clock is read nobody else can have made, or deleted, it. */
static int
put(void *arg, const char *old, size_t len, char **value, struct errtext *why)
{
    struct edit *edit = arg;

    (void) len;
    /* What this very call has put there can be met again. */
    if (old != NULL && (edit->text == NULL || strcmp(old, edit->text) != 0))
        return errtext_set(why, "there is a client \"%.255s\" already: "
                                "change it with ccgrant client set",
                           edit->id);
    if (old == NULL) {
        wipe_text(edit);
        edit->cl->created = edit->cl->updated = ctl_record_clock();
        edit->text = client_dump(edit->cl);
    }
    *value = alloc_text(edit->text);
    return 1;
}

int
ctl_record_revoked(struct expiring *expiring, const char *id, int64_t now,
                   int64_t *until, struct errtext *why)
{
    const struct counter_key key =
        counter_key(COUNTER_REVOKED_CLIENT, id, NULL);
    char text[EXPIRING_TEXT_MAX + 1];
    int rc = expiring_read(expiring, EXPIRING_COUNTERS, key.bytes, key.len,
                           now, text, sizeof(text), NULL, NULL, why);

    *until = 0;
    if (rc == 1)
        *until = strtoll(text, NULL, 10);
    return rc < 0 ? -1 : 0;
}

int
ctl_record_delete(struct ctl *ctl, const char *id, struct errtext *why)
{
    struct edit edit = {.id = id};

    if (store_edit(ctl->service.store, STORE_CLIENTS, id, take_away, &edit,
                   why)
        < 0)
        return -1;
    return 0;
}

static int
take_away(void *arg, const char *old, size_t len, char **value,
          struct errtext *why)
{
    struct edit *edit = arg;

    (void) len;
    if (old == NULL && !edit->seen)
        return no_such_client(edit->id, why);
    edit->seen = true;
    *value = NULL;
    return 1;
}
