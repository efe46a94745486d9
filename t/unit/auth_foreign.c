/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Imported hashes: what slow work runs, that every failure runs all of it
 * once, that it is remembered, and that it becomes scrypt's.  The linker puts
 * counters before the slow functions.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth.h"
#include "costs.h"
#include "fake_store.h"
#include "io/foreign.h"
#include "sample.h"
#include "tap.h"
#include "world.h"

#define BCRYPT "$2b$04$CCCCCCCCCCCCCCCCCCCCC..o66Ba.o65rt06KXeSpKWfObOB7QJIe"
#define YESCRYPT \
    "$y$j75$F5Jx5fExrKuPp53xLKQ..1$aEFV0VcEI5Jx.rzUhLbfRgipTKSbuNF0ldHPkDpnc" \
    "o3"
#define SECRET "correct+horse" /* of both, as Basic has it */

int __real_vault_scrypt_secret(struct vault *vault, const char *client_id,
                               const char *secret, size_t len,
                               unsigned char digest[VAULT_MAC_LEN],
                               struct errtext *why);
int __wrap_vault_scrypt_secret(struct vault *vault, const char *client_id,
                               const char *secret, size_t len,
                               unsigned char digest[VAULT_MAC_LEN],
                               struct errtext *why);
int __real_foreign_verify(const char *hash, const char *secret, size_t len,
                          struct errtext *why);
int __wrap_foreign_verify(const char *hash, const char *secret, size_t len,
                          struct errtext *why);
int __real_foreign_waste(const char *cost, const char *secret, size_t len,
                         struct errtext *why);
int __wrap_foreign_waste(const char *cost, const char *secret, size_t len,
                         struct errtext *why);

static const struct peer nobody; /* no certificate */
static char work[256];           /* a letter for each: s, b, y, p */
static bool fails, scrypt_fails;

static void
count(const char *cost)
{
    size_t n = strlen(work);

    work[n] = *cost == '$' ? cost[1] == '2' ? 'b' : 'y' : *cost;
    work[n + 1] = '\0';
}

/* Quick, and not the MAC. */
int
__wrap_vault_scrypt_secret(struct vault *vault, const char *client_id,
                           const char *secret, size_t len,
                           unsigned char digest[VAULT_MAC_LEN],
                           struct errtext *why)
{
    count("s");
    if (scrypt_fails)
        return errtext_set(why, "cannot run scrypt");
    if (vault_mac_secret(vault, client_id, secret, len, digest, why) != 0)
        return -1;
    digest[0] ^= 0x5a;
    return 0;
}

int
__wrap_foreign_verify(const char *hash, const char *secret, size_t len,
                      struct errtext *why)
{
    char cost[FOREIGN_COST_MAX];

    if (foreign_check(hash, cost, why) == 0)
        count(cost);
    if (fails)
        return errtext_set(why, "cannot make a hash");
    return __real_foreign_verify(hash, secret, len, why);
}

int
__wrap_foreign_waste(const char *cost, const char *secret, size_t len,
                     struct errtext *why)
{
    count(cost);
    return __real_foreign_waste(cost, secret, len, why);
}

static struct secret *
add_hash(struct world *world, struct client *cl, const char *hash,
         int64_t not_after)
{
    char name[CLIENT_SEAL_NAME_MAX], cost[FOREIGN_COST_MAX];
    struct secret *secret;
    size_t len = strlen(hash);

    world_secret(world, cl, SECRET_MAC, hash, 0, not_after);
    secret = &cl->secrets[cl->n_secrets - 1];
    secret->scheme = SECRET_FOREIGN;
    secret->sealed_len = len + VAULT_SEAL_EXTRA;
    secret->sealed = malloc(secret->sealed_len);
    client_seal_name(cl->id, secret->id, name);
    if (secret->sealed == NULL
        || vault_seal(world->service.vault, name, hash, len, secret->sealed,
                      NULL)
               != 0
        || foreign_check(hash, cost, NULL) != 0
        || costs_announce(&world->service, cost, NULL) != 0)
        abort();
    return secret;
}

/* One authentication after another, in one process. */
struct step {
    const char *sentence;
    const char *basic;
    int64_t later;          /* seconds behind WORLD_NOW */
    const char *reason;     /* of a refusal, or NULL */
    const char *work;       /* in the order in which it is done */
    const char *credential; /* of who is let in */
};

