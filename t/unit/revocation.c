/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Revoking tokens, clients and all, and the signed list of it.
 */

#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "active.h"
#include "core/b64.h"
#include "core/jws.h"
#include "core/revlist.h"
#include "fake_expiring.h"
#include "fake_store.h"
#include "io/crypto.h"
#include "io/path.h"
#include "io/verifier.h"
#include "revocation.h"
#include "sample.h"
#include "tap.h"
#include "world.h"

enum { LIST_MAX = 1048576, YEAR = 365 * 86400 };

static struct world world;
static struct errtext why;
static char file[128], lock_file[128], away[128];

static void
open_world(bool has_list)
{
    struct client *cl = world_client("app", "admin");

    world_open(&world);
    world_key(&world, JOSE_ES256, WORLD_NOW - 100);
    cl->created = WORLD_NOW - 100;
    world_store(cl);
    snprintf(file, sizeof(file), "%s/list.jwt", world.dir);
    snprintf(lock_file, sizeof(lock_file), "%s/revocations.lock", world.dir);
    snprintf(away, sizeof(away), "%s.away", world.dir);
    free(world.policy.state);
    world.policy.state = strdup(world.dir);
    if (has_list) {
        free(world.policy.revocations.file);
        world.policy.revocations.file = strdup(file);
    }
    why.text[0] = '\0';
}

static void
close_world(void)
{
    (void) unlink(file);
    (void) unlink(lock_file);
    world_close(&world);
}

/* A token that was issued ten seconds ago. */
static void
issue(enum token_format format, char token[MINT_TOKEN_MAX],
      struct active *active)
{
    world_token(&world, "app", format, NULL, WORLD_NOW - 10, token);
    if (active_find(&world.service, token, strlen(token), WORLD_NOW, active,
                    &why)
        != 1)
        tap_diag("not active: %s", why.text);
}

static int
is_active(const char *token)
{
    struct active active;

    return active_find(&world.service, token, strlen(token), WORLD_NOW,
                       &active, &why);
}

/* The list, taken apart; false when it is none. */
static bool
read_list(struct jws *jws)
{
    char *text = malloc(LIST_MAX + 1);
    long len = path_read(file, text, LIST_MAX, &why);
    bool good = len >= 0 && jws_parse(jws, text, (size_t) len, &why) == 0;

    if (good) {
        const char *jwks;
        struct verifier *verifier = NULL;
        struct jwk *jwk = NULL;
        size_t jwks_len;

        jwks = keyring_jwks(world.service.keyring, WORLD_NOW, &jwks_len,
                            &why);
        good = jwks != NULL
               && jwk_set_read(&jwk, jwks, jwks_len, true, &why) == 1
               && verifier_load(&verifier, jwk, &why) == 0
               && verifier_check(verifier, JOSE_ES256, jws->input,
                                 jws->input_len, jws->sig, jws->sig_len,
                                 &why)
                      == 1
               && jws_claims(jws, &why) == 0;
        jws->input = NULL;
        verifier_free(verifier);
        free(jwk);
    }
    free(text);
    return good;
}

/* The claims of the list, however long, or NULL. */
static json_t *
read_claims(void)
{
    char *text = malloc(LIST_MAX + 1);
    long len = path_read(file, text, LIST_MAX, &why);
    const char *from, *to;
    json_t *claims = NULL;

    text[len < 0 ? 0 : len] = '\0';
    from = strchr(text, '.');
    to = strrchr(text, '.');
    if (from != NULL && from < to) {
        unsigned char *json = malloc(LIST_MAX);

        len = b64url_decode(from + 1, (size_t) (to - from - 1), json,
                            LIST_MAX);
        if (len > 0)
            claims = json_loadb((char *) json, (size_t) len, 0, NULL);
        free(json);
    }
    free(text);
    return claims;
}

/* A number of the list: by its name, or below one; -1 when it is not there. */
static long long
number(const char *name, const char *below)
{
    json_t *claims = read_claims();
    const json_t *value = json_object_get(claims, name);
    long long n = -1;

    if (claims == NULL) {
        tap_diag("no list: %s", why.text);
        return -2;
    }
    if (below != NULL)
        value = json_object_get(value, below);
    if (json_is_number(value))
        n = (long long) json_number_value(value);
    json_decref(claims);
    return n;
}

/* As a worker does. */
static int
take_back(const struct active *active)
{
    return revocation_token(&world.service, active, WORLD_NOW, &why) != 0
               ? -1
               : revocation_settle(&world.service, WORLD_NOW, &why);
}

