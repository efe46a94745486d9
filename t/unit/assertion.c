/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What a client assertion must say: names, audience, times.
 */

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/assertion.h"
#include "jose_text.h"
#include "sample.h"
#include "tap.h"

/* JSON here is written with ' for quotation marks. */

#define ISSUER "https://as.example.org"
#define TOKEN ISSUER "/oauth2/v1/token"

/* Every assertion here is looked at in this second. */
#define NOW 1800000000
enum { SKEW = 30, MAX_LIFETIME = 3600 };

/* Claims without their braces. */
#define NAMES "'iss':'batch','sub':'batch'"
#define GOOD NAMES ",'jti':'1','aud':'" ISSUER "','exp':1800000060"

#define ALG "'alg':'ES256'"

static struct policy policy;

/* Whether it parses. */
static const struct {
    const char *sentence;
    const char *header;
    const char *claims;
    const char *reason; /* a part of it; NULL: taken */
} parsed[] = {
    {"the least", "{" ALG "}", "{" GOOD "}", NULL},
    {"no aud, for assertion_check() to see", "{" ALG "}",
     "{" NAMES ",'jti':'1','exp':1800000060}", NULL},
    {"another order, with white space (JOS-33)", "{\r\n\t" ALG " }",
     "{ 'exp':1800000060 ,\r\n\t'jti' : '1', 'sub':'batch','iss':'batch' }",
     NULL},
    {"claims and header members that nobody knows (PKJ-37)",
     "{" ALG ",'x':{'y':[1]},'jku':'https://x.example'}",
     "{" GOOD ",'x':{'y':[{}]},'scope':['a']}", NULL},
    {"names with escapes", "{" ALG "}",
     "{'iss':'b\\u0061tch','sub':'batch','jti':'1','exp':1800000060}", NULL},
    {"typ JWT (PKJ-43)", "{" ALG ",'typ':'JWT'}", "{" GOOD "}", NULL},
    {"typ jwt", "{" ALG ",'typ':'jwt'}", "{" GOOD "}", NULL},
    {"typ application/jwt", "{" ALG ",'typ':'application/jwt'}",
     "{" GOOD "}", NULL},
    {"typ client-authentication+jwt (PKJ-43)",
     "{" ALG ",'typ':'client-authentication+jwt'}", "{" GOOD "}", NULL},
    {"typ application/client-authentication+jwt",
     "{" ALG ",'typ':'application/client-authentication+jwt'}", "{" GOOD "}",
     NULL},
    {"typ at+jwt is refused (PKJ-43)", "{" ALG ",'typ':'at+jwt'}",
     "{" GOOD "}", "typ"},
    {"typ dpop+jwt is refused (PKJ-43)", "{" ALG ",'typ':'dpop+jwt'}",
     "{" GOOD "}", "typ"},
    {"an empty typ is refused", "{" ALG ",'typ':''}", "{" GOOD "}", "typ"},
    {"typ null is refused", "{" ALG ",'typ':null}", "{" GOOD "}", "typ"},
    {"a typ that is a number is refused", "{" ALG ",'typ':1}", "{" GOOD "}",
     "typ"},
    {"a typ that is an array is refused", "{" ALG ",'typ':['JWT']}",
     "{" GOOD "}", "typ"},
    {"typ with a space is refused", "{" ALG ",'typ':'JWT '}", "{" GOOD "}",
     "typ"},

    {"alg none is refused (CSJ-12)", "{'alg':'none'}", "{" GOOD "}", "none"},
    {"crit is refused (JOS-08)", "{" ALG ",'crit':['b64'],'b64':false}",
     "{" GOOD "}", "crit"},
    {"b64 without crit is refused (JOS-08)", "{" ALG ",'b64':false}",
     "{" GOOD "}", "b64"},
    {"a kid of another type is refused (JOS-17)", "{" ALG ",'kid':{}}",
     "{" GOOD "}", "kid"},
    {"claims that are null are refused (JOS-15)", "{" ALG "}", "null",
     "payload"},
    {"claims that are an array are refused (JOS-15)", "{" ALG "}", "[]",
     "payload"},
    {"claims that are a string are refused (JOS-15)", "{" ALG "}", "'x'",
     "payload"},
    {"claims that are a number are refused (JOS-15)", "{" ALG "}", "1",
     "payload"},
    {"claims that are broken are refused (JOS-15)", "{" ALG "}",
     "{" GOOD, "payload"},
    {"claims with bytes behind are refused (JOS-15)", "{" ALG "}",
     "{" GOOD "}x", "payload"},
    {"no claims are refused", "{" ALG "}", "{}", "iss"},
    {"a claim twice is refused", "{" ALG "}", "{" GOOD ",'exp':1800000060}",
     "twice"},

    {"no iss is refused (PKJ-08, CSJ-08)", "{" ALG "}",
     "{'sub':'batch','jti':'1','exp':1800000060}", "iss"},
    {"no sub is refused (PKJ-09, CSJ-08)", "{" ALG "}",
     "{'iss':'batch','jti':'1','exp':1800000060}", "sub"},
    {"another sub is refused", "{" ALG "}",
     "{'iss':'batch','sub':'other','jti':'1','exp':1800000060}", "same"},
    {"a sub in another case is refused", "{" ALG "}",
     "{'iss':'batch','sub':'Batch','jti':'1','exp':1800000060}", "same"},
    {"a sub that is longer is refused", "{" ALG "}",
     "{'iss':'batch','sub':'batch ','jti':'1','exp':1800000060}", "same"},
    {"an iss that is null is refused", "{" ALG "}",
     "{'iss':null,'sub':null,'jti':'1','exp':1800000060}", "iss"},
    {"an iss that is a number is refused", "{" ALG "}",
     "{'iss':1,'sub':1,'jti':'1','exp':1800000060}", "iss"},
    {"an iss that is an array is refused", "{" ALG "}",
     "{'iss':['batch'],'sub':'batch','jti':'1','exp':1800000060}", "iss"},
    {"a sub that is an object is refused", "{" ALG "}",
     "{'iss':'batch','sub':{},'jti':'1','exp':1800000060}", "sub"},
    {"a NUL in a name is refused", "{" ALG "}",
     "{'iss':'batch\\u0000x','sub':'batch','jti':'1','exp':1800000060}",
     "NUL"},

    {"no jti is refused (PKJ-12)", "{" ALG "}", "{" NAMES ",'exp':1}",
     "jti"},
    {"a jti that is a number is refused (PKJ-36)", "{" ALG "}",
     "{" NAMES ",'exp':1,'jti':42}", "jti"},
    {"an empty jti is refused (PKJ-36)", "{" ALG "}",
     "{" NAMES ",'exp':1,'jti':''}", "jti"},
    {"a jti that is null is refused (PKJ-36)", "{" ALG "}",
     "{" NAMES ",'exp':1,'jti':null}", "jti"},
    {"a jti that is an array is refused", "{" ALG "}",
     "{" NAMES ",'exp':1,'jti':['1']}", "jti"},

    {"no exp is refused (PKJ-11, CSJ-08)", "{" ALG "}",
     "{" NAMES ",'jti':'1'}", "exp"},
    {"no exp but an iat is refused", "{" ALG "}",
     "{" NAMES ",'jti':'1','iat':1800000000}", "exp"},
    {"nbf and iat in fractions", "{" ALG "}",
     "{" GOOD ",'nbf':1800000000.5,'iat':1.8e9}", NULL},
    {"an nbf that is a string is refused", "{" ALG "}",
     "{" GOOD ",'nbf':'1'}", "nbf"},
    {"an nbf that is null is refused", "{" ALG "}", "{" GOOD ",'nbf':null}",
     "nbf"},
    {"a negative nbf is refused", "{" ALG "}", "{" GOOD ",'nbf':-1}", "nbf"},
    {"an nbf of 1e18 is refused", "{" ALG "}", "{" GOOD ",'nbf':1e18}",
     "nbf"},
    {"an iat that is a string is refused", "{" ALG "}",
     "{" GOOD ",'iat':'1800000000'}", "iat"},
    {"an iat that is true is refused", "{" ALG "}", "{" GOOD ",'iat':true}",
     "iat"},
    {"an iat in milliseconds is refused", "{" ALG "}",
     "{" GOOD ",'iat':1800000000000}", "iat"},
};

