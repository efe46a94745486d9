/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The claims of the list of revoked tokens.
 */

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/client.h"
#include "core/revlist.h"
#include "tap.h"

#define HEAD(all) \
    "{\"iss\":\"https://as.example.org\",\"iat\":1000,\"exp\":2000," \
    "\"ttl\":60,\"all\":" all ","

static const struct revlist_head head = {
    .issuer = "https://as.example.org",
    .iat = 1000,
    .exp = 2000,
    .share = REVLIST_SHARE};

static struct revlist_name
name(const char *text)
{
    return (struct revlist_name){text, strlen(text)};
}

static void
add_client(struct revlist *list, const char *id, int64_t until)
{
    struct revlist_name client = name(id);

    revlist_add_client(list, &client, until);
}

static void
add_token(struct revlist *list, const char *id, const char *jti, int64_t iat)
{
    struct revlist_name client = name(id), token = name(jti);

    revlist_add_token(list, &client, &token, iat, 1500);
}

/* What is added to a list in order, and its text. */
static const struct {
    const char *sentence;
    int64_t all;
    size_t share;
    struct {
        const char *id, *jti; /* without a jti, a client up to iat */
        int64_t iat;
    } added[5];
    const char *expected;
} rows[] = {
    {"nothing is revoked", 0, 9, {{0}},
     HEAD("0") "\"clients\":{},\"tokens\":{}}"},
    {"all are", 950, 9, {{0}},
     HEAD("950") "\"clients\":{},\"tokens\":{}}"},
    {"a client", 0, 9, {{"batch", NULL, 900}},
     HEAD("0") "\"clients\":{\"batch\":900},\"tokens\":{}}"},
    {"a token", 0, 9, {{"a", "jti1", 800}},
     HEAD("0") "\"clients\":{},\"tokens\":{\"jti1\":1500}}"},
    {"two of each", 0, 9,
     {{"a", NULL, 900}, {"b", NULL, 901}, {"a", "j", 901}, {"c", "k", 1}},
     HEAD("0") "\"clients\":{\"a\":900,\"b\":901},"
               "\"tokens\":{\"j\":1500,\"k\":1500}}"},
    {"a client whose id is not plain in JSON", 0, 9,
     {{"a\"\\", NULL, 900}},
     HEAD("0") "\"clients\":{\"a\\u0022\\u005c\":900},\"tokens\":{}}"},
    {"a token that its client covers is left out", 0, 9,
     {{"a", NULL, 900}, {"a", "j", 900}, {"b", "k", 900}},
     HEAD("0") "\"clients\":{\"a\":900},\"tokens\":{\"k\":1500}}"},
    {"and one of a client whose id begins alike is not", 0, 9,
     {{"a", NULL, 900}, {"ab", "j", 900}},
     HEAD("0") "\"clients\":{\"a\":900},\"tokens\":{\"j\":1500}}"},
    {"what all covers is left out", 900, 9,
     {{"a", NULL, 900}, {"b", NULL, 901}, {"c", "j", 900}, {"c", "k", 901}},
     HEAD("900") "\"clients\":{\"b\":901},\"tokens\":{\"k\":1500}}"},
    {"a share that is full", 0, 2, {{"a", "j", 800}, {"a", "k", 801}},
     HEAD("0") "\"clients\":{},\"tokens\":{\"j\":1500,\"k\":1500}}"},
    {"over it, the oldest is under its client", 0, 2,
     {{"a", "j", 802}, {"a", "k", 800}, {"a", "l", 801}},
     HEAD("0") "\"clients\":{\"a\":800},"
               "\"tokens\":{\"j\":1500,\"l\":1500}}"},
    {"with what was issued in the same second", 0, 2,
     {{"a", "j", 801}, {"a", "k", 801}, {"a", "l", 801}, {"a", "m", 900}},
     HEAD("0") "\"clients\":{\"a\":801},\"tokens\":{\"m\":1500}}"},
    {"another client has its own share", 0, 1,
     {{"a", "j", 800}, {"a", "k", 801}, {"b", "l", 700}},
     HEAD("0") "\"clients\":{\"a\":800},"
               "\"tokens\":{\"k\":1500,\"l\":1500}}"},
    {"the time of the client is raised", 0, 1,
     {{"a", NULL, 700}, {"b", NULL, 900}, {"a", "j", 800}, {"a", "k", 801}},
     HEAD("0") "\"clients\":{\"a\":800,\"b\":900},"
               "\"tokens\":{\"k\":1500}}"},
    {"without shares, clients cover their tokens", 0, 0,
     {{"b", NULL, 900}, {"a", "j", 802}, {"a", "k", 800}, {"b", "l", 800}},
     HEAD("0") "\"clients\":{\"a\":802,\"b\":900},\"tokens\":{}}"},
    {"a jti of nobody's", 0, 9,
     {{"a", "a-jti-of-thirty-three-characters.", 800}},
     HEAD("0") "\"clients\":{},\"tokens\":{}}"},
};

