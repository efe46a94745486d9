/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * ccgrant restore: all is checked first.  Then the store is marked, so that
 * nobody serves with half of the records, and unmarked at the end; whoever is
 * killed between them is run again, and comes to the same.  A store in use is
 * marked once uses, revocations and counters that it lacks were added, which
 * only forbid; a new one is from its beginning.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/when.h"
#include "ctl.h"
#include "ctl_file.h"
#include "ctl_load.h"
#include "ctl_loadtable.h"
#include "ctl_manifest.h"
#include "ctl_out.h"
#include "ctl_record.h"
#include "ctl_sound.h"
#include "io/crypto.h"
#include "io/path.h"
#include "io/store_upkeep.h"
#include "revocation.h"

struct restore {
    struct ctl *ctl;
    struct ctl_backup backup;
    struct vault *vault; /* of the backup's master.key, or of the state's */
    struct store *store;
    struct ctl_load load;
    char master[PATH_TEXT_MAX]; /* the path of the state's */
    bool has_same;  /* it is the backup's */
    bool has_other; /* it is another one */
    size_t clients, keys, tokens; /* of the state */
    struct errtext *why;
};

typedef int restore_step_fn(struct restore *restore, struct errtext *why);

static restore_step_fn open_backup, check_records, make_state, find_master;
static restore_step_fn open_store, judge, ask, mark_new, put_master;
static restore_step_fn add_missing, mark, load_exactly, finish;
static ctl_manifest_fn check_record;
static int check_mark(struct restore *restore, struct errtext *why);
static store_each_fn count;
static expiring_each_fn count_token;

int
ctl_restore(struct ctl *ctl, struct errtext *why)
{
    static restore_step_fn *const steps[] = {
        open_backup, check_records, make_state, find_master,
        open_store,  judge,         ask,        mark_new,
        put_master,  add_missing,   mark,       load_exactly,
        finish};
    struct restore restore;
    size_t i;
    int rc = 0;

    memset(&restore, 0, sizeof(restore));
    restore.ctl = ctl;
    restore.why = why;
    for (i = 0; rc == 0 && i < sizeof(steps) / sizeof(steps[0]); i++)
        rc = steps[i](&restore, why);
    if (rc == 0)
        ctl_loadtable_print(ctl, &restore.load, restore.has_other);
    expiring_close(restore.load.expiring);
    store_close(restore.store);
    vault_close(restore.vault);
    ctl_manifest_close(&restore.backup);
    return rc == 0 ? CTL_DONE : CTL_FAILED;
}

/* With the rights of who called: later it may be those of another user. */
static int
open_backup(struct restore *restore, struct errtext *why)
{
    const struct policy *policy = &restore->ctl->policy;

    if (ctl_record_policy(restore->ctl, why) != 0
        || ctl_manifest_open(&restore->backup, restore->ctl->args[0], why)
               != 0)
        return -1;
    if (strcmp(restore->backup.manifest.issuer, policy->issuer) != 0)
        return errtext_set(why, "the backup in %.80s is of the issuer %.80s, "
                                "and %.80s says %.80s: change that to restore "
                                "it",
                           restore->ctl->args[0],
                           restore->backup.manifest.issuer, policy->file,
                           policy->issuer);
    if (restore->backup.manifest.has_master)
        return vault_load(&restore->vault, restore->backup.master,
                          sizeof(restore->backup.master), why);
    if (path_join(restore->master, policy->state, CTL_MANIFEST_MASTER, why)
        != 0)
        return -1;
    if (access(restore->master, F_OK) != 0)
        return errtext_set(why, "the backup in %.100s has no master.key: put "
                                "the one that it was made with to %.200s "
                                "first",
                           restore->ctl->args[0], restore->master);
    return 0;
}

/* All of them, before anything is changed. */
static int
check_records(struct restore *restore, struct errtext *why)
{
    int db, rc = 0;

    for (db = 0; rc == 0 && db < STORE__MAX; db++)
        rc = ctl_manifest_each(&restore->backup, (enum store_db) db,
                               check_record, restore, why);
    if (rc == 0 && restore->vault != NULL)
        rc = check_mark(restore, why);
    return rc;
}

