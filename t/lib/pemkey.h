/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Keys for tests: those that take long to make are in t/data.
 */

#ifndef T_LIB_PEMKEY_H
#define T_LIB_PEMKEY_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/pem.h>

/*
 * "rsa-2048" and the like are files; "P-256" and the like are curves, other
 * names types.  NULL when there is no such key; the caller frees it.
 */
static EVP_PKEY *
pemkey_get(const char *name)
{
    const char *srcdir = getenv("SRCDIR");
    char path[1024];
    FILE *file;
    EVP_PKEY *pkey = NULL;

    if (strncmp(name, "P-", 2) == 0 || strncmp(name, "secp", 4) == 0)
        return EVP_EC_gen(name);
    if (strncmp(name, "rsa-", 4) != 0)
        return EVP_PKEY_Q_keygen(NULL, NULL, name);
    snprintf(path, sizeof(path), "%s/t/data/key-%s.pem",
             srcdir ? srcdir : ".", name);
    file = fopen(path, "r");
    if (!file)
        return NULL;
    pkey = PEM_read_PrivateKey(file, NULL, NULL, NULL);
    fclose(file);
    return pkey;
}

#endif /* T_LIB_PEMKEY_H */
