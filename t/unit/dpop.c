/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What a DPoP proof must say: key, method, URL, times.
 */

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/dpop.h"
#include "jose_text.h"
#include "sample.h"
#include "tap.h"

/* JSON here is written with ' for quotation marks. */

#define AS "https://as.example.org"
#define TOKEN AS "/oauth2/v1/token"
#define MTLS "https://mtls.as.example.org:8443"
#define MTLS_TOKEN MTLS "/oauth2/v1/token"

/* Every proof here is looked at in this second. */
#define NOW 1800000000
enum { SKEW = 30 };

/* Headers without their braces. */
#define TYP "'typ':'dpop+jwt'"
#define ES256 TYP ",'alg':'ES256'"
#define HEADER ES256 ",'jwk':{" P256 "}"

/* Claims without their braces. */
#define HTM "'htm':'POST'"
#define HTU "'htu':'" TOKEN "'"
#define IAT "'iat':1800000000"
#define GOOD "'jti':'1'," HTM "," HTU "," IAT

static struct policy policy;

/* Headers, with claims that are good. */
static const struct {
    const char *sentence;
    const char *header;
    const char *reason; /* a part of it; NULL: taken */
} headers[] = {
    {"ES256 (DPP-01)", HEADER, NULL},
    {"ES384 (DPP-02)", TYP ",'alg':'ES384','jwk':{" P384 "}", NULL},
    {"ES512 (DPP-02)", TYP ",'alg':'ES512','jwk':{" P521 "}", NULL},
    {"EdDSA (DPP-02)", TYP ",'alg':'EdDSA','jwk':{" ED "}", NULL},
    {"Ed25519 (DPP-02)", TYP ",'alg':'Ed25519','jwk':{" ED "}", NULL},
    {"RS256 (DPP-02)", TYP ",'alg':'RS256','jwk':{" RSA "}", NULL},
    {"PS256 (DPP-02)", TYP ",'alg':'PS256','jwk':{" RSA "}", NULL},
    {"PS512 (DPP-02)", TYP ",'alg':'PS512','jwk':{" RSA "}", NULL},
    {"typ in another case", "'typ':'DPoP+JWT','alg':'ES256','jwk':{" P256 "}",
     NULL},
    {"typ with application/",
     "'typ':'application/dpop+jwt','alg':'ES256','jwk':{" P256 "}", NULL},
    {"members that nobody knows (DPP-23)",
     HEADER ",'x':{'y':[1]},'jku':'https://x.example','x5c':['x']", NULL},
    {"a kid beside jwk", HEADER ",'kid':'a'", NULL},
    {"a jwk with alg, use, key_ops and kid",
     ES256 ",'jwk':{" P256 ",'alg':'ES256','use':'sig',"
     "'key_ops':['verify'],'kid':'a'}", NULL},
    {"a jwk with members that nobody knows",
     ES256 ",'jwk':{" P256 ",'ext':true,'z':[{}]}", NULL},

    {"no typ (DPP-07)", "'alg':'ES256','jwk':{" P256 "}", "typ"},
    {"typ JWT (DPP-07)", "'typ':'JWT','alg':'ES256','jwk':{" P256 "}", "typ"},
    {"typ jwt+dpop (DPP-07)",
     "'typ':'jwt+dpop','alg':'ES256','jwk':{" P256 "}", "typ"},
    {"typ dpop+jwt+x (DPP-07)",
     "'typ':'dpop+jwt+x','alg':'ES256','jwk':{" P256 "}", "typ"},
    {"typ dpop (DPP-07)", "'typ':'dpop','alg':'ES256','jwk':{" P256 "}",
     "typ"},
    {"typ with a space", "'typ':'dpop+jwt ','alg':'ES256','jwk':{" P256 "}",
     "typ"},
    {"typ at+jwt", "'typ':'at+jwt','alg':'ES256','jwk':{" P256 "}", "typ"},
    {"typ of an assertion",
     "'typ':'client-authentication+jwt','alg':'ES256','jwk':{" P256 "}",
     "typ"},
    {"an empty typ", "'typ':'','alg':'ES256','jwk':{" P256 "}", "typ"},
    {"typ 42 (DPP-07)", "'typ':42,'alg':'ES256','jwk':{" P256 "}", "typ"},
    {"typ null", "'typ':null,'alg':'ES256','jwk':{" P256 "}", "typ"},
    {"typ in an array", "'typ':['dpop+jwt'],'alg':'ES256','jwk':{" P256 "}",
     "typ"},

    {"no alg", TYP ",'jwk':{" P256 "}", "alg"},
    {"alg none", TYP ",'alg':'none','jwk':{" P256 "}", "none"},
    {"alg ES256K", TYP ",'alg':'ES256K','jwk':{" P256 "}", "alg"},
    {"alg in another case", TYP ",'alg':'es256','jwk':{" P256 "}", "alg"},
    {"alg 42", TYP ",'alg':42,'jwk':{" P256 "}", "alg"},
    {"alg of encryption", TYP ",'alg':'ECDH-ES','jwk':{" P256 "}", "alg"},
    {"HS256 with a secret (DPP-11)",
     TYP ",'alg':'HS256','jwk':{'kty':'oct','k':'c2VjcmV0'}", "secret"},
    {"HS384 with a public key", TYP ",'alg':'HS384','jwk':{" P384 "}",
     "secret"},
    {"HS512 without a key", TYP ",'alg':'HS512'", "secret"},
    {"ES256 with a secret (DPP-11)",
     ES256 ",'jwk':{'kty':'oct','k':'c2VjcmV0'}", "its jwk: it is a private"},
    {"ES256 with kty oct alone", ES256 ",'jwk':{'kty':'oct'}", "its jwk"},

    {"no jwk (DPP-09)", ES256, "no jwk"},
    {"a kid for it (DPP-09)", ES256 ",'kid':'a'", "no jwk"},
    {"x5c for it", ES256 ",'x5c':['MAA=']", "no jwk"},
    {"jwk \"\" (DPP-09)", ES256 ",'jwk':''", "its jwk: it is not an object"},
    {"jwk \"foo\" (DPP-09)", ES256 ",'jwk':'foo'", "not an object"},
    {"jwk 1 (DPP-09)", ES256 ",'jwk':1", "not an object"},
    {"jwk true (DPP-09)", ES256 ",'jwk':true", "not an object"},
    {"jwk null (DPP-09)", ES256 ",'jwk':null", "not an object"},
    {"jwk [] (DPP-09)", ES256 ",'jwk':[]", "not an object"},
    {"jwk in an array", ES256 ",'jwk':[{" P256 "}]", "not an object"},
    {"jwk as text", ES256 ",'jwk':'{}'", "not an object"},
    {"an empty jwk", ES256 ",'jwk':{}", "its jwk"},
    {"a set of keys", ES256 ",'jwk':{'keys':[{" P256 "}]}", "its jwk"},
    {"jwk twice", HEADER ",'jwk':{" P256 "}", "twice"},
    {"a private key", ES256 ",'jwk':{" P256 ",'d':'AA'}", "private"},
    {"a private key of Ed25519",
     TYP ",'alg':'EdDSA','jwk':{" ED ",'d':'AA'}", "private"},
    {"a private key of RSA", TYP ",'alg':'PS256','jwk':{" RSA ",'d':'AA'}",
     "private"},
    {"a prime of RSA", TYP ",'alg':'PS256','jwk':{" RSA ",'p':'AA'}",
     "private"},
    {"a private member that is null", ES256 ",'jwk':{" P256 ",'d':null}",
     "private"},
    {"a key for encryption", ES256 ",'jwk':{" P256 ",'use':'enc'}",
     "its jwk: its use"},
    {"key_ops without verify", ES256 ",'jwk':{" P256 ",'key_ops':['sign']}",
     "its jwk: its key_ops"},
    {"a coordinate that is short",
     ES256 ",'jwk':{'kty':'EC','crv':'P-256','x':'AQ','y':'" P256_Y "'}",
     "x has not 32 bytes"},
    {"a coordinate that is padded",
     ES256 ",'jwk':{'kty':'EC','crv':'P-256','x':'AAAA" P256_X "','y':'"
     P256_Y "'}", "its jwk"},
    {"no y", ES256 ",'jwk':{'kty':'EC','crv':'P-256','x':'" P256_X "'}",
     "its jwk: y"},
    {"an unknown curve",
     ES256 ",'jwk':{'kty':'EC','crv':'secp256k1','x':'" P256_X "','y':'"
     P256_Y "'}", "its jwk"},
    {"X25519", TYP ",'alg':'EdDSA','jwk':{'kty':'OKP','crv':'X25519','x':'"
     ED_X "'}", "its jwk"},
    {"RSA of few bits", TYP ",'alg':'PS256','jwk':{'kty':'RSA','n':'AQAB',"
     "'e':'AQAB'}", "under 2048 bits"},
    {"a key that was revoked", ES256 ",'jwk':{" P256 ",'revoked':{}}",
     "revoked"},

    {"ES256 with P-384 (DPP-26)", ES256 ",'jwk':{" P384 "}", "a key as its"},
    {"ES384 with P-256 (DPP-26)", TYP ",'alg':'ES384','jwk':{" P256 "}",
     "a key as its"},
    {"ES512 with P-256", TYP ",'alg':'ES512','jwk':{" P256 "}",
     "a key as its"},
    {"PS256 with EC (DPP-26)", TYP ",'alg':'PS256','jwk':{" P256 "}",
     "a key as its"},
    {"ES256 with RSA (DPP-26)", ES256 ",'jwk':{" RSA "}", "a key as its"},
    {"EdDSA with EC (DPP-26)", TYP ",'alg':'EdDSA','jwk':{" P256 "}",
     "a key as its"},
    {"ES256 with Ed25519", ES256 ",'jwk':{" ED "}", "a key as its"},
    {"RS256 with Ed25519", TYP ",'alg':'RS256','jwk':{" ED "}",
     "a key as its"},
    {"jwk.alg PS256, alg RS256 (DPP-26)",
     TYP ",'alg':'RS256','jwk':{" RSA ",'alg':'PS256'}", "another than"},
    {"jwk.alg RS512, alg RS256 (DPP-26)",
     TYP ",'alg':'RS256','jwk':{" RSA ",'alg':'RS512'}", "another than"},
    {"jwk.alg ES384, alg ES256 (DPP-26)",
     ES256 ",'jwk':{" P256 ",'alg':'ES384'}", "its jwk: alg"},
    {"jwk.alg none", ES256 ",'jwk':{" P256 ",'alg':'none'}", "its jwk: alg"},
    {"jwk.alg 42", ES256 ",'jwk':{" P256 ",'alg':42}", "its jwk: alg"},

    {"crit", HEADER ",'crit':['exp'],'exp':1", "crit"},
    {"b64 false", HEADER ",'b64':false", "b64"},
    {"a kid that is a number", HEADER ",'kid':1", "kid"},
};

