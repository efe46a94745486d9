/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * ccgrant stats: what there is, counted now.
 */

#include <dirent.h>
#include <fnmatch.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "core/client.h"
#include "core/keylife.h"
#include "ctl.h"
#include "ctl_key.h"
#include "ctl_out.h"
#include "ctl_record.h"
#include "ctl_sound.h"
#include "ctl_table.h"
#include "io/path.h"
#include "io/store_each.h"
#include "io/store_upkeep.h"

enum { KEY_STATES = KEYLIFE_GONE + 1 };

static const char *const state_names[KEY_STATES] = {"published", "signing",
                                                    "retiring", "gone"};

struct stats {
    struct ctl *ctl;
    size_t clients, disabled, expired, broken;
    size_t auth[AUTH__MAX];
    size_t secrets; /* that are live */
    size_t keys[KEY_STATES];
    size_t opaque, revoked;
    size_t uses, counters, sets;
    size_t unreadable[STORE__MAX]; /* of what expires */
    enum store_db db;              /* of a walk */
    long long bytes[STORE__MAX]; /* of the files */
    long long log_bytes;
    size_t logs;
    long long waiting_bytes; /* of logs that nothing needs any more */
    size_t waiting;
};

static int count_all(struct stats *stats, struct errtext *why);
static store_each_fn count_client, count_set;
static int count_keys(struct stats *stats, struct errtext *why);
static store_each_from_fn count_expiring;
static void measure(struct stats *stats);
static void print(const struct stats *stats);
static void print_json(const struct stats *stats);

int
ctl_stats(struct ctl *ctl, struct errtext *why)
{
    struct stats stats;

    memset(&stats, 0, sizeof(stats));
    stats.ctl = ctl;
    if (ctl_record_open(ctl, why) != 0 || count_all(&stats, why) != 0)
        return CTL_FAILED;
    measure(&stats);
    if (store_waiting_logs(ctl->service.store, &stats.waiting,
                           &stats.waiting_bytes, why)
        != 0)
        return CTL_FAILED;
    if (ctl->json)
        print_json(&stats);
    else
        print(&stats);
    return CTL_DONE;
}

static int
count_all(struct stats *stats, struct errtext *why)
{
    static const enum store_db dbs[] = {STORE_TOKENS, STORE_COUNTERS,
                                        STORE_REPLAY};
    struct store *store = stats->ctl->service.store;
    size_t i;
    int rc = store_each(store, STORE_CLIENTS, count_client, stats, why);

    if (rc == 0)
        rc = count_keys(stats, why);
    if (rc == 0)
        rc = store_each(store, STORE_JWKS, count_set, stats, why);
    for (i = 0; rc == 0 && i < sizeof(dbs) / sizeof(dbs[0]); i++) {
        stats->db = dbs[i];
        rc = store_each_from(store, dbs[i], "", 0, count_expiring, stats,
                             why);
    }
    return rc;
}

static int
count_client(void *arg, const char *key, const char *value, size_t len)
{
    struct stats *stats = arg;
    int64_t now = stats->ctl->now;
    struct client *cl = NULL;
    size_t i;

    (void) key;
    stats->clients++;
    if (client_load(&cl, value, len, NULL) != 0) {
        stats->broken++;
        return 0;
    }
    if (!cl->enabled)
        stats->disabled++;
    if (cl->expires != 0 && cl->expires <= now)
        stats->expired++;
    stats->auth[cl->auth]++;
    for (i = 0; i < cl->n_secrets; i++)
        stats->secrets += client_secret_is_live(&cl->secrets[i], now);
    client_free(cl);
    return 0;
}

static int
count_set(void *arg, const char *key, const char *value, size_t len)
{
    struct stats *stats = arg;

    (void) key;
    (void) value;
    (void) len;
    stats->sets++;
    return 0;
}

static int
count_keys(struct stats *stats, struct errtext *why)
{
    struct ctl_keys keys = {NULL, 0};
    int rc = ctl_key_read(stats->ctl, &keys, why);
    size_t i;

    for (i = 0; rc == 0 && i < keys.n; i++)
        stats->keys[keylife_state(&keys.recs[i], keys.recs, keys.n,
                                  stats->ctl->now)]++;
    ctl_key_free(&keys);
    return rc;
}

/* Of a revoked JWT there is the jti alone. */
static int
count_expiring(void *arg, const char *key, size_t key_len, const char *value,
               size_t len)
{
    struct stats *stats = arg;
    const struct ctl_sound record = {stats->db, key, key_len, value, len};
    int64_t expires;

    if (!ctl_sound_time(&record, &expires))
        stats->unreadable[record.db]++;
    else if (expires <= stats->ctl->now)
        return 0;
    else if (record.db == STORE_REPLAY)
        stats->uses++;
    else if (record.db == STORE_COUNTERS)
        stats->counters++;
    else if (*ctl_sound_text(&record) != '\0')
        stats->opaque++;
    else
        stats->revoked++;
    return 0;
}

static long long
file_size(const char *dir, const char *name)
{
    char path[PATH_TEXT_MAX];
    struct stat st;

    if (path_join(path, dir, name, NULL) != 0 || stat(path, &st) != 0)
        return 0;
    return (long long) st.st_size;
}

