/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The record of a signing key: read, written, published.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/keyrec.h"
#include "../lib/tap.h"

#define JWK_BUT_END                                                          \
    "\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"eHg\",\"y\":\"eXk\","          \
    "\"use\":\"sig\",\"alg\":\"ES256\",\"kid\":\"a2lk\""
#define JWK "{" JWK_BUT_END "}"
#define TIMES                                                                \
    "\"created\":1000,\"signs_from\":2000,\"signs_until\":3000,"             \
    "\"publish_until\":4000"
#define RECORD                                                               \
    "{\"kid\":\"a2lk\",\"alg\":\"ES256\"," TIMES ",\"jwk\":" JWK ","         \
    "\"sealed\":\"c2VhbGVk\"}"

static struct errtext why;

/* Records that differ from RECORD in one point, and a part of the reason. */
static const struct {
    const char *sentence;
    const char *json;
    const char *reason;
} refused[] = {
    { "nothing", "", "broken" },
    { "broken", "{", "broken" },
    { "an array", "[]", "" },
    { "an empty object", "{}", "kid" },
    { "bytes behind", RECORD " x", "broken" },
    { "a member twice",
      "{\"kid\":\"a2lk\",\"kid\":\"a2lk\",\"alg\":\"ES256\"," TIMES
      ",\"jwk\":" JWK ",\"sealed\":\"c2VhbGVk\"}", "broken" },
    { "an unknown member",
      "{\"kid\":\"a2lk\",\"alg\":\"ES256\"," TIMES ",\"jwk\":" JWK
      ",\"sealed\":\"c2VhbGVk\",\"extra\":1}", "extra" },
    { "no kid",
      "{\"alg\":\"ES256\"," TIMES ",\"jwk\":" JWK
      ",\"sealed\":\"c2VhbGVk\"}", "kid" },
    { "a number for kid",
      "{\"kid\":1,\"alg\":\"ES256\"," TIMES ",\"jwk\":" JWK
      ",\"sealed\":\"c2VhbGVk\"}", "string" },
    { "an empty kid",
      "{\"kid\":\"\",\"alg\":\"ES256\"," TIMES ",\"jwk\":" JWK
      ",\"sealed\":\"c2VhbGVk\"}", "kid" },
    { "a kid with a space",
      "{\"kid\":\"a2 k\",\"alg\":\"ES256\"," TIMES ",\"jwk\":" JWK
      ",\"sealed\":\"c2VhbGVk\"}", "kid" },
    { "a kid of 64 characters",
      "{\"kid\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
      "aaaa\",\"alg\":\"ES256\"," TIMES ",\"jwk\":" JWK
      ",\"sealed\":\"c2VhbGVk\"}", "kid" },
    { "a kid with a NUL",
      "{\"kid\":\"a2lk\\u0000\",\"alg\":\"ES256\"," TIMES ",\"jwk\":" JWK
      ",\"sealed\":\"c2VhbGVk\"}", "broken" },
    { "another kid than its jwk",
      "{\"kid\":\"a2ll\",\"alg\":\"ES256\"," TIMES ",\"jwk\":" JWK
      ",\"sealed\":\"c2VhbGVk\"}", "another kid" },
    { "another alg than its jwk",
      "{\"kid\":\"a2lk\",\"alg\":\"ES384\"," TIMES ",\"jwk\":" JWK
      ",\"sealed\":\"c2VhbGVk\"}", "another kid or alg" },
    { "the alg none",
      "{\"kid\":\"a2lk\",\"alg\":\"none\"," TIMES ",\"jwk\":" JWK
      ",\"sealed\":\"c2VhbGVk\"}", "alg" },
    { "an alg in lower case",
      "{\"kid\":\"a2lk\",\"alg\":\"es256\"," TIMES ",\"jwk\":" JWK
      ",\"sealed\":\"c2VhbGVk\"}", "alg" },
    { "a fraction for a time",
      "{\"kid\":\"a2lk\",\"alg\":\"ES256\",\"created\":1000.5,"
      "\"signs_from\":0,\"signs_until\":0,\"publish_until\":0,\"jwk\":" JWK
      ",\"sealed\":\"c2VhbGVk\"}", "integer" },
    { "a text for a time",
      "{\"kid\":\"a2lk\",\"alg\":\"ES256\",\"created\":\"1000\","
      "\"signs_from\":0,\"signs_until\":0,\"publish_until\":0,\"jwk\":" JWK
      ",\"sealed\":\"c2VhbGVk\"}", "integer" },
    { "a negative time",
      "{\"kid\":\"a2lk\",\"alg\":\"ES256\",\"created\":-1,"
      "\"signs_from\":0,\"signs_until\":0,\"publish_until\":0,\"jwk\":" JWK
      ",\"sealed\":\"c2VhbGVk\"}", "time" },
    { "a time beyond 64 bits",
      "{\"kid\":\"a2lk\",\"alg\":\"ES256\",\"created\":9223372036854775808,"
      "\"signs_from\":0,\"signs_until\":0,\"publish_until\":0,\"jwk\":" JWK
      ",\"sealed\":\"c2VhbGVk\"}", "broken" },
    { "a missing time",
      "{\"kid\":\"a2lk\",\"alg\":\"ES256\",\"created\":0,"
      "\"signs_from\":0,\"signs_until\":0,\"jwk\":" JWK
      ",\"sealed\":\"c2VhbGVk\"}", "publish_until" },
    { "a jwk as a text",
      "{\"kid\":\"a2lk\",\"alg\":\"ES256\"," TIMES ",\"jwk\":\"{}\""
      ",\"sealed\":\"c2VhbGVk\"}", "not an object" },
    { "an empty jwk",
      "{\"kid\":\"a2lk\",\"alg\":\"ES256\"," TIMES ",\"jwk\":{}"
      ",\"sealed\":\"c2VhbGVk\"}", "kty" },
    { "a private jwk",
      "{\"kid\":\"a2lk\",\"alg\":\"ES256\"," TIMES ",\"jwk\":{" JWK_BUT_END
      ",\"d\":\"ZGQ\"},\"sealed\":\"c2VhbGVk\"}", "not public" },
    { "a symmetric jwk",
      "{\"kid\":\"a2lk\",\"alg\":\"ES256\"," TIMES ",\"jwk\":{" JWK_BUT_END
      ",\"k\":\"ZGQ\"},\"sealed\":\"c2VhbGVk\"}", "not public" },
    { "a jwk of other primes",
      "{\"kid\":\"a2lk\",\"alg\":\"ES256\"," TIMES ",\"jwk\":{" JWK_BUT_END
      ",\"oth\":[]},\"sealed\":\"c2VhbGVk\"}", "not public" },
    { "a number in the jwk",
      "{\"kid\":\"a2lk\",\"alg\":\"ES256\"," TIMES ",\"jwk\":{" JWK_BUT_END
      ",\"n\":5},\"sealed\":\"c2VhbGVk\"}", "not a string" },
    { "a member twice in the jwk",
      "{\"kid\":\"a2lk\",\"alg\":\"ES256\"," TIMES ",\"jwk\":{" JWK_BUT_END
      ",\"x\":\"eHg\"},\"sealed\":\"c2VhbGVk\"}", "broken" },
    { "an empty sealed",
      "{\"kid\":\"a2lk\",\"alg\":\"ES256\"," TIMES ",\"jwk\":" JWK
      ",\"sealed\":\"\"}", "sealed" },
    { "a padded sealed",
      "{\"kid\":\"a2lk\",\"alg\":\"ES256\"," TIMES ",\"jwk\":" JWK
      ",\"sealed\":\"c2VhbGVkeA==\"}", "sealed" },
    { "no sealed",
      "{\"kid\":\"a2lk\",\"alg\":\"ES256\"," TIMES ",\"jwk\":" JWK "}",
      "sealed" },
    { "a null sealed",
      "{\"kid\":\"a2lk\",\"alg\":\"ES256\"," TIMES ",\"jwk\":" JWK
      ",\"sealed\":null}", "string" },
};

