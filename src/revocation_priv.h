/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What the files of revocation.h share.
 */

#ifndef REVOCATION_PRIV_H
#define REVOCATION_PRIV_H

#include <stddef.h>
#include <stdint.h>

#include "core/counter.h"
#include "io/expiring.h"
#include "io/path.h"
#include "revocation.h"

enum {
    /*
     * Bytes of a mark, the terminator included: a revocation writes it in its
     * own transaction, and a list has all that was revoked before the mark
     * that was there when it was begun.
     */
    REVOCATION_MARK_MAX = 24,
    REVOCATION_WAIT = 10,     /* seconds that a command waits for the lock */
};

/*
 * Whoever holds the lock is the one who writes the list, or changes what it
 * has of a client.
 *
 * Returns 1 with *fd for path_unlock(), 0 when another has held it for so many
 * seconds, -1; with the reason in *why unless it is 1.
 */
int revocation_lock(struct service *service, int seconds, int *fd,
                    struct errtext *why);

/* Returns 0 with the file that is locked, or -1 with the reason in *why. */
int revocation_lock_path(const struct service *service,
                         char path[PATH_TEXT_MAX], struct errtext *why);

/*
 * Make the list and write it to its file, under the lock: nobody has collected
 * less, and writes it after this.
 *
 * Returns 0, or -1 with the reason in *why; with *n in any case, how many
 * records were looked at.
 */
int revocation_list_write(struct service *service, int64_t now, int64_t *n,
                          struct errtext *why);

#endif /* REVOCATION_PRIV_H */