static const struct step one_steps[] = {
    {"a wrong secret of a client with a hash", "bcrypt:x", 0,
     "no live secret", "b", ""},
    {"an unknown client", "nobody:x", 0, "no such client", "b", ""},
    {"a wrong secret of a client without", "app:x", 0, "no live secret", "b",
     ""},
    {"the secret", "bcrypt:" SECRET, 0, NULL, "b", "s1"},
    {"the secret again", "bcrypt:" SECRET, 0, NULL, "", "s1"},
    {"a wrong one behind it", "bcrypt:x", 0, "no live secret", "b", ""},
    {"a generated secret", "app:made", 0, NULL, "", "s1"},
};

/*
 * With chosen secrets, yescrypt and PBKDF2 beside it.  What can be read in two
 * ways, with a + in it, is refused after the work of both.
 */
static const struct step all_steps[] = {
    {"all: an unknown client", "nobody:x", 0, "no such client", "sbyp", ""},
    {"all: an unknown client with a secret that is right elsewhere",
     "nobody:" SECRET, 0, "no such client", "sbypsbyp", ""},
    {"all: an id that no client can have", "no+body:x", 0, "no such client",
     "sbypsbyp", ""},
    {"all: a wrong secret of a client with bcrypt", "bcrypt:x", 0,
     "no live secret", "sbyp", ""},
    {"all: a wrong secret of a client with yescrypt", "yescrypt:x", 0,
     "no live secret", "sybp", ""},
    {"all: a wrong secret of a client with a chosen one", "slow:x", 0,
     "no live secret", "sbyp", ""},
    {"all: a wrong secret of a client with both", "both:x", 0,
     "no live secret", "sbyp", ""},
    {"all: a wrong secret of a client of generated ones", "app:x", 0,
     "no live secret", "sbyp", ""},
    {"all: a disabled client with a right secret", "off:" SECRET, 0,
     "disabled", "sbypsbyp", ""},
    {"all: the same again, which is remembered", "off:" SECRET, 0, "disabled",
     "sbypsbyp", ""},
    {"all: a right secret by another method", "post:" SECRET, 0,
     "client_secret_post", "sbypsbyp", ""},
    {"all: the hash itself as the secret", "bcrypt:" BCRYPT, 0,
     "no live secret", "sbyp", ""},
    {"all: a hash in its last second", "brief:" SECRET, 9, NULL, "sb", "s1"},
    {"all: a remembered one that has ended", "brief:" SECRET, 10,
     "no live secret", "sbypsbyp", ""},
    {"all: the chosen secret of a client with both", "both:chosen", 0, NULL,
     "s", "s2"},
    {"all: the imported one beside it", "both:" SECRET, 0, NULL, "sb", "s1"},
    {"all: and both are remembered", "both:chosen", 0, NULL, "", "s2"},
    {"all: and both are remembered", "both:" SECRET, 0, NULL, "", "s1"},
    {"all: a zero byte behind a right secret", "yescrypt:" SECRET "%00", 0,
     "", "sybp", ""},
};

static enum oauth_error
authenticate(struct service *service, const char *basic, int64_t later,
             struct auth *auth, struct audit *audit)
{
    char header[SAMPLE_BASIC_MAX], none[1] = "";
    struct request rq = sample_request();
    struct form form;

    memset(audit, 0, sizeof(*audit));
    work[0] = '\0';
    rq.authorization = header;
    rq.remote_addr = "192.0.2.1";
    sample_basic(header, basic);
    form_parse(&form, none, 0, NULL);
    return auth_client(service, &rq, &nobody, &form, WORLD_NOW + later, auth,
                       audit);
}

static void
check_steps(struct world *world, const struct step *steps, size_t n)
{
    static struct audit audit;
    struct auth auth;
    size_t i;

    for (i = 0; i < n; i++) {
        const struct step *step = &steps[i];
        enum oauth_error rc = authenticate(&world->service, step->basic,
                                           step->later, &auth, &audit);

        tap_is_int(step->reason != NULL ? OAUTH_INVALID_CLIENT : OAUTH_OK,
                   rc, "%s (%s)", step->sentence, audit.why.text);
        tap_is_str(step->work, work, "%s: its work", step->sentence);
        tap_ok(step->reason == NULL
                   || strstr(audit.why.text, step->reason) != NULL,
               "%s: the reason", step->sentence);
        tap_is_str(step->credential, auth.credential, "%s: what it was",
                   step->sentence);
    }
}

static void
store_hash(struct world *world, const char *id, const char *hash)
{
    struct client *cl = world_client(id, "admin");

    (void) add_hash(world, cl, hash, 0);
    world_store(cl);
}

