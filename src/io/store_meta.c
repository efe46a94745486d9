/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The numbers in the database meta, and the mark of a restore.
 */

#include <sys/types.h>

#include <db.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/path.h"
#include "io/store_env.h"
#include "io/store_meta.h"

enum { DIGITS_MAX = 20 };

static DBT
name_dbt(const char *name)
{
    return (DBT){.data = (void *)(uintptr_t)name,
                 .size = (u_int32_t)strlen(name)};
}

int
store_meta_get(DB *meta, DB_TXN *txn, const char *name, uint32_t flags,
               unsigned long long *n)
{
    char text[DIGITS_MAX + 1];
    char *end;
    DBT key = name_dbt(name);
    DBT value = {.data = text, .ulen = DIGITS_MAX, .flags = DB_DBT_USERMEM};
    int rc = meta->get(meta, txn, &key, &value, flags);

    if (rc != 0)
        return rc == DB_BUFFER_SMALL ? EINVAL : rc;
    text[value.size] = '\0';
    errno = 0;
    *n = strtoull(text, &end, 10);
    return errno != 0 || end == text || *end != '\0' ? EINVAL : 0;
}

int
store_meta_put(DB *meta, DB_TXN *txn, const char *name, unsigned long long n)
{
    char text[DIGITS_MAX + 1];
    DBT key = name_dbt(name), value = {.data = text};

    value.size = (u_int32_t)snprintf(text, sizeof(text), "%llu", n);
    return meta->put(meta, txn, &key, &value, 0);
}

int
store_meta_schema(struct store *store, unsigned long long *n,
                  struct errtext *why)
{
    uint64_t generation = gate_generation(store->gate);
    int rc = store_env_need(store, STORE_META, STORE_ENV_READ);

    *n = 0;
    if (rc == 0)
        rc = store_meta_get(store->dbs[STORE_META], NULL, STORE_META_SCHEMA,
                            0, n);
    if (rc != 0)
        return rc;
    if (*n >= STORE_META_RESTORING && !store->restores)
        return store_meta_refuse(store->dir, why);
    *n %= STORE_META_RESTORING;
    store->checked = generation;
    store->is_checked = true;
    return 0;
}

int
store_meta_check(struct store *store, struct errtext *why)
{
    unsigned long long n;

    if (store->is_checked && store->checked == gate_generation(store->gate))
        return 0;
    return store_meta_schema(store, &n, why);
}

bool
store_meta_restore_begun(const char *dir)
{
    char path[PATH_TEXT_MAX];

    return path_join(path, dir, STORE_META_BEGUN, NULL) == 0
           && access(path, F_OK) == 0;
}

int
store_meta_begin_restore(const char *dir, struct errtext *why)
{
    static const char text[] = "ccgrant restore makes the databases here.\n";
    char path[PATH_TEXT_MAX];

    if (store_meta_restore_begun(dir))
        return 0;
    if (path_join(path, dir, STORE_META_BEGUN, why) < 0)
        return -1;
    return path_write_new(path, 0600, text, sizeof(text) - 1, why);
}

int
store_meta_end_restore(const char *dir, struct errtext *why)
{
    char path[PATH_TEXT_MAX];

    if (path_join(path, dir, STORE_META_BEGUN, why) < 0)
        return -1;
    if (unlink(path) < 0 && errno != ENOENT)
        return errtext_set(why, "cannot remove %s: %s", path,
                           strerror(errno));
    return 0;
}

int
store_meta_refuse(const char *dir, struct errtext *why)
{
    return errtext_set(why, "a restore of %s was not finished: run ccgrant "
                       "restore again", dir);
}