static void
test_token(enum token_format format, const char *name)
{
    char token[MINT_TOKEN_MAX], other[MINT_TOKEN_MAX];
    struct active active;
    bool is_jwt = format == FORMAT_JWT;

    open_world(true);
    issue(format, other, &active);
    issue(format, token, &active);
    tap_is_int(0, revocation_token(&world.service, &active, WORLD_NOW, &why),
               "%s: it is revoked", name);
    tap_ok(fake_expiring_was_durable(), "%s: durably", name);
    tap_is_int(0, revocation_settle(&world.service, WORLD_NOW, &why),
               "%s: the list is written", name);
    tap_is_int(0, is_active(token), "%s: it is not active", name);
    tap_is_int(1, is_active(other), "%s: another is", name);
    tap_is_int(0, take_back(&active), "%s: a second time", name);
    tap_is_int(0, is_active(token), "%s: it is still not active", name);
    if (is_jwt)
        tap_is_int(active.exp, number("tokens", active.jti),
                   "%s: the list has it, and when it ends", name);
    else
        tap_is_int(-1, number("tokens", active.jti), "%s: it is on no list",
                   name);
    tap_is_int(is_jwt ? 3 : 1,
               (long long) fake_expiring_records(EXPIRING_COUNTERS),
               "%s: records for the list", name);
    close_world();
}

static void
test_claims(void)
{
    struct jws jws;
    struct stat st;

    open_world(true);
    tap_is_int(0, revocation_publish(&world.service, WORLD_NOW, &why),
               "a list of nothing is written");
    tap_is_int(WORLD_NOW, number("iat", NULL), "iat is the present");
    tap_is_int(WORLD_NOW + world.policy.revocations.lifetime,
               number("exp", NULL), "exp is a lifetime ahead");
    tap_is_int(REVLIST_TTL, number("ttl", NULL), "ttl is there");
    tap_is_int(0, number("all", NULL), "all is 0");
    tap_ok(read_list(&jws) && jws_typ_is(&jws, REVLIST_TYP), "its typ");
    tap_is_str(world.policy.issuer,
               json_string_value(json_object_get(jws.claims, "iss")),
               "its issuer");
    jws_free(&jws);
    tap_ok(stat(file, &st) == 0 && (st.st_mode & 07777) == 0644,
           "everybody may read it");
    close_world();
}

static void
test_client(void)
{
    open_world(true);
    tap_is_int(0, revocation_client(&world.service, "app", WORLD_NOW - 5,
                                    WORLD_NOW, &why),
               "a client is revoked");
    tap_is_int(0, revocation_client(&world.service, "b", WORLD_NOW,
                                    WORLD_NOW, &why),
               "another is");
    tap_is_int(0, revocation_publish(&world.service, WORLD_NOW, &why),
               "the list is written");
    tap_is_int(WORLD_NOW - 5, number("clients", "app"), "it has the one");
    tap_is_int(WORLD_NOW, number("clients", "b"), "it has the other");
    tap_is_int(-1, number("clients", "c"), "it has no other");

    revocation_client(&world.service, "app", WORLD_NOW - 50, WORLD_NOW, &why);
    revocation_publish(&world.service, WORLD_NOW, &why);
    tap_is_int(WORLD_NOW - 5, number("clients", "app"),
               "an earlier time does not lower it");
    revocation_client(&world.service, "app", WORLD_NOW - 1, WORLD_NOW, &why);
    revocation_publish(&world.service, WORLD_NOW, &why);
    tap_is_int(WORLD_NOW - 1, number("clients", "app"),
               "a later one raises it");
    world.policy.token.max_lifetime = 1;
    revocation_client(&world.service, "app", WORLD_NOW, WORLD_NOW, &why);
    revocation_publish(&world.service, WORLD_NOW + 86400, &why);
    tap_is_int(WORLD_NOW, number("clients", "app"),
               "it stays when token.max_lifetime was lowered before");
    revocation_publish(&world.service, WORLD_NOW + YEAR, &why);
    tap_is_int(WORLD_NOW, number("clients", "app"),
               "it is there as long as a token can be");
    revocation_publish(&world.service, WORLD_NOW + YEAR + REVOCATION_SKEW,
                       &why);
    tap_is_int(-1, number("clients", "app"), "and no longer");
    close_world();
}