/* What becomes of exp. */
static const struct {
    const char *sentence;
    const char *exp;
    int64_t expires; /* -1: refused */
} expiries[] = {
    {"an integer", "1800000060", 1800000060},
    {"a fraction is rounded up", "1800000060.25", 1800000061},
    {"a fraction of nothing", "1800000060.0", 1800000060},
    {"an exponent", "1.80000006e9", 1800000060},
    {"zero", "0", 0},
    {"minus zero", "-0", 0},
    {"the end of the year 9999", "253402300799", INT64_C(253402300799)},
    {"beyond the year 9999 is refused", "253402300800", -1},
    {"a fraction beyond is refused", "253402300799.001", -1},
    {"1e18 is refused", "1e18", -1},
    {"1e400 is refused", "1e400", -1},
    {"-1e400 is refused", "-1e400", -1},
    {"2^63 - 1 is refused", "9223372036854775807", -1},
    {"2^63 is refused", "9223372036854775808", -1},
    {"2^64 + 1800000060, which would wrap, is refused",
     "18446744075509551676", -1},
    {"-1 is refused", "-1", -1},
    {"-0.5 is refused", "-0.5", -1},
    {"a string is refused", "'1800000060'", -1},
    {"an empty string is refused", "''", -1},
    {"null is refused", "null", -1},
    {"true is refused", "true", -1},
    {"an array is refused", "[1800000060]", -1},
    {"an object is refused", "{}", -1},
    {"NaN is refused", "NaN", -1},
    {"Infinity is refused", "Infinity", -1},
};

