/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What anybody may read: metadata, keys and health, and who may not ask.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1 /* memmem */
#endif

#include <jansson.h>
#include <string.h>

#include "discovery.h"
#include "fake_store.h"
#include "tap.h"
#include "world.h"

static struct world world;
static struct reply rp;
static struct audit audit;

static const struct {
    const char *sentence;
    enum endpoint endpoint;
    const char *method;
    enum oauth_error error;
    const char *head; /* a part of the headers */
} rows[] = {
    {"metadata by GET", ENDPOINT_METADATA, "GET", OAUTH_OK,
     "Cache-Control: public, max-age=300\r\n"},
    {"metadata by HEAD", ENDPOINT_METADATA, "HEAD", OAUTH_OK,
     "Content-Type: application/json\r\n"},
    {"the keys by GET", ENDPOINT_KEYS, "GET", OAUTH_OK,
     "Cache-Control: public, max-age=300\r\n"},
    {"the keys by HEAD", ENDPOINT_KEYS, "HEAD", OAUTH_OK,
     "Content-Type: application/json\r\n"},
    {"health by GET", ENDPOINT_HEALTH, "GET", OAUTH_OK,
     "Cache-Control: no-store\r\nPragma: no-cache\r\n"},
    {"metadata by POST", ENDPOINT_METADATA, "POST",
     OAUTH_METHOD_NOT_ALLOWED, "Allow: GET, HEAD\r\n"},
    {"the keys by DELETE", ENDPOINT_KEYS, "DELETE",
     OAUTH_METHOD_NOT_ALLOWED, "Allow: GET, HEAD\r\n"},
    {"health by PUT", ENDPOINT_HEALTH, "PUT", OAUTH_METHOD_NOT_ALLOWED,
     "Allow: GET, HEAD\r\n"},
    {"get in small letters", ENDPOINT_KEYS, "get",
     OAUTH_METHOD_NOT_ALLOWED, "Allow: GET, HEAD\r\n"},
    {"no method", ENDPOINT_KEYS, "", OAUTH_METHOD_NOT_ALLOWED,
     "Allow: GET, HEAD\r\n"},
    {"no endpoint by GET", ENDPOINT_NONE, "GET", OAUTH_NOT_FOUND,
     "Status: 404 Not Found\r\n"},
    {"no endpoint by POST", ENDPOINT_NONE, "POST", OAUTH_NOT_FOUND,
     "Status: 404 Not Found\r\n"},
};

static enum oauth_error
ask(enum endpoint endpoint, const char *method, int64_t now)
{
    struct request rq = {.method = method, .remote_addr = "192.0.2.1"};

    memset(&audit, 0, sizeof(audit));
    discovery_answer(&world.service, endpoint, &rq, now, &rp, &audit);
    return audit.outcome;
}

/* Web servers differ in which of the two they mean. */
static void
test_repeated(void)
{
    struct request rq = {.method = "GET", .remote_addr = "192.0.2.1",
                         .fault = REQUEST_DUPLICATE,
                         .repeated = "CCGRANT_CONFIG"};

    memset(&audit, 0, sizeof(audit));
    discovery_answer(&world.service, ENDPOINT_METADATA, &rq, WORLD_NOW, &rp,
                     &audit);
    tap_is_int(OAUTH_INVALID_REQUEST, audit.outcome,
               "a variable that came twice is refused");
    tap_is_str("CCGRANT_CONFIG came more than once", audit.why.text,
               "and named in the log");
}

static void
test_rows(void)
{
    char head[REPLY_HEAD_MAX];
    size_t i;

    for (i = 0; i < LEN(rows); i++) {
        json_t *doc;

        tap_is_int(rows[i].error,
                   ask(rows[i].endpoint, rows[i].method, WORLD_NOW), "%s",
                   rows[i].sentence);
        reply_head(&rp, head);
        tap_is_int(oauth_status(rows[i].error), rp.status, "%s: the status",
                   rows[i].sentence);
        tap_ok(strstr(head, rows[i].head) != NULL, "%s: the headers",
               rows[i].sentence);
        doc = json_loadb(rp.body, rp.len, JSON_REJECT_DUPLICATES, NULL);
        tap_ok(json_is_object(doc), "%s: the body is JSON",
               rows[i].sentence);
        tap_ok((rows[i].error == OAUTH_OK) == (audit.why.text[0] == '\0'),
               "%s: a refusal has its reason", rows[i].sentence);
        json_decref(doc);
    }
}

