/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The files of the log.  Private to the store.
 */

#ifndef IO_STORE_LOG_H
#define IO_STORE_LOG_H

/*
 * Before a recovery: have the whole log on the disk.  The library takes for
 * granted that what it finds of the log is there, and brings the databases up
 * to it: after a cut of the power they would be ahead of their log, and it
 * could not tell.
 *
 * Returns 0 or an error number.
 */
int store_log_flush(const char *dir);

#endif /* IO_STORE_LOG_H */
