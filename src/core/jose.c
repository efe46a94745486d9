/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The names of the signature algorithms.
 */

#include <string.h>

#include "core/jose.h"

static const char *const names[JOSE__MAX] = {
    [JOSE_NONE] = "",       [JOSE_ES256] = "ES256", [JOSE_ES384] = "ES384",
    [JOSE_RS256] = "RS256", [JOSE_PS256] = "PS256", [JOSE_EDDSA] = "EdDSA",
    [JOSE_ES512] = "ES512", [JOSE_RS384] = "RS384", [JOSE_RS512] = "RS512",
    [JOSE_PS384] = "PS384", [JOSE_PS512] = "PS512", [JOSE_HS256] = "HS256",
    [JOSE_HS384] = "HS384", [JOSE_HS512] = "HS512",
};

const char *
jose_name(enum jose_alg alg)
{
    return (unsigned)alg < JOSE__MAX ? names[alg] : "";
}

enum jose_alg
jose_alg(const char *name)
{
    int alg;

    for (alg = JOSE_NONE + 1; alg < JOSE__MAX; alg++)
        if (strcmp(name, names[alg]) == 0)
            return (enum jose_alg)alg;
    return strcmp(name, "Ed25519") == 0 ? JOSE_EDDSA : JOSE_NONE;
}

bool
jose_is_own(enum jose_alg alg)
{
    return alg >= JOSE_ES256 && alg <= JOSE_EDDSA;
}

bool
jose_is_hmac(enum jose_alg alg)
{
    return alg >= JOSE_HS256 && alg <= JOSE_HS512;
}

bool
jose_is_fapi2(enum jose_alg alg)
{
    return alg == JOSE_PS256 || alg == JOSE_ES256 || alg == JOSE_EDDSA;
}
