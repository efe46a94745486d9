/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Tables for people: columns as wide as what is in them.
 */

#ifndef CTL_TABLE_H
#define CTL_TABLE_H

#include <stdbool.h>
#include <stddef.h>

struct ctl_table {
    size_t columns;
    char **cells;
    size_t n; /* cells */
};

void ctl_table_init(struct ctl_table *table, size_t columns);

/* Add a cell, row by row.  Copied; an empty text becomes "-". */
void ctl_table_add(struct ctl_table *table, const char *text);

/* Add the two cells of a row of two columns. */
void ctl_table_fact(struct ctl_table *table, const char *name,
                    const char *text);

/* heads: the first row is one of heads, printed alone or not. */
void ctl_table_print(const struct ctl_table *table, bool heads, bool colour);

/* Wipes and frees what it holds. */
void ctl_table_wipe(struct ctl_table *table);

#endif /* CTL_TABLE_H */
