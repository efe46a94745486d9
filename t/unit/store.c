/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * store: records, edits and what is refused.  Deaths are in t/kill.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/store.h"
#include "io/store_env.h"
#include "io/store_meta.h"
#include "io/store_region.h"
#include "../lib/state.h"
#include "../lib/tap.h"

enum { MANY = 600, WORN_AFTER = 32, AT_ONCE = 8 };

/* What an edit answers, and what it saw. */
struct wish {
    int rc;
    const char *value;
    char seen[64];
    int calls;
};

struct walk {
    int n;
    int stop_at;
    bool ordered;
    char last[64];
    struct store *store; /* to be used in the walk */
};

static char dir[64] = "/tmp/ccgrant-store-XXXXXX";
static char state[128];
static char buf[STORE_VALUE_MAX + 1];

static int
grant(void *arg, const char *old, size_t len, char **value,
      struct errtext *why)
{
    struct wish *wish = arg;

    wish->calls++;
    snprintf(wish->seen, sizeof(wish->seen), "%.*s", (int)len,
             old != NULL ? old : "nothing");
    if (old == NULL)
        snprintf(wish->seen, sizeof(wish->seen), "nothing");
    if (wish->rc < 0)
        return errtext_set(why, "not this one");
    *value = wish->value != NULL ? strdup(wish->value) : NULL;
    return wish->rc;
}

static int
edited(struct store *store, const char *key, int rc, const char *value,
       struct wish *wish, struct errtext *why)
{
    memset(wish, 0, sizeof(*wish));
    wish->rc = rc;
    wish->value = value;
    return store_edit(store, STORE_CLIENTS, key, grant, wish, why);
}

static const char *
got(struct store *store, enum store_db db, const char *key)
{
    struct errtext why = {.text = ""};
    size_t len = 0;
    int rc = store_get(store, db, key, buf, sizeof(buf), &len, &why);

    if (rc < 0)
        return why.text[0] != '\0' ? "failed" : "failed without a reason";
    return rc > 0 && strlen(buf) == len ? buf : NULL;
}

static void
edits(void)
{
    static const struct {
        const char *what;
        const char *key;
        int rc;            /* of the wish */
        const char *value; /* of the wish */
        int expected;
        const char *seen;
        const char *after;
        int bump;
    } rows[] = {
        {"a new record", "a", 1, "one", 1, "nothing", "one", 1},
        {"a change", "a", 1, "two", 1, "one", "two", 1},
        {"leaving it", "a", 0, NULL, 0, "two", "two", 0},
        {"a refusal", "a", -1, NULL, -1, "two", "two", 0},
        {"an empty value", "a", 1, "", 1, "two", "", 1},
        {"from an empty value", "a", 1, "three", 1, "", "three", 1},
        {"a deletion", "a", 1, NULL, 1, "three", NULL, 1},
        {"what nobody keeps", "q", 2, "one", 1, "nothing", "one", 0},
        {"a change of it", "q", 2, "two", 1, "one", "two", 0},
        {"and its deletion", "q", 2, NULL, 1, "two", NULL, 0},
        {"a deletion of nothing", "a", 1, NULL, 0, "nothing", NULL, 0},
        {"a refusal of nothing", "a", -1, NULL, -1, "nothing", NULL, 0},
        {"a key with a space and a slash", "b /c", 1, "x", 1, "nothing",
         "x", 1},
    };
    struct store *store = state_open(state, STORE_ADMIN);
    struct store *other = state_open(state, STORE_ADMIN);
    struct errtext why;
    struct wish wish;
    uint64_t before;
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        before = store_generation(other);
        why.text[0] = '\0';
        tap_is_int(rows[i].expected,
                   edited(store, rows[i].key, rows[i].rc, rows[i].value,
                          &wish, &why), "edit: %s", rows[i].what);
        tap_is_str(rows[i].seen, wish.seen, "edit: %s: what it saw",
                   rows[i].what);
        tap_is_str(rows[i].after, got(other, STORE_CLIENTS, rows[i].key),
                   "edit: %s: what another process reads", rows[i].what);
        tap_is_int(rows[i].bump, (long long)(store_generation(other)
                                             - before),
                   "edit: %s: the generation", rows[i].what);
        tap_is_str(rows[i].expected < 0 ? "not this one" : "", why.text,
                   "edit: %s: the reason", rows[i].what);
    }
    tap_is_str(NULL, got(store, STORE_KEYS, "b /c"),
               "the databases are apart");
    store_close(other);
    store_close(store);
}

