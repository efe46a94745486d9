/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What a request proves to have, and what the record and the policy demand.
 * The linker lets the verifier and the vault fail when a row says so.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/assertion.h"
#include "core/b64.h"
#include "core/dpop.h"
#include "fake_expiring.h"
#include "io/crypto.h"
#include "io/keys.h"
#include "io/verifier.h"
#include "once.h"
#include "possession.h"
#include "tap.h"
#include "world.h"

#define X5T "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0"
#define URL "https://as.example.org/oauth2/v1/token"
#define NOW "1800000000"
#define SECRET "0123456789abcdef0123456789abcdef"

/* A proof's parts, of the JSON of their members; # is the key's members. */
#define HEADER(typ, alg, jwk) \
    "{\"typ\":" typ ",\"alg\":" alg ",\"jwk\":" jwk "}"
#define CLAIMS(jti, htm, htu, iat) \
    "{\"jti\":" jti ",\"htm\":" htm ",\"htu\":" htu ",\"iat\":" iat "}"
#define TYP "\"dpop+jwt\""
#define RIGHT CLAIMS("\"j\"", "\"POST\"", "\"" URL "\"", NOW)
#define OTHER_URL(url) CLAIMS("\"j\"", "\"POST\"", "\"" url "\"", NOW)
#define OTHER_IAT(iat) CLAIMS("\"j\"", "\"POST\"", "\"" URL "\"", iat)
#define OFF_CURVE \
    "{\"kty\":\"EC\",\"crv\":\"P-256\"," \
    "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\"," \
    "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a4\"}"

enum { TEXT_MAX = 8192 };

enum key { KEY_EC, KEY_OTHER, KEY_P384, KEY_RSA, KEY_ED, KEY_SECRET,
           KEY__MAX };

static const enum jose_alg key_algs[KEY__MAX] = {
    JOSE_ES256, JOSE_ES256, JOSE_ES384, JOSE_RS256, JOSE_EDDSA, JOSE_HS256,
};

static struct {
    struct keyrec rec;
    unsigned char pkcs8[KEYS_PRIVATE_MAX];
    size_t len;
    char members[TEXT_MAX]; /* of its JWK */
} keys[KEY__MAX];

static bool broken_verifier;
static int nonces_left = -1; /* what the vault makes before it fails, or -1 */

int __wrap_verifier_check(struct verifier *verifier, enum jose_alg alg,
                          const void *in, size_t len,
                          const unsigned char *sig, size_t sig_len,
                          struct errtext *why);
int __real_verifier_check(struct verifier *verifier, enum jose_alg alg,
                          const void *in, size_t len,
                          const unsigned char *sig, size_t sig_len,
                          struct errtext *why);
int __wrap_vault_nonce(struct vault *vault, int64_t step,
                       char nonce[VAULT_NONCE_TEXT_MAX], struct errtext *why);
int __real_vault_nonce(struct vault *vault, int64_t step,
                       char nonce[VAULT_NONCE_TEXT_MAX], struct errtext *why);

int
__wrap_verifier_check(struct verifier *verifier, enum jose_alg alg,
                      const void *in, size_t len, const unsigned char *sig,
                      size_t sig_len, struct errtext *why)
{
    if (broken_verifier)
        return errtext_set(why, "the verifier of the test is broken");
    return __real_verifier_check(verifier, alg, in, len, sig, sig_len, why);
}

int
__wrap_vault_nonce(struct vault *vault, int64_t step,
                   char nonce[VAULT_NONCE_TEXT_MAX], struct errtext *why)
{
    if (nonces_left == 0)
        return errtext_set(why, "the vault of the test is broken");
    nonces_left -= nonces_left > 0;
    return __real_vault_nonce(vault, step, nonce, why);
}

/* A proof and how it comes; what is not said is right. */
struct row {
    const char *sentence;
    const char *text;   /* the whole field, instead of a proof */
    const char *header; /* NULL: the right one for key and alg */
    const char *claims;
    enum key key;
    enum jose_alg alg;  /* JOSE_NONE: the key's usual one */
    bool is_swapped;    /* the header shows another key than signed */
    bool slip;          /* a bit of the signature is wrong */
    const char *twice;  /* the proof comes twice, with this between */
    const char *method; /* NULL: POST */
    const char *base;   /* mtls.base of the policy */
    bool fapi2;
    int64_t iat;        /* behind WORLD_NOW, to see when its use ends */
    const char *reason; /* of a refusal, or NULL */
};