/* Audiences, for a strict and for a legacy client, and typed. */
static const struct {
    const char *sentence;
    const char *aud;
    bool strict, legacy;
} audiences[] = {
    {"the issuer (PKJ-24)", "'" ISSUER "'", true, true},
    {"an array of the issuer", "['" ISSUER "']", true, true},
    {"the issuer with escapes", "'https:\\/\\/as.example.or\\u0067'", true,
     true},
    {"the token endpoint (PKJ-25)", "'" TOKEN "'", false, true},
    {"an array of the token endpoint", "['" TOKEN "']", false, true},
    {"both", "['" ISSUER "','" TOKEN "']", false, true},
    {"both, the other way round", "['" TOKEN "','" ISSUER "']", false, true},
    {"the issuer twice", "['" ISSUER "','" ISSUER "']", false, true},
    {"the issuer and a stranger (PKJ-26)",
     "['" ISSUER "','https://other.example']", false, true},
    {"a stranger and the token endpoint",
     "['https://other.example','" TOKEN "']", false, true},
    {"nothing (PKJ-10)", NULL, false, false},
    {"null", "null", false, false},
    {"an empty string (PKJ-30)", "''", false, false},
    {"an empty array (PKJ-30)", "[]", false, false},
    {"an array of an empty string (PKJ-30)", "['']", false, false},
    {"a number", "1", false, false},
    {"true", "true", false, false},
    {"an object", "{'" ISSUER "':'" ISSUER "'}", false, false},
    {"an array within an array", "[['" ISSUER "']]", false, false},
    {"an array with a number", "['" ISSUER "',1]", false, false},
    {"an array with null before", "[null,'" ISSUER "']", false, false},
    {"an array with an array behind", "['" ISSUER "',['x']]", false, false},
    {"an array of strangers",
     "['https://other.example','https://third.example']", false, false},
    {"another server (PKJ-29)", "'https://as.other.example'", false, false},
    {"a slash behind the issuer", "'" ISSUER "/'", false, false},
    {"a slash behind the token endpoint", "'" TOKEN "/'", false, false},
    {"the issuer in another case", "'https://AS.example.org'", false, false},
    {"the issuer with its port", "'https://as.example.org:443'", false,
     false},
    {"the issuer over http", "'http://as.example.org'", false, false},
    {"the issuer with a space", "'" ISSUER " '", false, false},
    {"a part of the issuer", "'https://as.example'", false, false},
    {"the token endpoint with a query", "'" TOKEN "?x'", false, false},
    {"another endpoint", "'" ISSUER "/oauth2/v1/introspect'", false, false},
    {"the host", "'as.example.org'", false, false},
    {"the client", "'batch'", false, false},
};

enum { NO = INT_MIN }; /* no such claim */

