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

#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl.h"
#include "ctl_args.h"
#include "ctl_manifest.h"
#include "ctl_out.h"
#include "ctl_record.h"
#include "ctl_table.h"
#include "io/crypto.h"
#include "io/dump.h"
#include "io/path.h"
#include "io/store_upkeep.h"

struct backup {
    struct ctl *ctl;
    struct ctl_manifest manifest;
    struct dump_writer *writers[STORE__MAX];
    enum store_db db; /* of expiring records */
    struct errtext *why;
};

typedef int backup_step_fn(struct backup *backup, struct errtext *why);

static int prepare(const struct ctl *ctl, struct errtext *why);
static int check_empty(const char *dir, struct errtext *why);
static backup_step_fn write_moment, write_cache, write_uses, write_tables;
static backup_step_fn end_files, write_master, write_manifest;
static store_snapshot_fn add_moment;
static store_each_fn add_cached;
static expiring_uses_fn add_use;
static expiring_each_fn add_expiring;
static void undo(struct backup *backup);
static void print(const struct backup *backup);
static void print_json(const struct backup *backup);

int
ctl_backup(struct ctl *ctl, struct errtext *why)
{
    static backup_step_fn *const steps[] = {
        write_moment, write_cache,  write_uses,    write_tables,
        end_files,    write_master, write_manifest};
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
    if (ctl->json)
        print_json(&backup);
    else
        print(&backup);
    return CTL_DONE;
}

/*
 * Have the directory, as one of the owner of the state, and go there: that
 * user may not be able to come by the same way.
 */
static int
prepare(const struct ctl *ctl, struct errtext *why)
{
    const char *dir = ctl->args[0];
    struct stat st;

    if (stat(ctl->policy.state, &st) != 0)
        return errtext_set(why, "the state directory %s: %s%s",
                           ctl->policy.state, strerror(errno),
                           errno == ENOENT ? ": make it with ccgrant init"
                                           : "");
    if (mkdir(dir, 0700) != 0
        && (errno != EEXIST || check_empty(dir, why) != 0)) {
        if (errno != EEXIST)
            errtext_set(why, "cannot make %s: %s", dir, strerror(errno));
        return -1;
    }
    if (geteuid() == 0 && chown(dir, st.st_uid, st.st_gid) != 0)
        return errtext_set(why, "cannot give %s to the owner of %s: %s", dir,
                           ctl->policy.state, strerror(errno));
    if (chdir(dir) != 0)
        return errtext_set(why, "cannot go to %s: %s", dir, strerror(errno));
    return 0;
}

static int
check_empty(const char *dir, struct errtext *why)
{
    const struct dirent *entry;
    DIR *stream = opendir(dir);
    size_t n = 0;

    if (stream == NULL) {
        errtext_set(why, "%s is there, and is no directory that can be used: "
                         "%s",
                    dir, strerror(errno));
        errno = EEXIST;
        return -1;
    }
    while ((entry = readdir(stream)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0
            && strcmp(entry->d_name, "..") != 0)
            n++;
    }
    closedir(stream);
    errno = EEXIST;
    return n == 0 ? 0
                  : errtext_set(why, "%s is not empty: name a directory that "
                                     "is not there yet",
                                dir);
}

static int
begin(struct backup *backup, enum store_db db, struct errtext *why)
{
    char name[CTL_MANIFEST_NAME_MAX];

    ctl_manifest_name(db, name);
    return dump_create(&backup->writers[db], name, why);
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
add_moment(void *arg, enum store_db db, const char *key, const char *value,
           size_t len)
{
    struct backup *backup = arg;

    return dump_add(backup->writers[db], key, strlen(key), value, len,
                    backup->why);
}

static int
write_cache(struct backup *backup, struct errtext *why)
{
    if (begin(backup, STORE_JWKS, why) != 0)
        return -1;
    return store_each(backup->ctl->service.store, STORE_JWKS, add_cached,
                      backup, why);
}

static int
add_cached(void *arg, const char *key, const char *value, size_t len)
{
    return add_moment(arg, STORE_JWKS, key, value, len);
}

static int
write_uses(struct backup *backup, struct errtext *why)
{
    const struct ctl *ctl = backup->ctl;

    if (begin(backup, STORE_REPLAY, why) != 0)
        return -1;
    return expiring_uses(ctl->service.expiring, ctl->now, add_use, backup,
                         why);
}

/* The time, the greatest byte first, and the id: as it is stored. */
static int
add_use(void *arg, const struct expiring_use *use)
{
    unsigned char key[sizeof(use->expires) + EXPIRING_ID_LEN];
    uint64_t left = (uint64_t) use->expires;
    struct backup *backup = arg;
    size_t i;

    for (i = sizeof(use->expires); i > 0; i--) {
        key[i - 1] = (unsigned char) (left & 0xff);
        left >>= 8;
    }
    memcpy(key + sizeof(use->expires), use->id, EXPIRING_ID_LEN);
    return dump_add(backup->writers[STORE_REPLAY], key, sizeof(key), "", 0,
                    backup->why);
}

static int
write_tables(struct backup *backup, struct errtext *why)
{
    static const struct {
        enum store_db db;
        enum expiring_table table;
    } tables[] = {{STORE_TOKENS, EXPIRING_TOKENS},
                  {STORE_COUNTERS, EXPIRING_COUNTERS}};
    const struct ctl *ctl = backup->ctl;
    size_t i;

    for (i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        backup->db = tables[i].db;
        if (begin(backup, backup->db, why) != 0
            || expiring_each(ctl->service.expiring, tables[i].table, "",
                             ctl->now, add_expiring, backup, why)
                   != 0)
            return -1;
    }
    return 0;
}

/* The time in decimal, a space and the text: as it is stored. */
static int
add_expiring(void *arg, const void *key, size_t key_len, int64_t expires,
             const char *text, size_t len)
{
    struct backup *backup = arg;
    char value[EXPIRING_TEXT_MAX + 32];
    int n = snprintf(value, sizeof(value), "%lld %.*s", (long long) expires,
                     (int) len, text);
    int rc = -1;

    if (n > 0 && (size_t) n < sizeof(value))
        rc = dump_add(backup->writers[backup->db], key, key_len, value,
                      (size_t) n, backup->why);
    crypto_wipe(value, sizeof(value));
    return rc;
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
    rc = path_write_new(CTL_MANIFEST_MASTER, master, sizeof(master), why);
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

/* What is not whole shall not look like a backup: the directory is left as it
 * was found. */
static void
undo(struct backup *backup)
{
    char name[CTL_MANIFEST_NAME_MAX];
    int db;

    for (db = 0; db < STORE__MAX; db++) {
        dump_discard(backup->writers[db]);
        ctl_manifest_name((enum store_db) db, name);
        (void) unlink(name);
    }
    (void) unlink(CTL_MANIFEST_MASTER);
    (void) unlink(CTL_MANIFEST_FILE);
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
    ctl_out_json(json_pack("{s:o,s:I,s:b,s:o}", "directory",
                           ctl_out_string(backup->ctl->args[0]), "created",
                           (json_int_t) backup->manifest.created,
                           "master_key",
                           (int) backup->manifest.has_master, "records",
                           records));
}
