/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * expiring: records with a text, alone and together with what is used up.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <sys/types.h>

#include <db.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/expiring.h"
#include "io/store_env.h"
#include "../lib/state.h"
#include "../lib/tap.h"

#define TOKENS EXPIRING_TOKENS
#define COUNTERS EXPIRING_COUNTERS

enum { NOW = 1700000000, MANY = 600, RACERS = 6, ROUNDS = 100 };

static char dir[64] = "/tmp/ccgrant-expiring-read-XXXXXX";
static char state[STATE_PATH_MAX];
static struct store *store;
static struct expiring *expiring;

/* What is put in place of functions of the library, and those themselves. */
static int (*begin)(DB_ENV *, DB_TXN *, DB_TXN **, u_int32_t);
static int (*commit)(DB_TXN *, u_int32_t);
static int (*flush)(DB_ENV *env, const DB_LSN *lsn);
static u_int32_t flags_seen;
static int flushes;
static bool doubtful;
static bool is_done;

static void
open_all(void)
{
    store = state_open(state, STORE_SERVES);
    expiring = expiring_open(store);
}

static void
close_all(void)
{
    expiring_close(expiring);
    store_close(store);
}

static int
put(enum expiring_table table, const char *key, int64_t expires,
    const char *text, struct errtext *why)
{
    struct expiring_record record = {table, key, strlen(key), expires, text};
    struct expiring_change change = {.records = &record, .n_records = 1};
    size_t there = 9;

    return expiring_commit(expiring, &change, NOW, &there, why);
}

/* The text that is there, or what else comes out. */
static const char *
got(enum expiring_table table, const char *key, int64_t now,
    struct errtext *why)
{
    static char buf[EXPIRING_TEXT_MAX + 1];
    size_t len = 0;
    int64_t expires;
    int rc = expiring_read(expiring, table, key, strlen(key), now, buf,
                           sizeof(buf), &len, &expires, why);

    if (rc < 0)
        return "failed";
    if (rc == 0)
        return "none";
    return strlen(buf) == len && expires > now ? buf : "wrong";
}

static void
empty(void)
{
    struct errtext why = {.text = ""};
    size_t n;

    if (expiring_sweep(expiring, TOKENS, INT64_MAX, &n, &why) < 0
        || expiring_sweep(expiring, COUNTERS, INT64_MAX, &n, &why) < 0
        || expiring_purge(expiring, INT64_MAX, SIZE_MAX, &n, &why) < 0)
        tap_diag("%s", why.text);
}

