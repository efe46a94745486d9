/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The header and the claims of a JWT access token, to the letter.
 */

#include <stdio.h>
#include <string.h>

#include "core/claims.h"
#include "tap.h"

static const unsigned char jti[CLAIMS_JTI_LEN] = {
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0xff};

static const struct {
    const char *sentence;
    const char *issuer, *client;
    const char *scope;
    const char *audience[3];
    int64_t now, lifetime;
    const char *claims;
    struct binding binding;
    const char *details, *extra; /* NULL: none */
    unsigned compat;
} rows[] = {
    {"one audience is a string", "https://as.example.org", "batch-7",
     "orders.read", {"https://api.example.org/orders"}, 1800000000, 3600,
     "{\"iss\":\"https://as.example.org\",\"sub\":\"batch-7\","
     "\"aud\":\"https://api.example.org/orders\","
     "\"client_id\":\"batch-7\",\"iat\":1800000000,\"exp\":1800003600,"
     "\"jti\":\"AAECAwQFBgcICQoLDA0O_w\",\"scope\":\"orders.read\"}",
     {"", ""}, NULL, NULL, 0},
    {"several audiences are an array", "https://as", "a", "x y",
     {"https://a", "https://b", "https://c"}, 1, 2,
     "{\"iss\":\"https://as\",\"sub\":\"a\",\"aud\":[\"https://a\","
     "\"https://b\",\"https://c\"],\"client_id\":\"a\",\"iat\":1,\"exp\":3,"
     "\"jti\":\"AAECAwQFBgcICQoLDA0O_w\",\"scope\":\"x y\"}",
     {"", ""}, NULL, NULL, 0},
    {"no scope is no member", "https://as", "a", "", {"https://a"}, 1, 2,
     "{\"iss\":\"https://as\",\"sub\":\"a\",\"aud\":\"https://a\","
     "\"client_id\":\"a\",\"iat\":1,\"exp\":3,"
     "\"jti\":\"AAECAwQFBgcICQoLDA0O_w\"}",
     {"", ""}, NULL, NULL, 0},
    {"an id forges no claim", "https://as", "a\",\"scope\":\"all\\", "",
     {"https://a"}, 1, 2,
     "{\"iss\":\"https://as\","
     "\"sub\":\"a\\u0022,\\u0022scope\\u0022:\\u0022all\\u005c\","
     "\"aud\":\"https://a\","
     "\"client_id\":\"a\\u0022,\\u0022scope\\u0022:\\u0022all\\u005c\","
     "\"iat\":1,\"exp\":3,\"jti\":\"AAECAwQFBgcICQoLDA0O_w\"}",
     {"", ""}, NULL, NULL, 0},
    {"a time beyond 32 bits", "https://as", "a", "", {"https://a"},
     4294967296, 86400,
     "{\"iss\":\"https://as\",\"sub\":\"a\",\"aud\":\"https://a\","
     "\"client_id\":\"a\",\"iat\":4294967296,\"exp\":4295053696,"
     "\"jti\":\"AAECAwQFBgcICQoLDA0O_w\"}",
     {"", ""}, NULL, NULL, 0},
    {"a certificate (RFC 8705, 3.1)", "https://as", "a", "", {"https://a"}, 1,
     2,
     "{\"iss\":\"https://as\",\"sub\":\"a\",\"aud\":\"https://a\","
     "\"client_id\":\"a\",\"iat\":1,\"exp\":3,"
     "\"jti\":\"AAECAwQFBgcICQoLDA0O_w\",\"cnf\":{\"x5t#S256\":\"cert\"}}",
     {"cert", ""}, NULL, NULL, 0},
    {"a proof (RFC 9449, 6.1)", "https://as", "a", "", {"https://a"}, 1, 2,
     "{\"iss\":\"https://as\",\"sub\":\"a\",\"aud\":\"https://a\","
     "\"client_id\":\"a\",\"iat\":1,\"exp\":3,"
     "\"jti\":\"AAECAwQFBgcICQoLDA0O_w\",\"cnf\":{\"jkt\":\"key\"}}",
     {"", "key"}, NULL, NULL, 0},
    {"both", "https://as", "a", "s", {"https://a"}, 1, 2,
     "{\"iss\":\"https://as\",\"sub\":\"a\",\"aud\":\"https://a\","
     "\"client_id\":\"a\",\"iat\":1,\"exp\":3,"
     "\"jti\":\"AAECAwQFBgcICQoLDA0O_w\",\"scope\":\"s\","
     "\"cnf\":{\"x5t#S256\":\"cert\",\"jkt\":\"key\"}}",
     {"cert", "key"}, NULL, NULL, 0},
    {"authorization details (RFC 9396, 9.1), and static claims", "https://as",
     "a", "s", {"https://a"}, 1, 2,
     "{\"iss\":\"https://as\",\"sub\":\"a\",\"aud\":\"https://a\","
     "\"client_id\":\"a\",\"iat\":1,\"exp\":3,"
     "\"jti\":\"AAECAwQFBgcICQoLDA0O_w\",\"scope\":\"s\","
     "\"cnf\":{\"jkt\":\"key\"},"
     "\"authorization_details\":[{\"type\":\"t\"}],\"tier\":2}",
     {"", "key"}, "[{\"type\":\"t\"}]", ",\"tier\":2", 0},
    {"a scope as an array", "https://as", "a", "x y zz", {"https://a"}, 1, 2,
     "{\"iss\":\"https://as\",\"sub\":\"a\",\"aud\":\"https://a\","
     "\"client_id\":\"a\",\"iat\":1,\"exp\":3,"
     "\"jti\":\"AAECAwQFBgcICQoLDA0O_w\",\"scope\":[\"x\",\"y\",\"zz\"]}",
     {"", ""}, NULL, NULL, COMPAT_SCOPE},
    {"one scope as an array, and one audience", "https://as", "a", "x",
     {"https://a"}, 1, 2,
     "{\"iss\":\"https://as\",\"sub\":\"a\",\"aud\":[\"https://a\"],"
     "\"client_id\":\"a\",\"iat\":1,\"exp\":3,"
     "\"jti\":\"AAECAwQFBgcICQoLDA0O_w\",\"scope\":[\"x\"]}",
     {"", ""}, NULL, NULL, COMPAT_SCOPE | COMPAT_AUD},
    {"no scope is no member in any form", "https://as", "a", "",
     {"https://a"}, 1, 2,
     "{\"iss\":\"https://as\",\"sub\":\"a\",\"aud\":\"https://a\","
     "\"client_id\":\"a\",\"iat\":1,\"exp\":3,"
     "\"jti\":\"AAECAwQFBgcICQoLDA0O_w\"}",
     {"", ""}, NULL, NULL, COMPAT_SCOPE},
};

