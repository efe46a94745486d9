/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The buffer that a body is read into.
 */

#include <stdlib.h>

#include "core/alloc.h"
#include "io/crypto.h"
#include "io/web_priv.h"

void
web_body_reserve(struct web_body *body, size_t max)
{
    if (max < body->cap)
        return;
    web_body_free(body);
    body->cap = max + 1;
    body->buf = alloc_zero(1, body->cap);
}

void
web_body_wipe(struct web_body *body)
{
    if (body->used > 0)
        crypto_wipe(body->buf, body->used);
    body->used = 0;
}

void
web_body_free(struct web_body *body)
{
    web_body_wipe(body);
    free(body->buf);
    body->buf = NULL;
    body->cap = 0;
}
