/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * A document from a URL, by running ccgrant-fetch.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "config.h"
#include "core/alloc.h"
#include "io/fetch.h"
#include "io/path.h"

#ifndef LIBEXECDIR
#define LIBEXECDIR "/usr/libexec"
#endif

#define PROGRAM "ccgrant-fetch"
#define INSTALLED LIBEXECDIR "/ccgrant/" PROGRAM

enum {
    HEAD_LEN = 3,     /* "ok\n" or "no\n" */
    REASON_MAX = 240, /* bytes of a reason that are shown */
};

struct child {
    pid_t pid;
    int out;       /* what it writes; never blocks */
    int64_t until; /* on the clock of now_ms() */
};

struct answer {
    char head[HEAD_LEN];
    size_t n_head;
    char *buf; /* the caller's */
    size_t cap;
    size_t len;
};

static int run(struct child *child, const char *url,
               const struct fetch_rules *rules, struct errtext *why);
static int find_program(char path[PATH_TEXT_MAX], struct errtext *why);
static char **make_arguments(const char *url, const struct fetch_rules *rules);
static int spawn(struct child *child, const char *path, char **arguments,
                 struct errtext *why);
static int hear(const struct child *child, struct answer *answer,
                struct errtext *why);
static int reap(const struct child *child);
static int judge(const struct answer *answer, int status, size_t *len,
                 struct errtext *why);

static int64_t
now_ms(void)
{
    struct timespec ts;

    (void)clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int
fetch(const char *url, const struct fetch_rules *rules, char *buf, size_t cap,
      size_t *len, int64_t *took, struct errtext *why)
{
    struct answer answer = { .buf = buf, .cap = cap };
    int64_t begun = now_ms();
    struct child child = { .until = begun + FETCH_SECONDS_MAX * 1000 };
    int rc, status;

    *took = 0;
    if (fetch_check_url(url, why) != 0 || run(&child, url, rules, why) != 0)
        return -1;
    rc = hear(&child, &answer, why);
    close(child.out);
    if (rc != 0)
        (void)kill(child.pid, SIGKILL);
    status = reap(&child);
    *took = now_ms() - begun;
    return rc == 0 ? judge(&answer, status, len, why) : -1;
}

void
fetch_pause(int ms)
{
    (void)poll(NULL, 0, ms);
}

static int
run(struct child *child, const char *url, const struct fetch_rules *rules,
    struct errtext *why)
{
    char path[PATH_TEXT_MAX];
    char **arguments;
    int rc;

    if (find_program(path, why) != 0)
        return -1;
    arguments = make_arguments(url, rules);
    rc = spawn(child, path, arguments, why);
    free(arguments);
    return rc;
}

static int
find_program(char path[PATH_TEXT_MAX], struct errtext *why)
{
    ssize_t n = readlink("/proc/self/exe", path,
                         PATH_TEXT_MAX - sizeof(PROGRAM));
    char *slash;

    path[n > 0 ? n : 0] = '\0';
    slash = strrchr(path, '/');
    if (slash != NULL) {
        memcpy(slash + 1, PROGRAM, sizeof(PROGRAM));
        if (access(path, X_OK) == 0)
            return 0;
        *slash = '\0';
    }
    if (access(INSTALLED, X_OK) != 0)
        return errtext_set(why, PROGRAM " is neither in %.200s nor in "
                           LIBEXECDIR "/ccgrant: install it there", path);
    memcpy(path, INSTALLED, sizeof(INSTALLED));
    return 0;
}

/* execve() wants them without const, and changes none. */
static char *
plain(const char *text)
{
    return (char *)(uintptr_t)text;
}

/* One block of memory: the pointers, then the texts of the networks. */
static char **
make_arguments(const char *url, const struct fetch_rules *rules)
{
    size_t n_pointers = 5 + 2 * rules->n_networks, n = 0, i;
    size_t size = n_pointers * sizeof(char *)
                  + rules->n_networks * CIDR_TEXT_MAX;
    char **list = alloc_zero(1, size);
    char *text = (char *)(list + n_pointers);

    list[n++] = plain(PROGRAM);
    for (i = 0; i < rules->n_networks; i++, text += CIDR_TEXT_MAX) {
        cidr_text(&rules->networks[i], text);
        list[n++] = plain("--allow");
        list[n++] = text;
    }
    if (rules->ca[0] != '\0') {
        list[n++] = plain("--ca");
        list[n++] = plain(rules->ca);
    }
    list[n] = plain(url);
    return list;
}

/*
 * Nothing of this process is the other's: no variable, no signal that is
 * ignored or blocked, and no descriptor, a web server's included.
 */
static int
prepare(posix_spawnattr_t *attr, posix_spawn_file_actions_t *files, int out)
{
    sigset_t all, none;

    sigfillset(&all);
    sigemptyset(&none);
    return posix_spawnattr_setsigdefault(attr, &all) != 0
           || posix_spawnattr_setsigmask(attr, &none) != 0
           || posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSIGDEF
                                             | POSIX_SPAWN_SETSIGMASK) != 0
           || posix_spawn_file_actions_adddup2(files, out, 1) != 0
           || posix_spawn_file_actions_addopen(files, 0, "/dev/null",
                                               O_RDONLY, 0) != 0
           || posix_spawn_file_actions_addopen(files, 2, "/dev/null",
                                               O_WRONLY, 0) != 0
#ifdef HAVE_POSIX_SPAWN_FILE_ACTIONS_ADDCLOSEFROM_NP
           || posix_spawn_file_actions_addclosefrom_np(files, 3) != 0
#endif
        ? -1 : 0;
}