static void
check_refused(void)
{
    struct keyrec key;
    size_t i;

    for (i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
        why.text[0] = '\0';
        tap_is_int(-1, keyrec_load(&key, refused[i].json,
                                   strlen(refused[i].json), &why),
                   "%s is refused", refused[i].sentence);
        tap_ok(strncmp(why.text, "key record: ", 12) == 0
               && strstr(why.text, refused[i].reason), "because: %s",
               why.text);
    }
}

static void
check_good(struct keyrec *key)
{
    struct keyrec again;
    char *text;

    tap_is_int(0, keyrec_load(key, RECORD, strlen(RECORD), &why),
               "a good record is read");
    tap_is_str("a2lk", key->kid, "its kid");
    tap_is_int(JOSE_ES256, key->alg, "its alg");
    tap_is_int(1000, key->created, "when it was made");
    tap_is_int(2000, key->signs_from, "when it begins to sign");
    tap_is_int(3000, key->signs_until, "when it ends to sign");
    tap_is_int(4000, key->publish_until, "when it is withdrawn");
    tap_is_str(JWK, key->jwk, "its jwk");
    tap_is_mem("sealed", 6, key->sealed, key->sealed_len, "its sealed part");
    text = keyrec_dump(key);
    tap_is_str(RECORD, text, "it is written as it was");
    tap_is_int(-1, keyrec_load(&again, text, strlen(text) - 1, &why),
               "a cut record is refused");
    free(text);
}

