/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Between the files of guess alone.
 */

#ifndef GUESS_PRIV_H
#define GUESS_PRIV_H

#include <stdbool.h>
#include <stdint.h>

#include "service.h"

/*
 * guess_usual.c: whether a secret of the client was last used from that
 * network.  Takes as long for a client that does not exist as for one with one
 * secret.  What cannot be read is not usual.
 */
bool guess_is_usual(struct service *service, const char *client_id,
                    const char *network, int64_t now);

#endif /* GUESS_PRIV_H */