static void
reads(void)
{
    static const struct {
        const char *what;
        enum expiring_table table; /* written, unless expires is 0 */
        const char *key;
        int64_t expires;
        const char *text;
        enum expiring_table from; /* and read */
        const char *name;
        int64_t now;
        const char *expected;
    } rows[] = {
        {"nothing is there", 0, NULL, 0, NULL, TOKENS, "a", NOW, "none"},
        {"a record", TOKENS, "a", NOW + 10, "one", TOKENS, "a", NOW, "one"},
        {"a second before its end", 0, NULL, 0, NULL, TOKENS, "a", NOW + 9,
         "one"},
        {"at its end", 0, NULL, 0, NULL, TOKENS, "a", NOW + 10, "none"},
        {"long after it", 0, NULL, 0, NULL, TOKENS, "a", INT64_MAX, "none"},
        {"the tables are apart", 0, NULL, 0, NULL, COUNTERS, "a", NOW,
         "none"},
        {"the beginning of a key", TOKENS, "abc", NOW + 10, "x", TOKENS,
         "ab", NOW, "none"},
        {"more than a key", 0, NULL, 0, NULL, TOKENS, "abcd", NOW, "none"},
        {"a key in capitals", 0, NULL, 0, NULL, TOKENS, "ABC", NOW, "none"},
        {"another text replaces it", TOKENS, "a", NOW + 20, "two words",
         TOKENS, "a", NOW + 15, "two words"},
        {"and a shorter life", TOKENS, "a", NOW + 1, "three", TOKENS, "a",
         NOW + 1, "none"},
        {"an empty text", TOKENS, "a", NOW + 5, "", TOKENS, "a", NOW, ""},
        {"a text that looks like a time", TOKENS, "a", NOW + 5, "12 34",
         TOKENS, "a", NOW, "12 34"},
        {"it is removed", TOKENS, "a", NOW + 5, NULL, TOKENS, "a", NOW,
         "none"},
        {"what is not there is removed", TOKENS, "a", NOW + 5, NULL, TOKENS,
         "a", NOW, "none"},
        {"what has expired already", COUNTERS, "b", NOW - 1, "x", COUNTERS,
         "b", NOW, "none"},
        {"which somebody who is late finds", 0, NULL, 0, NULL, COUNTERS, "b",
         NOW - 2, "x"},
        {"before 1970 is 1970", COUNTERS, "b", -7, "x", COUNTERS, "b", -1,
         "x"},
        {"and not after it", 0, NULL, 0, NULL, COUNTERS, "b", 0, "none"},
        {"the end of time", COUNTERS, "b", INT64_MAX, "x", COUNTERS, "b",
         INT64_MAX - 1, "x"},
    };
    uint64_t generation = store_generation(store);
    struct errtext why;
    size_t i;

    for (i = 0; i < LEN(rows); i++) {
        why.text[0] = '\0';
        if (rows[i].expires != 0)
            tap_is_int(1, put(rows[i].table, rows[i].key, rows[i].expires,
                              rows[i].text, &why),
                       "read: %s: it is written: %s", rows[i].what,
                       why.text);
        tap_is_str(rows[i].expected,
                   got(rows[i].from, rows[i].name, rows[i].now, &why),
                   "read: %s", rows[i].what);
    }
    tap_is_int((long long)generation, (long long)store_generation(store),
               "read: the generation stays");
    empty();
}

static void
refusals(void)
{
    static char text[EXPIRING_TEXT_MAX + 2], key[EXPIRING_KEY_MAX + 1];
    static const struct {
        const char *what;
        size_t n_uses, n_records, key_len, text_len;
        int expected;
        const char *reason;
    } rows[] = {
        {"nothing at all", 0, 0, 1, 1, 1, ""},
        {"three uses", 3, 0, 1, 1, -1, "2 uses"},
        {"five records", 0, 5, 1, 1, -1, "4 records"},
        {"an empty key", 0, 1, 0, 1, -1, "0 bytes: 1 to 600"},
        {"a key that is too long", 0, 1, 601, 1, -1, "601 bytes"},
        {"the longest key", 0, 1, 600, 1, 1, ""},
        {"a text that is too long", 0, 1, 1, 16385, -1, "16384 are allowed"},
        {"a fault in the last of four", 0, 4, 600, 16385, -1, "16384"},
        {"the longest text, four times", 2, 4, 600, 16384, 1, ""},
    };
    struct expiring_use uses[3] = {{NOW + 1, "a"}, {NOW + 1, "b"},
                                   {NOW + 1, "c"}};
    struct expiring_record records[5];
    struct expiring_change change = {.uses = uses, .records = records};
    struct errtext why;
    size_t i, j;
    size_t there;

    memset(key, 'k', sizeof(key));
    for (i = 0; i < LEN(rows); i++) {
        memset(text, 't', rows[i].text_len);
        text[rows[i].text_len] = '\0';
        for (j = 0; j < LEN(records); j++)
            records[j] = (struct expiring_record){
                .table = TOKENS, .key = key, .expires = NOW + 1, .text = "",
                .key_len = rows[i].key_len,
            };
        if (rows[i].n_records > 0)
            records[rows[i].n_records - 1].text = text;
        change.n_uses = rows[i].n_uses;
        change.n_records = rows[i].n_records;
        why.text[0] = '\0';
        tap_is_int(rows[i].expected,
                   expiring_commit(expiring, &change, NOW, &there, &why),
                   "refusal: %s", rows[i].what);
        tap_ok(strstr(why.text, rows[i].reason) != NULL
               && (why.text[0] == '\0') == (rows[i].expected > 0),
               "refusal: %s: \"%s\"", rows[i].what, why.text);
    }
    key[EXPIRING_KEY_MAX] = '\0';
    tap_is_str(text, got(TOKENS, key, NOW, &why),
               "refusal: the longest comes back");
    tap_is_int(-1, expiring_read(expiring, TOKENS, "k", 1, NOW, text,
                                 sizeof(text) - 2, NULL, NULL, &why),
               "refusal: a small buffer");
    tap_is_int(1, expiring_read(expiring, TOKENS, key, EXPIRING_KEY_MAX, NOW,
                                text, sizeof(text), NULL, NULL, &why),
               "neither length nor time need be asked for");
    empty();
}

