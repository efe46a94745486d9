/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Public keys from their JWK: private to verifier*.c and encrypter*.c.
 */

#ifndef IO_VERIFIER_PRIV_H
#define IO_VERIFIER_PRIV_H

#include "core/jwk.h"

struct evp_pkey_st;

/*
 * The key as OpenSSL has it, but for JWK_X25519.  The caller frees it.
 *
 * Returns NULL when the numbers are none, with the cause in OpenSSL's queue.
 */
struct evp_pkey_st *verifier_import(const struct jwk *jwk);

#endif /* IO_VERIFIER_PRIV_H */
