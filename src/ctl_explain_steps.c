/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * ccgrant explain: the steps of a request, line by line.
 */

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "budget.h"
#include "core/when.h"
#include "ctl_explain.h"
#include "ctl_out.h"
#include "possession.h"

/* Tells of a step that the request passed. */
typedef void tell_fn(struct ctl_tell *tell);

static tell_fn tell_request, tell_client, tell_type, tell_possession,
    tell_reuse, tell_limits, tell_token;

static const struct {
    const char *name;
    tell_fn *fn;
} steps[EXPLAIN__MAX] = {
    [EXPLAIN_REQUEST] = {"request", tell_request},
    [EXPLAIN_CLIENT] = {"client", tell_client},
    [EXPLAIN_TYPE] = {"grant type", tell_type},
    [EXPLAIN_POSSESSION] = {"possession", tell_possession},
    [EXPLAIN_DECISION] = {"decision", ctl_explain_grant},
    [EXPLAIN_REUSE] = {"reuse", tell_reuse},
    [EXPLAIN_LIMITS] = {"limits", tell_limits},
    [EXPLAIN_TOKEN] = {"token", tell_token},
};

static void tell_refusal(struct ctl_tell *tell);

void
ctl_explain_add(struct ctl_tell *tell, const char *outcome, const char *where,
                const char *fmt, ...)
{
    char text[CTL_EXPLAIN_TEXT_MAX];
    json_t *line;
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    line = json_pack("{s:s,s:s,s:o}", "step", steps[tell->step].name,
                     "outcome", outcome, "text", ctl_out_string(text));
    if (where[0] != '\0')
        json_object_set_new(line, "where", ctl_out_string(where));
    json_array_append_new(tell->steps, line);
}

const char *
ctl_explain_where(const struct ctl_tell *tell,
                  char where[CONF_LINES_TEXT_MAX], const char *fmt, ...)
{
    char path[CTL_EXPLAIN_PATH_MAX];
    va_list args;

    va_start(args, fmt);
    vsnprintf(path, sizeof(path), fmt, args);
    va_end(args);
    return conf_lines_find(tell->conf, path, where);
}

void
ctl_explain_steps(struct ctl_tell *tell)
{
    int step;

    for (step = 0; step < EXPLAIN__MAX; step++) {
        tell->step = (enum explain_step) step;
        if (tell->step == tell->ex->step) {
            tell_refusal(tell);
            return;
        }
        steps[step].fn(tell);
    }
}

static const char *
done(const struct ctl_tell *tell)
{
    return tell->is_supposed ? "supposed" : "ok";
}

static void
tell_request(struct ctl_tell *tell)
{
    ctl_explain_add(tell, done(tell), "", "a POST of a form");
}

static void
tell_networks(struct ctl_tell *tell, size_t n, const char *whose,
              const char *where)
{
    bool judged = tell->from[0] != '\0';

    if (n > 0)
        ctl_explain_add(tell, judged ? "ok" : "note", where,
                        "%s: %s", whose,
                        judged ? tell->from
                               : "not judged, for --from says no address");
}

static void
tell_client(struct ctl_tell *tell)
{
    const struct client *cl = tell->ex->entry->cl;
    char where[CONF_LINES_TEXT_MAX], until[WHEN_TEXT_MAX];

    ctl_explain_add(tell, done(tell), "",
                    "%s proves itself by %s (its record has --auth %s)",
                    cl->id,
                    tell->ex->method != 0
                        ? client_auth_words[tell->ex->method]
                        : "what its record says",
                    client_auth_words[cl->auth]);
    when_text(cl->expires, until);
    ctl_explain_add(tell, "ok", "", "it is enabled, and expires: %s", until);
    tell_networks(tell, tell->ctl->policy.n_networks,
                  "networks of the policy",
                  ctl_explain_where(tell, where, "networks"));
    tell_networks(tell, cl->n_networks, "networks of the record (--network)",
                  "");
}

