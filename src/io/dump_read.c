/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The files of a backup: reading them.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/hex.h"
#include "io/crypto.h"
#include "io/dump.h"
#include "io/path.h"

/* A line as it was before it was written. */
struct line {
    char *bytes; /* terminated */
    size_t len;
    size_t cap;
};

struct dump {
    char path[PATH_TEXT_MAX];
    const char *file; /* all of it */
    size_t size;
    size_t at;
    unsigned long row; /* that at is in, from 1 on */
    struct line key;
    struct line value;
};

static int map(struct dump *dump, int fd, struct errtext *why);
static int pass_head(struct dump *dump, struct errtext *why);
static const char *take_row(struct dump *dump, size_t *len);
static int decode(struct dump *dump, struct line *line, const char *row,
                  size_t len, struct errtext *why);
static void wipe(struct line *line);

int
dump_open(struct dump **out, const char *path, struct errtext *why)
{
    struct dump *dump = alloc_zero(1, sizeof(*dump));
    int fd, rc;

    if (path_join(dump->path, "", path, why) < 0) {
        free(dump);
        return -1;
    }
    fd = open(path, O_RDONLY | O_CLOEXEC);
    rc = fd < 0 ? errtext_set(why, "cannot read %s: %s", path,
                              strerror(errno)) : map(dump, fd, why);
    if (fd >= 0)
        close(fd);
    if (rc < 0) {
        free(dump);
        return -1;
    }
    *out = dump;
    return 0;
}

static int
map(struct dump *dump, int fd, struct errtext *why)
{
    struct stat st;
    void *at;

    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        return errtext_set(why, "%s is not a regular file", dump->path);
    if (st.st_size == 0)
        return 0;
    at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (at == MAP_FAILED)
        return errtext_set(why, "cannot read %s: %s", dump->path,
                           strerror(errno));
    dump->file = at;
    dump->size = (size_t)st.st_size;
    return 0;
}

void
dump_digest(const struct dump *dump, char digest[DUMP_DIGEST_MAX])
{
    dump_digest_of(dump->file, dump->size, digest);
}

int
dump_next(struct dump *dump, struct dump_record *record, struct errtext *why)
{
    const char *row;
    size_t len;

    if (dump->at == 0 && pass_head(dump, why) < 0)
        return -1;
    row = take_row(dump, &len);
    if (row != NULL && len == 8 && memcmp(row, "DATA=END", 8) == 0)
        return dump->at == dump->size ? 0
               : errtext_set(why, "%s: there is something behind its end",
                             dump->path);
    if (decode(dump, &dump->key, row, len, why) < 0)
        return -1;
    row = take_row(dump, &len);
    if (decode(dump, &dump->value, row, len, why) < 0)
        return -1;
    record->key = dump->key.bytes;
    record->key_len = dump->key.len;
    record->value = dump->value.bytes;
    record->len = dump->value.len;
    return 1;
}

static int
pass_head(struct dump *dump, struct errtext *why)
{
    static const char first[] = "VERSION=3", form[] = "format=print";
    const char *row;
    bool printed = false;
    size_t len;

    row = take_row(dump, &len);
    if (row == NULL || len != sizeof(first) - 1
        || memcmp(row, first, len) != 0)
        return errtext_set(why, "%s is not of the form of db_dump -p",
                           dump->path);
    while ((row = take_row(dump, &len)) != NULL) {
        if (len == 10 && memcmp(row, "HEADER=END", 10) == 0)
            break;
        if (len == sizeof(form) - 1 && memcmp(row, form, len) == 0)
            printed = true;
    }
    if (row == NULL || !printed)
        return errtext_set(why, "%s is not of the form of db_dump -p",
                           dump->path);
    return 0;
}

/* Up to the next line feed; NULL when there is none. */
static const char *
take_row(struct dump *dump, size_t *len)
{
    const char *row = dump->size > 0 ? dump->file + dump->at : "";
    const char *end = memchr(row, '\n', dump->size - dump->at);

    *len = 0;
    if (end == NULL)
        return NULL;
    *len = (size_t)(end - row);
    dump->at += *len + 1;
    dump->row++;
    return row;
}

static int
decode(struct dump *dump, struct line *line, const char *row, size_t len,
       struct errtext *why)
{
    size_t i;
    int c;

    if (row == NULL)
        return errtext_set(why, "%s breaks off behind line %lu", dump->path,
                           dump->row);
    wipe(line);
    if (line->cap < len + 1) {
        free(line->bytes);
        line->cap = 2 * (len + 1);
        line->bytes = alloc_bytes(line->cap);
    }
    line->len = 0;
    for (i = 1; i < len; i++) {
        c = (unsigned char)row[i];
        if (c == '\\' && i + 1 < len && row[i + 1] == '\\') {
            i++;
        } else if (c == '\\') {
            c = i + 2 < len ? hex_pair(row + i + 1) : -1;
            if (c < 0)
                break;
            i += 2;
        }
        line->bytes[line->len++] = (char)c;
    }
    line->bytes[line->len] = '\0';
    if (len == 0 || row[0] != ' ' || i < len)
        return errtext_set(why, "%s: line %lu is no record", dump->path,
                           dump->row);
    return 0;
}

void
dump_rewind(struct dump *dump)
{
    dump->at = 0;
    dump->row = 0;
}

static void
wipe(struct line *line)
{
    if (line->bytes != NULL)
        crypto_wipe(line->bytes, line->len);
}

void
dump_close(struct dump *dump)
{
    if (dump == NULL)
        return;
    if (dump->file != NULL)
        munmap((void *)(uintptr_t)dump->file, dump->size);
    wipe(&dump->key);
    wipe(&dump->value);
    free(dump->key.bytes);
    free(dump->value.bytes);
    free(dump);
}
