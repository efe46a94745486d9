/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * store_upkeep: records of one moment while another process changes them
 * without a pause, and the note of a restore.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/store_upkeep.h"
#include "../lib/state.h"
#include "../lib/tap.h"

enum {
    RECORDS = 20000,
    BATCH = 100,
    SNAPSHOTS = 8,
    SNAPSHOTS_MAX = 1000,
    TEXT = 400,
};

static char dir[64] = "/tmp/ccgrant-upkeep-XXXXXX";
static volatile sig_atomic_t told_to_end;

struct seen {
    size_t n;
    bool in_order;
    char last[32];
    long clients, keys; /* the numbers of the last change of each */
    long meta;
};

static void
fill(struct store *store)
{
    static char keys[BATCH][32], text[TEXT + 1];
    struct store_put puts[BATCH];
    struct errtext why = {.text = ""};
    bool done = true;
    int i, j;

    memset(text, 'x', TEXT);
    for (i = 0; i < RECORDS; i += BATCH) {
        for (j = 0; j < BATCH; j++) {
            snprintf(keys[j], sizeof(keys[j]), "client-%06d", i + j);
            puts[j].key = keys[j];
            puts[j].value = text;
        }
        done = store_put_all(store, STORE_CLIENTS, puts, BATCH, &why) == 0
               && done;
    }
    tap_ok(done, "records are written in batches: %s", why.text);
}

static int
write_number(void *arg, const char *old, size_t len, char **value,
             struct errtext *why)
{
    const long *n = arg;

    (void)old;
    (void)len;
    (void)why;
    if (asprintf(value, "%ld", *n) < 0)
        abort();
    return 1;
}

static void
end(int signal)
{
    (void)signal;
    told_to_end = 1;
}

/* First a key, then a client, each with the same number, until the end. */
static void
change_for_ever(void)
{
    struct store *store = state_open(dir, STORE_ADMIN);
    struct errtext why;
    char key[32];
    long n;

    for (n = 1; !told_to_end; n++) {
        if (store_edit(store, STORE_KEYS, "k", write_number, &n, &why) < 0
            || store_edit(store, STORE_CLIENTS, "a-first", write_number, &n,
                          &why) < 0)
            _exit(1);
        snprintf(key, sizeof(key), "client-%06ld", n * 7919 % RECORDS);
        (void)store_edit(store, STORE_CLIENTS, key, write_number, &n, &why);
    }
    store_close(store);
    _exit(0);
}

static int
see(void *arg, enum store_db db, const char *key, size_t key_len,
    const char *value, size_t len)
{
    struct seen *seen = arg;

    if (strlen(key) != key_len || strlen(value) != len)
        seen->in_order = false;
    if (db == STORE_KEYS)
        seen->keys = strtol(value, NULL, 10);
    if (db == STORE_META && strcmp(key, "generation") == 0)
        seen->meta = strtol(value, NULL, 10);
    if (db != STORE_CLIENTS)
        return 0;
    if (strcmp(key, "a-first") == 0)
        seen->clients = strtol(value, NULL, 10);
    else
        seen->n++;
    if (strcmp(seen->last, key) >= 0)
        seen->in_order = false;
    snprintf(seen->last, sizeof(seen->last), "%s", key);
    return 0;
}

static int
stop(void *arg, enum store_db db, const char *key, size_t key_len,
     const char *value, size_t len)
{
    (void)arg;
    (void)db;
    (void)key;
    (void)key_len;
    (void)value;
    (void)len;
    return 7;
}

static void
snapshots(struct store *store)
{
    static const enum store_db dbs[] = {STORE_CLIENTS, STORE_KEYS,
                                        STORE_META};
    struct seen seen;
    struct errtext why = {.text = ""};
    long before = 0;
    bool right = true;
    pid_t pid;
    int i;

    memset(&seen, 0, sizeof(seen));
    seen.in_order = true;
    tap_is_int(0, store_snapshot(store, dbs, 3, see, &seen, &why),
               "the records of a store at rest: %s", why.text);
    tap_is_int(RECORDS, (long long)seen.n, "  all of them");
    tap_is_int(-1, store_snapshot(store, dbs, 3, stop, NULL, &why),
               "a callback can end it");
    signal(SIGTERM, end);
    pid = fork();
    if (pid < 0)
        abort();
    if (pid == 0)
        change_for_ever();
    /* Until there are changes: the other may be slow to begin. */
    for (i = 0; i < SNAPSHOTS || (seen.keys <= 1 && i < SNAPSHOTS_MAX); i++) {
        memset(&seen, 0, sizeof(seen));
        seen.in_order = true;
        if (store_snapshot(store, dbs, 3, see, &seen, &why) != 0)
            tap_diag("%s", why.text);
        if (!seen.in_order || seen.n != RECORDS || seen.keys < seen.clients
            || seen.keys > seen.clients + 1 || seen.meta < before) {
            right = false;
            tap_diag("%zu records, %ld and %ld", seen.n, seen.keys,
                     seen.clients);
        }
        before = seen.meta;
    }
    tap_ok(waitpid(pid, NULL, WNOHANG) == 0, "the other process went on");
    kill(pid, SIGTERM);
    waitpid(pid, NULL, 0);
    tap_ok(right && seen.keys > 1, "each time they are those of one moment, "
           "while %ld changes are made", before);
}