static void
tell_type(struct ctl_tell *tell)
{
    ctl_explain_add(tell, "ok", "", "client_credentials");
}

static void
tell_possession(struct ctl_tell *tell)
{
    const struct client *cl = tell->ex->entry->cl;
    const struct policy *policy = &tell->ctl->policy;
    const struct binding *binding = &tell->ex->binding;
    enum dpop_nonce nonce = possession_nonce(cl, policy);
    bool has_cert = binding->x5t[0] != '\0', has_key = binding->jkt[0] != '\0';
    char where[CONF_LINES_TEXT_MAX];

    if (policy->mtls.required)
        ctl_explain_add(tell, "ok",
                        ctl_explain_where(tell, where, "mtls.required"),
                        "every client shows a certificate");
    ctl_explain_add(tell, "ok", "", "its record has --bind %s%s",
                    client_bind_words[cl->bind],
                    client_is_fapi2(cl, policy)
                        ? ", and FAPI 2.0 wants a bound token" : "");
    ctl_explain_add(tell, has_cert || has_key ? done(tell) : "ok", "",
                    "the token is bound to %s%s%s",
                    has_cert ? "the certificate" : "",
                    has_cert && has_key ? " and " : "",
                    has_key    ? "the key of the DPoP proof"
                    : has_cert ? "" : "nothing");
    if (has_key && tell->is_supposed && nonce == DPOP_NONCE_REQUIRED)
        ctl_explain_add(tell, "note",
                        cl->dpop_nonce != DPOP_NONCE_DEFAULT
                            ? ""
                            : ctl_explain_where(tell, where, "dpop.nonce"),
                        "the proof needs a nonce, which the answer to the "
                        "first one brings (use_dpop_nonce)");
}

/* What a worker has given before is in its memory alone (src/reuse.h). */
static void
tell_reuse(struct ctl_tell *tell)
{
    int64_t percent = tell->ex->entry->cl->reuse;
    int64_t lifetime = tell->ex->grant.lifetime;

    if (percent == 0)
        return;
    ctl_explain_add(tell, "note", "",
                    "a worker that gave a token for the same, bound to the "
                    "same, gives it again while %lld of its %lld s are left "
                    "(--reuse %lld), and counts it in no budget",
                    (long long) ((percent * lifetime + 99) / 100),
                    (long long) lifetime, (long long) percent);
    ctl_explain_add(tell, "note", "",
                    "whether one has it cannot be told from here: each keeps "
                    "its own until state or policy change, and plain CGI "
                    "none; what follows is of a new token");
}

/* What is left of each budget. */
static void
tell_budgets(struct ctl_tell *tell)
{
    struct budget budget;
    size_t i;

    budget_of(&budget, tell->ex->entry->cl);
    for (i = 0; i < budget.n; i++) {
        struct expiring_count *count = &budget.counts[i];

        if (expiring_count_read(tell->ctl->service.expiring, count,
                                tell->ctl->now, NULL)
            != 0)
            continue;
        ctl_explain_add(tell, count->tally.n < count->limit ? "ok" : "note",
                        "",
                        "%lld of %lld tokens of this %s are given (--budget)",
                        (long long) count->tally.n, (long long) count->limit,
                        client_period_words[budget.periods[i]]);
    }
}

static void
tell_limits(struct ctl_tell *tell)
{
    tell_budgets(tell);
    ctl_explain_add(tell, done(tell), "",
                    "nothing that can be used once was used before");
}

static void
tell_token(struct ctl_tell *tell)
{
    const struct explain *ex = tell->ex;

    if (ex->kid[0] != '\0')
        ctl_explain_add(tell, "ok", "", "signed with the key %s (%s)",
                        ex->kid, jose_name(ex->grant.alg));
    else
        ctl_explain_add(tell, "ok", "", "opaque: its claims are told at "
                                        "introspection");
}

