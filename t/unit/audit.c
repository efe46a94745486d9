/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Log lines: what they say, and that no client can forge one.
 */

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "core/audit.h"
#include "tap.h"

static const struct {
    const char *sentence;
    const char *endpoint, *client, *from, *jti, *scope, *reason;
    enum oauth_error outcome;
    enum audit_done done;
    int64_t when;
    const char *logfmt;
    const char *json;
} rows[] = {
    {"a token issued", "token", "batch-7", "192.0.2.1", "AAEC", "a b", "",
     OAUTH_OK, AUDIT_ISSUED, 1800000000,
     "time=\"2027-01-15T08:00:00Z\" endpoint=\"token\" outcome=\"issued\" "
     "client=\"batch-7\" from=\"192.0.2.1\" jti=\"AAEC\" scope=\"a b\"",
     "{\"time\":\"2027-01-15T08:00:00Z\",\"endpoint\":\"token\","
     "\"outcome\":\"issued\",\"client\":\"batch-7\",\"from\":\"192.0.2.1\","
     "\"jti\":\"AAEC\",\"scope\":\"a b\"}"},
    {"a refusal, without a time", "token", "batch-7", "::1", "", "",
     "no live secret of the client matches", OAUTH_INVALID_CLIENT,
     AUDIT_NOTHING, 0,
     "endpoint=\"token\" outcome=\"invalid_client\" client=\"batch-7\" "
     "from=\"::1\" reason=\"no live secret of the client matches\"",
     "{\"endpoint\":\"token\",\"outcome\":\"invalid_client\","
     "\"client\":\"batch-7\",\"from\":\"::1\","
     "\"reason\":\"no live secret of the client matches\"}"},
    {"nobody from nowhere", "none", "", "", "", "", "x", OAUTH_NOT_FOUND,
     AUDIT_NOTHING, 0,
     "endpoint=\"none\" outcome=\"invalid_request\" reason=\"x\"",
     "{\"endpoint\":\"none\",\"outcome\":\"invalid_request\","
     "\"reason\":\"x\"}"},
    {"a reason left over is not that of a token", "token", "a", "", "j", "",
     "old", OAUTH_OK, AUDIT_ISSUED, 0,
     "endpoint=\"token\" outcome=\"issued\" client=\"a\" jti=\"j\"",
     "{\"endpoint\":\"token\",\"outcome\":\"issued\",\"client\":\"a\","
     "\"jti\":\"j\"}"},
    {"a token revoked", "revoke", "a", "", "j", "", "", OAUTH_OK,
     AUDIT_REVOKED, 0,
     "endpoint=\"revoke\" outcome=\"revoked\" client=\"a\" jti=\"j\"",
     "{\"endpoint\":\"revoke\",\"outcome\":\"revoked\",\"client\":\"a\","
     "\"jti\":\"j\"}"},
    {"a token revoked, and what went wrong", "revoke", "a", "", "j", "",
     "no list", OAUTH_OK, AUDIT_REVOKED, 0,
     "endpoint=\"revoke\" outcome=\"revoked\" client=\"a\" jti=\"j\" "
     "reason=\"no list\"",
     "{\"endpoint\":\"revoke\",\"outcome\":\"revoked\",\"client\":\"a\","
     "\"jti\":\"j\",\"reason\":\"no list\"}"},
    {"a token left alone", "revoke", "a", "", "", "", "it has expired",
     OAUTH_OK, AUDIT_IGNORED, 0,
     "endpoint=\"revoke\" outcome=\"ignored\" client=\"a\" "
     "reason=\"it has expired\"",
     "{\"endpoint\":\"revoke\",\"outcome\":\"ignored\",\"client\":\"a\","
     "\"reason\":\"it has expired\"}"},
    {"a quotation mark ends no field", "token", "a\" outcome=\"issued", "",
     "", "", "x", OAUTH_INVALID_CLIENT, AUDIT_NOTHING, 0,
     "endpoint=\"token\" outcome=\"invalid_client\" "
     "client=\"a\\\" outcome=\\\"issued\" reason=\"x\"",
     "{\"endpoint\":\"token\",\"outcome\":\"invalid_client\","
     "\"client\":\"a\\u0022 outcome=\\u0022issued\",\"reason\":\"x\"}"},
    {"a line end ends no line", "token", "a\nendpoint=\"x\"\r\n", "", "", "",
     "x", OAUTH_INVALID_CLIENT, AUDIT_NOTHING, 0,
     "endpoint=\"token\" outcome=\"invalid_client\" "
     "client=\"a\\x0Aendpoint=\\\"x\\\"\\x0D\\x0A\" reason=\"x\"",
     "{\"endpoint\":\"token\",\"outcome\":\"invalid_client\","
     "\"client\":\"a\\u000aendpoint=\\u0022x\\u0022\\u000d\\u000a\","
     "\"reason\":\"x\"}"},
    {"an escape character reaches no terminal", "token", "\x1b[31m\\", "",
     "", "", "x", OAUTH_INVALID_CLIENT, AUDIT_NOTHING, 0,
     "endpoint=\"token\" outcome=\"invalid_client\" "
     "client=\"\\x1B[31m\\\\\" reason=\"x\"",
     "{\"endpoint\":\"token\",\"outcome\":\"invalid_client\","
     "\"client\":\"\\u001b[31m\\u005c\",\"reason\":\"x\"}"},
    {"UTF-8 stays in JSON", "token", "\xc2\xa3", "", "", "", "x",
     OAUTH_INVALID_CLIENT, AUDIT_NOTHING, 0,
     "endpoint=\"token\" outcome=\"invalid_client\" client=\"\\xC2\\xA3\" "
     "reason=\"x\"",
     "{\"endpoint\":\"token\",\"outcome\":\"invalid_client\","
     "\"client\":\"\xc2\xa3\",\"reason\":\"x\"}"},
    {"a character that was cut is left out of JSON", "token", "a\xe2\x82",
     "", "", "", "x\xc2", OAUTH_INVALID_CLIENT, AUDIT_NOTHING, 0,
     "endpoint=\"token\" outcome=\"invalid_client\" "
     "client=\"a\\xE2\\x82\" reason=\"x\\xC2\"",
     "{\"endpoint\":\"token\",\"outcome\":\"invalid_client\","
     "\"client\":\"a\",\"reason\":\"x\"}"},
    {"bytes that are not UTF-8 are left out of JSON", "token", "", "\xff\xfe",
     "", "", "x", OAUTH_INVALID_CLIENT, AUDIT_NOTHING, 0,
     "endpoint=\"token\" outcome=\"invalid_client\" from=\"\\xFF\\xFE\" "
     "reason=\"x\"",
     "{\"endpoint\":\"token\",\"outcome\":\"invalid_client\","
     "\"from\":\"\",\"reason\":\"x\"}"},
};

