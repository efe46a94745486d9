/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * ccgrant client list, client show.
 */

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/grant.h"
#include "core/when.h"
#include "ctl.h"
#include "ctl_auth.h"
#include "ctl_claims.h"
#include "ctl_credential.h"
#include "ctl_keytable.h"
#include "ctl_limits.h"
#include "ctl_out.h"
#include "ctl_record.h"
#include "ctl_secret.h"
#include "ctl_table.h"
#include "ctl_tls.h"
#include "ctl_use.h"
#include "jwks.h"
#include "peer.h"

/* What the callback of store_each() is told. */
struct listing {
    struct ctl *ctl;
    struct ctl_table table;
    size_t shown;
    bool broken; /* a record could not be read */
};

static store_each_fn list_one;
static void add_row(struct listing *list, const struct client *cl);
static void show_json(struct ctl *ctl, const struct client *cl);
static void show(struct ctl *ctl, const struct client *cl);

int
ctl_client_list(struct ctl *ctl, struct errtext *why)
{
    static const char *const heads[] = {"ID", "NAME", "ENABLED", "AUTH",
                                        "BIND", "ROLES", "SCOPES",
                                        "CREDENTIALS", "EXPIRES"};
    struct listing list = {.ctl = ctl};
    size_t i;
    int rc;

    if (ctl_record_open(ctl, why) != 0)
        return CTL_FAILED;
    ctl_table_init(&list.table, sizeof(heads) / sizeof(heads[0]));
    for (i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
        ctl_table_add(&list.table, heads[i]);
    printf("%s", ctl->json ? "[" : "");
    rc = store_each(ctl->service.store, STORE_CLIENTS, list_one, &list, why);
    if (ctl->json)
        printf("%s]\n", list.shown > 0 ? "\n" : "");
    else
        ctl_table_print(&list.table, true, ctl->colour);
    ctl_table_wipe(&list.table);
    if (rc != 0)
        return CTL_FAILED;
    return list.broken ? CTL_NO : CTL_DONE;
}

/* A record that cannot be read must not hide the others. */
static int
list_one(void *arg, const char *key, const char *value, size_t len)
{
    struct listing *list = arg;
    struct client *cl = NULL;
    struct errtext why;
    char *text;

    if (client_load(&cl, value, len, &why) != 0) {
        errtext_context(&why, "%.255s", key);
        ctl_out_error(why.text);
        list->broken = true;
        return 0;
    }
    if (list->ctl->json) {
        text = client_show(cl);
        printf("%s%s", list->shown > 0 ? ",\n" : "\n", text);
        free(text);
    } else {
        add_row(list, cl);
    }
    list->shown++;
    client_free(cl);
    return 0;
}

static void
add_number(struct ctl_table *table, size_t n)
{
    char text[32];

    snprintf(text, sizeof(text), "%zu", n);
    ctl_table_add(table, text);
}

/* Whether the client gets tokens: "yes", or why not. */
static const char *
state(const struct client *cl, int64_t now)
{
    if (!cl->enabled)
        return "no";
    return cl->expires != 0 && cl->expires <= now ? "expired" : "yes";
}

/* How many secrets or keys it can authenticate with now. */
static void
add_credentials(struct ctl_table *table, const struct client *cl, int64_t now)
{
    bool has_keys = ctl_auth_has_keys(cl->auth);
    size_t i, n = 0;

    if (cl->auth == AUTH_TLS) {
        ctl_table_add(table, "subject");
        return;
    }
    if (has_keys && cl->jwks_uri[0] != '\0') {
        ctl_table_add(table, "URL");
        return;
    }
    for (i = 0; !has_keys && i < cl->n_secrets; i++)
        n += ctl_credential_serves(&cl->secrets[i], cl, now);
    for (i = 0; has_keys && i < cl->n_keys; i++)
        n += jwk_is_live(&cl->keys[i].jwk, now);
    add_number(table, n);
}

static size_t
count_scopes(const struct ctl *ctl, const struct client *cl)
{
    struct scope_set allowed;
    size_t i, n = 0;

    grant_allowed(&allowed, &ctl->policy, cl);
    for (i = 0; i < ctl->policy.n_scopes; i++)
        n += scope_set_has(&allowed, i);
    return n;
}

static void
add_row(struct listing *list, const struct client *cl)
{
    struct ctl_table *table = &list->table;
    char when[WHEN_TEXT_MAX];

    when_text(cl->expires, when);
    ctl_table_add(table, cl->id);
    ctl_table_add(table, cl->name);
    ctl_table_add(table, state(cl, list->ctl->now));
    ctl_table_add(table, client_auth_words[cl->auth]);
    ctl_table_add(table, ctl_tls_demand(list->ctl, cl));
    add_number(table, cl->n_roles);
    add_number(table, count_scopes(list->ctl, cl));
    add_credentials(table, cl, list->ctl->now);
    ctl_table_add(table, when);
}

int
ctl_client_show(struct ctl *ctl, struct errtext *why)
{
    struct client *cl = NULL;

    if (ctl_record_open(ctl, why) != 0
        || ctl_record_get(ctl, ctl->args[0], &cl, why) != 0)
        return CTL_FAILED;
    if (ctl->json)
        show_json(ctl, cl);
    else
        show(ctl, cl);
    client_free(cl);
    return CTL_DONE;
}

/* What stands for all certificates, or all keys at its URL; NULL: nothing. */
static const char *
whole_credential(const struct client *cl)
{
    if (cl->auth == AUTH_TLS)
        return PEER_SUBJECT;
    return cl->jwks_uri[0] != '\0' ? JWKS_CREDENTIAL : NULL;
}

/* Add what more is known of the secrets, and the uses of the keys. */
static void
add_uses(struct ctl *ctl, const struct client *cl, json_t *object)
{
    json_t *secrets = ctl_secret_json(ctl, cl), *entry;
    struct lastuse use;
    size_t i;

    json_array_foreach(json_object_get(object, "secrets"), i, entry) {
        if (json_object_update_missing(entry, json_array_get(secrets, i))
            != 0)
            abort();
    }
    json_decref(secrets);
    json_array_foreach(json_object_get(object, "keys"), i, entry) {
        ctl_use_find(ctl, cl, cl->keys[i].id, &use);
        ctl_use_set(entry, &use);
    }
    if (whole_credential(cl) != NULL) {
        ctl_use_find(ctl, cl, whole_credential(cl), &use);
        ctl_use_set(object, &use);
    }
}

/* The record, and what is known of its URL and of uses. */
static void
show_json(struct ctl *ctl, const struct client *cl)
{
    char *text = client_show(cl);
    json_t *object = json_loads(text, 0, NULL);
    json_t *state = ctl_keytable_look(ctl, cl);

    if (state != NULL
        && json_object_set_new(object, "jwks_uri_state", state) != 0)
        abort();
    add_uses(ctl, cl, object);
    ctl_out_json(object);
    free(text);
}

/* The entries with a space between, or what none of them means. */
static void
list_fact(struct ctl_table *table, const char *name, char *const *list,
          size_t n, const char *none)
{
    size_t i, len = 0;
    char *text;

    for (i = 0; i < n; i++)
        len += strlen(list[i]) + 1;
    text = alloc_zero(1, len + 1);
    for (i = 0, len = 0; i < n; i++) {
        memcpy(text + len, list[i], strlen(list[i]));
        len += strlen(list[i]);
        if (i + 1 < n)
            text[len++] = ' ';
    }
    ctl_table_fact(table, name, n > 0 ? text : none);
    free(text);
}

static void
time_fact(struct ctl_table *table, const char *name, int64_t time)
{
    char when[WHEN_TEXT_MAX];

    when_text(time, when);
    ctl_table_fact(table, name, when);
}

static void
lifetime_fact(struct ctl_table *table, const char *name, int64_t own,
              const char *otherwise)
{
    char text[64];

    snprintf(text, sizeof(text), "%lld seconds", (long long) own);
    ctl_table_fact(table, name, own > 0 ? text : otherwise);
}

static void
networks_fact(struct ctl_table *table, const struct client *cl)
{
    char **texts = alloc_zero(cl->n_networks + 1, sizeof(*texts));
    size_t i;

    for (i = 0; i < cl->n_networks; i++) {
        char text[CIDR_TEXT_MAX];

        cidr_text(&cl->networks[i], text);
        texts[i] = alloc_text(text);
    }
    list_fact(table, "networks", texts, cl->n_networks, "any");
    alloc_free_list(texts, cl->n_networks);
}

/* All scopes that a token for it can have, by the policy of now. */
static void
allowed_fact(struct ctl_table *table, const struct ctl *ctl,
             const struct client *cl)
{
    const struct policy *policy = &ctl->policy;
    char **names = alloc_zero(policy->n_scopes + 1, sizeof(*names));
    struct scope_set allowed;
    size_t i, n = 0;

    grant_allowed(&allowed, policy, cl);
    for (i = 0; i < policy->n_scopes; i++) {
        if (scope_set_has(&allowed, i))
            names[n++] = (char *) (uintptr_t) policy->scopes[i].name;
    }
    list_fact(table, "may have", names, n, "no scope");
    free(names);
}

static void
use_fact(struct ctl *ctl, struct ctl_table *table, const struct client *cl)
{
    char when[WHEN_TEXT_MAX], text[WHEN_TEXT_MAX + LASTUSE_FROM_MAX + 8];
    struct lastuse use;

    if (whole_credential(cl) == NULL)
        return;
    ctl_use_find(ctl, cl, whole_credential(cl), &use);
    when_text(use.at, when);
    snprintf(text, sizeof(text), "%s from %s", when, use.from);
    ctl_table_fact(table, "last use", use.at != 0 ? text : "none known");
}

/* What its assertions have to be like, if its method makes any. */
static void
assertion_facts(struct ctl_table *table, const struct client *cl)
{
    if (cl->auth != AUTH_SECRET_JWT && cl->auth != AUTH_PRIVATE_KEY_JWT)
        return;
    ctl_table_fact(table, "assertion aud",
                   client_aud_words[cl->assertion_aud]);
    ctl_table_fact(table, "assertion alg",
                   cl->assertion_alg != JOSE_NONE
                       ? jose_name(cl->assertion_alg)
                       : "any that fits");
}

static void
show(struct ctl *ctl, const struct client *cl)
{
    struct ctl_table table;

    ctl_table_init(&table, 2);
    ctl_table_fact(&table, "id", cl->id);
    ctl_table_fact(&table, "name", cl->name);
    ctl_table_fact(&table, "description", cl->description);
    ctl_table_fact(&table, "enabled", state(cl, ctl->now));
    ctl_table_fact(&table, "auth", client_auth_words[cl->auth]);
    assertion_facts(&table, cl);
    ctl_tls_subject_facts(&table, cl);
    use_fact(ctl, &table, cl);
    ctl_keytable_facts(ctl, &table, cl);
    ctl_tls_bind_facts(ctl, &table, cl);
    list_fact(&table, "roles", cl->roles, cl->n_roles, "none");
    list_fact(&table, "extra scopes", cl->scopes, cl->n_scopes, "none");
    allowed_fact(&table, ctl, cl);
    if (cl->default_scope == DEFAULT_SCOPE_LIST)
        list_fact(&table, "default scope", cl->default_scopes,
                  cl->n_default_scopes, "none");
    else
        ctl_table_fact(&table, "default scope",
                       client_default_words[cl->default_scope]);
    ctl_table_fact(&table, "excess scope",
                   client_excess_words[cl->excess_scope]);
    list_fact(&table, "resources", cl->resources, cl->n_resources,
              "those of its scopes");
    lifetime_fact(&table, "lifetime", cl->lifetime, "the resource's");
    lifetime_fact(&table, "max lifetime", cl->max_lifetime, "the policy's");
    ctl_table_fact(&table, "format", client_format_words[cl->format]);
    ctl_claims_facts(&table, cl);
    ctl_table_fact(&table, "token alg",
                   cl->token_alg != JOSE_NONE ? jose_name(cl->token_alg)
                                              : "the resource's");
    ctl_limits_facts(&table, cl);
    networks_fact(&table, cl);
    time_fact(&table, "expires", cl->expires);
    time_fact(&table, "created", cl->created);
    time_fact(&table, "updated", cl->updated);
    ctl_table_print(&table, false, false);
    ctl_table_wipe(&table);
    if (cl->n_keys > 0) {
        printf("\n");
        ctl_keytable_print(ctl, cl);
    }
    if (cl->n_secrets > 0 || ctl_auth_has_secret(cl->auth)) {
        printf("\n");
        ctl_secret_print(ctl, cl);
    }
}
