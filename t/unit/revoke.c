/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The revocation endpoint in one process: what is revoked, and that the answer
 * does not tell.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "active.h"
#include "fake_expiring.h"
#include "fake_store.h"
#include "revoke.h"
#include "sample.h"
#include "tap.h"
#include "world.h"

static struct world world;
static struct reply rp;
static struct audit audit;
static char token[MINT_TOKEN_MAX];

static void
ask(const struct world_sent *sent)
{
    struct request rq = world_request(sent, "app:first", token);

    memset(&rp, 0x55, sizeof(rp));
    memset(&audit, 0, sizeof(audit));
    audit.from = rq.remote_addr;
    revoke_answer(&world.service, &rq, WORLD_NOW + sent->later, &rp, &audit);
}

static bool
is_active(int64_t later)
{
    struct active active;
    struct errtext why;

    return active_find(&world.service, token, strlen(token),
                       WORLD_NOW + later, &active, &why)
           == 1;
}

/* The one answer there is to whoever authenticates, headers included. */
static bool
is_done(void)
{
    static const char expected[] =
        "Status: 200 OK\r\nContent-Type: application/json\r\n"
        "Content-Length: 2\r\nCache-Control: no-store\r\n"
        "Pragma: no-cache\r\nX-Content-Type-Options: nosniff\r\n\r\n";
    char head[REPLY_HEAD_MAX];

    return reply_head(&rp, head) == strlen(expected)
           && memcmp(head, expected, strlen(expected)) == 0 && rp.len == 2
           && memcmp(rp.body, "{}", 2) == 0 && audit.outcome == OAUTH_OK;
}

static void
check(enum audit_done done, const char *reason, const char *sentence)
{
    bool right = is_done() && audit.done == done
                 && strstr(audit.why.text, reason) != NULL
                 && (audit.jti[0] != '\0') == (done == AUDIT_REVOKED);

    tap_ok(right, "%s", sentence);
    if (!right)
        tap_diag("%d %.*s, %d: %s", rp.status, (int) rp.len, rp.body,
                 (int) audit.done, audit.why.text);
}

static void
make_client(const char *id, unsigned permissions)
{
    struct client *cl = world_client(id, "admin");

    cl->permissions = permissions;
    world_secret(&world, cl, SECRET_MAC, "first", 0, 0);
    world_store(cl);
}

/* Count writes from here: that the secret was used has been noted. */
static void
begin_count(void)
{
    ask(&(struct world_sent){.body = "token=x"});
    (void) fake_expiring_adds();
}

static void
test_revoke(enum token_format format)
{
    char other[MINT_TOKEN_MAX];

    world_token(&world, "app", format, NULL, WORLD_NOW, other);
    world_token(&world, "app", format, NULL, WORLD_NOW, token);
    ask(&(struct world_sent){.basic = "other:first"});
    check(AUDIT_IGNORED, "of the client app", "another client's token");
    ask(&(struct world_sent){.basic = "rs:first"});
    check(AUDIT_IGNORED, "of the client app",
          "for who may introspect it, too");
    tap_ok(is_active(0), "it is active still");
    begin_count();
    ask(&(struct world_sent){0});
    check(AUDIT_REVOKED, "", "one's own token");
    tap_ok(!is_active(0), "it is not active any more");
    tap_is_int(1, fake_expiring_adds(), "in one change");
    tap_ok(fake_expiring_was_durable(), "which is durable");
    ask(&(struct world_sent){0});
    check(AUDIT_IGNORED, "revoked", "a second time");
    tap_is_int(0, fake_expiring_adds(), "writes nothing");
    memcpy(token, other, sizeof(token));
    tap_ok(is_active(0), "another of its tokens is active");
    ask(&(struct world_sent){.later = WORLD_LIFETIME});
    check(AUDIT_IGNORED, "expired", "an expired token");
}