static void
set_audit(struct audit *audit, size_t row)
{
    memset(audit, 0, sizeof(*audit));
    audit->endpoint = rows[row].endpoint;
    audit->outcome = rows[row].outcome;
    audit->done = rows[row].done;
    audit->from = rows[row].from;
    snprintf(audit->client_id, sizeof(audit->client_id), "%s",
             rows[row].client);
    snprintf(audit->jti, sizeof(audit->jti), "%s", rows[row].jti);
    snprintf(audit->scope, sizeof(audit->scope), "%s", rows[row].scope);
    snprintf(audit->why.text, sizeof(audit->why.text), "%s",
             rows[row].reason);
}

static void
test_compat(void)
{
    struct audit audit;
    char line[AUDIT_LINE_MAX];
    struct sbuf sb;

    set_audit(&audit, 0);
    audit.compat = COMPAT_BASIC | COMPAT_AUD;
    sbuf_init(&sb, line, sizeof(line));
    audit_line(&sb, &audit, false, 0);
    tap_ok(strstr(line, "scope=\"a b\" compat=\"basic aud-claim\"") != NULL,
           "what was done for a client that cannot be changed");
    audit.compat = COMPAT_BASIC | COMPAT_SCOPE | COMPAT_TYP | COMPAT_AUD;
    sbuf_init(&sb, line, sizeof(line));
    audit_line(&sb, &audit, true, 0);
    tap_ok(strstr(line, "\"compat\":\"basic scope-claim token-typ "
                        "aud-claim\"}")
               != NULL,
           "all of it, in JSON: %s", line);
}