static void
make_one(struct world *world)
{
    struct client *cl = world_client("app", "admin");

    world_secret(world, cl, SECRET_MAC, "made", 0, 0);
    world_store(cl);
    store_hash(world, "bcrypt", BCRYPT);
}

static void
make_all(struct world *world)
{
    struct client *cl = world_client("slow", "admin");

    world_secret(world, cl, SECRET_SCRYPT, "chosen", 0, 0);
    world_store(cl);
    fake_store_put(STORE_META, COSTS_NOTE,
                   "1 $2b$04$ $y$j75$ pbkdf2-sha256,i=1000,l=32");
    store_hash(world, "yescrypt", YESCRYPT);
    cl = world_client("both", "admin");
    (void) add_hash(world, cl, BCRYPT, 0);
    world_secret(world, cl, SECRET_SCRYPT, "chosen", 0, 0);
    fake_store_put(STORE_META, COSTS_NOTE,
                   "1 $2b$04$ $y$j75$ pbkdf2-sha256,i=1000,l=32");
    world_store(cl);
    cl = world_client("off", "admin");
    cl->enabled = false;
    (void) add_hash(world, cl, BCRYPT, 0);
    world_store(cl);
    cl = world_client("post", "admin");
    cl->auth = AUTH_SECRET_POST;
    (void) add_hash(world, cl, BCRYPT, 0);
    world_store(cl);
    cl = world_client("brief", "admin");
    (void) add_hash(world, cl, BCRYPT, WORLD_NOW + 10);
    world_store(cl);
}

/* What is not noted, as after a kill, is still checked. */
static void
check_unnoted(struct world *world)
{
    static const struct step steps[] = {
        {"unnoted: the secret", "bcrypt:" SECRET, 0, NULL, "b", "s1"},
        {"unnoted: a wrong one", "bcrypt:x", 0, "no live secret", "b", ""},
        {"unnoted: an unknown client", "nobody:x", 0, "no such client", "",
         ""},
        {"unnoted: a chosen secret", "slow:chosen", 0, NULL, "s", "s1"},
    };

    fake_store_put(STORE_META, COSTS_NOTE, NULL);
    check_steps(world, steps, LEN(steps));
}

static void
check_failure(struct world *world)
{
    static struct audit audit;
    struct auth auth;
    struct client *cl;

    store_hash(world, "bcrypt", BCRYPT);
    fails = true;
    tap_is_int(OAUTH_UNAVAILABLE,
               authenticate(&world->service, "bcrypt:" SECRET, 0, &auth,
                            &audit),
               "a hash that cannot be made is no wrong secret");
    fails = false;
    cl = world_client("moved", "admin");
    (void) add_hash(world, cl, BCRYPT, 0);
    snprintf(cl->secrets[0].id, sizeof(cl->secrets[0].id), "other");
    world_store(cl);
    tap_is_int(OAUTH_UNAVAILABLE,
               authenticate(&world->service, "moved:" SECRET, 0, &auth,
                            &audit),
               "nor is one that was sealed for another");
    tap_ok(strstr(audit.why.text, "secret other: cannot unseal") != NULL,
           "the reason names it (%s)", audit.why.text);
    fake_store_put(STORE_CLIENTS, "moved", NULL);
    fake_store_put(STORE_META, COSTS_NOTE, "1 of-a-newer-version");
    tap_is_int(OAUTH_UNAVAILABLE,
               authenticate(&world->service, "nobody:x", 0, &auth, &audit),
               "a cost that nobody knows cannot be done");
}

/* The stored scheme of the only secret of a client. */
static enum secret_scheme
scheme(struct service *service, const char *id, struct secret *copy)
{
    static char text[STORE_VALUE_MAX + 1];
    enum secret_scheme found;
    struct client *cl;
    size_t len;

    if (store_get(service->store, STORE_CLIENTS, id, text, sizeof(text), &len,
                  NULL)
            != 1
        || client_load(&cl, text, len, NULL) != 0)
        abort();
    found = cl->secrets[0].scheme;
    *copy = cl->secrets[0];
    copy->label = NULL;
    copy->sealed = NULL;
    client_free(cl);
    return found;
}

