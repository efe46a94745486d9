/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * When, and from where, a credential was last used: a counter that expires.
 */

#include <stdio.h>
#include <string.h>

#include "core/counter.h"
#include "lastuse.h"

enum { RETRY = 60 }; /* seconds, after what failed */

static struct roster_mark *find(struct roster_entry *entry,
                                const char *credential);
static bool is_due(int64_t noted, int64_t now);
static int64_t record(struct service *service, const char *client_id,
                      const char *credential, const char *from, int64_t now);

void
lastuse_note(struct service *service, struct roster_entry *entry,
             const char *credential, const char *from, int64_t now)
{
    struct roster_mark *mark;

    if (credential[0] == '\0')
        return;
    mark = find(entry, credential);
    if (is_due(mark->noted, now))
        mark->noted = record(service, entry->id, credential, from, now);
}

/* The mark of the credential, first of all; the last makes way for a new. */
static struct roster_mark *
find(struct roster_entry *entry, const char *credential)
{
    struct roster_mark *marks = entry->marks, mark;
    size_t i = 0;

    while (i + 1 < ROSTER_MARKS_MAX
           && strcmp(marks[i].credential, credential) != 0)
        i++;
    mark = marks[i];
    if (strcmp(mark.credential, credential) != 0) {
        snprintf(mark.credential, sizeof(mark.credential), "%s", credential);
        mark.noted = 0;
    }
    memmove(marks + 1, marks, i * sizeof(*marks));
    marks[0] = mark;
    return &marks[0];
}

/* A clock that was set back finds a use ahead of it. */
static bool
is_due(int64_t noted, int64_t now)
{
    return now - noted >= LASTUSE_GRAIN || noted > now;
}

/* Returns when what is recorded now was noted. */
static int64_t
record(struct service *service, const char *client_id, const char *credential,
       const char *from, int64_t now)
{
    const struct counter_key key =
        counter_key(COUNTER_USE, client_id, credential);
    char text[LASTUSE_FROM_MAX];
    const struct expiring_record record = {.table = EXPIRING_COUNTERS,
                                           .key = key.bytes,
                                           .key_len = key.len,
                                           .expires = now + LASTUSE_KEPT,
                                           .text = text};
    struct expiring_change change = {.records = &record, .n_records = 1};
    struct lastuse use;
    size_t there;
    int rc;

    rc = lastuse_read(service, client_id, credential, now, &use, NULL);
    if (rc == 1 && !is_due(use.at, now))
        return use.at;
    snprintf(text, sizeof(text), "%s", from);
    if (rc >= 0
        && expiring_commit(service->expiring, &change, now, &there, NULL) == 1)
        return now;
    return now - LASTUSE_GRAIN + RETRY;
}

int
lastuse_read(struct service *service, const char *client_id,
             const char *credential, int64_t now, struct lastuse *use,
             struct errtext *why)
{
    const struct counter_key key =
        counter_key(COUNTER_USE, client_id, credential);
    char text[EXPIRING_TEXT_MAX + 1];
    int64_t expires;
    int rc = expiring_read(service->expiring, EXPIRING_COUNTERS, key.bytes,
                           key.len, now, text, sizeof(text), NULL, &expires,
                           why);

    if (rc != 1)
        return rc;
    use->at = expires - LASTUSE_KEPT;
    snprintf(use->from, sizeof(use->from), "%.63s", text);
    return 1;
}