static void
test_rule(void)
{
    struct audit audit;
    char line[AUDIT_LINE_MAX];
    struct sbuf sb;

    set_audit(&audit, 1);
    audit.why.rule = RULE_AUTH_SECRET;
    sbuf_init(&sb, line, sizeof(line));
    audit_line(&sb, &audit, false, 0);
    tap_ok(strstr(line, "from=\"::1\" rule=\"auth.secret\" reason=\"no ")
               != NULL,
           "a refusal has its rule: %s", line);
    sbuf_init(&sb, line, sizeof(line));
    audit_line(&sb, &audit, true, 0);
    tap_ok(strstr(line, "\"rule\":\"auth.secret\",\"reason\":\"no ") != NULL,
           "in JSON too: %s", line);
    audit.why.rule = RULE_NONE;
    audit.outcome = OAUTH_UNAVAILABLE;
    sbuf_init(&sb, line, sizeof(line));
    audit_line(&sb, &audit, false, 0);
    tap_ok(strstr(line, "rule=\"server.failed\"") != NULL,
           "what no rule names is this server's own trouble: %s", line);
    set_audit(&audit, 0);
    audit.why.rule = RULE_AUTH_SECRET;
    sbuf_init(&sb, line, sizeof(line));
    audit_line(&sb, &audit, false, 0);
    tap_ok(strstr(line, "rule=") == NULL,
           "a token has no rule that refused it");
}

/* The longest line of the worst characters is a line, and is JSON. */
static void
test_room(void)
{
    static struct audit audit;
    static char line[AUDIT_LINE_MAX];
    struct sbuf sb;
    json_t *doc;

    audit.endpoint = "token";
    audit.outcome = OAUTH_INVALID_CLIENT;
    audit.from = "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff";
    memset(audit.client_id, '\n', sizeof(audit.client_id) - 1);
    memset(audit.why.text, '"', sizeof(audit.why.text) - 1);
    sbuf_init(&sb, line, sizeof(line));
    audit_line(&sb, &audit, true, 1);
    doc = json_loads(line, 0, NULL);
    tap_ok(!sb.overflow && doc != NULL, "the longest refusal fits");
    json_decref(doc);
    audit.outcome = OAUTH_OK;
    memset(audit.scope, 's', sizeof(audit.scope) - 1);
    sbuf_init(&sb, line, sizeof(line));
    audit_line(&sb, &audit, true, 1);
    doc = json_loads(line, 0, NULL);
    tap_ok(!sb.overflow && doc != NULL, "the longest token fits");
    json_decref(doc);
}

/* What was no request. */
static void
test_event(void)
{
    static const char why[] = "/p:4: \x01\": unknown";
    char line[AUDIT_LINE_MAX];
    struct sbuf sb;

    sbuf_init(&sb, line, sizeof(line));
    audit_event(&sb, "policy_kept", why, false, 0);
    tap_is_str("event=\"policy_kept\" reason=\"/p:4: \\x01\\\": unknown\"",
               line, "an event in logfmt");
    sbuf_init(&sb, line, sizeof(line));
    audit_event(&sb, "policy_kept", why, true, 1);
    tap_is_str("{\"time\":\"1970-01-01T00:00:01Z\","
               "\"event\":\"policy_kept\","
               "\"reason\":\"/p:4: \\u0001\\u0022: unknown\"}",
               line, "an event in JSON, with its time");
}

int
main(void)
{
    char line[AUDIT_LINE_MAX];
    struct audit audit;
    struct sbuf sb;
    size_t i;

    for (i = 0; i < LEN(rows); i++) {
        json_t *doc;

        set_audit(&audit, i);
        sbuf_init(&sb, line, sizeof(line));
        audit_line(&sb, &audit, false, rows[i].when);
        tap_is_str(rows[i].logfmt, line, "logfmt: %s", rows[i].sentence);
        sbuf_init(&sb, line, sizeof(line));
        audit_line(&sb, &audit, true, rows[i].when);
        tap_is_str(rows[i].json, line, "JSON: %s", rows[i].sentence);
        doc = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
        tap_ok(doc != NULL, "it is JSON: %s", rows[i].sentence);
        json_decref(doc);
    }
    test_compat();
    test_rule();
    test_event();
    test_room();
    return tap_done();
}
