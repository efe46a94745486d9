/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * dump: what is written is read, and what is not of that form is refused.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/dump.h"
#include "../lib/tap.h"

#define HEAD "VERSION=3\nformat=print\ntype=btree\nHEADER=END\n"

static char path[64] = "/tmp/ccgrant-dump-XXXXXX";

static void
write_text(const char *text, size_t len)
{
    FILE *file = fopen(path, "w");

    if (file == NULL || fwrite(text, 1, len, file) != len
        || fclose(file) != 0)
        abort();
}

/* Every byte, alone and with others, in keys and in values. */
static void
bytes(void)
{
    char all[256], digest[DUMP_DIGEST_MAX], again[DUMP_DIGEST_MAX];
    struct dump_writer *writer = NULL;
    struct dump_record record;
    struct dump *dump = NULL;
    struct errtext why = {.text = ""};
    uint64_t n = 0;
    struct stat st;
    bool same = true;
    int i, round;

    for (i = 0; i < 256; i++)
        all[i] = (char)i;
    tap_is_int(-1, dump_create(&writer, path, &why), "none over another");
    unlink(path);
    tap_is_int(0, dump_create(&writer, path, &why), "a file is begun");
    for (i = 0; i < 256; i++)
        same = dump_add(writer, all + i, 1, all, (size_t)i, &why) == 0
               && same;
    tap_ok(same, "records are added");
    tap_is_int(0, dump_finish(writer, &n, digest, &why), "it is ended");
    tap_is_int(256, (long long)n, "the records are counted");
    tap_ok(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600,
           "it is open to nobody else");
    tap_is_int(0, dump_open(&dump, path, &why), "it is opened");
    dump_digest(dump, again);
    tap_is_str(digest, again, "its digest is the one that was told");
    for (round = 0; round < 2; round++) {
        same = true;
        for (i = 0; i < 256; i++)
            same = dump_next(dump, &record, &why) == 1
                   && record.key_len == 1 && record.key[0] == all[i]
                   && record.key[1] == '\0' && record.len == (size_t)i
                   && memcmp(record.value, all, record.len) == 0
                   && record.value[i] == '\0' && same;
        tap_ok(same, "every byte is read as it was written%s",
               round > 0 ? ", again after a rewind" : "");
        tap_is_int(0, dump_next(dump, &record, &why), "  and then the end");
        dump_rewind(dump);
    }
    dump_close(dump);
}

static void
large(void)
{
    static char value[300000];
    char digest[DUMP_DIGEST_MAX];
    struct dump_writer *writer = NULL;
    struct dump_record record = {NULL, 0, NULL, 0};
    struct dump *dump = NULL;
    struct errtext why = {.text = ""};
    uint64_t n = 0;

    memset(value, '\\', sizeof(value));
    unlink(path);
    tap_ok(dump_create(&writer, path, &why) == 0
           && dump_add(writer, "", 0, value, sizeof(value), &why) == 0
           && dump_finish(writer, &n, digest, &why) == 0
           && dump_open(&dump, path, &why) == 0
           && dump_next(dump, &record, &why) == 1 && record.key_len == 0
           && record.len == sizeof(value)
           && memcmp(record.value, value, sizeof(value)) == 0,
           "a value that is larger than the buffer: %s", why.text);
    dump_close(dump);
    unlink(path);
    tap_ok(dump_create(&writer, path, &why) == 0
           && dump_finish(writer, &n, digest, &why) == 0 && n == 0
           && dump_open(&dump, path, &why) == 0
           && dump_next(dump, &record, &why) == 0, "no record at all");
    dump_close(dump);
    unlink(path);
    tap_ok(dump_create(&writer, path, &why) == 0, "one that is given up");
    dump_discard(writer);
    tap_ok(access(path, F_OK) != 0, "  is gone");
    dump_discard(NULL);
    dump_close(NULL);
}

static void
foreign(void)
{
    static const struct {
        const char *sentence;
        const char *text;
        int expected; /* of the last call */
    } rows[] = {
        {"a record", HEAD " a\n b\nDATA=END\n", 0},
        {"digits in capitals", HEAD " \\0A\n \\Ff\nDATA=END\n", 0},
        {"an unknown line in the header",
         "VERSION=3\nformat=print\nx=y\nHEADER=END\n a\n b\nDATA=END\n", 0},
        {"an empty file", "", -1},
        {"something else", "-----BEGIN CERTIFICATE-----\n", -1},
        {"another version", "VERSION=4\nformat=print\nHEADER=END\n", -1},
        {"no end of the header", "VERSION=3\nformat=print\n", -1},
        {"the form of db_dump without -p",
         "VERSION=3\nformat=bytevalue\nHEADER=END\n 61\n 62\nDATA=END\n", -1},
        {"no form", "VERSION=3\nHEADER=END\n a\n b\nDATA=END\n", -1},
        {"no end", HEAD " a\n b\n", -1},
        {"an end in the midst of a record", HEAD " a\nDATA=END\n", -1},
        {"a line that breaks off", HEAD " a\n b", -1},
        {"a key without a value", HEAD " a\n", -1},
        {"an end that breaks off", HEAD " a\n b\nDATA=END", -1},
        {"something behind the end", HEAD "DATA=END\n a\n b\n", -1},
        {"a line without its space", HEAD "a\n b\nDATA=END\n", -1},
        {"an empty line", HEAD "\n b\nDATA=END\n", -1},
        {"a digit that is none", HEAD " \\0g\n b\nDATA=END\n", -1},
        {"one digit", HEAD " \\0\n b\nDATA=END\n", -1},
        {"no digit", HEAD " \\\n b\nDATA=END\n", -1},
        {"a bad digit in a value", HEAD " a\n \\zz\nDATA=END\n", -1},
    };
    struct dump_record record;
    struct errtext why;
    struct dump *dump;
    size_t i;
    int rc;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        why.text[0] = '\0';
        write_text(rows[i].text, strlen(rows[i].text));
        if (dump_open(&dump, path, &why) != 0)
            abort();
        while ((rc = dump_next(dump, &record, &why)) == 1)
            ;
        tap_is_int(rows[i].expected, rc, "%s", rows[i].sentence);
        if (rc < 0)
            tap_ok(strstr(why.text, path) != NULL, "  is refused by name: %s",
                   why.text);
        dump_close(dump);
    }
}

static void
refusals(void)
{
    struct dump_writer *writer = NULL;
    struct errtext why = {.text = ""};
    struct dump *dump = NULL;

    unlink(path);
    tap_is_int(-1, dump_open(&dump, path, &why), "a file that is missing");
    tap_is_int(-1, dump_open(&dump, "/tmp", &why), "a directory");
    tap_is_int(-1, dump_create(&writer, "/nowhere/file", &why),
               "a file in a directory that is missing");
    tap_is_str("cannot write /nowhere/file: No such file or directory",
               why.text, "  is named");
}

int
main(void)
{
    int fd = mkstemp(path);

    if (fd < 0)
        abort();
    close(fd);
    bytes();
    large();
    foreign();
    refusals();
    return tap_done();
}
