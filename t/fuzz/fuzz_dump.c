/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * A file of a backup: what is read of it, written anew with all bytes
 * escaped, reads the same.
 */

#include <stdio.h>
#include <string.h>

#include "file.h"
#include "fuzz.h"
#include "io/dump.h"

const char fuzz_corpus[] = "dump";

static struct dump *
open_dump(const struct file *file)
{
    struct errtext why;
    struct dump *dump = NULL;

    hold(dump_open(&dump, file->name, &why) == 0);
    return dump;
}

/* Memory of its own size, without the terminator. */
static void
add_line(struct file *file, const char *bytes, size_t len)
{
    char *line = malloc(3 * len + 2), *out = line;
    size_t i;

    hold(line != NULL && bytes[len] == '\0');
    *out++ = ' ';
    for (i = 0; i < len; i++, out += 3) {
        static const char digits[] = "0123456789abcdef";
        unsigned c = (unsigned char)bytes[i];

        out[0] = '\\';
        out[1] = digits[c >> 4];
        out[2] = digits[c & 15];
    }
    *out++ = '\n';
    file_add(file, line, (size_t)(out - line));
    free(line);
}

/* Read all, write it to out.  Returns the number of records, or -1. */
static long
rewrite(struct dump *dump, struct file *out)
{
    static const char head[] = "VERSION=3\nformat=print\nHEADER=END\n";
    struct errtext why = {.text = ""};
    struct dump_record record;
    long n = 0;
    int rc;

    file_add(out, head, sizeof(head) - 1);
    while ((rc = dump_next(dump, &record, &why)) == 1) {
        add_line(out, record.key, record.key_len);
        add_line(out, record.value, record.len);
        n++;
    }
    file_add(out, "DATA=END\n", 9);
    if (rc == 0)
        return n;
    check_reason(&why);
    return -1;
}

static void
check_same(struct dump *dump, struct dump *other, long n)
{
    struct dump_record a, b;

    dump_rewind(dump);
    for (; n > 0; n--) {
        hold(dump_next(dump, &a, NULL) == 1);
        hold(dump_next(other, &b, NULL) == 1);
        hold(a.key_len == b.key_len && a.len == b.len);
        hold(memcmp(a.key, b.key, a.key_len) == 0);
        hold(memcmp(a.value, b.value, a.len) == 0);
    }
    hold(dump_next(dump, &a, NULL) == 0 && dump_next(other, &b, NULL) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct file file, out;
    struct dump *dump, *other;
    long n;

    file_open(&file);
    file_open(&out);
    file_add(&file, data, size);
    dump = open_dump(&file);
    n = rewrite(dump, &out);
    other = open_dump(&out);
    if (n >= 0)
        check_same(dump, other, n);
    dump_close(other);
    dump_close(dump);
    file_close(&out);
    file_close(&file);
    return 0;
}
