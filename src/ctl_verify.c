/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * ccgrant verify: every record, of the state or of a backup.
 */

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/client.h"
#include "core/keylife.h"
#include "core/keyrec.h"
#include "ctl.h"
#include "ctl_key.h"
#include "ctl_manifest.h"
#include "ctl_out.h"
#include "ctl_record.h"
#include "ctl_sound.h"
#include "ctl_table.h"
#include "io/store_each.h"
#include "io/store_upkeep.h"

struct verify {
    struct ctl *ctl;
    struct vault *vault; /* borrowed; NULL: nothing is unsealed */
    enum store_db db;    /* of a walk */
    size_t n[STORE__MAX];
    struct ctl_keys keys; /* that are sound */
    bool wanted[JOSE__MAX]; /* by a client */
    json_t *faults;
    json_t *notes;
};

static int verify_state(struct verify *verify, struct errtext *why);
static void note_logs(struct verify *verify);
static int verify_backup(struct verify *verify, struct errtext *why);
static store_each_from_fn walk;
static ctl_manifest_fn look;
static void keep_alg(struct verify *verify, const struct ctl_sound *record);
static void keep_key(struct verify *verify, const struct ctl_sound *record);
static void check_signers(struct verify *verify);
static void add_fault(struct verify *verify, enum store_db db,
                      const char *key, const char *text);
static void print(const struct verify *verify);
static void print_json(struct verify *verify);

int
ctl_verify(struct ctl *ctl, struct errtext *why)
{
    struct verify verify;
    bool is_sound;
    int rc;

    memset(&verify, 0, sizeof(verify));
    verify.ctl = ctl;
    verify.faults = json_array();
    verify.notes = json_array();
    rc = ctl->n_args > 0 ? verify_backup(&verify, why)
                         : verify_state(&verify, why);
    if (rc == 0)
        check_signers(&verify);
    is_sound = json_array_size(verify.faults) == 0;
    if (rc == 0 && ctl->json)
        print_json(&verify);
    else if (rc == 0)
        print(&verify);
    json_decref(verify.faults);
    json_decref(verify.notes);
    ctl_key_free(&verify.keys);
    if (rc != 0)
        return CTL_FAILED;
    return is_sound ? CTL_DONE : CTL_NO;
}

static int
verify_state(struct verify *verify, struct errtext *why)
{
    struct service *service = &verify->ctl->service;
    struct errtext trouble;
    int db;

    if (ctl_record_open(verify->ctl, why) != 0)
        return -1;
    verify->vault = service->vault;
    for (db = 0; db < STORE__MAX; db++) {
        verify->db = (enum store_db) db;
        if (store_each_from(service->store, verify->db, "", 0, walk, verify,
                            &trouble)
            != 0)
            add_fault(verify, verify->db, "", trouble.text);
    }
    note_logs(verify);
    return 0;
}

static void
note_logs(struct verify *verify)
{
    struct store *store = verify->ctl->service.store;
    struct errtext text;
    long long bytes;
    size_t n;

    if (store_waiting_logs(store, &n, &bytes, NULL) != 0 || n == 0)
        return;
    errtext_set(&text, "%zu logs of %lld bytes wait to go: ccgrant purge", n,
                bytes);
    json_array_append_new(verify->notes, json_string(text.text));
}

static int
walk(void *arg, const char *key, size_t key_len, const char *value,
     size_t len)
{
    struct verify *verify = arg;
    const struct ctl_sound record = {verify->db, key, key_len, value, len};

    return look(verify, &record);
}

static int
verify_backup(struct verify *verify, struct errtext *why)
{
    const char *dir = verify->ctl->args[0];
    struct ctl_backup backup;
    struct errtext trouble;
    struct vault *vault = NULL;
    int db, rc;

    if (ctl_record_policy(verify->ctl, why) != 0)
        return -1;
    rc = ctl_manifest_open(&backup, dir, why);
    if (rc == 0 && backup.manifest.has_master)
        rc = vault_load(&vault, backup.master, sizeof(backup.master), why);
    verify->vault = vault;
    for (db = 0; rc == 0 && db < STORE__MAX; db++) {
        if (ctl_manifest_each(&backup, (enum store_db) db, look, verify,
                              &trouble)
            != 0)
            add_fault(verify, (enum store_db) db, "", trouble.text);
    }
    if (rc == 0 && vault == NULL)
        json_array_append_new(
            verify->notes,
            json_string("master.key is not in the backup: what is sealed was "
                        "not unsealed"));
    verify->vault = NULL;
    vault_close(vault);
    ctl_manifest_close(&backup);
    return rc;
}

