/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * gate: who recovers, when, and who is killed for it.  Deaths are real ones,
 * of child processes.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/gate.h"
#include "io/gate_file.h"
#include "../lib/tap.h"

enum { RACERS = 16, LEAKS = 64, CROWD = 32, CLIMB = 100000 };

/* What recoveries did, seen by every process. */
struct ledger {
    _Atomic int recoveries;
    _Atomic int mode; /* of the next: 0 works, 1 fails, 2 dies */
};

static char dir[64] = "/tmp/ccgrant-gate-XXXXXX";
static char path[128];
static struct ledger *ledger;

static int
recover(void *arg, struct errtext *why)
{
    struct ledger *in = arg;

    in->recoveries++;
    if (in->mode == 1)
        return errtext_set(why, "the recovery failed");
    if (in->mode == 2)
        (void)raise(SIGKILL);
    return 0;
}

static struct gate *
opened(unsigned patience)
{
    struct errtext why = {.text = ""};
    struct gate *gate = NULL;

    if (gate_open(&gate, path, patience, recover, ledger, &why) < 0) {
        tap_diag("%s", why.text);
        abort();
    }
    return gate;
}

/* Returns the life, or 0. */
static uint64_t
entered(struct gate *gate)
{
    struct errtext why = {.text = ""};
    uint64_t life = 0;

    if (gate_enter(gate, &life, &why) < 0) {
        tap_diag("%s", why.text);
        return 0;
    }
    return life;
}

static void
anew(void)
{
    (void)unlink(path);
    ledger->recoveries = 0;
    ledger->mode = 0;
}

