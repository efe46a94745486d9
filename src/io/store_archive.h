/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What becomes of logs that are no longer needed.  Private to the store.
 */

#ifndef IO_STORE_ARCHIVE_H
#define IO_STORE_ARCHIVE_H

#include "io/store.h"

/*
 * Move the logs that no recovery needs to the archive of the store, or remove
 * them where it has none.  A log is never in neither place, whoever dies when.
 * What fails is left to the next time.
 */
void store_archive_logs(struct store *store);

#endif /* IO_STORE_ARCHIVE_H */
