/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Opaque tokens that wait for the disk together: the program commits several
 * without a flush, flushes once, and only then gives them.
 */

#ifndef GROUP_H
#define GROUP_H

#include <stdbool.h>

#include "service.h"

/*
 * Whether an opaque token is committed without a flush though the policy wants
 * it on the disk: then no answer may bring it before store_flush().
 */
bool group_is_on(const struct service *service);

/* Before work that takes long: have what waits sent, if anything does. */
void group_hurry(const struct service *service);

#endif /* GROUP_H */
