/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * JWK Sets at URLs: when they are fetched, when not, and what is served
 * meanwhile.  fetch() is of this file, the store in memory.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/jwksrec.h"
#include "core/sbuf.h"
#include "fake_store.h"
#include "io/fetch.h"
#include "jwks.h"
#include "tap.h"

#define URL "https://client.example.org/jwks"
#define X43(c) c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c \
    c c c c c c c c c c c c
#define KEY(kid, c) "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" X43(c) \
    "A\",\"use\":\"sig\",\"kid\":\"" kid "\"}"
#define ONE "{\"keys\":[" KEY("a", "A") "]}"
#define TWO "{\"keys\":[" KEY("b", "B") "," KEY("c", "C") "]}"

#define NOW INT64_C(1800000000)
#define MAX_AGE 3600
#define COOLDOWN 60
#define NEVER NOW

/* A record, by the ages of its times in seconds. */
struct past {
    int64_t fetched; /* or NEVER */
    int64_t tried;
    bool busy;
    size_t n; /* keys, at most 1, of kid "old" */
    const char *trouble;
};

/* What a fetch comes to. */
struct outcome {
    const char *document; /* or NULL: it fails */
    int64_t took;
};

static struct policy policy = {
    .jwks = {.ca = (char[]){"/ca.pem"},
             .max_age = MAX_AGE,
             .cooldown = COOLDOWN},
};
static struct service service = {.policy = &policy};
static struct outcome outcome;
static int fetches, pauses;
static const char *url_seen;
static struct fetch_rules rules_seen;
static void (*during_fetch)(void);
static void (*during_pause)(void);

int
fetch(const char *url, const struct fetch_rules *rules, char *buf, size_t cap,
      size_t *len, int64_t *took, struct errtext *why)
{
    fetches++;
    url_seen = url;
    rules_seen = *rules;
    *took = outcome.took;
    if (during_fetch != NULL)
        during_fetch();
    if (outcome.document == NULL)
        return errtext_set(why, "the host is down");
    *len = strlen(outcome.document);
    if (*len >= cap)
        return errtext_set(why, "too large");
    memcpy(buf, outcome.document, *len + 1);
    return 0;
}

void
fetch_pause(int ms)
{
    (void) ms;
    pauses++;
    if (during_pause != NULL)
        during_pause();
}

static void
put_text(const char *text)
{
    fake_store_put(STORE_JWKS, URL, text);
}

static void
put_record(const struct past *past)
{
    static const char set[] = "{\"keys\":[" KEY("old", "D") "]}";
    struct jwksrec rec = {.fetched = NOW - past->fetched,
                          .tried = NOW - past->tried,
                          .busy = past->busy,
                          .n = past->n};
    char *text;

    if (past->trouble != NULL)
        errtext_set(&rec.trouble, "%s", past->trouble);
    if (past->n > 0)
        (void) jwk_set_read(&rec.keys, set, sizeof(set) - 1, true, NULL);
    text = jwksrec_dump(&rec);
    put_text(text);
    free(text);
    jwksrec_free(&rec);
}

static void
begin(const struct past *past, struct outcome next)
{
    if (past != NULL)
        put_record(past);
    else
        put_text(NULL);
    outcome = next;
    fetches = pauses = 0;
    during_fetch = during_pause = NULL;
    service.no_fetch_until = 0;
}

/* The record as it is now; its times as ages. */
static void
check_record(const struct past *expected, const char *sentence)
{
    struct jwks_state state = {0};
    struct errtext why;

    tap_is_int(1, jwks_look(&service, URL, &state, &why), "%s: a record",
               sentence);
    tap_is_int(expected->fetched, NOW - state.fetched, "%s: fetched",
               sentence);
    tap_is_int(expected->tried, NOW - state.tried, "%s: tried", sentence);
    tap_is_int((long long) expected->n, (long long) state.n, "%s: keys kept",
               sentence);
    tap_is_str(expected->trouble, state.trouble.text, "%s: trouble",
               sentence);
}

#define DOWN {NULL, 0}
#define GONE "there are no keys from " URL ": "

