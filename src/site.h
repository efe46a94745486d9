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

#include "core/audit.h"
#include "core/errtext.h"
#include "core/policy.h"
#include "io/conf.h"
#include "io/log.h"
#include "service.h"

enum {
    SITES_MAX = 16,          /* policy files of one responder */
    SITE_BODY_LEAST = 65536, /* bytes: to read a request by, whatever its
                                policy says */
};

struct site {
    char *file;             /* the policy's */
    struct policy *policy;  /* NULL: none could be read */
    struct conf_watch watch; /* the files of the one that was read last */
    int64_t looked;         /* when those were last looked at */
    struct service service;
    struct log *log;        /* NULL: the web server's error log */
    bool has_service;
    int64_t tried;          /* when opening last failed, or 0 */
    struct errtext trouble; /* why it did */
    const char *event;      /* what became of a policy that changed, for one
                               line of log: its name, or NULL */
    struct errtext news;    /* and what there is to tell */
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
 * What is open follows its policy: its files are looked at once in a second,
 * and read again when they have changed and no longer do.  A good policy takes
 * the place of the one before, with all that came of that.  While the new one
 * cannot be read, or what it names cannot be opened, the one before serves on;
 * that is tried again when the files have changed again.  Either is told in
 * event and news.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int site_open(struct site *site, int64_t now, struct errtext *why);

/*
 * Write the line of the log of that request, in the form that the policy
 * wants.  site may be NULL.
 *
 * Returns whether there is one: refusals and faults have, what was revoked or
 * was not, and what a client's compatibility made another; tokens issued when
 * the policy wants them.
 */
bool site_line(const struct site *site, const struct audit *audit,
               int64_t now, char line[AUDIT_LINE_MAX]);

/* Write the line of the site's event, which there is. */
void site_event_line(const struct site *site, int64_t now,
                     char line[AUDIT_LINE_MAX]);

#endif /* SITE_H */