static void
test_rows(void)
{
    size_t i, j, len;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct revlist_head own = head;
        struct revlist *list;
        const char *text;

        own.all = rows[i].all;
        own.share = rows[i].share;
        list = revlist_new(&own);
        for (j = 0; j < 5 && rows[i].added[j].id != NULL; j++) {
            if (rows[i].added[j].jti == NULL)
                add_client(list, rows[i].added[j].id, rows[i].added[j].iat);
            else
                add_token(list, rows[i].added[j].id, rows[i].added[j].jti,
                          rows[i].added[j].iat);
        }
        text = revlist_end(list, &len);
        tap_is_str(rows[i].expected, text, "%s", rows[i].sentence);
        tap_is_int((long long) strlen(text), (long long) len,
                   "%s: its length", rows[i].sentence);
        revlist_free(list);
    }
}

static void
test_long_names(void)
{
    char issuer[5001], id[CLIENT_ID_MAX + 1];
    struct revlist_head longest = head;
    struct revlist *list;
    json_t *claims, *clients;
    size_t len, i;

    memset(issuer, '"', sizeof(issuer) - 1);
    issuer[sizeof(issuer) - 1] = '\0';
    longest.issuer = issuer;
    list = revlist_new(&longest);
    for (i = 0; i < 100; i++) {
        memset(id, '"', CLIENT_ID_MAX);
        id[CLIENT_ID_MAX] = '\0';
        id[0] = (char) ('0' + i / 10);
        id[1] = (char) ('0' + i % 10);
        add_client(list, id, 900);
    }
    claims = json_loads(revlist_end(list, &len), 0, NULL);
    clients = json_object_get(claims, "clients");
    tap_is_int(100, (long long) json_object_size(clients),
               "long names of which every byte is escaped have room");
    tap_is_int(900, json_integer_value(json_object_get(clients, id)),
               "the last of them is there");
    tap_is_str(issuer, json_string_value(json_object_get(claims, "iss")),
               "and so has the issuer");
    json_decref(claims);
    revlist_free(list);
}

/* What is left of a list that clients of full shares make. */
static bool
is_too_long(size_t clients, size_t share)
{
    struct revlist_head own = head;
    struct revlist *list;
    char id[32], jti[] = "jti-000000000000000000";
    size_t i, j, len = 0;
    bool none;

    own.share = share;
    list = revlist_new(&own);
    for (i = 0; i < clients; i++) {
        snprintf(id, sizeof(id), "client-%04zu", i);
        for (j = 0; j < REVLIST_SHARE; j++)
            add_token(list, id, jti, 1800000000);
    }
    none = revlist_end(list, &len) == NULL;
    revlist_free(list);
    return none;
}

/* An entry has 22 characters of a jti and 8 about them. */
static void
test_greatest(void)
{
    size_t fit = REVLIST_MAX / 30 / REVLIST_SHARE;

    tap_ok(!is_too_long(fit, REVLIST_SHARE), "a list of nearly %d bytes",
           REVLIST_MAX);
    tap_ok(is_too_long(fit + 1, REVLIST_SHARE),
           "a list that is longer is none at all");
    tap_ok(!is_too_long(fit + 1, REVLIST_SHARE / 4),
           "of the same with smaller shares there is one");
}

/* However many tokens it revokes. */
static void
test_one_client(void)
{
    struct revlist *list = revlist_new(&head);
    json_t *claims;
    char jti[16];
    size_t i, len;

    for (i = 0; i < 500000; i++) {
        snprintf(jti, sizeof(jti), "j%06zu", i * 7919 % 500000);
        add_token(list, "a", jti, 1000000 + (int64_t) (i * 7919 % 500000));
    }
    add_token(list, "b", "other", 1000);
    claims = json_loads(revlist_end(list, &len), 0, NULL);
    tap_is_int(REVLIST_SHARE + 1,
               (long long) json_object_size(json_object_get(claims, "tokens")),
               "of half a million tokens of one client its share is there");
    tap_is_int(1000000 + 500000 - REVLIST_SHARE - 1,
               json_integer_value(json_object_get(
                   json_object_get(claims, "clients"), "a")),
               "and the greatest time of the rest");
    tap_ok(json_object_get(json_object_get(claims, "tokens"), "other") != NULL
               && json_object_get(json_object_get(claims, "tokens"),
                                  "j499000")
                      != NULL,
           "those that were issued last, and another client's");
    json_decref(claims);
    revlist_free(list);
}

int
main(void)
{
    test_rows();
    test_long_names();
    test_greatest();
    test_one_client();
    revlist_free(NULL);
    return tap_done();
}