/* Claims, with a header that is good. */
static const struct {
    const char *sentence;
    const char *claims;
    const char *reason; /* a part of it; NULL: taken */
} claims[] = {
    {"the least", "{" GOOD "}", NULL},
    {"another order, with white space",
     "{ " IAT " ,\r\n\t" HTU ", " HTM ", 'jti' : '1' }", NULL},
    {"a nonce", "{" GOOD ",'nonce':'abc'}", NULL},
    {"an empty nonce, for others to judge", "{" GOOD ",'nonce':''}", NULL},
    {"nbf and exp (DPP-22)",
     "{" GOOD ",'nbf':1800000000,'exp':1800000300}", NULL},
    {"claims that nobody knows (DPP-23)",
     "{" GOOD ",'ath':'x','iss':1,'aud':[{}],'x':{'y':[null]}}", NULL},
    {"times in fractions", "{'jti':'1'," HTM "," HTU ",'iat':1.8e9,"
     "'nbf':1800000000.5,'exp':1800000000.5}", NULL},
    {"another method, for dpop_check() to see",
     "{'jti':'1','htm':'x'," HTU "," IAT "}", NULL},
    {"another URL, for dpop_check() to see",
     "{'jti':'1'," HTM ",'htu':'x'," IAT "}", NULL},

    {"no claims", "{}", "jti"},
    {"an array", "[]", "payload"},
    {"null", "null", "payload"},
    {"a broken object", "{" GOOD, "payload"},
    {"bytes behind", "{" GOOD "}x", "payload"},
    {"a claim twice", "{" GOOD ",'jti':'1'}", "twice"},
    {"a NUL in a claim", "{'jti':'1\\u0000'," HTM "," HTU "," IAT "}",
     "NUL"},

    {"no jti (DPP-12)", "{" HTM "," HTU "," IAT "}", "jti"},
    {"jti 42 (DPP-12)", "{'jti':42," HTM "," HTU "," IAT "}", "jti"},
    {"jti \"\" (DPP-12)", "{'jti':''," HTM "," HTU "," IAT "}", "jti"},
    {"jti null (DPP-12)", "{'jti':null," HTM "," HTU "," IAT "}", "jti"},
    {"jti in an array", "{'jti':['1']," HTM "," HTU "," IAT "}", "jti"},
    {"no htm (DPP-13)", "{'jti':'1'," HTU "," IAT "}", "htm"},
    {"htm 42 (DPP-13)", "{'jti':'1','htm':42," HTU "," IAT "}", "htm"},
    {"htm \"\"", "{'jti':'1','htm':''," HTU "," IAT "}", "htm"},
    {"htm in an array", "{'jti':'1','htm':['POST']," HTU "," IAT "}", "htm"},
    {"no htu (DPP-14)", "{'jti':'1'," HTM "," IAT "}", "htu"},
    {"htu 42 (DPP-14)", "{'jti':'1'," HTM ",'htu':42," IAT "}", "htu"},
    {"htu \"\" (DPP-14)", "{'jti':'1'," HTM ",'htu':''," IAT "}", "htu"},
    {"htu in an array (DPP-14)",
     "{'jti':'1'," HTM ",'htu':['" TOKEN "']," IAT "}", "htu"},
    {"htu null", "{'jti':'1'," HTM ",'htu':null," IAT "}", "htu"},

    {"no iat", "{'jti':'1'," HTM "," HTU "}", "no iat"},
    {"no iat, but exp and nbf",
     "{'jti':'1'," HTM "," HTU ",'exp':1800000060,'nbf':1800000000}",
     "no iat"},
    {"iat as text", "{'jti':'1'," HTM "," HTU ",'iat':'1800000000'}", "iat"},
    {"iat null", "{'jti':'1'," HTM "," HTU ",'iat':null}", "iat"},
    {"iat true", "{'jti':'1'," HTM "," HTU ",'iat':true}", "iat"},
    {"iat in an array", "{'jti':'1'," HTM "," HTU ",'iat':[1800000000]}",
     "iat"},
    {"iat -1", "{'jti':'1'," HTM "," HTU ",'iat':-1}", "iat"},
    {"iat in milliseconds", "{'jti':'1'," HTM "," HTU ",'iat':1800000000000}",
     "iat"},
    {"iat 2^63", "{'jti':'1'," HTM "," HTU ",'iat':9223372036854775808}",
     "iat"},
    {"iat 1e400", "{'jti':'1'," HTM "," HTU ",'iat':1e400}", "payload"},
    {"exp as text", "{" GOOD ",'exp':'1800000060'}", "exp"},
    {"exp null", "{" GOOD ",'exp':null}", "exp"},
    {"exp 1e18", "{" GOOD ",'exp':1e18}", "exp"},
    {"nbf as text", "{" GOOD ",'nbf':'0'}", "nbf"},
    {"nbf -1", "{" GOOD ",'nbf':-1}", "nbf"},

    {"nonce 1", "{" GOOD ",'nonce':1}", "nonce"},
    {"nonce null", "{" GOOD ",'nonce':null}", "nonce"},
    {"nonce in an array", "{" GOOD ",'nonce':['abc']}", "nonce"},
    {"nonce true", "{" GOOD ",'nonce':true}", "nonce"},
};