/* The greatest record goes round; one byte more is refused. */
static void
check_limits(const struct keyrec *good)
{
    static struct keyrec key, again;
    char big[2 * KEYREC_JWK_MAX], *text;
    size_t room = KEYREC_JWK_MAX - 1 - strlen(JWK) - strlen(",\"n\":\"\"");

    key = *good;
    memset(key.sealed, 0xa5, sizeof(key.sealed));
    key.sealed_len = sizeof(key.sealed);
    memset(big, 'A', sizeof(big));
    snprintf(key.jwk, sizeof(key.jwk),
             "{" JWK_BUT_END ",\"n\":\"%.*s\"}", (int)room, big);
    text = keyrec_dump(&key);
    tap_is_int(KEYREC_JWK_MAX - 1, (long long)strlen(key.jwk),
               "the greatest jwk");
    tap_is_int(0, keyrec_load(&again, text, strlen(text), &why),
               "the greatest record is read");
    tap_ok(memcmp(&key, &again, sizeof(key)) == 0, "as it was written");
    free(text);
    snprintf(big, sizeof(big),
             "{\"kid\":\"a2lk\",\"alg\":\"ES256\"," TIMES
             ",\"jwk\":{" JWK_BUT_END ",\"n\":\"A%s,\"sealed\":\"c2Vh\"}",
             strstr(key.jwk, "AAAA"));
    tap_is_int(-1, keyrec_load(&again, big, strlen(big), &why),
               "a jwk of a byte more is refused");
    tap_ok(strstr(why.text, "over"), "because: %s", why.text);
}

static void
check_times(struct keyrec key)
{
    static const struct {
        const char *sentence;
        int64_t signs_from, signs_until, publish_until, now;
        bool signs, is_public;
    } rows[] = {
        { "before it signs", 2000, 3000, 4000, 1999, false, true },
        { "when it begins to sign", 2000, 3000, 4000, 2000, true, true },
        { "its last second of signing", 2000, 3000, 4000, 2999, true, true },
        { "when it has signed", 2000, 3000, 4000, 3000, false, true },
        { "its last second of publishing", 2000, 3000, 4000, 3999, false,
          true },
        { "when it is withdrawn", 2000, 3000, 4000, 4000, false, false },
        { "long after", 2000, 3000, 4000, INT64_MAX, false, false },
        { "without an end", 2000, 0, 0, INT64_MAX, true, true },
        { "without an end, before", 2000, 0, 0, 0, false, true },
        { "from the beginning", 0, 0, 0, 0, true, true },
    };
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        key.signs_from = rows[i].signs_from;
        key.signs_until = rows[i].signs_until;
        key.publish_until = rows[i].publish_until;
        tap_ok(keyrec_signs(&key, rows[i].now) == rows[i].signs
               && keyrec_is_public(&key, rows[i].now) == rows[i].is_public,
               "%s it %s and is %s", rows[i].sentence,
               rows[i].signs ? "signs" : "does not sign",
               rows[i].is_public ? "public" : "not public");
    }
}