/* Run fn in a process of its own, which ends by itself. */
static int
in_child(void (*fn)(void))
{
    int status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        fn();
        _exit(0);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        abort();
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

/* Start fn, which writes a byte to the pipe when it has come so far. */
static pid_t
started(void (*fn)(int))
{
    int ends[2];
    char byte;
    pid_t pid;

    if (pipe(ends) < 0 || (pid = fork()) < 0)
        abort();
    if (pid == 0) {
        fn(ends[1]);
        _exit(0);
    }
    close(ends[1]);
    if (read(ends[0], &byte, 1) != 1)
        abort();
    close(ends[0]);
    return pid;
}

static int
ended(pid_t pid)
{
    int status = 0;

    if (waitpid(pid, &status, 0) != pid)
        abort();
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static void
die_inside(void)
{
    if (entered(opened(10)) != 0)
        (void)raise(SIGKILL);
}

static void
die_outside(void)
{
    struct gate *gate = opened(10);

    if (entered(gate) != 0) {
        gate_leave(gate);
        (void)raise(SIGKILL);
    }
}

static void
die_joined(void)
{
    struct gate *gate = opened(10);

    if (entered(gate) != 0) {
        gate_mark_joined(gate, true);
        gate_leave(gate);
        (void)raise(SIGKILL);
    }
}

static void
close_cleanly(void)
{
    struct gate *gate = opened(10);

    if (entered(gate) != 0) {
        gate_mark_joined(gate, true);
        gate_mark_joined(gate, false);
        gate_leave(gate);
        gate_close(gate);
    }
}

static void
die_recovering(void)
{
    struct gate *gate = opened(10);

    if (entered(gate) != 0) {
        gate_want_recovery(gate);
        gate_leave(gate);
        ledger->mode = 2;
        (void)entered(gate);
    }
}

static void
stay_inside_deaf(void)
{
    sigset_t all;

    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    if (entered(opened(1)) != 0)
        for (;;)
            pause();
}

static void
stop_inside(void)
{
    if (entered(opened(1)) != 0)
        (void)raise(SIGSTOP);
}

static void
stay_inside(int to)
{
    if (entered(opened(60)) != 0 && write(to, "i", 1) == 1)
        for (;;)
            pause();
}

static void
stay_inside_a_second(int to)
{
    if (entered(opened(1)) != 0 && write(to, "i", 1) == 1)
        for (;;)
            pause();
}

static void
stay_outside(int to)
{
    struct gate *gate = opened(60);

    if (entered(gate) != 0) {
        gate_leave(gate);
        if (write(to, "o", 1) == 1)
            for (;;)
                pause();
    }
}

static void
deaths(void)
{
    static const struct {
        const char *what;
        void (*fn)(void);
        int status;
        int recoveries; /* that the next entry brings */
    } rows[] = {
        {"death inside", die_inside, -SIGKILL, 1},
        {"death outside", die_outside, -SIGKILL, 0},
        {"one death with an open environment", die_joined, -SIGKILL, 0},
        {"a clean end", close_cleanly, 0, 0},
        {"staying inside with every signal blocked", stay_inside_deaf,
         -SIGKILL, 1},
        {"being stopped inside", stop_inside, -SIGKILL, 1},
    };
    struct gate *gate;
    uint64_t generation;
    uint64_t life;
    int before;
    size_t i;

    anew();
    gate = opened(60);
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        life = entered(gate);
        gate_leave(gate);
        generation = gate_generation(gate);
        before = ledger->recoveries;
        tap_is_int(rows[i].status, in_child(rows[i].fn), "%s",
                   rows[i].what);
        tap_is_int((long long)life + rows[i].recoveries,
                   (long long)entered(gate), "%s: the life", rows[i].what);
        gate_leave(gate);
        tap_is_int(rows[i].recoveries, ledger->recoveries - before,
                   "%s: recoveries", rows[i].what);
        tap_is_int((long long)generation + rows[i].recoveries,
                   (long long)gate_generation(gate), "%s: the generation",
                   rows[i].what);
    }
    gate_close(gate);
}

static void
an_ordinary_life(void)
{
    struct gate *gate;
    struct gate *other;
    struct stat st;
    mode_t mask = umask(0777);

    anew();
    gate = opened(60);
    umask(mask);
    tap_is_int(0, stat(path, &st), "the file is there");
    tap_is_int(0660, st.st_mode & 07777, "0660 under any umask");
    tap_is_int(1, (long long)entered(gate), "the first entry recovers");
    gate_leave(gate);
    tap_is_int(1, (long long)entered(gate), "the second does not");
    other = opened(60);
    tap_is_int(1, (long long)entered(other), "two may be inside");
    gate_leave(other);
    gate_close(other);
    gate_leave(gate);
    tap_is_int(1, ledger->recoveries, "one recovery in all");
    gate_bump(gate);
    other = opened(60);
    tap_is_int(2, (long long)gate_generation(other),
               "the generation is everybody's");
    gate_close(other);
    gate_close(gate);
    gate_close(NULL);
}

static void
wishes(void)
{
    struct errtext why = {.text = ""};
    struct gate *gate;
    struct gate *other;
    uint64_t life;

    anew();
    gate = opened(60);
    other = opened(60);
    (void)entered(other);
    gate_leave(other);
    (void)entered(gate);
    gate_want_recovery(gate);
    gate_leave(gate);
    tap_is_int(2, (long long)entered(gate), "a wish is fulfilled");
    gate_leave(gate);
    gate_want_recovery(other);
    tap_is_int(2, (long long)entered(gate), "a wish of a past life is not");
    gate_want_recovery(gate);
    gate_leave(gate);
    ledger->mode = 1;
    tap_is_int(-1, gate_enter(gate, &life, &why), "a failed recovery");
    tap_is_str("the recovery failed", why.text, "its reason is passed on");
    ledger->mode = 0;
    tap_is_int(3, (long long)entered(other), "the next entry tries again");
    gate_leave(other);
    tap_is_int(-SIGKILL, in_child(die_recovering), "death in a recovery");
    ledger->mode = 0;
    tap_is_int(4, (long long)entered(gate), "another recovers");
    gate_leave(gate);
    gate_close(gate);
    gate_close(other);
}

static void
leaks(void)
{
    struct gate *gate;
    int i;

    anew();
    gate = opened(60);
    (void)entered(gate);
    gate_leave(gate);
    for (i = 0; i < LEAKS; i++)
        (void)in_child(die_joined);
    tap_is_int(1, (long long)entered(gate), "leaks below the limit");
    gate_leave(gate);
    (void)in_child(die_joined);
    tap_is_int(2, (long long)entered(gate), "the limit brings a recovery");
    gate_leave(gate);
    (void)in_child(die_joined);
    (void)in_child(die_joined);
    tap_is_int(2, (long long)entered(gate), "and a new count");
    gate_leave(gate);
    gate_close(gate);
}

static void
killing(void)
{
    struct gate *gate;
    pid_t inside;
    pid_t outside;

    anew();
    outside = started(stay_outside);
    inside = started(stay_inside);
    gate = opened(60);
    (void)entered(gate);
    gate_want_recovery(gate);
    gate_leave(gate);
    tap_is_int(2, (long long)entered(gate), "recovery past one who stays");
    gate_leave(gate);
    tap_is_int(-SIGKILL, ended(inside), "who stays inside is killed");
    tap_is_int(0, waitpid(outside, NULL, WNOHANG), "who is outside lives");
    kill(outside, SIGKILL);
    (void)ended(outside);
    gate_close(gate);
}

/* As an older kernel. */
static void
recover_without_handles(void)
{
    struct sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_pidfd_open, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = {sizeof(rules) / sizeof(rules[0]),
                                       rules};
    struct gate *gate;

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0
        || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0
        || syscall(SYS_pidfd_open, getpid(), 0) >= 0 || errno != ENOSYS)
        _exit(2);
    gate = opened(60);
    (void)entered(gate);
    gate_want_recovery(gate);
    gate_leave(gate);
    if (entered(gate) == 0)
        _exit(1);
    gate_leave(gate);
    gate_close(gate);
}

