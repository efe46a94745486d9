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
    return JOSE_NONE;
}