static void
test_share(void)
{
    struct active active = {.client_id = "app", .iat = WORLD_NOW - 100,
                            .exp = WORLD_NOW + 100};
    int i, failed = 0;

    open_world(true);
    for (i = 0; i <= REVLIST_SHARE; i++) {
        snprintf(active.jti, sizeof(active.jti), "token-%04d", i);
        if (i > 0)
            active.iat = WORLD_NOW - 10;
        failed |= revocation_token(&world.service, &active, WORLD_NOW, &why);
    }
    failed |= revocation_publish(&world.service, WORLD_NOW, &why);
    tap_is_int(0, failed, "a client revokes more than its share");
    tap_is_int(WORLD_NOW - 100, number("clients", "app"),
               "its oldest token is covered by its client");
    tap_is_int(-1, number("tokens", "token-0000"), "and named no more");
    tap_is_int(WORLD_NOW + 100, number("tokens", "token-0001"),
               "the others are");
    revocation_client(&world.service, "app", WORLD_NOW - 10, WORLD_NOW, &why);
    revocation_publish(&world.service, WORLD_NOW, &why);
    tap_is_int(-1, number("tokens", "token-0001"),
               "not when the client is revoked");
    tap_is_int(WORLD_NOW - 10, number("clients", "app"), "as it is then");
    close_world();
}

static void
test_all(void)
{
    char token[MINT_TOKEN_MAX];
    struct active active;

    open_world(true);
    issue(FORMAT_JWT, token, &active);
    tap_is_int(1, revocation_all(&world.service, WORLD_NOW - 11, &why),
               "all tokens are revoked that are older");
    tap_is_int(1, is_active(token), "this one is active");
    tap_is_int(1, revocation_all(&world.service, WORLD_NOW - 10, &why),
               "all tokens of its second are revoked");
    tap_is_int(0, is_active(token), "it is not active");
    tap_is_int(0, revocation_all(&world.service, WORLD_NOW - 60, &why),
               "an earlier time changes nothing");
    tap_is_int(0, is_active(token), "it is still not active");
    tap_is_int(0, revocation_publish(&world.service, WORLD_NOW, &why),
               "the list is written");
    tap_is_int(WORLD_NOW - 10, number("all", NULL), "and says so");
    close_world();
}

/* The list in the file is that old. */
static void
age(int64_t seconds)
{
    const struct timespec times[2] = {{WORLD_NOW - seconds, 0},
                                      {WORLD_NOW - seconds, 0}};

    if (utimensat(AT_FDCWD, file, times, 0) != 0)
        abort();
}

static void
test_refresh(void)
{
    static const struct {
        const char *sentence;
        int64_t age, lifetime;
        bool written;
    } rows[] = {
        {"a fresh list is left alone", 0, 1000, false},
        {"so it is just before half of its life", 499, 1000, false},
        {"at half of its life it is renewed", 500, 1000, true},
        {"an expired one is renewed", 5000, 1000, true},
        {"one of the future is renewed", -3600, 1000, true},
        {"a longer life makes it young", 500, 2000, false},
    };
    size_t i;

    open_world(true);
    tap_is_int(0, revocation_refresh(&world.service, WORLD_NOW, &why),
               "where there is none");
    tap_is_int(WORLD_NOW, number("iat", NULL), "it is written");
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        world.policy.revocations.lifetime = rows[i].lifetime;
        if (revocation_publish(&world.service, WORLD_NOW - 1, &why) != 0)
            tap_diag("%s", why.text);
        age(rows[i].age);
        world.service.list_look = 0;
        tap_ok(revocation_refresh(&world.service, WORLD_NOW, &why) == 0
                   && number("iat", NULL)
                          == (rows[i].written ? WORLD_NOW : WORLD_NOW - 1),
               "%s", rows[i].sentence);
    }
    (void) unlink(file);
    tap_is_int(0, revocation_refresh(&world.service, WORLD_NOW + 1, &why),
               "a second later");
    tap_ok(access(file, F_OK) != 0, "nobody looks");
    tap_ok(revocation_refresh(&world.service, WORLD_NOW + 60, &why) == 0
               && access(file, F_OK) == 0,
           "a minute later somebody does");
    close_world();
}

static void
refused(const char *sentence, const char *fault, int rc)
{
    bool right = rc == -1 && strstr(why.text, fault) != NULL;

    tap_ok(right, "%s", sentence);
    if (!right)
        tap_diag("%d: %s", rc, why.text);
}