/* All or nothing. */
static void
together(void)
{
    static const struct {
        const char *what;
        const char *use;
        const char *text;
        int expected;
        const char *after;
    } rows[] = {
        {"a new use", "u1", "first", 1, "first"},
        {"the use again", "u1", "second", 0, "first"},
        {"another use", "u2", "third", 1, "third"},
        {"a removal with a use that was there", "u2", NULL, 0, "third"},
        {"a removal with a new one", "u3", NULL, 1, "none"},
        {"no use", NULL, "fourth", 1, "fourth"},
    };
    struct errtext why = {.text = ""};
    size_t i;

    for (i = 0; i < LEN(rows); i++) {
        struct expiring_use uses[2] = {{.expires = NOW + 100},
                                       {.expires = NOW + 100}};
        struct expiring_record records[] = {
            {TOKENS, "t", 1, NOW + 100, rows[i].text},
            {COUNTERS, "c", 1, NOW + 100, rows[i].text},
        };
        struct expiring_change change = {
            .uses = uses, .n_uses = 2, .records = records, .n_records = 2,
        };
        size_t there = 9;

        memset(uses[0].id, (int)('A' + i), EXPIRING_ID_LEN); /* always new */
        if (rows[i].use != NULL)
            memcpy(uses[1].id, rows[i].use, strlen(rows[i].use));
        else
            change.n_uses = 1;
        tap_is_int(rows[i].expected,
                   expiring_commit(expiring, &change, NOW, &there, &why),
                   "together: %s", rows[i].what);
        tap_is_int(rows[i].expected == 0 ? 1 : 9, (long long)there,
                   "together: %s: which was there", rows[i].what);
        tap_is_str(rows[i].after, got(TOKENS, "t", NOW, &why),
                   "together: %s: the token", rows[i].what);
        tap_is_str(rows[i].after, got(COUNTERS, "c", NOW, &why),
                   "together: %s: the counter", rows[i].what);
    }
    empty();
}

static int
end(DB_TXN *txn, u_int32_t flags)
{
    int rc;

    flags_seen = flags;
    if (!doubtful)
        return commit(txn, flags);
    doubtful = false;
    rc = is_done ? commit(txn, flags) : txn->abort(txn);
    return rc == 0 ? DB_RUNRECOVERY : rc;
}

static int
begin_watched(DB_ENV *env, DB_TXN *parent, DB_TXN **txn, u_int32_t flags)
{
    int rc = begin(env, parent, txn, flags);

    if (rc == 0) {
        commit = (*txn)->commit;
        (*txn)->commit = end;
    }
    return rc;
}

static int
flush_watched(DB_ENV *env, const DB_LSN *lsn)
{
    flushes++;
    return flush(env, lsn);
}

/* What is on the disk when the call returns, and what one is told when a
 * recovery came in between. */
