/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What is said at introspection, and in which form.
 */

#include <stdio.h>
#include <string.h>

#include "core/introspection.h"
#include "tap.h"

#define JWT "application/token-introspection+jwt"

static const struct {
    const char *sentence;
    const char *accept;
    bool wants;
} rows[] = {
    {"its name", JWT, true},
    {"its name in capitals", "APPLICATION/TOKEN-INTROSPECTION+JWT", true},
    {"white space around it", " \t" JWT " ", true},
    {"the last of a list", "application/json, */*;q=0.1, " JWT, true},
    {"the first of a list", JWT ",text/html", true},
    {"empty entries", ",, ," JWT ",", true},
    {"a weight", JWT ";q=0.5", true},
    {"the least weight", JWT ";q=0.001", true},
    {"a weight of one", JWT "; q=1.000", true},
    {"a weight in capitals", JWT ";Q=0.7", true},
    {"another parameter", JWT ";v=\"1,2;q=0\"", true},
    {"the same weight as JSON", "application/json;q=0.8," JWT ";q=0.8", true},
    {"more weight than JSON", "application/json;q=0.7," JWT ";q=0.8", true},
    {"nothing", "", false},
    {"JSON", "application/json", false},
    {"anything", "*/*", false},
    {"any application", "application/*", false},
    {"any, and JSON", "application/json, */*", false},
    {"a weight of zero", JWT ";q=0", false},
    {"a weight of zero with digits", JWT ";q=0.000", false},
    {"a weight of zero behind a parameter", JWT ";a=b ; q=0.0", false},
    {"less weight than JSON", JWT ";q=0.5, application/json", false},
    {"a weight that is none", JWT ";q=x", false},
    {"an empty weight", JWT ";q=", false},
    {"a weight over one", JWT ";q=1.5", false},
    {"a weight of too many digits", JWT ";q=0.1234", false},
    {"a name that goes on", JWT "x", false},
    {"a name that begins earlier", "x" JWT, false},
    {"a name in quotes", "text/html;a=\"," JWT "\"", false},
    {"a name behind an escaped quote", "text/html;a=\"\\\"," JWT "\"", false},
    {"another JWT", "application/jwt", false},
    {"an unfinished quote", "text/html;a=\"" JWT, false},
};

static void
test_text(void)
{
    static const char claims[] = "{\"iss\":\"i\",\"cnf\":{\"jkt\":\"k\"}}";
    static const char array[] =
        "{\"scope\":[\"a\",\"b\"],\"iat\":7,\"x\":[1]}";
    static const char inner[] =
        "{\"scope\":\"a\",\"x\":{\"scope\":[\"b\"]}}";
    char text[256], outer[512];
    struct sbuf sb, signed_sb;

    sbuf_init(&sb, text, sizeof(text));
    introspection_add_inactive(&sb);
    tap_is_str("{\"active\":false}", text, "inactive, and no more");
    sbuf_init(&sb, text, sizeof(text));
    introspection_add_active(&sb, claims, strlen(claims), false);
    tap_is_str("{\"active\":true,\"token_type\":\"Bearer\",\"iss\":\"i\","
               "\"cnf\":{\"jkt\":\"k\"}}",
               text, "active, with the claims");
    sbuf_init(&sb, text, sizeof(text));
    introspection_add_active(&sb, array, strlen(array), true);
    tap_is_str("{\"active\":true,\"iat\":7,\"scope\":\"a b\","
               "\"token_type\":\"DPoP\",\"x\":[1]}",
               text, "a scope that is an array is one string");
    sbuf_init(&sb, text, sizeof(text));
    introspection_add_active(&sb, inner, strlen(inner), false);
    tap_is_str("{\"active\":true,\"scope\":\"a\",\"token_type\":"
               "\"Bearer\",\"x\":{\"scope\":[\"b\"]}}",
               text, "one in a static claim is none");
    sbuf_init(&sb, text, sizeof(text));
    introspection_add_active(&sb, claims, strlen(claims), true);
    tap_is_str("{\"active\":true,\"token_type\":\"DPoP\",\"iss\":\"i\","
               "\"cnf\":{\"jkt\":\"k\"}}",
               text, "a token of a key (RFC 9449, 6.2)");
    sbuf_init(&sb, text, sizeof(text));
    introspection_add_inactive(&sb);
    sbuf_init(&signed_sb, outer, sizeof(outer));
    introspection_add_claims(&signed_sb, "https://as", "rs\"1", 7, &sb);
    tap_is_str("{\"iss\":\"https://as\",\"aud\":\"rs\\u00221\",\"iat\":7,"
               "\"token_introspection\":{\"active\":false}}",
               outer, "the claims of the signed form (RFC 9701, 5)");
}

int
main(void)
{
    size_t i;

    test_text();
    for (i = 0; i < LEN(rows); i++)
        tap_is_int(rows[i].wants, introspection_wants_jwt(rows[i].accept),
                   "%s", rows[i].sentence);
    return tap_done();
}