/* jwks_get() at NOW, with what was and what a fetch would come to. */
static const struct {
    const char *sentence;
    bool is_there; /* the record */
    struct past past;
    struct outcome next;
    int fetches;
    int n; /* keys, or -1 */
    const char *why;
    struct past then;
} rows[] = {
    {"the first time", false, {0}, {ONE, 5}, 1, 1, "",
     {0, 0, false, 1, ""}},
    {"a lone key", false, {0}, {KEY("a", "A"), 5}, 1, 1, "",
     {0, 0, false, 1, ""}},
    {"one key of two that can be used", false, {0},
     {"{\"keys\":[{\"kty\":\"new\"}," KEY("a", "A") "]}", 5}, 1, 1, "",
     {0, 0, false, 1, ""}},
    {"fresh", true, {MAX_AGE - 1, MAX_AGE - 1, false, 1, ""}, {TWO, 5}, 0, 1,
     "", {MAX_AGE - 1, MAX_AGE - 1, false, 1, ""}},
    {"of this second", true, {0, 0, false, 1, ""}, {TWO, 5}, 0, 1, "",
     {0, 0, false, 1, ""}},
    {"fresh, after a refetch that failed", true,
     {100, 70, false, 1, "the host is down"}, {TWO, 5}, 0, 1, "",
     {100, 70, false, 1, "the host is down"}},
    {"stale and due", true, {MAX_AGE, MAX_AGE, false, 1, ""}, {TWO, 5}, 1, 2,
     "", {0, 0, false, 2, ""}},
    {"stale, with the same keys", true, {MAX_AGE, MAX_AGE, false, 1, ""},
     {ONE, 5}, 1, 1, "", {0, 0, false, 1, ""}},
    {"stale, and a trouble that has passed", true,
     {MAX_AGE, COOLDOWN, false, 1, "the host is down"}, {TWO, 5}, 1, 2, "",
     {0, 0, false, 2, ""}},
    {"stale while the host is down", true,
     {90 * MAX_AGE, MAX_AGE, false, 1, ""}, DOWN, 1, 1, "",
     {90 * MAX_AGE, 0, false, 1, "the host is down"}},
    {"stale in the cool-down", true,
     {MAX_AGE, COOLDOWN - 1, false, 1, "the host is down"}, {TWO, 5}, 0, 1, "",
     {MAX_AGE, COOLDOWN - 1, false, 1, "the host is down"}},
    {"stale while another process fetches", true,
     {MAX_AGE, 1, true, 1, ""}, {TWO, 5}, 0, 1, "",
     {MAX_AGE, 1, true, 1, ""}},
    {"stale, and who fetched has died", true,
     {MAX_AGE, COOLDOWN, true, 1, ""}, {TWO, 5}, 1, 2, "",
     {0, 0, false, 2, ""}},
    {"stale, and the set there is no JSON", true,
     {MAX_AGE, MAX_AGE, false, 1, ""}, {"<html>", 5}, 1, 1, "",
     {MAX_AGE, 0, false, 1, NULL}},
    {"stale, and the set there is empty", true,
     {MAX_AGE, MAX_AGE, false, 1, ""}, {"{\"keys\":[]}", 5}, 1, 1, "",
     {MAX_AGE, 0, false, 1, NULL}},
    {"stale, and the set there has no key to use", true,
     {MAX_AGE, MAX_AGE, false, 1, ""}, {"{\"keys\":[{\"kty\":\"oct\"}]}", 5},
     1, 1, "", {MAX_AGE, 0, false, 1, NULL}},
    {"the first time, while the host is down", false, {0}, DOWN, 1, -1,
     GONE "the host is down", {NOW, 0, false, 0, "the host is down"}},
    {"the second time, in the cool-down", true,
     {NEVER, COOLDOWN - 1, false, 0, "the host is down"}, {ONE, 5}, 0, -1,
     GONE "the host is down",
     {NEVER, COOLDOWN - 1, false, 0, "the host is down"}},
    {"the second time, behind the cool-down", true,
     {NEVER, COOLDOWN, false, 0, "the host is down"}, {ONE, 5}, 1, 1, "",
     {0, 0, false, 1, ""}},
    {"none, and who fetched has died a while ago", true,
     {NEVER, 30, true, 0, ""}, {ONE, 5}, 0, -1,
     GONE "another process fetches them", {NEVER, 30, true, 0, ""}},

    {"a set from a little ahead", true, {-2, -2, false, 1, ""}, {TWO, 5}, 0,
     1, "", {-2, -2, false, 1, ""}},
    {"a set from tomorrow: the clock was set back", true,
     {-86400, -86400, false, 1, ""}, {TWO, 5}, 1, 2, "",
     {0, 0, false, 2, ""}},
    {"a try of tomorrow", true, {MAX_AGE, -86400, false, 1, "down"}, {TWO, 5},
     1, 2, "", {0, 0, false, 2, ""}},
    {"a try of tomorrow that has not ended", true,
     {NEVER, -86400, true, 0, ""}, {ONE, 5}, 1, 1, "",
     {0, 0, false, 1, ""}},
    {"a set of tomorrow while the host is down", true,
     {-86400, -86400, false, 1, ""}, DOWN, 1, 1, "",
     {-86400, 0, false, 1, "the host is down"}},
};

