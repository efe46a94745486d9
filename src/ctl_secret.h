/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The secrets of a record, as far as anybody may see them.
 */

#ifndef CTL_SECRET_H
#define CTL_SECRET_H

#include <stdbool.h>
#include <stdint.h>

#include "core/client.h"
#include "ctl.h"

/* Print the table of a client's secrets. */
void ctl_secret_print(struct ctl *ctl, const struct client *cl);

struct json_t;

/* A new array with the same. */
struct json_t *ctl_secret_json(struct ctl *ctl, const struct client *cl);

#endif /* CTL_SECRET_H */
