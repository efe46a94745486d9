/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * ccgrant purge: all at once of what else goes away bit by bit, and what
 * nothing else takes away.
 */

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/client.h"
#include "core/counter.h"
#include "core/jwksrec.h"
#include "core/keylife.h"
#include "costs.h"
#include "ctl.h"
#include "ctl_key.h"
#include "ctl_out.h"
#include "ctl_record.h"
#include "ctl_sound.h"
#include "ctl_table.h"
#include "io/store_each.h"
#include "io/store_upkeep.h"
#include "revocation.h"

enum { USES_MAX = 500 }; /* that are removed in one go */

struct purge {
    struct ctl *ctl;
    struct errtext *why;
    size_t n; /* removed in the present step */
    char **urls;  /* that clients name, sorted */
    size_t n_urls;
    char last[CLIENT_ID_MAX + 1]; /* client that was looked for */
    bool is_gone;                 /* and not found */
};

typedef int purge_step_fn(struct purge *purge, struct errtext *why);

static purge_step_fn purge_uses, purge_tokens, purge_counters, purge_damaged;
static purge_step_fn purge_last_uses, purge_jwks, purge_keys;
static purge_step_fn finish;
static store_each_from_fn purge_counter;
static expiring_each_fn purge_last_use;
static store_each_fn note_url, purge_url;
static store_edit_fn take_away;

static const struct {
    const char *name; /* of a member */
    const char *text;
    purge_step_fn *fn;
} steps[] = {
    {"one_time_values", "one-time values that expired", purge_uses},
    {"tokens", "tokens and revocations that expired", purge_tokens},
    {"counters", "counters that expired", purge_counters},
    {"damaged", "counters that cannot be read", purge_damaged},
    {"last_uses", "last uses of clients that are gone", purge_last_uses},
    {"key_sets", "key sets of URLs that no client names", purge_jwks},
    {"keys", "signing keys that nothing needs", purge_keys},
};
enum { STEPS = sizeof(steps) / sizeof(steps[0]) };

static void print(const struct ctl *ctl, const size_t removed[STEPS]);

int
ctl_purge(struct ctl *ctl, struct errtext *why)
{
    struct purge purge = {.ctl = ctl, .why = why};
    size_t removed[STEPS];
    size_t i;
    int rc = ctl_record_open(ctl, why);

    for (i = 0; rc == 0 && i < STEPS; i++) {
        purge.n = 0;
        rc = steps[i].fn(&purge, why);
        removed[i] = purge.n;
    }
    if (rc == 0)
        rc = finish(&purge, why);
    for (i = 0; i < purge.n_urls; i++)
        free(purge.urls[i]);
    free(purge.urls);
    if (rc != 0)
        return CTL_FAILED;
    print(ctl, removed);
    return CTL_DONE;
}

static int
purge_uses(struct purge *purge, struct errtext *why)
{
    const struct ctl *ctl = purge->ctl;
    size_t n;

    do {
        if (expiring_purge(ctl->service.expiring, ctl->now, USES_MAX, &n, why)
            != 0)
            return -1;
        purge->n += n;
    } while (n > 0);
    return 0;
}

static int
purge_tokens(struct purge *purge, struct errtext *why)
{
    return expiring_sweep(purge->ctl->service.expiring, EXPIRING_TOKENS,
                          purge->ctl->now, &purge->n, why);
}

static int
purge_counters(struct purge *purge, struct errtext *why)
{
    return expiring_sweep(purge->ctl->service.expiring, EXPIRING_COUNTERS,
                          purge->ctl->now, &purge->n, why);
}

/* Else who is counted there gets no answer, and the next step no further. */
static int
purge_damaged(struct purge *purge, struct errtext *why)
{
    return store_each_from(purge->ctl->service.store, STORE_COUNTERS, "", 0,
                           purge_counter, purge, why);
}

static int
remove_counter(struct purge *purge, const void *key, size_t key_len)
{
    const struct expiring_record record = {
        .table = EXPIRING_COUNTERS, .key = key, .key_len = key_len};
    const struct expiring_change change = {.records = &record,
                                           .n_records = 1};
    size_t there;

    if (expiring_commit(purge->ctl->service.expiring, &change,
                        purge->ctl->now, &there, purge->why)
        < 0)
        return -1;
    purge->n++;
    return 0;
}

static int
purge_counter(void *arg, const char *key, size_t key_len, const char *value,
              size_t len)
{
    const struct ctl_sound record = {STORE_COUNTERS, key, key_len, value,
                                     len};
    struct purge *purge = arg;
    const struct policy *policy = &purge->ctl->policy;

    if (key_len == 0 || key_len > EXPIRING_KEY_MAX
        || ctl_sound_check(&record, policy, NULL, NULL) == 0
        || !ctl_sound_is_losable(&record, policy))
        return 0;
    return remove_counter(purge, key, key_len);
}

static int
purge_last_uses(struct purge *purge, struct errtext *why)
{
    return expiring_each(purge->ctl->service.expiring, EXPIRING_COUNTERS,
                         COUNTER_USE, purge->ctl->now, purge_last_use, purge,
                         why);
}

