/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * JWT client assertions: what they must say.
 */

#include <jansson.h>
#include <string.h>

#include "core/assertion.h"
#include "core/clock.h"
#include "core/jparse.h"

#define STRICT_TYP "client-authentication+jwt"

enum {
    FAPI2_LIFETIME_MAX = 300, /* seconds; the profile says "short" */
    URL_MAX = 4096,
};

static int check_typ(const struct jws *jws, struct errtext *why);
static int read_names(struct assertion *assertion, struct errtext *why);
static int read_times(struct assertion *assertion, struct errtext *why);

static int check_profile(const struct assertion *assertion,
                         const struct client *cl, const struct policy *policy,
                         int64_t now, struct errtext *why);
static int check_aud(const struct assertion *assertion,
                     const struct client *cl, const struct policy *policy,
                     struct errtext *why);
static int check_end(const struct clock *clock, struct errtext *why);
static int check_lifetime(const struct assertion *assertion,
                          const struct policy *policy,
                          const struct clock *clock, struct errtext *why);

static const json_t *
claim(const struct assertion *assertion, const char *name)
{
    return json_object_get(assertion->jws.claims, name);
}

int
assertion_parse(struct assertion *assertion, const char *text, size_t len,
                struct errtext *why)
{
    memset(assertion, 0, sizeof(*assertion));
    if (jws_parse(&assertion->jws, text, len, why) == 0
        && jws_claims(&assertion->jws, why) == 0
        && check_typ(&assertion->jws, why) == 0
        && read_names(assertion, why) == 0
        && read_times(assertion, why) == 0)
        return 0;
    assertion_free(assertion);
    errtext_under(why, RULE_ASSERTION_FORM);
    return errtext_context(why, "the assertion");
}

static int
check_typ(const struct jws *jws, struct errtext *why)
{
    if (json_object_get(jws->header, "typ") == NULL
        || jws_typ_is(jws, "JWT") || jws_typ_is(jws, STRICT_TYP))
        return 0;
    return errtext_set(why, "its typ is not that of a client assertion");
}

static int
read_names(struct assertion *assertion, struct errtext *why)
{
    const char *iss = json_string_value(claim(assertion, "iss"));
    const char *sub = json_string_value(claim(assertion, "sub"));

    assertion->client_id = iss;
    assertion->jti = json_string_value(claim(assertion, "jti"));
    if (iss == NULL)
        return errtext_set(why, "its iss is missing or not a string");
    if (sub == NULL)
        return errtext_set(why, "its sub is missing or not a string");
    if (strcmp(iss, sub) != 0)
        return errtext_set(why, "its iss and sub are not the same");
    if (assertion->jti == NULL || assertion->jti[0] == '\0')
        return errtext_set(why, "its jti is missing, empty or not a string");
    return 0;
}

static int
read_times(struct assertion *assertion, struct errtext *why)
{
    static const char *const names[] = {"exp", "nbf", "iat"};
    int64_t times[3];
    size_t i;

    for (i = 0; i < 3; i++) {
        const json_t *value = claim(assertion, names[i]);

        if (value == NULL && i == 0)
            return errtext_set(why, "it has no exp");
        if (value != NULL && jparse_time(&times[i], value) != 0)
            return errtext_set(why, "its %s is not a time in seconds",
                               names[i]);
    }
    assertion->expires = times[0];
    return 0;
}

int
assertion_check(const struct assertion *assertion, const struct client *cl,
                const struct policy *policy, int64_t now, struct errtext *why)
{
    struct clock clock = {
        .what = "the assertion",
        .claims = assertion->jws.claims,
        .skew = policy->assertions.skew,
        .now = now,
    };

    if (check_profile(assertion, cl, policy, now, why) == 0
        && check_aud(assertion, cl, policy, why) == 0
        && check_end(&clock, why) == 0
        && check_lifetime(assertion, policy, &clock, why) == 0
        && clock_check_begin(&clock, "nbf", why) == 0
        && clock_check_begin(&clock, "iat", why) == 0)
        return 0;
    return errtext_under(why, RULE_ASSERTION_EARLY);
}