static const char *const unknown[] = {"x", "a.b.c", "ccga_x", "\xc3\xa9",
    "ccga_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "e30.e30.e30", "%20"};

static void
test_unknown(void)
{
    char body[128];
    size_t i;

    begin_count();
    for (i = 0; i < LEN(unknown); i++) {
        snprintf(body, sizeof(body), "token=%s", unknown[i]);
        ask(&(struct world_sent){.body = body});
        check(AUDIT_IGNORED, "", "what is no token");
    }
    tap_is_int(0, fake_expiring_adds(), "writes nothing");
}

static const struct {
    const char *sentence;
    struct world_sent sent;
    enum oauth_error error;
    const char *reason;
} faults[] = {
    {"GET", {.method = "GET"}, OAUTH_METHOD_NOT_ALLOWED, "POST"},
    {"DELETE", {.method = "DELETE"}, OAUTH_METHOD_NOT_ALLOWED, "POST"},
    {"JSON", {.type = "application/json"}, OAUTH_INVALID_REQUEST,
     "urlencoded"},
    {"no authentication", {.basic = ""}, OAUTH_INVALID_CLIENT, "no client"},
    {"a wrong secret", {.basic = "app:wrong"}, OAUTH_INVALID_CLIENT,
     "secret"},
    {"an unknown client", {.basic = "nobody:x"}, OAUTH_INVALID_CLIENT,
     "no such client"},
    {"no token", {.body = "x=y"}, OAUTH_INVALID_REQUEST, "token is missing"},
    {"an empty token", {.body = "token="}, OAUTH_INVALID_REQUEST,
     "token is missing"},
    {"an encrypted token", {.body = "token=eyJ9..b.c.d"},
     OAUTH_UNSUPPORTED_TOKEN_TYPE, "is encrypted"},
};

static void
test_faults(void)
{
    char body[2 * MINT_TOKEN_MAX + 64];
    size_t i;

    world_token(&world, "app", FORMAT_JWT, NULL, WORLD_NOW, token);
    for (i = 0; i < LEN(faults); i++) {
        ask(&faults[i].sent);
        tap_ok(rp.status == oauth_status(faults[i].error)
                   && audit.outcome == faults[i].error
                   && strstr(audit.why.text, faults[i].reason) != NULL,
               "%s is refused", faults[i].sentence);
        tap_ok(is_active(0), "%s revokes nothing", faults[i].sentence);
    }
    snprintf(body, sizeof(body), "token=%s&token=%s", token, token);
    ask(&(struct world_sent){.body = body});
    tap_is_int(400, rp.status, "two tokens are refused");
    tap_ok(is_active(0), "and neither is revoked");
}

static void
test_hints(void)
{
    static const char *const hints[] = {"access_token", "refresh_token",
        "nosuch"};
    char body[MINT_TOKEN_MAX + 64];
    size_t i;

    for (i = 0; i < LEN(hints); i++) {
        world_token(&world, "app", FORMAT_JWT, NULL, WORLD_NOW, token);
        snprintf(body, sizeof(body), "token_type_hint=%s&token=%s", hints[i],
                 token);
        ask(&(struct world_sent){.body = body});
        check(AUDIT_REVOKED, "", hints[i]);
        tap_ok(!is_active(0), "%s changes nothing", hints[i]);
    }
}

static void
test_broken(void)
{
    world_token(&world, "app", FORMAT_JWT, NULL, WORLD_NOW, token);
    fake_expiring_break(true);
    ask(&(struct world_sent){0});
    tap_ok(rp.status == 503 && audit.outcome == OAUTH_UNAVAILABLE,
           "what cannot be written is not said to be");
    fake_expiring_break(false);
    tap_ok(is_active(0), "the token is active still");
}

/* RFC 7009, 2.2: a client that had no answer asks again. */
static void
test_list(void)
{
    char file[128], away[128];

    snprintf(file, sizeof(file), "%s/list.jwt", world.dir);
    snprintf(away, sizeof(away), "%s/nowhere/list.jwt", world.dir);
    free(world.policy.state);
    world.policy.state = strdup(world.dir);
    free(world.policy.revocations.file);
    world.policy.revocations.file = strdup(away);
    world_token(&world, "app", FORMAT_JWT, NULL, WORLD_NOW, token);
    ask(&(struct world_sent){0});
    check(AUDIT_REVOKED, "was not written", "a list that cannot be written");
    ask(&(struct world_sent){0});
    check(AUDIT_IGNORED, "was not written", "a second time nor");
    free(world.policy.revocations.file);
    world.policy.revocations.file = strdup(file);
    ask(&(struct world_sent){0});
    check(AUDIT_IGNORED, "revoked", "a third time, when it can");
    tap_is_int(0, access(file, F_OK), "it is written");
    (void) unlink(file);
    snprintf(file, sizeof(file), "%s/revocations.lock", world.dir);
    (void) unlink(file);
}

int
main(void)
{
    world_open(&world);
    world_key(&world, JOSE_ES256, WORLD_NOW - 100);
    make_client("app", 0);
    make_client("other", 0);
    make_client("rs", PERMIT_INTROSPECT);
    test_revoke(FORMAT_JWT);
    test_revoke(FORMAT_OPAQUE);
    test_unknown();
    test_faults();
    test_hints();
    test_broken();
    test_list();
    world_close(&world);
    return tap_done();
}
