/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Whether a token is active: every reason against it, for both formats.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "active_priv.h"
#include "core/b64.h"
#include "core/jws.h"
#include "core/opaque.h"
#include "fake_expiring.h"
#include "fake_store.h"
#include "revocation.h"
#include "sample.h"
#include "tap.h"
#include "world.h"

static struct world world;
static char jwt[MINT_TOKEN_MAX], opaque[MINT_TOKEN_MAX];
static struct active active;
static struct errtext why;

static int
find(const char *token, int64_t later)
{
    why.text[0] = '\0';
    memset(&active, 0x55, sizeof(active));
    return active_find(&world.service, token, strlen(token),
                       WORLD_NOW + later, &active, &why);
}

/* The client as the row has it. */
struct change {
    bool gone, off;
    int64_t created, expires, revoked_until; /* behind WORLD_NOW; 0: not */
    const char *all; /* what STORE_META says of all tokens, or NULL */
};

static void
apply(const struct change *change)
{
    struct client *cl = world_client("app", "admin");

    cl->enabled = !change->off;
    cl->created += change->created;
    if (change->expires != 0)
        cl->expires = WORLD_NOW + change->expires;
    if (change->revoked_until != 0)
        cl->revoked_until = WORLD_NOW + change->revoked_until;
    world_store(cl);
    if (change->gone)
        fake_store_put(STORE_CLIENTS, "app", NULL);
    fake_store_put(STORE_META, REVOCATION_ALL_META, change->all);
}

/* The token is ten seconds old at WORLD_NOW. */
static const struct {
    const char *sentence;
    struct change change;
    int64_t later;
    int expected;
    const char *fault; /* a part of the reason */
} rows[] = {
    {"a token", {0}, 0, 1, ""},
    {"in its last second", {0}, WORLD_LIFETIME - 11, 1, ""},
    {"at its end", {0}, WORLD_LIFETIME - 10, 0, "expired"},
    {"long after", {0}, 10 * WORLD_LIFETIME, 0, "expired"},
    {"its client is gone", {.gone = true}, 0, 0, "gone"},
    {"its client is disabled", {.off = true}, 0, 0, "disabled"},
    {"its client expires later", {.expires = 1}, 0, 1, ""},
    {"its client has just expired", {.expires = 1}, 1, 0, "has expired"},
    {"its client was made in its second", {.created = -10}, 0, 1, ""},
    {"its client was made after it", {.created = -9}, 0, 0, "earlier client"},
    {"its client's tokens before it were revoked", {.revoked_until = -11}, 0,
     1, ""},
    {"its client's tokens of its second were revoked",
     {.revoked_until = -10}, 0, 0, "all tokens of its client"},
    {"its client's tokens were revoked since", {.revoked_until = -1}, 0, 0,
     "all tokens of its client"},
    {"all tokens before it were revoked", {.all = "1799999989"}, 0, 1, ""},
    {"all tokens of its second were revoked", {.all = "1799999990"}, 0, 0,
     "all tokens of its time"},
    {"all tokens were revoked since", {.all = "1800000000"}, 0, 0,
     "all tokens of its time"},
    {"a store that has no time there", {.all = "soon"}, 0, -1, "backup"},
    {"a store that has nothing there", {.all = ""}, 0, -1, "backup"},
    {"a store that has a negative time there", {.all = "-1"}, 0, -1,
     "backup"},
};

static void
check(const char *format, const char *sentence, int expected,
      const char *fault, int rc)
{
    bool right = rc == expected && strstr(why.text, fault) != NULL;

    tap_ok(right, "%s: %s", format, sentence);
    if (!right)
        tap_diag("%d: %s", rc, why.text);
}

static void
test_rows(void)
{
    size_t i;

    for (i = 0; i < LEN(rows); i++) {
        int64_t made = WORLD_NOW - 10;
        struct change usual = {.created = -100};

        apply(&usual);
        world_token(&world, "app", FORMAT_JWT, NULL, made, jwt);
        world_token(&world, "app", FORMAT_OPAQUE, NULL, made, opaque);
        if (find(jwt, 0) != 1 || find(opaque, 0) != 1)
            tap_ok(false, "before: %s", why.text);
        usual = rows[i].change;
        if (usual.created == 0)
            usual.created = -100;
        apply(&usual);
        check("JWT", rows[i].sentence, rows[i].expected, rows[i].fault,
              find(jwt, rows[i].later));
        check("JWT again", rows[i].sentence, rows[i].expected, rows[i].fault,
              find(jwt, rows[i].later));
        check("opaque", rows[i].sentence, rows[i].expected, rows[i].fault,
              find(opaque, rows[i].later));
    }
    fake_store_put(STORE_META, REVOCATION_ALL_META, NULL);
    apply(&(struct change){.created = -100});
}

