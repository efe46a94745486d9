/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Clients that sign assertions: who is let in, why the others are not, and
 * that each of them costs the same.  The linker puts a counter before the
 * verifier, and a page of the test's in the place of the network.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth.h"
#include "core/assertion.h"
#include "core/b64.h"
#include "fake_expiring.h"
#include "fake_store.h"
#include "io/crypto.h"
#include "io/fetch.h"
#include "io/keys.h"
#include "io/verifier.h"
#include "once.h"
#include "sample.h"
#include "tap.h"
#include "world.h"

#define URL "https://app.example.org/jwks"
#define SECRET \
    "ccgs_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

enum { TEXT_MAX = 8192 };

/* The keys of the test; KEY_SHARED is the secret above. */
enum key { KEY_EC, KEY_NEXT, KEY_RSA, KEY_ED, KEY_STRANGER, KEY_SHARED,
           KEY__MAX };

static const enum jose_alg key_algs[KEY__MAX] = {
    JOSE_ES256, JOSE_ES256, JOSE_RS256, JOSE_EDDSA, JOSE_ES256, JOSE_HS256,
};

static char pems[KEY__MAX][TEXT_MAX];
static struct keyrec keys[KEY__MAX];
static int checks, fetches;
static char page[TEXT_MAX]; /* what is at URL; "": it is down */

int __wrap_verifier_check(struct verifier *verifier, enum jose_alg alg,
                          const void *in, size_t len,
                          const unsigned char *sig, size_t sig_len,
                          struct errtext *why);
int __real_verifier_check(struct verifier *verifier, enum jose_alg alg,
                          const void *in, size_t len,
                          const unsigned char *sig, size_t sig_len,
                          struct errtext *why);
int __wrap_fetch(const char *url, const struct fetch_rules *rules, char *buf,
                 size_t cap, size_t *len, int64_t *took, struct errtext *why);

int
__wrap_verifier_check(struct verifier *verifier, enum jose_alg alg,
                      const void *in, size_t len, const unsigned char *sig,
                      size_t sig_len, struct errtext *why)
{
    checks++;
    return __real_verifier_check(verifier, alg, in, len, sig, sig_len, why);
}

int
__wrap_fetch(const char *url, const struct fetch_rules *rules, char *buf,
             size_t cap, size_t *len, int64_t *took, struct errtext *why)
{
    (void) rules;
    fetches++;
    *took = 1;
    if (page[0] == '\0' || strcmp(url, URL) != 0 || strlen(page) >= cap)
        return errtext_set(why, "the page of the test is down");
    *len = strlen(page);
    memcpy(buf, page, *len + 1);
    return 0;
}

/* An assertion and how it comes; what is not said is right. */
struct row {
    const char *sentence;
    const char *id;     /* iss and sub; NULL: "app" */
    enum key key;
    enum jose_alg alg;  /* in the header; JOSE_NONE: the key's usual one */
    const char *kid;
    const char *aud;    /* NULL: the issuer */
    int64_t exp;        /* ahead of now; 0: 60 seconds */
    const char *body;   /* client_id of the body */
    const char *from;   /* NULL: 192.0.2.1 */
    int64_t later;      /* now, behind WORLD_NOW */
    bool slip;          /* a bit of the signature is wrong */
    const char *reason; /* of a refusal, or NULL */
    int checks;         /* signatures verified; 0: one, -1: none */
    int fetches;
};