static int
look(void *arg, const struct ctl_sound *record)
{
    struct verify *verify = arg;
    const struct policy *policy = &verify->ctl->policy;
    struct errtext why = {.text = ""};
    char *key = NULL;

    verify->n[record->db]++;
    if (ctl_sound_check(record, policy, verify->vault, &why) != 0) {
        key = ctl_sound_key(record);
        add_fault(verify, record->db, key, why.text);
    } else if (ctl_sound_fits(record, policy, &why) != 0) {
        errtext_context(&why, "client %.255s", record->key);
        json_array_append_new(verify->notes, ctl_out_string(why.text));
    }
    if (key == NULL && record->db == STORE_KEYS)
        keep_key(verify, record);
    if (key == NULL && record->db == STORE_CLIENTS)
        keep_alg(verify, record);
    free(key);
    return 0;
}

static void
keep_alg(struct verify *verify, const struct ctl_sound *record)
{
    struct client *cl = NULL;

    if (client_load(&cl, record->value, record->len, NULL) == 0)
        verify->wanted[cl->token_alg] = true;
    client_free(cl);
}

static void
keep_key(struct verify *verify, const struct ctl_sound *record)
{
    struct ctl_keys *keys = &verify->keys;

    keys->recs = alloc_again(keys->recs, (keys->n + 1) * sizeof(*keys->recs));
    if (keyrec_load(&keys->recs[keys->n], record->value, record->len, NULL)
        == 0)
        keys->n++;
}

/* What the policy, or a client, has tokens signed with must have a key. */
static void
check_signers(struct verify *verify)
{
    const struct policy *policy = &verify->ctl->policy;
    const struct ctl_keys *keys = &verify->keys;
    char text[160];
    size_t i;
    int alg;

    verify->wanted[policy->token.alg] = true;
    for (i = 0; i < policy->n_resources; i++)
        verify->wanted[policy->resources[i].alg] = true;
    verify->wanted[JOSE_NONE] = false;
    for (alg = 0; alg < JOSE__MAX; alg++) {
        const char *name = jose_name((enum jose_alg) alg);

        if (!verify->wanted[alg]
            || keylife_signer(keys->recs, keys->n, (enum jose_alg) alg,
                              verify->ctl->now)
                   != NULL)
            continue;
        snprintf(text, sizeof(text), "no key signs with it now: ccgrant key "
                                     "add --alg %s --now",
                 name);
        add_fault(verify, STORE_KEYS, name, text);
    }
}

static void
add_fault(struct verify *verify, enum store_db db, const char *key,
          const char *text)
{
    json_array_append_new(
        verify->faults,
        json_pack("{s:s,s:s,s:o}", "database", ctl_sound_name(db), "key", key,
                  "fault", ctl_out_string(text)));
}

static void
print_list(json_t *list, bool notes)
{
    json_t *item;
    size_t i;

    json_array_foreach(list, i, item) {
        const char *key = json_string_value(json_object_get(item, "key"));
        char *text = ctl_out_clean(json_string_value(
            notes ? item : json_object_get(item, "fault")));

        if (notes)
            printf("note: %s\n", text);
        else
            printf("%s%s%s: %s\n",
                   json_string_value(json_object_get(item, "database")),
                   *key != '\0' ? " " : "", key, text);
        free(text);
    }
}

static void
print(const struct verify *verify)
{
    size_t faults = json_array_size(verify->faults);
    struct ctl_table table;
    char n[32];
    int db;

    print_list(verify->faults, false);
    print_list(verify->notes, true);
    ctl_table_init(&table, 2);
    ctl_table_fact(&table, "DATABASE", "RECORDS");
    for (db = 0; db < STORE__MAX; db++) {
        snprintf(n, sizeof(n), "%zu", verify->n[db]);
        ctl_table_fact(&table, ctl_sound_name((enum store_db) db), n);
    }
    ctl_table_print(&table, true, verify->ctl->colour);
    ctl_table_wipe(&table);
    if (faults == 0)
        printf("\nAll of them are sound.\n");
    else
        printf("\n%zu %s found.\n", faults,
               faults == 1 ? "fault was" : "faults were");
}

static void
print_json(struct verify *verify)
{
    json_t *records = json_object();
    int db;

    for (db = 0; db < STORE__MAX; db++)
        json_object_set_new(records, ctl_sound_name((enum store_db) db),
                            json_integer((json_int_t) verify->n[db]));
    ctl_out_json(json_pack(
        "{s:b,s:O,s:O,s:o}", "ok",
        (int) (json_array_size(verify->faults) == 0), "faults",
        verify->faults, "notes", verify->notes, "records", records));
}