/* Whether a list that lacks something follows, and how. */
static void
test_behind(void)
{
    char token[3][MINT_TOKEN_MAX];
    struct active active[3];
    int i;

    open_world(true);
    for (i = 0; i < 3; i++)
        issue(FORMAT_JWT, token[i], &active[i]);
    revocation_publish(&world.service, WORLD_NOW - 1, &why);
    age(1);
    revocation_token(&world.service, &active[0], WORLD_NOW, &why);
    tap_is_int(-1, number("tokens", active[0].jti),
               "who is killed after a revocation leaves a list without it");
    tap_ok(revocation_refresh(&world.service, WORLD_NOW, &why) == 0
               && number("tokens", active[0].jti) == active[0].exp,
           "at the next look it is written");
    revocation_token(&world.service, &active[1], WORLD_NOW, &why);
    tap_ok(revocation_settle(&world.service, WORLD_NOW, &why) == 0
               && number("tokens", active[1].jti) == active[1].exp,
           "and by whoever revokes, or does so again");

    if (rename(world.dir, away) != 0)
        abort();
    tap_is_int(-1, take_back(&active[2]), "while its directory is away");
    if (rename(away, world.dir) != 0)
        abort();
    tap_is_int(-1, number("tokens", active[2].jti), "the list lacks it");
    tap_ok(revocation_settle(&world.service, WORLD_NOW, &why) == 0
               && number("tokens", active[2].jti) == active[2].exp,
           "the next time somebody revokes it is on it");

    revocation_client(&world.service, "b", WORLD_NOW, WORLD_NOW, &why);
    tap_ok(revocation_settle(&world.service, WORLD_NOW, &why) == 0
               && number("clients", "b") == WORLD_NOW,
           "a client is on it, too");
    revocation_all(&world.service, WORLD_NOW - 90, &why);
    tap_ok(revocation_settle(&world.service, WORLD_NOW, &why) == 0
               && number("all", NULL) == WORLD_NOW - 90,
           "and so are all");
    age(7);
    (void) fake_expiring_adds();
    tap_is_int(0, revocation_settle(&world.service, WORLD_NOW, &why),
               "a list that lacks nothing");
    tap_is_int(0, fake_expiring_adds(), "is left alone");
    close_world();
}

/* What every process of plain CGI finds, which remembers nothing. */
static int
look_anew(int64_t now)
{
    world.service.list_look = 0;
    return revocation_refresh(&world.service, now, &why);
}

static void
test_tried(void)
{
    open_world(true);
    free(world.policy.revocations.file);
    world.policy.revocations.file = strdup("/nowhere/list.jwt");
    tap_is_int(-1, look_anew(WORLD_NOW), "a list cannot be written");
    tap_is_int(0, look_anew(WORLD_NOW + 1),
               "another process does not try again within a minute");
    tap_is_int(0, look_anew(WORLD_NOW + 59), "nor at its end");
    tap_is_int(-1, look_anew(WORLD_NOW + 60), "after it one does");
    tap_is_int(-1, look_anew(WORLD_NOW - 900), "or when the clock was wrong");
    tap_is_int(-1, revocation_settle(&world.service, WORLD_NOW, &why),
               "who revokes does");
    free(world.policy.revocations.file);
    world.policy.revocations.file = strdup(file);
    tap_is_int(0, revocation_publish(&world.service, WORLD_NOW, &why),
               "and when it was written");
    (void) unlink(file);
    tap_ok(look_anew(WORLD_NOW + 1) == 0 && number("iat", NULL)
                                                == WORLD_NOW + 1,
           "the next does not wait");
    close_world();
}

/* Where the list failed in a command, with nothing new to be on it. */
static void
test_forced(void)
{
    open_world(true);
    revocation_publish(&world.service, WORLD_NOW - 9, &why);
    age(9);
    world.policy.token.alg = JOSE_ES384;
    refused("a list that a command cannot write", "ES384",
            revocation_publish(&world.service, WORLD_NOW - 8, &why));
    world.policy.token.alg = JOSE_ES256;
    tap_ok(look_anew(WORLD_NOW + 60) == 0
               && number("iat", NULL) == WORLD_NOW + 60,
           "is written a minute later");
    close_world();
}

