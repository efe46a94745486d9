/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What a client signs with and what it signs: a JWK Set on the first line, a
 * client assertion behind it; read, written, read again, and judged.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/assertion.h"
#include "core/b64.h"
#include "core/jparse.h"
#include "core/jwk.h"
#include "core/utf8.h"
#include "fuzz.h"
#include "sample.h"

const char fuzz_corpus[] = "assertion";

enum { SKEW = 30, MAX_LIFETIME = 3600 };

/* Made at the first input, kept to the end. */
static struct policy policy;
static struct client *strict, *legacy;

static void
make_clients(void)
{
    sample_policy(&policy);
    policy.assertions.skew = SKEW;
    policy.assertions.max_lifetime = MAX_LIFETIME;
    strict = client_new("strict", 1);
    strict->assertion_aud = ASSERTION_AUD_STRICT;
    legacy = client_new("legacy", 1);
    legacy->assertion_aud = ASSERTION_AUD_LEGACY;
}

static void
check_key(const struct jwk *key)
{
    char text[JWK_TEXT_MAX];
    struct jwk again;
    struct sbuf sb;
    json_t *object;

    hold(key->type >= JWK_P256 && key->type <= JWK_RSA);
    hold(key->alg == JOSE_NONE || jwk_takes(key, key->alg));
    hold(key->not_before >= 0 && key->not_after >= 0);
    sbuf_init(&sb, text, sizeof(text));
    jwk_write_canonical(&sb, key);
    hold(!sb.overflow);
    sbuf_init(&sb, text, sizeof(text));
    jwk_write(&sb, key);
    hold(!sb.overflow && utf8_is_valid(text, sb.len));
    object = jparse_object(text, sb.len, NULL);
    hold(object != NULL && jwk_read(&again, object, NULL) == 0);
    hold(memcmp(&again, key, sizeof(again)) == 0);
    json_decref(object);
}

/* A set that is good for a file is as good when it is fetched. */
static void
check_set(const char *json, size_t len)
{
    struct jwk *loose = NULL, *exact = NULL;
    struct errtext why = {.text = ""};
    int n = jwk_set_read(&loose, json, len, false, &why), m, i;

    if (n < 0)
        check_reason(&why);
    for (i = 0; i < n; i++)
        check_key(&loose[i]);
    m = jwk_set_read(&exact, json, len, true, &why);
    if (m < 0)
        check_reason(&why);
    hold(n != 0 && n <= JWK_SET_MAX && (m < 0 || m == n));
    if (m > 0)
        hold(memcmp(exact, loose, (size_t)n * sizeof(*loose)) == 0);
    if (m > 0)
        free(exact);
    if (n > 0)
        free(loose);
}

/* Nothing has two encodings: what was decoded encodes to the same text. */
static void
check_jws(const struct jws *jws, const char *text, size_t len)
{
    char sig[B64URL_LEN(JOSE_SIG_MAX) + 1];
    size_t n = b64url_encode(jws->sig, jws->sig_len, sig);
    char *payload = malloc(B64URL_LEN(jws->payload_len) + 1);

    hold(payload != NULL && len <= JWS_TEXT_MAX);
    hold(jws->alg > JOSE_NONE && jws->alg < JOSE__MAX);
    hold(jws->sig_len > 0 && jws->sig_len <= JOSE_SIG_MAX);
    hold(jws->input == text && jws->input_len + 1 + n == len);
    hold(memcmp(text + len - n, sig, n) == 0 && text[len - n - 1] == '.');
    n = b64url_encode(jws->payload, jws->payload_len, payload);
    hold(n < jws->input_len);
    hold(memcmp(text + jws->input_len - n, payload, n) == 0);
    hold(jws->payload[jws->payload_len] == '\0');
    hold(json_object_get(jws->header, "crit") == NULL);
    if (jws->kid != NULL)
        hold(jws->kid[0] != '\0' && strlen(jws->kid) <= JWS_KID_MAX);
    free(payload);
}

/* Who is judged mildly takes what who is judged strictly takes. */
static void
judge(const struct assertion *assertion, int64_t now)
{
    struct errtext why = {.text = ""};
    int rc = assertion_check(assertion, strict, &policy, now, &why);

    if (rc == 0) {
        hold(assertion->expires + SKEW > now);
        hold(assertion->expires <= now + MAX_LIFETIME + SKEW);
        hold(assertion_check(assertion, legacy, &policy, now, NULL) == 0);
        return;
    }
    check_reason(&why);
    if (assertion_check(assertion, legacy, &policy, now, &why) != 0)
        check_reason(&why);
}

static void
check_assertion(const char *text, size_t len)
{
    struct errtext why = {.text = ""};
    struct assertion assertion;
    int64_t exp;

    if (assertion_parse(&assertion, text, len, &why) != 0) {
        check_reason(&why);
        return;
    }
    exp = assertion.expires;
    check_jws(&assertion.jws, text, len);
    hold(assertion.client_id != NULL && assertion.jti[0] != '\0');
    hold(exp >= 0 && exp <= JPARSE_TIME_MAX);
    judge(&assertion, exp - 1);
    judge(&assertion, exp - 60);
    judge(&assertion, exp + SKEW - 1);
    hold(assertion_check(&assertion, legacy, &policy, exp + SKEW, NULL) != 0);
    judge(&assertion, exp - MAX_LIFETIME - SKEW);
    judge(&assertion, exp - MAX_LIFETIME - SKEW - 1);
    judge(&assertion, 0);
    assertion_free(&assertion);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct halves in = halves_of(data, size, false);

    if (policy.issuer == NULL)
        make_clients();
    check_set(in.first, in.first_len);
    check_assertion(in.rest, in.rest_len);
    halves_free(&in);
    return 0;
}
