/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Hashes of secrets that other systems made, verified as they are.  Taken
 * are, of crypt(3):
 *
 *   $2b$ $2a$ $2y$   bcrypt          cost 4 to 13
 *   $y$              yescrypt        N and r, 1 to 128 MB
 *   $gy$             gost-yescrypt   likewise
 *   $7$              scrypt          likewise
 *   $6$              sha512crypt     1000 to 100000 rounds
 *   $5$              sha256crypt     likewise
 *
 * and PBKDF2 with 1000 to 1600000 iterations, of SHA-512 to 600000, as Django
 * writes it (pbkdf2_sha256$ITERATIONS$SALT$HASH, pbkdf2_sha1 likewise) and as
 * Hydra does ($pbkdf2-sha256$i=N,l=N$SALT$HASH, $pbkdf2-sha512$...).  The
 * greatest of each takes three quarters of a second or less on a small server,
 * whatever secret somebody sends.
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
 * laptop breaks in a moment (DES, MD5-crypt, NTLM, ...) are refused with the
 * reason, and so are costs that would hold up a worker for seconds.  cost then
 * names the work that a check is, without salt and hash and in visible ASCII:
 * whatever makes it more or less, the length of the salt too, but nothing of
 * the secret.  Two hashes of one cost take the same time.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int foreign_check(const char *hash, char cost[FOREIGN_COST_MAX],
                  struct errtext *why);

/*
 * Whether the secret has that hash; takes what its cost says, right or wrong.
 * A secret with a zero byte is wrong, and so is one that the form cannot hold
 * whole (bcrypt: over 72 bytes; the others of crypt(3): over 511).
 *
 * Returns 1 or 0, or -1 with the reason in *why: the hash is refused, or its
 * library does not take it.
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

/*
 * The milliseconds that a check of that cost takes on a small server, with the
 * secret that takes longest; an estimate, the same everywhere.  0 when the
 * cost is unknown.
 */
long foreign_ms(const char *cost);

/* What the form of that cost is called: "bcrypt", "PBKDF2".  Static text. */
const char *foreign_form(const char *cost);

/*
 * Write that cost for people: "bcrypt 12", "PBKDF2-SHA256 600000",
 * "sha512crypt 5000 (salt of 8)".
 */
void foreign_describe(const char *cost, char text[FOREIGN_COST_MAX]);

#endif /* IO_FOREIGN_H */