static void
sizes(void)
{
    struct store *store = state_open(state, STORE_ADMIN);
    char *text = malloc(STORE_VALUE_MAX + 2);
    struct errtext why = {.text = ""};
    struct wish wish;

    if (text == NULL)
        abort();
    memset(text, 'v', STORE_VALUE_MAX + 1);
    text[STORE_VALUE_MAX + 1] = '\0';
    tap_is_int(-1, edited(store, "big", 1, text, &wish, &why),
               "a value that is too large is refused");
    tap_ok(strstr(why.text, "65536") != NULL && strstr(why.text, "big")
           != NULL, "it says so: %s", why.text);
    tap_is_str(NULL, got(store, STORE_CLIENTS, "big"), "and is not there");
    text[STORE_VALUE_MAX] = '\0';
    tap_is_int(1, edited(store, "big", 1, text, &wish, &why),
               "the largest value");
    tap_is_str(text, got(store, STORE_CLIENTS, "big"), "comes back");
    (void)edited(store, "big", 1, NULL, &wish, &why);
    free(text);
    store_close(store);
}

static int
step(void *arg, const char *key, const char *value, size_t len)
{
    struct walk *walk = arg;

    if (walk->n > 0 && strcmp(walk->last, key) >= 0)
        walk->ordered = false;
    if (strlen(value) != len || strcmp(value, key) != 0)
        walk->ordered = false;
    snprintf(walk->last, sizeof(walk->last), "%s", key);
    if (walk->store != NULL
        && got(walk->store, STORE_CLIENTS, key) == NULL)
        walk->ordered = false;
    return ++walk->n == walk->stop_at ? 7 : 0;
}

static void
walks(void)
{
    struct store *store = state_open(state, STORE_ADMIN);
    struct walk walk = {0, 0, true, "", store};
    struct errtext why = {.text = ""};
    struct wish wish;
    char key[32];
    int i;

    tap_is_int(0, store_each(store, STORE_KEYS, step, &walk, &why),
               "each: nothing");
    tap_is_int(0, walk.n, "each: no call");
    (void)edited(store, "b /c", 1, NULL, &wish, &why);
    for (i = 0; i < MANY; i++) {
        snprintf(key, sizeof(key), "k%d", i * 7 % MANY);
        (void)edited(store, key, 1, key, &wish, &why);
    }
    tap_is_int(0, store_each(store, STORE_CLIENTS, step, &walk, &why),
               "each: all of several chunks, the store used meanwhile");
    tap_is_int(MANY, walk.n, "each: every record once");
    tap_ok(walk.ordered, "each: in the order of the keys");
    walk.n = 0;
    walk.stop_at = 300;
    tap_is_int(7, store_each(store, STORE_CLIENTS, step, &walk, &why),
               "each: ended by the callback");
    tap_is_int(300, walk.n, "each: there and then");
    store_close(store);
}

static void
lives(void)
{
    struct store *store = state_open(state, STORE_ADMIN);
    struct store *other = state_open(state, STORE_ADMIN);
    struct errtext why = {.text = ""};
    struct wish wish;
    uint64_t generation;
    uint64_t life;
    int good = 0;
    int i;

    (void)edited(store, "life", 1, "1", &wish, &why);
    generation = store_generation(store);
    for (i = 0; i < WORN_AFTER; i++) {
        if (i == WORN_AFTER - 1)
            tap_ok(!store_is_worn(store), "life: not worn before");
        (void)gate_enter(other->gate, &life, &why);
        gate_want_recovery(other->gate);
        gate_leave(other->gate);
        if (got(other, STORE_CLIENTS, "life") != NULL
            && edited(store, "life", 1, i % 2 == 0 ? "2" : "1", &wish, &why)
               == 1 && got(other, STORE_CLIENTS, "life") != NULL)
            good++;
    }
    tap_is_int(WORN_AFTER, good, "life: recoveries go unnoticed");
    tap_ok(store_is_worn(store), "life: many wear a process out");
    tap_is_int(2 * WORN_AFTER, (long long)(store_generation(store)
                                           - generation),
               "life: the generation rises with edits and recoveries");
    state_shell(dir, "rm state/__db.*");
    tap_is_str("1", got(other, STORE_CLIENTS, "life"),
               "life: an open environment whose files are gone still reads");
    store_close(other);
    store_close(store);
    store = state_open(state, STORE_ADMIN);
    tap_is_str("1", got(store, STORE_CLIENTS, "life"),
               "life: they are made anew");
    store_close(store);
}

