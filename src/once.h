/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Names of what can be used once.
 */

#ifndef ONCE_H
#define ONCE_H

#include "io/expiring.h"

/*
 * The name of a use: of that kind, by that client, with that jti.  No two that
 * differ in any of the three have the same.
 */
void once_name(const char *kind, const char *client_id, const char *jti,
               unsigned char use[EXPIRING_ID_LEN]);

#endif /* ONCE_H */