/* Whether there is a client of that id: those of one come after another. */
static int
find_client(struct purge *purge, const char *id, struct errtext *why)
{
    char text[STORE_VALUE_MAX + 1];
    size_t len;
    int rc;

    if (strcmp(purge->last, id) == 0)
        return 0;
    rc = store_get(purge->ctl->service.store, STORE_CLIENTS, id, text,
                   sizeof(text), &len, why);
    purge->is_gone = rc == 0;
    snprintf(purge->last, sizeof(purge->last), "%.255s", id);
    return rc < 0 ? -1 : 0;
}

static int
purge_last_use(void *arg, const void *key, size_t key_len, int64_t expires,
               const char *text, size_t len)
{
    struct purge *purge = arg;
    const char *id, *credential;

    (void) expires;
    (void) text;
    (void) len;
    if (counter_read(key, key_len, COUNTER_USE, &id, &credential) < 0)
        return 0;
    if (find_client(purge, id, purge->why) != 0)
        return -1;
    return purge->is_gone ? remove_counter(purge, key, key_len) : 0;
}

static int
compare(const void *a, const void *b)
{
    return strcmp(*(char *const *) a, *(char *const *) b);
}

static int
purge_jwks(struct purge *purge, struct errtext *why)
{
    struct store *store = purge->ctl->service.store;

    if (store_each(store, STORE_CLIENTS, note_url, purge, why) != 0)
        return -1;
    if (purge->n_urls > 0)
        qsort(purge->urls, purge->n_urls, sizeof(*purge->urls), compare);
    return store_each(store, STORE_JWKS, purge_url, purge, why);
}

/* A client that cannot be read gets no tokens, and needs no keys. */
static int
note_url(void *arg, const char *key, const char *value, size_t len)
{
    struct purge *purge = arg;
    struct client *cl = NULL;

    (void) key;
    if (client_load(&cl, value, len, NULL) == 0 && *cl->jwks_uri != '\0') {
        purge->urls = alloc_again(purge->urls, (purge->n_urls + 1)
                                                   * sizeof(*purge->urls));
        purge->urls[purge->n_urls++] = alloc_text(cl->jwks_uri);
    }
    client_free(cl);
    return 0;
}

/* It is a cache: what goes by mistake is fetched again. */
static int
purge_url(void *arg, const char *key, const char *value, size_t len)
{
    struct purge *purge = arg;
    struct jwksrec rec;
    bool is_whole = jwksrec_load(&rec, value, len, NULL) == 0;
    int rc;

    if (is_whole)
        jwksrec_free(&rec);
    if (is_whole && purge->n_urls > 0
        && bsearch(&key, purge->urls, purge->n_urls, sizeof(*purge->urls),
                   compare)
               != NULL)
        return 0;
    rc = store_edit(purge->ctl->service.store, STORE_JWKS, key, take_away,
                    NULL, purge->why);
    purge->n += rc == 1;
    return rc < 0 ? -1 : 0;
}

static int
take_away(void *arg, const char *old, size_t len, char **value,
          struct errtext *why)
{
    (void) arg;
    (void) old;
    (void) len;
    (void) why;
    *value = NULL;
    return 2;
}

static int
purge_keys(struct purge *purge, struct errtext *why)
{
    struct ctl *ctl = purge->ctl;
    struct ctl_keys keys = {NULL, 0};
    char kid[KEYREC_KID_MAX];
    size_t i = 0;
    int rc = ctl_key_lock(ctl, why);

    if (rc == 0)
        rc = ctl_key_read(ctl, &keys, why);
    while (rc == 0 && i < keys.n) {
        if (keylife_state(&keys.recs[i], keys.recs, keys.n, ctl->now)
            != KEYLIFE_GONE) {
            i++;
            continue;
        }
        snprintf(kid, sizeof(kid), "%s", keys.recs[i].kid);
        rc = ctl_key_remove(ctl, &keys, kid, why);
        purge->n++;
    }
    ctl_key_free(&keys);
    return rc;
}

static int
finish(struct purge *purge, struct errtext *why)
{
    struct service *service = &purge->ctl->service;
    struct errtext note;
    long long bytes;
    size_t n;

    if (costs_recount(service, purge->ctl->now, why) < 0
        || store_checkpoint(service->store, why) != 0
        || store_waiting_logs(service->store, &n, &bytes, why) != 0)
        return -1;
    if (n > 0) {
        errtext_set(&note, "%zu logs of %lld bytes wait to go: %.200s is "
                           "missing, full, not writable, or has other files "
                           "of their names: ccgrant policy check",
                    n, bytes, purge->ctl->policy.archive);
        ctl_out_note(note.text);
    }
    return revocation_publish(service, purge->ctl->now, why);
}

static void
print(const struct ctl *ctl, const size_t removed[STEPS])
{
    struct ctl_table table;
    json_t *json;
    char n[32];
    size_t i;

    if (ctl->json) {
        json = json_object();
        for (i = 0; i < STEPS; i++)
            json_object_set_new(json, steps[i].name,
                                json_integer((json_int_t) removed[i]));
        ctl_out_json(json_pack("{s:o}", "removed", json));
        return;
    }
    ctl_table_init(&table, 2);
    for (i = 0; i < STEPS; i++) {
        snprintf(n, sizeof(n), "%zu", removed[i]);
        ctl_table_fact(&table, steps[i].text, n);
    }
    ctl_table_print(&table, false, false);
    ctl_table_wipe(&table);
}
