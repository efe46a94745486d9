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
    { "RS256 is known", "RS256", JOSE_RS256 },
    { "PS256 is known", "PS256", JOSE_PS256 },
    { "EdDSA is known", "EdDSA", JOSE_EDDSA },
    { "the empty name is none", "", JOSE_NONE },
    { "none is refused", "none", JOSE_NONE },
    { "None is refused", "None", JOSE_NONE },
    { "lower case is another name", "es256", JOSE_NONE },
    { "upper case is another name", "EDDSA", JOSE_NONE },
    { "a space before is refused", " ES256", JOSE_NONE },
    { "a space behind is refused", "ES256 ", JOSE_NONE },
    { "a part of a name is refused", "ES25", JOSE_NONE },
    { "a longer name is refused", "ES2560", JOSE_NONE },
    { "an HMAC is refused", "HS256", JOSE_NONE },
    { "ES512 is not made here", "ES512", JOSE_NONE },
    { "the curve is not the algorithm", "Ed25519", JOSE_NONE },
};

int
main(void)
{
    size_t i;
    int alg;

    for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        tap_is_int(rows[i].alg, jose_alg(rows[i].name), "%s",
                   rows[i].sentence);
    for (alg = JOSE_NONE + 1; alg < JOSE__MAX; alg++)
        tap_is_int(alg, jose_alg(jose_name((enum jose_alg)alg)),
                   "algorithm %d goes to its name and back", alg);
    tap_is_str("", jose_name(JOSE_NONE), "no algorithm has the empty name");
    tap_is_str("", jose_name(JOSE__MAX), "nor has one beyond the last");
    return tap_done();
}