static void
test_locked(void)
{
    int fd;

    open_world(true);
    if (path_lock(lock_file, 0, &fd, &why) != 1)
        abort();
    tap_is_int(0, revocation_refresh(&world.service, WORLD_NOW, &why),
               "while another writes the list");
    tap_ok(access(file, F_OK) != 0, "who comes by does not");
    tap_is_int(0, revocation_settle(&world.service, WORLD_NOW, &why),
               "nor who revokes");
    tap_ok(access(file, F_OK) != 0, "who does not wait for long");
    path_unlock(fd);
    tap_ok(revocation_refresh(&world.service, WORLD_NOW + 2, &why) == 0
               && access(file, F_OK) == 0,
           "and comes again soon");
    close_world();
}

/* Make the list one of many records, of as many clients. */
static void
fill(void)
{
    struct active active = {.iat = WORLD_NOW - 100, .exp = WORLD_NOW + 100};
    int i;

    for (i = 0; i < 6000; i++) {
        snprintf(active.jti, sizeof(active.jti), "token-%04d", i);
        snprintf(active.client_id, sizeof(active.client_id), "c%d", i / 1000);
        (void) revocation_token(&world.service, &active, WORLD_NOW, &why);
    }
}

static void
test_many(void)
{
    struct active active = {.client_id = "app", .iat = WORLD_NOW,
                            .exp = WORLD_NOW + 100, .jti = "one"};

    open_world(true);
    fill();
    revocation_publish(&world.service, WORLD_NOW, &why);
    age(0);
    tap_is_int(0, take_back(&active), "a token more where there are many");
    tap_is_int(-1, number("tokens", "one"), "is not on the list at once");
    tap_ok(revocation_refresh(&world.service, WORLD_NOW, &why) == 0
               && number("tokens", "one") == -1,
           "nor within a second of the last list");
    tap_ok(revocation_refresh(&world.service, WORLD_NOW + 1, &why) == 0
               && number("tokens", "one") == -1,
           "nor in the next");
    tap_ok(revocation_refresh(&world.service, WORLD_NOW + 2, &why) == 0
               && number("tokens", "one") == WORLD_NOW + 100,
           "and then it is");
    close_world();
}

static void
test_faults(void)
{
    char token[MINT_TOKEN_MAX];
    struct active active;

    open_world(true);
    issue(FORMAT_JWT, token, &active);
    free(world.policy.revocations.file);
    world.policy.revocations.file = strdup("/nowhere/list.jwt");
    refused("without a place for the list it is not written", "not written",
            take_back(&active));
    tap_ok(strstr(why.text, "/nowhere/list.jwt") != NULL,
           "and the reason names the place");
    tap_is_int(0, is_active(token), "the token is not active");
    refused("in passing there is the same fault", "not renewed",
            look_anew(WORLD_NOW + 60));

    free(world.policy.revocations.file);
    world.policy.revocations.file = strdup(file);
    world.policy.token.alg = JOSE_ES384;
    refused("without a key that signs there is no list", "ES384",
            revocation_publish(&world.service, WORLD_NOW, &why));
    world.policy.token.alg = JOSE_ES256;
    issue(FORMAT_JWT, token, &active);
    fake_expiring_break(true);
    refused("a broken store revokes nothing", "",
            revocation_token(&world.service, &active, WORLD_NOW, &why));
    refused("nor a client", "",
            revocation_client(&world.service, "app", WORLD_NOW, WORLD_NOW,
                              &why));
    refused("and writes no list", "not written",
            revocation_publish(&world.service, WORLD_NOW, &why));
    fake_expiring_break(false);
    fake_store_put(STORE_META, REVOCATION_ALL_META, "soon");
    refused("nor one from what is not a time", "not written",
            revocation_publish(&world.service, WORLD_NOW, &why));
    tap_ok(access(file, F_OK) != 0, "there is none");
    close_world();
}

static void
test_no_list(void)
{
    char token[MINT_TOKEN_MAX];
    struct active active;

    open_world(false);
    issue(FORMAT_JWT, token, &active);
    tap_is_int(0, take_back(&active), "where the policy wants no list");
    tap_is_int(0, is_active(token), "tokens are revoked all the same");
    tap_is_int(0, revocation_refresh(&world.service, WORLD_NOW, &why),
               "there is nothing to renew");
    close_world();
}

int
main(void)
{
    if (crypto_init(&why) != 0)
        return 1;
    test_token(FORMAT_JWT, "a JWT");
    test_token(FORMAT_OPAQUE, "an opaque token");
    test_claims();
    test_client();
    test_share();
    test_all();
    test_refresh();
    test_behind();
    test_tried();
    test_forced();
    test_locked();
    test_many();
    test_faults();
    test_no_list();
    return tap_done();
}
