/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What a supposed request would get, and the step that each rule belongs to.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explain.h"
#include "sample.h"
#include "tap.h"
#include "world.h"

static struct world world;

static const struct row {
    const char *sentence;
    const char *id; /* NULL: "app" */
    enum client_auth method;
    const char *from, *scope, *resource, *type; /* type NULL: the right one */
    bool has_cert, has_proof;
    enum rule rule;
    enum explain_step step;
} rows[] = {
    {.sentence = "a client that is not there", .id = "nobody",
     .rule = RULE_AUTH_UNKNOWN, .step = EXPLAIN_CLIENT},
    {.sentence = "an id that none can have", .id = " ",
     .rule = RULE_AUTH_UNKNOWN, .step = EXPLAIN_CLIENT},
    {.sentence = "a disabled client", .id = "off",
     .rule = RULE_AUTH_DISABLED, .step = EXPLAIN_CLIENT},
    {.sentence = "a client in the second in which it expires", .id = "over",
     .rule = RULE_AUTH_EXPIRED, .step = EXPLAIN_CLIENT},
    {.sentence = "keys of who has secrets", .method = AUTH_PRIVATE_KEY_JWT,
     .rule = RULE_AUTH_METHOD, .step = EXPLAIN_CLIENT},
    {.sentence = "a certificate of who has secrets", .method = AUTH_TLS,
     .rule = RULE_AUTH_METHOD, .step = EXPLAIN_CLIENT},
    {.sentence = "a secret of who has a certificate", .id = "tls",
     .method = AUTH_SECRET_POST, .rule = RULE_AUTH_METHOD,
     .step = EXPLAIN_CLIENT},
    {.sentence = "another network", .id = "near", .from = "192.0.2.1",
     .rule = RULE_AUTH_NETWORK, .step = EXPLAIN_CLIENT},
    {.sentence = "another grant type", .type = "password",
     .rule = RULE_GRANT_TYPE, .step = EXPLAIN_TYPE},
    {.sentence = "no grant type", .type = "", .rule = RULE_GRANT_MISSING,
     .step = EXPLAIN_TYPE},
    {.sentence = "no proof", .id = "dpop", .rule = RULE_POSSESSION_REQUIRED,
     .step = EXPLAIN_POSSESSION},
    {.sentence = "a certificate in place of a proof", .id = "dpop",
     .has_cert = true, .rule = RULE_POSSESSION_REQUIRED,
     .step = EXPLAIN_POSSESSION},
    {.sentence = "an unknown scope", .scope = "x",
     .rule = RULE_SCOPE_UNKNOWN, .step = EXPLAIN_DECISION},
    {.sentence = "a scope of others", .scope = "orders.write",
     .rule = RULE_SCOPE_NOT_GRANTED, .step = EXPLAIN_DECISION},
    {.sentence = "a resource of nobody", .resource = "https://x/",
     .rule = RULE_RESOURCE_UNKNOWN, .step = EXPLAIN_DECISION},
    {.sentence = "scopes of two resources",
     .rule = RULE_SCOPE_SEVERAL_RESOURCES, .step = EXPLAIN_DECISION},
    {.sentence = "an algorithm without a key", .scope = "bills.read",
     .rule = RULE_SERVER_KEY, .step = EXPLAIN_TOKEN},
    {.sentence = "a scope of the client", .scope = "orders.read",
     .step = EXPLAIN__MAX},
    {.sentence = "from its network", .id = "near", .from = "198.51.100.1",
     .scope = "orders.read", .step = EXPLAIN__MAX},
    {.sentence = "from nobody knows where", .id = "near",
     .scope = "orders.read", .step = EXPLAIN__MAX},
    {.sentence = "one kind of certificate for the other", .id = "tls",
     .method = AUTH_SELF_SIGNED_TLS, .scope = "orders.read",
     .step = EXPLAIN__MAX},
    {.sentence = "a proof", .id = "dpop", .has_proof = true,
     .scope = "orders.read", .step = EXPLAIN__MAX},
    {.sentence = "an opaque token without a key", .id = "opaque",
     .scope = "bills.read", .step = EXPLAIN__MAX},
};

static void
set(struct form_value *value, const char *text)
{
    value->text = text != NULL ? text : "";
    value->len = strlen(value->text);
}

