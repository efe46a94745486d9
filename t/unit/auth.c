/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Chosen secrets: when the slow digest runs, and that every failure runs it
 * alike.  The linker puts a quick digest, counted, in its place.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth.h"
#include "fake_store.h"
#include "sample.h"
#include "tap.h"
#include "world.h"

int __wrap_vault_scrypt_secret(struct vault *vault, const char *client_id,
                               const char *secret, size_t len,
                               unsigned char digest[VAULT_MAC_LEN],
                               struct errtext *why);

static const struct peer nobody; /* no certificate */
static int runs;
static bool fails;

int
__wrap_vault_scrypt_secret(struct vault *vault, const char *client_id,
                           const char *secret, size_t len,
                           unsigned char digest[VAULT_MAC_LEN],
                           struct errtext *why)
{
    runs++;
    if (fails)
        return errtext_set(why, "cannot run scrypt");
    if (vault_mac_secret(vault, client_id, secret, len, digest, why) != 0)
        return -1;
    digest[0] ^= 0x5a;
    return 0;
}

/* One authentication after another, in one process. */
struct step {
    const char *sentence;
    const char *basic;
    const char *from;  /* NULL: 192.0.2.1 */
    int64_t later;     /* seconds behind WORLD_NOW */
    const char *reason; /* of a refusal, or NULL */
    int runs;          /* of the slow digest */
    unsigned compat;   /* of a success: what was done for it */
    const char *id;    /* that the log has, or NULL */
};

static const struct step quick_steps[] = {
    {.sentence = "without slow secrets: an unknown client",
     .basic = "nobody:x", .reason = "no such client"},
    {.sentence = "without slow secrets: a wrong secret", .basic = "app:x",
     .reason = "no live secret"},
    {.sentence = "without slow secrets: a disabled client",
     .basic = "off:first", .reason = "disabled"},
    {.sentence = "without slow secrets: a right secret",
     .basic = "app:first"},
};

/* Every failure runs it once, and no success of a generated secret does. */
static const struct step equal_steps[] = {
    {.sentence = "a right generated secret", .basic = "app:first"},
    {.sentence = "a right generated secret again", .basic = "app:first"},
    {.sentence = "an unknown client", .basic = "nobody:x",
     .reason = "no such client", .runs = 1},
    {.sentence = "an unknown client again", .basic = "nobody:x",
     .reason = "no such client", .runs = 1},
    {.sentence = "an id that no client can have", .basic = "no%20body:x",
     .reason = "no such client", .runs = 2},
    {.sentence = "a wrong secret", .basic = "app:x",
     .reason = "no live secret", .runs = 1},
    {.sentence = "a wrong secret again", .basic = "app:x",
     .reason = "no live secret", .runs = 1},
    {.sentence = "a wrong secret of a client of chosen secrets",
     .basic = "slow:x", .reason = "no live secret", .runs = 1},
    {.sentence = "a client without secrets", .basic = "bare:x",
     .reason = "no live secret", .runs = 1},
    {.sentence = "a generated secret that has ended", .basic = "app:ended",
     .reason = "no live secret", .runs = 1},
    {.sentence = "a generated secret that has not begun",
     .basic = "app:begins", .reason = "no live secret", .runs = 1},
    {.sentence = "a right generated secret of a disabled client",
     .basic = "off:first", .reason = "disabled", .runs = 1},
    {.sentence = "a wrong secret of a disabled client", .basic = "off:x",
     .reason = "no live secret", .runs = 1},
    {.sentence = "a right generated secret of an expired client",
     .basic = "gone:first", .reason = "expired", .runs = 1},
    {.sentence = "a right generated secret by another method",
     .basic = "post:first", .reason = "client_secret_post", .runs = 1},
    {.sentence = "a right generated secret from another network",
     .basic = "net:first", .from = "10.0.0.1", .reason = "network",
     .runs = 1},
    {.sentence = "and from its own network", .basic = "net:first"},
};