/* What becomes of iat. */
static const struct {
    const char *sentence;
    const char *iat;
    int64_t seconds;
} roundings[] = {
    {"an integer", "1800000000", NOW},
    {"a fraction is rounded down", "1800000000.75", NOW},
    {"a small fraction too", "1800000000.001", NOW},
    {"a fraction of nothing", "1800000000.0", NOW},
    {"an exponent", "1.8e9", NOW},
    {"zero", "0", 0},
    {"half a second", "0.5", 0},
    {"minus zero", "-0.0", 0},
    {"the end of the year 9999", "253402300799", INT64_C(253402300799)},
};

/* Method and URL of the proof; the request is POST to the token endpoint. */
static const struct {
    const char *sentence;
    const char *htm, *htu;
    const char *reason; /* a part of it; NULL: taken */
} targets[] = {
    {"the token endpoint", "POST", TOKEN, NULL},
    {"with the port", "POST", AS ":443/oauth2/v1/token", NULL},
    {"in another case", "POST", "HTTPS://AS.Example.ORG/oauth2/v1/token",
     NULL},
    {"with query and fragment", "POST", TOKEN "?x#y", NULL},
    {"with escapes and dots", "POST", AS "/./oauth2/x/../v1/%74oken", NULL},
    {"at the host for certificates", "POST", MTLS_TOKEN, NULL},
    {"the same in another case", "POST",
     "https://MTLS.as.example.org:8443/oauth2/v1/token?x", NULL},

    {"GET (DPP-13)", "GET", TOKEN, "htm"},
    {"post (DPP-13)", "post", TOKEN, "htm"},
    {"Post", "Post", TOKEN, "htm"},
    {"a space behind (DPP-13)", "POST ", TOKEN, "htm"},
    {"a part of it", "POS", TOKEN, "htm"},
    {"more than it", "POSTS", TOKEN, "htm"},
    {"two methods", "POST,GET", TOKEN, "htm"},
    {"not a url (DPP-14)", "POST", "not a url",
     "not the token endpoint, " TOKEN " or " MTLS_TOKEN},
    {"the issuer", "POST", AS, "htu"},
    {"a path alone", "POST", "/oauth2/v1/token", "htu"},
    {"another endpoint", "POST", AS "/oauth2/v1/introspect", "htu"},
    {"a slash behind", "POST", TOKEN "/", "htu"},
    {"a path in another case", "POST", AS "/oauth2/v1/Token", "htu"},
    {"an escaped slash", "POST", AS "/oauth2%2Fv1/token", "htu"},
    {"http", "POST", "http://as.example.org/oauth2/v1/token", "htu"},
    {"another port", "POST", AS ":8443/oauth2/v1/token", "htu"},
    {"another host", "POST", "https://evil.example/oauth2/v1/token", "htu"},
    {"the host with a dot behind", "POST", AS "./oauth2/v1/token", "htu"},
    {"user information", "POST", "https://x@as.example.org/oauth2/v1/token",
     "htu"},
    {"user information that looks as the host", "POST",
     AS "@evil.example/oauth2/v1/token", "htu"},
    {"the host for certificates without its port", "POST",
     "https://mtls.as.example.org/oauth2/v1/token", "htu"},
    {"the host for certificates with another path", "POST", MTLS "/token",
     "htu"},
    {"two URLs", "POST", TOKEN " " TOKEN, "htu"},
    {"a space behind the URL", "POST", TOKEN " ", "htu"},
    {"a line end behind the URL", "POST", TOKEN "\\n", "htu"},
};

