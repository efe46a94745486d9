/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * store_archive: where logs go that are no longer needed, and that they bring
 * everything back.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "io/expiring.h"
#include "io/store.h"
#include "io/store_upkeep.h"
#include "../lib/state.h"
#include "../lib/tap.h"

enum {
    NOW = 1700000000,
    FILLING = 1600, /* records of 3,000 bytes: more than four logs */
    TEXT = 3000,
    AT_ONCE = 4,
};

static char dir[64] = "/tmp/ccgrant-archive-XXXXXX";
static char state[96];
static char archive[96];

/* Returns its status. */
static int
shell(const char *what)
{
    char command[512];
    int status;

    snprintf(command, sizeof(command), "cd '%s' && %s", dir, what);
    status = system(command);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
must(const char *what)
{
    if (shell(what) != 0)
        tap_diag("%s failed", what);
}

static void
make_state(void)
{
    struct errtext why = {.text = ""};

    must("rm -rf state archive; mkdir -m 770 state archive");
    snprintf(state, sizeof(state), "%s/state", dir);
    snprintf(archive, sizeof(archive), "%s/archive", dir);
    if (store_create(state, &why) < 0) {
        tap_diag("%s", why.text);
        abort();
    }
}

static struct store *
opened(const char *to)
{
    struct store *store = state_open(state, STORE_SERVES);

    store_archive(store, to);
    return store;
}

/* Written so often that there are logs which nobody needs. */
static int
fill(struct store *store, unsigned from, unsigned n)
{
    struct expiring *expiring = expiring_open(store);
    char text[TEXT + 1];
    char key[16];
    struct expiring_record record = {EXPIRING_TOKENS, key, 0, NOW + 100,
                                     text};
    struct expiring_change change = {.records = &record, .n_records = 1};
    struct errtext why = {.text = ""};
    size_t there;
    unsigned i;
    int good = 0;

    for (i = from; i < from + n; i++) {
        memset(text, (int)('a' + i % 26), TEXT);
        text[TEXT] = '\0';
        record.key_len = (size_t)snprintf(key, sizeof(key), "%u", i);
        good += expiring_commit(expiring, &change, NOW, &there, &why);
    }
    expiring_close(expiring);
    return good;
}

static int
count_one(void *arg, const void *key, size_t key_len, int64_t expires,
          const char *text, size_t len)
{
    unsigned long i = strtoul(key, NULL, 10);

    (void)key_len;
    (void)expires;
    if (len == TEXT && text[0] == (char)('a' + i % 26)
        && text[TEXT - 1] == text[0])
        ++*(int *)arg;
    return 0;
}

static int
count(struct store *store)
{
    struct expiring *expiring = expiring_open(store);
    struct errtext why = {.text = ""};
    int n = 0;

    if (expiring_each(expiring, EXPIRING_TOKENS, "", NOW, count_one, &n,
                      &why) < 0)
        tap_diag("%s", why.text);
    expiring_close(expiring);
    return n;
}

static void
places(void)
{
    static const struct {
        const char *what;
        const char *prepare, *undo;
        const char *to; /* in the directory of the test; "": none */
        bool moved;     /* else they stay */
    } rows[] = {
        {"the archive", "true", "true", "archive", true},
        {"an archive that is missing", "true", "true", "missing", false},
        {"a file in place of an archive", "touch file", "rm file", "file",
         false},
        {"another file of the name",
         "for n in 1 2 3 4; do echo x > archive/log.000000000$n; done",
         "rm archive/*", "archive", false},
        {"the same file of the name",
         "cp state/log.0000000001 archive/", "true", "archive", true},
        {"a shorter file of the name",
         "head -c 1000 state/log.0000000001 > archive/log.0000000001",
         "rm archive/*", "archive", false},
    };
    struct errtext why = {.text = ""};
    struct store *store;
    char to[160];
    size_t i;
    size_t n;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        make_state();
        snprintf(to, sizeof(to), "%s/%s", dir, rows[i].to);
        store = opened("nowhere"); /* so that the first ones stay */
        (void)fill(store, 0, FILLING);
        n = state_files(dir, "state/log.*");
        tap_ok(n > 4 && state_files(dir, "archive/*") == 0, "%s: %zu logs",
               rows[i].what, n);
        must(rows[i].prepare);
        store_archive(store, to);
        tap_is_int(0, store_checkpoint(store, &why),
                   "%s: a checkpoint: %s", rows[i].what, why.text);
        if (rows[i].moved)
            tap_ok(state_files(dir, "state/log.*") == 1
                   && state_files(dir, "archive/log.*") == n - 1
                   && state_files(dir, "archive/*") == n - 1,
                   "%s: all but the present log are there", rows[i].what);
        else
            tap_ok(shell("test -e state/log.0000000001") == 0,
                   "%s: the log stays where it is", rows[i].what);
        must(rows[i].undo);
        store_archive(store, archive);
        tap_is_int(0, store_checkpoint(store, &why), "%s: the next one",
                   rows[i].what);
        tap_is_int(1, (long long)state_files(dir, "state/log.*"),
                   "%s: does what is left to do", rows[i].what);
        store_archive(store, "");
        (void)fill(store, 0, FILLING);
        (void)store_checkpoint(store, &why);
        tap_ok(state_files(dir, "state/log.*") == 1
                   && state_files(dir, "archive/log.*") < n,
               "%s: without an archive logs are removed", rows[i].what);
        store_close(store);
    }
}