/* How many keys are published at that time, or -1 for no answer. */
static long long
count_keys(int64_t now)
{
    json_t *doc, *key;
    long long n = -1;
    size_t i;

    if (ask(ENDPOINT_KEYS, "GET", now) != OAUTH_OK)
        return -1;
    doc = json_loadb(rp.body, rp.len, JSON_REJECT_DUPLICATES, NULL);
    n = (long long) json_array_size(json_object_get(doc, "keys"));
    json_array_foreach(json_object_get(doc, "keys"), i, key) {
        if (json_object_get(key, "d") != NULL)
            n = -2;
    }
    json_decref(doc);
    return n;
}

static void
test_keys(void)
{
    tap_is_int(1, count_keys(WORLD_NOW), "one key, without its private part");
    world_key(&world, JOSE_EDDSA, WORLD_NOW + 100);
    tap_is_int(2, count_keys(WORLD_NOW),
               "a key is published before it signs");
}

/* Health is good only while a token could be issued. */
static void
test_health(void)
{
    static const char good[] = "{\"status\":\"ok\"}";

    ask(ENDPOINT_HEALTH, "GET", WORLD_NOW);
    tap_is_mem(good, sizeof(good) - 1, rp.body, rp.len, "health is good");
    world.policy.token.alg = JOSE_EDDSA;
    tap_is_int(OAUTH_UNAVAILABLE, ask(ENDPOINT_HEALTH, "GET", WORLD_NOW),
               "health is bad while no key may sign");
    tap_ok(strstr(audit.why.text, "ccgrant key add --alg EdDSA") != NULL,
           "and the log has the cure");
    tap_is_int(OAUTH_OK, ask(ENDPOINT_HEALTH, "GET", WORLD_NOW + 100),
               "health is good when its time has come");
    world.policy.token.alg = JOSE_ES256;
    fake_store_put(STORE_META, "schema", NULL);
    tap_is_int(OAUTH_UNAVAILABLE, ask(ENDPOINT_HEALTH, "GET", WORLD_NOW),
               "health is bad in a store without its schema");
    tap_ok(audit.why.text[0] != '\0', "and the log says so");
    fake_store_put(STORE_META, "schema", "1");
    fake_store_break(true);
    tap_is_int(OAUTH_UNAVAILABLE, ask(ENDPOINT_HEALTH, "GET", WORLD_NOW),
               "health is bad while the store is broken");
    tap_is_int(5, rp.retry_after, "and says when to come again");
    tap_is_int(OAUTH_UNAVAILABLE, ask(ENDPOINT_KEYS, "GET", WORLD_NOW),
               "no keys while the store is broken");
    tap_is_int(OAUTH_OK, ask(ENDPOINT_METADATA, "GET", WORLD_NOW),
               "metadata is there while the store is broken");
    fake_store_break(false);
    tap_is_int(OAUTH_OK, ask(ENDPOINT_HEALTH, "GET", WORLD_NOW),
               "health is good again when the store is");
    fake_store_put(STORE_KEYS, "torn", "{");
    tap_is_int(OAUTH_OK, ask(ENDPOINT_HEALTH, "GET", WORLD_NOW),
               "health is good while another key's record cannot be read");
    tap_ok(memmem(rp.body, rp.len, "signing key cannot be read", 26) != NULL,
           "and says so");
    tap_ok(keyring_trouble(world.service.keyring, &audit.why)
               && strstr(audit.why.text, "signing key torn") != NULL,
           "and the log names the record");
    fake_store_put(STORE_KEYS, "torn", NULL);
    tap_is_int(2, count_keys(WORLD_NOW), "the keys are there again");
}

int
main(void)
{
    world_open(&world);
    world_key(&world, JOSE_ES256, WORLD_NOW - 1000);
    test_rows();
    test_repeated();
    test_keys();
    test_health();
    world_close(&world);
    return tap_done();
}
