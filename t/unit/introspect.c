/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The introspection endpoint in one process: who is told what, in which form.
 */

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/introspection.h"
#include "core/jws.h"
#include "fake_expiring.h"
#include "fake_store.h"
#include "introspect.h"
#include "sample.h"
#include "tap.h"
#include "world.h"

#define INACTIVE "{\"active\":false}"

static struct world world;
static struct reply rp;
static struct audit audit;
static char token[MINT_TOKEN_MAX];

static void
ask(const struct world_sent *sent)
{
    struct request rq = world_request(sent, "rs:first", token);

    memset(&rp, 0x55, sizeof(rp));
    memset(&audit, 0, sizeof(audit));
    audit.from = rq.remote_addr;
    introspect_answer(&world.service, &rq, WORLD_NOW + sent->later, &rp,
                      &audit);
}

static bool
is_answer(const char *text)
{
    return rp.status == 200 && rp.len == strlen(text)
           && memcmp(rp.body, text, rp.len) == 0 && !rp.cacheable
           && strcmp(rp.content_type, "application/json") == 0
           && audit.outcome == OAUTH_OK && audit.done == AUDIT_NOTHING
           && audit.jti[0] == '\0';
}

static void
show(void)
{
    tap_diag("%d %.*s: %s", rp.status, (int) rp.len, rp.body,
             audit.why.text);
}

static void
check_inactive(const char *sentence)
{
    bool right = is_answer(INACTIVE);

    tap_ok(right, "%s", sentence);
    if (!right)
        show();
}

static void
check_active(const char *sentence)
{
    json_t *doc = rp.status == 200 ? json_loadb(rp.body, rp.len,
                                                JSON_REJECT_DUPLICATES, NULL)
                                   : NULL;
    bool right = json_is_true(json_object_get(doc, "active"));

    tap_ok(right && audit.done == AUDIT_NOTHING && !rp.cacheable, "%s",
           sentence);
    if (!right)
        show();
    json_decref(doc);
}

static void
make_client(const char *id, unsigned permissions, int64_t created)
{
    struct client *cl = world_client(id, "admin");

    cl->created = created;
    cl->permissions = permissions;
    world_secret(&world, cl, SECRET_MAC, "first", 0, 0);
    world_store(cl);
}

/* Who asks about a token of "app" for the resource of orders. */
static const struct {
    const char *sentence;
    const char *basic;
    bool told;
} callers[] = {
    {"who has the permission", "rs:first", true},
    {"the client of the token", "app:first", true},
    {"whose id is its audience", SAMPLE_ORDERS ":first", true},
    {"another client", "other:first", false},
    {"whose id is another audience", SAMPLE_BILLS ":first", false},
    {"who has another permission", "registrar:first", false},
};

static void
test_callers(enum token_format format)
{
    const char *name = format == FORMAT_JWT ? "JWT" : "opaque";
    char basic[256];
    size_t i;

    world_token(&world, "app", format, NULL, WORLD_NOW, token);
    for (i = 0; i < LEN(callers); i++) {
        const char *colon = strrchr(callers[i].basic, ':');
        char sentence[128];
        const char *p;
        size_t n = 0;

        for (p = callers[i].basic; *p != '\0'; p++) /* RFC 6749, 2.3.1 */
            n += (size_t) snprintf(basic + n, sizeof(basic) - n,
                                   *p == ':' && p != colon ? "%%3A" : "%c",
                                   *p);
        snprintf(sentence, sizeof(sentence), "%s: %s is told%s", name,
                 callers[i].sentence, callers[i].told ? "" : " nothing");
        ask(&(struct world_sent){.basic = basic});
        if (callers[i].told)
            check_active(sentence);
        else
            check_inactive(sentence);
    }
}

static const char *
member(const json_t *doc, const char *name)
{
    const char *text = json_string_value(json_object_get(doc, name));

    return text != NULL ? text : "(none)";
}

static void
test_answer(enum token_format format)
{
    static const struct binding both = {.jkt = "k", .x5t = "x"};
    static const char *const names[] = {"active", "token_type", "iss", "sub",
        "aud", "client_id", "iat", "exp", "jti", "scope", "cnf"};
    const json_t *cnf;
    json_t *doc;

    world_token(&world, "app", format, NULL, WORLD_NOW, token);
    ask(&(struct world_sent){.later = 7});
    doc = json_loadb(rp.body, rp.len, JSON_REJECT_DUPLICATES, NULL);
    tap_is_str("Bearer", member(doc, "token_type"), "its type");
    tap_is_str("app", member(doc, "client_id"), "its client");
    tap_is_str("app", member(doc, "sub"), "its subject");
    tap_is_str("orders.read", member(doc, "scope"), "its scope");
    tap_is_str(SAMPLE_ORDERS, member(doc, "aud"), "its audience");
    tap_is_str("https://as.example.org", member(doc, "iss"), "its issuer");
    tap_is_int(WORLD_NOW, json_integer_value(json_object_get(doc, "iat")),
               "its iat");
    tap_is_int(WORLD_NOW + WORLD_LIFETIME,
               json_integer_value(json_object_get(doc, "exp")), "its exp");
    tap_is_int(22, (long long) strlen(member(doc, "jti")), "its jti");
    tap_is_int((long long) LEN(names) - 1, (long long) json_object_size(doc),
               "and nothing else");
    json_decref(doc);
    world_token(&world, "app", format, &both, WORLD_NOW, token);
    ask(&(struct world_sent){0});
    doc = json_loadb(rp.body, rp.len, JSON_REJECT_DUPLICATES, NULL);
    cnf = json_object_get(doc, "cnf");
    tap_is_str("DPoP", member(doc, "token_type"), "a bound token's type");
    tap_is_str("k", member(cnf, "jkt"), "its key (RFC 9449, 6.2)");
    tap_is_str("x", member(cnf, "x5t#S256"),
               "its certificate (RFC 8705, 3.2)");
    json_decref(doc);
    ask(&(struct world_sent){.later = WORLD_LIFETIME});
    check_inactive("an expired token is inactive, and no more");
}

