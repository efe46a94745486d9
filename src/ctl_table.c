/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Tables for people.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "ctl_out.h"
#include "ctl_table.h"
#include "io/crypto.h"

enum { COLUMNS_MAX = 12, GAP = 2 };

void
ctl_table_init(struct ctl_table *table, size_t columns)
{
    memset(table, 0, sizeof(*table));
    table->columns = columns;
}

void
ctl_table_add(struct ctl_table *table, const char *text)
{
    /* Room doubles at each power of two. */
    if ((table->n & (table->n - 1)) == 0) {
        size_t room = table->n == 0 ? 1 : table->n * 2;

        table->cells = alloc_again(table->cells, room * sizeof(*table->cells));
    }
    table->cells[table->n++] = ctl_out_clean(*text != '\0' ? text : "-");
}

void
ctl_table_fact(struct ctl_table *table, const char *name, const char *text)
{
    ctl_table_add(table, name);
    ctl_table_add(table, text);
}

/* Characters of UTF-8: bytes that do not continue one. */
static size_t
width(const char *text)
{
    size_t n = 0;

    for (; *text != '\0'; text++)
        n += ((unsigned char) *text & 0xc0) != 0x80;
    return n;
}

static void
print_row(const struct ctl_table *table, size_t row, const size_t *widths)
{
    size_t i;

    for (i = 0; i < table->columns; i++) {
        const char *cell = table->cells[row * table->columns + i];

        printf("%s", cell);
        if (i + 1 < table->columns)
            printf("%*s", (int) (widths[i] - width(cell) + GAP), "");
    }
    printf("\n");
}

void
ctl_table_print(const struct ctl_table *table, bool heads, bool colour)
{
    size_t widths[COLUMNS_MAX] = {0}, rows = table->n / table->columns, i;

    for (i = 0; i < table->n; i++) {
        size_t w = width(table->cells[i]);

        if (w > widths[i % table->columns])
            widths[i % table->columns] = w;
    }
    for (i = 0; i < rows; i++) {
        if (heads && colour && i == 0)
            printf("\033[1m");
        print_row(table, i, widths);
        if (heads && colour && i == 0)
            printf("\033[0m");
    }
}

void
ctl_table_wipe(struct ctl_table *table)
{
    size_t i;

    for (i = 0; i < table->n; i++) {
        crypto_wipe(table->cells[i], strlen(table->cells[i]));
        free(table->cells[i]);
    }
    free(table->cells);
    memset(table, 0, sizeof(*table));
}