enum { NO = INT_MIN }; /* no such claim */

/* Times from now, under a skew. */
static const struct {
    const char *sentence;
    int skew;
    int iat, exp, nbf;
    const char *reason; /* a part of it; NULL: taken */
} times[] = {
    {"made now", 30, 0, NO, NO, NULL},
    {"made a second ago", 30, -1, NO, NO, NULL},
    {"made 60 seconds ago", 30, -60, NO, NO, NULL},
    {"made 90 seconds ago", 30, -90, NO, NO, NULL},
    {"made 91 seconds ago is refused", 30, -91, NO, NO,
     "the iat of the proof is 91 seconds ago (90 are allowed); by its iat "
     "the client's clock is 91 seconds behind"},
    {"skew 0: made 60 seconds ago", 0, -60, NO, NO, NULL},
    {"skew 0: made 61 seconds ago is refused", 0, -61, NO, NO,
     "61 seconds ago (60 are allowed)"},
    {"skew 300: made 360 seconds ago", 300, -360, NO, NO, NULL},
    {"skew 300: made 361 seconds ago is refused", 300, -361, NO, NO,
     "361 seconds ago (360 are allowed)"},
    {"made an hour ago is refused (DPP-19)", 30, -3600, NO, NO,
     "the client's clock is 3600 seconds behind"},
    {"made in 1970 is refused", 30, -NOW, NO, NO, "1800000000 seconds ago"},

    {"made 1 second ahead", 30, 1, NO, NO, NULL},
    {"made 30 seconds ahead", 30, 30, NO, NO, NULL},
    {"made 31 seconds ahead is refused", 30, 31, NO, NO,
     "the iat of the proof is 31 seconds ahead (30 are allowed); by its iat "
     "the client's clock is 31 seconds ahead"},
    {"skew 0: made 10 seconds ahead", 0, 10, NO, NO, NULL},
    {"skew 0: made 11 seconds ahead is refused", 0, 11, NO, NO,
     "(10 are allowed)"},
    {"skew 11: made 11 seconds ahead", 11, 11, NO, NO, NULL},
    {"skew 11: made 12 seconds ahead is refused", 11, 12, NO, NO,
     "(11 are allowed)"},
    {"skew 60: made 60 seconds ahead", 60, 60, NO, NO, NULL},
    {"skew 60: made 61 seconds ahead is refused", 60, 61, NO, NO,
     "(60 are allowed)"},
    {"skew 300: made 60 seconds ahead", 300, 60, NO, NO, NULL},
    {"skew 300: made 61 seconds ahead is refused", 300, 61, NO, NO,
     "(60 are allowed)"},
    {"made an hour ahead is refused (DPP-19)", 30, 3600, NO, NO,
     "the client's clock is 3600 seconds ahead"},

    {"expires ahead (DPP-22)", 30, 0, 300, NO, NULL},
    {"expires in ten years", 30, 0, 315360000, NO, NULL},
    {"expired for 29 seconds", 30, -60, -29, NO, NULL},
    {"expired for 30 seconds is refused", 30, -60, -30, NO,
     "the proof expired 30 seconds ago (assertions.skew is 30); by its iat "
     "the client's clock is 60 seconds behind"},
    {"skew 0: expires in 1 second", 0, 0, 1, NO, NULL},
    {"skew 0: expires now is refused", 0, 0, 0, NO,
     "expired 0 seconds ago (assertions.skew is 0); by its iat the client's "
     "clock is right"},
    {"skew 300: expired for 299 seconds", 300, -300, -299, NO, NULL},
    {"skew 300: expired for 300 seconds is refused", 300, -300, -300, NO,
     "expired 300 seconds ago"},
    {"expired an hour ago is refused (DPP-22)", 30, 0, -3600, NO,
     "expired 3600 seconds ago"},
    {"expired in 1970 is refused", 30, 0, -NOW, NO, "expired"},

    {"begins now (DPP-22)", 30, 0, NO, 0, NULL},
    {"began in 1970", 30, 0, NO, -NOW, NULL},
    {"begins 30 seconds ahead", 30, 0, NO, 30, NULL},
    {"begins 31 seconds ahead is refused", 30, 0, NO, 31,
     "the nbf of the proof is 31 seconds ahead (30 are allowed)"},
    {"skew 0: begins 10 seconds ahead", 0, 0, NO, 10, NULL},
    {"skew 0: begins 11 seconds ahead is refused", 0, 0, NO, 11, "nbf"},
    {"skew 300: begins 61 seconds ahead is refused", 300, 0, NO, 61, "nbf"},
    {"all three", 30, -5, 60, -5, NULL},
};

