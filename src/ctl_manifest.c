/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * A backup and its manifest.
 */

#include <config.h>

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "ctl_manifest.h"
#include "io/crypto.h"
#include "io/path.h"
#include "io/store_upkeep.h"

enum {
    FORM = 1, /* of manifest and files */
    MANIFEST_MAX = 65536,
};

struct note {
    const char *name;
    char *buf;
    size_t cap;
};

static int digest_of(json_t *json, char digest[DUMP_DIGEST_MAX]);
static int read_manifest(struct ctl_manifest *manifest, const char *dir,
                         struct errtext *why);
static int take(struct ctl_manifest *manifest, const char *dir, json_t *json,
                struct errtext *why);
static int check_digest(json_t *json);
static int take_rest(struct ctl_manifest *manifest, json_t *json);
static int take_files(struct ctl_manifest *manifest, json_t *files);
static int open_file(struct ctl_backup *backup, const char *dir,
                     enum store_db db, struct errtext *why);
static int read_master(struct ctl_backup *backup, const char *dir,
                       struct errtext *why);

void
ctl_manifest_name(enum store_db db, char name[CTL_MANIFEST_NAME_MAX])
{
    snprintf(name, CTL_MANIFEST_NAME_MAX, "%s.dump", ctl_sound_name(db));
}

static int
digest_of(json_t *json, char digest[DUMP_DIGEST_MAX])
{
    char *text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);

    if (text == NULL)
        return -1;
    dump_digest_of(text, strlen(text), digest);
    free(text);
    return 0;
}

static json_t *
manifest_json(const struct ctl_manifest *manifest)
{
    json_t *files = json_object();
    char name[CTL_MANIFEST_NAME_MAX];
    int db;

    for (db = 0; db < STORE__MAX; db++) {
        if (!manifest->files[db].there)
            continue;
        ctl_manifest_name((enum store_db) db, name);
        json_object_set_new(
            files, name,
            json_pack("{s:s,s:I,s:s}", "database",
                      ctl_sound_name((enum store_db) db), "records",
                      (json_int_t) manifest->files[db].n, "sha256",
                      manifest->files[db].digest));
    }
    if (manifest->has_master)
        json_object_set_new(files, CTL_MANIFEST_MASTER,
                            json_pack("{s:s}", "sha256",
                                      manifest->master_digest));
    return json_pack("{s:i,s:s,s:i,s:I,s:s,s:o}", "ccgrant_backup", FORM,
                     "version", PACKAGE_VERSION, "schema", manifest->schema,
                     "created", (json_int_t) manifest->created, "issuer",
                     manifest->issuer, "files", files);
}

int
ctl_manifest_write(const struct ctl_manifest *manifest, struct errtext *why)
{
    json_t *json = manifest_json(manifest);
    char digest[DUMP_DIGEST_MAX];
    char *text;
    size_t len;
    int rc;

    if (json == NULL || digest_of(json, digest) != 0)
        abort();
    json_object_set_new(json, "sha256", json_string(digest));
    text = json_dumps(json, JSON_INDENT(2));
    if (text == NULL)
        abort();
    len = strlen(text);
    text[len] = '\n'; /* in place of the terminator */
    rc = path_write_new(CTL_MANIFEST_FILE, 0600, text, len + 1, why);
    free(text);
    json_decref(json);
    return rc;
}

int
ctl_manifest_open(struct ctl_backup *backup, const char *dir,
                  struct errtext *why)
{
    struct ctl_manifest *manifest = &backup->manifest;
    int db;

    memset(backup, 0, sizeof(*backup));
    if (read_manifest(manifest, dir, why) != 0)
        return -1;
    for (db = 0; db < STORE__MAX; db++) {
        if (manifest->files[db].there
            && open_file(backup, dir, (enum store_db) db, why) != 0)
            return -1;
    }
    return manifest->has_master ? read_master(backup, dir, why) : 0;
}

static int
read_manifest(struct ctl_manifest *manifest, const char *dir,
              struct errtext *why)
{
    char path[PATH_TEXT_MAX], *text;
    json_t *json = NULL;
    long len = -1;
    int rc = -1;

    if (path_join(path, dir, CTL_MANIFEST_FILE, why) != 0)
        return -1;
    if (access(path, F_OK) != 0 && errno == ENOENT)
        return errtext_set(why, "%s is no backup, or one that was not "
                                "finished: there is no %s in it",
                           dir, CTL_MANIFEST_FILE);
    text = alloc_bytes(MANIFEST_MAX + 1);
    len = path_read(path, text, MANIFEST_MAX, why);
    if (len >= 0)
        json = json_loadb(text, (size_t) len, JSON_REJECT_DUPLICATES, NULL);
    if (len >= 0 && json_is_object(json))
        rc = take(manifest, dir, json, why);
    else if (len >= 0)
        errtext_set(why, "%s is damaged, or of something else", path);
    json_decref(json);
    free(text);
    return rc;
}

static int
take(struct ctl_manifest *manifest, const char *dir, json_t *json,
     struct errtext *why)
{
    int form;

    if (json_unpack(json, "{s:i,s:i}", "ccgrant_backup", &form, "schema",
                    &manifest->schema)
        != 0)
        return errtext_set(why, "%s/%s is damaged, or of something else", dir,
                           CTL_MANIFEST_FILE);
    if (form > FORM || manifest->schema > store_schema())
        return errtext_set(why, "the backup in %s is of a newer ccgrant "
                                "(schema %d; this one knows %d): upgrade "
                                "ccgrant",
                           dir, manifest->schema, store_schema());
    if (check_digest(json) != 0 || take_rest(manifest, json) != 0)
        return errtext_set(why, "%s/%s is damaged: take another backup", dir,
                           CTL_MANIFEST_FILE);
    return 0;
}

