/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * ccgrant explain: why a request is refused, or would be, and what it gets.
 */

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/cidr.h"
#include "core/forwarded.h"
#include "core/route.h"
#include "core/when.h"
#include "ctl.h"
#include "ctl_args.h"
#include "ctl_explain.h"
#include "ctl_form.h"
#include "ctl_out.h"
#include "ctl_rawrequest.h"
#include "ctl_record.h"
#include "io/path.h"

/* What is at hand while one request is judged. */
struct question {
    struct explain_wish wish;
    struct ctl_form asked;
    struct ctl_rawrequest raw;
    char from[CIDR_TEXT_MAX]; /* who sent it, or "" */
    char origin[CIDR_TEXT_MAX];
    struct errtext origin_why;
    struct explain ex;
};

static int check_usage(const struct ctl *ctl, struct errtext *why);
static int print_rules(const struct ctl *ctl);
static int run(struct ctl *ctl, struct question *q, struct errtext *why);
static int open_service(struct ctl *ctl, struct errtext *why);
static int ask_supposed(struct ctl *ctl, struct question *q,
                        struct errtext *why);
static int ask_captured(struct ctl *ctl, struct question *q,
                        struct errtext *why);
static int answer(struct ctl *ctl, struct question *q);
static void print(const struct ctl *ctl, const json_t *document);

int
ctl_explain(struct ctl *ctl, struct errtext *why)
{
    struct question *q = alloc_zero(1, sizeof(*q));
    int rc;

    rc = check_usage(ctl, why);
    if (rc == 0)
        rc = ctl_args_has(ctl, "rules") ? print_rules(ctl)
                                        : run(ctl, q, why);
    explain_free(&q->ex);
    ctl_rawrequest_free(&q->raw);
    free(q);
    return rc;
}

static int
usage(struct errtext *why, const char *text)
{
    errtext_set(why, "%s", text);
    return CTL_USAGE;
}

/* A captured request says by itself what is supposed of another. */
static int
check_usage(const struct ctl *ctl, struct errtext *why)
{
    static const char *const supposed[] = {"scope", "resource", "details",
                                           "method", "bound", "grant-type"};
    bool captured = ctl_args_has(ctl, "request");
    int asked = captured + (ctl->n_args > 0) + ctl_args_has(ctl, "rules");
    size_t i;

    if (asked != 1)
        return usage(why, "give either the id of a client, or --request "
                          "FILE, or --rules");
    if (ctl_args_has(ctl, "at") && !captured)
        return usage(why, "--at goes with --request");
    for (i = 0; i < sizeof(supposed) / sizeof(supposed[0]); i++) {
        if (!captured || !ctl_args_has(ctl, supposed[i]))
            continue;
        errtext_set(why, "--%s is not for a captured request, which says it",
                    supposed[i]);
        return CTL_USAGE;
    }
    return 0;
}

static int
print_rules(const struct ctl *ctl)
{
    json_t *rules = json_array();
    int rule;

    for (rule = RULE_NONE + 1; rule < RULE__MAX; rule++) {
        const struct rule_row *row = rule_row((enum rule) rule);

        json_array_append_new(
            rules, json_pack("{s:s,s:s,s:s,s:s,s:s}", "rule", row->name,
                             "sentence", row->sentence, "clause", row->clause,
                             "key", row->key, "option", row->option));
        if (!ctl->json)
            printf("%-26s %s\n", row->name, row->sentence);
    }
    if (ctl->json)
        ctl_out_json(rules);
    else
        json_decref(rules);
    return CTL_DONE;
}

static int
run(struct ctl *ctl, struct question *q, struct errtext *why)
{
    int rc = open_service(ctl, why);

    if (rc == 0)
        rc = ctl_args_has(ctl, "request") ? ask_captured(ctl, q, why)
                                          : ask_supposed(ctl, q, why);
    return rc == 0 ? answer(ctl, q) : rc;
}

static int
open_service(struct ctl *ctl, struct errtext *why)
{
    if (ctl_record_policy(ctl, why) != 0
        || path_become_owner(ctl->policy.state, why) != 0)
        return -1;
    return service_open(&ctl->service, &ctl->policy, STORE_TRIES, why);
}

/* The address of --from, or "". */
static int
read_from(const struct ctl *ctl, char address[CIDR_TEXT_MAX],
          struct errtext *why)
{
    const char *text = ctl_args_value(ctl, "from");

    address[0] = '\0';
    if (text == NULL || cidr_address(text, address) == 0)
        return 0;
    errtext_set(why, "--from: expected an IPv4 or IPv6 address");
    return CTL_USAGE;
}

static int
read_method(const struct ctl *ctl, struct explain_wish *wish,
            struct errtext *why)
{
    int i;

    if (!ctl_args_has(ctl, "method"))
        return 0;
    for (i = 1; i < AUTH__MAX; i++) {
        if (strcmp(client_auth_words[i], ctl_args_value(ctl, "method")) == 0)
            wish->method = (enum client_auth) i;
    }
    if (wish->method != 0)
        return 0;
    return usage(why, "--method: expected client_secret_basic, "
                      "client_secret_post, client_secret_jwt, "
                      "private_key_jwt, tls_client_auth or "
                      "self_signed_tls_client_auth");
}