static const struct row rows[] = {
    {.sentence = "the client's key", .key = KEY_EC},
    {.sentence = "its other key", .key = KEY_ED},
    {.sentence = "its RSA key", .key = KEY_RSA},
    {.sentence = "its RSA key with PS384", .key = KEY_RSA,
     .alg = JOSE_PS384},
    {.sentence = "its id in the body as well", .body = "app"},
    {.sentence = "another id in the body", .body = "app2", .checks = -1,
     .reason = "client_id is another"},
    {.sentence = "a wrong signature", .slip = true,
     .reason = "not by a key"},
    {.sentence = "a stranger's key", .key = KEY_STRANGER,
     .reason = "not by a key"},
    {.sentence = "an unknown client", .id = "nobody",
     .reason = "no such client"},
    {.sentence = "an unknown client with RS512", .id = "nobody",
     .key = KEY_RSA, .alg = JOSE_RS512, .reason = "no such client"},
    {.sentence = "an unknown client with PS256", .id = "nobody",
     .key = KEY_RSA, .alg = JOSE_PS256, .reason = "no such client"},
    {.sentence = "an unknown client with EdDSA", .id = "nobody",
     .key = KEY_ED, .reason = "no such client"},
    {.sentence = "an unknown client with a secret", .id = "nobody",
     .key = KEY_SHARED, .reason = "no such client"},
    {.sentence = "an unknown client with ES384", .id = "nobody",
     .alg = JOSE_ES384, .reason = "no such client"},
    {.sentence = "an unknown client with ES512", .id = "nobody",
     .alg = JOSE_ES512, .reason = "no such client"},
    {.sentence = "an id that no client can have", .id = "no body",
     .reason = "no such client"},
    {.sentence = "an algorithm that none of the keys is for",
     .alg = JOSE_ES384, .reason = "no live key"},
    {.sentence = "a secret for a client of keys", .key = KEY_SHARED,
     .reason = "the record wants private_key_jwt"},
    {.sentence = "a client of Basic", .id = "basic",
     .reason = "the record wants client_secret_basic"},
    {.sentence = "the secret of a client of Basic", .id = "basic",
     .key = KEY_SHARED, .reason = "the record wants client_secret_basic"},
    {.sentence = "a disabled client", .id = "off", .reason = "disabled"},
    {.sentence = "an expired client", .id = "gone", .reason = "expired"},
    {.sentence = "a client from its network", .id = "net"},
    {.sentence = "a client from another network", .id = "net",
     .from = "10.0.0.1", .reason = "network"},
    {.sentence = "a right signature for another audience",
     .aud = "https://other.example.org", .reason = "aud"},
    {.sentence = "the token endpoint, for a strict client",
     .aud = "https://as.example.org/oauth2/v1/token", .reason = "aud"},
    {.sentence = "the token endpoint, for a legacy client", .id = "legacy",
     .aud = "https://as.example.org/oauth2/v1/token"},
    {.sentence = "an expired assertion", .exp = -31, .reason = "expired"},
    {.sentence = "one that ends too late", .exp = 3631,
     .reason = "from now"},
    {.sentence = "a kid that names a key", .id = "kids", .kid = "one"},
    {.sentence = "a kid that names another key", .id = "kids", .kid = "two",
     .reason = "not by a key"},
    {.sentence = "a kid that names none, but one key has none", .id = "kids",
     .key = KEY_ED, .kid = "three"},
    {.sentence = "a kid that names none", .id = "kids", .kid = "three",
     .reason = "no live key"},
    {.sentence = "no kid, and the second key", .id = "kids", .key = KEY_NEXT,
     .checks = 2},
    {.sentence = "a pinned algorithm", .id = "pinned", .key = KEY_RSA,
     .alg = JOSE_PS256},
    {.sentence = "another than the pinned algorithm", .id = "pinned",
     .key = KEY_RSA, .reason = "the record wants PS256"},
    {.sentence = "a key before its time", .id = "times", .key = KEY_EC,
     .reason = "no live key"},
    {.sentence = "a key in its time", .id = "times", .key = KEY_EC,
     .later = 10},
    {.sentence = "a key after its time", .id = "times", .key = KEY_EC,
     .later = 20, .reason = "no live key"},
    {.sentence = "a secret", .id = "shared", .key = KEY_SHARED},
    {.sentence = "a secret with HS384", .id = "shared", .key = KEY_SHARED,
     .alg = JOSE_HS384},
    {.sentence = "a secret with HS512", .id = "shared", .key = KEY_SHARED,
     .alg = JOSE_HS512},
    {.sentence = "a secret and a wrong signature", .id = "shared",
     .key = KEY_SHARED, .slip = true, .reason = "not by a key"},
    {.sentence = "a key for a client of a secret", .id = "shared",
     .reason = "the record wants client_secret_jwt"},
    {.sentence = "a secret that was pinned to HS256", .id = "hs256",
     .key = KEY_SHARED},
    {.sentence = "and HS512 with it", .id = "hs256", .key = KEY_SHARED,
     .alg = JOSE_HS512, .reason = "the record wants HS256"},
    {.sentence = "a secret in its last second", .id = "brief",
     .key = KEY_SHARED, .later = 9},
    {.sentence = "a secret that has ended", .id = "brief",
     .key = KEY_SHARED, .later = 10, .reason = "no live key"},
    {.sentence = "a secret that is only stored as a MAC", .id = "mac",
     .key = KEY_SHARED, .reason = "no live key"},
};