/* A chosen secret costs once a process, for each secret. */
static const struct step slow_steps[] = {
    {.sentence = "a chosen secret", .basic = "slow:chosen", .runs = 1},
    {.sentence = "a chosen secret again", .basic = "slow:chosen"},
    {.sentence = "another chosen secret", .basic = "slow:other", .runs = 1},
    {.sentence = "the other chosen secret again", .basic = "slow:other"},
    {.sentence = "the first is remembered beside it",
     .basic = "slow:chosen"},
    {.sentence = "a generated secret of the same client",
     .basic = "slow:made"},
    {.sentence = "a remembered secret is not another's",
     .basic = "slow2:chosen", .reason = "no live secret", .runs = 1},
    {.sentence = "a wrong secret behind a right one", .basic = "slow:x",
     .reason = "no live secret", .runs = 1},
    {.sentence = "the beginning of a remembered secret",
     .basic = "slow:chose", .reason = "no live secret", .runs = 1},
    {.sentence = "which is still remembered", .basic = "slow:chosen"},
    {.sentence = "a chosen secret in its last second",
     .basic = "slow:brief", .later = 9, .runs = 1},
    {.sentence = "a remembered secret in its last second",
     .basic = "slow:brief", .later = 9},
    {.sentence = "a remembered secret that has ended",
     .basic = "slow:brief", .later = 10, .reason = "no live secret",
     .runs = 1},
    {.sentence = "a chosen secret that has not begun",
     .basic = "slow:begins", .reason = "no live secret", .runs = 1},
    {.sentence = "a chosen secret from its network", .basic = "slownet:c",
     .runs = 1},
    {.sentence = "a remembered secret from another network",
     .basic = "slownet:c", .from = "10.0.0.1", .reason = "network",
     .runs = 1},
    {.sentence = "a remembered secret from its network",
     .basic = "slownet:c"},
    {.sentence = "one text for two secrets, while both live",
     .basic = "twice:same", .runs = 1},
    {.sentence = "when one of them has ended", .basic = "twice:same",
     .later = 10},
    {.sentence = "when both have ended", .basic = "twice:same",
     .later = 20, .reason = "no live secret", .runs = 1},
};

static void
test_steps(struct world *world, const struct step *steps, size_t n)
{
    struct form form;
    size_t i;

    for (i = 0; i < n; i++) {
        const struct step *step = &steps[i];
        char header[SAMPLE_BASIC_MAX], none[1] = "";
        struct request rq = sample_request();
        struct auth auth;
        static struct audit audit;
        enum oauth_error rc;

        memset(&audit, 0, sizeof(audit));
        rq.authorization = header;
        rq.origin = step->from != NULL ? step->from : "192.0.2.1";
        rq.origin_why = "nobody knows";
        sample_basic(header, step->basic);
        form_parse(&form, none, 0, NULL);
        runs = 0;
        rc = auth_client(&world->service, &rq, &nobody, &form,
                         WORLD_NOW + step->later, &auth, &audit);
        tap_is_int(step->reason != NULL ? OAUTH_INVALID_CLIENT : OAUTH_OK,
                   rc, "%s", step->sentence);
        tap_is_int(step->runs, runs, "%s: %d runs", step->sentence,
                   step->runs);
        tap_ok(step->reason == NULL
                   || strstr(audit.why.text, step->reason) != NULL,
               "%s: the reason", step->sentence);
        if (rc == OAUTH_OK)
            tap_ok(audit.compat == step->compat && audit.why.text[0] == '\0',
                   "%s: what was done for it", step->sentence);
        if (step->id != NULL)
            tap_is_str(step->id, audit.client_id, "%s: the id",
                       step->sentence);
    }
}

/*
 * Credentials that read differently form-decoded and as they came cost each
 * reading once, whoever they name; what is cheap is tried first in both.
 */
static const struct step raw_steps[] = {
    {.sentence = "as it came, which is malformed as a form",
     .basic = "tol:100%", .compat = COMPAT_BASIC},
    {.sentence = "the same form-encoded", .basic = "tol:100%25"},
    {.sentence = "as it came, which is another text as a form",
     .basic = "tol:a+b", .compat = COMPAT_BASIC},
    {.sentence = "that form-encoded", .basic = "tol:a%2Bb"},
    {.sentence = "an id as it came", .basic = "t+l%41:a+b",
     .compat = COMPAT_BASIC, .id = "t+l%41"},
    {.sentence = "the same id form-encoded", .basic = "t%2Bl%2541:a%2Bb",
     .id = "t+l%41"},
    {.sentence = "an id form-encoded, and a secret as it came",
     .basic = "t%2Bl%2541:a+b", .reason = "no such client", .runs = 2},
    {.sentence = "what is a client's in one reading is not the other's",
     .basic = "t+lA:a+b", .reason = "no such client", .runs = 2},
    {.sentence = "a chosen secret as it came", .basic = "tol:c+d",
     .compat = COMPAT_BASIC, .runs = 2},
    {.sentence = "the same again", .basic = "tol:c+d",
     .compat = COMPAT_BASIC},
    {.sentence = "the same form-encoded is the same secret",
     .basic = "tol:c%2Bd"},
    {.sentence = "a strict client's secret as it came",
     .basic = "strict:a+b", .reason = "not form-encoded", .runs = 2},
    {.sentence = "and form-encoded", .basic = "strict:a%2Bb"},
    {.sentence = "a strict client's malformed secret, which would be right",
     .basic = "strict:100%", .reason = "--basic tolerant", .runs = 1},
    {.sentence = "a tolerant client's wrong secret", .basic = "tol:x+y",
     .reason = "no live secret", .runs = 2},
    {.sentence = "a strict client's", .basic = "strict:x+y",
     .reason = "no live secret", .runs = 2},
    {.sentence = "an unknown client's", .basic = "nobody:x+y",
     .reason = "no such client", .runs = 2},
    {.sentence = "a tolerant client's malformed one", .basic = "tol:%zz",
     .reason = "no live secret", .runs = 1},
    {.sentence = "a strict client's malformed one", .basic = "strict:%zz",
     .reason = "no live secret", .runs = 1},
    {.sentence = "an unknown client's malformed one", .basic = "nobody:%zz",
     .reason = "no such client", .runs = 1},
};

