/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Hashes of secrets that other systems made: the length of the salt in a cost.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/foreign_priv.h"

enum { SALT_MOST = 128 }; /* of any form */

void
foreign_salt_add(char cost[FOREIGN_COST_MAX], size_t len, size_t usual)
{
    size_t n = strlen(cost);

    if (len != usual)
        snprintf(cost + n, FOREIGN_COST_MAX - n, FOREIGN_SALT "%zu", len);
}

int
foreign_salt_read(const char *end, size_t usual, size_t *len)
{
    char again[FOREIGN_COST_MAX] = "";

    *len = usual;
    if (strncmp(end, FOREIGN_SALT, strlen(FOREIGN_SALT)) == 0)
        *len = strtoul(end + strlen(FOREIGN_SALT), NULL, 10);
    if (*len > SALT_MOST)
        return -1;
    foreign_salt_add(again, *len, usual);
    return strcmp(end, again) == 0 ? 0 : -1;
}
