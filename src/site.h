/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The issuers that one responder serves: a policy file each, with what was
 * opened for it.
 *
 * Part of the responder's program: the endpoints know nothing of it.
 */

#ifndef SITE_H
#define SITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/errtext.h"
#include "core/policy.h"
#include "io/log.h"
#include "service.h"

enum {
    SITES_MAX = 16,          /* policy files of one responder */
    SITE_BODY_LEAST = 65536, /* bytes: to read a request by, whatever its
                                policy says */
};

struct site {
    char *file; /* the policy's */
    struct policy policy;
    struct service service;
    struct log *log; /* NULL: the web server's error log */
    bool has_policy;
    bool has_service;
    int64_t tried;          /* when opening last failed, or 0 */
    struct errtext trouble; /* why it did */
};

struct sites {
    struct site *site[SITES_MAX];
    size_t n;
};

/*
 * The site of that policy file, in the place of one that could not be opened
 * when there are many; NULL when that many are open.  Borrowed: valid until
 * the next call.
 */
struct site *sites_find(struct sites *sites, const char *file);

/* The greatest body that any of them takes, in bytes. */
size_t sites_body_max(const struct sites *sites);

/* Whether one of them has a worn store: see store_is_worn(). */
bool sites_are_worn(const struct sites *sites);

/* All zero is allowed. */
void sites_close(struct sites *sites);

/*
 * Open what is not open yet.  A failure is remembered for a second, so that a
 * broken set-up costs little under load and mends itself when it is mended.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int site_open(struct site *site, int64_t now, struct errtext *why);

#endif /* SITE_H */