/* Times from now, under a skew. */
static const struct {
    const char *sentence;
    int skew;
    int exp, nbf, iat;
    const char *reason; /* a part of it; NULL: taken */
} times[] = {
    {"an expiry ahead, and no more (PKJ-23)", 30, 60, NO, NO, NULL},
    {"all three", 30, 60, 0, 0, NULL},
    {"made long ago, but not expired", 30, 60, -86400, -86400, NULL},
    {"made before 1971", 30, 60, 10000000 - NOW, 10000000 - NOW, NULL},

    {"expired for 29 seconds", 30, -29, NO, NO, NULL},
    {"expired for 30 seconds is refused", 30, -30, NO, NO,
     "the assertion expired 30 seconds ago (assertions.skew is 30)"},
    {"expired for 31 seconds is refused", 30, -31, NO, NO,
     "expired 31 seconds ago"},
    {"expired for five minutes is refused (PKJ-16)", 30, -300, NO, NO,
     "expired 300 seconds ago"},
    {"skew 0: expires in 1 second", 0, 1, NO, NO, NULL},
    {"skew 0: expires now is refused", 0, 0, NO, NO,
     "expired 0 seconds ago (assertions.skew is 0)"},
    {"skew 0: expired for 1 second is refused", 0, -1, NO, NO,
     "expired 1 second ago"},
    {"skew 300: expired for 299 seconds", 300, -299, NO, NO, NULL},
    {"skew 300: expired for 300 seconds is refused", 300, -300, NO, NO,
     "expired 300 seconds ago"},
    {"expired in 1970 is refused", 30, -NOW, NO, NO,
     "expired 1800000000 seconds ago"},

    {"expires in max_lifetime", 30, 3600, NO, NO, NULL},
    {"expires in max_lifetime and skew", 30, 3630, NO, NO, NULL},
    {"expires a second later is refused", 30, 3631, NO, NO,
     "the assertion expires 3631 seconds from now "
     "(assertions.max_lifetime is 3600)"},
    {"skew 0: expires in max_lifetime", 0, 3600, NO, NO, NULL},
    {"skew 0: expires a second later is refused", 0, 3601, NO, NO,
     "max_lifetime"},
    {"skew 300: expires in max_lifetime and skew", 300, 3900, NO, NO, NULL},
    {"skew 300: expires a second later is refused", 300, 3901, NO, NO,
     "max_lifetime"},
    {"expires in a year is refused", 30, 31536000, NO, NO, "max_lifetime"},

    {"iat 1 second ahead", 30, 60, NO, 1, NULL},
    {"iat 30 seconds ahead", 30, 60, NO, 30, NULL},
    {"iat 31 seconds ahead is refused", 30, 60, NO, 31,
     "the iat of the assertion is 31 seconds ahead (30 are allowed)"},
    {"skew 0: iat 10 seconds ahead", 0, 60, NO, 10, NULL},
    {"skew 0: iat 11 seconds ahead is refused", 0, 60, NO, 11,
     "(10 are allowed)"},
    {"skew 9: iat 10 seconds ahead", 9, 60, NO, 10, NULL},
    {"skew 11: iat 11 seconds ahead", 11, 60, NO, 11, NULL},
    {"skew 11: iat 12 seconds ahead is refused", 11, 60, NO, 12,
     "(11 are allowed)"},
    {"skew 60: iat 60 seconds ahead", 60, 60, NO, 60, NULL},
    {"skew 60: iat 61 seconds ahead is refused", 60, 60, NO, 61,
     "(60 are allowed)"},
    {"skew 300: iat 60 seconds ahead", 300, 60, NO, 60, NULL},
    {"skew 300: iat 61 seconds ahead is refused", 300, 60, NO, 61,
     "(60 are allowed)"},

    {"nbf 30 seconds ahead", 30, 60, 30, NO, NULL},
    {"nbf 31 seconds ahead is refused", 30, 60, 31, NO,
     "the nbf of the assertion is 31 seconds ahead (30 are allowed)"},
    {"skew 0: nbf 10 seconds ahead", 0, 60, 10, NO, NULL},
    {"skew 0: nbf 11 seconds ahead is refused", 0, 60, 11, NO,
     "(10 are allowed)"},
    {"skew 300: nbf 60 seconds ahead", 300, 60, 60, NO, NULL},
    {"skew 300: nbf 61 seconds ahead is refused", 300, 60, 61, NO,
     "(60 are allowed)"},
    {"nbf ten minutes ahead is refused (PKJ-22)", 30, 1200, 600, 600,
     "nbf of the assertion is 600 seconds ahead"},
    {"nbf behind exp is refused when it is ahead", 30, 10, 90, NO, "nbf"},

    /* What the reason tells of the client's clock. */
    {"expired, by a clock that is behind", 30, -95, NO, -155,
     "expired 95 seconds ago (assertions.skew is 30); by its iat the "
     "client's clock is 155 seconds behind"},
    {"expired, by a clock that is a second behind", 0, 0, NO, -1,
     "; by its iat the client's clock is 1 second behind"},
    {"expired when it was made, by a clock that is right", 30, -95, NO, 0,
     "; by its iat the client's clock is right"},
    {"expired, by a clock that is ahead", 30, -95, NO, 5,
     "; by its iat the client's clock is 5 seconds ahead"},
    {"too long, by a clock that is ahead", 30, 7200, NO, 3600,
     "is 3600); by its iat the client's clock is 3600 seconds ahead"},
    {"iat ahead", 30, 120, NO, 75,
     "75 seconds ahead (30 are allowed); by its iat the client's clock is 75 "
     "seconds ahead"},
    {"nbf ahead, by a clock that is ahead", 30, 120, 75, 75,
     "nbf of the assertion is 75 seconds ahead (30 are allowed); by its iat "
     "the client's clock is 75 seconds ahead"},
};