/* What is told of an active one. */
static void
test_told(void)
{
    static const struct binding bound = {.jkt = "thumb"};
    char token[MINT_TOKEN_MAX];
    int opaque_too;

    for (opaque_too = 0; opaque_too < 2; opaque_too++) {
        enum token_format format = opaque_too ? FORMAT_OPAQUE : FORMAT_JWT;
        const char *name = opaque_too ? "opaque" : "JWT";

        world_token(&world, "app", format, &bound, WORLD_NOW, token);
        tap_is_int(1, find(token, 5), "%s: it is active", name);
        tap_is_str("app", active.client_id, "%s: its client", name);
        tap_is_int(22, (long long) strlen(active.jti), "%s: its jti", name);
        tap_is_int(WORLD_NOW, active.iat, "%s: its iat", name);
        tap_is_int(WORLD_NOW + WORLD_LIFETIME, active.exp, "%s: its exp",
                   name);
        tap_is_int(opaque_too, active.is_opaque, "%s: its format", name);
        tap_ok(active.is_dpop, "%s: a key binds it", name);
        tap_ok(strncmp(active.claims, "{\"iss\":", 7) == 0
                   && strstr(active.claims, "\"cnf\":{\"jkt\":\"thumb\"}}")
                   && strlen(active.claims) == active.claims_len,
               "%s: its claims as they were written", name);
        tap_ok(active_is_for(&active, SAMPLE_ORDERS), "%s: its audience",
               name);
        tap_ok(!active_is_for(&active, SAMPLE_BILLS) && !active_is_for(
                   &active, "app"), "%s: and no other", name);
    }
}

/* A token with one character changed, cut, appended, in capitals. */
static void
test_near(const char *name, const char *token)
{
    char near[MINT_TOKEN_MAX + 2];
    size_t i, len = strlen(token), wrong = 0;

    for (i = 0; i < len; i += len / 50 + 1) {
        snprintf(near, sizeof(near), "%s", token);
        near[i] = near[i] == 'A' ? 'B' : 'A';
        wrong += find(near, 0) != 0;
    }
    tap_is_int(0, (long long) wrong, "%s: a character is another", name);
    snprintf(near, sizeof(near), "%.*s", (int) len - 1, token);
    tap_is_int(0, find(near, 0), "%s: the last character is missing", name);
    tap_is_int(0, find(token + 1, 0), "%s: the first is missing", name);
    snprintf(near, sizeof(near), "%sA", token);
    tap_is_int(0, find(near, 0), "%s: a character too many", name);
    snprintf(near, sizeof(near), "%s=", token);
    tap_is_int(0, find(near, 0), "%s: padded", name);
    snprintf(near, sizeof(near), " %s", token);
    tap_is_int(0, find(near, 0), "%s: a space before it", name);
    for (i = 0; i < len; i++)
        near[i] = (char) (token[i] >= 'a' && token[i] <= 'z' ? token[i] - 32
                                                             : token[i]);
    near[len] = '\0';
    tap_is_int(0, find(near, 0), "%s: in capitals", name);
    tap_is_int(1, find(token, 0), "%s: the token itself is active", name);
}

#define CLAIMS(members) \
    "{\"iss\":\"https://as.example.org\",\"sub\":\"app\"," \
    "\"aud\":\"a\"," members "}"
#define APP "\"client_id\":\"app\",\"iat\":1800000000,\"exp\":1800003600"

/* What this server's key has signed, and what else may look so. */
static const struct {
    const char *sentence;
    const char *typ;
    const char *claims;
    int expected;
    const char *fault;
} statements[] = {
    {"a token", "at+jwt", CLAIMS(APP ",\"jti\":\"j\""), 1, ""},
    {"a token of a full media type", "application/at+jwt",
     CLAIMS(APP ",\"jti\":\"j\""), 1, ""},
    {"an answer of introspection", "token-introspection+jwt",
     CLAIMS(APP ",\"jti\":\"j\""), 0, "typ"},
    {"any JWT", "jwk+jwt", CLAIMS(APP ",\"jti\":\"j\""), 0, "typ"},
    {"no jti", "at+jwt", CLAIMS(APP), 0, "jti"},
    {"no exp", "at+jwt",
     CLAIMS("\"client_id\":\"app\",\"iat\":1800000000,\"jti\":\"j\""), 0,
     "times"},
    {"no client_id", "at+jwt",
     CLAIMS("\"iat\":1800000000,\"exp\":1800003600,\"jti\":\"j\""), 0,
     "client_id"},
    {"another issuer", "at+jwt",
     "{\"iss\":\"https://as.example.com\"," APP ",\"jti\":\"j\"}", 0,
     "issuer"},
    {"claims that are no object", "at+jwt", "[]", 0, "claims"},
    {"claims behind a space", "at+jwt", " " CLAIMS(APP ",\"jti\":\"j\""), 0,
     "writes them"},
};