/* Where the key is, or the list that it is a member of. */
static const char *
find_key(const struct ctl_tell *tell, const char *key,
         char where[CONF_LINES_TEXT_MAX])
{
    const char *dot = strchr(key, '.');

    if (*ctl_explain_where(tell, where, "%s", key) == '\0' && dot != NULL
        && (strncmp(key, "resources.", 10) == 0
            || strncmp(key, "details.", 8) == 0))
        (void) ctl_explain_where(tell, where, "%.*s", (int) (dot - key), key);
    return where;
}

/* What the administrator asks or changes the record with. */
static const char *
cure_of(const char *option)
{
    if (strcmp(option, "disable") == 0)
        return "client enable";
    return strcmp(option, "secret") == 0 ? "secret list" : "client set";
}

/* The refusal, then what of policy and record its rule is about. */
static void
tell_refusal(struct ctl_tell *tell)
{
    const struct explain *ex = tell->ex;
    const struct rule_row *row = rule_row(ex->why.rule);
    char where[CONF_LINES_TEXT_MAX] = "";

    if (row->key[0] != '\0')
        (void) find_key(tell, row->key, where);
    ctl_explain_add(tell, "refused", where, "%s", ex->why.text);
    if (row->key[0] != '\0')
        ctl_explain_add(tell, "note", "", "by the policy: %s%s", row->key,
                        where[0] != '\0' ? "" : ", which has its default");
    if (row->option[0] != '\0')
        ctl_explain_add(tell, "note", "", "by the record: ccgrant %s%s%s",
                        cure_of(row->option),
                        strcmp(cure_of(row->option), "client set") == 0
                            ? " --" : "",
                        strcmp(cure_of(row->option), "client set") == 0
                            ? row->option : "");
    if (ex->step == EXPLAIN_LIMITS && ex->entry != NULL)
        tell_budgets(tell);
    if (ex->entry != NULL && ex->step == EXPLAIN_DECISION)
        ctl_explain_subject(tell);
}

static const char *
name_rule(const struct explain *ex)
{
    if (ex->outcome == OAUTH_UNAVAILABLE && ex->why.rule == RULE_NONE)
        return rule_name(RULE_SERVER_FAILED);
    return rule_name(ex->why.rule);
}

static json_t *
describe_refusal(const struct explain *ex)
{
    const struct rule_row *row = rule_row(ex->why.rule);

    return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:o}", "error",
                     oauth_name(ex->outcome), "rule", name_rule(ex),
                     "sentence", row->sentence, "clause", row->clause, "key",
                     row->key, "option", row->option, "reason",
                     ctl_out_string(ex->why.text));
}

static json_t *
describe_token(const struct explain *ex)
{
    json_t *claims =
        json_loads(ex->claims, JSON_REJECT_DUPLICATES, NULL);
    json_t *token = json_pack(
        "{s:s,s:I,s:o*}", "format", client_format_words[ex->grant.format],
        "expires_in", (json_int_t) ex->grant.lifetime, "claims", claims);

    if (ex->kid[0] != '\0') {
        json_object_set_new(token, "alg",
                            json_string(jose_name(ex->grant.alg)));
        json_object_set_new(token, "kid", json_string(ex->kid));
    }
    json_object_del(claims, "jti"); /* It has none yet. */
    return token;
}

struct json_t *
ctl_explain_document(struct ctl_tell *tell)
{
    const struct explain *ex = tell->ex;
    json_t *document;

    tell->steps = json_array();
    ctl_explain_steps(tell);
    document = json_pack("{s:o,s:b,s:i}", "client_id",
                         ctl_out_string(ex->client_id), "issued",
                         ex->outcome == OAUTH_OK, "status",
                         oauth_status(ex->outcome));
    if (ex->outcome != OAUTH_OK)
        json_object_update_new(document, describe_refusal(ex));
    else
        json_object_set_new(document, "token", describe_token(ex));
    json_object_set_new(document, "steps", tell->steps);
    return document;
}
