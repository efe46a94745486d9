/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The client record: its text and back, what is refused, and its rules.
 */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/client.h"
#include "sample.h"
#include "tap.h"

/* What schema 1 does not have: a scheme of secrets, and members. */
#define SEALED \
    ",{\"id\":\"s3\",\"label\":\"\",\"created\":1700000005," \
    "\"not_before\":0,\"not_after\":0," \
    "\"scheme\":\"sealed-aes-256-gcm\"," \
    "\"digest\":\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\"," \
    "\"sealed\":\"c2VhbGVk\"}"

#define BUDGETS \
    "\"budgets\":[{\"tokens\":5,\"period\":\"minute\"}," \
    "{\"tokens\":1000,\"period\":\"day\"}],\"reuse\":50,"
#define CLAIMS \
    "\"claims\":{\"dept\":\"it\",\"n\":[1,0.1]}," \
    "\"compat\":[\"basic\",\"scope-claim\"],"

#define KEYS \
    "\"keys\":[{\"id\":\"k1\",\"label\":\"key.json\"," \
    "\"created\":1700000006,\"jwk\":{\"kty\":\"OKP\",\"crv\":\"Ed25519\"," \
    "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"," \
    "\"use\":\"sig\",\"kid\":\"kid-1\"}}]," \
    "\"jwks_uri\":\"https://app.example.org/jwks\"," \
    "\"assertion_alg\":\"EdDSA\",\"assertion_aud\":\"legacy\"," \
    "\"subject\":\"dns\",\"subject_value\":\"a.example.org\"," \
    "\"tls_ca\":\"ca.pem\",\"bind\":\"any\",\"dpop_nonce\":\"on\"," \
    "\"profile\":\"fapi2\","

/* A record as the store has it, with every kind of value. */
static const char good[] =
    "{\"id\":\"batch-7\",\"name\":\"Batch \xc2\xa3\",\"description\":\"d\","
    "\"enabled\":true,\"created\":1700000000,\"updated\":1700000001,"
    "\"expires\":1900000000,\"auth\":\"client_secret_post\","
    "\"secrets\":[{\"id\":\"s1\",\"label\":\"first\",\"created\":1700000002,"
    "\"not_before\":0,\"not_after\":1800000000,\"scheme\":\"hmac-sha256\","
    "\"digest\":\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\"},"
    "{\"id\":\"s2\",\"label\":\"\",\"created\":1700000003,"
    "\"not_before\":1700000004,\"not_after\":0,"
    "\"scheme\":\"scrypt-14-8-1\","
    "\"digest\":\"__________________________________________8\"}"
    SEALED "]," KEYS
    "\"roles\":[\"batch\",\"admin\"],\"scopes\":[\"orders.read\"],"
    "\"resources\":[\"https://api.example.org/orders\"],"
    "\"default_scope\":\"default\",\"default_scopes\":[\"orders.read\"],"
    "\"excess_scope\":\"narrow\",\"lifetime\":60,\"max_lifetime\":120,"
    "\"format\":\"jwt\",\"token_alg\":\"PS256\","
    CLAIMS
    "\"permissions\":[\"introspect\"],\"revoked_until\":1700000009,"
    BUDGETS
    "\"networks\":[\"192.0.2.0/24\",\"::1/128\"]}";

