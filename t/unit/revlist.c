/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The claims of the list of revoked tokens.
 */

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/client.h"
#include "core/revlist.h"
#include "tap.h"

#define HEAD \
    "{\"iss\":\"https://as.example.org\",\"iat\":1000,\"exp\":2000," \
    "\"ttl\":60,\"all\":0,"

static const struct revlist_head head = {
    .issuer = "https://as.example.org", .iat = 1000, .exp = 2000};

/* Each entry of a list in text, in their order. */
static const struct {
    const char *sentence;
    const char *clients[3], *tokens[3];
    const char *expected;
} rows[] = {
    {"nothing is revoked", {NULL}, {NULL},
     HEAD "\"clients\":{},\"tokens\":{}}"},
    {"a client", {"batch", NULL}, {NULL},
     HEAD "\"clients\":{\"batch\":900},\"tokens\":{}}"},
    {"a token", {NULL}, {"jti1", NULL},
     HEAD "\"clients\":{},\"tokens\":{\"jti1\":1500}}"},
    {"two of each", {"a", "b", NULL}, {"j", "k", NULL},
     HEAD "\"clients\":{\"a\":900,\"b\":900},"
          "\"tokens\":{\"j\":1500,\"k\":1500}}"},
    {"a client whose id is not plain in JSON", {"a\"\\", NULL}, {NULL},
     HEAD "\"clients\":{\"a\\u0022\\u005c\":900},\"tokens\":{}}"},
};

static void
test_rows(void)
{
    size_t i, j, len;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct revlist *list = revlist_new(&head);
        const char *text;

        for (j = 0; rows[i].clients[j] != NULL; j++)
            revlist_add_client(list, rows[i].clients[j],
                               strlen(rows[i].clients[j]), 900);
        for (j = 0; rows[i].tokens[j] != NULL; j++)
            revlist_add_token(list, rows[i].tokens[j],
                              strlen(rows[i].tokens[j]), 1500);
        text = revlist_end(list, &len);
        tap_is_str(rows[i].expected, text, "%s", rows[i].sentence);
        tap_is_int((long long) strlen(text), (long long) len,
                   "%s: its length", rows[i].sentence);
        revlist_free(list);
    }
}

static void
test_all(void)
{
    struct revlist_head all = head;
    struct revlist *list;
    size_t len;

    all.all = 950;
    list = revlist_new(&all);
    tap_ok(strstr(revlist_end(list, &len), ",\"all\":950,") != NULL,
           "the time by which all are revoked is told");
    revlist_free(list);
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
        id[0] = (char) ('0' + i % 10);
        id[1] = (char) ('0' + i / 10);
        revlist_add_client(list, id, CLIENT_ID_MAX, 900);
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

/* An entry has 22 characters of a jti and 14 about them. */
static void
test_greatest(void)
{
    struct revlist *list = revlist_new(&head);
    char jti[23] = "jti-0000000000000000000";
    size_t fit = (REVLIST_MAX - 200) / 36, len = 0, i;

    for (i = 0; i < fit; i++)
        revlist_add_token(list, jti, 22, 1800000000);
    tap_ok(revlist_end(list, &len) != NULL && len <= REVLIST_MAX,
           "a list of nearly %d bytes", REVLIST_MAX);
    revlist_free(list);

    list = revlist_new(&head);
    for (i = 0; i < fit + 20; i++)
        revlist_add_token(list, jti, 22, 1800000000);
    tap_ok(revlist_end(list, &len) == NULL,
           "a list that is longer is none at all");
    revlist_free(list);
}

int
main(void)
{
    test_rows();
    test_all();
    test_long_names();
    test_greatest();
    revlist_free(NULL);
    return tap_done();
}
