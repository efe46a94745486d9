/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The signed list of revoked tokens: when it is written.
 *
 * What a list would be made of now is known by the mark of the last revocation
 * and by the time of "all".  A note in the store has what the list in the file
 * was made of.  Where they differ the list lacks something, whatever became of
 * those who were to write it.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "active_priv.h"
#include "core/b64.h"
#include "io/crypto.h"
#include "io/path.h"
#include "revocation_priv.h"

enum {
    LOOK = 60,    /* seconds between two looks */
    SOON = 2,     /* seconds, when something was left */
    MANY = 5000,  /* records: 10 ms */
    ROUNDS = 3,   /* lists that one writes, for those who wait */
    FINISHED = 0, /* a time */
    TRIES = 10,   /* for the lock */
    TRY_NS = 20000000,
    MADE_OF_MAX = REVOCATION_MARK_MAX + 24,
    NOTE_MAX = MADE_OF_MAX + 48,
};

/* How the list stands. */
struct state {
    char made_of[MADE_OF_MAX]; /* what it would be made of now */
    char listed[MADE_OF_MAX];  /* what that in the file was made of, or "" */
    int64_t at;                /* when somebody tried, or 0 */
    int64_t n;                 /* records, then */
};

static int read_state(struct service *service, int64_t now,
                      struct state *state, struct errtext *why);
static void write_note(struct service *service, const struct state *state,
                       const char *listed, int64_t now);
static int write_lists(struct service *service, int fd, int64_t now,
                       struct errtext *why);
static bool was_tried(const struct service *service, int64_t now);
static int lock_soon(struct service *service, int *fd, struct errtext *why);
static int is_due(struct service *service, int64_t now, struct errtext *why);

static bool
has_file(const struct service *service)
{
    return service->policy->revocations.file[0] != '\0';
}

static bool
is_behind(const struct state *state)
{
    return strcmp(state->listed, state->made_of) != 0;
}

/* Read a record; "" when there is none. */
static int
read_text(struct service *service, const void *key, size_t len, int64_t now,
          char text[EXPIRING_TEXT_MAX + 1], struct errtext *why)
{
    text[0] = '\0';
    return expiring_read(service->expiring, EXPIRING_COUNTERS, key, len, now,
                         text, EXPIRING_TEXT_MAX + 1, NULL, NULL, why);
}

static struct counter_key
note_key(const struct service *service)
{
    const char *file = service->policy->revocations.file;
    unsigned char digest[CRYPTO_SHA256_LEN];
    char name[2 * CRYPTO_SHA256_LEN];

    crypto_sha256(file, strlen(file), digest);
    b64url_encode(digest, sizeof(digest), name);
    return counter_key(COUNTER_LIST, name, NULL);
}

static int
read_state(struct service *service, int64_t now, struct state *state,
           struct errtext *why)
{
    const struct active_memory *memory = active_memory_ready(service, why);
    const struct counter_key key = note_key(service);
    char text[EXPIRING_TEXT_MAX + 1], *rest;

    memset(state, 0, sizeof(*state));
    if (memory == NULL
        || read_text(service, COUNTER_MARK, sizeof(COUNTER_MARK), now, text,
                     why)
               < 0)
        return -1;
    snprintf(state->made_of, sizeof(state->made_of), "%.*s %lld",
             REVOCATION_MARK_MAX - 1, text, (long long) memory->all_until);
    if (read_text(service, key.bytes, key.len, now, text, why) < 0)
        return -1;
    state->at = strtoll(text, &rest, 10);
    state->n = strtoll(rest, &rest, 10);
    if (*rest == ' ')
        snprintf(state->listed, sizeof(state->listed), "%.*s",
                 MADE_OF_MAX - 1, rest + 1);
    return 0;
}

/* Without it the list is written once more; so nobody waits for the disk. */
static void
write_note(struct service *service, const struct state *state,
           const char *listed, int64_t now)
{
    const struct counter_key key = note_key(service);
    char text[NOTE_MAX];
    const struct expiring_record record = {
        .table = EXPIRING_COUNTERS,
        .key = key.bytes,
        .key_len = key.len,
        .expires = now + REVOCATION_KEPT,
        .text = text,
    };
    const struct expiring_change change = {.records = &record,
                                           .n_records = 1};
    struct errtext trouble;
    size_t there;

    snprintf(text, sizeof(text), "%lld %lld %s", (long long) state->at,
             (long long) state->n, listed);
    (void) expiring_commit(service->expiring, &change, now, &there, &trouble);
}

/*
 * Under the lock: write the list, and again when more was revoked meanwhile by
 * those who did not wait.  The file of the lock has the time when it was begun
 * and not finished, where a full disk takes it too.
 */
