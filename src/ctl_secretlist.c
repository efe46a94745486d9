/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * ccgrant secret list: what is known of the secrets, but for the secrets.
 */

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/remark.h"
#include "core/when.h"
#include "costs.h"
#include "ctl_out.h"
#include "ctl_record.h"
#include "ctl_secret.h"
#include "ctl_table.h"
#include "ctl_use.h"
#include "io/crypto.h"
#include "io/foreign.h"

/* What is told of one secret, beside what its record says. */
struct row {
    struct lastuse use;
    const char *form; /* of an imported hash, or "" */
    char cost[FOREIGN_COST_MAX]; /* likewise, with the form, for people */
    char remark[REMARK_MAX];
};

static void look(struct ctl *ctl, const struct client *cl,
                 struct row rows[CLIENT_SECRETS_MAX]);
static const char *find_form(struct ctl *ctl, const struct client *cl,
                             const struct secret *secret,
                             char name[FOREIGN_COST_MAX]);

int
ctl_secret_list(struct ctl *ctl, struct errtext *why)
{
    struct client *cl = NULL;

    if (ctl_record_open(ctl, why) != 0
        || ctl_record_get(ctl, ctl->args[0], &cl, why) != 0)
        return CTL_FAILED;
    if (ctl->json)
        ctl_out_json(ctl_secret_json(ctl, cl));
    else
        ctl_secret_print(ctl, cl);
    client_free(cl);
    return CTL_DONE;
}

static void
look(struct ctl *ctl, const struct client *cl,
     struct row rows[CLIENT_SECRETS_MAX])
{
    int64_t uses[CLIENT_SECRETS_MAX], since = ctl_use_since(ctl);
    size_t i;

    for (i = 0; i < cl->n_secrets; i++) {
        ctl_use_find(ctl, cl, cl->secrets[i].id, &rows[i].use);
        rows[i].form = find_form(ctl, cl, &cl->secrets[i], rows[i].cost);
        uses[i] = rows[i].use.at;
    }
    for (i = 0; i < cl->n_secrets; i++)
        remark_secret(cl, i, uses, since, ctl->now, rows[i].remark);
}

static const char *
find_form(struct ctl *ctl, const struct client *cl,
          const struct secret *secret, char name[FOREIGN_COST_MAX])
{
    char hash[CLIENT_SEALED_MAX], cost[FOREIGN_COST_MAX];
    struct errtext why;

    name[0] = '\0';
    if (secret->scheme != SECRET_FOREIGN)
        return "";
    if (costs_unseal(ctl->service.vault, cl->id, secret, hash, cost, &why)
        != 0) {
        ctl_out_note(why.text);
        snprintf(name, FOREIGN_COST_MAX, "unknown");
        return "unknown";
    }
    crypto_wipe(hash, sizeof(hash));
    foreign_describe(cost, name);
    return foreign_form(cost);
}

static const char *
kind(const struct secret *secret)
{
    static const char *const kinds[] = {
        [SECRET_MAC] = "generated",
        [SECRET_SCRYPT] = "chosen",
        [SECRET_SEALED] = "sealed",
        [SECRET_FOREIGN] = "imported",
    };

    return kinds[secret->scheme];
}

json_t *
ctl_secret_json(struct ctl *ctl, const struct client *cl)
{
    struct row rows[CLIENT_SECRETS_MAX];
    json_t *array = json_array(), *object;
    size_t i;

    look(ctl, cl, rows);
    for (i = 0; i < cl->n_secrets; i++) {
        const struct secret *secret = &cl->secrets[i];

        object = json_pack(
            "{s:s,s:s,s:s,s:s,s:s,s:b,s:I,s:I,s:I,s:s}", "id", secret->id,
            "label", secret->label, "kind", kind(secret), "form",
            rows[i].form, "cost", rows[i].cost, "live",
            client_secret_is_live(secret, ctl->now), "created",
            (json_int_t) secret->created, "not_before",
            (json_int_t) secret->not_before, "not_after",
            (json_int_t) secret->not_after, "remark", rows[i].remark);
        ctl_use_set(object, &rows[i].use);
        if (json_array_append_new(array, object) != 0)
            abort();
    }
    return array;
}

static void
add_row(struct ctl *ctl, struct ctl_table *table, const struct secret *secret,
        const struct row *row)
{
    char when[WHEN_TEXT_MAX], text[FOREIGN_COST_MAX + 16];

    ctl_table_add(table, secret->id);
    ctl_table_add(table, secret->label);
    snprintf(text, sizeof(text), "%s (%s)", kind(secret), row->cost);
    ctl_table_add(table, *row->form != '\0' ? text : kind(secret));
    ctl_table_add(table,
                  client_secret_is_live(secret, ctl->now) ? "yes" : "no");
    when_text(secret->created, when);
    ctl_table_add(table, when);
    when_text(secret->not_after, when);
    ctl_table_add(table, when);
    ctl_use_add(table, &row->use);
    ctl_table_add(table, row->remark);
}

void
ctl_secret_print(struct ctl *ctl, const struct client *cl)
{
    static const char *const heads[] = {"SECRET",  "LABEL",   "KIND",
                                        "LIVE",    "CREATED", "EXPIRES",
                                        CTL_USE_HEADS, "REMARK"};
    struct row rows[CLIENT_SECRETS_MAX];
    struct ctl_table table;
    size_t i;

    look(ctl, cl, rows);
    ctl_table_init(&table, sizeof(heads) / sizeof(heads[0]));
    for (i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
        ctl_table_add(&table, heads[i]);
    for (i = 0; i < cl->n_secrets; i++)
        add_row(ctl, &table, &cl->secrets[i], &rows[i]);
    ctl_table_print(&table, true, ctl->colour);
    ctl_table_wipe(&table);
}
