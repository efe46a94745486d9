/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Compact serializations taken apart.
 */

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/b64.h"
#include "core/jws.h"
#include "tap.h"

/* RFC 7515, A.1. */
#define A1_HEADER "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
#define A1_PAYLOAD                                                           \
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"       \
    "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
#define A1_SIG "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
#define A1 A1_HEADER "." A1_PAYLOAD "." A1_SIG

/* RFC 8037, A.4. */
#define A4                                                                   \
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."              \
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsP"   \
    "t9g7sVvpAr_MuM0KAg"

/* Whole texts. */
static const struct {
    const char *sentence;
    const char *text;
    const char *reason; /* a part of it; NULL: taken */
} texts[] = {
    {"RFC 7515, A.1", A1, NULL},
    {"RFC 8037, A.4", A4, NULL},
    {"an empty payload", A1_HEADER ".." A1_SIG, NULL},
    {"RFC 7515, A.5, which is not signed, is refused",
     "eyJhbGciOiJub25lIn0." A1_PAYLOAD ".", "none"},
    {"none with a signature is refused",
     "eyJhbGciOiJub25lIn0." A1_PAYLOAD "." A1_SIG, "none"},
    {"nothing is refused", "", "three parts"},
    {"one part is refused", A1_HEADER, "three parts"},
    {"two parts are refused", A1_HEADER "." A1_PAYLOAD, "three parts"},
    {"an empty signature is refused", A1_HEADER "." A1_PAYLOAD ".",
     "no signature"},
    {"four parts are refused", A1 "." A1_SIG, "three parts"},
    {"a dot before is refused", "." A1, "three parts"},
    {"a dot behind is refused", A1 ".", "three parts"},
    {"a dot for the header is refused", "." A1_PAYLOAD "." A1_SIG, "header"},
    {"five parts, an encryption, are refused", "e30.YQ.YQ.YQ.YQ",
     "three parts"},
    {"dots alone are refused", "..", "header"},
    {"three dots are refused", "...", "three parts"},
    {"the JSON serialization is refused",
     "{\"payload\":\"\",\"protected\":\"\",\"signature\":\"\"}",
     "three parts"},
    {"padding of the header is refused",
     "eyJhbGciOiJIUzI1NiJ9==." A1_PAYLOAD "." A1_SIG, "base64url"},
    {"padding of the payload is refused",
     A1_HEADER "." A1_PAYLOAD "==." A1_SIG, "base64url"},
    {"padding of the signature is refused", A1 "=", "base64url"},
    {"a space before is refused", " " A1, "base64url"},
    {"a newline behind is refused", A1 "\n", "base64url"},
    {"a newline in the payload is refused",
     A1_HEADER ".eyJp\r\nc3M." A1_SIG, "base64url"},
    {"a plus in the signature is refused",
     A1_HEADER "." A1_PAYLOAD
               ".dBjftJeZ4CVP+mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
     "base64url"},
    {"a slash in the signature is refused",
     A1_HEADER "." A1_PAYLOAD
               ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r/wW1gFWFOEjXk",
     "base64url"},
    {"bits in the tail of the signature are refused",
     A1_HEADER "." A1_PAYLOAD
               ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl",
     "base64url"},
    {"bits in the tail of the payload are refused",
     A1_HEADER ".YR." A1_SIG, "base64url"},
    {"one character for a signature is refused",
     A1_HEADER "." A1_PAYLOAD ".A", "base64url"},
    {"one character for a payload is refused", A1_HEADER ".A." A1_SIG,
     "base64url"},
    {"a byte over 127 is refused", A1 "\xc3\xa4", "base64url"},
};

#define ALG "\"alg\":\"ES256\""