static int
is_refused(enum store_role role, const char *text)
{
    struct errtext why = {.text = ""};
    struct store *store = NULL;
    int rc = store_open(&store, dir, role, &why);

    store_close(store);
    return rc != 0 && strstr(why.text, text) != NULL;
}

static int
count(void *arg, const char *key, const char *value, size_t len)
{
    (void)arg;
    (void)key;
    (void)value;
    (void)len;
    return 0;
}

static void
marks(struct store *store)
{
    static const char text[] = "was not finished: run ccgrant restore again";
    static char buf[STORE_VALUE_MAX + 1];
    enum store_restore restore = STORE_RESTORE_ALL;
    struct errtext why = {.text = ""};
    struct store *restorer = state_open(dir, STORE_RESTORES);
    uint64_t generation = store_generation(store);
    size_t len;

    tap_ok(store_restore_get(restorer, &restore, &why) == 0
           && restore == STORE_RESTORE_NONE, "no restore was begun");
    tap_is_int(1, store_get(store, STORE_KEYS, "k", buf, sizeof(buf), &len,
                            &why), "a worker reads");
    tap_is_int(0, store_restore_set(restorer, STORE_RESTORE_PART, &why),
               "a restore begins");
    tap_ok(store_generation(store) > generation, "  under a new generation");
    tap_is_int(-1, store_get(store, STORE_KEYS, "k", buf, sizeof(buf), &len,
                             &why), "the worker is refused");
    tap_ok(strstr(why.text, text) != NULL, "  for the reason: %s", why.text);
    tap_is_int(-1, store_get(store, STORE_KEYS, "k", buf, sizeof(buf), &len,
                             &why), "  and again");
    tap_is_int(-1, store_each(store, STORE_KEYS, count, NULL, &why),
               "  and when it goes through all");
    tap_ok(is_refused(STORE_SERVES, text), "a CGI program is refused");
    tap_ok(is_refused(STORE_ADMIN, text), "a command is refused");
    tap_is_int(-1, store_create(dir, &why), "ccgrant init is refused");
    tap_is_int(1, store_get(restorer, STORE_KEYS, "k", buf, sizeof(buf), &len,
                            &why), "who restores reads");
    store_close(restorer);
    tap_ok(!is_refused(STORE_RESTORES, ""), "another can take over");
    restorer = state_open(dir, STORE_RESTORES);
    tap_ok(store_restore_get(restorer, &restore, &why) == 0
           && restore == STORE_RESTORE_PART, "  and knows what was begun");
    tap_is_int(0, store_restore_set(restorer, STORE_RESTORE_NONE, &why),
               "it ends");
    tap_is_int(1, store_get(store, STORE_KEYS, "k", buf, sizeof(buf), &len,
                            &why), "the worker reads again");
    tap_ok(!is_refused(STORE_SERVES, ""), "and so does a CGI program");
    tap_is_int(0, store_checkpoint(restorer, &why), "a checkpoint: %s",
               why.text);
    store_close(restorer);
}

static void
puts_and_removes(struct store *store)
{
    static char buf[STORE_VALUE_MAX + 1];
    struct store_put puts[] = {{(char[]){"p"}, (char[]){"one"}},
                               {(char[]){"q"}, (char[]){"two"}},
                               {(char[]){"nothing"}, NULL}};
    struct errtext why = {.text = ""};
    size_t len;

    tap_is_int(0, store_put_all(store, STORE_JWKS, puts, 3, &why),
               "two records are written, and one removed that is not there");
    tap_ok(store_get(store, STORE_JWKS, "q", buf, sizeof(buf), &len, &why)
           == 1 && strcmp(buf, "two") == 0, "  they are there");
    puts[0].value = NULL;
    tap_is_int(0, store_put_all(store, STORE_JWKS, puts, 1, &why),
               "one is removed");
    tap_is_int(0, store_get(store, STORE_JWKS, "p", buf, sizeof(buf), &len,
                            &why), "  it is gone");
    tap_is_int(0, store_put_all(store, STORE_JWKS, NULL, 0, &why),
               "no record at all");
}

int
main(void)
{
    static struct store *store; /* so that it is not lost to the child */
    struct errtext why = {.text = ""};

    if (mkdtemp(dir) == NULL || store_create(dir, &why) != 0) {
        tap_diag("%s", why.text);
        abort();
    }
    store = state_open(dir, STORE_ADMIN);
    fill(store);
    puts_and_removes(store);
    snapshots(store);
    marks(store);
    store_close(store);
    state_remove(dir);
    return tap_done();
}