/* The length of the mapping of a file, 0 for none. */
static size_t
mapped(const char *name)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    unsigned long from;
    unsigned long to;
    char line[512];
    size_t len = 0;

    if (maps == NULL)
        abort();
    while (fgets(line, sizeof(line), maps) != NULL)
        if (strstr(line, name) != NULL && strstr(line, state) != NULL
            && sscanf(line, "%lx-%lx", &from, &to) == 2)
            len = to - from;
    fclose(maps);
    return len;
}

/* Or a full disk would be SIGBUS. */
static void
regions(void)
{
    struct store *store = state_open(state, STORE_ADMIN);
    char path[192];
    struct stat st;
    size_t i;

    tap_is_str(NULL, got(store, STORE_CLIENTS, "none"), "regions: a read");
    for (i = 0; i < STORE_REGIONS; i++) {
        snprintf(path, sizeof(path), "%s/%s", state, store_regions[i].name);
        tap_ok(mapped(path) > 0 && mapped(path) <= store_regions[i].max,
               "regions: %s is mapped, %zu bytes of no more than %zu",
               store_regions[i].name, mapped(path), store_regions[i].max);
        tap_ok(stat(path, &st) == 0
               && (size_t)st.st_blocks * 512 >= mapped(path),
               "regions: its blocks are there");
    }
    snprintf(path, sizeof(path), "%s/__db.004", state);
    tap_is_int(-1, access(path, F_OK), "regions: there are no more");
    store_close(store);
}

static void
refused(const char *what, const char *reason)
{
    struct errtext why = {.text = ""};
    struct store *store = NULL;

    tap_is_int(-1, store_open(&store, state, STORE_SERVES, &why),
               "%s is refused", what);
    tap_ok(strstr(why.text, reason) != NULL && strstr(why.text, state)
           != NULL, "%s: %s", what, why.text);
}

static void
refusals(void)
{
    struct errtext why = {.text = ""};
    struct wish wish = {1, "4", "", 0};
    struct store *store;

    snprintf(state, sizeof(state), "%s/none", dir);
    refused("a missing directory", "make it with ccgrant init");
    tap_is_int(-1, store_create(state, &why), "creating in it, too");
    state_shell(dir, "touch none");
    refused("a file", "not a directory");
    state_shell(dir, "rm none; mkdir -m 770 none");
    refused("an empty directory", "make it with ccgrant init");
    snprintf(state, sizeof(state), "%s/none/gate", dir);
    tap_is_int(-1, access(state, F_OK), "and nothing is made in it");
    snprintf(state, sizeof(state), "%s/none", dir);
    tap_is_int(0, store_create(state, &why), "a new database");
    tap_is_int(0, store_create(state, &why), "creating it again");
    store = state_open(state, STORE_ADMIN);
    tap_is_int(1, store_edit(store, STORE_META, "schema", grant, &wish,
                             &why), "a newer schema");
    tap_is_str("3", wish.seen, "the schema is 3");
    store_close(store);
    refused("a newer schema", "has schema 4, this ccgrant knows 3: upgrade");
    tap_is_int(-1, store_create(state, &why),
               "creating over a newer schema is refused");
    state_shell(dir, "cp none/gate none/gate.old; echo nonsense > none/gate");
    refused("a gate of another version", "remove it");
    state_shell(dir, "rm none/meta.db; cp none/gate.old none/gate");
    refused("a database without meta", "make it with ccgrant init");
    state_shell(dir, "rm none/*; mkdir none/meta.db");
    refused("nonsense in place of a database", "database");
    if (geteuid() == 0) {
        state_shell(dir, "chown 65534 none");
        refused("a directory of another user", "run it as its owner");
    }
}