static const struct row rows[] = {
    {.sentence = "a proof"},
    {.sentence = "a proof with P-384", .key = KEY_P384},
    {.sentence = "a proof with RS256", .key = KEY_RSA},
    {.sentence = "a proof with PS256", .key = KEY_RSA, .alg = JOSE_PS256},
    {.sentence = "a proof with Ed25519", .key = KEY_ED},

    /* Checks 1 and 2: one, and well-formed. */
    {.sentence = "two proofs with a comma", .twice = ",",
     .reason = "three"},
    {.sentence = "two proofs with a comma and a space", .twice = ", ",
     .reason = "three"},
    {.sentence = "two proofs with a space", .twice = " ",
     .reason = "three"},
    {.sentence = "a word", .text = "malformed", .reason = "three"},
    {.sentence = "a space", .text = " ", .reason = "three"},
    {.sentence = "a comma", .text = ",", .reason = "three"},
    {.sentence = "two parts", .text = "a.b", .reason = "three"},
    {.sentence = "three empty parts", .text = "..", .reason = ""},
    {.sentence = "an empty header field", .text = "", .reason = ""},
    {.sentence = "claims that are no JSON", .claims = "{", .reason = ""},
    {.sentence = "claims that are an array", .claims = "[]", .reason = ""},

    /* Check 3: all claims. */
    {.sentence = "no claims", .claims = "{}", .reason = "jti"},
    {.sentence = "no jti", .reason = "jti",
     .claims = "{\"htm\":\"POST\",\"htu\":\"" URL "\",\"iat\":" NOW "}"},
    {.sentence = "no htm", .reason = "htm",
     .claims = "{\"jti\":\"j\",\"htu\":\"" URL "\",\"iat\":" NOW "}"},
    {.sentence = "no htu", .reason = "htu",
     .claims = "{\"jti\":\"j\",\"htm\":\"POST\",\"iat\":" NOW "}"},
    {.sentence = "no iat", .reason = "iat",
     .claims = "{\"jti\":\"j\",\"htm\":\"POST\",\"htu\":\"" URL "\"}"},
    {.sentence = "an empty jti", .reason = "jti",
     .claims = CLAIMS("\"\"", "\"POST\"", "\"" URL "\"", NOW)},
    {.sentence = "a jti that is a number", .reason = "jti",
     .claims = CLAIMS("42", "\"POST\"", "\"" URL "\"", NOW)},
    {.sentence = "a nonce that is a number", .reason = "nonce",
     .claims = CLAIMS("\"j\"", "\"POST\"", "\"" URL "\"",
                      NOW ",\"nonce\":1")},
    {.sentence = "other claims and members", .header =
     HEADER(TYP, "\"ES256\"", "{#,\"x-y\":[1]},\"x\":{\"a\":null}"),
     .claims = OTHER_IAT(NOW ",\"ath\":\"x\",\"nbf\":" NOW
                         ",\"exp\":1800000300,\"z\":[1]")},

    /* Check 4: typ. */
    {.sentence = "no typ", .reason = "typ",
     .header = "{\"alg\":\"ES256\",\"jwk\":{#}}"},
    {.sentence = "typ JWT", .reason = "typ",
     .header = HEADER("\"JWT\"", "\"ES256\"", "{#}")},
    {.sentence = "typ jwt+dpop", .reason = "typ",
     .header = HEADER("\"jwt+dpop\"", "\"ES256\"", "{#}")},
    {.sentence = "typ with more behind", .reason = "typ",
     .header = HEADER("\"dpop+jwt+x\"", "\"ES256\"", "{#}")},
    {.sentence = "typ that is a number", .reason = "typ",
     .header = HEADER("42", "\"ES256\"", "{#}")},

    /* Check 5: an asymmetric algorithm. */
    {.sentence = "no alg", .reason = "alg",
     .header = "{\"typ\":" TYP ",\"jwk\":{#}}"},
    {.sentence = "alg none", .reason = "alg",
     .header = HEADER(TYP, "\"none\"", "{#}")},
    {.sentence = "an alg that nobody knows", .reason = "alg",
     .header = HEADER(TYP, "\"ES256K\"", "{#}")},
    {.sentence = "an HMAC", .key = KEY_SECRET, .reason = ""},
    {.sentence = "an HMAC and a public key", .key = KEY_SECRET,
     .is_swapped = true, .reason = ""},
    {.sentence = "a secret as the key", .reason = "",
     .header = HEADER(TYP, "\"ES256\"", "{\"kty\":\"oct\",\"k\":\"AA\"}")},
    {.sentence = "an alg that is not for the key", .reason = "",
     .header = HEADER(TYP, "\"ES384\"", "{#}")},
    {.sentence = "RS256 with a key for PS256", .key = KEY_RSA, .reason = "",
     .header = HEADER(TYP, "\"RS256\"", "{#,\"alg\":\"PS256\"}")},

    /* Checks 6 and 7: the signature is by the public key of the header. */
    {.sentence = "a wrong bit in the signature", .slip = true,
     .reason = "not by the key"},
    {.sentence = "another key than that in the header", .is_swapped = true,
     .reason = "not by the key"},
    {.sentence = "a wrong signature and wrong claims", .slip = true,
     .claims = OTHER_URL("https://other.example.org/"),
     .reason = "not by the key"},
    {.sentence = "no key", .reason = "jwk",
     .header = "{\"typ\":" TYP ",\"alg\":\"ES256\"}"},
    {.sentence = "a kid for a key", .reason = "jwk",
     .header = "{\"typ\":" TYP ",\"alg\":\"ES256\",\"kid\":\"k\"}"},
    {.sentence = "a key that is a string", .reason = "jwk",
     .header = HEADER(TYP, "\"ES256\"", "\"foo\"")},
    {.sentence = "a key that is null", .reason = "jwk",
     .header = HEADER(TYP, "\"ES256\"", "null")},
    {.sentence = "a private key", .reason = "private",
     .header = HEADER(TYP, "\"ES256\"", "{#,\"d\":\"AA\"}")},
    {.sentence = "a point off the curve", .reason = "",
     .header = HEADER(TYP, "\"ES256\"", OFF_CURVE)},
    {.sentence = "a critical extension", .reason = "crit",
     .header = HEADER(TYP, "\"ES256\"", "{#},\"crit\":[\"x\"],\"x\":1")},

    /* Check 8: the method. */
    {.sentence = "htm GET", .reason = "htm",
     .claims = CLAIMS("\"j\"", "\"GET\"", "\"" URL "\"", NOW)},
    {.sentence = "htm in lower case", .reason = "htm",
     .claims = CLAIMS("\"j\"", "\"post\"", "\"" URL "\"", NOW)},
    {.sentence = "htm POST of another method", .method = "PUT",
     .reason = "htm"},
    {.sentence = "htm that is a number", .reason = "htm",
     .claims = CLAIMS("\"j\"", "42", "\"" URL "\"", NOW)},

    /* Check 9: the URL. */
    {.sentence = "htu with a query", .claims = OTHER_URL(URL "?a=b#c")},
    {.sentence = "htu in another spelling", .claims =
     OTHER_URL("HTTPS://AS.example.org:443/x/../oauth2/v1/%74oken")},
    {.sentence = "htu of another path", .reason = "htu",
     .claims = OTHER_URL("https://as.example.org/oauth2/v1/introspect")},
    {.sentence = "htu of another host", .reason = "htu",
     .claims = OTHER_URL("https://other.example.org/oauth2/v1/token")},
    {.sentence = "htu of another scheme", .reason = "htu",
     .claims = OTHER_URL("http://as.example.org/oauth2/v1/token")},
    {.sentence = "htu that is no URL", .reason = "htu",
     .claims = OTHER_URL("not a url")},
    {.sentence = "htu that is an array", .reason = "htu",
     .claims = CLAIMS("\"j\"", "\"POST\"", "[\"" URL "\"]", NOW)},
    {.sentence = "htu at mtls.base", .base = "https://mtls.example.org",
     .claims = OTHER_URL("https://mtls.example.org/oauth2/v1/token")},
    {.sentence = "htu at the issuer, with mtls.base",
     .base = "https://mtls.example.org"},
    {.sentence = "htu at mtls.base, when there is none", .reason = "htu",
     .claims = OTHER_URL("https://mtls.example.org/oauth2/v1/token")},

    /* Check 11: the times. */
    {.sentence = "iat as old as it may be", .iat = -90,
     .claims = OTHER_IAT("1799999910")},
    {.sentence = "iat a second older", .reason = "iat",
     .claims = OTHER_IAT("1799999909")},
    {.sentence = "iat as far ahead as it may be", .iat = 30,
     .claims = OTHER_IAT("1800000030")},
    {.sentence = "iat with a fraction", .iat = -1,
     .claims = OTHER_IAT("1799999999.75")},
    {.sentence = "iat a second further", .reason = "iat",
     .claims = OTHER_IAT("1800000031")},
    {.sentence = "iat that is a string", .reason = "iat",
     .claims = OTHER_IAT("\"" NOW "\"")},
    {.sentence = "iat below 0", .reason = "iat", .claims = OTHER_IAT("-1")},
    {.sentence = "exp in the past", .reason = "exp",
     .claims = OTHER_IAT(NOW ",\"exp\":1799999900")},
    {.sentence = "nbf ahead", .reason = "nbf",
     .claims = OTHER_IAT(NOW ",\"nbf\":1800000100")},

    /* FAPI 2.0 Security Profile, 5.4.1. */
    {.sentence = "FAPI 2.0 with ES256", .fapi2 = true},
    {.sentence = "FAPI 2.0 with PS256", .fapi2 = true, .key = KEY_RSA,
     .alg = JOSE_PS256},
    {.sentence = "FAPI 2.0 with EdDSA", .fapi2 = true, .key = KEY_ED},
    {.sentence = "FAPI 2.0 with RS256", .fapi2 = true, .key = KEY_RSA,
     .reason = "fapi2"},
    {.sentence = "FAPI 2.0 with PS384", .fapi2 = true, .key = KEY_RSA,
     .alg = JOSE_PS384, .reason = "fapi2"},
    {.sentence = "FAPI 2.0 with ES384", .fapi2 = true, .key = KEY_P384,
     .reason = "fapi2"},
};