static void
test_raw(struct world *world)
{
    struct client *cl = world_client("tol", "admin");

    cl->compat = COMPAT_BASIC;
    world_secret(world, cl, SECRET_MAC, "100%", 0, 0);
    world_secret(world, cl, SECRET_MAC, "a+b", 0, 0);
    world_secret(world, cl, SECRET_SCRYPT, "c+d", 0, 0);
    world_store(cl);
    cl = world_client("t+l%41", "admin");
    cl->compat = COMPAT_BASIC;
    world_secret(world, cl, SECRET_MAC, "a+b", 0, 0);
    world_store(cl);
    cl = world_client("strict", "admin");
    world_secret(world, cl, SECRET_MAC, "100%", 0, 0);
    world_secret(world, cl, SECRET_MAC, "a+b", 0, 0);
    world_store(cl);
    test_steps(world, raw_steps, LEN(raw_steps));
}

static void
add_network(struct client *cl)
{
    cl->networks = calloc(1, sizeof(*cl->networks));
    cl->n_networks = 1;
    if (cl->networks == NULL
        || cidr_parse(&cl->networks[0], "192.0.2.0/24", NULL) != 0)
        abort();
}

static void
make_quick(struct world *world)
{
    struct client *cl = world_client("app", "admin");

    world_secret(world, cl, SECRET_MAC, "first", 0, 0);
    world_secret(world, cl, SECRET_MAC, "ended", 0, WORLD_NOW);
    world_secret(world, cl, SECRET_MAC, "begins", WORLD_NOW + 1, 0);
    world_store(cl);
    cl = world_client("off", "admin");
    cl->enabled = false;
    world_secret(world, cl, SECRET_MAC, "first", 0, 0);
    world_store(cl);
    cl = world_client("gone", "admin");
    cl->expires = WORLD_NOW;
    world_secret(world, cl, SECRET_MAC, "first", 0, 0);
    world_store(cl);
    cl = world_client("post", "admin");
    cl->auth = AUTH_SECRET_POST;
    world_secret(world, cl, SECRET_MAC, "first", 0, 0);
    world_store(cl);
    cl = world_client("net", "admin");
    add_network(cl);
    world_secret(world, cl, SECRET_MAC, "first", 0, 0);
    world_store(cl);
    world_store(world_client("bare", "admin"));
}

static void
make_slow(struct world *world)
{
    struct client *cl = world_client("slow", "admin");

    world_secret(world, cl, SECRET_SCRYPT, "chosen", 0, 0);
    world_secret(world, cl, SECRET_MAC, "made", 0, 0);
    world_secret(world, cl, SECRET_SCRYPT, "other", 0, 0);
    world_secret(world, cl, SECRET_SCRYPT, "brief", 0, WORLD_NOW + 10);
    world_secret(world, cl, SECRET_SCRYPT, "begins", WORLD_NOW + 1, 0);
    world_store(cl);
    cl = world_client("slow2", "admin");
    world_secret(world, cl, SECRET_SCRYPT, "another", 0, 0);
    world_store(cl);
    cl = world_client("slownet", "admin");
    add_network(cl);
    world_secret(world, cl, SECRET_SCRYPT, "c", 0, 0);
    world_store(cl);
    cl = world_client("twice", "admin");
    world_secret(world, cl, SECRET_SCRYPT, "same", 0, WORLD_NOW + 20);
    world_secret(world, cl, SECRET_SCRYPT, "same", 0, WORLD_NOW + 10);
    world_store(cl);
}