/* Fractions of a second, at the edges; skew 0. */
static const struct {
    const char *sentence;
    const char *iat;
    int rc;
} fractions[] = {
    {"made 59.5 seconds ago", "1799999940.5", 0},
    {"made 60.5 seconds ago is refused", "1799999939.5", -1},
    {"made 9.5 seconds ahead", "1800000009.5", 0},
    {"made 10.5 seconds ahead is refused", "1800000010.5", -1},
};

/* dpop_parse() of header and claims, with a signature of some bytes. */
static int
parse(struct dpop *dpop, char **text, const char *header, const char *payload,
      struct errtext *why)
{
    *text = jose_text_sign(header, payload);
    memset(dpop, 0xee, sizeof(*dpop));
    return dpop_parse(dpop, *text, why);
}

static void
check(const char *sentence, const char *reason, int rc,
      const struct errtext *why)
{
    bool ok = reason == NULL ? rc == 0
                             : rc == -1 && strstr(why->text, reason) != NULL
                                   && strstr(why->text, "the proof") != NULL;

    tap_ok(ok, "%s", sentence);
    if (!ok)
        tap_diag("rc %d, reason: %s", rc, why->text);
}

/* Whether what is taken, or not, is as it should be. */
static void
test_parsed(const char *sentence, const char *header, const char *payload,
            const char *reason)
{
    static const struct dpop zero;
    struct errtext why = {.text = ""};
    struct dpop dpop;
    char *text;
    int rc = parse(&dpop, &text, header, payload, &why);

    check(sentence, reason, rc, &why);
    if (rc == 0) {
        tap_is_str("1", dpop.jti, "%s: the jti", sentence);
        tap_ok(jwk_takes(&dpop.jwk, dpop.jws.alg), "%s: the key", sentence);
        dpop_free(&dpop);
    }
    tap_ok(memcmp(&dpop, &zero, sizeof(zero)) == 0, "%s: nothing is left",
           sentence);
    free(text);
}

