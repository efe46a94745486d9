/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The two families of hashes behind io/foreign.h: crypt(3), whose costs begin
 * with "$", and PBKDF2.  The contracts are those of io/foreign.h.
 */

#ifndef IO_FOREIGN_PRIV_H
#define IO_FOREIGN_PRIV_H

#include <stdbool.h>

#include "io/foreign.h"


/* Returns the milliseconds of the work, or -1 with the reason in *why. */
long foreign_crypt_check(const char *hash, char cost[FOREIGN_COST_MAX],
                         struct errtext *why);
int foreign_crypt_verify(const char *hash, const char *secret, size_t len,
                         struct errtext *why);
int foreign_crypt_waste(const char *cost, const char *secret, size_t len,
                        struct errtext *why);

long foreign_crypt_ms(const char *cost);

/* What the form of a cost is called. */
const char *foreign_crypt_form(const char *cost);

/* Whether the hash is of this family. */
bool foreign_pbkdf2_is(const char *hash);

int foreign_pbkdf2_check(const char *hash, char cost[FOREIGN_COST_MAX],
                         struct errtext *why);
int foreign_pbkdf2_verify(const char *hash, const char *secret, size_t len,
                          struct errtext *why);
int foreign_pbkdf2_waste(const char *cost, const char *secret, size_t len,
                         struct errtext *why);
long foreign_pbkdf2_ms(const char *cost);

/*
 * foreign_salt.c: the end of a cost: how long the salt is, which is hashed
 * with all else, in blocks.  Of the usual length nothing is said.
 */
#define FOREIGN_SALT ",s="

void foreign_salt_add(char cost[FOREIGN_COST_MAX], size_t len, size_t usual);

/* Returns 0 with *len, or -1 when it is not as it is written here. */
int foreign_salt_read(const char *end, size_t usual, size_t *len);

#endif /* IO_FOREIGN_PRIV_H */