/* The members of a JWK alone, without its braces. */
static void
write_members(enum key key, const struct jwk *jwk)
{
    char text[TEXT_MAX];
    struct sbuf sb;

    sbuf_init(&sb, text, sizeof(text));
    jwk_write_canonical(&sb, jwk);
    snprintf(keys[key].members, TEXT_MAX, "%.*s", (int) sb.len - 2,
             text + 1);
}

static void
make_keys(void)
{
    struct jwk *jwk;
    enum key i;

    for (i = 0; i < KEY_SECRET; i++) {
        struct keyrec *rec = &keys[i].rec;

        tap_must(keys_make(key_algs[i], rec, keys[i].pkcs8, &keys[i].len, NULL)
                     == 0,
                 "no key");
        tap_must(jwk_set_read(&jwk, rec->jwk, strlen(rec->jwk), true, NULL)
                     == 1,
                 "no JWK");
        write_members(i, jwk);
        free(jwk);
    }
    snprintf(keys[KEY_SECRET].members, TEXT_MAX, "\"kty\":\"oct\"");
}

/* With a key that is not for the algorithm the signature is all zero. */
static void
sign(enum key key, enum jose_alg alg, const char *in, size_t len,
     unsigned char sig[JOSE_SIG_MAX], size_t *sig_len)
{
    struct signer *signer = NULL;
    int rc = key == KEY_SECRET
                 ? signer_load_secret(&signer, alg, SECRET, strlen(SECRET),
                                      NULL)
                 : signer_load(&signer, alg, keys[key].pkcs8, keys[key].len,
                               NULL);

    if (rc == 0)
        tap_must(signer_sign(signer, in, len, sig, sig_len, NULL) == 0,
                 "no signature");
    signer_free(signer);
}