/* Headers, encoded here. */
static const struct {
    const char *sentence;
    const char *header;
    const char *reason;
    enum jose_alg alg;
    const char *kid;
} headers[] = {
    {"alg alone", "{" ALG "}", NULL, JOSE_ES256, NULL},
    {"white space and another order",
     "\t{\r\n \"kid\" :\t\"k\" ,\n " ALG " } \n", NULL, JOSE_ES256, "k"},
    {"an alg with escapes", "{\"alg\":\"\\u0045S256\"}", NULL, JOSE_ES256,
     NULL},
    {"Ed25519", "{\"alg\":\"Ed25519\"}", NULL, JOSE_EDDSA, NULL},
    {"EdDSA", "{\"alg\":\"EdDSA\"}", NULL, JOSE_EDDSA, NULL},
    {"an HMAC", "{\"alg\":\"HS512\"}", NULL, JOSE_HS512, NULL},
    {"a kid", "{" ALG ",\"kid\":\"2011-04-29\"}", NULL, JOSE_ES256,
     "2011-04-29"},
    {"a kid of other letters", "{" ALG ",\"kid\":\"\xc3\xa4\\n\"}", NULL,
     JOSE_ES256, "\xc3\xa4\n"},
    {"other members",
     "{" ALG ",\"x\":{\"y\":[1,{}]},\"cty\":\"JWT\",\"typ\":1}", NULL,
     JOSE_ES256, NULL},
    {"jwk, jku, x5u and x5c are left to the caller",
     "{" ALG ",\"jwk\":{\"kty\":\"oct\",\"k\":\"\"},\"jku\":\"https://x\","
     "\"x5u\":1,\"x5c\":[]}",
     NULL, JOSE_ES256, NULL},
    {"b64 that is true", "{" ALG ",\"b64\":true}", NULL, JOSE_ES256, NULL},

    {"no alg is refused", "{}", "no alg", 0, NULL},
    {"alg in another case is refused", "{\"ALG\":\"ES256\"}", "no alg", 0,
     NULL},
    {"alg null is refused", "{\"alg\":null}", "not a string", 0, NULL},
    {"alg as a number is refused", "{\"alg\":1}", "not a string", 0, NULL},
    {"alg as an array is refused", "{\"alg\":[\"ES256\"]}", "not a string", 0,
     NULL},
    {"alg as an object is refused", "{\"alg\":{}}", "not a string", 0, NULL},
    {"an empty alg is refused", "{\"alg\":\"\"}", "known", 0, NULL},
    {"none is refused", "{\"alg\":\"none\"}", "none", 0, NULL},
    {"None is refused", "{\"alg\":\"None\"}", "known", 0, NULL},
    {"nOnE is refused", "{\"alg\":\"nOnE\"}", "known", 0, NULL},
    {"none with a NUL is refused", "{\"alg\":\"none\\u0000\"}", "NUL", 0,
     NULL},
    {"an unknown alg is refused", "{\"alg\":\"ES257\"}", "known", 0, NULL},
    {"ES256K is refused", "{\"alg\":\"ES256K\"}", "known", 0, NULL},
    {"an alg in lower case is refused", "{\"alg\":\"es256\"}", "known", 0,
     NULL},
    {"an encryption is refused", "{\"alg\":\"RSA-OAEP\"}", "known", 0, NULL},
    {"alg twice is refused", "{" ALG ",\"alg\":\"none\"}", "twice", 0, NULL},
    {"another member twice is refused", "{" ALG ",\"x\":1,\"x\":1}", "twice",
     0, NULL},
    {"an array is refused", "[]", "not a JSON object", 0, NULL},
    {"null is refused", "null", "not a JSON object", 0, NULL},
    {"an object behind is refused", "{" ALG "}{}", "behind", 0, NULL},
    {"a deep header is refused",
     "{" ALG ",\"x\":[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]}", "deep", 0, NULL},
    {"a header that is not UTF-8 is refused", "{" ALG ",\"x\":\"\xff\"}",
     "UTF-8", 0, NULL},

    {"a kid that is null is refused", "{" ALG ",\"kid\":null}", "kid", 0,
     NULL},
    {"a kid that is a number is refused", "{" ALG ",\"kid\":1}", "kid", 0,
     NULL},
    {"a kid that is an array is refused", "{" ALG ",\"kid\":[\"a\"]}", "kid",
     0, NULL},
    {"a kid that is an object is refused", "{" ALG ",\"kid\":{}}", "kid", 0,
     NULL},
    {"an empty kid is refused", "{" ALG ",\"kid\":\"\"}", "kid", 0, NULL},

    {"crit is refused", "{" ALG ",\"crit\":[\"exp\"],\"exp\":1}", "crit", 0,
     NULL},
    {"crit of nothing is refused", "{" ALG ",\"crit\":[]}", "crit", 0, NULL},
    {"crit that is null is refused", "{" ALG ",\"crit\":null}", "crit", 0,
     NULL},
    {"crit of alg is refused", "{" ALG ",\"crit\":[\"alg\"]}", "crit", 0,
     NULL},
    {"crit with b64 is refused",
     "{" ALG ",\"b64\":false,\"crit\":[\"b64\"]}", "crit", 0, NULL},
    {"crit with b64 that is true is refused",
     "{" ALG ",\"b64\":true,\"crit\":[\"b64\"]}", "crit", 0, NULL},
    {"b64 that is false is refused", "{" ALG ",\"b64\":false}", "b64", 0,
     NULL},
    {"b64 that is a string is refused", "{" ALG ",\"b64\":\"true\"}", "b64",
     0, NULL},
    {"b64 that is null is refused", "{" ALG ",\"b64\":null}", "b64", 0,
     NULL},
};