static void
test_headers(void)
{
    char header[2048];
    size_t i;

    for (i = 0; i < LEN(headers); i++) {
        snprintf(header, sizeof(header), "{%s}", headers[i].header);
        test_parsed(headers[i].sentence, header, "{" GOOD "}",
                    headers[i].reason);
    }
}

/* What a proof that is good is taken apart to. */
static void
test_members(void)
{
    struct dpop dpop;
    char *text;

    if (parse(&dpop, &text, "{" HEADER "}", "{" GOOD ",'nonce':'abc'}", NULL))
        tap_ok(false, "it parses");
    tap_is_str("POST", dpop.htm, "the htm");
    tap_is_str(TOKEN, dpop.htu, "the htu");
    tap_is_str("abc", dpop.nonce, "the nonce");
    tap_is_int(NOW, dpop.iat, "the iat");
    tap_is_int(JWK_P256, dpop.jwk.type, "the type of the key");
    tap_is_int(JOSE_ES256, dpop.jws.alg, "the alg");
    dpop_free(&dpop);
    free(text);
    if (parse(&dpop, &text, "{" HEADER "}", "{" GOOD "}", NULL))
        tap_ok(false, "it parses without nonce");
    tap_ok(dpop.nonce == NULL, "no nonce");
    dpop_free(&dpop);
    dpop_free(&dpop);
    free(text);
}