/* PKCS#8 as PEM (RFC 7468, 10). */
static void
write_pem(const unsigned char *pkcs8, size_t len, char *pem)
{
    size_t i, n = (size_t) snprintf(pem, TEXT_MAX,
                                     "-----BEGIN PRIVATE KEY-----\n");

    for (i = 0; i < len; i += 48) {
        size_t part = len - i < 48 ? len - i : 48;
        size_t end = n + b64url_encode(pkcs8 + i, part, pem + n);

        for (; n < end; n++)
            pem[n] = pem[n] == '-' ? '+' : pem[n] == '_' ? '/' : pem[n];
        for (; part % 3 != 0; part++)
            pem[n++] = '=';
        pem[n++] = '\n';
    }
    snprintf(pem + n, TEXT_MAX - n, "-----END PRIVATE KEY-----\n");
}

static void
make_keys(void)
{
    unsigned char pkcs8[KEYS_PRIVATE_MAX];
    size_t len, i;

    for (i = 0; i < KEY_SHARED; i++) {
        tap_must(keys_make(key_algs[i], &keys[i], pkcs8, &len, NULL) == 0,
                 "no key");
        write_pem(pkcs8, len, pems[i]);
    }
}

/* With a key that is not for the algorithm the signature is all zero. */
static void
sign(enum key key, enum jose_alg alg, const char *in, size_t len,
     unsigned char sig[JOSE_SIG_MAX], size_t *sig_len)
{
    struct signer *signer = NULL;
    int rc = key == KEY_SHARED
                 ? signer_load_secret(&signer, alg, SECRET, strlen(SECRET),
                                      NULL)
                 : signer_read(&signer, &alg, pems[key], strlen(pems[key]),
                               NULL);

    if (rc == 0)
        tap_must(signer_sign(signer, in, len, sig, sig_len, NULL) == 0,
                 "no signature");
    signer_free(signer);
}

/* The key as it is published, for any algorithm, with that kid. */
static struct jwk
public_key(enum key key, const char *kid)
{
    struct jwk *jwk = NULL, copy;

    tap_must(jwk_set_read(&jwk, keys[key].jwk, strlen(keys[key].jwk), true,
                          NULL)
                 == 1,
             "no JWK");
    copy = *jwk;
    free(jwk);
    copy.alg = JOSE_NONE;
    snprintf(copy.kid, sizeof(copy.kid), "%s", kid);
    return copy;
}

static struct jwk *
add_key(struct client *cl, enum key key, const char *kid)
{
    struct client_key *new;

    cl->keys = reallocarray(cl->keys, cl->n_keys + 1, sizeof(*cl->keys));
    tap_must(cl->keys != NULL, "no memory");
    new = &cl->keys[cl->n_keys++];
    memset(new, 0, sizeof(*new));
    snprintf(new->id, sizeof(new->id), "k%zu", cl->n_keys);
    new->label = strdup("");
    new->jwk = public_key(key, kid);
    return &new->jwk;
}

static struct client *
keyed(const char *id)
{
    struct client *cl = world_client(id, "admin");

    cl->auth = AUTH_PRIVATE_KEY_JWT;
    add_key(cl, KEY_EC, "");
    return cl;
}

static struct client *
shared(struct world *world, const char *id, int64_t not_after)
{
    struct client *cl = world_client(id, "admin");

    cl->auth = AUTH_SECRET_JWT;
    world_secret(world, cl, SECRET_SEALED, SECRET, 0, not_after);
    return cl;
}