static int
read_bound(const struct ctl *ctl, struct explain_wish *wish,
           struct errtext *why)
{
    const char *value;
    size_t at = 0;

    while ((value = ctl_args_next(ctl, "bound", &at)) != NULL) {
        if (strcmp(value, "mtls") == 0)
            wish->has_cert = true;
        else if (strcmp(value, "dpop") == 0)
            wish->has_proof = true;
        else
            return usage(why, "--bound: expected mtls or dpop");
    }
    return 0;
}

static int
ask_supposed(struct ctl *ctl, struct question *q, struct errtext *why)
{
    int rc;

    q->wish.client_id = ctl->args[0];
    q->wish.from = q->from;
    q->wish.form = &q->asked.form;
    if ((rc = read_from(ctl, q->from, why)) != 0
        || (rc = read_method(ctl, &q->wish, why)) != 0
        || (rc = read_bound(ctl, &q->wish, why)) != 0
        || (rc = ctl_form_fill(ctl, &q->asked, why)) != 0)
        return rc;
    explain_client(&ctl->service, &q->wish, ctl->now, &q->ex);
    return 0;
}

/* The time of --at, else that of the request, else the present. */
static int
choose_time(const struct ctl *ctl, const struct question *q, int64_t *at,
            struct errtext *why)
{
    const char *text = ctl_args_value(ctl, "at");

    *at = q->raw.date > 0 ? q->raw.date : ctl->now;
    if (text == NULL)
        return 0;
    if (when_parse(at, text, ctl->now, why) == 0 && *at > 0)
        return 0;
    errtext_context(why, "--at");
    return CTL_USAGE;
}

/* The origin, as the responder finds it. */
static void
find_origin(const struct ctl *ctl, struct question *q, struct request *rq)
{
    if (rq->remote_addr[0] == '\0')
        return;
    rq->origin =
        forwarded_origin(&ctl->policy, rq, q->origin, &q->origin_why);
    rq->origin_why = q->origin_why.text;
}

static int
ask_captured(struct ctl *ctl, struct question *q, struct errtext *why)
{
    struct request *rq = &q->raw.rq;
    int64_t at;
    int rc;

    if ((rc = read_from(ctl, q->from, why)) != 0
        || (rc = ctl_rawrequest_read(&q->raw, ctl_args_value(ctl, "request"),
                                     q->from, (size_t) ctl->policy.limits.body,
                                     why))
               != 0
        || (rc = choose_time(ctl, q, &at, why)) != 0)
        return rc;
    if (route(&ctl->policy, q->raw.path, "") != ENDPOINT_TOKEN)
        return errtext_set(why, "the path of the request is not that of the "
                                "token endpoint");
    find_origin(ctl, q, rq);
    explain_request(&ctl->service, rq, at, &q->ex);
    return 0;
}

static int
answer(struct ctl *ctl, struct question *q)
{
    struct ctl_tell tell = {
        .ctl = ctl,
        .ex = &q->ex,
        .from = q->raw.rq.origin != NULL ? q->raw.rq.origin : q->from,
        .is_supposed = !ctl_args_has(ctl, "request"),
        .conf = conf_lines_open(ctl->policy.file),
    };
    json_t *document = ctl_explain_document(&tell);

    conf_lines_close(tell.conf);
    if (ctl->json) {
        ctl_out_json(document);
    } else {
        print(ctl, document);
        json_decref(document);
    }
    return q->ex.outcome == OAUTH_OK ? CTL_DONE : CTL_NO;
}

static const char *
member(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text != NULL ? text : "";
}

static void
print_line(const json_t *line, const char *before)
{
    const char *step = member(line, "step"), *where = member(line, "where");
    char *text = ctl_out_clean(member(line, "text"));
    char *at = ctl_out_clean(where);

    printf("%-11s %-9s %s%s%s%s\n", strcmp(step, before) == 0 ? "" : step,
           member(line, "outcome"), text, *at != '\0' ? " (" : "", at,
           *at != '\0' ? ")" : "");
    free(text);
    free(at);
}

static void
print(const struct ctl *ctl, const json_t *document)
{
    const json_t *steps = json_object_get(document, "steps"), *line;
    bool issued = json_is_true(json_object_get(document, "issued"));
    const char *before = "";
    size_t i;

    json_array_foreach(steps, i, line) {
        print_line(line, before);
        before = member(line, "step");
    }
    printf("\n%s%lld%s ", !ctl->colour ? "" : issued ? "\033[32m" : "\033[31m",
           (long long) json_integer_value(json_object_get(document,
                                                          "status")),
           ctl->colour ? "\033[0m" : "");
    if (!issued) {
        printf("%s: rule %s\n%s%s%s%s.\n", member(document, "error"),
               member(document, "rule"), member(document, "sentence"),
               *member(document, "clause") != '\0' ? " (" : "",
               member(document, "clause"),
               *member(document, "clause") != '\0' ? ")" : "");
        return;
    }
    printf("a token with these claims, and a jti:\n");
    (void) json_dumpf(json_object_get(json_object_get(document, "token"),
                                      "claims"),
                      stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII);
    printf("\n");
}