static void
test_rounding(size_t row)
{
    struct dpop dpop;
    char payload[256], *text;
    int rc;

    snprintf(payload, sizeof(payload), "{'jti':'1'," HTM "," HTU ",'iat':%s}",
             roundings[row].iat);
    rc = parse(&dpop, &text, "{" HEADER "}", payload, NULL);
    tap_is_int(roundings[row].seconds, rc == 0 ? dpop.iat : -1, "iat: %s",
               roundings[row].sentence);
    if (rc == 0)
        dpop_free(&dpop);
    free(text);
}

/* dpop_check() of a proof with those claims. */
static int
judge(const char *sentence, const char *payload, const char *method,
      struct errtext *why)
{
    struct dpop dpop;
    char *text;
    int rc;

    if (parse(&dpop, &text, "{" HEADER "}", payload, why) != 0)
        tap_ok(false, "%s: it parses: %s", sentence, why->text);
    rc = dpop_check(&dpop, &policy, method, NOW, why);
    dpop_free(&dpop);
    free(text);
    return rc;
}

static void
test_target(size_t row)
{
    struct errtext why = {.text = ""};
    char payload[512];
    int rc;

    snprintf(payload, sizeof(payload),
             "{'jti':'1','htm':'%s','htu':'%s'," IAT "}", targets[row].htm,
             targets[row].htu);
    rc = judge(targets[row].sentence, payload, "POST", &why);
    check(targets[row].sentence, targets[row].reason, rc, &why);
    tap_ok(strstr(why.text, "evil") == NULL, "and nothing is quoted");
}