static void
make_keyed(void)
{
    struct client *cl = keyed("app");
    struct jwk *jwk;

    add_key(cl, KEY_RSA, "");
    add_key(cl, KEY_ED, "");
    world_store(cl);
    cl = keyed("off");
    cl->enabled = false;
    world_store(cl);
    cl = keyed("gone");
    cl->expires = WORLD_NOW;
    world_store(cl);
    cl = keyed("net");
    cl->networks = calloc(1, sizeof(*cl->networks));
    cl->n_networks = 1;
    tap_must(cidr_parse(cl->networks, "192.0.2.0/24", NULL) == 0,
             "no network");
    world_store(cl);
    cl = keyed("legacy");
    cl->assertion_aud = ASSERTION_AUD_LEGACY;
    world_store(cl);
    cl = keyed("kids");
    snprintf(cl->keys[0].jwk.kid, sizeof(cl->keys[0].jwk.kid), "one");
    add_key(cl, KEY_NEXT, "two");
    add_key(cl, KEY_ED, "");
    world_store(cl);
    cl = keyed("pinned");
    add_key(cl, KEY_RSA, "");
    cl->assertion_alg = JOSE_PS256;
    world_store(cl);
    cl = keyed("times");
    jwk = &cl->keys[0].jwk;
    jwk->not_before = WORLD_NOW + 10;
    jwk->not_after = WORLD_NOW + 20;
    world_store(cl);
}

static void
make_others(struct world *world)
{
    struct client *cl = world_client("basic", "admin");

    world_secret(world, cl, SECRET_SEALED, SECRET, 0, 0);
    world_store(cl);
    world_store(shared(world, "shared", 0));
    cl = shared(world, "hs256", 0);
    cl->assertion_alg = JOSE_HS256;
    world_store(cl);
    world_store(shared(world, "brief", WORLD_NOW + 10));
    cl = world_client("mac", "admin");
    cl->auth = AUTH_SECRET_JWT;
    world_secret(world, cl, SECRET_MAC, SECRET, 0, 0);
    world_store(cl);
    cl = world_client("published", "admin");
    cl->auth = AUTH_PRIVATE_KEY_JWT;
    free(cl->jwks_uri);
    cl->jwks_uri = strdup(URL);
    world_store(cl);
}

static size_t
add_part(char *out, const char *json)
{
    size_t n = b64url_encode(json, strlen(json), out);

    out[n] = '.';
    return n + 1;
}

/* The assertion of the row, with that jti, into text. */
static void
make_assertion(const struct row *row, const char *jti, char text[TEXT_MAX])
{
    enum jose_alg alg = row->alg != JOSE_NONE ? row->alg : key_algs[row->key];
    const char *id = row->id != NULL ? row->id : "app";
    int64_t now = WORLD_NOW + row->later;
    unsigned char sig[JOSE_SIG_MAX] = {0};
    size_t n, len = 64;
    char json[1024];

    snprintf(json, sizeof(json), "{\"alg\":\"%s\"%s%s%s}", jose_name(alg),
             row->kid != NULL ? ",\"kid\":\"" : "",
             row->kid != NULL ? row->kid : "", row->kid != NULL ? "\"" : "");
    n = add_part(text, json);
    snprintf(json, sizeof(json),
             "{\"iss\":\"%s\",\"sub\":\"%s\",\"aud\":\"%s\",\"jti\":\"%s\","
             "\"exp\":%lld}",
             id, id, row->aud != NULL ? row->aud : "https://as.example.org",
             jti, (long long) (now + (row->exp != 0 ? row->exp : 60)));
    n += add_part(text + n, json) - 1;
    sign(row->key, alg, text, n, sig, &len);
    sig[len / 2] ^= row->slip;
    text[n++] = '.';
    b64url_encode(sig, len, text + n);
}

/* Authenticate with the text as the row says. */
static enum oauth_error
send(struct world *world, const struct row *row, const char *text,
     struct auth *auth, struct audit *audit)
{
    static const struct peer nobody;
    struct request rq = sample_request();
    struct form form;
    char none[1] = "";