/* One fault each. */
static const struct {
    const char *sentence;
    struct world_sent sent;
    enum oauth_error error;
    const char *reason;
} faults[] = {
    {"GET", {.method = "GET"}, OAUTH_METHOD_NOT_ALLOWED, "POST"},
    {"PUT", {.method = "PUT"}, OAUTH_METHOD_NOT_ALLOWED, "POST"},
    {"JSON", {.type = "application/json"}, OAUTH_INVALID_REQUEST,
     "urlencoded"},
    {"no authentication", {.basic = ""}, OAUTH_INVALID_CLIENT, "no client"},
    {"a wrong secret", {.basic = "rs:wrong"}, OAUTH_INVALID_CLIENT, "secret"},
    {"an unknown client", {.basic = "nobody:x"}, OAUTH_INVALID_CLIENT,
     "no such client"},
    {"no token", {.body = "x=y"}, OAUTH_INVALID_REQUEST, "token is missing"},
    {"an empty body", {.body = ""}, OAUTH_INVALID_REQUEST,
     "token is missing"},
    {"an empty token", {.body = "token="}, OAUTH_INVALID_REQUEST,
     "token is missing"},
    {"two tokens", {.body = "token=a&token=b"}, OAUTH_INVALID_REQUEST,
     "token is given twice"},
    {"two hints", {.body = "token=a&token_type_hint=b&token_type_hint=c"},
     OAUTH_INVALID_REQUEST, "token_type_hint is given twice"},
    {"a malformed escape", {.body = "token=%"}, OAUTH_INVALID_REQUEST,
     "escape"},
    {"a wrong secret before a missing token",
     {.basic = "rs:wrong", .body = ""}, OAUTH_INVALID_CLIENT, "secret"},
    {"no token, in the signed form",
     {.body = "", .accept = INTROSPECTION_TYPE}, OAUTH_INVALID_REQUEST,
     "token is missing"},
};

static void
test_faults(void)
{
    static struct reply expected;
    size_t i;

    for (i = 0; i < LEN(faults); i++) {
        bool right;

        ask(&faults[i].sent);
        reply_error(&expected, faults[i].error);
        right = rp.status == expected.status && rp.len == expected.len
                && memcmp(rp.body, expected.body, rp.len) == 0
                && strcmp(rp.content_type, expected.content_type) == 0
                && audit.outcome == faults[i].error
                && strstr(audit.why.text, faults[i].reason) != NULL;
        if (faults[i].error == OAUTH_INVALID_CLIENT)
            right = right && rp.challenge == world.service.challenge;
        if (faults[i].error == OAUTH_METHOD_NOT_ALLOWED)
            right = right && strcmp(rp.allow, "POST") == 0;
        tap_ok(right, "%s is refused", faults[i].sentence);
        if (!right)
            show();
    }
}

static void
test_hints(void)
{
    static const char *const hints[] = {"access_token", "refresh_token",
        "nosuch", ""};
    char body[MINT_TOKEN_MAX + 64];
    size_t i;

    for (i = 0; i < LEN(hints); i++) {
        snprintf(body, sizeof(body), "token_type_hint=%s&token=%s&x=y",
                 hints[i], token);
        ask(&(struct world_sent){.body = body});
        check_active("a hint changes nothing");
    }
}

/* The claims of the signed form when all is right with it, else NULL. */
static json_t *
read_signed(void)
{
    struct errtext why = {.text = ""};
    struct verifier *verifier;
    json_t *claims = NULL;
    enum jose_alg alg;
    struct jws jws;

    if (rp.status != 200 || strcmp(rp.content_type, INTROSPECTION_TYPE) != 0
        || jws_parse(&jws, rp.body, rp.len, &why) != 0) {
        show();
        return NULL;
    }
    if (jws_typ_is(&jws, "token-introspection+jwt") && jws.kid != NULL
        && keyring_verifier(world.service.keyring, jws.kid, WORLD_NOW, &alg,
                            &verifier, &why)
               == 1
        && alg == jws.alg
        && verifier_check(verifier, alg, jws.input, jws.input_len, jws.sig,
                          jws.sig_len, &why)
               == 1)
        claims = json_loads(jws.payload, JSON_REJECT_DUPLICATES, NULL);
    jws_free(&jws);
    return claims;
}