/* Without a host for certificates, and with an issuer that has a path. */
static void
test_policies(void)
{
    static const char at_mtls[] =
        "{'jti':'1'," HTM ",'htu':'" MTLS_TOKEN "'," IAT "}";
    char *base = policy.mtls.base, *issuer = policy.issuer;
    char empty[] = "", tenant[] = AS "/tenant", loud[] = "https://AS.example"
                                                         ".org:443";
    struct errtext why;

    policy.mtls.base = empty;
    tap_is_int(-1, judge("no host", at_mtls, "POST", &why),
               "no host for certificates: it is another URL");
    tap_ok(strstr(why.text, TOKEN) != NULL && strstr(why.text, " or ") == NULL,
           "and why: %s", why.text);
    policy.mtls.base = base;
    policy.issuer = tenant;
    tap_is_int(0, judge("tenant", "{" GOOD "}", "POST", &why),
               "an issuer with a path: the endpoint is below the origin");
    policy.issuer = loud;
    tap_is_int(0, judge("loud", "{" GOOD "}", "POST", &why),
               "an issuer that is no normal form: the same URL");
    policy.issuer = issuer;
    tap_is_int(-1, judge("another method", "{" GOOD "}", "PUT", &why),
               "another method of the request");
}

static void
add_time(char *payload, size_t size, const char *name, int offset)
{
    size_t len = strlen(payload);

    if (offset != NO)
        snprintf(payload + len, size - len, ",'%s':%d", name, NOW + offset);
}

static void
test_time(size_t row)
{
    char payload[512] = "{'jti':'1'," HTM "," HTU;
    struct errtext why = {.text = ""};
    int rc;

    add_time(payload, sizeof(payload), "iat", times[row].iat);
    add_time(payload, sizeof(payload), "exp", times[row].exp);
    add_time(payload, sizeof(payload), "nbf", times[row].nbf);
    snprintf(payload + strlen(payload), 2, "}");
    policy.assertions.skew = times[row].skew;
    rc = judge(times[row].sentence, payload, "POST", &why);
    check(times[row].sentence, times[row].reason, rc, &why);
    policy.assertions.skew = SKEW;
}

static void
test_fraction(size_t row)
{
    char payload[512];

    snprintf(payload, sizeof(payload), "{'jti':'1'," HTM "," HTU ",'iat':%s}",
             fractions[row].iat);
    policy.assertions.skew = 0;
    tap_is_int(fractions[row].rc,
               judge(fractions[row].sentence, payload, "POST", NULL),
               "fractions: %s", fractions[row].sentence);
    policy.assertions.skew = SKEW;
}

/* Texts that are no proof (DPP-05), and long ones (DPP-35). */
static void
test_texts(void)
{
    static const char *const texts[] = {
        "", ".", "..", "...", "malformed", "a.b", "a.b.c", "a.b.c.d.e",
        "eyJhbGciOiJub25lIn0.e30.", "eyJ.eyJ.eyJ, eyJ.eyJ.eyJ", "\xc3\xa9",
    };
    static const char start[] = "{" GOOD ",'x':'";
    static char payload[8003], text[JWS_TEXT_MAX + 2];
    struct errtext why;
    struct dpop dpop;
    char *proof;
    size_t i;

    for (i = 0; i < LEN(texts); i++) {
        why.text[0] = '\0';
        check(texts[i], "the proof", dpop_parse(&dpop, texts[i], &why), &why);
    }
    memset(payload, 'j', sizeof(payload));
    memcpy(payload, start, strlen(start));
    memcpy(payload + 8000, "'}", 3);
    tap_is_int(0, parse(&dpop, &proof, "{" HEADER "}", payload, NULL),
               "a proof of 11 kB");
    dpop_free(&dpop);
    free(proof);
    memset(text, 'a', sizeof(text) - 1);
    check("16 kB and a byte are refused", "bytes",
          dpop_parse(&dpop, text, &why), &why);
}

int
main(void)
{
    size_t i;

    sample_policy(&policy);
    free(policy.mtls.base);
    policy.mtls.base = strdup(MTLS);
    policy.assertions.skew = SKEW;
    test_headers();
    for (i = 0; i < LEN(claims); i++)
        test_parsed(claims[i].sentence, "{" HEADER "}", claims[i].claims,
                    claims[i].reason);
    test_members();
    for (i = 0; i < LEN(roundings); i++)
        test_rounding(i);
    for (i = 0; i < LEN(targets); i++)
        test_target(i);
    test_policies();
    for (i = 0; i < LEN(times); i++)
        test_time(i);
    for (i = 0; i < LEN(fractions); i++)
        test_fraction(i);
    test_texts();
    policy_free(&policy);
    return tap_done();
}
