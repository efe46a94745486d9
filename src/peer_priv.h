/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The authorities of the policy, and what was verified with them: private to
 * peer*.c.
 */

#ifndef PEER_PRIV_H
#define PEER_PRIV_H

#include "io/cert.h"
#include "peer.h"

/*
 * Verify the certificate with the authorities of that file of the policy's
 * mtls.ca, or of all when ca is their number.  What verified is remembered
 * for PEER_REMEMBER_MAX certificates and PEER_REMEMBER_SECONDS, and never
 * beyond the end of its chain.  A file that changed is read again, within a
 * second; what it held before serves on when it cannot be.
 *
 * Returns 1 with *cert, borrowed until the next call; 0 when the certificate
 * is not good, with the reason in *why; -1 with the reason in *why when there
 * are no authorities or OpenSSL failed.
 */
enum { PEER_REMEMBER_MAX = 64, PEER_REMEMBER_SECONDS = 300 };
int peer_memory_verify(struct service *service, const struct peer *peer,
                       size_t ca, int64_t now, const struct cert **cert,
                       struct errtext *why);

#endif /* PEER_PRIV_H */