static void
test_rows(void)
{
    struct errtext why;
    struct jwk *keys;
    int64_t fetched;
    struct past then;
    size_t i;
    int n;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        begin(rows[i].is_there ? &rows[i].past : NULL, rows[i].next);
        why.text[0] = '\0';
        keys = NULL;
        n = jwks_get(&service, URL, NOW, &keys, &fetched, &why);
        tap_is_int(rows[i].n, n, "%s", rows[i].sentence);
        tap_is_int(rows[i].fetches, fetches, "%s: fetches", rows[i].sentence);
        tap_is_str(rows[i].why, why.text, "%s: reason", rows[i].sentence);
        if (n > 0)
            tap_is_int(rows[i].then.fetched, NOW - fetched,
                       "%s: when they came", rows[i].sentence);
        free(keys);
        then = rows[i].then;
        if (then.trouble == NULL) {
            struct jwks_state state = {0};

            (void) jwks_look(&service, URL, &state, &why);
            tap_ok(strncmp(state.trouble.text, "JWK Set: ", 9) == 0,
                   "%s: %s", rows[i].sentence, state.trouble.text);
            then.trouble = state.trouble.text;
            check_record(&then, rows[i].sentence);
        } else {
            check_record(&then, rows[i].sentence);
        }
    }
}

/* The keys, the rules and the record as such. */
static void
test_first(void)
{
    struct cidr net;
    struct errtext why = {.text = ""};
    struct jwk *keys = NULL;
    int64_t fetched = 0;

    policy.jwks.nets = &net;
    policy.jwks.n_networks = 1;
    cidr_parse(&net, "10.0.0.0/8", &why);
    begin(NULL, (struct outcome){TWO, 0});
    tap_is_int(0, jwks_look(&service, URL, &(struct jwks_state){0}, &why),
               "at first nothing is known");
    tap_is_int(2, jwks_get(&service, URL, NOW, &keys, &fetched, &why),
               "two keys come");
    tap_is_str("b", keys[0].kid, "the first");
    tap_is_str("c", keys[1].kid, "the second");
    tap_is_str(URL, url_seen, "from that URL");
    tap_ok(rules_seen.networks == &net && rules_seen.n_networks == 1
               && strcmp(rules_seen.ca, "/ca.pem") == 0,
           "by the rules of the policy");
    free(keys);
    policy.jwks.nets = NULL;
    policy.jwks.n_networks = 0;
}

