/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The text of opaque access tokens.
 */

#include <string.h>

#include "core/b64.h"
#include "core/opaque.h"

static const char prefix[] = "ccga_";

enum { PREFIX_LEN = sizeof(prefix) - 1 };

_Static_assert(PREFIX_LEN + B64URL_LEN(OPAQUE_RANDOM_LEN) == OPAQUE_BODY_LEN
                   && OPAQUE_BODY_LEN + B64URL_LEN(OPAQUE_CHECK_LEN)
                          == OPAQUE_LEN,
               "the lengths are those of the parts");

void
opaque_begin(char text[OPAQUE_LEN + 1],
             const unsigned char random[OPAQUE_RANDOM_LEN])
{
    memcpy(text, prefix, PREFIX_LEN);
    b64url_encode(random, OPAQUE_RANDOM_LEN, text + PREFIX_LEN);
}

void
opaque_finish(char text[OPAQUE_LEN + 1],
              const unsigned char check[OPAQUE_CHECK_LEN])
{
    b64url_encode(check, OPAQUE_CHECK_LEN, text + OPAQUE_BODY_LEN);
}

bool
opaque_looks_like(const char *text, size_t len)
{
    unsigned char bytes[OPAQUE_RANDOM_LEN], check[OPAQUE_CHECK_LEN];
    bool good;

    if (len != OPAQUE_LEN || memcmp(text, prefix, PREFIX_LEN) != 0)
        return false;
    good = b64url_decode(text + PREFIX_LEN, OPAQUE_BODY_LEN - PREFIX_LEN,
                         bytes, sizeof(bytes))
               == OPAQUE_RANDOM_LEN
           && b64url_decode(text + OPAQUE_BODY_LEN, OPAQUE_LEN
                            - OPAQUE_BODY_LEN, check, sizeof(check))
                  == OPAQUE_CHECK_LEN;
    explicit_bzero(bytes, sizeof(bytes));
    return good;
}