static void
check_jwks(const struct keyrec *good)
{
    static const char one[] =
        "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"eHg\","
        "\"y\":\"eXk\",\"use\":\"sig\",\"alg\":\"ES256\",\"kid\":\"a2lk\"}]}";
    static struct keyrec keys[3];
    char buf[1024];

    tap_is_int(11, keyrec_jwks(keys, 0, 0, buf, sizeof(buf)), "no keys");
    tap_is_str("{\"keys\":[]}", buf, "are an empty set");
    keys[0] = *good;
    keys[1] = *good;
    keys[2] = *good;
    keys[1].publish_until = 1500;
    tap_is_int((long long)strlen(one), keyrec_jwks(keys, 1, 0, buf,
                                                   sizeof(buf)), "one key");
    tap_is_str(one, buf, "is a set of one");
    tap_is_int((long long)strlen(one), keyrec_jwks(keys, 2, 1500, buf,
                                                   sizeof(buf)),
               "a withdrawn key is left out");
    tap_is_str(one, buf, "of the set");
    tap_ok(keyrec_jwks(keys, 3, 1499, buf, sizeof(buf))
           == (int)strlen(buf) && strstr(buf, "},{"), "three keys are a set");
    tap_is_int(11, keyrec_jwks(keys, 3, 4000, buf, sizeof(buf)),
               "all are withdrawn in the end");
    tap_is_int((long long)strlen(one), keyrec_jwks(keys, 1, 0, buf,
                                                   sizeof(one)),
               "a set that just fits");
    tap_is_int(-1, keyrec_jwks(keys, 1, 0, buf, sizeof(one) - 1),
               "a set that does not fit");
    tap_is_int(-1, keyrec_jwks(keys, 1, 0, buf, 1), "nor in nothing");
}

/* Whatever is in the record, what is private does not get out. */
static void
check_private(const struct keyrec *good)
{
    static const struct {
        const char *sentence;
        const char *jwk;
    } rows[] = {
        { "d", "{" JWK_BUT_END ",\"d\":\"SECRET\"}" },
        { "d first", "{\"d\":\"SECRET\"," JWK_BUT_END "}" },
        { "d, escaped", "{" JWK_BUT_END ",\"\\u0064\":\"SECRET\"}" },
        { "k", "{" JWK_BUT_END ",\"k\":\"SECRET\"}" },
        { "p, q, dp, dq, qi",
          "{" JWK_BUT_END ",\"p\":\"SECRET\",\"q\":\"SECRET\","
          "\"dp\":\"SECRET\",\"dq\":\"SECRET\",\"qi\":\"SECRET\"}" },
        { "oth", "{" JWK_BUT_END ",\"oth\":[{\"d\":\"SECRET\"}]}" },
        { "an object for x", "{\"kty\":\"EC\",\"x\":{\"d\":\"SECRET\"}}" },
    };
    static const char *const broken[] = {
        "", "{", "[]", "null", "{}", "{\"d\":\"SECRET\"}",
        "{\"kty\":\"EC\",\"kty\":\"EC\"}",
    };
    static struct keyrec key;
    char buf[1024];
    size_t i;

    key = *good;
    for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        snprintf(key.jwk, sizeof(key.jwk), "%s", rows[i].jwk);
        tap_ok(keyrec_jwks(&key, 1, 0, buf, sizeof(buf)) > 0
               && !strstr(buf, "SECRET") && strstr(buf, "\"kty\":\"EC\""),
               "%s is not published", rows[i].sentence);
    }
    for (i = 0; i < sizeof(broken) / sizeof(*broken); i++) {
        snprintf(key.jwk, sizeof(key.jwk), "%s", broken[i]);
        tap_is_int(-1, keyrec_jwks(&key, 1, 0, buf, sizeof(buf)),
                   "a broken jwk is refused: %s", broken[i]);
    }
}

int
main(void)
{
    static struct keyrec key;

    check_refused();
    check_good(&key);
    check_limits(&key);
    check_times(key);
    check_jwks(&key);
    check_private(&key);
    return tap_done();
}
