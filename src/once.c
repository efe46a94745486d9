/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Names of what can be used once.
 */

#include <stdlib.h>
#include <string.h>

#include "io/crypto.h"
#include "once.h"

void
once_name(const char *kind, const char *client_id, const char *jti,
          unsigned char use[EXPIRING_ID_LEN])
{
    size_t kind_len = strlen(kind) + 1;
    size_t id_len = strlen(client_id) + 1;
    size_t jti_len = strlen(jti);
    size_t len = kind_len + id_len + jti_len;
    char *text = malloc(len);

    if (text == NULL)
        abort();
    /* With their terminators: no two such texts are the same. */
    memcpy(text, kind, kind_len);
    memcpy(text + kind_len, client_id, id_len);
    memcpy(text + kind_len + id_len, jti, jti_len);
    crypto_sha256(text, len, use);
    free(text);
}