static const struct {
    const char *sentence;
    const char *payload;
    const char *reason;
} payloads[] = {
    {"an object", "{\"iss\":\"joe\"}", NULL},
    {"white space", "\r\n{\t}\r\n", NULL},
    {"nothing is refused", "", "its payload"},
    {"null is refused", "null", "not a JSON object"},
    {"an array is refused", "[]", "not a JSON object"},
    {"a string is refused", "\"x\"", "not a JSON object"},
    {"a number is refused", "1", "not a JSON object"},
    {"broken JSON is refused", "{\"iss\":", "early"},
    {"bytes behind are refused", "{}x", "behind"},
    {"a claim twice is refused", "{\"iss\":\"a\",\"iss\":\"b\"}", "twice"},
    {"depth is refused",
     "{\"x\":[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]}", "deep"},
};

static const struct {
    const char *typ; /* as JSON, NULL: none */
    bool is_jwt;
} types[] = {
    {NULL, false},
    {"\"JWT\"", true},
    {"\"jwt\"", true},
    {"\"application/jwt\"", true},
    {"\"Application/JWT\"", true},
    {"\"at+jwt\"", false},
    {"\"JWT \"", false},
    {"\"\"", false},
    {"\"application/\"", false},
    {"\"application/application/jwt\"", false},
    {"\"text/jwt\"", false},
    {"\"jw\"", false},
    {"1", false},
    {"null", false},
    {"[\"JWT\"]", false},
};

/* Encode header, payload and n bytes of signature.  The caller frees. */
static char *
encode(const char *header, const char *payload, size_t n)
{
    unsigned char sig[JOSE_SIG_MAX + 1];
    size_t size = B64URL_LEN(strlen(header)) + B64URL_LEN(strlen(payload))
                  + B64URL_LEN(n) + 3;
    char *text = malloc(size), *p = text;

    if (text == NULL || n > sizeof(sig))
        abort();
    memset(sig, 0xa5, sizeof(sig));
    p += b64url_encode(header, strlen(header), p);
    *p++ = '.';
    p += b64url_encode(payload, strlen(payload), p);
    *p++ = '.';
    b64url_encode(sig, n, p);
    return text;
}