/* assertion_parse() of header and claims, with a signature of some bytes. */
static int
parse(struct assertion *assertion, char **text, const char *header,
      const char *claims, struct errtext *why)
{
    *text = jose_text_sign(header, claims);
    memset(assertion, 0xee, sizeof(*assertion));
    return assertion_parse(assertion, *text, strlen(*text), why);
}

static void
check(const char *sentence, const char *reason, int rc,
      const struct errtext *why)
{
    bool ok = reason == NULL ? rc == 0
                             : rc == -1 && strstr(why->text, reason) != NULL;

    tap_ok(ok, "%s", sentence);
    if (!ok)
        tap_diag("rc %d, reason: %s", rc, why->text);
}

static void
test_parsed(size_t row)
{
    struct assertion assertion;
    struct errtext why = {.text = ""};
    char *text;
    int rc = parse(&assertion, &text, parsed[row].header, parsed[row].claims,
                   &why);

    check(parsed[row].sentence, parsed[row].reason, rc, &why);
    if (rc == 0) {
        tap_is_str("batch", assertion.client_id, "%s: the client",
                   parsed[row].sentence);
        tap_is_str("1", assertion.jti, "%s: the jti", parsed[row].sentence);
        assertion_free(&assertion);
    }
    free(text);
}

static void
test_expiry(size_t row)
{
    struct assertion assertion;
    struct errtext why = {.text = ""};
    char claims[256], *text;
    int rc;

    snprintf(claims, sizeof(claims), "{" NAMES ",'jti':'1','exp':%s}",
             expiries[row].exp);
    rc = parse(&assertion, &text, "{" ALG "}", claims, &why);
    tap_is_int(expiries[row].expires, rc == 0 ? assertion.expires : -1,
               "exp: %s", expiries[row].sentence);
    if (rc == 0)
        assertion_free(&assertion);
    else
        tap_ok(why.text[0] != '\0', "exp: %s: why", expiries[row].sentence);
    free(text);
}

/* assertion_check() of that aud. */
static int
check_aud(const char *typ, const char *aud, enum assertion_aud rule,
          struct errtext *why)
{
    struct client *cl = client_new("batch", 1);
    struct assertion assertion;
    char header[128], claims[512], *text;
    int rc;

