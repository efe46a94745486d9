/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Files and directories whose owner and mode matter.
 */

#ifndef IO_PATH_H
#define IO_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include "core/errtext.h"

enum { PATH_TEXT_MAX = 4096 };

/*
 * Join dir and name to buf; an absolute name stands alone.
 *
 * Returns 0, or -1 with the reason in *why when it does not fit.
 */
int path_join(char buf[PATH_TEXT_MAX], const char *dir, const char *name,
              struct errtext *why);

/*
 * Whether the file can hold a key: a regular file, no symbolic link, of this
 * user or root, no bit for group or others.
 *
 * Returns 0, or -1 with the reason and the cure in *why.
 */
int path_is_secret(const char *path, struct errtext *why);

/*
 * Write a new file with mode 0600: it must not exist, and is on the disk, its
 * directory entry included, when this returns.
 *
 * Returns 0, or -1 with the reason in *why; nothing is left behind then.
 */
int path_write_new(const char *path, const void *bytes, size_t len,
                   struct errtext *why);

/*
 * Read a whole file of at most cap bytes.  "-" is standard input.
 *
 * Returns the number of bytes, or -1 with the reason in *why.
 */
long path_read(const char *path, void *buf, size_t cap, struct errtext *why);

/*
 * Become the owner of dir when started as root, so that no file of root's
 * locks the web server out; umask is set to 007.  Does nothing for the owner.
 *
 * Returns 0, or -1 with the reason and the cure in *why.
 */
int path_become_owner(const char *dir, struct errtext *why);

#endif /* IO_PATH_H */