/* jws_parse() of a copy without a terminator, which *copy then is. */
static int
parse(struct jws *jws, const char *text, size_t len, char **copy,
      struct errtext *why)
{
    *copy = malloc(len > 0 ? len : 1);
    if (*copy == NULL)
        abort();
    memcpy(*copy, text, len);
    memset(jws, 0xee, sizeof(*jws));
    return jws_parse(jws, *copy, len, why);
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
test_text(size_t row)
{
    const char *text = texts[row].text;
    struct errtext why = {.text = ""};
    struct jws jws;
    char *copy;
    int rc = parse(&jws, text, strlen(text), &copy, &why);

    check(texts[row].sentence, texts[row].reason, rc, &why);
    if (rc == 0) {
        const char *dot = strrchr(text, '.');

        tap_ok(jws.input == copy
                   && jws.input_len == (size_t)(dot - text),
               "%s: what was signed", texts[row].sentence);
        jws_free(&jws);
    }
    free(copy);
}

static void
test_header(size_t row)
{
    char *text = encode(headers[row].header, "x", 64), *copy;
    struct errtext why = {.text = ""};
    struct jws jws;
    int rc = parse(&jws, text, strlen(text), &copy, &why);

    check(headers[row].sentence, headers[row].reason, rc, &why);
    if (rc == 0) {
        tap_is_int(headers[row].alg, jws.alg, "%s: its alg",
                   headers[row].sentence);
        tap_is_str(headers[row].kid, jws.kid, "%s: its kid",
                   headers[row].sentence);
        jws_free(&jws);
    }
    free(text);
    free(copy);
}

static void
test_payload(size_t row)
{
    char *text = encode("{" ALG "}", payloads[row].payload, 64), *copy;
    struct errtext why = {.text = ""};
    struct jws jws;

    if (parse(&jws, text, strlen(text), &copy, &why) != 0)
        tap_ok(false, "claims: %s: it parses", payloads[row].sentence);
    tap_is_str(payloads[row].payload, jws.payload,
               "claims: %s: the payload, terminated", payloads[row].sentence);
    tap_ok(jws.claims == NULL, "claims: %s: none before they are read",
           payloads[row].sentence);
    check(payloads[row].sentence, payloads[row].reason,
          jws_claims(&jws, &why), &why);
    tap_ok((jws.claims == NULL) == (payloads[row].reason != NULL),
           "claims: %s: there or not", payloads[row].sentence);
    jws_free(&jws);
    free(text);
    free(copy);
}

static void
test_type(size_t row)
{
    const char *typ = types[row].typ;
    char header[128], *text, *copy;
    struct jws jws;

    snprintf(header, sizeof(header), "{" ALG "%s%s}",
             typ != NULL ? ",\"typ\":" : "", typ != NULL ? typ : "");
    text = encode(header, "", 1);
    if (parse(&jws, text, strlen(text), &copy, NULL) != 0)
        tap_ok(false, "typ %s is left to the caller", header);
    tap_ok(jws_typ_is(&jws, "JWT") == types[row].is_jwt,
           "typ %s is %sJWT", typ != NULL ? typ : "missing",
           types[row].is_jwt ? "" : "not ");
    jws_free(&jws);
    free(text);
    free(copy);
}

static void
test_signature(void)
{
    static const struct {
        const char *sentence;
        size_t len;
        const char *reason;
    } rows[] = {
        {"a signature of one byte", 1, NULL},
        {"a signature of 64 bytes", 64, NULL},
        {"a signature of 512 bytes", JOSE_SIG_MAX, NULL},
        {"a signature of 513 bytes is refused", JOSE_SIG_MAX + 1, "over 512"},
    };
    size_t i;

    for (i = 0; i < LEN(rows); i++) {
        char *text = encode("{" ALG "}", "{}", rows[i].len), *copy;
        struct errtext why = {.text = ""};
        struct jws jws;
        int rc = parse(&jws, text, strlen(text), &copy, &why);

        check(rows[i].sentence, rows[i].reason, rc, &why);
        if (rc == 0) {
            tap_ok(jws.sig_len == rows[i].len && jws.sig[0] == 0xa5
                       && jws.sig[rows[i].len - 1] == 0xa5,
                   "%s: its bytes", rows[i].sentence);
            jws_free(&jws);
        }
        free(text);
        free(copy);
    }
}

/* A header with a kid, and a payload, of a letter that many times. */
static char *
big(size_t kid, size_t payload)
{
    char header[JWS_KID_MAX + 64], *body = malloc(payload + 1), *text;

    if (body == NULL || kid > JWS_KID_MAX + 1)
        abort();
    memset(body, 'x', payload);
    body[payload] = '\0';
    snprintf(header, sizeof(header), "{" ALG ",\"kid\":\"%.*s\"}", (int)kid,
             body);
    text = encode(header, body, 64);
    free(body);
    return text;
}

static void
test_bounds(void)
{
    static const struct {
        const char *sentence;
        size_t kid, payload, len;
        const char *reason;
    } rows[] = {
        {"a kid of 255 bytes", JWS_KID_MAX, 300, 860, NULL},
        {"a kid of 256 bytes is refused", JWS_KID_MAX + 1, 300, 862, "kid"},
        {"a text of 16384 bytes", 1, 12196, JWS_TEXT_MAX, NULL},
        {"a text of 16385 bytes is refused", 1, 12197, JWS_TEXT_MAX + 1,
         "16384"},
        {"a text of 512 kB is refused", 1, 393216, 524410, "16384"},
    };
    size_t i;

    for (i = 0; i < LEN(rows); i++) {
        char *text = big(rows[i].kid, rows[i].payload), *copy;
        struct errtext why = {.text = ""};
        struct jws jws;
        int rc = parse(&jws, text, strlen(text), &copy, &why);

        check(rows[i].sentence, rows[i].reason, rc, &why);
        tap_is_int((long long)rows[i].len, (long long)strlen(text),
                   "%s: it has that size", rows[i].sentence);
        if (rc == 0)
            jws_free(&jws);
        free(text);
        free(copy);
    }
}

/* Nothing of the text, whatever is broken, comes into the reason. */
static void
test_reason(void)
{
    static const char *const broken[] = {
        "{\"alg\":\"hunter2\"}",
        "{\"hunter2\":1,\"hunter2\":2}",
        "{" ALG ",\"kid\":\"\",\"x\":\"hunter2\"}",
        "{" ALG ",\"crit\":[\"hunter2\"]}",
        "hunter2",
        "{\"a\":hunter2",
    };
    size_t i;

    for (i = 0; i < LEN(broken); i++) {
        char *text = encode(broken[i], "hunter2", 64);
        struct errtext why = {.text = ""};
        struct jws jws;

        tap_ok(jws_parse(&jws, text, strlen(text), &why) == -1
                   && strstr(why.text, "hunter2") == NULL,
               "%s: the reason quotes nothing", broken[i]);
        free(text);
    }
}

static void
test_free(void)
{
    struct jws jws = {0}, zero = {0};

    jws_free(&jws);
    tap_ok(memcmp(&jws, &zero, sizeof(jws)) == 0, "nothing is freed");
    if (jws_parse(&jws, A1, sizeof(A1) - 1, NULL) != 0
        || jws_claims(&jws, NULL) != 0)
        tap_ok(false, "RFC 7515, A.1, has claims");
    tap_is_int(1300819380,
               (long long)json_number_value(
                   json_object_get(jws.claims, "exp")),
               "RFC 7515, A.1: its exp");
    jws_free(&jws);
    tap_ok(memcmp(&jws, &zero, sizeof(jws)) == 0, "what was freed is wiped");
    jws_free(&jws);
    tap_ok(true, "it can be freed again");
}

int
main(void)
{
    size_t i;

    for (i = 0; i < LEN(texts); i++)
        test_text(i);
    for (i = 0; i < LEN(headers); i++)
        test_header(i);
    for (i = 0; i < LEN(payloads); i++)
        test_payload(i);
    for (i = 0; i < LEN(types); i++)
        test_type(i);
    test_signature();
    test_bounds();
    test_reason();
    test_free();
    return tap_done();
}
