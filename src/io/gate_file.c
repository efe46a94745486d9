/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The file of the gate.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "core/alloc.h"
#include "io/gate_file.h"

enum {
    SLOT_LOCKS_AT = 1 << 20, /* the byte whose lock is that of slot 0 */
    INIT_TRIES = 5000,       /* of a millisecond */
};

static const char magic[GATE_MAGIC_LEN] = "ccgrant gate 1\n";
static const char nothing[GATE_MAGIC_LEN];

static int initialise(int fd, const char *path, struct errtext *why);
static int lock_to_initialise(int fd, const char *path, struct errtext *why);
static int fill(int fd);
static int check(int fd, const char *path, struct errtext *why);
static struct flock slot_lock(unsigned slot);

int
gate_file_boot(char boot[GATE_BOOT_LEN], struct errtext *why)
{
    static const char path[] = "/proc/sys/kernel/random/boot_id";
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = -1;

    memset(boot, 0, GATE_BOOT_LEN);
    if (fd >= 0) {
        n = read(fd, boot, GATE_BOOT_LEN - 1);
        close(fd);
    }
    if (n <= 0)
        return errtext_set(why, "cannot read %s: %s: is /proc mounted?", path,
                           strerror(errno));
    return 0;
}

int
gate_file_open(int *fd, struct gate_file **file, const char *path,
               struct errtext *why)
{
    char head[GATE_MAGIC_LEN] = {0};
    void *at;

    *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0660);
    if (*fd < 0)
        return errtext_set(why, "cannot open %s: %s", path, strerror(errno));
    if (pread(*fd, head, sizeof(head), 0) < 0)
        return errtext_set(why, "cannot read %s: %s", path, strerror(errno));
    if (memcmp(head, nothing, sizeof(head)) == 0
        && initialise(*fd, path, why) < 0)
        return -1;
    if (check(*fd, path, why) < 0)
        return -1;
    at = mmap(NULL, sizeof(**file), PROT_READ | PROT_WRITE, MAP_SHARED, *fd,
              0);
    if (at == MAP_FAILED)
        return errtext_set(why, "cannot map %s: %s", path, strerror(errno));
    *file = at;
    return 0;
}

/* One process writes it, the magic last: what has no magic is unfinished,
 * and the next one begins anew. */
static int
initialise(int fd, const char *path, struct errtext *why)
{
    char head[GATE_MAGIC_LEN] = {0};
    int rc = 0;

    if (lock_to_initialise(fd, path, why) < 0)
        return -1;
    if (pread(fd, head, sizeof(head), 0) < 0)
        rc = -1;
    else if (memcmp(head, nothing, sizeof(head)) == 0)
        rc = fill(fd);
    if (rc < 0)
        errtext_set(why, "cannot write %s: %s", path, strerror(errno));
    gate_file_drop(fd);
    return rc;
}

static int
lock_to_initialise(int fd, const char *path, struct errtext *why)
{
    const struct timespec ms = {0, 1000000};
    int i;

    for (i = 0; i < INIT_TRIES; i++) {
        if (gate_file_try(fd, LOCK_EX))
            return 0;
        (void)nanosleep(&ms, NULL);
    }
    return errtext_set(why, "cannot lock %s: %s", path, strerror(errno));
}

/* Every byte is written, so that the map never meets a full disk. */
static int
fill(int fd)
{
    struct gate_file *zero = alloc_zero(1, sizeof(*zero));
    ssize_t n;

    n = pwrite(fd, zero, sizeof(*zero), 0);
    free(zero);
    if (n < 0 || fchmod(fd, 0660) < 0)
        return -1;
    if ((size_t)n < sizeof(*zero)) {
        errno = ENOSPC;
        return -1;
    }
    n = pwrite(fd, magic, sizeof(magic), 0);
    return n == (ssize_t)sizeof(magic) ? 0 : -1;
}

static int
check(int fd, const char *path, struct errtext *why)
{
    char head[GATE_MAGIC_LEN] = {0};
    struct stat st;

    if (fstat(fd, &st) < 0 || pread(fd, head, sizeof(head), 0) < 0)
        return errtext_set(why, "cannot read %s: %s", path, strerror(errno));
    if (memcmp(head, magic, sizeof(magic)) == 0
        && st.st_size == (off_t)sizeof(struct gate_file))
        return 0;
    return errtext_set(why, "%s is damaged or of another version of ccgrant: "
                       "stop all that use it, remove it and start again",
                       path);
}

void
gate_file_close(int fd, struct gate_file *file)
{
    if (file != NULL)
        (void)munmap(file, sizeof(*file));
    if (fd >= 0)
        close(fd);
}

uint64_t
gate_file_pid_space(void)
{
    struct stat st;

    return stat("/proc/self/ns/pid", &st) < 0 ? 0 : (uint64_t)st.st_ino;
}

bool
gate_file_try(int fd, int how)
{
    return flock(fd, how | LOCK_NB) == 0;
}

void
gate_file_drop(int fd)
{
    (void)flock(fd, LOCK_UN);
}

static struct flock
slot_lock(unsigned slot)
{
    struct flock lock;

    memset(&lock, 0, sizeof(lock));
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    lock.l_start = SLOT_LOCKS_AT + (off_t)slot;
    lock.l_len = 1;
    return lock;
}

bool
gate_file_lock_slot(int fd, unsigned slot)
{
    struct flock lock = slot_lock(slot);

    return fcntl(fd, F_OFD_SETLK, &lock) == 0;
}

bool
gate_file_slot_is_held(int fd, unsigned slot)
{
    struct flock lock = slot_lock(slot);

    return fcntl(fd, F_OFD_GETLK, &lock) < 0 || lock.l_type != F_UNLCK;
}

void
gate_file_raise_top(struct gate_file *file, unsigned slot)
{
    uint32_t top = file->top;

    while (top <= slot
           && !atomic_compare_exchange_weak(&file->top, &top, slot + 1))
        ;
}

void
gate_file_want(struct gate_file *file, uint64_t life)
{
    uint64_t wanted = file->wanted;

    while (wanted < life
           && !atomic_compare_exchange_weak(&file->wanted, &wanted, life))
        ;
}

void
gate_file_raise_alarm(struct gate_file *file, int64_t time)
{
    uint32_t last = file->alarmed;

    while (time > last && time <= UINT32_MAX
           && !atomic_compare_exchange_weak(&file->alarmed, &last,
                                            (uint32_t)time))
        ;
}

void
gate_file_kill_owner(int fd, struct gate_file *file, unsigned slot)
{
    struct gate_slot *at = &file->slots[slot];
    int32_t pid = at->pid;
    int handle;

    if (at->space != gate_file_pid_space())
        return;
    handle = (int)syscall(SYS_pidfd_open, pid, 0);
    if (handle < 0)
        return;
    /* The slot is still held under this number: the handle is its owner's,
     * not that of a later process with the number. */
    if (at->pid == pid && at->inside && gate_file_slot_is_held(fd, slot))
        (void)syscall(SYS_pidfd_send_signal, handle, SIGKILL, NULL, 0);
    close(handle);
}