    snprintf(header, sizeof(header), "{" ALG "%s%s%s}",
             typ != NULL ? ",'typ':'" : "", typ != NULL ? typ : "",
             typ != NULL ? "'" : "");
    snprintf(claims, sizeof(claims),
             "{" NAMES ",'jti':'1','exp':1800000060%s%s}",
             aud != NULL ? ",'aud':" : "", aud != NULL ? aud : "");
    cl->assertion_aud = rule;
    if (parse(&assertion, &text, header, claims, why) != 0)
        tap_ok(false, "an assertion with that aud parses: %s", why->text);
    rc = assertion_check(&assertion, cl, &policy, NOW, why);
    assertion_free(&assertion);
    client_free(cl);
    free(text);
    return rc;
}

static void
test_audience(size_t row)
{
    static const struct {
        const char *typ;
        enum assertion_aud rule;
        bool is_strict;
    } kinds[] = {
        {NULL, ASSERTION_AUD_STRICT, true},
        {"JWT", ASSERTION_AUD_LEGACY, false},
        {"client-authentication+jwt", ASSERTION_AUD_STRICT, true},
        {"client-authentication+jwt", ASSERTION_AUD_LEGACY, true},
        {"application/Client-Authentication+JWT", ASSERTION_AUD_LEGACY, true},
    };
    size_t i;

    for (i = 0; i < LEN(kinds); i++) {
        bool expected = kinds[i].is_strict ? audiences[row].strict
                                           : audiences[row].legacy;
        struct errtext why = {.text = ""};
        int rc = check_aud(kinds[i].typ, audiences[row].aud, kinds[i].rule,
                           &why);

        tap_ok(rc == (expected ? 0 : -1), "aud, %s, %s, is %s: %s",
               kinds[i].rule == ASSERTION_AUD_STRICT ? "strict" : "legacy",
               kinds[i].typ != NULL ? kinds[i].typ : "no typ",
               expected ? "taken" : "refused", audiences[row].sentence);
        if (rc != 0)
            tap_ok(strstr(why.text, "aud") != NULL, "and why: %s", why.text);
    }
}

/* The reasons that tell what to change. */
static void
test_audience_reason(void)
{
    static const char typ[] = "client-authentication+jwt";
    struct errtext why;

    check_aud(NULL, "'" TOKEN "'", ASSERTION_AUD_STRICT, &why);
    tap_ok(strstr(why.text, "token endpoint") != NULL
               && strstr(why.text, ISSUER) != NULL
               && strstr(why.text, "--assertion-aud legacy") != NULL,
           "the reason names the token endpoint and a cure");
    check_aud(typ, "'" TOKEN "'", ASSERTION_AUD_LEGACY, &why);
    tap_ok(strstr(why.text, "token endpoint") != NULL
               && strstr(why.text, "--assertion-aud") == NULL,
           "the reason names no cure where there is none");
    check_aud(NULL, "'hunter2'", ASSERTION_AUD_STRICT, &why);
    tap_ok(strstr(why.text, ISSUER) != NULL
               && strstr(why.text, "hunter2") == NULL,
           "the reason names the issuer, and not what came");
}

/* An issuer with a path: the endpoint is below the origin. */
static void
test_issuer_with_path(void)
{
    char *issuer = policy.issuer, other[] = ISSUER "/tenant";

    policy.issuer = other;
    tap_is_int(0, check_aud(NULL, "'" ISSUER "/tenant'",
                            ASSERTION_AUD_STRICT, NULL),
               "an issuer with a path is the audience");
    tap_is_int(-1, check_aud(NULL, "'" ISSUER "'", ASSERTION_AUD_LEGACY, NULL),
               "its origin is not");
    tap_is_int(0, check_aud(NULL, "'" TOKEN "'", ASSERTION_AUD_LEGACY, NULL),
               "its token endpoint is, for a legacy client");
    policy.issuer = issuer;
}

/* Where certificates are asked for there is a token endpoint too. */
static void
test_mtls_endpoint(void)
{
    static const char alias[] = "'https://m.example.org/oauth2/v1/token'";
    char *none = policy.mtls.base, base[] = "https://m.example.org";

    tap_is_int(-1, check_aud(NULL, alias, ASSERTION_AUD_LEGACY, NULL),
               "without mtls.base its endpoint is a stranger");
    policy.mtls.base = base;
    tap_is_int(0, check_aud(NULL, alias, ASSERTION_AUD_LEGACY, NULL),
               "the token endpoint at mtls.base, for a legacy client");
    tap_is_int(-1, check_aud(NULL, alias, ASSERTION_AUD_STRICT, NULL),
               "but not for a strict one");
    policy.mtls.base = none;
}