static void
check_upgrade(struct world *world)
{
    struct service other;
    struct secret secret;
    static struct audit audit;
    struct auth auth;
    uint64_t generation;

    fake_store_put(STORE_META, COSTS_NOTE, "$2b$04$");
    store_hash(world, "bcrypt", BCRYPT);
    if (service_open(&other, &world->policy, STORE_SERVES, NULL) != 0)
        abort();
    authenticate(&world->service, "bcrypt:" SECRET, 0, &auth, &audit);
    tap_is_int(SECRET_FOREIGN, scheme(&other, "bcrypt", &secret),
               "a hash stays as it is");
    world->policy.secrets.upgrade = true;
    authenticate(&world->service, "bcrypt:x", 0, &auth, &audit);
    tap_is_int(SECRET_FOREIGN, scheme(&other, "bcrypt", &secret),
               "upgrade: not by a wrong secret");
    authenticate(&world->service, "bcrypt:" SECRET, 0, &auth, &audit);
    tap_is_int(SECRET_FOREIGN, scheme(&other, "bcrypt", &secret),
               "upgrade: not by one that was checked before");
    store_hash(world, "bcrypt", BCRYPT);
    scrypt_fails = true;
    tap_is_int(OAUTH_OK, authenticate(&world->service, "bcrypt:" SECRET, 0,
                                      &auth, &audit),
               "upgrade: what fails refuses nobody");
    scrypt_fails = false;
    tap_is_int(SECRET_FOREIGN, scheme(&other, "bcrypt", &secret),
               "upgrade: and changes nothing");
    tap_is_int(OAUTH_OK, authenticate(&other, "bcrypt:" SECRET, 0, &auth,
                                      &audit),
               "upgrade: the secret is let in");
    tap_is_str("bs", work, "upgrade: for the work of both");
    tap_is_int(SECRET_SCRYPT, scheme(&other, "bcrypt", &secret),
               "upgrade: its hash is scrypt's");
    tap_is_str("s1", secret.id, "upgrade: its id is the same");
    tap_is_int(0, (long long) secret.sealed_len,
               "upgrade: nothing is sealed any more");
    generation = store_generation(other.store);
    tap_is_int(OAUTH_OK, authenticate(&world->service, "bcrypt:" SECRET, 0,
                                      &auth, &audit),
               "upgrade: and everywhere");
    tap_is_str("s", work, "upgrade: by scrypt, since the note is new");
    tap_is_int(OAUTH_INVALID_CLIENT,
               authenticate(&world->service, "bcrypt:x", 0, &auth, &audit),
               "upgrade: a wrong secret is wrong");
    tap_is_str("sb", work, "upgrade: for the work of both, until a recount");
    tap_is_int(1, (long long) (store_generation(other.store) == generation),
               "upgrade: what is there already is left alone");
    service_close(&other);
}

/* Two processes that have the old record at hand: the second changes nothing. */
static void
check_two(struct world *world)
{
    struct service other;
    struct secret secret;
    static struct audit audit;
    struct auth auth;

    store_hash(world, "bcrypt", BCRYPT);
    if (service_open(&other, &world->policy, STORE_SERVES, NULL) != 0)
        abort();
    authenticate(&other, "bcrypt:x", 0, &auth, &audit);
    authenticate(&world->service, "bcrypt:x", 0, &auth, &audit);
    authenticate(&world->service, "bcrypt:" SECRET, 0, &auth, &audit);
    tap_is_int(SECRET_SCRYPT, scheme(&other, "bcrypt", &secret),
               "two: the first upgrades");
    tap_is_int(OAUTH_OK, authenticate(&other, "bcrypt:" SECRET, 0, &auth,
                                      &audit),
               "two: the second still goes by the old hash");
    tap_is_str("sbs", work, "two: tries it, and does its work");
    tap_is_int(SECRET_SCRYPT, scheme(&other, "bcrypt", &secret),
               "two: and leaves the record alone");
    fake_store_put(STORE_CLIENTS, "bcrypt", NULL);
    service_close(&other);
}

static void
is_note(struct world *world, const char *expected, const char *sentence)
{
    static char text[STORE_VALUE_MAX + 1];
    size_t len;
    int rc = store_get(world->service.store, STORE_META, COSTS_NOTE, text,
                       sizeof(text), &len, NULL);

    tap_is_str(expected, rc == 1 ? text : "", "%s", sentence);
}