static void
test_statements(void)
{
    char token[MINT_TOKEN_MAX];
    size_t i, len;

    for (i = 0; i < LEN(statements); i++) {
        const char *claims = statements[i].claims;

        if (mint_statement(&world.service, statements[i].typ, JOSE_ES256,
                           claims, strlen(claims), WORLD_NOW, token,
                           sizeof(token), &len, &why)
            != 0)
            tap_diag("%s", why.text);
        check("signed", statements[i].sentence, statements[i].expected,
              statements[i].fault, find(token, 0));
        check("signed, again", statements[i].sentence, statements[i].expected,
              statements[i].fault, find(token, 0));
    }
}

/* A token with another header before its payload and signature. */
static void
test_header(const char *sentence, const char *header, const char *fault)
{
    char token[MINT_TOKEN_MAX];
    size_t len = b64url_encode(header, strlen(header), token);

    snprintf(token + len, sizeof(token) - len, "%s", strchr(jwt, '.'));
    check("header", sentence, 0, fault, find(token, 0));
}

static void
test_headers(void)
{
    char header[512], kid[KEYREC_KID_MAX] = "";
    struct jws jws;

    if (jws_parse(&jws, jwt, strlen(jwt), &why) == 0)
        snprintf(kid, sizeof(kid), "%s", jws.kid);
    jws_free(&jws);
    test_header("no kid", "{\"typ\":\"at+jwt\",\"alg\":\"ES256\"}", "no kid");
    test_header("an unknown kid",
                "{\"typ\":\"at+jwt\",\"alg\":\"ES256\",\"kid\":\"x\"}",
                "published");
    test_header("none", "{\"typ\":\"at+jwt\",\"alg\":\"none\"}", "none");
    snprintf(header, sizeof(header),
             "{\"typ\":\"at+jwt\",\"alg\":\"HS256\",\"kid\":\"%s\"}", kid);
    test_header("an HMAC with that kid", header, "alg");
    snprintf(header, sizeof(header),
             "{\"typ\":\"at+jwt\",\"alg\":\"ES256\",\"kid\":\"%s\",\"x\":1}",
             kid);
    test_header("one that was not signed", header, "signature");
}

static void
test_garbage(void)
{
    static char big[JWS_TEXT_MAX + 2];
    size_t i;
    static const char *const texts[] = {"x", ".", "..", "...", "a.b.c",
        "ccga_", "\xff\xfe", "e30.e30.e30", "{\"a\":1}", " "};

    for (i = 0; i < LEN(texts); i++)
        tap_is_int(0, find(texts[i], 0), "garbage %zu", i);
    memset(big, 'a', sizeof(big) - 1);
    tap_is_int(0, find(big, 0), "a token over the limit");
    big[20] = big[40] = '.';
    tap_is_int(0, find(big, 0), "and one with its three parts");
}

/* Revoked alone, in whatever process. */
static void
test_revoked(void)
{
    struct expiring_change change = {.n_records = 1};
    struct expiring_record record = {.table = EXPIRING_TOKENS, .text = "",
                                     .expires = WORLD_NOW + 9999};
    char other[MINT_TOKEN_MAX];
    size_t there;

    change.records = &record;
    world_token(&world, "app", FORMAT_JWT, NULL, WORLD_NOW, jwt);
    world_token(&world, "app", FORMAT_JWT, NULL, WORLD_NOW, other);
    tap_is_int(1, find(jwt, 0), "a JWT that was not revoked");
    record.key = active.jti;
    record.key_len = strlen(active.jti);
    expiring_commit(world.service.expiring, &change, WORLD_NOW, &there, &why);
    check("JWT", "it was revoked", 0, "revoked", find(jwt, 0));
    tap_is_int(1, find(other, 0), "another is active still");
    world_token(&world, "app", FORMAT_OPAQUE, NULL, WORLD_NOW, opaque);
    tap_is_int(1, find(opaque, 0), "an opaque token that was not revoked");
    record.key = active.name;
    record.key_len = sizeof(active.name);
    record.text = NULL;
    expiring_commit(world.service.expiring, &change, WORLD_NOW, &there, &why);
    check("opaque", "it was revoked", 0, "revoked", find(opaque, 0));
}