static void
commits(void)
{
    static const struct {
        const char *what;
        bool durable, doubtful, is_done, has_use;
        int expected;
    } rows[] = {
        {"durable", true, false, false, false, 1},
        {"durable with a use", true, false, false, true, 1},
        {"not durable", false, false, false, false, 1},
        {"not durable with a use", false, false, false, true, 1},
        {"in doubt, a record, done", true, true, true, false, 1},
        {"in doubt, a record, not done", true, true, false, false, 1},
        {"in doubt, with a use, done", true, true, true, true, -1},
        {"in doubt, with a use, not done", true, true, false, true, 1},
    };
    struct errtext why;
    size_t there;
    size_t i;

    for (i = 0; i < LEN(rows); i++) {
        struct expiring_use use = {.expires = NOW + 100};
        struct expiring_record record = {TOKENS, rows[i].what,
                                         strlen(rows[i].what), NOW + 100,
                                         "text"};
        struct expiring_change change = {.uses = &use,
                                         .n_uses = rows[i].has_use ? 1 : 0,
                                         .records = &record,
                                         .n_records = 1,
                                         .durable = rows[i].durable};

        close_all();
        open_all();
        memset(use.id, (int)i, sizeof(use.id));
        (void)got(TOKENS, "a", NOW, &why);
        begin = store->env->txn_begin;
        store->env->txn_begin = begin_watched;
        doubtful = rows[i].doubtful;
        is_done = rows[i].is_done;
        flush = store->env->log_flush;
        store->env->log_flush = flush_watched;
        flags_seen = 0;
        flushes = 0;
        why.text[0] = '\0';
        tap_is_int(rows[i].expected,
                   expiring_commit(expiring, &change, NOW, &there, &why),
                   "commit %s: %s", rows[i].what, why.text);
        tap_is_int(DB_TXN_WRITE_NOSYNC, flags_seen,
                   "commit %s: its locks wait for no disk", rows[i].what);
        if (!rows[i].doubtful) /* else it is done in another life */
            tap_is_int(rows[i].durable ? 1 : 0, flushes,
                       "commit %s: what waits for the disk", rows[i].what);
        tap_ok((rows[i].expected < 0)
               == (strstr(why.text, "nobody can tell") != NULL),
               "commit %s: the reason", rows[i].what);
        tap_is_str("text", got(TOKENS, rows[i].what, NOW, &why),
                   "commit %s: the record is there", rows[i].what);
    }
    empty();
}

struct raw {
    enum store_db db;
    const char *key, *value;
    size_t key_len, len;
    char seen[64];
};

static int
put_raw(struct store *at, void *arg, struct errtext *why)
{
    const struct raw *raw = arg;
    int rc = store_env_need(at, raw->db, STORE_ENV_WRITE);
    DBT key = {.data = (void *)(uintptr_t)raw->key,
               .size = (u_int32_t)raw->key_len};
    DBT value = {.data = (void *)(uintptr_t)raw->value,
                 .size = (u_int32_t)raw->len};

    (void)why;
    return rc != 0 ? rc : at->dbs[raw->db]->put(at->dbs[raw->db], NULL, &key,
                                                &value, 0);
}

static int
get_raw(struct store *at, void *arg, struct errtext *why)
{
    struct raw *raw = arg;
    int rc = store_env_need(at, raw->db, STORE_ENV_READ);
    DBT key = {.data = (void *)(uintptr_t)raw->key,
               .size = (u_int32_t)raw->key_len};
    DBT value = {.data = raw->seen, .ulen = sizeof(raw->seen) - 1,
                 .flags = DB_DBT_USERMEM};

    (void)why;
    if (rc == 0)
        rc = at->dbs[raw->db]->get(at->dbs[raw->db], NULL, &key, &value, 0);
    raw->seen[rc == 0 ? value.size : 0] = '\0';
    return rc;
}

static int
count_one(void *arg, const void *key, size_t key_len, int64_t expires,
          const char *text, size_t len)
{
    (void)key;
    (void)key_len;
    (void)expires;
    (void)text;
    (void)len;
    ++*(int *)arg;
    return 0;
}