/* Add a part of a proof, with the key's members for each #. */
static size_t
add_part(char *out, const char *json, const char *members)
{
    char text[TEXT_MAX] = "";
    size_t n = 0;

    for (; *json != '\0'; json++)
        n += (size_t) snprintf(text + n, sizeof(text) - n, "%.*s",
                               *json == '#' ? TEXT_MAX : 1,
                               *json == '#' ? members : json);
    return b64url_encode(text, n, out);
}

static void
make_proof(const struct row *row, char text[TEXT_MAX])
{
    enum jose_alg alg = row->alg != JOSE_NONE ? row->alg : key_algs[row->key];
    enum key shown = !row->is_swapped        ? row->key
                     : row->key == KEY_OTHER ? KEY_EC
                                             : KEY_OTHER;
    unsigned char sig[JOSE_SIG_MAX] = {0};
    size_t n, len = 64;
    char header[256];

    snprintf(header, sizeof(header), HEADER(TYP, "\"%s\"", "{#}"),
             jose_name(alg));
    n = add_part(text, row->header != NULL ? row->header : header,
                 keys[shown].members);
    text[n++] = '.';
    n += add_part(text + n, row->claims != NULL ? row->claims : RIGHT, "");
    sign(row->key, alg, text, n, sig, &len);
    sig[len / 2] ^= row->slip;
    text[n++] = '.';
    n += b64url_encode(sig, len, text + n);
    if (row->twice != NULL) {
        len = (size_t) snprintf(text + n, TEXT_MAX - n, "%s", row->twice);
        memmove(text + n + len, text, n);
        text[n + len + n] = '\0';
    }
}

/* A request with that field, and a certificate if it has one. */
static enum oauth_error
check(struct world *world, const struct client *cl, const char *field,
      bool has_cert, int64_t now, struct possession *possession,
      struct errtext *why)
{
    static struct peer peer;
    struct request rq = {.method = "POST", .dpop = field};

    memset(&peer, 0, sizeof(peer));
    peer.has_cert = has_cert;
    if (has_cert)
        snprintf(peer.x5t, sizeof(peer.x5t), "%s", X5T);
    why->text[0] = '\0';
    memset(possession, 0x55, sizeof(*possession));
    return possession_check(&world->service, cl, &peer, &rq, now, possession,
                            why);
}

