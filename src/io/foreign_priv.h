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

int foreign_crypt_check(const char *hash, char cost[FOREIGN_COST_MAX],
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

#endif /* IO_FOREIGN_PRIV_H */