static void
set_grant(struct grant *grant, size_t row)
{
    memset(grant, 0, sizeof(*grant));
    snprintf(grant->scope, sizeof(grant->scope), "%s", rows[row].scope);
    while (grant->n_audiences < LEN(rows[row].audience)
           && rows[row].audience[grant->n_audiences] != NULL) {
        grant->audience[grant->n_audiences] =
            rows[row].audience[grant->n_audiences];
        grant->n_audiences++;
    }
    grant->lifetime = rows[row].lifetime;
    grant->compat = rows[row].compat;
    if (rows[row].details != NULL)
        snprintf(grant->details, sizeof(grant->details), "%s",
                 rows[row].details);
    if (rows[row].extra != NULL)
        snprintf(grant->claims, sizeof(grant->claims), "%s",
                 rows[row].extra);
}

static void
test_headers(void)
{
    char text[CLAIMS_HEADER_MAX];
    struct sbuf sb;
    int alg;

    for (alg = JOSE_NONE + 1; alg < JOSE__MAX; alg++) {
        char expected[128];

        snprintf(expected, sizeof(expected),
                 "{\"typ\":\"at+jwt\",\"alg\":\"%s\",\"kid\":\"k\"}",
                 jose_name((enum jose_alg) alg));
        sbuf_init(&sb, text, sizeof(text));
        claims_header(&sb, (enum jose_alg) alg, "k");
        tap_is_str(expected, text, "the header of %s (RFC 9068, 2.1)",
                   jose_name((enum jose_alg) alg));
    }
    sbuf_init(&sb, text, sizeof(text));
    claims_typ_header(&sb, CLAIMS_TYP_PLAIN, JOSE_ES256, "k");
    tap_is_str("{\"typ\":\"JWT\",\"alg\":\"ES256\",\"kid\":\"k\"}", text,
               "the header of a plain JWT");
    sbuf_init(&sb, text, sizeof(text));
    claims_header(&sb, JOSE_ES256, "a\"b");
    tap_is_str("{\"typ\":\"at+jwt\",\"alg\":\"ES256\",\"kid\":"
               "\"a\\u0022b\"}", text, "a kid forges no member");
}

/* The greatest grant that can be decided fits, with ids of usual length. */
static void
test_room(void)
{
    static struct grant grant;
    static char claims[CLAIMS_MAX];
    struct binding all;
    struct sbuf sb;

    memset(&all, 0, sizeof(all));
    memset(all.x5t, 'x', BINDING_TEXT_MAX - 1);
    memset(all.jkt, 'j', BINDING_TEXT_MAX - 1);
    grant.audience[0] = "https://api.example.org/orders";
    grant.n_audiences = 1;
    grant.lifetime = 1;
    memset(grant.scope, 'x', sizeof(grant.scope) - 1);
    memset(grant.details, 'd', sizeof(grant.details) - 1);
    memset(grant.claims, 'c', sizeof(grant.claims) - 1);
    sbuf_init(&sb, claims, sizeof(claims));
    claims_add(&sb, "https://as.example.org", "a", &grant, &all, 1, jti);
    tap_ok(!sb.overflow, "the longest scope, details and static claims fit");
    sbuf_init(&sb, claims, 64);
    claims_add(&sb, "https://as.example.org", "a", &grant, &all, 1, jti);
    tap_ok(sb.overflow, "claims that do not fit say so");
}

int
main(void)
{
    char claims[CLAIMS_MAX];
    struct grant grant;
    struct sbuf sb;
    size_t i;

    for (i = 0; i < LEN(rows); i++) {
        set_grant(&grant, i);
        sbuf_init(&sb, claims, sizeof(claims));
        claims_add(&sb, rows[i].issuer, rows[i].client, &grant,
                   &rows[i].binding, rows[i].now, jti);
        tap_is_str(rows[i].claims, claims, "%s", rows[i].sentence);
    }
    test_headers();
    test_room();
    return tap_done();
}
