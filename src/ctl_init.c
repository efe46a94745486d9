/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * ccgrant init: everything that is missing, each step safe to do again.
 *
 * The order matters: master.key comes before the databases, so that a
 * database without it can only mean that it was lost.
 */

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl.h"
#include "ctl_args.h"
#include "ctl_file.h"
#include "ctl_key.h"
#include "ctl_out.h"
#include "ctl_record.h"
#include "ctl_table.h"
#include "io/conf.h"
#include "io/conf_check.h"
#include "io/path.h"
#include "revocation.h"

struct init {
    struct ctl *ctl;
    const char *file; /* the policy */
    bool made_policy, made_state, made_master, made_databases, made_list;
    struct {
        enum jose_alg alg;
        char kid[KEYREC_KID_MAX];
        bool made;
    } keys[JOSE__MAX];
    size_t n_keys;
};

typedef int init_step_fn(struct init *init, struct errtext *why);

static init_step_fn write_policy, check_issuer, make_state, lock_state;
static init_step_fn make_master, make_databases, make_keys, write_list;
static void print_json(const struct init *init);
static void print(const struct init *init);

int
ctl_init(struct ctl *ctl, struct errtext *why)
{
    static init_step_fn *const steps[] = {
        write_policy, check_issuer,   make_state, lock_state,
        make_master,  make_databases, make_keys,  write_list};
    struct init init;
    size_t i;

    memset(&init, 0, sizeof(init));
    init.ctl = ctl;
    init.file = conf_file(ctl_args_value(ctl, "config"));
    for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        if (steps[i](&init, why) != 0)
            return CTL_FAILED;
    }
    if (ctl->json)
        print_json(&init);
    else
        print(&init);
    return CTL_DONE;
}

/* A policy file, unless there is one. */
static int
write_policy(struct init *init, struct errtext *why)
{
    const char *issuer = ctl_args_value(init->ctl, "issuer"), *expected;

    if (access(init->file, F_OK) == 0 || errno != ENOENT)
        return 0;
    if (issuer == NULL)
        return errtext_set(why, "there is no policy file %s: say --issuer "
                                "URL, and it is made",
                           init->file);
    expected = conf_check_issuer(issuer);
    if (expected != NULL)
        return errtext_set(why, "--issuer: expected %s", expected);
    if (ctl_file_parents(init->file, why) != 0)
        return -1;
    return ctl_file_policy(init->file, issuer, &init->made_policy, why);
}

static int
check_issuer(struct init *init, struct errtext *why)
{
    const char *issuer = ctl_args_value(init->ctl, "issuer");
    const struct policy *policy = &init->ctl->policy;

    if (ctl_record_policy(init->ctl, why) != 0)
        return -1;
    if (issuer != NULL && strcmp(issuer, policy->issuer) != 0)
        return errtext_set(why, "%s has another issuer, %s: change it there, "
                                "or leave out --issuer",
                           init->file, policy->issuer);
    return 0;
}

static int
make_state(struct init *init, struct errtext *why)
{
    const char *state = init->ctl->policy.state;

    if (ctl_file_parents(state, why) != 0)
        return -1;
    if (mkdir(state, 0700) == 0)
        init->made_state = true;
    else if (errno != EEXIST)
        return errtext_set(why, "cannot make the state directory %s: %s",
                           state, strerror(errno));
    return path_become_owner(state, why);
}

/* Of several that begin at once, one goes first. */
static int
lock_state(struct init *init, struct errtext *why)
{
    return ctl_key_lock(init->ctl, why);
}

static int
stop_at_first(void *arg, const char *key, const char *value, size_t len)
{
    (void) arg;
    (void) key;
    (void) value;
    (void) len;
    return 1;
}

/*
 * Whether there are databases with keys or clients in them, which without
 * their master.key are worth nothing: 1, 0, or -1 with the reason.
 */
static int
is_in_use(const char *state, struct errtext *why)
{
    char path[PATH_TEXT_MAX];
    struct store *store = NULL;
    int rc = 0;

    if (path_join(path, state, "meta.db", why) != 0)
        return -1;
    if (access(path, F_OK) != 0 && errno == ENOENT)
        return 0;
    if (store_create(state, why) != 0
        || store_open(&store, state, STORE_ADMIN, why) != 0)
        return -1;
    rc = store_each(store, STORE_KEYS, stop_at_first, NULL, why);
    if (rc == 0)
        rc = store_each(store, STORE_CLIENTS, stop_at_first, NULL, why);
    store_close(store);
    return rc;
}

static int
make_master(struct init *init, struct errtext *why)
{
    const char *state = init->ctl->policy.state;
    struct vault *vault = NULL;
    char path[PATH_TEXT_MAX];
    struct stat st;
    int used;

    path_remove_parts(state, "master.key");
    if (path_join(path, state, "master.key", why) != 0)
        return -1;
    if (lstat(path, &st) != 0 && errno == ENOENT) {
        used = is_in_use(state, why);
        if (used > 0)
            return errtext_set(why, "%s is missing, and without it the keys "
                                    "and secrets in %s are lost: put it back "
                                    "from a backup",
                               path, state);
        if (used < 0 || vault_create(state, why) != 0)
            return -1;
        init->made_master = true;
    }
    if (vault_open(&vault, state, why) != 0)
        return -1;
    vault_close(vault);
    return 0;
}