static void
damages(void)
{
    static char huge[EXPIRING_TEXT_MAX + 100];
    static const struct {
        const char *what, *value;
    } rows[] = {
        {"nothing", ""},
        {"a space", " "},
        {"a time alone", "1700000060"},
        {"no space after it", "1700000060x y"},
        {"no time", " text"},
        {"a time before 1970", "-5 text"},
        {"a time with a sign", "+5 text"},
        {"a time that is too great", "9223372036854775808 text"},
        {"words", "expires at 5"},
        {"a text that is too long", huge},
    };
    struct raw raw = {STORE_TOKENS, "d", NULL, 1, 0, ""};
    struct errtext why;
    size_t swept;
    size_t i;
    int n = 0;

    snprintf(huge, sizeof(huge), "%lld %0*d", (long long)NOW + 60,
             EXPIRING_TEXT_MAX + 1, 7);
    for (i = 0; i < LEN(rows); i++) {
        raw.value = rows[i].value;
        raw.len = strlen(raw.value);
        why.text[0] = '\0';
        if (store_env_run(store, put_raw, &raw, &why) < 0)
            tap_diag("%s", why.text);
        tap_is_str("failed", got(TOKENS, "d", NOW, &why),
                   "damaged: %s: no reading", rows[i].what);
        tap_ok(strstr(why.text, "tokens.db") != NULL
               && strstr(why.text, "damaged") != NULL, "damaged: %s: %s",
               rows[i].what, why.text);
        if (rows[i].value == huge)
            break;
        tap_is_int(-1, expiring_each(expiring, TOKENS, "", NOW, count_one,
                                     &n, &why),
                   "damaged: %s: no walk over it", rows[i].what);
        tap_is_int(0, expiring_sweep(expiring, TOKENS, INT64_MAX, &swept,
                                     &why),
                   "damaged: %s: a sweep goes on", rows[i].what);
        tap_is_int(0, (long long)swept, "damaged: %s: and leaves it",
                   rows[i].what);
    }
    tap_is_int(0, n, "damaged: nothing of that was handed over");
    tap_is_int(1, put(TOKENS, "d", NOW + 60, "text", &why),
               "damaged: it can be written anew");
    tap_is_int(0, store_env_run(store, get_raw, &raw, &why),
               "what is in the file");
    tap_is_str("1700000060 text", raw.seen, "can be read in a dump of it");
    raw = (struct raw){STORE_REPLAY, "short", "", 5, 0, ""};
    if (store_env_run(store, put_raw, &raw, &why) < 0)
        tap_diag("%s", why.text);
    tap_is_int(-1, expiring_uses(expiring, NOW, NULL, NULL, &why),
               "damaged: a use");
    tap_ok(strstr(why.text, "replay.db") != NULL, "damaged: %s", why.text);
    if (store_env_run(store, put_raw, &raw, &why) < 0)
        tap_diag("%s", why.text);
    empty();
}

struct walk {
    int n;
    int stop_at;
    bool wrong;
    char keys[128]; /* as far as there is room */
};

static int
step(void *arg, const void *key, size_t key_len, int64_t expires,
     const char *text, size_t len)
{
    struct walk *walk = arg;
    struct errtext why;
    size_t used = strlen(walk->keys);
    const char *name = key;

    if (expires <= NOW || strlen(text) != len || strlen(name) > key_len
        || strcmp(got(COUNTERS, "of a walk", NOW, &why), "used") != 0)
        walk->wrong = true;
    snprintf(walk->keys + used, sizeof(walk->keys) - used, "%.*s=%s;",
             (int)key_len, name, text);
    return ++walk->n == walk->stop_at ? 7 : 0;
}