static int
spawn(struct child *child, const char *path, char **arguments,
      struct errtext *why)
{
    char *environment[] = { NULL };
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attr;
    int ends[2], rc;

    if (pipe2(ends, O_CLOEXEC) != 0)
        return errtext_set(why, "no pipe: %s", strerror(errno));
    if (posix_spawnattr_init(&attr) != 0
        || posix_spawn_file_actions_init(&files) != 0
        || prepare(&attr, &files, ends[1]) != 0)
        abort(); /* they fail for want of memory alone */
    rc = posix_spawn(&child->pid, path, &files, &attr, arguments, environment);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attr);
    close(ends[1]);
    child->out = ends[0];
    if (rc == 0)
        return 0;
    close(child->out);
    return errtext_set(why, "%.200s cannot be run: %s", path, strerror(rc));
}

/* Read what is there; returns as read() does. */
static ssize_t
take(int fd, struct answer *answer)
{
    ssize_t n;

    if (answer->n_head < HEAD_LEN) {
        n = read(fd, answer->head + answer->n_head, HEAD_LEN - answer->n_head);
        answer->n_head += n > 0 ? (size_t)n : 0;
        return n;
    }
    n = read(fd, answer->buf + answer->len, answer->cap - answer->len);
    answer->len += n > 0 ? (size_t)n : 0;
    return n;
}

/* Take all of it, to its end. */
static int
hear(const struct child *child, struct answer *answer, struct errtext *why)
{
    struct pollfd pfd = { .fd = child->out, .events = POLLIN };
    int64_t left;
    ssize_t n;
    int rc;

    while (answer->len < answer->cap) {
        left = child->until - now_ms();
        if (left <= 0)
            return errtext_set(why, "it took over %d seconds",
                               FETCH_SECONDS_MAX);
        rc = poll(&pfd, 1, (int)left);
        if (rc == 0 || (rc < 0 && errno == EINTR))
            continue;
        n = rc > 0 ? take(child->out, answer) : -1;
        if (n == 0)
            return 0;
        if (n < 0 && errno != EINTR)
            return errtext_set(why, "reading from " PROGRAM ": %s",
                               strerror(errno));
    }
    return errtext_set(why, "the document has more than %zu bytes",
                       answer->cap - 1);
}

/*
 * Wait for the end of one that has said all, or was killed; one that does not
 * end is.  Returns its status, or 0 when somebody else took it.
 */
static int
reap(const struct child *child)
{
    int status;
    pid_t pid;

    for (;;) {
        pid = waitpid(child->pid, &status, WNOHANG);
        if (pid == child->pid)
            return status;
        if (pid < 0 && errno != EINTR)
            return 0;
        if (now_ms() >= child->until)
            (void)kill(child->pid, SIGKILL);
        fetch_pause(1);
    }
}

/* The first line, as far as it is visible ASCII. */
static size_t
reason_len(const struct answer *answer)
{
    size_t n = 0;

    while (n < answer->len && n < REASON_MAX && answer->buf[n] >= ' '
           && answer->buf[n] <= '~')
        n++;
    return n;
}

static int
judge(const struct answer *answer, int status, size_t *len,
      struct errtext *why)
{
    bool is_head = answer->n_head == HEAD_LEN;
    size_t n = reason_len(answer);

    if (is_head && memcmp(answer->head, "no\n", HEAD_LEN) == 0 && n > 0)
        return errtext_set(why, "%.*s", (int)n, answer->buf);
    if (!is_head || memcmp(answer->head, "ok\n", HEAD_LEN) != 0)
        return errtext_set(why, PROGRAM " said nothing of use; run it by hand "
                           "with the URL");
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return errtext_set(why, PROGRAM " was cut off in its answer");
    answer->buf[answer->len] = '\0';
    *len = answer->len;
    return 0;
}