/* Across file systems they are copied. */
static void
far(void)
{
    char other[64] = "/dev/shm/ccgrant-archive-XXXXXX";
    struct errtext why = {.text = ""};
    struct stat here, there;
    struct store *store;
    char command[256];
    size_t n;

    if (mkdtemp(other) == NULL || stat(other, &there) < 0
        || stat(dir, &here) < 0 || here.st_dev == there.st_dev) {
        tap_diag("there is no other file system");
        (void)rmdir(other);
        return;
    }
    make_state();
    store = opened("nowhere");
    (void)fill(store, 0, FILLING);
    must("cp state/log.* archive/");
    n = state_files(dir, "state/log.*");
    store_archive(store, other);
    tap_is_int(0, store_checkpoint(store, &why), "far: a checkpoint");
    tap_is_int(1, (long long)state_files(dir, "state/log.*"),
               "far: the logs are gone");
    snprintf(command, sizeof(command),
             "for f in '%s'/*; do cmp $f archive/${f##*/} || exit 1; done; "
             "test $(ls '%s' | wc -l) = %zu", other, other, n - 1);
    tap_is_int(0, shell(command), "far: and there, as they were");
    store_close(store);
    snprintf(command, sizeof(command), "rm -rf '%s'", other);
    must(command);
}

static void
at_once(void)
{
    struct store *store;
    int bad = 0;
    int status;
    int i;

    make_state();
    for (i = 0; i < AT_ONCE; i++) {
        if (fork() != 0)
            continue;
        store = opened(archive);
        status = fill(store, (unsigned)(i * FILLING), FILLING);
        store_close(store);
        _exit(status != FILLING);
    }
    while (wait(&status) > 0)
        if (status != 0)
            bad++;
    tap_is_int(0, bad, "at once: %d processes", AT_ONCE);
    tap_is_int(0, shell("n=1; while [ -e archive/$(printf log.%010d $n) -o -e "
                        "state/$(printf log.%010d $n) ]; do n=$((n+1)); done;"
                        " test $((n-1)) -ge $(ls archive | wc -l)"),
               "at once: no log is missing");
    tap_is_int(0, (long long)state_files(dir, "archive/draft*"),
               "at once: no drafts are left");
    tap_ok(state_files(dir, "archive/log.*") > 10, "at once: %zu logs",
           state_files(dir, "archive/log.*"));
}

/* As the manual tells it: a copy of some day, and all logs since.  until is
 * for -t, or empty. */
static bool
gather(const char *until)
{
    char command[256];

    snprintf(command, sizeof(command),
             "rm -rf new; mkdir -m 770 new && cp -p copy/*.db copy/log.* new/ "
             "&& cp -p archive/log.* new/ && cp -p state/log.* new/ "
             "&& db5.3_recover -c %s%s -h new && rm -f new/__db.*",
             until[0] != '\0' ? "-t " : "", until);
    if (shell(command) != 0)
        return false;
    snprintf(state, sizeof(state), "%s/new", dir);
    return true;
}

static void
restore(void)
{
    char until[32];
    struct errtext why = {.text = ""};
    struct store *store;
    time_t then;

    make_state();
    store = opened(archive);
    (void)fill(store, 0, FILLING);
    must("mkdir copy && cp state/*.db state/log.* copy/");
    (void)fill(store, FILLING, FILLING);
    (void)sleep(1); /* the log knows of whole seconds */
    then = time(NULL);
    (void)sleep(1);
    (void)fill(store, 2 * FILLING, FILLING);
    tap_ok(state_files(dir, "archive/log.*") > 10,
           "restore: %zu logs are archived",
           state_files(dir, "archive/log.*"));
    store_close(store);
    if (shell("command -v db5.3_recover >/dev/null") != 0) {
        tap_diag("there is no db5.3_recover");
        return;
    }
    strftime(until, sizeof(until), "%Y%m%d%H%M.%S", localtime(&then));
    tap_ok(gather(until), "restore: a recovery up to a moment");
    store = opened("");
    tap_is_int(2 * FILLING, count(store),
               "restore: has every record until then");
    store_close(store);
    tap_ok(gather(""), "restore: a recovery of all logs");
    store = opened("");
    tap_is_int(3 * FILLING, count(store),
               "restore: has every record, also those since the copy");
    tap_is_int(FILLING, fill(store, 4 * FILLING, FILLING),
               "restore: and goes on");
    tap_is_int(0, store_checkpoint(store, &why), "restore: with its upkeep");
    store_close(store);
    store = opened("");
    tap_is_int(4 * FILLING, count(store), "restore: from then on, too");
    store_close(store);
}

int
main(void)
{
    if (mkdtemp(dir) == NULL)
        return 1;
    places();
    far();
    at_once();
    restore();
    must("rm -rf state archive copy new");
    if (rmdir(dir) < 0)
        tap_diag("cannot remove %s", dir);
    return tap_done();
}
