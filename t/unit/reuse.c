/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * reuse: which token is given again, and until when.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fake_expiring.h"
#include "fake_store.h"
#include "io/crypto.h"
#include "io/path.h"
#include "jose_text.h"
#include "recipient.h"
#include "reuse.h"
#include "sample.h"
#include "tap.h"
#include "world.h"

enum { NOW = 1800000000, LIFETIME = 100 };

static struct world world;
static struct grant grant;
static struct binding binding;
static const char *client;
static uint64_t generation;
static struct errtext why;

static void
usual(void)
{
    memset(&grant, 0, sizeof(grant));
    memset(&binding, 0, sizeof(binding));
    client = "app";
    snprintf(grant.scope, sizeof(grant.scope), "orders.read");
    grant.audience[0] = SAMPLE_ORDERS;
    grant.n_audiences = 1;
    grant.lifetime = LIFETIME;
    grant.format = FORMAT_JWT;
    grant.alg = JOSE_ES256;
}

static void
add(const char *text, bool is_opaque, int64_t now)
{
    struct reuse_key key;

    reuse_key(&key, &world.service, client, &grant, &binding, now);
    reuse_add(&world.service, &key, generation, text, "the-jti", is_opaque,
              LIFETIME, now);
}

/* The text of what is given again, "" for nothing. */
static const char *
find(int64_t percent, int64_t now)
{
    static char text[MINT_TOKEN_MAX];
    struct reuse_token token = {.text = text};
    struct reuse_key key;
    int rc;

    reuse_key(&key, &world.service, client, &grant, &binding, now);
    rc = reuse_find(&world.service, &key, generation, percent, now, &token,
                    &why);
    if (rc == 1 && token.expires != NOW + LIFETIME)
        return "another end";
    return rc < 0 ? "failed" : rc == 1 ? text : "";
}

/* A memory that has seen this generation before. */
static void
anew(void)
{
    reuse_close(world.service.reuse);
    world.service.reuse = NULL;
    usual();
    (void) find(50, NOW - 1);
}

static void
other_client(void)
{
    client = "ap";
}

static void
other_scope(void)
{
    snprintf(grant.scope, sizeof(grant.scope), "orders.read orders.write");
}

static void
no_scope(void)
{
    grant.scope[0] = '\0';
}

static void
other_audience(void)
{
    grant.audience[0] = SAMPLE_BILLS;
}

static void
more_audiences(void)
{
    grant.audience[grant.n_audiences++] = SAMPLE_BILLS;
}

static void
other_lifetime(void)
{
    grant.lifetime++;
}

static void
other_format(void)
{
    grant.format = FORMAT_OPAQUE;
}

static void
other_alg(void)
{
    grant.alg = JOSE_RS256;
}

static void
other_details(void)
{
    snprintf(grant.details, sizeof(grant.details), "[]");
}

static void
other_claims(void)
{
    snprintf(grant.claims, sizeof(grant.claims), ",\"a\":1");
}

static void
other_compat(void)
{
    grant.compat = COMPAT_TYP;
}

static void
bound_to_key(void)
{
    snprintf(binding.jkt, sizeof(binding.jkt), "a-thumbprint");
}

static void
bound_to_certificate(void)
{
    snprintf(binding.x5t, sizeof(binding.x5t), "a-thumbprint");
}

static void
test_same(void)
{
    static const struct {
        const char *what;
        void (*change)(void);
    } rows[] = {
        {"another client", other_client},
        {"another scope", other_scope},
        {"no scope", no_scope},
        {"another audience", other_audience},
        {"one more", more_audiences},
        {"another lifetime", other_lifetime},
        {"another format", other_format},
        {"another algorithm", other_alg},
        {"other details", other_details},
        {"other claims", other_claims},
        {"another form", other_compat},
        {"a key", bound_to_key},
        {"a certificate", bound_to_certificate},
    };
    size_t i;

    anew();
    add("usual", false, NOW);
    tap_is_str("usual", find(50, NOW), "the same");
    for (i = 0; i < LEN(rows); i++) {
        usual();
        rows[i].change();
        tap_is_str("", find(50, NOW), "%s: not the same", rows[i].what);
        add(rows[i].what, false, NOW);
        tap_is_str(rows[i].what, find(50, NOW), "%s: its own",
                   rows[i].what);
    }
    usual();
    tap_is_str("usual", find(50, NOW), "the first is there still");
}

static void
test_ages(void)
{
    static const struct {
        const char *what;
        int64_t percent, later;
        bool found;
    } rows[] = {
        {"half left, exactly", 50, 50, true},
        {"a second later", 50, 51, false},
        {"one percent left", 1, 99, true},
        {"nothing left", 1, 100, false},
        {"long over", 1, 1000, false},
        {"nearly all left", 99, 1, true},
        {"a little less", 99, 2, false},
        {"a clock that was set back", 50, -10, false},
    };
    size_t i;

    for (i = 0; i < LEN(rows); i++) {
        anew();
        add("it", false, NOW);
        tap_is_str(rows[i].found ? "it" : "",
                   find(rows[i].percent, NOW + rows[i].later), "%s",
                   rows[i].what);
    }
}

