/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The files of a backup: the records of one database as text, in the form of
 * "db_dump -p", which db_load reads without ccgrant.
 */

#ifndef IO_DUMP_H
#define IO_DUMP_H

#include <stddef.h>
#include <stdint.h>

#include "core/errtext.h"

enum { DUMP_DIGEST_MAX = 65 }; /* SHA-256 in hexadecimal, terminated */

struct dump_writer;

/*
 * Begin a new file with mode 0600: it must not exist.
 *
 * Returns 0 with *writer, for dump_finish() or dump_discard(), or -1 with the
 * reason in *why.
 */
int dump_create(struct dump_writer **writer, const char *path,
                struct errtext *why);

/* Add a record.  Returns 0, or -1 with the reason in *why. */
int dump_add(struct dump_writer *writer, const void *key, size_t key_len,
             const void *value, size_t len, struct errtext *why);

/*
 * End the file and have it on the disk; wipes and frees the writer in any
 * case.
 *
 * Returns 0 with the number of records in *n and the digest of the file, or
 * -1 with the reason in *why.
 */
int dump_finish(struct dump_writer *writer, uint64_t *n,
                char digest[DUMP_DIGEST_MAX], struct errtext *why);

/* Remove the file.  Wipes and frees; NULL is allowed. */
void dump_discard(struct dump_writer *writer);

struct dump;

/* Borrowed until the next call with the dump; both are terminated. */
struct dump_record {
    const char *key;
    size_t key_len;
    const char *value;
    size_t len;
};

/*
 * Open a file to be read; whoever may read it now can do so until
 * dump_close().
 *
 * Returns 0 with *dump, or -1 with the reason in *why.
 */
int dump_open(struct dump **dump, const char *path, struct errtext *why);

/* The digest of the whole file. */
void dump_digest(const struct dump *dump, char digest[DUMP_DIGEST_MAX]);

/*
 * The next record, from the first on.
 *
 * Returns 1 with *record, 0 behind the last one, -1 with the reason in *why
 * when the file is not of that form or breaks off.
 */
int dump_next(struct dump *dump, struct dump_record *record,
              struct errtext *why);

/* Begin again with the first record. */
void dump_rewind(struct dump *dump);

/* Wipes and frees.  NULL is allowed. */
void dump_close(struct dump *dump);

/* The digest of any bytes, in the same form. */
void dump_digest_of(const void *bytes, size_t len,
                    char digest[DUMP_DIGEST_MAX]);

#endif /* IO_DUMP_H */