static void
no_handles(void)
{
    pid_t inside;
    int rc;

    anew();
    inside = started(stay_inside_a_second);
    rc = in_child(recover_without_handles);
    if (rc == 2)
        tap_diag("there are no filters of system calls here");
    else
        tap_is_int(0, rc, "a kernel that cannot kill by a handle: recovery");
    tap_is_int(-SIGKILL, ended(inside), "its watchdog ends who stays inside");
}

static void
patch(off_t at, const void *bytes, size_t len)
{
    int fd = open(path, O_WRONLY);

    if (fd < 0 || pwrite(fd, bytes, len, at) != (ssize_t)len)
        abort();
    close(fd);
}

static void
a_new_boot(void)
{
    struct gate *gate;

    anew();
    gate = opened(60);
    (void)entered(gate);
    gate_leave(gate);
    patch((off_t)offsetof(struct gate_file, boot), "other", 5);
    tap_is_int(2, (long long)entered(gate), "another boot brings a recovery");
    gate_leave(gate);
    tap_is_int(2, (long long)entered(gate), "one");
    gate_leave(gate);
    gate_close(gate);
}

static void
refused(const char *what, const char *reason)
{
    struct errtext why = {.text = ""};
    struct gate *gate = NULL;

    tap_is_int(-1, gate_open(&gate, path, 1, recover, ledger, &why),
               "%s is refused", what);
    tap_ok(strstr(why.text, reason) != NULL && strstr(why.text, path) != NULL,
           "%s: %s", what, why.text);
}

static void
bad_files(void)
{
    anew();
    gate_close(opened(1));
    patch(8, "gate 2", 6);
    refused("another version", "remove it");
    patch(8, "gate 1", 6);
    gate_close(opened(1));
    if (truncate(path, sizeof(struct gate_file) - 1) < 0)
        abort();
    refused("a short file", "remove it");
    if (truncate(path, 0) < 0)
        abort();
    gate_close(opened(1));
    tap_ok(true, "an unfinished file is finished");
    (void)unlink(path);
    if (symlink("elsewhere", path) < 0)
        abort();
    refused("a symbolic link", "symbolic link");
    (void)unlink(path);
    if (mkdir(path, 0700) < 0)
        abort();
    refused("a directory", "directory");
    (void)rmdir(path);
    snprintf(path, sizeof(path), "%s/none/gate", dir);
    refused("a missing directory", "No such file");
    snprintf(path, sizeof(path), "%s/gate", dir);
}