static void
test_row(struct world *world, const struct row *row)
{
    static const struct peer none;
    struct client *cl = client_new("app", WORLD_NOW);
    struct request rq = {.method = row->method ? row->method : "POST"};
    struct possession possession;
    struct errtext why = {.text = ""};
    char text[TEXT_MAX];
    enum oauth_error rc;
    char *base = world->policy.mtls.base;
    char other[64];

    make_proof(row, text);
    rq.dpop = row->text != NULL ? row->text : text;
    cl->profile = row->fapi2 ? PROFILE_FAPI2 : PROFILE_NONE;
    if (row->base != NULL) {
        snprintf(other, sizeof(other), "%s", row->base);
        world->policy.mtls.base = other;
    }
    rc = possession_check(&world->service, cl, &none, &rq, WORLD_NOW,
                          &possession, &why);
    world->policy.mtls.base = base;
    client_free(cl);
    tap_is_int(row->reason != NULL ? OAUTH_INVALID_DPOP_PROOF : OAUTH_OK, rc,
               "%s", row->sentence);
    tap_is_str(row->reason != NULL ? "" : keys[row->key].rec.kid,
               possession.binding.jkt, "%s: what it binds to",
               row->sentence);
    if (row->reason != NULL)
        tap_ok(strstr(why.text, row->reason) != NULL && why.text[0] != '\0'
                   && !possession.is_once,
               "%s: the reason is \"%s\"", row->sentence, why.text);
    else
        tap_ok(possession.is_once
                   && possession.use.expires
                          == WORLD_NOW + row->iat + DPOP_AGE_MAX
                                 + ASSERTION_SKEW_MAX,
               "%s: it is for one use", row->sentence);
    tap_ok(possession.nonce[0] == '\0' && possession.binding.x5t[0] == '\0',
           "%s: no nonce, no certificate", row->sentence);
}

/* The nonce of a step from now, or another, as a member of the claims. */
enum nonce { NONCE_NOW, NONCE_NONE, NONCE_FOREIGN, NONCE_EMPTY, NONCE_CUT,
             NONCE_LONG, NONCE_HUGE, NONCE_ALTERED };

struct nonce_row {
    const char *sentence;
    enum dpop_nonce policy;
    enum dpop_nonce record;
    enum nonce nonce;
    int steps; /* with NONCE_NOW: of which time it is */
    bool slip; /* the signature is wrong */
    enum oauth_error expected;
    bool is_offered;
};

#define OFF DPOP_NONCE_OFF
#define ON DPOP_NONCE_ON
#define REQUIRED DPOP_NONCE_REQUIRED
#define WANT OAUTH_USE_DPOP_NONCE

static const struct nonce_row nonce_rows[] = {
    {"off: none", OFF, 0, NONCE_NONE, 0, false, OAUTH_OK, false},
    {"off: a fresh one", OFF, 0, NONCE_NOW, 0, false, OAUTH_OK, false},
    {"off: a foreign one", OFF, 0, NONCE_FOREIGN, 0, false, OAUTH_OK, false},
    {"off: a stale one", OFF, 0, NONCE_NOW, -9, false, OAUTH_OK, false},
    {"on: none", ON, 0, NONCE_NONE, 0, false, OAUTH_OK, true},
    {"on: a fresh one", ON, 0, NONCE_NOW, 0, false, OAUTH_OK, true},
    {"on: a foreign one", ON, 0, NONCE_FOREIGN, 0, false, WANT, true},
    {"on: a stale one", ON, 0, NONCE_NOW, -3, false, WANT, true},
    {"on: an empty one", ON, 0, NONCE_EMPTY, 0, false, WANT, true},
    {"required: none", REQUIRED, 0, NONCE_NONE, 0, false, WANT, true},
    {"required: a fresh one", REQUIRED, 0, NONCE_NOW, 0, false, OAUTH_OK,
     true},
    {"required: of the step before", REQUIRED, 0, NONCE_NOW, -1, false,
     OAUTH_OK, true},
    {"required: of the step before that", REQUIRED, 0, NONCE_NOW, -2, false,
     OAUTH_OK, true},
    {"required: of three steps before", REQUIRED, 0, NONCE_NOW, -3, false,
     WANT, true},
    {"required: of a host that is ahead", REQUIRED, 0, NONCE_NOW, 1, false,
     OAUTH_OK, true},
    {"required: of one too far ahead", REQUIRED, 0, NONCE_NOW, 2, false,
     WANT, true},
    {"required: a foreign one", REQUIRED, 0, NONCE_FOREIGN, 0, false, WANT,
     true},
    {"required: an empty one", REQUIRED, 0, NONCE_EMPTY, 0, false, WANT,
     true},
    {"required: one cut short", REQUIRED, 0, NONCE_CUT, 0, false, WANT,
     true},
    {"required: one with more behind", REQUIRED, 0, NONCE_LONG, 0, false,
     WANT, true},
    {"required: one of 600 bytes", REQUIRED, 0, NONCE_HUGE, 0, false, WANT,
     true},
    {"required: one whose last character differs", REQUIRED, 0,
     NONCE_ALTERED, 0, false, WANT, true},
    {"required: a wrong signature", REQUIRED, 0, NONCE_NOW, 0, true,
     OAUTH_INVALID_DPOP_PROOF, true},
    {"required: a wrong signature and none", REQUIRED, 0, NONCE_NONE, 0,
     true, OAUTH_INVALID_DPOP_PROOF, true},
    {"off, and the record requires one", OFF, REQUIRED, NONCE_NONE, 0, false,
     WANT, true},
    {"off, and on in the record", OFF, ON, NONCE_FOREIGN, 0, false, WANT,
     true},
    {"required, and off in the record", REQUIRED, OFF, NONCE_NONE, 0, false,
     OAUTH_OK, false},
    {"required, and on in the record", REQUIRED, ON, NONCE_NONE, 0, false,
     OAUTH_OK, true},
};

