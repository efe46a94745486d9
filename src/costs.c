/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The slow work that checks of secrets are: words in the store.
 */

#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "costs.h"
#include "io/crypto.h"
#include "service.h"

/* What the callbacks of the store are told. */
struct count {
    struct service *service;
    int64_t now;
    struct costs costs;
};

static store_each_fn count_one;
static store_edit_fn announce, replace;

void
costs_read(struct costs *costs, const char *text)
{
    costs->n = 0;
    while (*text != '\0') {
        size_t len = strcspn(text, " ");
        char *cost = costs->cost[costs->n];

        if (len > 0 && len < FOREIGN_COST_MAX) {
            memcpy(cost, text, len);
            cost[len] = '\0';
            costs->n++;
        }
        if (costs->n == COSTS_MAX)
            return;
        text += len + strspn(text + len, " ");
    }
}

/* Returns the note, for free(); NULL for none. */
static char *
dump(const struct costs *costs)
{
    char *text;
    size_t i, len = 0;

    if (costs->n == 0)
        return NULL;
    text = alloc_zero(1, COSTS_TEXT_MAX);
    for (i = 0; i < costs->n; i++) {
        if (i > 0)
            text[len++] = ' ';
        memcpy(text + len, costs->cost[i], strlen(costs->cost[i]));
        len += strlen(costs->cost[i]);
    }
    return text;
}

bool
costs_has(const struct costs *costs, const char *cost)
{
    size_t i;

    for (i = 0; i < costs->n; i++) {
        if (strcmp(costs->cost[i], cost) == 0)
            return true;
    }
    return false;
}

/* Add to a reason which there are, without scrypt, which always may. */
static int
name_all(const struct costs *costs, struct errtext *why)
{
    const char *before = "; the costs are";
    char name[FOREIGN_COST_MAX];
    size_t len, i;

    for (i = 0; why != NULL && i < costs->n; i++) {
        if (strcmp(costs->cost[i], COSTS_SCRYPT) == 0)
            continue;
        foreign_describe(costs->cost[i], name);
        len = strlen(why->text);
        snprintf(why->text + len, sizeof(why->text) - len, "%s %s", before,
                 name);
        before = ",";
    }
    return -1;
}

int
costs_add(struct costs *costs, const char *cost, struct errtext *why)
{
    size_t most = costs_has(costs, COSTS_SCRYPT)
                          || strcmp(cost, COSTS_SCRYPT) == 0
                      ? COSTS_MAX
                      : COSTS_FOREIGN_MAX;

    if (costs_has(costs, cost))
        return 0;
    if (costs->n >= most) {
        errtext_set(why, "imported hashes of %d costs are there, which is the "
                         "most, since every wrong secret does the work of "
                         "each: set secrets.upgrade, or replace those of one "
                         "cost, and then ccgrant purge",
                    COSTS_FOREIGN_MAX);
        return name_all(costs, why);
    }
    memcpy(costs->cost[costs->n++], cost, strlen(cost) + 1);
    return 1;
}

/* Anybody can have a worker do all of it with one request. */
static int
check_sum(const struct costs *costs, struct errtext *why)
{
    long ms = 0;
    size_t i;

    for (i = 0; i < costs->n; i++)
        ms += foreign_ms(costs->cost[i]);
    if (ms * COSTS_READINGS <= COSTS_MS_MAX)
        return 0;
    errtext_set(why, "every wrong secret would take the %ld ms of all "
                     "imported hashes, and %d ms is the most: set "
                     "secrets.upgrade, or replace those of the slowest, and "
                     "then ccgrant purge",
                ms, COSTS_MS_MAX / COSTS_READINGS);
    return name_all(costs, why);
}

int
costs_unseal(struct vault *vault, const char *client_id,
             const struct secret *secret, char hash[CLIENT_SEALED_MAX],
             char cost[FOREIGN_COST_MAX], struct errtext *why)
{
    char name[CLIENT_SEAL_NAME_MAX];
    size_t len = secret->sealed_len;

    if (len < VAULT_SEAL_EXTRA || len > CLIENT_SEALED_MAX)
        return errtext_set(why, "secret %s is no sealed hash", secret->id);
    client_seal_name(client_id, secret->id, name);
    if (vault_unseal(vault, name, secret->sealed, len, (unsigned char *) hash,
                     why)
        != 0)
        return errtext_context(why, "secret %s", secret->id);
    hash[len - VAULT_SEAL_EXTRA] = '\0';
    if (foreign_check(hash, cost, why) == 0)
        return 0;
    crypto_wipe(hash, len);
    return errtext_context(why, "secret %s", secret->id);
}

int
costs_announce(struct service *service, const char *cost, struct errtext *why)
{
    int rc = store_edit(service->store, STORE_META, COSTS_NOTE, announce,
                        (void *) (uintptr_t) cost, why);

    return rc < 0 ? -1 : 0;
}

static int
announce(void *arg, const char *old, size_t len, char **value,
         struct errtext *why)
{
    struct costs costs;
    int rc;

    (void) len;
    costs_read(&costs, old != NULL ? old : "");
    rc = costs_add(&costs, arg, why);
    if (rc == 1 && strcmp(arg, COSTS_SCRYPT) != 0
        && check_sum(&costs, why) != 0)
        return -1;
    if (rc == 1)
        *value = dump(&costs);
    return rc;
}

/* A record that is changed while the others are read is for the next time. */
int
costs_recount(struct service *service, int64_t now, struct errtext *why)
{
    uint64_t generation = store_generation(service->store);
    struct count count = {.service = service, .now = now};
    int rc = store_each(service->store, STORE_CLIENTS, count_one, &count, why);

    if (rc != 0)
        return rc < 0 ? -1 : 0;
    if (store_generation(service->store) != generation)
        return 0;
    return store_edit(service->store, STORE_META, COSTS_NOTE, replace, &count,
                      why);
}

static int
count_secret(struct count *count, const struct client *cl,
             const struct secret *secret, struct errtext *why)
{
    char hash[CLIENT_SEALED_MAX], cost[FOREIGN_COST_MAX];

    if (secret->not_after != 0 && secret->not_after <= count->now)
        return 0;
    if (secret->scheme == SECRET_SCRYPT)
        return costs_add(&count->costs, COSTS_SCRYPT, why);
    if (secret->scheme != SECRET_FOREIGN)
        return 0;
    if (costs_unseal(count->service->vault, cl->id, secret, hash, cost, why)
        != 0)
        return -1;
    crypto_wipe(hash, sizeof(hash));
    return costs_add(&count->costs, cost, why);
}

/* Ends the walk at a record that cannot be counted. */
static int
count_one(void *arg, const char *key, const char *value, size_t len)
{
    struct count *count = arg;
    struct client *cl = NULL;
    int rc;
    size_t i;

    (void) key;
    rc = client_load(&cl, value, len, NULL);
    for (i = 0; rc >= 0 && i < cl->n_secrets; i++)
        rc = count_secret(count, cl, &cl->secrets[i], NULL);
    client_free(cl);
    return rc < 0 ? 1 : 0;
}

static int
replace(void *arg, const char *old, size_t len, char **value,
        struct errtext *why)
{
    struct count *count = arg;
    struct costs noted;
    size_t i, same = 0;

    (void) len;
    (void) why;
    costs_read(&noted, old != NULL ? old : "");
    for (i = 0; i < noted.n; i++)
        same += costs_has(&count->costs, noted.cost[i]);
    if (same == noted.n && noted.n == count->costs.n)
        return 0;
    *value = dump(&count->costs);
    return 1;
}