static void
test_signed(void)
{
    struct world_sent sent = {.accept = INTROSPECTION_TYPE, .later = 7};
    const json_t *said;
    json_t *doc;

    world_token(&world, "app", FORMAT_OPAQUE, NULL, WORLD_NOW, token);
    ask(&sent);
    doc = read_signed();
    said = json_object_get(doc, "token_introspection");
    tap_is_str("https://as.example.org", member(doc, "iss"),
               "signed: its issuer");
    tap_is_str("rs", member(doc, "aud"), "signed: who asked");
    tap_is_int(WORLD_NOW + 7, json_integer_value(json_object_get(doc, "iat")),
               "signed: when");
    tap_is_int(4, (long long) json_object_size(doc),
               "signed: no sub and no exp (RFC 9701, 5)");
    tap_ok(json_is_true(json_object_get(said, "active"))
               && strcmp(member(said, "client_id"), "app") == 0,
           "signed: what is told of the token");
    json_decref(doc);
    sent.body = "token=garbage";
    ask(&sent);
    doc = read_signed();
    said = json_object_get(doc, "token_introspection");
    tap_ok(json_is_false(json_object_get(said, "active"))
               && json_object_size(said) == 1,
           "signed: inactive, and no more");
    json_decref(doc);
    /* What was signed is no access token of whom it names. */
    snprintf(token, sizeof(token), "%.*s", (int) rp.len, rp.body);
    ask(&(struct world_sent){0});
    check_inactive("an answer is no access token");
    world.policy.token.alg = JOSE_PS256;
    ask(&sent);
    tap_is_int(503, rp.status, "no key to sign with is 503");
    world.policy.token.alg = JOSE_ES256;
}

/* The greatest token that there can be is told whole, in either form. */
static void
test_greatest(void)
{
    char *claims = malloc(CLAIMS_MAX + 1), body[MINT_TOKEN_MAX + 8];
    struct errtext why;
    size_t len;

    if (claims == NULL)
        abort();
    len = (size_t) snprintf(claims, CLAIMS_MAX + 1,
                            "{\"iss\":\"https://as.example.org\","
                            "\"client_id\":\"app\",\"jti\":\"j\","
                            "\"iat\":1800000000,\"exp\":1800003600,"
                            "\"x\":\"");
    memset(claims + len, 'x', 12000 - len);
    snprintf(claims + 12000, 3, "\"}");
    if (mint_statement(&world.service, "at+jwt", JOSE_ES256, claims, 12002,
                       WORLD_NOW, token, sizeof(token), &len, &why)
        != 0)
        tap_diag("%s", why.text);
    ask(&(struct world_sent){0});
    check_active("a token of twelve kilobytes of claims");
    snprintf(body, sizeof(body), "token=%s", token);
    ask(&(struct world_sent){.accept = INTROSPECTION_TYPE, .body = body});
    tap_ok(rp.status == 200 && rp.len > 16000, "and in the signed form");
    free(claims);
}

static void
test_broken(void)
{
    world_token(&world, "app", FORMAT_OPAQUE, NULL, WORLD_NOW, token);
    fake_expiring_break(true);
    ask(&(struct world_sent){0});
    tap_ok(rp.status == 503 && audit.outcome == OAUTH_UNAVAILABLE,
           "a store that is broken is 503, not inactive");
    fake_expiring_break(false);
    ask(&(struct world_sent){0});
    check_active("and the token is active again");
}

/* Asking writes nothing, when the caller has a secret. */
static void
test_writes(void)
{
    /* And so it is noted that the secret was used. */
    ask(&(struct world_sent){0});
    (void) fake_expiring_adds();
    ask(&(struct world_sent){0});
    tap_is_int(0, fake_expiring_adds(), "to ask changes nothing");
}

int
main(void)
{
    world_open(&world);
    world_key(&world, JOSE_ES256, WORLD_NOW - 100);
    make_client("app", 0, WORLD_NOW);
    make_client("rs", PERMIT_INTROSPECT, WORLD_NOW);
    make_client("registrar", PERMIT_REGISTER, WORLD_NOW);
    make_client("other", 0, WORLD_NOW);
    make_client(SAMPLE_ORDERS, 0, WORLD_NOW);
    make_client(SAMPLE_BILLS, 0, WORLD_NOW);
    test_callers(FORMAT_JWT);
    test_callers(FORMAT_OPAQUE);
    test_answer(FORMAT_JWT);
    test_answer(FORMAT_OPAQUE);
    test_faults();
    test_hints();
    test_signed();
    test_greatest();
    test_broken();
    test_writes();
    world_close(&world);
    return tap_done();
}