    memset(audit, 0, sizeof(*audit));
    form_parse(&form, none, 0, NULL);
    form.value[FORM_CLIENT_ASSERTION].text = text;
    form.value[FORM_CLIENT_ASSERTION].len = strlen(text);
    form.value[FORM_CLIENT_ASSERTION_TYPE].text = ASSERTION_TYPE;
    form.value[FORM_CLIENT_ASSERTION_TYPE].len = strlen(ASSERTION_TYPE);
    if (row->body != NULL) {
        form.value[FORM_CLIENT_ID].text = row->body;
        form.value[FORM_CLIENT_ID].len = strlen(row->body);
    }
    rq.origin = row->from != NULL ? row->from : "192.0.2.1";
    checks = fetches = 0;
    return auth_client(&world->service, &rq, &nobody, &form,
                       WORLD_NOW + row->later, auth, audit);
}

static void
test_row(struct world *world, const struct row *row)
{
    static struct audit audit;
    char text[TEXT_MAX];
    struct auth auth;
    enum oauth_error rc;

    make_assertion(row, row->sentence, text);
    rc = send(world, row, text, &auth, &audit);
    tap_is_int(row->reason != NULL ? OAUTH_INVALID_CLIENT : OAUTH_OK, rc,
               "%s", row->sentence);
    tap_is_int(row->checks < 0 ? 0 : row->checks > 0 ? row->checks : 1,
               checks, "%s: signatures verified", row->sentence);
    tap_is_int(row->fetches, fetches, "%s: sets fetched", row->sentence);
    if (row->reason != NULL)
        tap_ok(strstr(audit.why.text, row->reason) != NULL,
               "%s: the reason is \"%s\"", row->sentence, audit.why.text);
    else
        tap_ok(auth.is_once && auth.use.expires == WORLD_NOW + row->later + 60
                                                       + ASSERTION_SKEW_MAX,
               "%s: it is for one use", row->sentence);
    if (row->reason != NULL)
        tap_is_str("", auth.credential, "%s: no credential", row->sentence);
    else if (row->key == KEY_SHARED)
        tap_is_str("s1", auth.credential, "%s: which secret", row->sentence);
    else if (row->id != NULL && strcmp(row->id, "published") == 0)
        tap_is_str("jwks_uri", auth.credential,
                   "%s: one credential for all keys of a URL",
                   row->sentence);
    else
        tap_is_mem(keys[row->key].kid, 12, auth.credential,
                   strlen(auth.credential), "%s: which key", row->sentence);
    tap_is_str(row->id != NULL ? row->id : "app", audit.client_id,
               "%s: who it is", row->sentence);
}

/* The set at URL becomes one of that key. */
static void
publish(enum key key, const char *kid)
{
    struct jwk jwk = public_key(key, kid);
    struct sbuf sb;

    sbuf_init(&sb, page, sizeof(page));
    sbuf_add(&sb, "{\"keys\":[");
    jwk_write(&sb, &jwk);
    sbuf_add(&sb, "]}");
}

static void
test_published(struct world *world)
{
    static const struct row first[] = {
        {.sentence = "published: the first assertion fetches the set",
         .id = "published", .kid = "one", .fetches = 1},
        {.sentence = "published: the next does not", .id = "published",
         .kid = "one"},
        {.sentence = "published: a wrong signature does not",
         .id = "published", .kid = "one", .slip = true,
         .reason = "not by a key"},
        {.sentence = "published: a new kid within the cool-down",
         .id = "published", .key = KEY_NEXT, .kid = "two", .later = 59,
         .reason = "no live key"},
    };
    static const struct row second[] = {
        {.sentence = "published: a new kid after it", .id = "published",
         .key = KEY_NEXT, .kid = "two", .later = 60, .fetches = 1},
        {.sentence = "published: the kid that is gone", .id = "published",
         .kid = "one", .later = 61, .reason = "no live key"},
    };
    static const struct row third[] = {
        {.sentence = "published: the set is old, and its URL is down",
         .id = "published", .key = KEY_NEXT, .kid = "two", .later = 3660,
         .fetches = 1},
        {.sentence = "published: which is not asked at once again",
         .id = "published", .key = KEY_NEXT, .kid = "two", .later = 3661},
        {.sentence = "published: but after the cool-down",
         .id = "published", .key = KEY_NEXT, .kid = "two", .later = 3722,
         .fetches = 1},
    };
    size_t i;

    publish(KEY_EC, "one");
    for (i = 0; i < LEN(first); i++)
        test_row(world, &first[i]);
    publish(KEY_NEXT, "two");
    for (i = 0; i < LEN(second); i++)
        test_row(world, &second[i]);
    page[0] = '\0';
    for (i = 0; i < LEN(third); i++)
        test_row(world, &third[i]);
}