static void
check_recount(struct world *world)
{
    struct service *service = &world->service;
    struct errtext why;
    size_t i;
    static const char *const gone[] = {"bcrypt", "yescrypt", "both", "off",
                                       "post"};

    fake_store_put(STORE_META, COSTS_NOTE, "1 $2b$05$");
    tap_is_int(1, costs_recount(service, WORLD_NOW, &why),
               "recount: the note is changed");
    is_note(world, "$2b$04$ 1 $y$j75$", "recount: what the records have");
    tap_is_int(0, costs_recount(service, WORLD_NOW, &why),
               "recount: and not again");
    for (i = 0; i < LEN(gone); i++)
        fake_store_put(STORE_CLIENTS, gone[i], NULL);
    tap_is_int(1, costs_recount(service, WORLD_NOW, &why),
               "recount: without most of them");
    is_note(world, "$2b$04$ 1", "recount: of one that has not ended");
    tap_is_int(1, costs_recount(service, WORLD_NOW + 10, &why),
               "recount: when it has");
    is_note(world, "1", "recount: the chosen one is left");
    fake_store_put(STORE_CLIENTS, "damaged", "{}");
    fake_store_put(STORE_CLIENTS, "slow", NULL);
    tap_is_int(0, costs_recount(service, WORLD_NOW, &why),
               "recount: a record that cannot be read may want anything");
    is_note(world, "1", "recount: so nothing is taken away");
    fake_store_put(STORE_CLIENTS, "damaged", NULL);
    tap_is_int(1, costs_recount(service, WORLD_NOW + 10, &why),
               "recount: of none");
    is_note(world, "", "recount: the note is gone");
    fake_store_break(true);
    tap_is_int(-1, costs_recount(service, WORLD_NOW, &why),
               "recount: a broken store is a failure");
    fake_store_break(false);
}

static void
check_most(struct world *world)
{
    static const char *const costs[] = {"$2b$04$", "$2b$05$", "$2b$06$",
                                        "$2b$07$"};
    struct service *service = &world->service;
    struct errtext why;
    size_t i;

    fake_store_put(STORE_META, COSTS_NOTE, NULL);
    for (i = 0; i < LEN(costs); i++)
        tap_is_int(0, costs_announce(service, costs[i], &why),
                   "most: cost %zu", i + 1);
    tap_is_int(-1, costs_announce(service, "$2b$08$", &why),
               "most: no fifth of imported hashes");
    tap_ok(strstr(why.text, "ccgrant purge") != NULL,
           "most: the reason has the cure");
    tap_is_int(0, costs_announce(service, COSTS_SCRYPT, &why),
               "most: but scrypt beside them");
    tap_is_int(0, costs_announce(service, "$2b$04$", &why),
               "most: and one that is there");
    tap_is_int(-1, costs_announce(service, "$2b$08$", &why),
               "most: and still no fifth");
    is_note(world, "$2b$04$ $2b$05$ $2b$06$ $2b$07$ 1", "most: all of them");
}

/* Few costs can be too much, too; and a failure can be of two readings. */
static void
check_sum(struct world *world)
{
    struct service *service = &world->service;
    struct errtext why;

    fake_store_put(STORE_META, COSTS_NOTE, NULL);
    tap_is_int(0, costs_announce(service, "$2b$13$", &why),
               "sum: of the slowest there are");
    tap_ok(2 * foreign_ms("$2b$13$") <= COSTS_MS_MAX,
           "sum: as two readings of one wrong secret take it");
    tap_is_int(-1, costs_announce(service, "pbkdf2-sha256,i=1600000,l=32",
                                  &why),
               "sum: not a second of that kind");
    tap_is_int(-1, costs_announce(service, "pbkdf2-sha256,i=600000,l=32",
                                  &why),
               "sum: nor what only one reading has time for");
    tap_ok(strstr(why.text, "ms") != NULL
               && strstr(why.text, "ccgrant purge") != NULL,
           "sum: the reason has the time and the cure");
    tap_is_int(0, costs_announce(service, "$2b$10$", &why),
               "sum: but what is usual");
    tap_is_int(0, costs_announce(service, COSTS_SCRYPT, &why),
               "sum: and scrypt");
    is_note(world, "$2b$13$ $2b$10$ 1", "sum: all of them");
    fake_store_put(STORE_META, COSTS_NOTE, "$2b$13$ pbkdf2-sha1,i=1600000,"
                                           "l=20");
    tap_is_int(0, costs_announce(service, "$2b$13$", &why),
               "sum: what was noted before stays");
    tap_is_int(0, costs_announce(service, COSTS_SCRYPT, &why),
               "sum: and keeps nobody from scrypt");
}

int
main(void)
{
    struct world world;

    world_open(&world);
    make_one(&world);
    check_steps(&world, one_steps, LEN(one_steps));
    make_all(&world);
    check_steps(&world, all_steps, LEN(all_steps));
    check_unnoted(&world);
    check_failure(&world);
    check_upgrade(&world);
    check_two(&world);
    make_one(&world);
    make_all(&world);
    check_recount(&world);
    check_most(&world);
    check_sum(&world);
    world_close(&world);
    return tap_done();
}
