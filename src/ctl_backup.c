/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * ccgrant backup: all records, as text, in a directory.
 *
 * Clients, keys and what goes with them are of one moment.  Used values,
 * tokens and counters stand each for themselves: what was acknowledged before
 * the backup began is in it, and some of what came while it was made.
 */

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl.h"
#include "ctl_args.h"
#include "ctl_file.h"
#include "ctl_manifest.h"
#include "ctl_out.h"
#include "ctl_record.h"
#include "ctl_table.h"
#include "io/crypto.h"
#include "io/dump.h"
#include "io/path.h"
#include "io/store_each.h"
#include "io/store_upkeep.h"

enum { NAMED_MAX = 20 }; /* records that are left out */

struct backup {
    struct ctl *ctl;
    struct ctl_manifest manifest;
    struct dump_writer *writers[STORE__MAX];
    bool made[STORE__MAX]; /* files, by this process */
    bool made_master;
    enum store_db db; /* of a walk */
    size_t left_out;  /* records */
    struct errtext *why;
};

typedef int backup_step_fn(struct backup *backup, struct errtext *why);

static int prepare(const struct ctl *ctl, struct errtext *why);
static backup_step_fn write_moment, write_rest, end_files;
static backup_step_fn write_master, write_manifest;
static store_snapshot_fn add_moment;
static store_each_from_fn add_rest;
static int add(struct backup *backup, const struct ctl_sound *record);
static void tell_left_out(const struct backup *backup);
static void undo(struct backup *backup);
static void print(const struct backup *backup);
static void print_json(const struct backup *backup);

int
ctl_backup(struct ctl *ctl, struct errtext *why)
{
    static backup_step_fn *const steps[] = {
        write_moment, write_rest, end_files, write_master,
        write_manifest};
    struct backup backup;
    size_t i;

    memset(&backup, 0, sizeof(backup));
    backup.ctl = ctl;
    backup.why = why;
    if (ctl_record_policy(ctl, why) != 0 || prepare(ctl, why) != 0
        || ctl_record_open(ctl, why) != 0)
        return CTL_FAILED;
    for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        if (steps[i](&backup, why) != 0) {
            undo(&backup);
            errtext_context(why, "backup in %.200s", ctl->args[0]);
            return CTL_FAILED;
        }
    }
    if (backup.left_out > 0)
        tell_left_out(&backup);
    if (ctl->json)
        print_json(&backup);
    else
        print(&backup);
    return CTL_DONE;
}

/*
 * Have the directory, as one of the owner of the state, and go there: that
 * user may not be able to come by the same way.  A new one is looked at too:
 * somebody may have put another in its place.
 */
static int
prepare(const struct ctl *ctl, struct errtext *why)
{
    const char *dir = ctl->args[0];
    struct stat st;
    int fd, rc;

    if (stat(ctl->policy.state, &st) != 0)
        return errtext_set(why, "the state directory %s: %s%s",
                           ctl->policy.state, strerror(errno),
                           errno == ENOENT ? ": make it with ccgrant init"
                                           : "");
    if (mkdir(dir, 0700) != 0 && errno != EEXIST)
        return errtext_set(why, "cannot make %s: %s", dir, strerror(errno));
    fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return errtext_set(why, "%s is there, and is no directory that can "
                                "be used, nor may it be a symbolic link: %s",
                           dir, strerror(errno));
    rc = ctl_file_is_free(fd, dir, st.st_uid, why);
    if (rc == 0 && geteuid() == 0 && fchown(fd, st.st_uid, st.st_gid) != 0)
        rc = errtext_set(why, "cannot give %s to the owner of %s: %s", dir,
                         ctl->policy.state, strerror(errno));
    if (rc == 0 && fchdir(fd) != 0)
        rc = errtext_set(why, "cannot go to %s: %s", dir, strerror(errno));
    close(fd);
    return rc;
}