static void
measure(struct stats *stats)
{
    const char *state = stats->ctl->policy.state;
    const struct dirent *entry;
    DIR *dir = opendir(state);
    int db;

    for (db = 0; db < STORE__MAX; db++)
        stats->bytes[db] = file_size(state, store_file((enum store_db) db));
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        if (fnmatch("log.[0-9]*", entry->d_name, 0) != 0)
            continue;
        stats->logs++;
        stats->log_bytes += file_size(state, entry->d_name);
    }
    if (dir != NULL)
        closedir(dir);
}

static void
add(struct ctl_table *table, const char *name, long long n)
{
    char text[32];

    snprintf(text, sizeof(text), "%lld", n);
    ctl_table_fact(table, name, text);
}

static void
print(const struct stats *stats)
{
    struct store *store = stats->ctl->service.store;
    struct ctl_table table;
    char name[80];
    int i;

    ctl_table_init(&table, 2);
    add(&table, "clients", (long long) stats->clients);
    add(&table, "  disabled", (long long) stats->disabled);
    add(&table, "  expired", (long long) stats->expired);
    add(&table, "  that cannot be read", (long long) stats->broken);
    for (i = 1; i < AUTH__MAX; i++) {
        snprintf(name, sizeof(name), "  %s", client_auth_words[i]);
        add(&table, name, (long long) stats->auth[i]);
    }
    add(&table, "live secrets", (long long) stats->secrets);
    for (i = 0; i < KEY_STATES; i++) {
        snprintf(name, sizeof(name), "signing keys, %s", state_names[i]);
        add(&table, name, (long long) stats->keys[i]);
    }
    add(&table, "live opaque tokens", (long long) stats->opaque);
    add(&table, "revoked JWTs", (long long) stats->revoked);
    add(&table, "  that cannot be read, of both",
        (long long) stats->unreadable[STORE_TOKENS]);
    add(&table, "one-time values", (long long) stats->uses);
    add(&table, "  that cannot be read",
        (long long) stats->unreadable[STORE_REPLAY]);
    add(&table, "counters", (long long) stats->counters);
    add(&table, "  that cannot be read",
        (long long) stats->unreadable[STORE_COUNTERS]);
    add(&table, "key sets of clients' URLs", (long long) stats->sets);
    for (i = 0; i < STORE__MAX; i++) {
        snprintf(name, sizeof(name), "bytes of %s",
                 store_file((enum store_db) i));
        add(&table, name, stats->bytes[i]);
    }
    add(&table, "bytes of logs", stats->log_bytes);
    add(&table, "logs", (long long) stats->logs);
    add(&table, "bytes of logs that wait to go", stats->waiting_bytes);
    add(&table, "logs that wait to go", (long long) stats->waiting);
    add(&table, "generation", (long long) store_generation(store));
    add(&table, "schema", store_schema());
    ctl_table_print(&table, false, false);
    ctl_table_wipe(&table);
}

static json_t *
clients_json(const struct stats *stats)
{
    json_t *auth = json_object();
    int i;

    for (i = 1; i < AUTH__MAX; i++)
        json_object_set_new(auth, client_auth_words[i],
                            json_integer((json_int_t) stats->auth[i]));
    return json_pack("{s:I,s:I,s:I,s:I,s:I,s:o}", "all",
                     (json_int_t) stats->clients, "enabled",
                     (json_int_t) (stats->clients - stats->disabled
                                   - stats->broken),
                     "disabled", (json_int_t) stats->disabled, "expired",
                     (json_int_t) stats->expired, "unreadable",
                     (json_int_t) stats->broken, "methods", auth);
}

static void
print_json(const struct stats *stats)
{
    json_t *keys = json_object(), *files = json_object();
    int i;

    for (i = 0; i < KEY_STATES; i++)
        json_object_set_new(keys, state_names[i],
                            json_integer((json_int_t) stats->keys[i]));
    for (i = 0; i < STORE__MAX; i++)
        json_object_set_new(files, store_file((enum store_db) i),
                            json_integer(stats->bytes[i]));
    ctl_out_json(json_pack(
        "{s:o,s:I,s:o,s:I,s:I,s:I,s:I,s:{s:I,s:I,s:I},s:I,s:o,"
        "s:{s:I,s:I,s:I,s:I},s:I,s:i}",
        "clients", clients_json(stats), "live_secrets",
        (json_int_t) stats->secrets, "keys", keys, "opaque_tokens",
        (json_int_t) stats->opaque, "revoked_jwts",
        (json_int_t) stats->revoked, "one_time_values",
        (json_int_t) stats->uses, "counters", (json_int_t) stats->counters,
        "unreadable", "tokens", (json_int_t) stats->unreadable[STORE_TOKENS],
        "one_time_values", (json_int_t) stats->unreadable[STORE_REPLAY],
        "counters", (json_int_t) stats->unreadable[STORE_COUNTERS],
        "key_sets", (json_int_t) stats->sets, "bytes", files, "logs",
        "files", (json_int_t) stats->logs, "bytes",
        (json_int_t) stats->log_bytes, "waiting",
        (json_int_t) stats->waiting, "waiting_bytes",
        (json_int_t) stats->waiting_bytes, "generation",
        (json_int_t) store_generation(stats->ctl->service.store), "schema",
        store_schema()));
}