static void
test_broken(void)
{
    static const char *const texts[] = {
        "", "{}", "[]", "null", "{\"fetched\":1}",
        "{\"fetched\":1,\"tried\":1,\"busy\":false,\"trouble\":\"\","
        "\"keys\":{}}",
        "{\"fetched\":1,\"tried\":1,\"busy\":false,\"trouble\":\"\","
        "\"keys\":[{}]}",
        "{\"fetched\":-1,\"tried\":1,\"busy\":false,\"trouble\":\"\","
        "\"keys\":[]}",
        "{\"fetched\":1,\"tried\":1,\"busy\":false,\"trouble\":\"\","
        "\"keys\":[],\"more\":1}",
    };
    struct errtext why = {.text = ""};
    struct jwk *keys;
    int64_t fetched;
    size_t i;

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        begin(NULL, (struct outcome){ONE, 0});
        put_text(texts[i]);
        keys = NULL;
        tap_is_int(1, jwks_get(&service, URL, NOW, &keys, &fetched, &why),
                   "a broken record is written anew: %s", texts[i]);
        free(keys);
    }
}

/* What the edits see when another process was there meanwhile. */

static void
another_claims(void)
{
    put_record(&(struct past){MAX_AGE, 0, true, 1, ""});
}

static void
another_concludes(void)
{
    if (pauses == 3)
        put_record(&(struct past){0, 0, false, 1, ""});
}

static void
another_fails(void)
{
    if (pauses == 3)
        put_record(&(struct past){NEVER, 0, false, 0, "no route"});
}

static void
the_store_fails(void)
{
    fake_store_break(true);
}

static void
test_shared(void)
{
    struct errtext why = {.text = ""};
    struct jwk *keys = NULL;
    int64_t fetched = 0;

    begin(&(struct past){NEVER, 0, true, 0, ""}, (struct outcome){TWO, 0});
    during_pause = another_concludes;
    tap_is_int(1, jwks_get(&service, URL, NOW, &keys, &fetched, &why),
               "the first set, which another process fetches, is waited for");
    tap_is_int(0, fetches, "nothing is fetched");
    tap_is_int(3, pauses, "no longer than needed");
    tap_is_int(0, service.no_fetch_until, "a short wait needs no rest");
    free(keys);

    begin(&(struct past){NEVER, 0, true, 0, ""}, (struct outcome){TWO, 0});
    during_pause = another_fails;
    tap_is_int(-1, jwks_get(&service, URL, NOW, &keys, &fetched, &why),
               "another process fails");
    tap_is_str(GONE "no route", why.text, "so says the reason");
    tap_is_int(3, pauses, "at once");

    begin(&(struct past){NEVER, 0, true, 0, ""}, (struct outcome){TWO, 0});
    tap_is_int(-1, jwks_get(&service, URL, NOW, &keys, &fetched, &why),
               "another process does not end");
    tap_is_int(40, pauses, "it is waited for a second");
    tap_ok(service.no_fetch_until > NOW, "and that is rested from");
    tap_is_int(-1, jwks_get(&service, URL, NOW, &keys, &fetched, &why),
               "the next request");
    tap_is_int(40, pauses, "does not wait");

    begin(&(struct past){MAX_AGE, MAX_AGE, false, 1, ""},
          (struct outcome){TWO, 0});
    during_fetch = another_claims;
    tap_is_int(2, jwks_get(&service, URL, NOW, &keys, &fetched, &why),
               "what was fetched is kept, whatever was written meanwhile");
    free(keys);
}

/* Refetches: age of the set that the caller has, and what comes of it. */
static const struct {
    const char *sentence;
    bool is_there;
    struct past past;
    struct outcome next;
    int64_t has;
    int rc;
    int fetches;
} again[] = {
    {"a set that the caller does not have yet", true,
     {5, 5, false, 1, ""}, {TWO, 0}, 900, 1, 0},
    {"a set that came before a clock was set back", true,
     {5, 5, false, 1, ""}, {TWO, 0}, -900, 1, 0},
    {"the caller's own, behind the cool-down", true,
     {COOLDOWN, COOLDOWN, false, 1, ""}, {TWO, 0}, COOLDOWN, 1, 1},
    {"the caller's own, in the cool-down", true,
     {COOLDOWN - 1, COOLDOWN - 1, false, 1, ""}, {TWO, 0}, COOLDOWN - 1, 0, 0},
    {"an old one, tried again a moment ago", true,
     {900, 1, false, 1, "down"}, {TWO, 0}, 900, 0, 0},
    {"the host is down", true, {900, 900, false, 1, ""}, DOWN, 900, 0, 1},
    {"what comes is no set", true,
     {900, 900, false, 1, ""}, {"[]", 0}, 900, 0, 1},
    {"the same set again", true, {900, 900, false, 1, ""}, {ONE, 0}, 900, 1,
     1},
    {"the record is gone", false, {0}, {ONE, 0}, 900, 1, 1},
};

