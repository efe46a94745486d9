/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What both programs do first, since secrets and keys pass through them.
 */

#ifndef PROCESS_H
#define PROCESS_H

/*
 * No core dump, no debugger of another process; and the three standard
 * descriptors are taken, so that no database gets the number of one that was
 * closed, for reading alone, so that writing to it still fails.
 */
void process_protect(void);

#endif /* PROCESS_H */