static void
walks(void)
{
    static const struct {
        const char *what, *prefix;
        int64_t now;
        int stop_at, expected;
        const char *keys;
    } rows[] = {
        {"all", "", NOW, 0, 0, "a=1;ab=2;abc=3;b=4;"},
        {"those with a beginning", "ab", NOW, 0, 0, "ab=2;abc=3;"},
        {"a whole key", "abc", NOW, 0, 0, "abc=3;"},
        {"more than a key", "abcd", NOW, 0, 0, ""},
        {"behind all", "c", NOW, 0, 0, ""},
        {"before all", "A", NOW, 0, 0, ""},
        {"later", "", NOW + 15, 0, 0, "ab=2;abc=3;b=4;"},
        {"at the end of the second", "a", NOW + 20, 0, 0, "abc=3;"},
        {"after all", "", NOW + 40, 0, 0, ""},
        {"until one is found", "a", NOW, 2, 7, "a=1;ab=2;"},
    };
    struct errtext why = {.text = ""};
    struct walk walk;
    char key[16];
    size_t i;
    int n;

    (void)put(COUNTERS, "of a walk", NOW + 5, "used", &why);
    (void)put(TOKENS, "b", NOW + 40, "4", &why);
    (void)put(TOKENS, "abc", NOW + 30, "3", &why);
    (void)put(TOKENS, "a", NOW + 10, "1", &why);
    (void)put(TOKENS, "ab", NOW + 20, "2", &why);
    (void)put(TOKENS, "aa", NOW, "expired", &why);
    for (i = 0; i < LEN(rows); i++) {
        memset(&walk, 0, sizeof(walk));
        walk.stop_at = rows[i].stop_at;
        tap_is_int(rows[i].expected,
                   expiring_each(expiring, TOKENS, rows[i].prefix,
                                 rows[i].now, step, &walk, &why),
                   "each: %s", rows[i].what);
        tap_is_str(rows[i].keys, walk.keys, "each: %s: which",
                   rows[i].what);
        tap_ok(!walk.wrong, "each: %s: all is right", rows[i].what);
    }
    for (n = 0; n < MANY; n++) {
        snprintf(key, sizeof(key), "m%d", n * 7 % MANY);
        (void)put(TOKENS, key, NOW + 10, "x", &why);
    }
    memset(&walk, 0, sizeof(walk));
    tap_is_int(0, expiring_each(expiring, TOKENS, "m", NOW, step, &walk,
                                &why), "each: several chunks");
    tap_is_int(MANY, walk.n, "each: every one once");
    tap_ok(!walk.wrong, "each: the store is used meanwhile");
    empty();
}

static int
take_use(void *arg, const struct expiring_use *use)
{
    struct walk *walk = arg;
    size_t used = strlen(walk->keys);

    snprintf(walk->keys + used, sizeof(walk->keys) - used, "%lld%.1s;",
             (long long)(use->expires - NOW), (const char *)use->id);
    return ++walk->n == walk->stop_at ? 7 : 0;
}

static void
uses(void)
{
    static const struct {
        const char *what;
        int64_t now;
        int stop_at, expected;
        const char *found;
    } rows[] = {
        {"all", 0, 0, 0, "1a;2b;2c;300d;"},
        {"before 1970", -1, 0, 0, "1a;2b;2c;300d;"},
        {"a second before the first", NOW, 0, 0, "1a;2b;2c;300d;"},
        {"at the end of the first", NOW + 1, 0, 0, "2b;2c;300d;"},
        {"the last", NOW + 299, 0, 0, "300d;"},
        {"after all", NOW + 300, 0, 0, ""},
        {"at the end of time", INT64_MAX, 0, 0, ""},
        {"until one is found", NOW + 1, 2, 7, "2b;2c;"},
    };
    static const struct {
        int64_t expires;
        int letter;
    } there[] = {{300, 'd'}, {2, 'c'}, {1, 'a'}, {2, 'b'}};
    struct expiring_use use;
    struct expiring_change change = {.uses = &use, .n_uses = 1};
    struct errtext why = {.text = ""};
    struct walk walk;
    size_t which;
    size_t i;

    for (i = 0; i < LEN(there); i++) {
        use.expires = NOW + there[i].expires;
        memset(use.id, there[i].letter, sizeof(use.id));
        (void)expiring_commit(expiring, &change, NOW, &which, &why);
    }
    for (i = 0; i < LEN(rows); i++) {
        memset(&walk, 0, sizeof(walk));
        walk.stop_at = rows[i].stop_at;
        tap_is_int(rows[i].expected,
                   expiring_uses(expiring, rows[i].now, take_use, &walk,
                                 &why), "uses: %s", rows[i].what);
        tap_is_str(rows[i].found, walk.keys, "uses: %s: which",
                   rows[i].what);
    }
    empty();
}

