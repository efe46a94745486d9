/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The files that init makes by itself, and whether others can be made.
 */

#ifndef CTL_FILE_H
#define CTL_FILE_H

#include <stdbool.h>
#include <sys/types.h>

#include "core/errtext.h"

/*
 * Make the directories above path, open to all, as those of a system are.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int ctl_file_parents(const char *path, struct errtext *why);

/*
 * Make a policy with that issuer, and an example in it.  The state directory
 * of the installed one is the installed one too; else it is beside the file.
 *
 * Returns 0, with *made false when another process made it first, or -1 with
 * the reason in *why.
 */
int ctl_file_policy(const char *file, const char *issuer, bool *made,
                    struct errtext *why);

/*
 * Whether the directory that fd is open for is empty, and where root runs
 * this, root's or owner's: what is another's can be taken away or filled by
 * them.  dir is its name, for the reason.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int ctl_file_is_free(int fd, const char *dir, uid_t owner,
                     struct errtext *why);

/* Whether it is a directory that this user can write in. */
bool ctl_file_can_write(const char *dir);

/*
 * Whether this user can write to the file of log.to, or make it; a log that is
 * no file needs nothing.
 *
 * Returns 0, or -1 with the reason in *why, which is that of log_open().
 */
int ctl_file_log(const char *to, struct errtext *why);

/*
 * Whether the directory of revocations.file is one; "" has none, and needs
 * none.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int ctl_file_list(const char *list, struct errtext *why);

#endif /* CTL_FILE_H */