/* FAPI 2.0 Security Profile, 5.3.2.1 and 5.4.1. */
static int
check_profile(const struct assertion *assertion, const struct client *cl,
              const struct policy *policy, int64_t now, struct errtext *why)
{
    int64_t iat;

    if (!client_is_fapi2(cl, policy))
        return 0;
    if (!jose_is_fapi2(assertion->jws.alg))
        return errtext_rule(why, RULE_ASSERTION_ALG,
                            "the assertion is signed with %s, and FAPI 2.0 "
                            "allows PS256, ES256 and EdDSA",
                            jose_name(assertion->jws.alg));
    if (!json_is_string(claim(assertion, "aud")))
        return errtext_rule(why, RULE_ASSERTION_AUD,
                            "FAPI 2.0 wants the aud of the assertion as a "
                            "string, the issuer");
    if (jparse_time(&iat, claim(assertion, "iat")) == 0
        && assertion->expires - iat > FAPI2_LIFETIME_MAX)
        return errtext_rule(why, RULE_ASSERTION_LIFETIME,
                            "the assertion is for %lld seconds from its iat "
                            "on, and for FAPI 2.0 %d are allowed",
                            (long long)(assertion->expires - iat),
                            FAPI2_LIFETIME_MAX);
    if (assertion->expires - now > FAPI2_LIFETIME_MAX
                                       + policy->assertions.skew)
        return errtext_rule(why, RULE_ASSERTION_LIFETIME,
                            "the assertion expires %lld seconds from now, and "
                            "for FAPI 2.0 %d are allowed",
                            (long long)(assertion->expires - now),
                            FAPI2_LIFETIME_MAX);
    return 0;
}

/*
 * Whether aud is that text or an array with it: of nothing else when alone,
 * else of strings.
 */
static bool
names(const json_t *aud, const char *text, bool alone)
{
    size_t i, n = json_array_size(aud);
    bool found = false;

    if (json_is_string(aud))
        return strcmp(json_string_value(aud), text) == 0;
    for (i = 0; i < n; i++) {
        const char *entry = json_string_value(json_array_get(aud, i));

        if (entry == NULL)
            return false;
        found = found || strcmp(entry, text) == 0;
    }
    return found && (n == 1 || !alone);
}

/* The token endpoint, also where certificates are asked for. */
static bool
names_endpoint(const json_t *aud, const struct policy *policy)
{
    char url[URL_MAX];
    struct sbuf sb;

    sbuf_init(&sb, url, sizeof(url));
    policy_url(&sb, policy, "/token");
    if (names(aud, url, false))
        return true;
    sbuf_init(&sb, url, sizeof(url));
    policy_mtls_url(&sb, policy, "/token");
    return url[0] != '\0' && names(aud, url, false);
}

static int
check_aud(const struct assertion *assertion, const struct client *cl,
          const struct policy *policy, struct errtext *why)
{
    const json_t *aud = claim(assertion, "aud");
    bool typed = jws_typ_is(&assertion->jws, STRICT_TYP);
    bool strict = typed || client_is_fapi2(cl, policy)
                  || cl->assertion_aud == ASSERTION_AUD_STRICT;

    if (names(aud, policy->issuer, strict))
        return 0;
    if (aud == NULL)
        return errtext_rule(why, RULE_ASSERTION_AUD,
                            "the assertion has no aud");
    if (!names_endpoint(aud, policy))
        return errtext_rule(why, RULE_ASSERTION_AUD,
                            "the aud of the assertion is not %s%.200s",
                            strict ? "the issuer alone, " : "",
                            policy->issuer);
    if (!strict)
        return 0;
    return errtext_rule(why, RULE_ASSERTION_AUD,
                        "the aud of the assertion is the token endpoint, not "
                        "the issuer alone, %.100s: correct the client%s",
                        policy->issuer,
                        typed || client_is_fapi2(cl, policy)
                            ? "" : ", or set its --assertion-aud legacy");
}

static int
check_end(const struct clock *clock, struct errtext *why)
{
    if (clock_check_end(clock, why) == 0)
        return 0;
    return errtext_under(why, RULE_ASSERTION_EXPIRED);
}

static int
check_lifetime(const struct assertion *assertion, const struct policy *policy,
               const struct clock *clock, struct errtext *why)
{
    int64_t left = assertion->expires - clock->now;
    int64_t max = policy->assertions.max_lifetime;
    struct errtext text;

    if (left <= max + clock->skew)
        return 0;
    return errtext_rule(why, RULE_ASSERTION_LIFETIME,
                        "the assertion expires %lld seconds from now "
                        "(assertions.max_lifetime is %lld)%s",
                        (long long)left, (long long)max,
                        clock_text(clock, &text));
}

void
assertion_free(struct assertion *assertion)
{
    jws_free(&assertion->jws);
    memset(assertion, 0, sizeof(*assertion));
}
