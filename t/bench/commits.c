/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What a durable commit costs, beside what the disk itself takes.
 *
 * commits [SECONDS [PROCESSES]]: each measurement lasts so long, 3 seconds by
 * default, the last ones with up to so many processes, 2.  TMPDIR says on which
 * disk.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "io/crypto.h"
#include "io/expiring.h"
#include "io/store.h"

enum { APPEND = 400, FILE_BYTES = 1 << 20, TEXT = 300, LIFETIME = 3600, PROCESSES_MAX = 64 };

struct board {
    _Atomic unsigned ready;
    _Atomic unsigned long long commits;
};

static char dir[96];
static double seconds = 3;

static void
fail(const char *what)
{
    fprintf(stderr, "commits: %s\n", what);
    exit(1);
}

static double
now(void)
{
    struct timespec time;

    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void
report(const char *what, unsigned processes, unsigned long long n,
       double took)
{
    printf("%-40s %u process%s %10.0f/s\n", what, processes,
           processes == 1 ? "  " : "es", (double)n / took);
    fflush(stdout);
}

/* The library makes a log file as long as it will be before it fills it. */
static void
flushes(const char *what, bool grows)
{
    char block[APPEND];
    unsigned long long n = 0;
    off_t at = 0;
    double began;
    char path[128];
    int fd;

    memset(block, 'a', sizeof(block));
    snprintf(path, sizeof(path), "%s/%s", dir, grows ? "grows" : "filled");
    fd = open(path, O_WRONLY | O_CREAT, 0600);
    if (fd < 0)
        fail("cannot make a file");
    while (!grows && at < FILE_BYTES)
        at += write(fd, block, sizeof(block));
    at = 0;
    if (fsync(fd) < 0)
        fail("cannot write");
    for (began = now(); now() - began < seconds; n++) {
        if (pwrite(fd, block, sizeof(block), at) != (ssize_t)sizeof(block)
            || fdatasync(fd) < 0)
            fail("cannot write");
        at = grows ? at + APPEND : (at + APPEND) % (FILE_BYTES - APPEND);
    }
    report(what, 1, n, now() - began);
    close(fd);
}

/* As an opaque token is written. */
static void
work(struct board *board, unsigned me, unsigned processes, bool durable)
{
    char text[TEXT + 1];
    unsigned char key[EXPIRING_ID_LEN];
    struct expiring_record record = {EXPIRING_TOKENS, key, sizeof(key), 0,
                                     text};
    struct expiring_change change = {.records = &record, .n_records = 1,
                                     .durable = durable};
    unsigned long long numbers[2] = {me, 0};
    struct errtext why = {.text = ""};
    struct expiring *expiring;
    struct store *store = NULL;
    double began;
    size_t there;

    memset(text, 'c', TEXT);
    text[TEXT] = '\0';
    if (store_open(&store, dir, STORE_SERVES, &why) < 0)
        fail(why.text);
    expiring = expiring_open(store);
    for (board->ready++; board->ready < processes;)
        (void)usleep(100);
    for (began = now(); now() - began < seconds; numbers[1]++) {
        record.expires = time(NULL) + LIFETIME;
        crypto_sha256(numbers, sizeof(numbers), key);
        if (expiring_commit(expiring, &change, time(NULL), &there, &why) < 0)
            fail(why.text);
    }
    board->commits += numbers[1];
    expiring_close(expiring);
    store_close(store);
    exit(0);
}

static void
commits(const char *what, unsigned processes, bool durable)
{
    struct board *board = mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE,
                               MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int status = 0;
    unsigned i;

    if (board == MAP_FAILED)
        fail("no memory");
    for (i = 0; i < processes; i++)
        if (fork() == 0)
            work(board, i, processes, durable);
    for (i = 0; i < processes; i++)
        if (wait(&status) < 0 || status != 0)
            fail("a process failed");
    report(what, processes, board->commits, seconds);
    (void)munmap(board, sizeof(*board));
}

int
main(int argc, char **argv)
{
    const char *tmp = getenv("TMPDIR");
    unsigned long most = argc > 2 ? strtoul(argv[2], NULL, 10) : 2;
    struct errtext why = {.text = ""};
    char command[128];
    unsigned n;

    if (argc > 1)
        seconds = strtod(argv[1], NULL);
    if (seconds <= 0 || most < 1 || most > PROCESSES_MAX)
        fail("usage: commits [SECONDS [PROCESSES]]");
    snprintf(dir, sizeof(dir), "%s/ccgrant-commits-XXXXXX",
             tmp != NULL && strlen(tmp) < 64 ? tmp : "/tmp");
    if (mkdtemp(dir) == NULL || store_create(dir, &why) < 0)
        fail(why.text[0] != '\0' ? why.text : "cannot make a directory");
    flushes("fdatasync of an append of 400 bytes", true);
    flushes("fdatasync of 400 bytes within a file", false);
    for (n = 1; n <= most; n *= 2)
        commits("durable commits of a token", n, true);
    for (n = 1; n <= most; n *= 2)
        commits("commits of a token, not durable", n, false);
    snprintf(command, sizeof(command), "rm -rf '%s'", dir);
    return system(command) == 0 ? 0 : 1;
}
