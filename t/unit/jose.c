/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Names of algorithms, exactly.
 */

#include <string.h>

#include "core/jose.h"
#include "../lib/tap.h"

static const struct {
    const char *sentence;
    const char *name;
    enum jose_alg alg;
} rows[] = {
    { "ES256 is known", "ES256", JOSE_ES256 },
    { "ES384 is known", "ES384", JOSE_ES384 },
    { "ES512 is known", "ES512", JOSE_ES512 },
    { "RS256 is known", "RS256", JOSE_RS256 },
    { "RS384 is known", "RS384", JOSE_RS384 },
    { "RS512 is known", "RS512", JOSE_RS512 },
    { "PS256 is known", "PS256", JOSE_PS256 },
    { "PS384 is known", "PS384", JOSE_PS384 },
    { "PS512 is known", "PS512", JOSE_PS512 },
    { "HS256 is known", "HS256", JOSE_HS256 },
    { "HS384 is known", "HS384", JOSE_HS384 },
    { "HS512 is known", "HS512", JOSE_HS512 },
    { "EdDSA is known", "EdDSA", JOSE_EDDSA },
    { "Ed25519 is EdDSA (RFC 9864)", "Ed25519", JOSE_EDDSA },
    { "the empty name is none", "", JOSE_NONE },
    { "none is refused", "none", JOSE_NONE },
    { "None is refused", "None", JOSE_NONE },
    { "NONE is refused", "NONE", JOSE_NONE },
    { "lower case is another name", "es256", JOSE_NONE },
    { "upper case is another name", "EDDSA", JOSE_NONE },
    { "a space before is refused", " ES256", JOSE_NONE },
    { "a space behind is refused", "ES256 ", JOSE_NONE },
    { "a part of a name is refused", "ES25", JOSE_NONE },
    { "a longer name is refused", "ES2560", JOSE_NONE },
    { "ES521 is a slip", "ES521", JOSE_NONE },
    { "ES256K is not made here", "ES256K", JOSE_NONE },
    { "Ed448 is not made here", "Ed448", JOSE_NONE },
    { "ed25519 is another name", "ed25519", JOSE_NONE },
    { "RS1 is not made here", "RS1", JOSE_NONE },
    { "an encryption is no signature", "RSA-OAEP", JOSE_NONE },
};

int
main(void)
{
    size_t i;
    int alg, own = 0, hmac = 0;

    for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        tap_is_int(rows[i].alg, jose_alg(rows[i].name), "%s",
                   rows[i].sentence);
    for (alg = JOSE_NONE + 1; alg < JOSE__MAX; alg++) {
        const char *name = jose_name((enum jose_alg)alg);

        tap_is_int(alg, jose_alg(name),
                   "algorithm %d goes to its name and back", alg);
        tap_is_int(strncmp(name, "HS", 2) == 0,
                   jose_is_hmac((enum jose_alg)alg), "%s: is it an HMAC",
                   name);
        own += jose_is_own((enum jose_alg)alg);
        hmac += jose_is_hmac((enum jose_alg)alg);
    }
    tap_is_int(5, own, "five algorithms are for keys of this server");
    tap_ok(jose_is_own(JOSE_ES256) && jose_is_own(JOSE_ES384)
               && jose_is_own(JOSE_RS256) && jose_is_own(JOSE_PS256)
               && jose_is_own(JOSE_EDDSA),
           "they are ES256, ES384, RS256, PS256 and EdDSA");
    tap_is_int(3, hmac, "three algorithms are HMACs");
    tap_ok(!jose_is_own(JOSE_NONE) && !jose_is_hmac(JOSE_NONE),
           "no algorithm is neither");
    tap_ok(!jose_is_own(JOSE__MAX) && !jose_is_hmac(JOSE__MAX),
           "nor is one beyond the last");
    tap_is_str("", jose_name(JOSE_NONE), "no algorithm has the empty name");
    tap_is_str("", jose_name(JOSE__MAX), "nor has one beyond the last");
    return tap_done();
}
