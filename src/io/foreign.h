/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Hashes of secrets that other systems made, verified as they are: crypt(3)
 * with all that libcrypt knows, bcrypt and yescrypt among them; PBKDF2 as
 * Django writes it (pbkdf2_sha256$ITERATIONS$SALT$HASH, pbkdf2_sha1 likewise)
 * and as Hydra does ($pbkdf2-sha256$i=N,l=N$SALT$HASH, $pbkdf2-sha512$...).
 */

#ifndef IO_FOREIGN_H
#define IO_FOREIGN_H

#include <stddef.h>

#include "core/errtext.h"

enum {
    FOREIGN_HASH_MAX = 512, /* characters */
    FOREIGN_COST_MAX = 128, /* characters */
};

/*
 * Whether hash is one of a form that is known and good enough: forms that a
 * laptop breaks in a moment (DES, MD5 without rounds, NTLM, ...) are refused
 * with the reason, and so are costs that would hold up a worker for seconds.
 * cost then names the work that a check is, without salt and hash: two hashes
 * of one cost take the same time.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int foreign_check(const char *hash, char cost[FOREIGN_COST_MAX],
                  struct errtext *why);

/*
 * Whether the secret has that hash; takes what its cost says, right or wrong.
 * A secret that the form cannot hold whole (bcrypt: over 72 bytes) is wrong.
 *
 * Returns 1 or 0, or -1 with the reason in *why.
 */
int foreign_verify(const char *hash, const char *secret, size_t len,
                   struct errtext *why);

/*
 * Do the work of a check of that cost, for nobody.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int foreign_waste(const char *cost, const char *secret, size_t len,
                  struct errtext *why);

#endif /* IO_FOREIGN_H */
