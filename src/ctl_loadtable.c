/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What a restore has done, for people and as JSON.
 */

#include <jansson.h>
#include <stdio.h>
#include <unistd.h>

#include "ctl_loadtable.h"
#include "ctl_out.h"
#include "ctl_sound.h"
#include "ctl_table.h"

static void print_json(const struct ctl *ctl, const struct ctl_load *load,
                       bool has_new_master);
static void print_table(const struct ctl *ctl, const struct ctl_load *load);

void
ctl_loadtable_print(const struct ctl *ctl, const struct ctl_load *load,
                    bool has_new_master)
{
    if (ctl->json) {
        print_json(ctl, load, has_new_master);
        return;
    }
    print_table(ctl, load);
    if (has_new_master)
        printf("\nmaster.key is another one now: restart the web server.\n");
    if (load->left_out > 0)
        printf("\n%zu opaque tokens of the backup, which are no longer in the "
               "state, were left out:\nthey were revoked.\n",
               load->left_out);
    if (geteuid() == 0)
        printf("\nThe state directory belongs to root.  Hand it to the user "
               "that the web server runs\nccgrant.fcgi as (www-data, apache, "
               "http ...):\n  chown -R www-data: %s\n",
               ctl->policy.state);
}

static void
print_table(const struct ctl *ctl, const struct ctl_load *load)
{
    struct ctl_table table;
    char n[32];
    int db;

    ctl_table_init(&table, 3);
    ctl_table_add(&table, "DATABASE");
    ctl_table_add(&table, "WRITTEN");
    ctl_table_add(&table, "REMOVED");
    for (db = 0; db < STORE__MAX; db++) {
        ctl_table_add(&table, ctl_sound_name((enum store_db) db));
        snprintf(n, sizeof(n), "%zu", load->written[db]);
        ctl_table_add(&table, n);
        snprintf(n, sizeof(n), "%zu", load->removed[db]);
        ctl_table_add(&table, n);
    }
    ctl_table_print(&table, true, ctl->colour);
    ctl_table_wipe(&table);
}

static void
print_json(const struct ctl *ctl, const struct ctl_load *load,
           bool has_new_master)
{
    json_t *written = json_object(), *removed = json_object();
    int db;

    for (db = 0; db < STORE__MAX; db++) {
        const char *name = ctl_sound_name((enum store_db) db);

        json_object_set_new(written, name,
                            json_integer((json_int_t) load->written[db]));
        json_object_set_new(removed, name,
                            json_integer((json_int_t) load->removed[db]));
    }
    ctl_out_json(json_pack(
        "{s:o,s:I,s:b,s:o,s:o,s:I}", "state",
        ctl_out_string(ctl->policy.state), "created",
        (json_int_t) load->backup->manifest.created, "master_key_replaced",
        (int) has_new_master, "written", written, "removed", removed,
        "tokens_left_out", (json_int_t) load->left_out));
}
