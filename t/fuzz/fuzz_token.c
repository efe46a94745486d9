/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What comes to introspection: an Accept field on the first line, a token
 * behind it, taken apart and answered as if its signature were good.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/access.h"
#include "core/b64.h"
#include "core/introspection.h"
#include "core/jparse.h"
#include "core/jws.h"
#include "core/opaque.h"
#include "fuzz.h"

const char fuzz_corpus[] = "token";

#define ISSUER "https://as.example.org"

/* Nobody gets the signed form who does not name it. */
static void
check_accept(const char *accept)
{
    if (introspection_wants_jwt(accept))
        hold(strcasestr(accept, INTROSPECTION_TYPE) != NULL);
}

/* An opaque token has one text: the bytes in it make the same again. */
static void
check_opaque(const char *text, size_t len)
{
    unsigned char random[OPAQUE_RANDOM_LEN], check[OPAQUE_CHECK_LEN];
    char again[OPAQUE_LEN + 1];

    if (!opaque_looks_like(text, len))
        return;
    hold(len == OPAQUE_LEN);
    hold(b64url_decode(text + 5, 43, random, sizeof(random))
         == OPAQUE_RANDOM_LEN);
    hold(b64url_decode(text + OPAQUE_BODY_LEN, 6, check, sizeof(check))
         == OPAQUE_CHECK_LEN);
    opaque_begin(again, random);
    opaque_finish(again, check);
    hold(memcmp(again, text, OPAQUE_LEN) == 0);
}

/* The answer is JSON, and has the claims and two members more. */
static void
check_answer(const char *claims, size_t len, bool is_dpop)
{
    static char answer[JWS_TEXT_MAX + 64], outer[JWS_TEXT_MAX + 1024];
    json_t *was = jparse_object(claims, len, NULL), *now;
    struct sbuf sb, outer_sb;

    if (json_object_get(was, "active") == NULL
        && json_object_get(was, "token_type") == NULL && claims[0] == '{') {
        sbuf_init(&sb, answer, sizeof(answer));
        introspection_add_active(&sb, claims, len, is_dpop);
        now = jparse_object(sb.buf, sb.len, NULL);
        hold(!sb.overflow && json_is_true(json_object_get(now, "active")));
        hold(json_object_size(now) == json_object_size(was) + 2);
        json_decref(now);
        sbuf_init(&outer_sb, outer, sizeof(outer));
        introspection_add_claims(&outer_sb, ISSUER, "caller", 1, &sb);
        hold(!outer_sb.overflow);
    }
    json_decref(was);
}

static void
check_claims(const char *claims, size_t len)
{
    struct errtext why = {.text = ""};
    struct access access;

    (void) access_is_for(claims, len, "https://a");
    if (access_read(&access, claims, len, ISSUER, &why) != 0) {
        check_reason(&why);
        return;
    }
    hold(access.jti[0] != '\0' && strlen(access.jti) < AUDIT_JTI_MAX);
    hold(access.client_id[0] != '\0'
         && strlen(access.client_id) <= CLIENT_ID_MAX);
    hold(access.iat >= 0 && access.exp >= 0
         && access.exp <= JPARSE_TIME_MAX);
    check_answer(claims, len, access.is_dpop);
}

static void
check_token(const char *text, size_t len)
{
    struct errtext why = {.text = ""};
    struct jws jws;

    check_opaque(text, len);
    if (jws_parse(&jws, text, len, &why) != 0) {
        check_reason(&why);
        return;
    }
    check_claims(jws.payload, jws.payload_len);
    jws_free(&jws);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct halves in = halves_of(data, size, true);

    check_accept(in.first);
    check_token(in.rest, in.rest_len);
    check_claims(in.rest, in.rest_len);
    halves_free(&in);
    return 0;
}