/* The claims with that nonce. */
static void
make_nonce(struct world *world, const struct nonce_row *row, char text[1024])
{
    char nonce[VAULT_NONCE_TEXT_MAX], more[601] = "";

    vault_nonce(world->service.vault, WORLD_NOW / 60 + row->steps, nonce,
                NULL);
    if (row->nonce == NONCE_FOREIGN)
        snprintf(nonce, sizeof(nonce), "eyJ7S_zG.eyJH0-Z.HX4w-");
    if (row->nonce == NONCE_EMPTY)
        nonce[0] = '\0';
    if (row->nonce == NONCE_CUT)
        nonce[strlen(nonce) - 1] = '\0';
    if (row->nonce == NONCE_ALTERED)
        nonce[strlen(nonce) - 1] ^= 2;
    if (row->nonce == NONCE_LONG)
        more[0] = 'A';
    if (row->nonce == NONCE_HUGE)
        memset(more, 'A', sizeof(more) - 1);
    if (row->nonce == NONCE_NONE)
        snprintf(text, 1024, "%s", RIGHT);
    else
        snprintf(text, 1024, OTHER_IAT(NOW ",\"nonce\":\"%s%s\""), nonce,
                 more);
}

static void
test_nonce(struct world *world, const struct nonce_row *row)
{
    struct row proof = {.key = KEY_EC, .slip = row->slip};
    struct client *cl = client_new("app", WORLD_NOW);
    char claims[1024], text[TEXT_MAX], present[VAULT_NONCE_TEXT_MAX];
    struct possession possession;
    struct errtext why;

    make_nonce(world, row, claims);
    proof.claims = claims;
    make_proof(&proof, text);
    world->policy.dpop.nonce = row->policy;
    cl->dpop_nonce = row->record;
    vault_nonce(world->service.vault, WORLD_NOW / 60, present, NULL);
    tap_is_int(row->expected,
               check(world, cl, text, false, WORLD_NOW, &possession, &why),
               "nonce %s", row->sentence);
    tap_is_str(row->is_offered ? present : "", possession.nonce,
               "nonce %s: what is offered", row->sentence);
    tap_ok(possession.is_once == (row->expected == OAUTH_OK)
               && (why.text[0] != '\0') == (row->expected != OAUTH_OK),
           "nonce %s: \"%s\"", row->sentence, why.text);
    world->policy.dpop.nonce = OFF;
    client_free(cl);
}

/* What is offered is what the next proof may have, until it is stale. */
static void
test_nonce_round(struct world *world)
{
    struct row proof = {.key = KEY_EC};
    struct client *cl = client_new("app", WORLD_NOW);
    struct possession possession;
    char claims[256], text[TEXT_MAX];
    struct errtext why;

    cl->dpop_nonce = REQUIRED;
    make_proof(&proof, text);
    tap_is_int(WANT, check(world, cl, text, false, WORLD_NOW, &possession,
                           &why),
               "a client without a nonce is told one");
    snprintf(claims, sizeof(claims), OTHER_IAT(NOW ",\"nonce\":\"%s\""),
             possession.nonce);
    proof.claims = claims;
    make_proof(&proof, text);
    tap_is_int(OAUTH_OK, check(world, cl, text, false, WORLD_NOW,
                               &possession, &why),
               "and let in with it");
    tap_is_int(OAUTH_OK, check(world, cl, text, false, WORLD_NOW + 89,
                               &possession, &why),
               "later too");
    nonces_left = 0;
    tap_is_int(OAUTH_UNAVAILABLE, check(world, cl, text, false, WORLD_NOW,
                                        &possession, &why),
               "no nonce can be made to offer");
    nonces_left = 1;
    tap_is_int(OAUTH_UNAVAILABLE, check(world, cl, text, false, WORLD_NOW,
                                        &possession, &why),
               "nor to compare with");
    tap_ok(!possession.is_once && possession.binding.jkt[0] == '\0',
           "which binds nothing");
    nonces_left = -1;
    broken_verifier = true;
    tap_is_int(OAUTH_UNAVAILABLE, check(world, cl, text, false, WORLD_NOW,
                                        &possession, &why),
               "a verifier that is broken is not the client's fault");
    broken_verifier = false;
    client_free(cl);
}