static void
test_refetch(void)
{
    struct errtext why = {.text = ""};
    size_t i;

    for (i = 0; i < sizeof(again) / sizeof(again[0]); i++) {
        begin(again[i].is_there ? &again[i].past : NULL, again[i].next);
        tap_is_int(again[i].rc,
                   jwks_refetch(&service, URL, NOW, NOW - again[i].has, &why),
                   "refetch: %s", again[i].sentence);
        tap_is_int(again[i].fetches, fetches, "refetch: %s: fetches",
                   again[i].sentence);
    }
    begin(&(struct past){900, 0, true, 1, ""}, (struct outcome){TWO, 0});
    during_pause = another_concludes;
    tap_is_int(1, jwks_refetch(&service, URL, NOW, NOW - 900, &why),
               "refetch: what another process fetches is waited for");
    tap_is_int(0, fetches, "refetch: and not fetched twice");
}

/* Fifty assertions that name keys which nobody has. */
static void
test_storm(void)
{
    struct jwks_state state = {0};
    struct errtext why = {.text = ""};
    int64_t now;
    int i;

    begin(&(struct past){900, 900, false, 1, ""}, (struct outcome){ONE, 0});
    for (i = 0; i < 50; i++)
        (void) jwks_refetch(&service, URL, NOW, NOW - (i > 0 ? 0 : 900), &why);
    tap_is_int(1, fetches, "fifty unknown keys are one fetch");
    for (now = NOW + 1; now <= NOW + 10 * COOLDOWN; now++) {
        (void) jwks_look(&service, URL, &state, &why);
        (void) jwks_refetch(&service, URL, now, state.fetched, &why);
    }
    tap_is_int(11, fetches, "and one a cool-down from then on");
}

static void
test_rest(void)
{
    struct errtext why = {.text = ""};
    struct jwk *keys;
    int64_t fetched;

    begin(NULL, (struct outcome){ONE, 499});
    if (jwks_get(&service, URL, NOW, &keys, &fetched, &why) > 0)
        free(keys);
    tap_is_int(0, service.no_fetch_until, "after half a second no rest");
    begin(NULL, (struct outcome){ONE, 500});
    if (jwks_get(&service, URL, NOW, &keys, &fetched, &why) > 0)
        free(keys);
    tap_is_int(6, service.no_fetch_until - NOW, "then ten times as long");
    begin(NULL, (struct outcome){NULL, 5000});
    (void) jwks_get(&service, URL, NOW, &keys, &fetched, &why);
    tap_is_int(55, service.no_fetch_until - NOW, "after a failure as well");

    begin(&(struct past){MAX_AGE, MAX_AGE, false, 1, ""},
          (struct outcome){TWO, 0});
    service.no_fetch_until = NOW + 1;
    tap_is_int(1, jwks_get(&service, URL, NOW, &keys, &fetched, &why),
               "in the rest the old set serves");
    tap_is_int(0, fetches, "and none is fetched");
    free(keys);
    tap_is_int(0, jwks_refetch(&service, URL, NOW, fetched, &why),
               "nor fetched again");
    service.no_fetch_until = NOW;
    tap_is_int(2, jwks_get(&service, URL, NOW, &keys, &fetched, &why),
               "the rest ends");
    free(keys);
    begin(NULL, (struct outcome){ONE, 0});
    service.no_fetch_until = NOW + 5;
    tap_is_int(-1, jwks_get(&service, URL, NOW, &keys, &fetched, &why),
               "without a set there is nothing in the rest");
    tap_is_str(GONE "this process fetched slowly, and rests before it fetches",
               why.text, "the reason says so");
    service.no_fetch_until = NOW + 86400;
    tap_is_int(1, jwks_get(&service, URL, NOW, &keys, &fetched, &why),
               "a rest until tomorrow is of a clock that was set back");
    free(keys);
}