static void
race(void)
{
    pid_t pids[RACERS];
    struct gate *gate;
    int good = 0;
    int ends[2];
    char byte;
    int i;

    anew();
    if (pipe(ends) < 0)
        abort();
    for (i = 0; i < RACERS; i++)
        if ((pids[i] = fork()) == 0) {
            close(ends[1]);
            (void)!read(ends[0], &byte, 1);
            gate = opened(60);
            if (entered(gate) != 1)
                _exit(1);
            gate_leave(gate);
            gate_close(gate);
            _exit(0);
        }
    close(ends[0]);
    close(ends[1]);
    for (i = 0; i < RACERS; i++)
        if (ended(pids[i]) == 0)
            good++;
    tap_is_int(RACERS, good, "racing creators all enter");
    tap_is_int(1, ledger->recoveries, "one of them recovers");
}

/*
 * Each second slot, from first on, abreast with another process: commits
 * counts the steps of both.  Returns how often top was not above the slot.
 */
static int
climb(struct gate_file *file, unsigned first)
{
    int lost = 0;
    unsigned i;

    for (i = first; i < CLIMB; i += 2) {
        while (file->commits < i - first)
            (void)sched_yield();
        gate_file_raise_top(file, i);
        file->commits++;
        while (file->commits < i - first + 2)
            (void)sched_yield();
        if (file->top <= i)
            lost++;
    }
    return lost;
}

static void
tops(void)
{
    struct gate_file *file = mmap(NULL, sizeof(*file), PROT_READ | PROT_WRITE,
                                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int lost;
    pid_t pid;

    if (file == MAP_FAILED || (pid = fork()) < 0)
        abort();
    if (pid == 0)
        _exit(climb(file, 0) > 0);
    lost = climb(file, 1);
    tap_is_int(0, ended(pid) + lost, "two that start at once are both seen");
    tap_is_int(CLIMB, file->top, "the top is that of the highest slot");
    (void)munmap(file, sizeof(*file));
}

static void
full_house(void)
{
    static struct gate *gates[GATE_SLOTS];
    struct rlimit files = {2 * GATE_SLOTS, 2 * GATE_SLOTS};
    int i;

    anew();
    if (setrlimit(RLIMIT_NOFILE, &files) < 0)
        return;
    for (i = 0; i < GATE_SLOTS; i++)
        gates[i] = opened(1);
    refused("one process more than slots", "384 processes");
    gate_close(gates[GATE_SLOTS / 2]);
    gates[GATE_SLOTS / 2] = opened(1);
    tap_is_int(1, (long long)entered(gates[GATE_SLOTS / 2]),
               "a slot is used again");
    gate_leave(gates[GATE_SLOTS / 2]);
    for (i = 0; i < GATE_SLOTS; i++)
        gate_close(gates[i]);
}

static void
enter_once(int to)
{
    struct gate *gate = opened(60);

    if (write(to, "o", 1) == 1 && entered(gate) != 0) {
        gate_leave(gate);
        _exit(5);
    }
}

static void
crowd(void)
{
    struct gate *gates[CROWD];
    pid_t late;
    int i;

    anew();
    for (i = 0; i < CROWD; i++) {
        gates[i] = opened(60);
        (void)entered(gates[i]);
    }
    late = started(enter_once);
    tap_is_int(0, waitpid(late, NULL, WNOHANG), "a crowd: one more waits");
    gate_leave(gates[0]);
    tap_is_int(5, ended(late), "a crowd: until another has left");
    for (i = 1; i < CROWD; i++)
        gate_leave(gates[i]);
    for (i = 0; i < CROWD; i++)
        gate_close(gates[i]);
    tap_is_int(1, ledger->recoveries, "a crowd: nobody is killed for it");
}

static void
upkeep(void)
{
    struct gate *gate;
    int turns = 0;
    int i;

    anew();
    gate = opened(60);
    for (i = 0; i < 610; i++)
        if (gate_count_commit(gate))
            turns++;
    tap_is_int(10, turns, "every 61st commit has a turn of upkeep");
    gate_close(gate);
}

int
main(void)
{
    if (mkdtemp(dir) == NULL)
        return 1;
    snprintf(path, sizeof(path), "%s/gate", dir);
    ledger = mmap(NULL, sizeof(*ledger), PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (ledger == MAP_FAILED)
        return 1;
    an_ordinary_life();
    deaths();
    wishes();
    leaks();
    killing();
    no_handles();
    a_new_boot();
    bad_files();
    race();
    tops();
    crowd();
    upkeep();
    full_house();
    (void)unlink(path);
    (void)rmdir(dir);
    return tap_done();
}