/* The record with one part replaced; fault NULL: it loads all the same. */
static const struct {
    const char *sentence;
    const char *part;
    const char *other;
    const char *fault;
} load_rows[] = {
    {"the record as it is", "", "", NULL},
    {"a disabled client", "true", "false", NULL},
    {"without a sealed secret", SEALED, "", NULL},
    {"no keys, as in a record of schema 1", KEYS, "", NULL},
    {"no assertion_aud, as in a record of schema 1",
     "\"assertion_aud\":\"legacy\",", "", NULL},
    {"the keys of a newer record alone may be missing",
     "\"excess_scope\":\"narrow\",", "", "excess_scope is missing"},
    {"a sealed secret without its sealed form is refused",
     ",\"sealed\":\"c2VhbGVk\"", "", "upgrade ccgrant"},
    {"a sealed hash", "sealed-aes-256-gcm", "foreign", NULL},
    {"a hash without its sealed form is refused",
     "sealed-aes-256-gcm\","
     "\"digest\":\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\","
     "\"sealed\":\"c2VhbGVk\"",
     "foreign\","
     "\"digest\":\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\"",
     "upgrade ccgrant"},
    {"a sealed form of another scheme is refused", "sealed-aes-256-gcm",
     "hmac-sha256", "upgrade ccgrant"},
    {"an empty sealed form is refused", "c2VhbGVk", "", "upgrade ccgrant"},
    {"a sealed form that is not base64url is refused", "c2VhbGVk", "c2Vh=",
     "upgrade ccgrant"},
    {"a number for a sealed form is refused", "\"c2VhbGVk\"", "1",
     "secrets"},
    {"an unknown member of a key is refused", "\"id\":\"k1\"",
     "\"id\":\"k1\",\"x\":1", "keys"},
    {"a key without its time is refused", "\"created\":1700000006,", "",
     "keys"},
    {"a negative time of a key is refused", "1700000006", "-1", "keys"},
    {"a long id of a key is refused", "\"k1\"", "\"k123456789012345\"",
     "keys"},
    {"a text for keys is refused", "\"keys\":[", "\"keys\":\"\",\"k\":[",
     "keys is not"},
    {"a key whose JWK is none is refused", "\"kty\":\"OKP\"",
     "\"kty\":\"oct\"", "keys"},
    {"an unknown algorithm is refused", "\"EdDSA\"", "\"none\"",
     "assertion_alg is not"},
    {"a number for an algorithm is refused", "\"EdDSA\"", "1",
     "assertion_alg is not"},
    {"an unknown algorithm of tokens is refused", "\"PS256\"", "\"none\"",
     "token_alg is not"},
    {"no token_alg, as in a record of schema 1",
     "\"token_alg\":\"PS256\",", "", NULL},
    {"no claims and no compat, likewise", CLAIMS, "", NULL},
    {"a claim that this version reserves stays", "\"dept\"", "\"iss\"",
     NULL},
    {"text for claims is refused", "{\"dept\":\"it\",\"n\":[1,0.1]}",
     "\"x\"", "claims is not"},
    {"a claim without a name is refused", "\"dept\"", "\"\"", "claims"},
    {"a small number of a claim, as a record has it", "[1,0.1]", "1.5e-5",
     NULL},
    {"a claim of 2^53 - 1", "[1,0.1]", "[9007199254740991]", NULL},
    {"a claim of 2^53 is refused", "[1,0.1]", "[9007199254740992]",
     "\"n\""},
    {"a claim of 2^60 is refused", "[1,0.1]", "1152921504606846976",
     "2^53"},
    {"a claim of -2^60 is refused", "[1,0.1]", "-1152921504606846976",
     "2^53"},
    {"a claim of 1e300 is refused", "[1,0.1]", "{\"x\":1e300}",
     "exponent"},
    {"a claim of 1e-300 is refused", "[1,0.1]", "1e-300", "exponent"},
    {"a claim twice is refused", "\"dept\"", "\"n\"", "not a JSON object"},
    {"an unknown compatibility is refused", "\"scope-claim\"", "\"x\"",
     "compat is not"},
    {"a word alone for compat is refused",
     "[\"basic\",\"scope-claim\"]", "\"basic\"", "compat is not"},
    {"no permissions and no revoked_until, likewise",
     "\"permissions\":[\"introspect\"],\"revoked_until\":1700000009,", "",
     NULL},
    {"an unknown permission is refused", "\"introspect\"", "\"rule\"",
     "permissions is not"},
    {"an unknown kind of subject is refused", "\"dns\"", "\"cn\"",
     "subject is not"},
    {"an unknown binding is refused", "\"any\"", "\"tls\"", "bind is not"},
    {"an unknown rule for nonces is refused", "\"on\"", "\"yes\"",
     "dpop_nonce is not"},
    {"an unknown profile is refused", "fapi2", "fapi1", "profile is not"},
    {"an unknown rule for the audience is refused", "\"legacy\"",
     "\"all\"", "assertion_aud is not"},
    {"an unknown member among the known is refused", "\"secrets\":[",
     "\"secrets\":[],\"x\":[", "a member that this version does not know"},
    {"an empty list", "[\"batch\",\"admin\"]", "[]", NULL},
    {"an escaped character", "batch-7", "batch\\u002d7", NULL},
    {"an empty text", "\"d\"", "\"\"", NULL},
    {"a text with a NUL is refused", "\"d\"", "\"\\u0000\"", "JSON"},
    {"an array for the record is refused", "{\"id\"", "[1]{\"id\"", "JSON"},
    {"text behind the record is refused", "128\"]}", "128\"]}x", "JSON"},
    {"a record cut short is refused", "128\"]}", "128\"]", "JSON"},
    {"text that is not UTF-8 is refused", "\xc2\xa3", "\xc2", "JSON"},
    {"an unknown member is refused", "\"id\":", "\"budget\":1,\"id\":",
     "upgrade ccgrant"},
    {"a member twice is refused", "\"id\":", "\"id\":\"x\",\"id\":", "JSON"},
    {"a member under another name is refused", "\"lifetime\":60",
     "\"lifetimes\":60", "lifetime is missing"},
    {"a member in another case is refused", "\"roles\"", "\"Roles\"",
     "roles is missing"},
    {"null for a text is refused", "\"d\"", "null", "description is not"},
    {"a number for a text is refused", "\"d\"", "7", "description is not"},
    {"an empty id is refused", "batch-7", "", "client id"},
    {"an id with a space is refused", "batch-7", "batch 7", "client id"},
    {"an id with a control character is refused", "batch-7", "b\\n7",
     "client id"},
    {"an id beyond ASCII is refused", "batch-7", "b\xc2\xa3", "client id"},
    {"a number for a flag is refused", "true", "1", "enabled is not"},
    {"a text for a flag is refused", "true", "\"true\"", "enabled is not"},
    {"a text for a number is refused", "\"lifetime\":60",
     "\"lifetime\":\"60\"", "lifetime is not"},
    {"a fraction is refused", "\"lifetime\":60", "\"lifetime\":60.0",
     "lifetime is not"},
    {"a negative number is refused", "\"lifetime\":60", "\"lifetime\":-1",
     "lifetime is not"},
    {"a number over 64 bits is refused", "1900000000",
     "99999999999999999999", "JSON"},
    {"the greatest number is taken", "1900000000", "9223372036854775807",
     NULL},
    {"an unknown method is refused", "client_secret_post", "none",
     "auth is not"},
    {"an empty method is refused", "client_secret_post", "", "auth is not"},
    {"a method in capitals is refused", "client_secret_post",
     "CLIENT_SECRET_POST", "auth is not"},
    {"a number for a method is refused", "\"client_secret_post\"", "1",
     "auth is not"},
    {"an unknown default is refused", "\"default\",", "\"some\",",
     "default_scope is not"},
    {"an unknown rule is refused", "narrow", "drop", "excess_scope is not"},
    {"an unknown format is refused", "\"jwt\"", "\"paseto\"",
     "format is not"},
    {"a text for a list is refused", "[\"batch\",\"admin\"]", "\"batch\"",
     "roles is not"},
    {"an object for a list is refused", "[\"batch\",\"admin\"]", "{}",
     "roles is not"},
    {"a number in a list is refused", "[\"batch\",\"admin\"]",
     "[\"batch\",1]", "roles is not"},
    {"a list in a list is refused", "[\"batch\",\"admin\"]", "[[]]",
     "roles is not"},
    {"null in a list is refused", "[\"batch\",\"admin\"]", "[null]",
     "roles is not"},
    {"an object for the budgets is refused", "\"budgets\":[",
     "\"budgets\":{},\"x\":[", "budgets is not"},
    {"a number for a budget is refused",
     "{\"tokens\":5,\"period\":\"minute\"}", "5", "budgets is not"},
    {"no tokens are refused", "\"tokens\":5", "\"tokens\":0",
     "budgets is not"},
    {"less than none, too", "\"tokens\":5", "\"tokens\":-5",
     "budgets is not"},
    {"half a token is refused", "\"tokens\":5", "\"tokens\":0.5",
     "budgets is not"},
    {"an unknown period is refused", "\"minute\"", "\"week\"",
     "budgets is not"},
    {"a period twice is refused", "\"minute\"", "\"day\"",
     "budgets is not"},
    {"a budget without a period is refused", ",\"period\":\"minute\"", "",
     "budgets is not"},
    {"one with more is refused", "\"period\":\"minute\"",
     "\"period\":\"minute\",\"x\":1", "budgets is not"},
    {"a record without budgets and reuse loads", BUDGETS, "", NULL},
    {"a network that is none is refused", "192.0.2.0/24", "192.0.2.0/99",
     "prefix"},
    {"a network with bits beyond its prefix is refused", "192.0.2.0/24",
     "192.0.2.1/24", "beyond"},
    {"a number for a network is refused", "\"192.0.2.0/24\"", "192",
     "networks is not"},
    {"a text for the networks is refused",
     "[\"192.0.2.0/24\",\"::1/128\"]", "\"::1\"", "networks is not"},
    {"an object for the secrets is refused", "\"secrets\":[{",
     "\"secrets\":{},\"x\":[{", "secrets is not"},
    {"a text for a secret is refused", "\"secrets\":[",
     "\"secrets\":[\"s\",", "secrets"},
    {"null for a secret is refused", "\"secrets\":[", "\"secrets\":[null,",
     "secrets"},
    {"an empty secret is refused", "\"secrets\":[", "\"secrets\":[{},",
     "secrets"},
    {"an unknown member of a secret is refused", "\"label\":\"first\"",
     "\"label\":\"first\",\"used\":0", "secrets"},
    {"a missing member of a secret is refused", "\"label\":\"first\",", "",
     "secrets"},
    {"a secret's id that is too long is refused", "\"s1\"",
     "\"0123456789abcdef\"", "secrets"},
    {"the longest id of a secret is taken", "\"s1\"",
     "\"0123456789abcde\"", NULL},
    {"a secret's scheme that is unknown is refused", "hmac-sha256", "md5",
     "upgrade ccgrant"},
    {"a secret in clear is refused", "hmac-sha256", "plain",
     "upgrade ccgrant"},
    {"scrypt with other figures is refused", "scrypt-14-8-1",
     "scrypt-10-8-1", "upgrade ccgrant"},
    {"a digest that is too short is refused",
     "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", "AAECAwQF",
     "upgrade ccgrant"},
    {"a digest that is too long is refused",
     "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
     "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8A", "upgrade ccgrant"},
    {"an empty digest is refused",
     "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", "",
     "upgrade ccgrant"},
    {"a digest in plain base64 is refused",
     "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
     "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "upgrade ccgrant"},
    {"spare bits in a digest are refused",
     "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
     "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9", "upgrade ccgrant"},
    {"a negative time of a secret is refused", "\"not_after\":1800000000",
     "\"not_after\":-1", "secrets"},
    {"a negative start of a secret is refused", "\"not_before\":0",
     "\"not_before\":-1", "secrets"},
    {"a fraction for a secret's time is refused", "\"not_before\":0",
     "\"not_before\":0.5", "secrets"},
};

/* Replace the first part in good; the caller frees. */
static char *
edit(const char *part, const char *other)
{
    const char *at = strstr(good, part);
    size_t before, len = strlen(other);
    char *text = malloc(sizeof(good) + len);

    if (text == NULL || at == NULL)
        abort();
    before = (size_t) (at - good);
    memcpy(text, good, before);
    memcpy(text + before, other, len);
    at += strlen(part);
    memcpy(text + before + len, at, strlen(at) + 1);
    return text;
}

static void
test_load(size_t row)
{
    char *json = edit(load_rows[row].part, load_rows[row].other);
    const char *fault = load_rows[row].fault;
    struct errtext why = {.text = ""};
    struct client *cl = NULL;
    int rc = client_load(&cl, json, strlen(json), &why);

    tap_ok(fault == NULL ? rc == 0
                         : rc == -1 && strstr(why.text, fault) != NULL,
           "%s", load_rows[row].sentence);
    if (rc == 0 && fault == NULL) {
        char *dump = client_dump(cl);
        struct client *again = NULL;

        tap_is_int(0, client_load(&again, dump, strlen(dump), &why),
                   "%s: its text loads again", load_rows[row].sentence);
        client_free(again);
        free(dump);
    } else if (fault == NULL || rc == 0) {
        tap_diag("%s", why.text);
    }
    if (rc == 0)
        client_free(cl);
    free(json);
}

static void
test_values(void)
{
    static const unsigned char digest[] = {
        0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
        16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31};
    struct client *cl;
    char *text;

    if (client_load(&cl, good, strlen(good), NULL) != 0) {
        tap_ok(false, "the good record loads");
        return;
    }
    tap_is_str("batch-7", cl->id, "id");
    tap_is_str("Batch \xc2\xa3", cl->name, "name");
    tap_ok(cl->enabled, "enabled");
    tap_is_int(1900000000, cl->expires, "expires");
    tap_is_int(AUTH_SECRET_POST, cl->auth, "auth");
    tap_is_int(3, (long long) cl->n_secrets, "secrets");
    tap_is_str("s1", cl->secrets[0].id, "the first secret's id");
    tap_is_str("first", cl->secrets[0].label, "the first secret's label");
    tap_is_int(1800000000, cl->secrets[0].not_after, "its end");
    tap_is_int(SECRET_MAC, cl->secrets[0].scheme, "its scheme");
    tap_is_mem(digest, sizeof(digest), cl->secrets[0].digest,
               CRED_DIGEST_LEN, "its digest");
    tap_is_int(SECRET_SCRYPT, cl->secrets[1].scheme, "the second's scheme");
    tap_is_int(1700000004, cl->secrets[1].not_before, "the second's start");
    tap_is_int(SECRET_SEALED, cl->secrets[2].scheme, "the third's scheme");
    tap_is_mem("sealed", 6, cl->secrets[2].sealed, cl->secrets[2].sealed_len,
               "its sealed form");
    tap_is_int(1, (long long) cl->n_keys, "keys");
    tap_is_str("kid-1", cl->keys[0].jwk.kid, "the key's kid");
    tap_is_str("https://app.example.org/jwks", cl->jwks_uri, "jwks_uri");
    tap_is_int(JOSE_EDDSA, cl->assertion_alg, "assertion_alg");
    tap_is_int(ASSERTION_AUD_LEGACY, cl->assertion_aud, "assertion_aud");
    tap_is_str("admin", cl->roles[1], "roles keep their order");
    tap_is_int(DEFAULT_SCOPE_LIST, cl->default_scope, "default_scope");
    tap_is_int(EXCESS_SCOPE_NARROW, cl->excess_scope, "excess_scope");
    tap_is_int(120, cl->max_lifetime, "max_lifetime");
    tap_is_int(FORMAT_JWT, cl->format, "format");
    tap_is_int(JOSE_PS256, cl->token_alg, "token_alg");
    tap_is_int(2, (long long) cl->claims.n, "claims");
    tap_is_str("[1,0.1]", extra_find(&cl->claims, "n")->value,
               "the value of one");
    tap_is_int(COMPAT_BASIC | COMPAT_SCOPE, cl->compat, "compat");
    tap_is_int(PERMIT_INTROSPECT, cl->permissions, "permissions");
    tap_is_int(1700000009, cl->revoked_until, "revoked_until");
    tap_is_int(5, cl->budgets[PERIOD_MINUTE], "budgets");
    tap_is_int(1000, cl->budgets[PERIOD_DAY], "another");
    tap_is_int(0, cl->budgets[PERIOD_HOUR], "and none");
    tap_is_int(50, cl->reuse, "reuse");
    tap_is_int(2, (long long) cl->n_networks, "networks");
    text = client_dump(cl);
    tap_is_str(good, text, "the record is written as it was read");
    free(text);
    text = client_show(cl);
    tap_ok(strstr(text, "digest") == NULL && strstr(text, "AAEC") == NULL
               && strstr(text, "c2Vh") == NULL,
           "no digest and no sealed secret is shown");
    tap_ok(strstr(text, "\"first\"") != NULL, "the secret's label is shown");
    free(text);
    client_free(cl);
}

static void
test_new(void)
{
    struct client *cl = client_new("a", 7), *again = NULL;
    char *text = client_dump(cl);

    tap_ok(cl->enabled && cl->created == 7 && cl->updated == 7
               && cl->auth == AUTH_SECRET_BASIC && cl->n_secrets == 0
               && cl->default_scope == DEFAULT_SCOPE_ALL
               && cl->excess_scope == EXCESS_SCOPE_REJECT
               && cl->format == FORMAT_DEFAULT && cl->expires == 0,
           "a new record has the defaults");
    tap_is_int(0, client_load(&again, text, strlen(text), NULL),
               "a new record's text loads");
    client_free(again);
    client_free(cl);
    client_free(NULL);
    free(text);
}

static const struct {
    const char *sentence;
    const char *id;
    bool good;
} id_rows[] = {
    {"one character is an id", "a", true},
    {"every visible character may stand in an id",
     "!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`"
     "abcdefghijklmnopqrstuvwxyz{|}~",
     true},
    {"no character is no id", "", false},
    {"a space is refused", "a b", false},
    {"a space alone is refused", " ", false},
    {"a tab is refused", "a\tb", false},
    {"DEL is refused", "a\x7f", false},
    {"the first byte beyond ASCII is refused", "a\x80", false},
    {"UTF-8 is refused", "\xc2\xa3", false},
    {"0xFF is refused", "\xff", false},
};

static void
test_ids(void)
{
    char id[CLIENT_ID_MAX + 2];
    struct errtext why;
    size_t i;

    for (i = 0; i < LEN(id_rows); i++)
        tap_is_int(id_rows[i].good ? 0 : -1,
                   client_check_id(id_rows[i].id, &why), "%s",
                   id_rows[i].sentence);
    memset(id, 'i', sizeof(id));
    id[CLIENT_ID_MAX + 1] = '\0';
    tap_is_int(-1, client_check_id(id, &why), "an id too long is refused");
    id[CLIENT_ID_MAX] = '\0';
    tap_is_int(0, client_check_id(id, &why), "the longest id is taken");
}

static const struct {
    const char *sentence;
    const char *text;
    bool good;
} text_rows[] = {
    {"an empty text is good", "", true},
    {"UTF-8 is good", "\xe2\x82\xac", true},
    {"quotation marks are good", "\"a\\b\"", true},
    {"a line end is refused", "a\nb", false},
    {"an escape character is refused", "\x1b[31m", false},
    {"DEL is refused", "\x7f", false},
    {"what is not UTF-8 is refused", "\xff", false},
    {"UTF-8 cut short is refused", "\xe2\x82", false},
};

static void
test_texts(void)
{
    char text[CLIENT_NAME_MAX + 2];
    struct errtext why;
    size_t i;

    for (i = 0; i < LEN(text_rows); i++)
        tap_is_int(text_rows[i].good ? 0 : -1,
                   client_check_text("name", text_rows[i].text, &why), "%s",
                   text_rows[i].sentence);
    memset(text, 't', sizeof(text));
    text[CLIENT_NAME_MAX + 1] = '\0';
    tap_is_int(-1, client_check_text("label", text, &why),
               "a text too long is refused");
    tap_ok(strstr(why.text, "label") != NULL, "and the reason names it");
    text[CLIENT_NAME_MAX] = '\0';
    tap_is_int(0, client_check_text("label", text, &why),
               "the longest text is taken");
}

/* What is set in a new record before it is checked against the policy. */
struct check_row {
    const char *sentence;
    const char *roles, *scopes, *defaults, *resources;
    int64_t lifetime, max_lifetime;
    const char *name;
    enum client_auth auth;   /* 0: the usual one */
    enum jwk_type key;       /* 0: none */
    const char *uri;
    enum jose_alg alg, token_alg;
    enum client_subject subject;
    enum client_profile profile;
    bool legacy;
    const char *fault;
};

static const struct check_row check_rows[] = {
    {.sentence = "a new record is good"},
    {.sentence = "roles, scopes and resources of the policy are good",
     .roles = "batch admin idle", .scopes = "secret.read",
     .defaults = "orders.read", .resources = SAMPLE_BILLS " " SAMPLE_EMPTY},
    {.sentence = "lifetimes within the limit are good", .lifetime = 86400,
     .max_lifetime = 86400},
    {.sentence = "an unknown role is refused", .roles = "batch nosuch",
     .fault = "no role \"nosuch\""},
    {.sentence = "a part of a role's name is refused", .roles = "bat",
     .fault = "no role \"bat\""},
    {.sentence = "a role's name in capitals is refused", .roles = "Batch",
     .fault = "no role \"Batch\""},
    {.sentence = "an unknown scope is refused", .scopes = "orders",
     .fault = "no scope \"orders\""},
    {.sentence = "an alias is no scope of a record",
     .scopes = "urn:opc:idm:__myscopes__", .fault = "no scope"},
    {.sentence = "an unknown default scope is refused",
     .defaults = "orders.read orders.delete",
     .fault = "no scope \"orders.delete\""},
    {.sentence = "an unknown resource is refused",
     .resources = "https://api.example.org/", .fault = "no resource"},
    {.sentence = "a resource with a slash more is refused",
     .resources = SAMPLE_ORDERS "/", .fault = "no resource"},
    {.sentence = "a greatest lifetime over the policy's is refused",
     .max_lifetime = 86401, .fault = "86400 seconds"},
    {.sentence = "a lifetime over the policy's is refused",
     .lifetime = 86401, .fault = "86400 seconds"},
    {.sentence = "a lifetime over the record's greatest is refused",
     .lifetime = 121, .max_lifetime = 120, .fault = "120 seconds"},
    {.sentence = "a negative lifetime is refused", .lifetime = -1,
     .fault = "lifetime"},
    {.sentence = "a negative greatest lifetime is refused",
     .max_lifetime = -1, .fault = "lifetime"},
    {.sentence = "private_key_jwt with a key is good",
     .auth = AUTH_PRIVATE_KEY_JWT, .key = JWK_P256},
    {.sentence = "private_key_jwt with a URL is good",
     .auth = AUTH_PRIVATE_KEY_JWT, .uri = "https://a.example.org/"},
    {.sentence = "private_key_jwt without a key is refused",
     .auth = AUTH_PRIVATE_KEY_JWT, .fault = "needs a key"},
    {.sentence = "keys and a URL are refused", .auth = AUTH_PRIVATE_KEY_JWT,
     .key = JWK_P256, .uri = "https://a.example.org/", .fault = "either"},
    {.sentence = "an algorithm of the key is good",
     .auth = AUTH_PRIVATE_KEY_JWT, .key = JWK_RSA, .alg = JOSE_PS512},
    {.sentence = "an algorithm of no key is refused",
     .auth = AUTH_PRIVATE_KEY_JWT, .key = JWK_P256, .alg = JOSE_RS256,
     .fault = "none of the client's keys"},
    {.sentence = "an HMAC with private_key_jwt is refused",
     .auth = AUTH_PRIVATE_KEY_JWT, .uri = "https://a.example.org/",
     .alg = JOSE_HS256, .fault = "private_key_jwt"},
    {.sentence = "tls_client_auth with a subject is good", .auth = AUTH_TLS,
     .subject = SUBJECT_DN},
    {.sentence = "tls_client_auth without one is refused", .auth = AUTH_TLS,
     .fault = "--tls-subject-dn"},
    {.sentence = "self_signed_tls_client_auth with a key is good",
     .auth = AUTH_SELF_SIGNED_TLS, .key = JWK_P256},
    {.sentence = "self_signed_tls_client_auth without one is refused",
     .auth = AUTH_SELF_SIGNED_TLS, .fault = "needs a key"},
    {.sentence = "FAPI 2.0 with private_key_jwt is good",
     .auth = AUTH_PRIVATE_KEY_JWT, .key = JWK_P256,
     .profile = PROFILE_FAPI2, .alg = JOSE_ES256},
    {.sentence = "FAPI 2.0 with a secret is refused",
     .profile = PROFILE_FAPI2, .fault = "no shared secret"},
    {.sentence = "FAPI 2.0 with client_secret_jwt is refused",
     .auth = AUTH_SECRET_JWT, .profile = PROFILE_FAPI2,
     .fault = "no shared secret"},
    {.sentence = "FAPI 2.0 with RS256 is refused",
     .auth = AUTH_PRIVATE_KEY_JWT, .key = JWK_RSA, .alg = JOSE_RS256,
     .profile = PROFILE_FAPI2, .fault = "PS256"},
    {.sentence = "FAPI 2.0 with a key on P-384 alone is refused",
     .auth = AUTH_PRIVATE_KEY_JWT, .key = JWK_P384,
     .profile = PROFILE_FAPI2, .fault = "none of the client's keys"},
    {.sentence = "FAPI 2.0 with a legacy audience is refused",
     .auth = AUTH_PRIVATE_KEY_JWT, .key = JWK_P256, .legacy = true,
     .profile = PROFILE_FAPI2, .fault = "strict"},
    {.sentence = "an HMAC with client_secret_jwt is good",
     .auth = AUTH_SECRET_JWT, .alg = JOSE_HS512},
    {.sentence = "a signature with client_secret_jwt is refused",
     .auth = AUTH_SECRET_JWT, .alg = JOSE_ES256, .fault = "client_secret_jwt"},
    {.sentence = "tokens signed with EdDSA are good",
     .token_alg = JOSE_EDDSA},
    {.sentence = "tokens signed with an HMAC are refused",
     .token_alg = JOSE_HS256, .fault = "not signed with HS256"},
    {.sentence = "FAPI 2.0 takes tokens signed with PS256",
     .auth = AUTH_PRIVATE_KEY_JWT, .key = JWK_P256, .token_alg = JOSE_PS256,
     .profile = PROFILE_FAPI2},
    {.sentence = "FAPI 2.0 refuses tokens signed with RS256",
     .auth = AUTH_PRIVATE_KEY_JWT, .key = JWK_P256, .token_alg = JOSE_RS256,
     .profile = PROFILE_FAPI2, .fault = "--token-alg"},
    {.sentence = "a name with a control character is refused",
     .name = "a\x01", .fault = "name"},
};

static void
test_check(const struct check_row *row, const struct policy *policy)
{
    struct client *cl = client_new("a", 7);
    struct errtext why = {.text = ""};
    int rc;

    sample_list(&cl->roles, &cl->n_roles, row->roles);
    sample_list(&cl->scopes, &cl->n_scopes, row->scopes);
    sample_list(&cl->default_scopes, &cl->n_default_scopes, row->defaults);
    sample_list(&cl->resources, &cl->n_resources, row->resources);
    cl->lifetime = row->lifetime;
    cl->max_lifetime = row->max_lifetime;
    if (row->name != NULL) {
        free(cl->name);
        cl->name = strdup(row->name);
    }
    if (row->auth != 0)
        cl->auth = row->auth;
    cl->assertion_alg = row->alg;
    cl->token_alg = row->token_alg;
    cl->subject = row->subject;
    cl->profile = row->profile;
    if (row->legacy)
        cl->assertion_aud = ASSERTION_AUD_LEGACY;
    if (row->uri != NULL) {
        free(cl->jwks_uri);
        cl->jwks_uri = strdup(row->uri);
    }
    if (row->key != 0) {
        cl->keys = calloc(1, sizeof(*cl->keys));
        if (cl->keys == NULL)
            abort();
        cl->keys[0].jwk.type = row->key;
        cl->n_keys = 1;
    }
    rc = client_check(cl, policy, &why);
    tap_ok(row->fault == NULL
               ? rc == 0
               : rc == -1 && strstr(why.text, row->fault) != NULL,
           "%s", row->sentence);
    if (rc != 0 && row->fault == NULL)
        tap_diag("%s", why.text);
    client_free(cl);
}

/* A record with so many secrets, and with so many roles. */
static void
test_lengths(const struct policy *policy)
{
    struct client *cl = client_new("a", 7);
    struct errtext why;
    char *text;
    size_t i;

    cl->n_secrets = CLIENT_SECRETS_MAX + 1;
    cl->secrets = calloc(cl->n_secrets, sizeof(*cl->secrets));
    cl->n_roles = CLIENT_LIST_MAX + 1;
    cl->roles = calloc(cl->n_roles, sizeof(*cl->roles));
    if (cl->secrets == NULL || cl->roles == NULL)
        abort();
    for (i = 0; i < cl->n_roles; i++)
        cl->roles[i] = strdup("idle");
    for (i = 0; i < cl->n_secrets; i++) {
        cl->secrets[i].label = strdup("");
        cl->secrets[i].scheme = SECRET_MAC;
    }
    tap_is_int(-1, client_check(cl, policy, &why),
               "one secret too many is refused");
    text = client_dump(cl);
    tap_is_int(-1, client_load(&(struct client *){NULL}, text, strlen(text),
                               &why),
               "and does not load");
    free(text);
    free(cl->secrets[--cl->n_secrets].label);
    tap_is_int(-1, client_check(cl, policy, &why),
               "one role too many is refused");
    tap_ok(strstr(why.text, "list") != NULL, "and the reason says so");
    text = client_dump(cl);
    tap_is_int(-1, client_load(&(struct client *){NULL}, text, strlen(text),
                               &why),
               "and does not load");
    free(text);
    free(cl->roles[--cl->n_roles]);
    tap_is_int(0, client_check(cl, policy, &why),
               "as many as allowed are taken");
    client_free(cl);
}

/* Whether the text of the record cannot be made: the program ends. */
static bool
dies(const struct client *cl)
{
    const struct rlimit no_core = {0, 0};
    int status = 0;
    pid_t pid;

    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        setrlimit(RLIMIT_CORE, &no_core);
        free(client_dump(cl));
        _exit(0);
    }
    return waitpid(pid, &status, 0) == pid && WIFSIGNALED(status)
           && WTERMSIG(status) == SIGABRT;
}

/* What no check let pass is never left out in silence. */
static void
test_lost(void)
{
    struct client *cl = client_new("a", 7);

    cl->secrets = calloc(1, sizeof(*cl->secrets));
    if (cl->secrets == NULL)
        abort();
    cl->secrets[0].label = strdup("\xff");
    cl->secrets[0].scheme = SECRET_MAC;
    cl->n_secrets = 1;
    tap_ok(dies(cl), "a label that is not UTF-8 does not lose its secret");
    cl->secrets[0].label[0] = 'x';
    tap_ok(!dies(cl), "a label that is does no harm");
    sample_list(&cl->scopes, &cl->n_scopes, "a \xff");
    tap_ok(dies(cl), "a scope that is not UTF-8 is not lost");
    client_free(cl);
}

int
main(void)
{
    struct policy policy;
    size_t i;

    sample_policy(&policy);
    for (i = 0; i < LEN(load_rows); i++)
        test_load(i);
    test_values();
    test_new();
    test_ids();
    test_texts();
    for (i = 0; i < LEN(check_rows); i++)
        test_check(&check_rows[i], &policy);
    test_lengths(&policy);
    test_lost();
    policy_free(&policy);
    return tap_done();
}