/* Of all but the digest itself, which is then no more in it. */
static int
check_digest(json_t *json)
{
    char found[DUMP_DIGEST_MAX];
    json_t *digest = json_incref(json_object_get(json, "sha256"));
    const char *text = json_string_value(digest);
    int rc = -1;

    json_object_del(json, "sha256");
    if (text != NULL && digest_of(json, found) == 0
        && strcmp(text, found) == 0)
        rc = 0;
    json_decref(digest);
    return rc;
}

static int
take_rest(struct ctl_manifest *manifest, json_t *json)
{
    json_int_t created;
    const char *issuer;
    json_t *files;

    if (json_unpack(json, "{s:I,s:s,s:o}", "created", &created, "issuer",
                    &issuer, "files", &files)
            != 0
        || strlen(issuer) >= sizeof(manifest->issuer))
        return -1;
    snprintf(manifest->issuer, sizeof(manifest->issuer), "%s", issuer);
    manifest->created = created;
    return take_files(manifest, files);
}

static int
take_files(struct ctl_manifest *manifest, json_t *files)
{
    const char *name, *database, *sum;
    json_int_t n;
    json_t *file;
    int db;

    json_object_foreach(files, name, file) {
        if (json_unpack(file, "{s:s}", "sha256", &sum) != 0
            || strlen(sum) != DUMP_DIGEST_MAX - 1)
            return -1;
        if (strcmp(name, CTL_MANIFEST_MASTER) == 0) {
            manifest->has_master = true;
            snprintf(manifest->master_digest, DUMP_DIGEST_MAX, "%s", sum);
            continue;
        }
        if (json_unpack(file, "{s:s,s:I}", "database", &database, "records",
                        &n)
                != 0
            || (db = ctl_sound_find(database)) < 0)
            return -1;
        manifest->files[db].there = true;
        manifest->files[db].n = (uint64_t) n;
        snprintf(manifest->files[db].digest, DUMP_DIGEST_MAX, "%s", sum);
    }
    return manifest->files[STORE_CLIENTS].there
                   && manifest->files[STORE_KEYS].there
                   && manifest->files[STORE_META].there
               ? 0
               : -1;
}

static int
open_file(struct ctl_backup *backup, const char *dir, enum store_db db,
          struct errtext *why)
{
    char name[CTL_MANIFEST_NAME_MAX], path[PATH_TEXT_MAX];
    char digest[DUMP_DIGEST_MAX];

    ctl_manifest_name(db, name);
    if (path_join(path, dir, name, why) != 0
        || dump_open(&backup->dumps[db], path, why) != 0)
        return -1;
    dump_digest(backup->dumps[db], digest);
    if (strcmp(digest, backup->manifest.files[db].digest) != 0)
        return errtext_set(why, "%s is damaged: its digest is not the one in "
                                "%s; take another backup",
                           path, CTL_MANIFEST_FILE);
    return 0;
}

static int
read_master(struct ctl_backup *backup, const char *dir, struct errtext *why)
{
    char path[PATH_TEXT_MAX], digest[DUMP_DIGEST_MAX];
    long len;

    if (path_join(path, dir, CTL_MANIFEST_MASTER, why) != 0)
        return -1;
    len = path_read(path, backup->master, sizeof(backup->master), why);
    if (len < 0)
        return -1;
    dump_digest_of(backup->master, (size_t) len, digest);
    if (len != CTL_MANIFEST_MASTER_LEN
        || strcmp(digest, backup->manifest.master_digest) != 0)
        return errtext_set(why, "%s is damaged: its digest is not the one in "
                                "%s; take another backup",
                           path, CTL_MANIFEST_FILE);
    return 0;
}

int
ctl_manifest_each(struct ctl_backup *backup, enum store_db db,
                  ctl_manifest_fn *fn, void *arg, struct errtext *why)
{
    struct dump *dump = backup->dumps[db];
    struct ctl_sound record = {.db = db};
    struct dump_record next;
    uint64_t n = 0;
    int rc;

    if (dump == NULL)
        return 0;
    dump_rewind(dump);
    while ((rc = dump_next(dump, &next, why)) == 1) {
        record.key = next.key;
        record.key_len = next.key_len;
        record.value = next.value;
        record.len = next.len;
        n++;
        rc = fn(arg, &record);
        if (rc != 0)
            return rc;
    }
    if (rc == 0 && n != backup->manifest.files[db].n)
        return errtext_set(why, "the file of %s has another number of records "
                                "than %s says",
                           ctl_sound_name(db), CTL_MANIFEST_FILE);
    return rc;
}

static int
find_note(void *arg, const struct ctl_sound *record)
{
    struct note *note = arg;

    if (strcmp(record->key, note->name) == 0 && record->len < note->cap)
        snprintf(note->buf, note->cap, "%s", record->value);
    return 0;
}

int
ctl_manifest_meta(struct ctl_backup *backup, const char *name, char *buf,
                  size_t cap, struct errtext *why)
{
    struct note note = {name, buf, cap};

    buf[0] = '\0';
    return ctl_manifest_each(backup, STORE_META, find_note, &note, why);
}

void
ctl_manifest_close(struct ctl_backup *backup)
{
    int db;

    for (db = 0; db < STORE__MAX; db++)
        dump_close(backup->dumps[db]);
    crypto_wipe(backup, sizeof(*backup));
}