#define ONE "{" P256 "}"
#define TWO "{" P384 "}"
#define FIRST "{" P256 ",'use':'enc','kid':'1','exp':1800000010}"
#define SECOND "{" P384 ",'use':'enc','kid':'2'}"

static void
write_key(const char *file, const char *json)
{
    char *text = jose_text(json);

    unlink(file);
    tap_must(path_write_new(file, 0600, text, strlen(text), &why) == 0,
             "a key");
    free(text);
}

/* A token for the old key is of no use to a resource that has only the new. */
static void
test_recipient(void)
{
    static const struct {
        const char *what;
        const char *before;
        const char *after; /* NULL: the file is not touched */
        int64_t later;
        bool found;
    } rows[] = {
        {"the same key", ONE, NULL, 20, true},
        {"another key in the file", ONE, TWO, 1, false},
        {"another key in front", "{'keys':[" FIRST "," SECOND "]}",
         "{'keys':[" SECOND "," FIRST "]}", 1, false},
        {"a key in its last second", "{'keys':[" FIRST "," SECOND "]}", NULL,
         9, true},
        {"a key that has ended", "{'keys':[" FIRST "," SECOND "]}", NULL, 10,
         false},
        {"a file that cannot be read", ONE, "{}", 1, true},
    };
    struct policy_resource *resource = &world.policy.resources[0];
    char file[PATH_TEXT_MAX];
    size_t i;

    tap_must(path_join(file, world.dir, "resource.key", &why) == 0,
             "a name");
    resource->encryption_key = file;
    for (i = 0; i < LEN(rows); i++) {
        anew();
        write_key(file, rows[i].before);
        grant.recipient = resource;
        add("it", false, NOW);
        tap_is_str("it", find(50, NOW), "%s: in the same second",
                   rows[i].what);
        if (rows[i].after != NULL)
            write_key(file, rows[i].after);
        tap_is_str(rows[i].found ? "it" : "", find(50, NOW + rows[i].later),
                   "%s: given again or not", rows[i].what);
        recipient_close(world.service.recipients);
        world.service.recipients = NULL;
    }
    unlink(file);
    resource->encryption_key = NULL;
}

static void
mark(const void *key, size_t len, const char *text)
{
    struct expiring_record record = {
        .table = EXPIRING_TOKENS, .key = key, .key_len = len,
        .expires = NOW + LIFETIME, .text = text};
    struct expiring_change change = {.records = &record, .n_records = 1};
    size_t there;

    expiring_commit(world.service.expiring, &change, NOW, &there, NULL);
}

static void
test_revoked(void)
{
    unsigned char name[CRYPTO_SHA256_LEN];

    anew();
    add("jwt", false, NOW);
    tap_is_str("jwt", find(50, NOW), "a JWT");
    mark("the-jti", strlen("the-jti"), "app");
    tap_is_str("", find(50, NOW), "  that is revoked");
    mark("the-jti", strlen("the-jti"), NULL);
    tap_is_str("", find(50, NOW), "  is forgotten");
    add("opaque", true, NOW);
    tap_is_str("", find(50, NOW), "an opaque token that is not there");
    add("opaque", true, NOW);
    crypto_sha256("opaque", 6, name);
    mark(name, sizeof(name), "{}");
    tap_is_str("opaque", find(50, NOW), "one that is");
    fake_expiring_break(true);
    tap_is_str("failed", find(50, NOW), "a store that fails");
    fake_expiring_break(false);
    tap_is_str("opaque", find(50, NOW), "  forgets nothing");
}

static void
test_changes(void)
{
    char id[16];
    int i;

    reuse_close(world.service.reuse);
    world.service.reuse = NULL;
    usual();
    add("it", false, NOW);
    tap_is_str("", find(50, NOW), "not in the first second");
    anew();
    add("it", false, NOW);
    world_store(world_client("another", "batch"));
    tap_is_str("it", find(50, NOW), "who began before a change");
    add("late", false, NOW);
    tap_is_str("it", find(50, NOW), "  adds nothing after it");
    generation = store_generation(world.service.store);
    tap_is_str("", find(50, NOW), "a change forgets all");
    add("it", false, NOW);
    tap_is_str("", find(50, NOW), "  in its second, too");
    add("it", false, NOW + 1);
    tap_ok(find(50, NOW + 1)[0] != '\0', "  and no longer");
    anew();
    add("first", false, NOW);
    for (i = 0; i < 300; i++) {
        snprintf(id, sizeof(id), "app%d", i);
        client = id;
        add("many", false, NOW);
        client = "app";
        if (i < 200)
            (void) find(50, NOW);
    }
    tap_is_str("first", find(50, NOW), "what is used stays");
    client = "app0";
    tap_is_str("", find(50, NOW), "what is not makes room");
    client = "app299";
    tap_is_str("many", find(50, NOW), "for what is new");
}

int
main(void)
{
    world_open(&world);
    generation = store_generation(world.service.store);
    test_same();
    test_ages();
    test_recipient();
    test_revoked();
    test_changes();
    world_close(&world);
    return tap_done();
}
