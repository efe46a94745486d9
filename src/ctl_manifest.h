/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * A backup: a directory with a file for each database, master.key, and the
 * manifest that says what belongs to it.
 */

#ifndef CTL_MANIFEST_H
#define CTL_MANIFEST_H

#include <stdbool.h>
#include <stdint.h>

#include "core/errtext.h"
#include "ctl_sound.h"
#include "io/dump.h"
#include "io/store.h"

/* Written last: a directory without it is no whole backup. */
#define CTL_MANIFEST_FILE "MANIFEST"
#define CTL_MANIFEST_MASTER "master.key"

enum {
    CTL_MANIFEST_MASTER_LEN = 32, /* bytes */
    CTL_MANIFEST_NAME_MAX = 32,   /* of a file of it */
};

struct ctl_manifest {
    char issuer[1024];
    int64_t created;
    int schema;
    bool has_master;
    char master_digest[DUMP_DIGEST_MAX];
    struct {
        bool there;
        uint64_t n; /* records */
        char digest[DUMP_DIGEST_MAX];
    } files[STORE__MAX];
};

/* The name of the file of a database in a backup. */
void ctl_manifest_name(enum store_db db, char name[CTL_MANIFEST_NAME_MAX]);

/*
 * Write it to the present directory.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int ctl_manifest_write(const struct ctl_manifest *manifest,
                       struct errtext *why);

/* A backup that is there. */
struct ctl_backup {
    struct ctl_manifest manifest;
    struct dump *dumps[STORE__MAX]; /* or NULL */
    unsigned char master[CTL_MANIFEST_MASTER_LEN];
};

/*
 * Open the backup in dir, all files of it, with the rights that this process
 * has now.  Refuses a directory that is no whole backup, one of a newer
 * schema, a file that is missing, and one whose digest is another.
 *
 * Returns 0, or -1 with the reason in *why; ctl_manifest_close() follows both.
 */
int ctl_manifest_open(struct ctl_backup *backup, const char *dir,
                      struct errtext *why);

/*
 * Called for each record of a backup; it is borrowed.  Non-zero ends it.
 */
typedef int ctl_manifest_fn(void *arg, const struct ctl_sound *record);

/*
 * Go through the records of one database of a backup.
 *
 * Returns 0, what fn returned, or -1 with the reason in *why.
 */
int ctl_manifest_each(struct ctl_backup *backup, enum store_db db,
                      ctl_manifest_fn *fn, void *arg, struct errtext *why);

/*
 * Find a note of the backup, in its records of meta; "" when there is none, or
 * one that does not fit.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int ctl_manifest_meta(struct ctl_backup *backup, const char *name, char *buf,
                      size_t cap, struct errtext *why);

/* Wipes and frees what it holds.  All zero is allowed. */
void ctl_manifest_close(struct ctl_backup *backup);

#endif /* CTL_MANIFEST_H */
