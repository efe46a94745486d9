/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What the files of the signer share.
 */

#ifndef IO_SIGNER_PRIV_H
#define IO_SIGNER_PRIV_H

#include "core/errtext.h"
#include "core/jose.h"

struct evp_pkey_st; /* OpenSSL's EVP_PKEY */
struct signer;

/*
 * A signer of that key, which it takes, even when it fails.  alg is not an
 * HMAC.
 *
 * Returns 0 with *signer, or -1 with the reason in *why.
 */
int signer_new(struct signer **signer, enum jose_alg alg,
               struct evp_pkey_st *pkey, struct errtext *why);

#endif /* IO_SIGNER_PRIV_H */