static int
begin(struct backup *backup, enum store_db db, struct errtext *why)
{
    char name[CTL_MANIFEST_NAME_MAX];

    ctl_manifest_name(db, name);
    if (dump_create(&backup->writers[db], name, why) != 0)
        return -1;
    backup->made[db] = true;
    return 0;
}

static int
write_moment(struct backup *backup, struct errtext *why)
{
    static const enum store_db dbs[] = {STORE_CLIENTS, STORE_KEYS,
                                        STORE_META};
    size_t i, n = sizeof(dbs) / sizeof(dbs[0]);

    for (i = 0; i < n; i++) {
        if (begin(backup, dbs[i], why) != 0)
            return -1;
    }
    return store_snapshot(backup->ctl->service.store, dbs, n, add_moment,
                          backup, why);
}

static int
add_moment(void *arg, enum store_db db, const char *key, size_t key_len,
           const char *value, size_t len)
{
    const struct ctl_sound record = {db, key, key_len, value, len};

    return add(arg, &record);
}

static int
write_rest(struct backup *backup, struct errtext *why)
{
    static const enum store_db dbs[] = {STORE_JWKS, STORE_REPLAY,
                                        STORE_TOKENS, STORE_COUNTERS};
    size_t i;

    for (i = 0; i < sizeof(dbs) / sizeof(dbs[0]); i++) {
        backup->db = dbs[i];
        if (begin(backup, dbs[i], why) != 0
            || store_each_from(backup->ctl->service.store, dbs[i], "", 0,
                               add_rest, backup, why)
                   != 0)
            return -1;
    }
    return 0;
}

static int
add_rest(void *arg, const char *key, size_t key_len, const char *value,
         size_t len)
{
    struct backup *backup = arg;
    const struct ctl_sound record = {backup->db, key, key_len, value, len};
    int64_t expires;

    if (backup->db != STORE_JWKS && ctl_sound_time(&record, &expires)
        && expires <= backup->ctl->now)
        return 0;
    return add(backup, &record);
}

/* As it is stored.  What restore would refuse is of no use in a backup. */
static int
add(struct backup *backup, const struct ctl_sound *record)
{
    struct ctl *ctl = backup->ctl;
    struct errtext fault;
    char *key;
    int rc;

    if (ctl_sound_check(record, &ctl->policy, ctl->service.vault, &fault)
        == 0)
        return dump_add(backup->writers[record->db], record->key,
                        record->key_len, record->value, record->len,
                        backup->why);
    key = ctl_sound_key(record);
    errtext_context(&fault, "%s %.160s", ctl_sound_name(record->db), key);
    free(key);
    rc = ctl_sound_is_losable(record, &ctl->policy) ? 0 : -1;
    if (rc != 0)
        *backup->why = fault;
    else if (backup->left_out++ < NAMED_MAX)
        ctl_out_note(fault.text);
    return rc;
}

/* What is not named above, too. */
static void
tell_left_out(const struct backup *backup)
{
    struct errtext note;

    errtext_set(&note, "%zu records that nothing depends on are damaged, and "
                       "not in the backup: ccgrant verify names them",
                backup->left_out);
    ctl_out_note(note.text);
}

static int
end_files(struct backup *backup, struct errtext *why)
{
    struct ctl_manifest *manifest = &backup->manifest;
    struct dump_writer *writer;
    int db;

    for (db = 0; db < STORE__MAX; db++) {
        writer = backup->writers[db];
        backup->writers[db] = NULL;
        manifest->files[db].there = true;
        if (dump_finish(writer, &manifest->files[db].n,
                        manifest->files[db].digest, why)
            != 0)
            return -1;
    }
    return 0;
}

/* Whether it is the one that the records were unsealed with. */
static int
check_master(const struct backup *backup, const unsigned char *master,
             struct errtext *why)
{
    char was[SERVICE_MARK_MAX], is[SERVICE_MARK_MAX];
    struct vault *vault = NULL;
    int rc = -1;

