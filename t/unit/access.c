/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The claims of this server's tokens, read back.
 */

#include <stdio.h>
#include <string.h>

#include "core/access.h"
#include "core/claims.h"
#include "tap.h"

#define ISSUER "https://as.example.org"
#define ISS "\"iss\":\"" ISSUER "\","
#define REST ",\"client_id\":\"a\",\"iat\":7,\"exp\":9"

static const struct {
    const char *sentence;
    const char *claims;
    const char *fault; /* a part of the reason */
} bad[] = {
    {"nothing", "", "claims"},
    {"an array", "[]", "claims"},
    {"broken JSON", "{" ISS "\"jti\":\"j\"" REST, "claims"},
    {"a member twice", "{" ISS ISS "\"jti\":\"j\"" REST "}", "twice"},
    {"no iss", "{\"jti\":\"j\"" REST "}", "issuer"},
    {"another iss", "{\"iss\":\"https://as.example.com\",\"jti\":\"j\"" REST
     "}", "issuer"},
    {"an iss with a slash behind it", "{\"iss\":\"" ISSUER "/\",\"jti\":\"j\""
     REST "}", "issuer"},
    {"an iss that is a number", "{\"iss\":1,\"jti\":\"j\"" REST "}",
     "issuer"},
    {"no jti", "{" ISS "\"x\":1" REST "}", "jti"},
    {"an empty jti", "{" ISS "\"jti\":\"\"" REST "}", "jti"},
    {"a jti that is a number", "{" ISS "\"jti\":1" REST "}", "jti"},
    {"a jti too long", "{" ISS
     "\"jti\":\"0123456789abcdef0123456789abcdef\"" REST "}", "jti"},
    {"no client_id", "{" ISS "\"jti\":\"j\",\"iat\":7,\"exp\":9}",
     "client_id"},
    {"an empty client_id",
     "{" ISS "\"jti\":\"j\",\"client_id\":\"\",\"iat\":7,\"exp\":9}",
     "client_id"},
    {"no iat", "{" ISS "\"jti\":\"j\",\"client_id\":\"a\",\"exp\":9}",
     "times"},
    {"no exp", "{" ISS "\"jti\":\"j\",\"client_id\":\"a\",\"iat\":7}",
     "times"},
    {"an exp that is text",
     "{" ISS "\"jti\":\"j\",\"client_id\":\"a\",\"iat\":7,\"exp\":\"9\"}",
     "times"},
    {"a negative exp",
     "{" ISS "\"jti\":\"j\",\"client_id\":\"a\",\"iat\":7,\"exp\":-9}",
     "times"},
};

static void
test_own(const char *jkt, bool is_dpop)
{
    struct grant grant = {.scope = "s", .audience = {"https://a", "https://b"},
                          .n_audiences = 2, .lifetime = 60};
    unsigned char jti[CLAIMS_JTI_LEN] = {0};
    struct access access;
    struct binding binding = {.x5t = ""};
    char text[CLAIMS_MAX];
    struct errtext why = {.text = ""};
    struct sbuf sb;

    snprintf(binding.jkt, sizeof(binding.jkt), "%s", jkt);
    sbuf_init(&sb, text, sizeof(text));
    claims_add(&sb, ISSUER, "a\"b", &grant, &binding, 1800000000, jti);
    tap_is_int(0, access_read(&access, sb.buf, sb.len, ISSUER, &why),
               "what this server writes: %s", why.text);
    tap_is_str("a\"b", access.client_id, "its client");
    tap_is_str("AAAAAAAAAAAAAAAAAAAAAA", access.jti, "its jti");
    tap_is_int(1800000000, access.iat, "its iat");
    tap_is_int(1800000060, access.exp, "its exp");
    tap_is_int(is_dpop, access.is_dpop, "whether a key binds it");
    tap_ok(access_is_for(sb.buf, sb.len, "https://a"), "its first audience");
    tap_ok(access_is_for(sb.buf, sb.len, "https://b"), "its second audience");
    tap_ok(!access_is_for(sb.buf, sb.len, "https://c"), "no audience of it");
    tap_ok(!access_is_for(sb.buf, sb.len, "https://"), "a part of one");
}

int
main(void)
{
    static const char one[] = "{\"aud\":\"https://a\"}", none[] = "{}";
    struct access access;
    size_t i;

    test_own("", false);
    test_own("thumb", true);
    tap_ok(access_is_for(one, strlen(one), "https://a"), "the only audience");
    tap_ok(!access_is_for(one, strlen(one), ""), "none at all");
    tap_ok(!access_is_for(none, strlen(none), "https://a"), "claims without");
    for (i = 0; i < LEN(bad); i++) {
        struct errtext why = {.text = ""};

        tap_is_int(-1, access_read(&access, bad[i].claims,
                                   strlen(bad[i].claims), ISSUER, &why),
                   "%s is refused", bad[i].sentence);
        tap_ok(strstr(why.text, bad[i].fault) != NULL, "%s: its reason: %s",
               bad[i].sentence, why.text);
    }
    return tap_done();
}