static int
make_databases(struct init *init, struct errtext *why)
{
    const char *state = init->ctl->policy.state;
    struct store *store = NULL;

    if (store_open(&store, state, STORE_ADMIN, NULL) == 0) {
        store_close(store);
        return 0;
    }
    init->made_databases = true;
    return store_create(state, why);
}

/* The key that signs with the algorithm; where none does, one is made. */
static int
need_key(struct init *init, struct ctl_keys *keys, enum jose_alg alg,
         struct errtext *why)
{
    struct ctl *ctl = init->ctl;
    const struct keyrec *key = keylife_signer(keys->recs, keys->n, alg,
                                              ctl->now);
    bool is_made = key == NULL;

    if (is_made) {
        if (ctl_key_make(ctl, keys, alg, ctl->now, why) != 0)
            return -1;
        key = &keys->recs[keys->n - 1];
    }
    if (keyring_signer(ctl->service.keyring, alg, ctl->now, why) == NULL)
        return -1;
    init->keys[init->n_keys].alg = alg;
    init->keys[init->n_keys].made = is_made;
    snprintf(init->keys[init->n_keys].kid, KEYREC_KID_MAX, "%s", key->kid);
    init->n_keys++;
    return 0;
}

static int
make_keys(struct init *init, struct errtext *why)
{
    struct ctl *ctl = init->ctl;
    enum jose_alg algs[JOSE__MAX];
    struct ctl_keys keys;
    size_t i, n = 0;
    int rc;

    if (ctl_record_open(ctl, why) != 0
        || service_bind(&ctl->service, why) != 0)
        return -1;
    rc = ctl_key_read(ctl, &keys, why);
    if (rc == 0)
        rc = ctl_key_algs(ctl, algs, &n, why);
    for (i = 0; rc == 0 && i < n; i++)
        rc = need_key(init, &keys, algs[i], why);
    ctl_key_free(&keys);
    return rc;
}

/*
 * Resource servers that look for a list refuse all tokens as long as there is
 * none.  It is tried again with the first request.
 */
static int
write_list(struct init *init, struct errtext *why)
{
    const char *list = init->ctl->policy.revocations.file;
    bool is_new = access(list, F_OK) != 0;

    if (ctl_file_list(list, why) != 0
        || revocation_publish(&init->ctl->service, init->ctl->now, why) != 0)
        ctl_out_note(why->text);
    else
        init->made_list = *list != '\0' && is_new;
    return 0;
}

static void
add_step(struct ctl_table *table, const char *what, const char *which,
         bool made)
{
    ctl_table_add(table, what);
    ctl_table_add(table, made ? "made" : "there already");
    ctl_table_add(table, which);
}

static void
print(const struct init *init)
{
    const char *state = init->ctl->policy.state;
    struct ctl_table table;
    char master[PATH_TEXT_MAX], what[32];
    size_t i;

    (void) path_join(master, state, "master.key", NULL);
    ctl_table_init(&table, 3);
    add_step(&table, "policy", init->file, init->made_policy);
    add_step(&table, "state", state, init->made_state);
    add_step(&table, "master.key", master, init->made_master);
    add_step(&table, "databases", state, init->made_databases);
    for (i = 0; i < init->n_keys; i++) {
        snprintf(what, sizeof(what), "%s key", jose_name(init->keys[i].alg));
        add_step(&table, what, init->keys[i].kid, init->keys[i].made);
    }
    if (init->made_list)
        add_step(&table, "revocations", init->ctl->policy.revocations.file,
                 true);
    ctl_table_print(&table, false, false);
    ctl_table_wipe(&table);
    if (init->made_policy)
        printf("\nNow put your resources and roles into %s, and make a "
               "client:\n  ccgrant client add ID --role ROLE\n",
               init->file);
    if (geteuid() == 0)
        printf("\nThe state directory belongs to root.  Hand it to the user "
               "that the web server runs\nccgrant.fcgi as (www-data, apache, "
               "http ...):\n  chown -R www-data: %s\nThis command becomes "
               "that user when root runs it.\n",
               state);
}

static void
print_json(const struct init *init)
{
    json_t *keys = json_array(), *made = json_array();
    const struct {
        const char *name;
        bool made;
    } parts[] = {{"policy", init->made_policy},
                 {"state", init->made_state},
                 {"master.key", init->made_master},
                 {"databases", init->made_databases},
                 {"revocations", init->made_list}};
    size_t i;

    for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (parts[i].made)
            json_array_append_new(made, json_string(parts[i].name));
    }
    for (i = 0; i < init->n_keys; i++)
        json_array_append_new(
            keys, json_pack("{s:s,s:s,s:b}", "alg",
                            jose_name(init->keys[i].alg), "kid",
                            init->keys[i].kid, "made",
                            (int) init->keys[i].made));
    ctl_out_json(json_pack("{s:s,s:o,s:o,s:o,s:o}", "issuer",
                           init->ctl->policy.issuer, "policy",
                           ctl_out_string(init->file), "state",
                           ctl_out_string(init->ctl->policy.state), "made",
                           made, "keys", keys));
}
