/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The files of a backup: writing them.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "io/crypto.h"
#include "io/dump.h"
#include "io/path.h"

enum { BUFFER_LEN = 1 << 16 };

struct dump_writer {
    char path[PATH_TEXT_MAX];
    int fd;
    uint64_t n;
    size_t used;
    char buffer[BUFFER_LEN];
};

static const char head[] = "VERSION=3\nformat=print\ntype=btree\n"
                           "db_pagesize=4096\nHEADER=END\n";
static const char tail[] = "DATA=END\n";
static const char digits[] = "0123456789abcdef";

static int put(struct dump_writer *writer, const char *bytes, size_t len,
               struct errtext *why);
static int put_line(struct dump_writer *writer, const unsigned char *bytes,
                    size_t len, struct errtext *why);
static int flush(struct dump_writer *writer, struct errtext *why);
static int digest_file(const char *path, char digest[DUMP_DIGEST_MAX],
                       struct errtext *why);
static void release(struct dump_writer *writer);

int
dump_create(struct dump_writer **out, const char *path, struct errtext *why)
{
    struct dump_writer *writer = alloc_zero(1, sizeof(*writer));

    writer->fd = -1;
    if (path_join(writer->path, "", path, why) == 0) {
        writer->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC
                          | O_NOFOLLOW, 0600);
        if (writer->fd < 0)
            errtext_set(why, "cannot write %s: %s", path, strerror(errno));
        else if (put(writer, head, sizeof(head) - 1, why) == 0) {
            *out = writer;
            return 0;
        }
    }
    release(writer);
    return -1;
}

static int
put(struct dump_writer *writer, const char *bytes, size_t len,
    struct errtext *why)
{
    if (writer->used + len > BUFFER_LEN && flush(writer, why) < 0)
        return -1;
    memcpy(writer->buffer + writer->used, bytes, len);
    writer->used += len;
    return 0;
}

static int
flush(struct dump_writer *writer, struct errtext *why)
{
    const char *at = writer->buffer;
    ssize_t n;

    while (writer->used > 0) {
        n = write(writer->fd, at, writer->used);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errtext_set(why, "cannot write %s: %s", writer->path,
                               strerror(errno));
        at += n;
        writer->used -= (size_t)n;
    }
    return 0;
}

int
dump_add(struct dump_writer *writer, const void *key, size_t key_len,
         const void *value, size_t len, struct errtext *why)
{
    writer->n++;
    if (put_line(writer, key, key_len, why) < 0)
        return -1;
    return put_line(writer, value, len, why);
}

/* A space, and the bytes: what is not printable ASCII as a reverse solidus and
 * two digits. */
static int
put_line(struct dump_writer *writer, const unsigned char *bytes, size_t len,
         struct errtext *why)
{
    char text[3] = {'\\', 0, 0};
    size_t i;
    int rc = put(writer, " ", 1, why);

    for (i = 0; i < len && rc == 0; i++) {
        text[1] = digits[bytes[i] >> 4];
        text[2] = digits[bytes[i] & 15];
        if (bytes[i] == '\\')
            rc = put(writer, "\\\\", 2, why);
        else if (bytes[i] >= ' ' && bytes[i] <= '~')
            rc = put(writer, (const char *)bytes + i, 1, why);
        else
            rc = put(writer, text, sizeof(text), why);
    }
    return rc == 0 ? put(writer, "\n", 1, why) : -1;
}

int
dump_finish(struct dump_writer *writer, uint64_t *n,
            char digest[DUMP_DIGEST_MAX], struct errtext *why)
{
    int rc = put(writer, tail, sizeof(tail) - 1, why);

    if (rc == 0)
        rc = flush(writer, why);
    if (rc == 0 && fsync(writer->fd) < 0)
        rc = errtext_set(why, "cannot write %s: %s", writer->path,
                         strerror(errno));
    if (rc == 0)
        rc = digest_file(writer->path, digest, why);
    *n = writer->n;
    release(writer);
    return rc;
}

/* Of what a reader would find. */
static int
digest_file(const char *path, char digest[DUMP_DIGEST_MAX],
            struct errtext *why)
{
    struct dump *dump;

    if (dump_open(&dump, path, why) < 0)
        return -1;
    dump_digest(dump, digest);
    dump_close(dump);
    return 0;
}

void
dump_digest_of(const void *bytes, size_t len, char digest[DUMP_DIGEST_MAX])
{
    unsigned char sum[CRYPTO_SHA256_LEN];
    size_t i;

    crypto_sha256(bytes, len, sum);
    for (i = 0; i < sizeof(sum); i++) {
        digest[2 * i] = digits[sum[i] >> 4];
        digest[2 * i + 1] = digits[sum[i] & 15];
    }
    digest[2 * i] = '\0';
}

void
dump_discard(struct dump_writer *writer)
{
    if (writer == NULL)
        return;
    (void)unlink(writer->path);
    release(writer);
}

static void
release(struct dump_writer *writer)
{
    if (writer->fd >= 0)
        close(writer->fd);
    crypto_wipe(writer, sizeof(*writer));
    free(writer);
}
