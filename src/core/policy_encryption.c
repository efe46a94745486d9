/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * How the tokens of resources are encrypted.
 */

#include "core/policy_priv.h"

static int
check_resource(const struct policy *policy,
               const struct policy_resource *resource, struct errtext *why)
{
    enum token_format format = resource->format != FORMAT_DEFAULT
                                   ? resource->format
                                   : policy->token.format;

    if (resource->encryption_key != NULL) {
        if (format != FORMAT_OPAQUE)
            return 0;
        return errtext_set(why, "resources.encryption_key: \"%s\" is of no "
                                "use for opaque tokens; expected format = "
                                "\"jwt\", or no key",
                           resource->encryption_key);
    }
    if (resource->encryption_alg != JWE_ALG_AUTO)
        return errtext_set(why, "resources.encryption_alg: \"%s\" is without "
                                "a key, and tokens would not be encrypted; "
                                "expected encryption_key beside it",
                           jwe_alg_name(resource->encryption_alg));
    if (resource->encryption_enc != JWE_A256GCM)
        return errtext_set(why, "resources.encryption_enc: \"%s\" is without "
                                "a key, and tokens would not be encrypted; "
                                "expected encryption_key beside it",
                           jwe_enc_name(resource->encryption_enc));
    return 0;
}

int
policy_encryption_check(const struct policy *policy, int *where,
                        struct errtext *why)
{
    size_t i;

    for (i = 0; i < policy->n_resources; i++) {
        *where = (int) i;
        if (check_resource(policy, &policy->resources[i], why) != 0)
            return -1;
    }
    *where = -1;
    return 0;
}