static void
test_row(const struct row *row)
{
    struct form form;
    struct explain_wish wish = {
        .client_id = row->id != NULL ? row->id : "app",
        .method = row->method,
        .from = row->from != NULL ? row->from : "",
        .has_cert = row->has_cert,
        .has_proof = row->has_proof,
        .form = &form,
    };
    struct explain ex;
    size_t i;

    memset(&form, 0, sizeof(form));
    for (i = 0; i < FORM__MAX; i++)
        set(&form.value[i], "");
    set(&form.value[FORM_GRANT_TYPE],
        row->type != NULL ? row->type : "client_credentials");
    set(&form.value[FORM_SCOPE], row->scope);
    if (row->resource != NULL)
        set(&form.resource[form.n_resources++], row->resource);
    explain_client(&world.service, &wish, WORLD_NOW, &ex);
    tap_is_int(row->step, ex.step, "%s: the step", row->sentence);
    if (row->step != EXPLAIN__MAX) {
        tap_is_str(rule_name(row->rule), rule_name(ex.why.rule),
                   "%s: the rule", row->sentence);
        tap_ok(ex.outcome != OAUTH_OK && ex.claims[0] == '\0',
               "%s: no token", row->sentence);
    } else {
        tap_ok(strstr(ex.claims, "\"sub\":\"") != NULL, "%s: a token",
               row->sentence);
        tap_is_int(row->has_proof,
                   strstr(ex.claims, "\"jkt\":\"" EXPLAIN_SUPPOSED "\"")
                       != NULL,
                   "%s: what it is bound to", row->sentence);
    }
    explain_free(&ex);
}

/* Every rule is of one step; those of the server's own trouble may be any. */
static void
test_steps(void)
{
    static const struct {
        enum rule rule;
        enum explain_step step;
    } steps[] = {
        {RULE_REQUEST_FORM, EXPLAIN_REQUEST},
        {RULE_AUTH_SECRET, EXPLAIN_CLIENT},
        {RULE_ASSERTION_AUD, EXPLAIN_CLIENT},
        {RULE_ASSERTION_REPLAY, EXPLAIN_LIMITS},
        {RULE_LIMITS_LOCKOUT, EXPLAIN_CLIENT},
        {RULE_GRANT_TYPE, EXPLAIN_TYPE},
        {RULE_POSSESSION_POLICY, EXPLAIN_POSSESSION},
        {RULE_DPOP_NONCE, EXPLAIN_POSSESSION},
        {RULE_DPOP_REPLAY, EXPLAIN_LIMITS},
        {RULE_RESOURCE_NEEDED, EXPLAIN_DECISION},
        {RULE_DETAILS_TYPE, EXPLAIN_DECISION},
        {RULE_CLAIMS_SIZE, EXPLAIN_DECISION},
        {RULE_TOKEN_ALG, EXPLAIN_DECISION},
        {RULE_LIMITS_BUDGET, EXPLAIN_LIMITS},
        {RULE_SERVER_KEY, EXPLAIN_TOKEN},
    };
    size_t i;

    for (i = 0; i < LEN(steps); i++)
        tap_is_int(steps[i].step, explain_step(steps[i].rule),
                   "the step of %s", rule_name(steps[i].rule));
}

static void
add_clients(void)
{
    struct client *cl;

    world_store(world_client("app", "batch"));
    cl = world_client("off", "batch");
    cl->enabled = false;
    world_store(cl);
    cl = world_client("over", "batch");
    cl->expires = WORLD_NOW;
    world_store(cl);
    cl = world_client("tls", "batch");
    cl->auth = AUTH_TLS;
    world_store(cl);
    cl = world_client("dpop", "batch");
    cl->bind = BIND_DPOP;
    world_store(cl);
    cl = world_client("opaque", "batch");
    cl->format = FORMAT_OPAQUE;
    world_store(cl);
    cl = world_client("near", "batch");
    cl->networks = calloc(1, sizeof(*cl->networks));
    if (cl->networks == NULL
        || cidr_parse(cl->networks, "198.51.100.0/24", NULL) != 0)
        abort();
    cl->n_networks = 1;
    world_store(cl);
}

int
main(void)
{
    size_t i;

    world_open(&world);
    world_key(&world, JOSE_ES256, WORLD_NOW - 60);
    add_clients();
    for (i = 0; i < LEN(rows); i++)
        test_row(&rows[i]);
    test_steps();
    world_close(&world);
    return tap_done();
}
