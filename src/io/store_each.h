/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Going through records whose keys are any bytes.  Private to the store and to
 * what else lies in its databases.
 */

#ifndef IO_STORE_EACH_H
#define IO_STORE_EACH_H

#include <stddef.h>

#include "core/errtext.h"
#include "io/store.h"

/*
 * Called for each record in the order of the keys, outside the library; key
 * and value are terminated and borrowed for the call.  Non-zero ends it.
 */
typedef int store_each_from_fn(void *arg, const char *key, size_t key_len,
                               const char *value, size_t len);

/*
 * Begin with the first key that is not before from, the len bytes of which are
 * copied.
 *
 * Returns 0, or what fn returned, or -1 with the reason in *why.
 */
int store_each_from(struct store *store, enum store_db db, const void *from,
                    size_t len, store_each_from_fn *fn, void *arg,
                    struct errtext *why);

#endif /* IO_STORE_EACH_H */
