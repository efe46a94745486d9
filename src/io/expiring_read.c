/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Records that expire: reading them.
 */

#include <sys/types.h>

#include <db.h>
#include <string.h>

#include "io/expiring.h"
#include "io/expiring_priv.h"
#include "io/store_each.h"
#include "io/store_env.h"

struct fetch {
    enum store_db db;
    DBT key;
    char value[EXPIRING_VALUE_MAX];
    size_t len;
    bool found;
};

struct visit {
    const struct expiring *expiring;
    enum store_db db;
    const char *prefix;
    int64_t now;
    expiring_each_fn *each;
    expiring_uses_fn *use;
    void *arg;
    struct errtext *why;
    bool past; /* the last key that is wanted */
};

static store_env_step_fn fetch_value;
static store_each_from_fn visit_record;
static store_each_from_fn visit_use;
static int64_t read_time(const char *bytes);

int
expiring_read(struct expiring *expiring, enum expiring_table table,
              const void *key, size_t key_len, int64_t now, char *buf,
              size_t cap, size_t *len, int64_t *expires, struct errtext *why)
{
    struct fetch fetch = {.db = expiring_db(table),
                          .key = {.data = (void *)(uintptr_t)key,
                                  .size = (u_int32_t)key_len}};
    int64_t until;
    size_t head;

    if (cap < EXPIRING_TEXT_MAX + 1)
        return errtext_set(why, "a buffer for a record that expires is too "
                           "small");
    if (store_env_run(expiring->store, fetch_value, &fetch, why) < 0)
        return -1;
    if (!fetch.found)
        return 0;
    head = expiring_read_head(fetch.value, fetch.len, &until);
    if (head == 0 || fetch.len - head > EXPIRING_TEXT_MAX)
        return expiring_damaged(expiring->store, fetch.db, why);
    if (until <= now)
        return 0;
    memcpy(buf, fetch.value + head, fetch.len - head);
    buf[fetch.len - head] = '\0';
    if (len != NULL)
        *len = fetch.len - head;
    if (expires != NULL)
        *expires = until;
    return 1;
}

static int
fetch_value(struct store *store, void *arg, struct errtext *why)
{
    struct fetch *fetch = arg;
    DBT key = fetch->key;
    DBT value = {.data = fetch->value,
                 .ulen = sizeof(fetch->value),
                 .flags = DB_DBT_USERMEM};
    DB *db;
    int rc = store_env_need(store, fetch->db, STORE_ENV_READ);

    if (rc != 0)
        return rc;
    db = store->dbs[fetch->db];
    rc = db->get(db, NULL, &key, &value, 0);
    fetch->found = rc == 0;
    fetch->len = value.size;
    if (rc == DB_BUFFER_SMALL)
        return expiring_damaged(store, fetch->db, why);
    return rc == DB_NOTFOUND ? 0 : rc;
}

size_t
expiring_read_head(const char *value, size_t len, int64_t *expires)
{
    int64_t time = 0;
    size_t i;
    int digit;

    for (i = 0; i < len && value[i] >= '0' && value[i] <= '9'; i++) {
        digit = value[i] - '0';
        if (time > (INT64_MAX - digit) / 10)
            return 0;
        time = time * 10 + digit;
    }
    if (i == 0 || i == len || value[i] != ' ')
        return 0;
    *expires = time;
    return i + 1;
}

int
expiring_damaged(const struct store *store, enum store_db db,
                 struct errtext *why)
{
    return errtext_set(why, "%s/%s: a record is damaged: put the state "
                       "directory back from a backup", store->dir,
                       store_env_file(db));
}

int
expiring_each(struct expiring *expiring, enum expiring_table table,
              const char *prefix, int64_t now, expiring_each_fn *fn,
              void *arg, struct errtext *why)
{
    struct visit visit = {expiring, expiring_db(table), prefix, now, fn, NULL,
                          arg, why, false};
    int rc = store_each_from(expiring->store, visit.db, prefix,
                             strlen(prefix), visit_record, &visit, why);

    return visit.past ? 0 : rc;
}

static int
visit_record(void *arg, const char *key, size_t key_len, const char *value,
             size_t len)
{
    struct visit *visit = arg;
    size_t prefix_len = strlen(visit->prefix);
    int64_t expires;
    size_t head;

    visit->past = key_len < prefix_len
                  || memcmp(key, visit->prefix, prefix_len) != 0;
    if (visit->past)
        return 1;
    head = expiring_read_head(value, len, &expires);
    if (head == 0)
        return expiring_damaged(visit->expiring->store, visit->db,
                                visit->why);
    if (expires <= visit->now)
        return 0;
    return visit->each(visit->arg, key, key_len, expires, value + head,
                       len - head);
}

int
expiring_uses(struct expiring *expiring, int64_t now, expiring_uses_fn *fn,
              void *arg, struct errtext *why)
{
    struct visit visit = {expiring, STORE_REPLAY, "", now, NULL, fn, arg, why,
                          false};
    unsigned char from[EXPIRING_TIME_LEN];

    expiring_write_time(now < INT64_MAX ? now + 1 : now, from);
    return store_each_from(expiring->store, STORE_REPLAY, from, sizeof(from),
                           visit_use, &visit, why);
}

static int
visit_use(void *arg, const char *key, size_t key_len, const char *value,
          size_t len)
{
    struct visit *visit = arg;
    struct expiring_use use;

    (void)value;
    if (key_len != EXPIRING_USE_LEN || len != 0)
        return expiring_damaged(visit->expiring->store, visit->db,
                                visit->why);
    use.expires = read_time(key);
    memcpy(use.id, key + EXPIRING_TIME_LEN, EXPIRING_ID_LEN);
    return visit->use(visit->arg, &use);
}

static int64_t
read_time(const char *bytes)
{
    uint64_t time = 0;
    int i;

    for (i = 0; i < EXPIRING_TIME_LEN; i++)
        time = time << 8 | (unsigned char)bytes[i];
    return time <= INT64_MAX ? (int64_t)time : INT64_MAX;
}