/* What racers share: who was told that he made the change. */
struct race {
    _Atomic int ready;
    _Atomic int winner[ROUNDS]; /* his number and one */
    _Atomic int won[ROUNDS];
    _Atomic int failed;
};

static void
run(struct race *race, int racer)
{
    char text[16], key[16];
    struct expiring_use use = {.expires = NOW + 50};
    struct expiring_record record = {TOKENS, key, 0, NOW + 50, text};
    struct expiring_change change = {
        .uses = &use, .n_uses = 1, .records = &record, .n_records = 1,
    };
    struct errtext why;
    size_t there;
    int rc;
    int i;

    open_all();
    for (race->ready++; race->ready < RACERS;)
        (void)usleep(100);
    snprintf(text, sizeof(text), "racer %d", racer + 1);
    for (i = 0; i < ROUNDS; i++) {
        memset(use.id, i, sizeof(use.id));
        record.key_len = (size_t)snprintf(key, sizeof(key), "round %d", i);
        rc = expiring_commit(expiring, &change, NOW, &there, &why);
        if (rc < 0)
            race->failed++;
        if (rc > 0) {
            race->won[i]++;
            race->winner[i] = racer + 1;
        }
    }
    close_all();
    _exit(0);
}

static void
races(void)
{
    struct race *race = mmap(NULL, sizeof(*race), PROT_READ | PROT_WRITE,
                             MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct errtext why;
    char key[16], text[16];
    int good = 0;
    int i;

    if (race == MAP_FAILED)
        abort();
    close_all();
    for (i = 0; i < RACERS; i++)
        if (fork() == 0)
            run(race, i);
    while (wait(NULL) > 0)
        ;
    open_all();
    for (i = 0; i < ROUNDS; i++) {
        snprintf(key, sizeof(key), "round %d", i);
        snprintf(text, sizeof(text), "racer %d", race->winner[i]);
        good += race->won[i] == 1
                && strcmp(got(TOKENS, key, NOW, &why), text) == 0;
    }
    tap_is_int(0, race->failed, "races: no call has failed");
    tap_is_int(ROUNDS, good, "races: of %d processes one makes each change, "
               "wholly", RACERS);
    (void)munmap(race, sizeof(*race));
    empty();
}

static void
lives(void)
{
    struct store *other = NULL;
    struct errtext why = {.text = ""};
    uint64_t life;

    (void)store_open(&other, state, STORE_SERVES, &why);
    tap_is_int(1, put(TOKENS, "life", NOW + 5, "one", &why), "life: a record");
    (void)gate_enter(other->gate, &life, &why);
    gate_want_recovery(other->gate);
    gate_leave(other->gate);
    tap_is_str("one", got(TOKENS, "life", NOW, &why),
               "life: it is there in the next one");
    tap_is_int(1, put(TOKENS, "life", NOW + 5, NULL, &why),
               "life: it is removed");
    (void)gate_enter(other->gate, &life, &why);
    gate_want_recovery(other->gate);
    gate_leave(other->gate);
    tap_is_str("none", got(TOKENS, "life", NOW, &why),
               "life: and does not come back");
    store_close(other);
}

int
main(void)
{
    state_make(dir, state);
    open_all();
    reads();
    refusals();
    together();
    commits();
    damages();
    walks();
    uses();
    races();
    lives();
    close_all();
    state_remove(dir);
    return tap_done();
}