/* Those of the policy are for every client, beside those of its record. */
static void
test_networks(struct world *world)
{
    static const struct step without[] = {
        {.sentence = "without networks: from nowhere", .basic = "app:first",
         .from = ""},
        {.sentence = "without networks: a client with one, from nowhere",
         .basic = "net:first", .from = "", .reason = "nobody knows",
         .runs = 1},
    };
    static const struct step within[] = {
        {.sentence = "from the second network of the policy",
         .basic = "app:first", .from = "2001:db8::1"},
        {.sentence = "from a network of both", .basic = "net:first"},
        {.sentence = "from one of the client alone", .basic = "net:first",
         .from = "192.0.2.129", .reason = "no client may", .runs = 1},
        {.sentence = "from one of the policy alone", .basic = "net:first",
         .from = "2001:db8::1", .reason = "the client may not", .runs = 1},
        {.sentence = "from another network", .basic = "app:first",
         .from = "192.0.2.128", .reason = "no client may", .runs = 1},
        {.sentence = "a chosen secret from there", .basic = "slow:newer",
         .from = "192.0.2.128", .reason = "no client may", .runs = 1},
        {.sentence = "a wrong secret from there", .basic = "app:x",
         .from = "192.0.2.128", .reason = "no live secret", .runs = 1},
        {.sentence = "an unknown client from there", .basic = "nobody:x",
         .from = "192.0.2.128", .reason = "no such client", .runs = 1},
        {.sentence = "from nowhere", .basic = "app:first", .from = "",
         .reason = "nobody knows", .runs = 1},
        {.sentence = "from what is no address", .basic = "app:first",
         .from = "unix:", .reason = "no client may", .runs = 1},
    };
    struct cidr nets[2], *none = world->policy.nets;

    test_steps(world, without, LEN(without));
    if (cidr_parse(&nets[0], "192.0.2.0/25", NULL) != 0
        || cidr_parse(&nets[1], "2001:db8::/32", NULL) != 0)
        abort();
    world->policy.nets = nets;
    world->policy.n_networks = LEN(nets);
    test_steps(world, within, LEN(within));
    world->policy.nets = none;
    world->policy.n_networks = 0;
}

/* What is remembered goes with the record that it was of. */
static void
test_forgotten(struct world *world)
{
    static const struct step before[] = {
        {.sentence = "remembered before the change", .basic = "slow:chosen"},
    };
    static const struct step after[] = {
        {.sentence = "a chosen secret that was deleted",
         .basic = "slow:chosen", .reason = "no live secret", .runs = 1},
        {.sentence = "the chosen secret that came for it",
         .basic = "slow:newer", .runs = 1},
    };
    struct client *cl = world_client("slow", "admin");

    test_steps(world, before, LEN(before));
    world_secret(world, cl, SECRET_SCRYPT, "newer", 0, 0);
    world_store(cl);
    test_steps(world, after, LEN(after));
}

/* A scheme is not another's: a digest of one is no digest of the other. */
static void
test_schemes(struct world *world)
{
    static const struct step steps[] = {
        {.sentence = "the generated form under the slow name",
         .basic = "mixed:made", .reason = "no live secret", .runs = 1},
        {.sentence = "the slow form under the generated name",
         .basic = "mixed:chosen", .reason = "no live secret", .runs = 1},
    };
    struct client *cl = world_client("mixed", "admin");

    world_secret(world, cl, SECRET_MAC, "made", 0, 0);
    world_secret(world, cl, SECRET_SCRYPT, "chosen", 0, 0);
    cl->secrets[0].scheme = SECRET_SCRYPT;
    cl->secrets[1].scheme = SECRET_MAC;
    world_store(cl);
    test_steps(world, steps, LEN(steps));
}

static void
test_failure(struct world *world)
{
    char header[SAMPLE_BASIC_MAX], none[1] = "";
    struct request rq = sample_request();
    static struct audit audit;
    struct form form;
    struct auth auth;

    rq.authorization = header;
    form_parse(&form, none, 0, NULL);
    sample_basic(header, "slow2:another");
    fails = true;
    tap_is_int(OAUTH_UNAVAILABLE,
               auth_client(&world->service, &rq, &nobody, &form, WORLD_NOW,
                           &auth, &audit),
               "a digest that cannot be made is no wrong secret");
    tap_is_str("cannot run scrypt", audit.why.text, "and has its reason");
    fails = false;
    tap_is_int(OAUTH_OK,
               auth_client(&world->service, &rq, &nobody, &form, WORLD_NOW,
                           &auth, &audit),
               "nor is anything remembered of it");
}

int
main(void)
{
    struct world world;

    world_open(&world);
    make_quick(&world);
    test_steps(&world, quick_steps, LEN(quick_steps));
    make_slow(&world);
    test_steps(&world, equal_steps, LEN(equal_steps));
    test_steps(&world, slow_steps, LEN(slow_steps));
    test_forgotten(&world);
    test_schemes(&world);
    test_networks(&world);
    test_raw(&world);
    test_failure(&world);
    world_close(&world);
    return tap_done();
}
