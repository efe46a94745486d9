/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * ccgrant secret expiring: what ends soon, for cron to tell.
 */

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/remark.h"
#include "core/when.h"
#include "ctl_args.h"
#include "ctl_auth.h"
#include "ctl_credential.h"
#include "ctl_key.h"
#include "ctl_out.h"
#include "ctl_record.h"
#include "ctl_table.h"
#include "ctl_use.h"

/* What is looked for, and what was found. */
struct search {
    struct ctl *ctl;
    int64_t until;
    struct ctl_table table;
    json_t *array;
    size_t n;
    bool broken; /* a record could not be read */
};

/* What ends. */
struct finding {
    const struct client *client; /* or NULL */
    const char *what;
    const char *id;
    const char *label;
    int64_t ends;
    bool is_due; /* past its end it is still to be told */
};

static store_each_fn look;
static void look_at_client(struct search *search, const struct client *cl);
static void look_at_secret(struct search *search, const struct client *cl,
                           size_t at);
static int look_at_keys(struct search *search, struct errtext *why);
static void tell(struct search *search, const struct finding *finding);

int
ctl_secret_expiring(struct ctl *ctl, struct errtext *why)
{
    static const char *const heads[] = {"CLIENT", "WHAT", "ID", "LABEL",
                                        "ENDS", "IN", CTL_USE_HEADS};
    const char *text = ctl_args_value(ctl, "within");
    struct search search = {.ctl = ctl};
    int64_t within = REMARK_TIME;
    size_t i;
    int rc;

    if (text != NULL && when_duration(&within, text, why) != 0)
        return errtext_context(why, "--within");
    search.until = ctl->now + within;
    if (ctl_record_open(ctl, why) != 0)
        return CTL_FAILED;
    search.array = json_array();
    ctl_table_init(&search.table, sizeof(heads) / sizeof(heads[0]));
    for (i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
        ctl_table_add(&search.table, heads[i]);
    rc = store_each(ctl->service.store, STORE_CLIENTS, look, &search, why);
    if (rc == 0)
        rc = look_at_keys(&search, why);
    if (rc == 0 && ctl->json)
        ctl_out_json(json_incref(search.array));
    else if (rc == 0 && search.n > 0) /* Else cron has nothing to mail. */
        ctl_table_print(&search.table, true, ctl->colour);
    ctl_table_wipe(&search.table);
    json_decref(search.array);
    if (rc != 0)
        return CTL_FAILED;
    return search.n > 0 || search.broken ? CTL_NO : CTL_DONE;
}

/* A record that cannot be read must not hide the others. */
static int
look(void *arg, const char *key, const char *value, size_t len)
{
    struct search *search = arg;
    struct client *cl = NULL;
    struct errtext why;

    if (client_load(&cl, value, len, &why) != 0) {
        errtext_context(&why, "%.255s", key);
        ctl_out_error(why.text);
        search->broken = true;
        return 0;
    }
    look_at_client(search, cl);
    client_free(cl);
    return 0;
}

/* Who gets no tokens anyway misses nothing. */
static void
look_at_client(struct search *search, const struct client *cl)
{
    struct finding finding = {.client = cl, .what = "client",
                              .id = "", .label = cl->name,
                              .ends = cl->expires};
    size_t i;

    if (!cl->enabled
        || (cl->expires != 0 && cl->expires <= search->ctl->now))
        return;
    tell(search, &finding);
    for (i = 0; i < cl->n_secrets; i++)
        look_at_secret(search, cl, i);
    for (i = 0; i < cl->n_keys; i++) {
        finding.what = "key";
        finding.id = cl->keys[i].id;
        finding.label = cl->keys[i].label;
        finding.ends = cl->keys[i].jwk.not_after;
        tell(search, &finding);
    }
}

/* The first later secret that serves, and longer; or NULL. */
static const struct secret *
successor(const struct client *cl, size_t at, int64_t now)
{
    const struct secret *secret = &cl->secrets[at];
    size_t i;

    for (i = at + 1; i < cl->n_secrets; i++) {
        const struct secret *other = &cl->secrets[i];

        if (ctl_credential_serves(other, cl, now)
            && other->created >= secret->created
            && (other->not_after == 0
                || other->not_after > secret->not_after))
            return other;
    }
    return NULL;
}

/* What was rotated out is to end, unless somebody uses it still. */
static void
look_at_secret(struct search *search, const struct client *cl, size_t at)
{
    const struct secret *secret = &cl->secrets[at],
                        *next = successor(cl, at, search->ctl->now);
    const struct finding finding = {.client = cl, .what = "secret",
                                    .id = secret->id,
                                    .label = secret->label,
                                    .ends = secret->not_after};
    struct lastuse use = {.at = 0};

    if (!ctl_auth_has_secret(cl->auth))
        return;
    if (next != NULL)
        ctl_use_find(search->ctl, cl, secret->id, &use);
    if (next == NULL || use.at > next->created)
        tell(search, &finding);
}

/* Those of this server that ccgrant key rotate --auto gives a successor. */
static void
look_at_alg(struct search *search, const struct ctl_keys *keys,
            enum jose_alg alg)
{
    struct ctl *ctl = search->ctl;
    const struct keyrec *key =
        keylife_signer(keys->recs, keys->n, alg, ctl->now);
    struct finding finding = {.what = "signing key",
                              .label = "ccgrant key rotate --auto",
                              .is_due = true};
    struct keylife life;

    keylife_init(&life, &ctl->policy);
    if (key == NULL
        || keylife_next(key, keys->recs, keys->n, &life, ctl->now,
                        &finding.ends)
               != KEYLIFE_SUCCEED)
        return;
    finding.id = key->kid;
    tell(search, &finding);
}

/* A key that nothing signs with any more needs none. */
static int
look_at_keys(struct search *search, struct errtext *why)
{
    enum jose_alg algs[JOSE__MAX];
    struct ctl_keys keys;
    int rc = ctl_key_read(search->ctl, &keys, why);
    size_t i, n = 0;

    if (rc == 0)
        rc = ctl_key_algs(search->ctl, algs, &n, why);
    for (i = 0; rc == 0 && i < n; i++)
        look_at_alg(search, &keys, algs[i]);
    ctl_key_free(&keys);
    return rc;
}

/* What ends by then, or has ended and is still to be told. */
static void
tell(struct search *search, const struct finding *finding)
{
    struct ctl *ctl = search->ctl;
    const char *client_id =
        finding->client != NULL ? finding->client->id : "";
    struct lastuse use = {.at = 0};
    char when[WHEN_TEXT_MAX], span[REMARK_MAX];
    json_t *object;

    if (finding->ends == 0 || finding->ends > search->until
        || (finding->ends <= ctl->now && !finding->is_due))
        return;
    search->n++;
    if (finding->client != NULL && finding->id[0] != '\0')
        ctl_use_find(ctl, finding->client, finding->id, &use);
    object = json_pack("{s:s,s:s,s:s,s:s,s:I}", "client_id", client_id,
                       "what", finding->what, "id", finding->id, "label",
                       finding->label, "ends", (json_int_t) finding->ends);
    ctl_use_set(object, &use);
    if (json_array_append_new(search->array, object) != 0)
        abort();
    when_text(finding->ends, when);
    if (finding->ends <= ctl->now)
        snprintf(span, sizeof(span), "overdue");
    else
        remark_span(finding->ends - ctl->now, span);
    ctl_table_add(&search->table, client_id);
    ctl_table_add(&search->table, finding->what);
    ctl_table_add(&search->table, finding->id);
    ctl_table_add(&search->table, finding->label);
    ctl_table_add(&search->table, when);
    ctl_table_add(&search->table, span);
    ctl_use_add(&search->table, &use);
}
