/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The keys of DPoP proofs that came of late, ready for use: a client proves
 * the same one again and again.
 */

#ifndef PROOFKEYS_H
#define PROOFKEYS_H

#include "core/binding.h"
#include "core/errtext.h"
#include "core/jwk.h"
#include "core/jws.h"

enum { PROOFKEYS_MAX = 64 };

struct proofkeys;

/* *warm (warm.h) is borrowed.  proofkeys_close() closes. */
struct proofkeys *proofkeys_open(unsigned *warm);

/*
 * Verify a signature with the key, and name the key (RFC 7638).
 *
 * Returns 1 when good; 0 when not, or when it is no key, with the reason in
 * *why; -1 with the reason in *why when OpenSSL failed.
 */
int proofkeys_verify(struct proofkeys *proofkeys, const struct jwk *jwk,
                     const struct jws *jws, char jkt[BINDING_TEXT_MAX],
                     struct errtext *why);

/* NULL is allowed. */
void proofkeys_close(struct proofkeys *proofkeys);

#endif /* PROOFKEYS_H */