static void
test_store_fails(void)
{
    struct errtext why = {.text = ""};
    struct jwk *keys;
    int64_t fetched;

    begin(&(struct past){MAX_AGE, MAX_AGE, false, 1, ""},
          (struct outcome){TWO, 0});
    during_fetch = the_store_fails;
    tap_is_int(-1, jwks_get(&service, URL, NOW, &keys, &fetched, &why),
               "the store fails within");
    tap_is_str("the store of the test is broken", why.text, "its reason");
    tap_is_int(-1, jwks_refetch(&service, URL, NOW, NOW, &why),
               "refetch: the store fails");
    tap_is_int(-1, jwks_look(&service, URL, &(struct jwks_state){0}, &why),
               "look: the store fails");
    fake_store_break(false);
}

/* As many RSA keys as there may be, with names that grow when written. */
static char *
make_growing_set(int quotes)
{
    char *text = malloc(JWK_SET_TEXT_MAX + 1);
    char n[684], kid[2 * JWS_KID_MAX + 1];
    struct sbuf sb;
    int i;

    if (text == NULL)
        abort();
    memset(n, 'A', sizeof(n) - 1);
    n[0] = 'v'; /* 4096 bits, and odd */
    n[682] = 'E';
    n[683] = '\0';
    for (i = 0; i < quotes; i++)
        memcpy(kid + 2 * i, "\\\"", 2);
    kid[2 * quotes] = '\0';
    sbuf_init(&sb, text, JWK_SET_TEXT_MAX + 1);
    for (i = 0; i < JWK_SET_MAX; i++) {
        n[1] = (char) ('A' + i % 26);
        n[2] = (char) ('A' + i / 26);
        sbuf_add(&sb, i > 0 ? "," : "{\"keys\":[");
        sbuf_add(&sb, "{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"");
        sbuf_add(&sb, n);
        sbuf_add(&sb, "\",\"kid\":\"");
        sbuf_add_int(&sb, i);
        sbuf_add(&sb, kid);
        sbuf_add(&sb, "\"}");
    }
    sbuf_add(&sb, "]}");
    tap_ok(!sb.overflow, "a set of 32 keys of 4096 bits");
    return text;
}

static void
test_growing(void)
{
    static const struct {
        const char *sentence;
        int quotes; /* in each name */
        const char *trouble;
    } sets[] = {
        {"with plain names", 0, ""},
        {"with names that grow", 190, ""},
        {"with names that grow too much", 250,
         "the set is too large to be kept"},
    };
    struct jwks_state state = {0};
    struct errtext why = {.text = ""};
    struct jwk *keys = NULL;
    int64_t fetched;
    char *text;
    size_t i;

    for (i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
        text = make_growing_set(sets[i].quotes);
        begin(&(struct past){MAX_AGE, MAX_AGE, false, 1, ""},
              (struct outcome){text, 0});
        tap_is_int(sets[i].trouble[0] == '\0' ? JWK_SET_MAX : 1,
                   jwks_get(&service, URL, NOW, &keys, &fetched, &why), "%s",
                   sets[i].sentence);
        (void) jwks_look(&service, URL, &state, &why);
        tap_is_str(sets[i].trouble, state.trouble.text, "%s: trouble",
                   sets[i].sentence);
        free(keys);
        free(text);
    }
}

int
main(void)
{
    struct errtext why;

    if (store_open(&service.store, "", STORE_SERVES, &why) != 0)
        return 1;
    test_rows();
    test_first();
    test_broken();
    test_shared();
    test_refetch();
    test_storm();
    test_rest();
    test_store_fails();
    test_growing();
    store_close(service.store);
    return tap_done();
}
