/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * DPoP proofs: what they must say.
 */

#include <jansson.h>
#include <string.h>

#include "core/clock.h"
#include "core/dpop.h"
#include "core/jparse.h"
#include "core/uri.h"

enum { URL_MAX = 4096 };

static int read_key(struct dpop *dpop, struct errtext *why);
static int read_names(struct dpop *dpop, struct errtext *why);
static int read_times(struct dpop *dpop, struct errtext *why);

static int check_htu(const struct dpop *dpop, const struct policy *policy,
                     struct errtext *why);
static int check_age(const struct dpop *dpop, const struct clock *clock,
                     struct errtext *why);

static const json_t *
claim(const struct dpop *dpop, const char *name)
{
    return json_object_get(dpop->jws.claims, name);
}

int
dpop_parse(struct dpop *dpop, const char *text, struct errtext *why)
{
    memset(dpop, 0, sizeof(*dpop));
    if (jws_parse(&dpop->jws, text, strlen(text), why) == 0
        && read_key(dpop, why) == 0 && jws_claims(&dpop->jws, why) == 0
        && read_names(dpop, why) == 0 && read_times(dpop, why) == 0)
        return 0;
    dpop_free(dpop);
    errtext_under(why, RULE_DPOP_PROOF);
    return errtext_context(why, "the proof");
}

static int
read_key(struct dpop *dpop, struct errtext *why)
{
    const json_t *jwk = json_object_get(dpop->jws.header, "jwk");
    enum jose_alg alg = dpop->jws.alg;

    if (!jws_typ_is(&dpop->jws, "dpop+jwt"))
        return errtext_set(why, "its typ is not dpop+jwt");
    if (jose_is_hmac(alg))
        return errtext_set(why, "its alg is for a secret that both sides "
                                "know, not for a key of its own");
    if (jwk == NULL)
        return errtext_set(why, "its header has no jwk");
    if (jwk_read(&dpop->jwk, jwk, why) != 0)
        return errtext_context(why, "its jwk");
    if (!jwk_takes(&dpop->jwk, alg))
        return errtext_set(why, "its alg is not for a key as its jwk");
    if (dpop->jwk.alg != JOSE_NONE && dpop->jwk.alg != alg)
        return errtext_set(why, "its alg is another than that of its jwk");
    return 0;
}

static int
read_names(struct dpop *dpop, struct errtext *why)
{
    const struct {
        const char *name;
        const char **text;
    } names[] = {
        {"jti", &dpop->jti},
        {"htm", &dpop->htm},
        {"htu", &dpop->htu},
    };
    const json_t *nonce = claim(dpop, "nonce");
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const json_t *value = claim(dpop, names[i].name);

        if (json_string_length(value) == 0)
            return errtext_set(why, "its %s is missing, empty or not a string",
                               names[i].name);
        *names[i].text = json_string_value(value);
    }
    dpop->nonce = json_string_value(nonce);
    if (nonce != NULL && dpop->nonce == NULL)
        return errtext_set(why, "its nonce is not a string");
    return 0;
}

static int
read_times(struct dpop *dpop, struct errtext *why)
{
    static const char *const names[] = {"exp", "nbf", "iat"};
    const json_t *value = NULL;
    size_t i;

    for (i = 0; i < 3; i++) {
        value = claim(dpop, names[i]);
        if (value != NULL && jparse_time(&dpop->iat, value) != 0)
            return errtext_set(why, "its %s is not a time in seconds",
                               names[i]);
    }
    if (value == NULL)
        return errtext_set(why, "it has no iat");
    if (json_is_real(value) && (double)dpop->iat > json_real_value(value))
        dpop->iat--;
    return 0;
}

int
dpop_check(const struct dpop *dpop, const struct policy *policy,
           const char *method, int64_t now, struct errtext *why)
{
    struct clock clock = {
        .what = "the proof",
        .claims = dpop->jws.claims,
        .skew = policy->assertions.skew,
        .now = now,
    };

    if (strcmp(dpop->htm, method) != 0)
        return errtext_rule(why, RULE_DPOP_HTM,
                            "the htm of the proof is not the method of the "
                            "request, byte by byte");
    if (check_htu(dpop, policy, why) == 0
        && clock_check_end(&clock, why) == 0
        && clock_check_begin(&clock, "nbf", why) == 0
        && clock_check_begin(&clock, "iat", why) == 0
        && check_age(dpop, &clock, why) == 0)
        return 0;
    return errtext_under(why, RULE_DPOP_TIME);
}

/* The policy's own names alone: Host is what anybody writes. */
static int
check_htu(const struct dpop *dpop, const struct policy *policy,
          struct errtext *why)
{
    char url[URL_MAX], alias[URL_MAX];
    struct sbuf sb, other;

    sbuf_init(&sb, url, sizeof(url));
    policy_url(&sb, policy, "/token");
    if (!sb.overflow && uri_is_same(dpop->htu, url))
        return 0;
    sbuf_init(&other, alias, sizeof(alias));
    policy_mtls_url(&other, policy, "/token");
    if (!other.overflow && uri_is_same(dpop->htu, alias))
        return 0;
    return errtext_rule(why, RULE_DPOP_HTU,
                        "the htu of the proof is not the token endpoint, "
                        "%.150s%s%.150s",
                        url, other.len > 0 ? " or " : "", alias);
}

static int
check_age(const struct dpop *dpop, const struct clock *clock,
          struct errtext *why)
{
    int64_t age = clock->now - dpop->iat, most = DPOP_AGE_MAX + clock->skew;
    struct errtext text;

    if (age <= most)
        return 0;
    return errtext_set(why, "the iat of the proof is %lld seconds ago (%lld "
                            "are allowed)%s",
                       (long long)age, (long long)most,
                       clock_text(clock, &text));
}

void
dpop_free(struct dpop *dpop)
{
    jws_free(&dpop->jws);
    memset(dpop, 0, sizeof(*dpop));
}
