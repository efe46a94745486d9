/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * A URL on the first line, a DPoP proof behind it: compared, and judged.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/dpop.h"
#include "core/jparse.h"
#include "core/uri.h"
#include "fuzz.h"
#include "sample.h"

const char fuzz_corpus[] = "proof";

#define TOKEN "https://as.example.org/oauth2/v1/token"

enum { SKEW = 30 };

/* Made at the first input, kept to the end. */
static struct policy policy;

/* Who is the same as another is the same as itself, either way round. */
static void
check_url(const char *url, const char *other)
{
    bool same = uri_is_same(url, other);

    hold(uri_is_same(other, url) == same);
    if (same)
        hold(uri_is_same(url, url) && uri_is_same(other, other));
}

static void
judge(const struct dpop *dpop, const char *method, int64_t now)
{
    struct errtext why = {.text = ""};

    if (dpop_check(dpop, &policy, method, now, &why) != 0) {
        check_reason(&why);
        return;
    }
    hold(strcmp(dpop->htm, method) == 0 && uri_is_same(dpop->htu, TOKEN));
    hold(dpop->iat >= now - DPOP_AGE_MAX - SKEW && dpop->iat <= now + SKEW);
}

static void
check_times(const struct dpop *dpop)
{
    int64_t iat = dpop->iat, most = DPOP_AGE_MAX + SKEW;

    hold(iat >= 0 && iat <= JPARSE_TIME_MAX);
    judge(dpop, "POST", iat);
    judge(dpop, dpop->htm, iat);
    judge(dpop, dpop->htm, iat - SKEW);
    judge(dpop, dpop->htm, iat + most);
    hold(dpop_check(dpop, &policy, dpop->htm, iat + most + 1, NULL) != 0);
    hold(dpop_check(dpop, &policy, dpop->htm, iat - SKEW - 1, NULL) != 0);
}

static void
check_proof(const char *text, const char *url)
{
    static const struct dpop zero;
    struct errtext why = {.text = ""};
    struct dpop dpop;

    if (dpop_parse(&dpop, text, &why) != 0) {
        check_reason(&why);
        hold(memcmp(&dpop, &zero, sizeof(zero)) == 0);
        return;
    }
    hold(jwk_takes(&dpop.jwk, dpop.jws.alg) && !jose_is_hmac(dpop.jws.alg));
    hold(dpop.jwk.alg == JOSE_NONE || dpop.jwk.alg == dpop.jws.alg);
    hold(jws_typ_is(&dpop.jws, "dpop+jwt"));
    hold(dpop.jti[0] != '\0' && dpop.htm[0] != '\0' && dpop.htu[0] != '\0');
    hold((dpop.nonce == NULL)
         == (json_object_get(dpop.jws.claims, "nonce") == NULL));
    check_url(dpop.htu, url);
    check_times(&dpop);
    dpop_free(&dpop);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct halves in = halves_of(data, size, true);

    if (policy.issuer == NULL) {
        sample_policy(&policy);
        policy.assertions.skew = SKEW;
    }
    check_url(in.first, TOKEN);
    check_proof(in.rest, in.first);
    halves_free(&in);
    return 0;
}