    if (vault_load(&vault, master, CTL_MANIFEST_MASTER_LEN, why) == 0
        && service_mark(vault, is, why) == 0
        && service_mark(backup->ctl->service.vault, was, why) == 0)
        rc = strcmp(is, was) == 0
                 ? 0
                 : errtext_set(why, "master.key was replaced meanwhile, by "
                                    "ccgrant restore perhaps: make another "
                                    "backup");
    vault_close(vault);
    return rc;
}

static int
write_master(struct backup *backup, struct errtext *why)
{
    unsigned char master[CTL_MANIFEST_MASTER_LEN];
    char path[PATH_TEXT_MAX];
    long len;
    int rc;

    if (ctl_args_has(backup->ctl, "without-master-key"))
        return 0;
    if (path_join(path, backup->ctl->policy.state, CTL_MANIFEST_MASTER, why)
        != 0)
        return -1;
    len = path_read(path, master, sizeof(master), why);
    if (len != (long) sizeof(master))
        return len < 0 ? -1 : errtext_set(why, "%s is too short", path);
    dump_digest_of(master, sizeof(master), backup->manifest.master_digest);
    backup->manifest.has_master = true;
    rc = check_master(backup, master, why);
    if (rc == 0)
        rc = path_write_new(CTL_MANIFEST_MASTER, 0600, master, sizeof(master),
                            why);
    backup->made_master = rc == 0;
    crypto_wipe(master, sizeof(master));
    return rc;
}

static int
write_manifest(struct backup *backup, struct errtext *why)
{
    struct ctl_manifest *manifest = &backup->manifest;

    manifest->schema = store_schema();
    manifest->created = backup->ctl->now;
    snprintf(manifest->issuer, sizeof(manifest->issuer), "%s",
             backup->ctl->policy.issuer);
    return ctl_manifest_write(manifest, why);
}

/* What is not whole shall not look like a backup.  What another process has
 * written to the same directory stays. */
static void
undo(struct backup *backup)
{
    char name[CTL_MANIFEST_NAME_MAX];
    int db;

    for (db = 0; db < STORE__MAX; db++) {
        dump_discard(backup->writers[db]);
        ctl_manifest_name((enum store_db) db, name);
        if (backup->made[db])
            (void) unlink(name);
    }
    if (backup->made_master)
        (void) unlink(CTL_MANIFEST_MASTER);
}

static void
print(const struct backup *backup)
{
    const char *dir = backup->ctl->args[0];
    struct ctl_table table;
    char n[32];
    int db;

    ctl_table_init(&table, 2);
    ctl_table_fact(&table, "DATABASE", "RECORDS");
    for (db = 0; db < STORE__MAX; db++) {
        snprintf(n, sizeof(n), "%llu",
                 (unsigned long long) backup->manifest.files[db].n);
        ctl_table_fact(&table, ctl_sound_name((enum store_db) db), n);
    }
    ctl_table_print(&table, true, backup->ctl->colour);
    ctl_table_wipe(&table);
    if (backup->manifest.has_master)
        printf("\nThe backup in %s has master.key too: whoever reads it can "
               "do all that this\nserver can.  Keep it as secret as %s.\n",
               dir, backup->ctl->policy.state);
    else
        printf("\nmaster.key is not in it: keep %s/master.key elsewhere, "
               "since without it\nnothing of the backup is of any use.\n",
               backup->ctl->policy.state);
}

static void
print_json(const struct backup *backup)
{
    json_t *records = json_object();
    int db;

    for (db = 0; db < STORE__MAX; db++)
        json_object_set_new(
            records, ctl_sound_name((enum store_db) db),
            json_integer((json_int_t) backup->manifest.files[db].n));
    ctl_out_json(json_pack(
        "{s:o,s:I,s:b,s:o,s:I}", "directory",
        ctl_out_string(backup->ctl->args[0]), "created",
        (json_int_t) backup->manifest.created, "master_key",
        (int) backup->manifest.has_master, "records", records, "left_out",
        (json_int_t) backup->left_out));
}