/* What comes: nothing, a certificate, a proof, both. */
enum evidence { WITH_NONE, WITH_CERT, WITH_PROOF, WITH_BOTH, WITH__MAX };

static const char *const evidence_words[] = {"nothing", "a certificate",
                                             "a proof", "both"};

#define OK OAUTH_OK
#define REQ OAUTH_INVALID_REQUEST
#define DPOP OAUTH_INVALID_DPOP_PROOF

static const struct demand {
    const char *sentence;
    enum client_bind bind;
    enum client_profile profile; /* of the record */
    bool fapi2;                  /* of the policy */
    bool required;               /* mtls.required */
    enum dpop_nonce nonce;
    const char *name; /* what the reason of each refusal names */
    enum oauth_error expected[WITH__MAX];
} demands[] = {
    {"bind none", BIND_NONE, 0, false, false, OFF, "", {OK, OK, OK, OK}},
    {"bind mtls", BIND_MTLS, 0, false, false, OFF, "bind mtls",
     {REQ, OK, REQ, OK}},
    {"bind dpop", BIND_DPOP, 0, false, false, OFF, "bind dpop",
     {DPOP, DPOP, OK, OK}},
    {"bind any", BIND_ANY, 0, false, false, OFF, "bind any",
     {REQ, OK, OK, OK}},
    {"fapi2 in the record", BIND_NONE, PROFILE_FAPI2, false, false, OFF,
     "fapi2", {REQ, OK, OK, OK}},
    {"fapi2 in the policy", BIND_NONE, 0, true, false, OFF, "fapi2",
     {REQ, OK, OK, OK}},
    {"fapi2 and bind mtls", BIND_MTLS, PROFILE_FAPI2, false, false, OFF,
     "bind mtls", {REQ, OK, REQ, OK}},
    {"fapi2 and bind dpop", BIND_DPOP, 0, true, false, OFF, "bind dpop",
     {DPOP, DPOP, OK, OK}},
    {"mtls.required", BIND_NONE, 0, false, true, OFF, "mtls.required",
     {REQ, OK, REQ, OK}},
    {"mtls.required and bind mtls", BIND_MTLS, 0, false, true, OFF,
     "mtls.required", {REQ, OK, REQ, OK}},
    {"mtls.required and bind any", BIND_ANY, 0, false, true, OFF,
     "mtls.required", {REQ, OK, REQ, OK}},
    {"mtls.required and bind dpop", BIND_DPOP, 0, false, true, OFF, "",
     {REQ, DPOP, REQ, OK}},
    {"bind none and a nonce required", BIND_NONE, 0, false, false, REQUIRED,
     "nonce", {OK, OK, WANT, WANT}},
    {"bind dpop and a nonce required", BIND_DPOP, 0, false, false, REQUIRED,
     "", {DPOP, DPOP, WANT, WANT}},
    {"bind mtls and a nonce required", BIND_MTLS, 0, false, false, REQUIRED,
     "", {REQ, OK, WANT, WANT}},
};

static void
test_demand(struct world *world, const struct demand *row)
{
    struct row proof = {.key = KEY_EC};
    struct client *cl = client_new("app", WORLD_NOW);
    struct policy *policy = &world->policy;
    struct possession possession;
    struct errtext why;
    char text[TEXT_MAX];
    int with;

    make_proof(&proof, text);
    cl->bind = row->bind;
    cl->profile = row->profile;
    cl->dpop_nonce = row->nonce;
    policy->fapi2 = row->fapi2;
    policy->mtls.required = row->required;
    for (with = 0; with < WITH__MAX; with++) {
        const char *what = evidence_words[with];
        bool has_cert = with == WITH_CERT || with == WITH_BOTH;
        bool has_proof = with == WITH_PROOF || with == WITH_BOTH;
        enum oauth_error expected = row->expected[with];

        tap_is_int(expected,
                   check(world, cl, has_proof ? text : NULL, has_cert,
                         WORLD_NOW, &possession, &why),
                   "%s, with %s", row->sentence, what);
        if (expected != OK)
            tap_ok(why.text[0] != '\0' && strstr(why.text, row->name) != NULL,
                   "%s, with %s: \"%s\"", row->sentence, what, why.text);
        tap_is_str(has_cert ? X5T : "", possession.binding.x5t,
                   "%s, with %s: the certificate", row->sentence, what);
        tap_is_str(has_proof && expected != WANT ? keys[KEY_EC].rec.kid : "",
                   possession.binding.jkt, "%s, with %s: the proof's key",
                   row->sentence, what);
    }
    policy->fapi2 = policy->mtls.required = false;
    client_free(cl);
}