/* Never fetched, and down: nobody knows whether the client is right. */
static void
test_unavailable(struct world *world)
{
    static const struct row row = {.id = "published", .kid = "one"};
    static struct audit audit;
    char text[TEXT_MAX];
    struct auth auth;

    page[0] = '\0';
    make_assertion(&row, "j", text);
    tap_is_int(OAUTH_UNAVAILABLE, send(world, &row, text, &auth, &audit),
               "a set that could never be fetched is no refusal");
    fake_store_put(STORE_JWKS, URL, NULL);
}

static void
test_use(struct world *world)
{
    static const struct row app = {.id = "app"}, other = {.id = "legacy"};
    static struct audit audit;
    char text[TEXT_MAX];
    struct auth auth;

    make_assertion(&app, "once", text);
    tap_must(send(world, &app, text, &auth, &audit) == OAUTH_OK,
             audit.why.text);
    tap_is_int(OAUTH_OK, once_spend(&world->service, &auth, NULL, NULL,
                                    WORLD_NOW, &audit),
               "an assertion is used");
    tap_is_int(OAUTH_INVALID_CLIENT,
               once_spend(&world->service, &auth, NULL, NULL,
                                    WORLD_NOW, &audit),
               "and not again");
    tap_ok(strstr(audit.why.text, "used before") != NULL, "with a reason");
    make_assertion(&other, "once", text);
    tap_must(send(world, &other, text, &auth, &audit) == OAUTH_OK,
             audit.why.text);
    tap_is_int(OAUTH_OK, once_spend(&world->service, &auth, NULL, NULL,
                                    WORLD_NOW, &audit),
               "the same jti of another client is another");
    make_assertion(&app, "twice", text);
    tap_must(send(world, &app, text, &auth, &audit) == OAUTH_OK,
             audit.why.text);
    fake_expiring_break(true);
    tap_is_int(OAUTH_UNAVAILABLE,
               once_spend(&world->service, &auth, NULL, NULL,
                                    WORLD_NOW, &audit),
               "a store that is broken is not the client's fault");
    fake_expiring_break(false);
    tap_is_int(OAUTH_OK, once_spend(&world->service, &auth, NULL, NULL,
                                    WORLD_NOW, &audit),
               "and has burnt nothing");
    memset(&auth, 0, sizeof(auth));
    tap_is_int(OAUTH_OK, once_spend(&world->service, &auth, NULL, NULL,
                                    WORLD_NOW, &audit),
               "a secret can be used at will");
}

static void
test_malformed(struct world *world)
{
    static const struct row row = {.sentence = ""};
    static const char *const texts[] = {"x", "..", "e30.e30.", "a.b.c.d.e"};
    static struct audit audit;
    struct auth auth;
    size_t i;

    for (i = 0; i < LEN(texts); i++) {
        tap_is_int(OAUTH_INVALID_CLIENT,
                   send(world, &row, texts[i], &auth, &audit),
                   "\"%s\" is no assertion", texts[i]);
        tap_ok(audit.why.text[0] != '\0' && !auth.is_once,
               "\"%s\" has a reason", texts[i]);
    }
}

int
main(void)
{
    struct world world;
    size_t i;

    world_open(&world);
    make_keys();
    make_keyed();
    make_others(&world);
    for (i = 0; i < LEN(rows); i++)
        test_row(&world, &rows[i]);
    test_unavailable(&world);
    test_published(&world);
    test_use(&world);
    test_malformed(&world);
    world_close(&world);
    return tap_done();
}