/* What only a process without root's powers is refused. */
static void
refusals_of_mode(void)
{
    static const struct {
        const char *what, *change, *reason, *undo;
    } rows[] = {
        {"a directory that is not writable", "chmod 550 mode",
         "chmod u+rwx", "chmod 770 mode"},
        {"a directory that is not readable", "chmod 330 mode",
         "chmod u+rwx", "chmod 770 mode"},
        {"a database that is not writable", "chmod 440 mode/meta.db",
         "chmod 660", "chmod 660 mode/meta.db"},
    };
    struct errtext why;
    struct store *store = NULL;
    char path[192];
    int status;
    size_t i;
    pid_t pid;
    int rc;

    snprintf(state, sizeof(state), "%s/mode", dir);
    state_shell(dir, "mkdir -m 770 mode; chmod 755 .");
    if (geteuid() == 0)
        state_shell(dir, "chown 65534:65534 mode");
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        snprintf(path, sizeof(path), "%s", rows[i].undo);
        pid = fork();
        if (pid == 0) {
            umask(0);
            if (geteuid() == 0 && setresuid(65534, 65534, 65534) < 0)
                _exit(9);
            rc = store_create(state, &why);
            state_shell(dir, rows[i].change);
            if (rc == 0)
                rc = store_open(&store, state, STORE_SERVES, &why);
            state_shell(dir, rows[i].undo);
            _exit(rc < 0 && strstr(why.text, rows[i].reason) != NULL
                  && strstr(why.text, state) != NULL ? 0 : 1);
        }
        if (pid < 0 || waitpid(pid, &status, 0) != pid)
            abort();
        tap_is_int(0, status, "%s is refused, with the cure", rows[i].what);
    }
}

static void
modes(void)
{
    static const char *const names[] = {
        "gate", "clients.db", "keys.db", "meta.db", "jwks.db", "replay.db",
        "tokens.db", "counters.db", "__db.001", "log.0000000001",
    };
    struct errtext why = {.text = ""};
    struct stat st;
    char path[192];
    mode_t mask = umask(007);
    size_t i;

    snprintf(state, sizeof(state), "%s/state", dir);
    state_shell(dir, "mkdir -m 2770 state");
    tap_is_int(0, store_create(state, &why), "create: %s", why.text);
    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", state, names[i]);
        tap_is_int(0660, stat(path, &st) == 0 ? st.st_mode & 07777 : 0,
                   "create: %s is 0660", names[i]);
    }
    umask(mask);
}

/* As the ccgrant of that schema made it. */
static int
create_old(struct store *store, void *arg, struct errtext *why)
{
    unsigned long long *schema = arg;
    int last = *schema == 2 ? STORE_REPLAY : STORE_META;
    int rc = 0;
    int db;

    (void)why;
    for (db = 0; db <= last && rc == 0; db++)
        rc = store_env_need(store, (enum store_db)db, STORE_ENV_CREATE);
    if (rc == 0)
        rc = store_meta_put(store->dbs[STORE_META], NULL, "generation", 41);
    if (rc == 0)
        rc = store_meta_put(store->dbs[STORE_META], NULL, "schema", *schema);
    return rc;
}

static void
make_old(unsigned long long schema)
{
    struct errtext why = {.text = ""};
    struct store *store = NULL;

    snprintf(state, sizeof(state), "%s/old", dir);
    state_shell(dir, "rm -rf old; mkdir -m 770 old");
    if (store_env_open(&store, state, 10, &why) < 0
        || store_env_run(store, create_old, &schema, &why) < 0) {
        tap_diag("%s", why.text);
        abort();
    }
    store_env_close(store);
}

static bool
has_file(const char *name)
{
    char path[192];

    snprintf(path, sizeof(path), "%s/%s", state, name);
    return access(path, F_OK) == 0;
}