/* FAPI 2.0, by the record and by the policy. */
static void
test_fapi2(void)
{
    static const struct {
        const char *sentence;
        const char *alg;
        const char *claims;
        bool legacy;
        const char *reason; /* NULL: taken */
    } rows[] = {
        {"FAPI: the issuer", "ES256", "'aud':'" ISSUER "','exp':1800000060",
         false, NULL},
        {"FAPI: 300 seconds", "PS256",
         "'aud':'" ISSUER "','iat':1800000000,'exp':1800000300", false, NULL},
        {"FAPI: 301 seconds are refused", "EdDSA",
         "'aud':'" ISSUER "','iat':1800000000,'exp':1800000301", false,
         "from its iat on"},
        {"FAPI: an old iat is refused", "ES256",
         "'aud':'" ISSUER "','iat':1799999000,'exp':1800000060", false,
         "from its iat on"},
        {"FAPI: 300 seconds and the skew", "ES256",
         "'aud':'" ISSUER "','exp':1800000330", false, NULL},
        {"FAPI: one second more is refused", "ES256",
         "'aud':'" ISSUER "','exp':1800000331", false, "300 are allowed"},
        {"FAPI: an array of the issuer is refused", "ES256",
         "'aud':['" ISSUER "'],'exp':1800000060", false, "a string"},
        {"FAPI: the token endpoint is refused, legacy or not", "ES256",
         "'aud':'" TOKEN "','exp':1800000060", true, "the issuer alone"},
        {"FAPI: RS256 is refused", "RS256",
         "'aud':'" ISSUER "','exp':1800000060", false, "RS256"},
        {"FAPI: ES384 is refused", "ES384",
         "'aud':'" ISSUER "','exp':1800000060", false, "ES384"},
        {"FAPI: HS256 is refused", "HS256",
         "'aud':'" ISSUER "','exp':1800000060", false, "HS256"},
    };
    size_t i;
    int by_policy;

    for (i = 0; i < 2 * LEN(rows); i++) {
        struct client *cl = client_new("batch", 1);
        char header[64], claims[512], *text;
        struct assertion assertion;
        struct errtext why = {.text = ""};

        by_policy = i % 2;
        policy.fapi2 = by_policy;
        cl->profile = by_policy ? PROFILE_NONE : PROFILE_FAPI2;
        cl->assertion_aud = rows[i / 2].legacy ? ASSERTION_AUD_LEGACY
                                               : ASSERTION_AUD_STRICT;
        snprintf(header, sizeof(header), "{'alg':'%s'}", rows[i / 2].alg);
        snprintf(claims, sizeof(claims), "{" NAMES ",'jti':'1',%s}",
                 rows[i / 2].claims);
        if (parse(&assertion, &text, header, claims, &why) != 0)
            tap_ok(false, "%s: it parses", rows[i / 2].sentence);
        check(rows[i / 2].sentence, rows[i / 2].reason,
              assertion_check(&assertion, cl, &policy, NOW, &why), &why);
        assertion_free(&assertion);
        client_free(cl);
        free(text);
    }
    policy.fapi2 = false;
}

static void
add_time(char *claims, size_t size, const char *name, int offset)
{
    size_t len = strlen(claims);

    if (offset != NO)
        snprintf(claims + len, size - len, ",'%s':%d", name, NOW + offset);
}

static void
test_time(size_t row)
{
    struct client *cl = client_new("batch", 1);
    struct assertion assertion;
    struct errtext why = {.text = ""};
    char claims[512] = "{" NAMES ",'jti':'1','aud':'" ISSUER "'", *text;
    int rc;

    add_time(claims, sizeof(claims), "exp", times[row].exp);
    add_time(claims, sizeof(claims), "nbf", times[row].nbf);
    add_time(claims, sizeof(claims), "iat", times[row].iat);
    snprintf(claims + strlen(claims), 2, "}");
    policy.assertions.skew = times[row].skew;
    if (parse(&assertion, &text, "{" ALG "}", claims, &why) != 0)
        tap_ok(false, "%s: it parses: %s", times[row].sentence, why.text);
    rc = assertion_check(&assertion, cl, &policy, NOW, &why);
    check(times[row].sentence, times[row].reason, rc, &why);
    if (rc != 0 && times[row].iat == NO)
        tap_ok(strstr(why.text, "clock") == NULL,
               "%s: without iat, nothing is said of the clock",
               times[row].sentence);
    policy.assertions.skew = SKEW;
    assertion_free(&assertion);
    client_free(cl);
    free(text);
}