static void
test_broken(void)
{
    static const struct active nothing;

    world_token(&world, "app", FORMAT_JWT, NULL, WORLD_NOW, jwt);
    world_token(&world, "app", FORMAT_OPAQUE, NULL, WORLD_NOW, opaque);
    fake_expiring_break(true);
    tap_is_int(-1, find(jwt, 0), "JWT: nobody knows whether it was revoked");
    tap_is_int(-1, find(opaque, 0), "opaque: nobody knows whether it is");
    tap_is_int(0, find("ccga_x", 0), "garbage needs no store");
    fake_expiring_break(false);
    fake_store_break(true);
    tap_is_int(-1, find(jwt, 0), "JWT: a store that is broken");
    tap_is_int(-1, find(opaque, 0), "opaque: a store that is broken");
    tap_is_mem(&nothing, sizeof(nothing), &active, sizeof(active),
               "nothing is told");
    fake_store_break(false);
    tap_is_int(1, find(jwt, 0), "and it is active again");
}

static size_t
count_known(void)
{
    size_t i, j, n = 0;

    for (i = 0; i < ACTIVE_SHELVES; i++)
        for (j = 0; j < ACTIVE_SHELF_LEN; j++)
            n += world.service.actives->known[i][j] != NULL;
    return n;
}

static void
test_memory(void)
{
    int i, active_ones = 0;

    fake_store_put(STORE_META, "x", "1");
    for (i = 0; i < 600; i++) {
        world_token(&world, "app", FORMAT_JWT, NULL, WORLD_NOW, jwt);
        active_ones += find(jwt, 0) == 1;
    }
    tap_is_int(600, active_ones, "many tokens are active");
    tap_ok(count_known() > 128
               && count_known() <= ACTIVE_SHELVES * ACTIVE_SHELF_LEN,
           "some of them are remembered");
    fake_store_gets();
    tap_is_int(1, find(jwt, 0), "the last of them");
    tap_is_int(0, fake_store_gets(), "costs no look into the store's records");
    fake_store_put(STORE_META, "x", NULL);
    find("x", 0);
    tap_is_int(0, (long long) count_known(),
               "none, when the store has changed");
}

/* A key that is withdrawn takes its tokens along, those known too. */
static void
test_withdrawn(void)
{
    char kid[KEYREC_KID_MAX] = "", record[STORE_VALUE_MAX + 1], *text;
    struct keyrec rec;
    struct jws jws;
    size_t len;

    world_token(&world, "app", FORMAT_JWT, NULL, WORLD_NOW, jwt);
    if (jws_parse(&jws, jwt, strlen(jwt), &why) == 0)
        snprintf(kid, sizeof(kid), "%s", jws.kid);
    jws_free(&jws);
    if (store_get(world.service.store, STORE_KEYS, kid, record,
                  sizeof(record), &len, &why)
            != 1
        || keyrec_load(&rec, record, len, &why) != 0)
        tap_diag("%s", why.text);
    rec.signs_until = rec.publish_until = WORLD_NOW + 100;
    text = keyrec_dump(&rec);
    fake_store_put(STORE_KEYS, kid, text);
    free(text);
    tap_is_int(1, find(jwt, 99), "a key in its last second");
    check("JWT", "a key that is not published any more", 0, "published",
          find(jwt, 100));
    fake_store_put(STORE_KEYS, kid, NULL);
    check("JWT", "a key that is gone", 0, "published", find(jwt, 0));
}

int
main(void)
{
    world_open(&world);
    world_key(&world, JOSE_ES256, WORLD_NOW - 100);
    test_rows();
    test_told();
    world_token(&world, "app", FORMAT_JWT, NULL, WORLD_NOW, jwt);
    world_token(&world, "app", FORMAT_OPAQUE, NULL, WORLD_NOW, opaque);
    test_near("JWT", jwt);
    test_near("opaque", opaque);
    test_statements();
    test_headers();
    test_garbage();
    test_revoked();
    test_broken();
    test_memory();
    test_withdrawn();
    world_close(&world);
    return tap_done();
}