static void
upgrade(unsigned long long schema)
{
    struct errtext why = {.text = ""};
    char path[192];
    struct stat st;
    struct store *store = NULL;
    struct wish wish;

    make_old(schema);
    state_shell(dir, "ln old/__db.001 regions");
    tap_ok(has_file("jwks.db") == (schema == 2)
           && has_file("replay.db") == (schema == 2)
           && !has_file("tokens.db") && !has_file("counters.db"),
           "upgrade: a store of schema %llu", schema);
    tap_is_int(0, store_open(&store, state, STORE_SERVES, &why),
               "upgrade: a worker opens it: %s", why.text);
    tap_is_str("3", got(store, STORE_META, "schema"),
               "upgrade: it is of schema 3");
    tap_is_str("41", got(store, STORE_META, "generation"),
               "upgrade: the generation stays");
    tap_ok(has_file("jwks.db") && has_file("replay.db")
           && has_file("tokens.db") && has_file("counters.db"),
           "upgrade: the new files are there");
    tap_is_str(NULL, got(store, STORE_JWKS, "https://a.example/keys"),
               "upgrade: and can be read");
    snprintf(path, sizeof(path), "%s/__db.001", state);
    tap_ok(stat(path, &st) == 0 && st.st_nlink == 1,
           "upgrade: the regions are new, too");
    state_shell(dir, "rm regions");
    tap_is_str(NULL, got(store, STORE_TOKENS, "a"), "upgrade: all of them");
    tap_is_int(1, edited(store, "a", 1, "one", &wish, &why),
               "upgrade: a record");
    store_close(store);
    store = state_open(state, STORE_ADMIN);
    tap_ok(store->dbs[STORE_JWKS] == NULL && store->dbs[STORE_REPLAY] == NULL
           && store->dbs[STORE_TOKENS] == NULL
           && store->dbs[STORE_COUNTERS] == NULL
           && store->uses[STORE_META] == STORE_ENV_READ,
           "upgrade: it is not done again");
    tap_is_str("one", got(store, STORE_CLIENTS, "a"),
               "upgrade: the record is there");
    tap_ok(store->dbs[STORE_TOKENS] == NULL
           && store->dbs[STORE_COUNTERS] == NULL
           && store->dbs[STORE_REPLAY] == NULL,
           "who reads a client opens nothing else");
    store_close(store);
}

static void
upgrade_others(void)
{
    struct errtext why = {.text = ""};
    struct store *store;

    make_old(1);
    tap_is_int(0, store_create(state, &why), "create: over schema 1");
    store = state_open(state, STORE_ADMIN);
    tap_is_str("3", got(store, STORE_META, "schema"), "create: upgrades it");
    store_close(store);
    make_old(2);
    tap_is_int(0, store_create(state, &why), "create: over schema 2");
    store = state_open(state, STORE_ADMIN);
    tap_is_str("3", got(store, STORE_META, "schema"),
               "create: upgrades that too");
    store_close(store);
    make_old(4);
    refused("upgrade: schema 4", "has schema 4, this ccgrant knows 3");
    tap_is_int(-1, store_create(state, &why),
               "create: over schema 4 is refused");
    make_old(0);
    refused("upgrade: schema 0", "cannot read");
    tap_is_int(-1, store_create(state, &why),
               "create: over schema 0 is refused");
}

static int
make_one(struct store *store, void *arg, struct errtext *why)
{
    (void)arg;
    (void)why;
    return store_env_need(store, STORE_TOKENS, STORE_ENV_CREATE);
}

static void
upgrade_at_once(void)
{
    struct errtext why = {.text = ""};
    struct store *store = NULL;
    int bad = 0;
    int status;
    int i;

    make_old(2);
    if (store_env_open(&store, state, 10, &why) == 0)
        (void)store_env_run(store, make_one, NULL, &why);
    store_env_close(store);
    tap_ok(has_file("tokens.db") && !has_file("counters.db"),
           "upgrade: half of it is done");
    for (i = 0; i < AT_ONCE; i++) {
        if (fork() != 0)
            continue;
        store = state_open(state, STORE_ADMIN);
        _exit(strcmp(got(store, STORE_META, "schema"), "3") != 0
              || got(store, STORE_TOKENS, "x") != NULL);
    }
    while (wait(&status) > 0)
        if (status != 0)
            bad++;
    tap_is_int(0, bad, "upgrade: by %d processes at once", AT_ONCE);
    tap_ok(has_file("counters.db"), "upgrade: the other half is done");
}

int
main(void)
{
    if (mkdtemp(dir) == NULL)
        return 1;
    modes();
    regions();
    edits();
    sizes();
    walks();
    lives();
    refusals();
    refusals_of_mode();
    upgrade(1);
    upgrade(2);
    upgrade_others();
    upgrade_at_once();
    state_remove(dir);
    return tap_done();
}