/* Fractions of a second, at the edges; skew 0. */
static void
test_fractions(void)
{
    static const struct {
        const char *sentence;
        const char *claims;
        int rc;
    } rows[] = {
        {"expires half a second from now", "'exp':1800000000.5", 0},
        {"expired half a second ago", "'exp':1799999999.5", -1},
        {"nbf 9.5 seconds ahead", "'exp':1800000060,'nbf':1800000009.5", 0},
        {"nbf 10.5 seconds ahead", "'exp':1800000060,'nbf':1800000010.5", -1},
        {"iat 9.5 seconds ahead", "'exp':1800000060,'iat':1800000009.5", 0},
        {"iat 10.5 seconds ahead", "'exp':1800000060,'iat':1800000010.5", -1},
        {"expires half a second too late", "'exp':1800003600.5", -1},
        {"expires half a second before", "'exp':1800003599.5", 0},
    };
    struct client *cl = client_new("batch", 1);
    size_t i;

    policy.assertions.skew = 0;
    for (i = 0; i < LEN(rows); i++) {
        struct assertion assertion;
        char claims[256], *text;

        snprintf(claims, sizeof(claims),
                 "{" NAMES ",'jti':'1','aud':'" ISSUER "',%s}",
                 rows[i].claims);
        if (parse(&assertion, &text, "{" ALG "}", claims, NULL) != 0)
            tap_ok(false, "%s: it parses", rows[i].sentence);
        tap_is_int(rows[i].rc,
                   assertion_check(&assertion, cl, &policy, NOW, NULL),
                   "fractions: %s", rows[i].sentence);
        assertion_free(&assertion);
        free(text);
    }
    policy.assertions.skew = SKEW;
    client_free(cl);
}

/* Texts that are no assertion, and one with a long jti. */
static void
test_texts(void)
{
    static const char *const texts[] = {
        "", ".", "..", "...", "x", "a.b", "a.b.c", "a.b.c.d.e",
        "eyJhbGciOiJub25lIn0.e30.", /* JOS-02 */
    };
    struct assertion assertion, zero;
    char claims[6000], *text;
    struct errtext why;
    size_t i;

    for (i = 0; i < LEN(texts); i++) {
        why.text[0] = '\0';
        tap_ok(assertion_parse(&assertion, texts[i], strlen(texts[i]), &why)
                       == -1
                   && strncmp(why.text, "the assertion", 13) == 0,
               "\"%s\" is refused", texts[i]);
    }
    memset(claims, 'j', sizeof(claims));
    memcpy(claims, "{" NAMES ",'exp':1,'jti':'", strlen(NAMES) + 17);
    memcpy(claims + 4200, "'}", 3);
    tap_is_int(0, parse(&assertion, &text, "{" ALG "}", claims, NULL),
               "a jti of 4 kB is taken (PKJ-36)");
    assertion_free(&assertion);
    memset(&zero, 0, sizeof(zero));
    tap_ok(memcmp(&assertion, &zero, sizeof(zero)) == 0,
           "what was freed is zero");
    assertion_free(&assertion);
    free(text);
}

int
main(void)
{
    size_t i;

    sample_policy(&policy);
    policy.assertions.skew = SKEW;
    policy.assertions.max_lifetime = MAX_LIFETIME;
    for (i = 0; i < LEN(parsed); i++)
        test_parsed(i);
    for (i = 0; i < LEN(expiries); i++)
        test_expiry(i);
    for (i = 0; i < LEN(audiences); i++)
        test_audience(i);
    test_audience_reason();
    test_issuer_with_path();
    test_mtls_endpoint();
    test_fapi2();
    for (i = 0; i < LEN(times); i++)
        test_time(i);
    test_fractions();
    test_texts();
    policy_free(&policy);
    return tap_done();
}