/* A proof that is wrong is refused, whatever else came. */
static void
test_precedence(struct world *world)
{
    struct row proof = {.key = KEY_EC, .slip = true};
    struct client *cl = client_new("app", WORLD_NOW);
    struct possession possession;
    struct errtext why;
    char text[TEXT_MAX];

    make_proof(&proof, text);
    cl->bind = BIND_MTLS;
    tap_is_int(DPOP, check(world, cl, text, true, WORLD_NOW, &possession,
                           &why),
               "a wrong proof beside the certificate that was wanted");
    tap_is_int(DPOP, check(world, cl, text, false, WORLD_NOW, &possession,
                           &why),
               "a wrong proof comes before a missing certificate");
    client_free(cl);
}

static enum oauth_error
use(struct world *world, const char *id, const char *claims,
    struct errtext *why)
{
    struct row proof = {.key = KEY_EC, .claims = claims};
    struct client *cl = client_new(id, WORLD_NOW);
    struct possession possession;
    struct audit audit;
    enum oauth_error rc;
    char text[TEXT_MAX];

    make_proof(&proof, text);
    tap_must(check(world, cl, text, false, WORLD_NOW, &possession, why) == OK,
             why->text);
    client_free(cl);
    rc = once_spend(&world->service, NULL, &possession, NULL, WORLD_NOW,
                    &audit);
    *why = audit.why;
    return rc;
}

#define JTI(jti) CLAIMS("\"" jti "\"", "\"POST\"", "\"" URL "\"", NOW)

static void
test_use(struct world *world)
{
    static const struct possession none;
    unsigned char id[EXPIRING_ID_LEN], name[EXPIRING_ID_LEN];
    struct expiring_use other;
    struct expiring_change change = {.uses = &other, .n_uses = 1};
    struct audit audit;
    struct errtext why;
    int64_t expires;
    size_t there;

    fake_expiring_adds();
    tap_is_int(OK, use(world, "app", JTI("once"), &why), "a proof is used");
    crypto_sha256("dpop\0app\0once", 13, name);
    fake_expiring_last(&expires, id);
    tap_is_mem(name, sizeof(name), id, sizeof(id), "under its name");
    tap_is_int(WORLD_NOW + DPOP_AGE_MAX + ASSERTION_SKEW_MAX, expires,
               "for as long as any policy could take it");
    tap_is_int(DPOP, use(world, "app", JTI("once"), &why), "and not again");
    tap_ok(strstr(why.text, "used before") != NULL, "with a reason");
    tap_is_int(OK, use(world, "other", JTI("once"), &why),
               "the same jti of another client is another");
    tap_is_int(OK, use(world, "app", JTI("ONCE"), &why),
               "and so is one in capitals");
    tap_is_int(OK, use(world, "ap", JTI("ponce"), &why),
               "client and jti do not run together");
    crypto_sha256("assertion\0app\0shared", 20, name);
    fake_expiring_last(&other.expires, id);
    memcpy(other.id, name, sizeof(name));
    tap_must(expiring_commit(world->service.expiring, &change, WORLD_NOW,
                             &there, &why)
                 == 1,
             "no assertion");
    tap_is_int(OK, use(world, "app", JTI("shared"), &why),
               "the jti of an assertion is another");
    fake_expiring_break(true);
    tap_is_int(OAUTH_UNAVAILABLE, use(world, "app", JTI("twice"), &why),
               "a store that is broken is not the client's fault");
    fake_expiring_break(false);
    tap_is_int(OK, use(world, "app", JTI("twice"), &why),
               "and has burnt nothing");
    fake_expiring_adds();
    tap_is_int(OK, once_spend(&world->service, NULL, &none, NULL, WORLD_NOW,
                              &audit),
               "without a proof");
    tap_is_int(0, fake_expiring_adds(), "there is nothing to record");
}

int
main(void)
{
    struct world world;
    size_t i;

    world_open(&world);
    make_keys();
    for (i = 0; i < LEN(rows); i++)
        test_row(&world, &rows[i]);
    for (i = 0; i < LEN(nonce_rows); i++)
        test_nonce(&world, &nonce_rows[i]);
    test_nonce_round(&world);
    for (i = 0; i < LEN(demands); i++)
        test_demand(&world, &demands[i]);
    test_precedence(&world);
    tap_is_int(0, (long long) fake_expiring_count(),
               "nothing was used up by checking");
    test_use(&world);
    world_close(&world);
    return tap_done();
}
