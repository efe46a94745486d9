/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The public keys of a client, for people and as JSON.
 */

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/when.h"
#include "ctl_keytable.h"
#include "ctl_out.h"
#include "ctl_use.h"
#include "jwks.h"

enum { TYPE_MAX = 24 };

static size_t
count_bits(const struct jwk *jwk)
{
    size_t bits = jwk->n_len * 8;
    unsigned char first = jwk->n_len > 0 ? jwk->n[0] : 0;

    while (bits > 0 && (first & 0x80) == 0) {
        first = (unsigned char) (first << 1);
        bits--;
    }
    return bits;
}

static void
write_type(const struct jwk *jwk, char text[TYPE_MAX])
{
    static const char *const names[] = {
        [JWK_P256] = "P-256",
        [JWK_P384] = "P-384",
        [JWK_P521] = "P-521",
        [JWK_ED25519] = "Ed25519",
    };

    if (jwk->type == JWK_RSA)
        snprintf(text, TYPE_MAX, "RSA %zu", count_bits(jwk));
    else
        snprintf(text, TYPE_MAX, "%s", names[jwk->type]);
}

void
ctl_keytable_print(struct ctl *ctl, const struct client *cl)
{
    static const char *const heads[] = {"KEY", "KID", "TYPE", "ALG", "LABEL",
                                        "CREATED", "EXPIRES", CTL_USE_HEADS};
    struct ctl_table table;
    struct lastuse use;
    char when[WHEN_TEXT_MAX], type[TYPE_MAX];
    size_t i;

    ctl_table_init(&table, sizeof(heads) / sizeof(heads[0]));
    for (i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
        ctl_table_add(&table, heads[i]);
    for (i = 0; i < cl->n_keys; i++) {
        const struct client_key *key = &cl->keys[i];

        write_type(&key->jwk, type);
        ctl_table_add(&table, key->id);
        ctl_table_add(&table, key->jwk.kid);
        ctl_table_add(&table, type);
        ctl_table_add(&table, jose_name(key->jwk.alg));
        ctl_table_add(&table, key->label);
        when_text(key->created, when);
        ctl_table_add(&table, when);
        when_text(key->jwk.not_after, when);
        ctl_table_add(&table, when);
        ctl_use_find(ctl, cl, key->id, &use);
        ctl_use_add(&table, &use);
    }
    ctl_table_print(&table, true, ctl->colour);
    ctl_table_wipe(&table);
}

/* What the store knows of the URL; trouble of the store is trouble too. */
static void
look(struct ctl *ctl, const struct client *cl, struct jwks_state *state)
{
    static const struct jwks_state nothing;
    struct errtext why;

    *state = nothing;
    if (jwks_look(&ctl->service, cl->jwks_uri, state, &why) >= 0)
        return;
    *state = nothing;
    state->trouble = why;
}

void
ctl_keytable_facts(struct ctl *ctl, struct ctl_table *table,
                   const struct client *cl)
{
    struct jwks_state state;
    char when[WHEN_TEXT_MAX], text[WHEN_TEXT_MAX + 40];

    if (cl->jwks_uri[0] == '\0')
        return;
    look(ctl, cl, &state);
    ctl_table_fact(table, "jwks uri", cl->jwks_uri);
    when_text(state.fetched, when);
    if (state.fetched != 0)
        snprintf(text, sizeof(text), "%zu, fetched %s", state.n, when);
    ctl_table_fact(table, "its keys",
                   state.fetched != 0 ? text : "never fetched");
    when_text(state.tried, when);
    if (state.trouble.text[0] != '\0') {
        ctl_table_fact(table, "its trouble", state.trouble.text);
        ctl_table_fact(table, "last tried", when);
    }
}

json_t *
ctl_keytable_look(struct ctl *ctl, const struct client *cl)
{
    struct jwks_state state;

    if (cl->jwks_uri[0] == '\0')
        return NULL;
    look(ctl, cl, &state);
    return json_pack("{s:I,s:I,s:I,s:o}", "keys", (json_int_t) state.n,
                     "fetched", (json_int_t) state.fetched, "tried",
                     (json_int_t) state.tried, "trouble",
                     ctl_out_string(state.trouble.text));
}

static json_t *
keys_json(const struct client *cl)
{
    json_t *array = json_array();
    char type[TYPE_MAX];
    size_t i;

    for (i = 0; i < cl->n_keys; i++) {
        const struct client_key *key = &cl->keys[i];

        write_type(&key->jwk, type);
        if (json_array_append_new(
                array, json_pack("{s:s,s:s,s:s,s:s,s:s}", "id", key->id,
                                 "kid", key->jwk.kid, "type", type, "alg",
                                 jose_name(key->jwk.alg), "label",
                                 key->label))
            != 0)
            abort();
    }
    return array;
}

/* The names are those of RFC 7591, 2, where it has one. */
static void
print_json(struct ctl *ctl, const struct client *cl)
{
    json_t *object =
        json_pack("{s:s,s:s,s:o}", "client_id", cl->id,
                  "token_endpoint_auth_method", client_auth_words[cl->auth],
                  "keys", keys_json(cl));

    if (cl->jwks_uri[0] != '\0'
        && (json_object_set_new(object, "jwks_uri",
                                json_string(cl->jwks_uri))
                != 0
            || json_object_set_new(object, "jwks_uri_state",
                                   ctl_keytable_look(ctl, cl))
                   != 0))
        abort();
    ctl_out_json(object);
}

void
ctl_keytable_made(struct ctl *ctl, const struct client *cl)
{
    struct ctl_table table;

    if (ctl->json) {
        print_json(ctl, cl);
        return;
    }
    ctl_table_init(&table, 2);
    ctl_table_fact(&table, "client_id", cl->id);
    ctl_table_fact(&table, "auth", client_auth_words[cl->auth]);
    ctl_keytable_facts(ctl, &table, cl);
    ctl_table_print(&table, false, false);
    ctl_table_wipe(&table);
    if (cl->n_keys > 0) {
        printf("\n");
        ctl_keytable_print(ctl, cl);
    }
}
