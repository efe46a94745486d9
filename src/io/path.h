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
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

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
 * Write a new file with that mode, whatever the umask: it must not exist, and
 * is on the disk, its directory entry included, when this returns.
 *
 * Returns 0, or -1 with the reason in *why; nothing is left behind then.
 */
int path_write_new(const char *path, mode_t mode, const void *bytes,
                   size_t len, struct errtext *why);

/*
 * Remove what path_write_new() left in the directory where it was killed, of
 * files of that name, a pattern of fnmatch(3).  Nobody may be writing one.
 */
void path_remove_parts(const char *dir, const char *name);

/*
 * Read a whole file of at most cap bytes.  "-" is standard input.
 *
 * Returns the number of bytes, or -1 with the reason in *why.
 */
long path_read(const char *path, void *buf, size_t cap, struct errtext *why);

/*
 * Write a file for everybody to read (mode 0644) in place of what is there:
 * whoever reads finds the old or the new one, whole, after a cut of the power
 * too.  The caller holds a lock: there is one writer.
 *
 * Returns 0, or -1 with the reason in *why; the old one is then still there.
 */
int path_replace(const char *path, const void *bytes, size_t len,
                 struct errtext *why);

/*
 * When the file was written, in seconds since the epoch.
 *
 * Returns 1 with *when, 0 when there is none, -1 with the reason in *why.
 */
int path_written(const char *path, int64_t *when, struct errtext *why);

/*
 * Say that the open file was written at that time, in seconds since the epoch.
 *
 * Returns 0, or -1 with errno.
 */
int path_touch(int fd, int64_t when);

/*
 * Lock a file, which is made when there is none, against all others who do the
 * same; a process that ends gives it up.  Waits that many seconds at most.
 *
 * Returns 1 with *fd, which the caller gives to path_unlock(); 0 when another
 * has it; -1 with the reason in *why.
 */
int path_lock(const char *path, int seconds, int *fd, struct errtext *why);

void path_unlock(int fd);

/* What tells a file from what it was; all zero: it could not be seen. */
struct path_stamp {
    dev_t dev;
    ino_t ino;
    off_t size;
    struct timespec modified;
    struct timespec changed;
};

void path_stamp(const char *path, struct path_stamp *stamp);
bool path_stamp_is_same(const struct path_stamp *a,
                        const struct path_stamp *b);

/*
 * Become the owner of dir when started as root, so that no file of root's
 * locks the web server out; umask is set to 007.  Does nothing for the owner.
 *
 * Returns 0, or -1 with the reason and the cure in *why.
 */
int path_become_owner(const char *dir, struct errtext *why);

#endif /* IO_PATH_H */
