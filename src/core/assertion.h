/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * JWT client assertions (RFC 7521, 4.2; RFC 7523, 2.2 and 3): what they must
 * say.  Whether the signature is good is another matter.
 */

#ifndef CORE_ASSERTION_H
#define CORE_ASSERTION_H

#include <stdbool.h>
#include <stdint.h>

#include "core/client.h"
#include "core/errtext.h"
#include "core/jws.h"
#include "core/policy.h"

/* The one value of client_assertion_type (RFC 7523, 2.2). */
#define ASSERTION_TYPE "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

/*
 * The greatest skew that a policy can allow, in seconds: how long past its exp
 * the use of an assertion is remembered, whatever the policy says today.
 */
enum { ASSERTION_SKEW_MAX = 300 };

struct assertion {
    struct jws jws;
    const char *client_id; /* iss and sub; borrowed from jws.claims */
    const char *jti;       /* borrowed from jws.claims */
    int64_t expires;       /* exp, rounded up; seconds since the epoch */
};

/*
 * Take an assertion apart.  Beyond what jws_parse() and jws_claims() refuse:
 * a typ other than absent, "JWT" or "client-authentication+jwt"; iss or sub
 * that is missing, no string, or not the same as the other; a jti that is
 * missing, no string or empty; exp that is missing; exp, nbf or iat that is no
 * number from 0 to the end of the year 9999 (fractions are allowed).
 *
 * Returns 0 with *assertion, which the caller frees with assertion_free(), or
 * -1 with the reason in *why and nothing to free.
 */
int assertion_parse(struct assertion *assertion, const char *text, size_t len,
                    struct errtext *why);

/*
 * Check audience and times for this client.
 *
 * aud: with ASSERTION_AUD_STRICT, or typ "client-authentication+jwt", the
 * issuer alone, a string or an array of that one string, compared byte by
 * byte.  With ASSERTION_AUD_LEGACY also the URL of the token endpoint, and an
 * array of strings that has either; mtls.base has such an endpoint too.
 *
 * With FAPI 2.0, the client's or the policy's, also refused: an algorithm
 * other than PS256, ES256 and EdDSA, an aud that is no string, and an exp more
 * than 300 seconds + skew ahead, or than 300 seconds after iat.
 *
 * Times, with the policy's assertions.skew and max_lifetime: exp + skew is
 * past; exp is further ahead than max_lifetime + skew; nbf or iat is further
 * ahead than the skew, or than 10 seconds if that is more, or than 60 if that
 * is less (FAPI 2.0 Security Profile, 5.3.2.1).  The reason then says by how
 * much the client's clock is off, as far as the claims tell.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int assertion_check(const struct assertion *assertion, const struct client *cl,
                    const struct policy *policy, int64_t now,
                    struct errtext *why);

/* Frees what *assertion holds.  All zero is allowed. */
void assertion_free(struct assertion *assertion);

#endif /* CORE_ASSERTION_H */