static int
check_record(void *arg, const struct ctl_sound *record)
{
    struct restore *restore = arg;

    if (ctl_sound_check(record, &restore->ctl->policy, restore->vault,
                        restore->why)
        == 0)
        return 0;
    return errtext_context(restore->why, "the backup's %s: %.80s",
                           ctl_sound_name(record->db),
                           record->db < STORE_REPLAY ? record->key
                                                     : "a record");
}

/* What the secrets are checked with is what the backup was made with. */
static int
check_mark(struct restore *restore, struct errtext *why)
{
    char mark[SERVICE_MARK_MAX], stored[SERVICE_MARK_MAX];

    if (service_mark(restore->vault, mark, why) != 0
        || ctl_manifest_meta(&restore->backup, SERVICE_MARK_META, stored,
                             sizeof(stored), why)
               != 0)
        return -1;
    if (stored[0] == '\0' || strcmp(stored, mark) == 0)
        return 0;
    return errtext_set(why, "the backup in %.100s was made with another "
                            "master.key%s",
                       restore->ctl->args[0],
                       restore->backup.manifest.has_master
                           ? " than the one in it: take another backup"
                           : " than the one in the state directory: put that "
                             "there");
}

/* As ccgrant init does, and with the same lock. */
static int
make_state(struct restore *restore, struct errtext *why)
{
    const char *state = restore->ctl->policy.state;
    int fd;

    if (ctl_file_parents(state, why) != 0)
        return -1;
    if (mkdir(state, 0700) != 0 && errno != EEXIST)
        return errtext_set(why, "cannot make the state directory %s: %s",
                           state, strerror(errno));
    if (path_become_owner(state, why) != 0)
        return -1;
    fd = open(state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
        return 0;
    return errtext_set(why, "cannot lock %s: %s", state,
                       errno == EWOULDBLOCK
                           ? "another ccgrant init or restore has it"
                           : strerror(errno));
}

static int
find_master(struct restore *restore, struct errtext *why)
{
    const char *state = restore->ctl->policy.state;
    unsigned char master[CTL_MANIFEST_MASTER_LEN + 1];
    long len;

    if (path_join(restore->master, state, CTL_MANIFEST_MASTER, why) != 0)
        return -1;
    if (!restore->backup.manifest.has_master) {
        restore->has_same = true;
        return vault_open(&restore->vault, state, why) == 0
                   ? check_records(restore, why)
                   : -1;
    }
    if (access(restore->master, F_OK) != 0 && errno == ENOENT)
        return 0;
    len = path_read(restore->master, master, sizeof(master), why);
    restore->has_same = len == CTL_MANIFEST_MASTER_LEN
                        && crypto_equal(master, restore->backup.master,
                                        CTL_MANIFEST_MASTER_LEN);
    restore->has_other = !restore->has_same;
    crypto_wipe(master, sizeof(master));
    return len < 0 ? -1 : 0;
}

/* New databases are marked before anything of the backup is there, its
 * master.key included. */
static int
open_store(struct restore *restore, struct errtext *why)
{
    const char *state = restore->ctl->policy.state;

    if (store_open(&restore->store, state, STORE_RESTORES, NULL) != 0
        && (store_create_restoring(state, why) != 0
            || store_open(&restore->store, state, STORE_RESTORES, why) != 0))
        return -1;
    store_archive(restore->store, restore->ctl->policy.archive);
    return 0;
}

static int
judge(struct restore *restore, struct errtext *why)
{
    struct ctl_load *load = &restore->load;
    char mark_now[SERVICE_MARK_MAX], stored[STORE_VALUE_MAX + 1] = "";
    size_t len;

    load->backup = &restore->backup;
    load->store = restore->store;
    load->expiring = expiring_open(restore->store);
    load->now = restore->ctl->now;
    if (store_restore_get(restore->store, &load->mode, why) != 0
        || store_each(restore->store, STORE_CLIENTS, count,
                      &restore->clients, why)
               != 0
        || store_each(restore->store, STORE_KEYS, count, &restore->keys, why)
               != 0
        || expiring_each(load->expiring, EXPIRING_TOKENS, "", load->now,
                         count_token, &restore->tokens, why)
               != 0
        || store_get(restore->store, STORE_META, SERVICE_MARK_META, stored,
                     sizeof(stored), &len, why)
               < 0
        || service_mark(restore->vault, mark_now, why) != 0)
        return -1;
    if (load->mode == STORE_RESTORE_NONE)
        load->mode = restore->clients == 0 && restore->tokens == 0
                         ? STORE_RESTORE_ALL
                         : STORE_RESTORE_PART;
    if (restore->has_same || load->mode == STORE_RESTORE_ALL
        || (!restore->has_other && strcmp(stored, mark_now) == 0))
        return 0;
    return errtext_set(why, "%.150s has clients or tokens that were made with "
                            "another master.key than the backup: to have the "
                            "backup in place of them, move that directory "
                            "away first",
                       restore->ctl->policy.state);
}

static int
count(void *arg, const char *key, const char *value, size_t len)
{
    size_t *n = arg;

    (void) key;
    (void) value;
    (void) len;
    ++*n;
    return 0;
}

static int
count_token(void *arg, const void *key, size_t key_len, int64_t expires,
            const char *text, size_t len)
{
    (void) key;
    (void) key_len;
    (void) expires;
    return count(arg, NULL, text, len);
}

static int
ask(struct restore *restore, struct errtext *why)
{
    const struct ctl_manifest *manifest = &restore->backup.manifest;
    char question[400], when[WHEN_TEXT_MAX];

    if (restore->clients == 0 && restore->keys == 0 && restore->tokens == 0)
        return 0;
    when_text(manifest->created, when);
    snprintf(question, sizeof(question),
             "Replace the %zu clients and %zu keys in %.150s by the %llu "
             "clients and %llu keys of the backup of %s?",
             restore->clients, restore->keys, restore->ctl->policy.state,
             (unsigned long long) manifest->files[STORE_CLIENTS].n,
             (unsigned long long) manifest->files[STORE_KEYS].n, when);
    return ctl_out_confirm(restore->ctl, question, why);
}

/* Once there are tokens, it would pass for one in use. */
static int
mark_new(struct restore *restore, struct errtext *why)
{
    return restore->load.mode == STORE_RESTORE_ALL ? mark(restore, why) : 0;
}

static int
put_master(struct restore *restore, struct errtext *why)
{
    if (restore->has_same)
        return 0;
    if (restore->has_other && unlink(restore->master) != 0)
        return errtext_set(why, "cannot replace %s: %s", restore->master,
                           strerror(errno));
    if (path_write_new(restore->master, 0600, restore->backup.master,
                       sizeof(restore->backup.master), why)
        != 0)
        return -1;
    restore->has_same = true;
    return 0;
}

/* What must not be used twice comes before what it could be used with. */
static int
add_missing(struct restore *restore, struct errtext *why)
{
    static const enum store_db dbs[] = {STORE_REPLAY, STORE_COUNTERS,
                                        STORE_TOKENS, STORE_JWKS};
    size_t i;
    int rc = 0;

    for (i = 0; rc == 0 && i < sizeof(dbs) / sizeof(dbs[0]); i++)
        rc = ctl_load_missing(&restore->load, dbs[i], why);
    return rc == 0 ? 0 : errtext_context(why, "not finished, run it again");
}

static int
mark(struct restore *restore, struct errtext *why)
{
    return store_restore_set(restore->store, restore->load.mode, why);
}

static int
load_exactly(struct restore *restore, struct errtext *why)
{
    static const enum store_db dbs[] = {STORE_KEYS, STORE_META,
                                        STORE_CLIENTS};
    size_t i;
    int rc = 0;

    for (i = 0; rc == 0 && i < sizeof(dbs) / sizeof(dbs[0]); i++)
        rc = ctl_load_exactly(&restore->load, dbs[i], why);
    return rc == 0 ? 0 : errtext_context(why, "not finished, run it again");
}

static int
finish(struct restore *restore, struct errtext *why)
{
    struct ctl *ctl = restore->ctl;
    struct errtext trouble;

    path_remove_parts(ctl->policy.state, "*");
    if (store_restore_set(restore->store, STORE_RESTORE_NONE, why) != 0)
        return -1;
    expiring_close(restore->load.expiring);
    store_close(restore->store);
    restore->load.expiring = NULL;
    restore->store = NULL;
    if (ctl_record_open(ctl, why) != 0)
        return -1;
    if (revocation_publish(&ctl->service, ctl->now, &trouble) != 0)
        ctl_out_note(trouble.text);
    return 0;
}