static int
write_lists(struct service *service, int fd, int64_t now, struct errtext *why)
{
    struct state state;
    int round = 0, rc = read_state(service, now, &state, why);

    (void) path_touch(fd, now);
    while (rc == 0) {
        state.at = now;
        rc = revocation_list_write(service, now, &state.n, why);
        write_note(service, &state, rc == 0 ? state.made_of : state.listed,
                   now);
        if (rc != 0 || state.n > MANY || ++round == ROUNDS)
            break;
        rc = read_state(service, now, &state, why);
        if (rc == 0 && !is_behind(&state))
            break;
    }
    if (rc != 0)
        return rc;
    (void) path_touch(fd, FINISHED);
    if (state.n > MANY || round == ROUNDS)
        service->list_look = now + SOON;
    return 0;
}

/* Whatever becomes of this, the list has not been written for it. */
int
revocation_publish(struct service *service, int64_t now, struct errtext *why)
{
    struct state state;
    int fd, rc;

    if (!has_file(service))
        return 0;
    rc = read_state(service, now, &state, why);
    if (rc == 0) {
        write_note(service, &state, "", now);
        rc = revocation_lock(service, REVOCATION_WAIT, &fd, why) == 1 ? 0 : -1;
    }
    if (rc == 0) {
        rc = write_lists(service, fd, now, why);
        path_unlock(fd);
    }
    return rc == 0 ? 0
                   : errtext_context(why, "the list of revoked tokens was "
                                          "not written");
}

int
revocation_settle(struct service *service, int64_t now, struct errtext *why)
{
    struct state state;
    int fd, rc;

    if (!has_file(service))
        return 0;
    rc = read_state(service, now, &state, why);
    if (rc == 0 && !is_behind(&state))
        return 0;
    service->list_look = now;
    if (rc == 0 && state.n > MANY)
        return 0;
    if (rc == 0) {
        rc = lock_soon(service, &fd, why);
        if (rc == 0)
            return 0;
    }
    if (rc == 1) {
        /* Whoever had the lock may have written this too. */
        rc = read_state(service, now, &state, why);
        if (rc == 0 && is_behind(&state))
            rc = write_lists(service, fd, now, why);
        path_unlock(fd);
    }
    return rc == 0 ? 0
                   : errtext_context(why, "the list of revoked tokens was "
                                          "not written");
}

/* Returns as revocation_lock() does. */
static int
lock_soon(struct service *service, int *fd, struct errtext *why)
{
    static const struct timespec pause = {0, TRY_NS};
    int i, rc = revocation_lock(service, 0, fd, why);

    for (i = 0; i < TRIES && rc == 0; i++) {
        (void) nanosleep(&pause, NULL);
        rc = revocation_lock(service, 0, fd, why);
    }
    return rc;
}

int
revocation_refresh(struct service *service, int64_t now, struct errtext *why)
{
    int fd, rc;

    if (!has_file(service) || now < service->list_look)
        return 0;
    if (was_tried(service, now)) {
        service->list_look = now + SOON;
        return 0;
    }
    service->list_look = now + LOOK;
    rc = is_due(service, now, why);
    if (rc == 1) {
        rc = revocation_lock(service, 0, &fd, why);
        if (rc == 0)
            service->list_look = now + SOON;
    }
    if (rc == 0)
        return 0;
    if (rc == 1) {
        rc = is_due(service, now, why);
        if (rc == 1)
            rc = write_lists(service, fd, now, why);
        path_unlock(fd);
    }
    return rc == 0 ? 0
                   : errtext_context(why, "the list of revoked tokens was "
                                          "not renewed");
}

/* Whether anybody has tried within a minute, and failed or not yet finished:
 * a process of plain CGI has no other memory. */
static bool
was_tried(const struct service *service, int64_t now)
{
    char path[PATH_TEXT_MAX];
    struct errtext trouble;
    int64_t when;

    return revocation_lock_path(service, path, &trouble) == 0
           && path_written(path, &when, &trouble) == 1 && when <= now
           && now < when + LOOK;
}

/* Returns 1, 0, or -1 with the reason in *why. */
static int
is_due(struct service *service, int64_t now, struct errtext *why)
{
    int64_t written, lifetime = service->policy->revocations.lifetime;
    struct state state;
    int rc = path_written(service->policy->revocations.file, &written, why);

    if (rc != 1)
        return rc == 0 ? 1 : -1;
    if (now >= written + lifetime / 2
        || written > now + LOOK) /* the clock was wrong then */
        return 1;
    if (read_state(service, now, &state, why) != 0)
        return -1;
    if (!is_behind(&state))
        return 0;
    if (state.n <= MANY || now < state.at || now >= state.at + SOON)
        return 1;
    service->list_look = now + SOON;
    return 0;
}
