/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Revoking access tokens.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/b64.h"
#include "io/crypto.h"
#include "io/path.h"
#include "revocation_priv.h"

enum {
    TIME_TEXT = 24, /* bytes */
    MARK_LEN = 16,
};

static const char lock_name[] = "revocations.lock";

static int remove_opaque(struct service *service, const struct active *active,
                         int64_t now, struct errtext *why);
static int record_jwt(struct service *service, const struct active *active,
                      int64_t now, struct errtext *why);
static int raise_client(struct service *service, const char *client_id,
                        int64_t until, int64_t now, struct errtext *why);
static store_edit_fn raise_all;

/* A mark that was never there: what the list lacks is known by it. */
static int
add_mark(struct expiring_record *record, int64_t now,
         char text[REVOCATION_MARK_MAX], struct errtext *why)
{
    unsigned char random[MARK_LEN];

    if (crypto_random(random, sizeof(random), why) != 0)
        return -1;
    b64url_encode(random, sizeof(random), text);
    *record = (struct expiring_record){
        .table = EXPIRING_COUNTERS,
        .key = COUNTER_MARK,
        .key_len = sizeof(COUNTER_MARK),
        .expires = now + REVOCATION_KEPT,
        .text = text,
    };
    return 0;
}

/* What is for the list comes with a mark, in the same transaction. */
static int
commit(struct service *service, const struct expiring_record *records,
       size_t n, int64_t now, struct errtext *why)
{
    struct expiring_record all[EXPIRING_RECORDS_MAX];
    struct expiring_change change = {
        .records = all, .n_records = n + 1, .durable = true};
    char mark[REVOCATION_MARK_MAX];
    size_t there;

    memcpy(all, records, n * sizeof(*records));
    if (add_mark(&all[n], now, mark, why) != 0)
        return -1;
    return expiring_commit(service->expiring, &change, now, &there, why) < 0
               ? -1
               : 0;
}

int
revocation_token(struct service *service, const struct active *active,
                 int64_t now, struct errtext *why)
{
    /* An opaque token is never on the list: whoever gets one must ask. */
    return active->is_opaque ? remove_opaque(service, active, now, why)
                             : record_jwt(service, active, now, why);
}

static int
remove_opaque(struct service *service, const struct active *active,
              int64_t now, struct errtext *why)
{
    const struct expiring_record record = {
        .table = EXPIRING_TOKENS,
        .key = active->name,
        .key_len = sizeof(active->name),
    };
    const struct expiring_change change = {
        .records = &record, .n_records = 1, .durable = true};
    size_t there;

    return expiring_commit(service->expiring, &change, now, &there, why) < 0
               ? -1
               : 0;
}

static int
record_jwt(struct service *service, const struct active *active, int64_t now,
           struct errtext *why)
{
    const struct counter_key key =
        counter_key(COUNTER_REVOKED_TOKEN, active->client_id, active->jti);
    char text[TIME_TEXT];
    const struct expiring_record records[] = {
        {.table = EXPIRING_TOKENS,
         .key = active->jti,
         .key_len = strlen(active->jti),
         .expires = active->exp + REVOCATION_SKEW,
         .text = ""},
        {.table = EXPIRING_COUNTERS,
         .key = key.bytes,
         .key_len = key.len,
         .expires = active->exp + REVOCATION_SKEW,
         .text = text},
    };

    snprintf(text, sizeof(text), "%lld", (long long) active->iat);
    return commit(service, records, 2, now, why);
}

int
revocation_lock_path(const struct service *service, char path[PATH_TEXT_MAX],
                     struct errtext *why)
{
    return path_join(path, service->policy->state, lock_name, why);
}

int
revocation_lock(struct service *service, int seconds, int *fd,
                struct errtext *why)
{
    char path[PATH_TEXT_MAX];
    int rc;

    if (revocation_lock_path(service, path, why) != 0)
        return -1;
    rc = path_lock(path, seconds, fd, why);
    if (rc == 0)
        errtext_set(why, "another process has held %s for %d seconds", path,
                    seconds);
    return rc;
}

int
revocation_client(struct service *service, const char *client_id,
                  int64_t until, int64_t now, struct errtext *why)
{
    int fd, rc;

    if (revocation_lock(service, REVOCATION_WAIT, &fd, why) != 1)
        return -1;
    rc = raise_client(service, client_id, until, now, why);
    path_unlock(fd);
    return rc;
}

static int
raise_client(struct service *service, const char *client_id, int64_t until,
             int64_t now, struct errtext *why)
{
    const struct counter_key key =
        counter_key(COUNTER_REVOKED_CLIENT, client_id, NULL);
    char old[EXPIRING_TEXT_MAX + 1], text[TIME_TEXT];
    struct expiring_record record = {
        .table = EXPIRING_COUNTERS,
        .key = key.bytes,
        .key_len = key.len,
        .expires = until + REVOCATION_KEPT + REVOCATION_SKEW,
        .text = text,
    };
    int rc = expiring_read(service->expiring, record.table, key.bytes,
                           key.len, now, old, sizeof(old), NULL, NULL, why);

    if (rc < 0 || (rc == 1 && strtoll(old, NULL, 10) >= until))
        return rc < 0 ? -1 : 0;
    snprintf(text, sizeof(text), "%lld", (long long) until);
    return commit(service, &record, 1, now, why);
}

int
revocation_all(struct service *service, int64_t until, struct errtext *why)
{
    return store_edit(service->store, STORE_META, REVOCATION_ALL_META,
                      raise_all, &until, why);
}

static int
raise_all(void *arg, const char *old, size_t len, char **value,
          struct errtext *why)
{
    const int64_t *until = arg;

    (void) len;
    (void) why;
    if (old != NULL && strtoll(old, NULL, 10) > *until)
        return 0;
    *value = alloc_bytes(TIME_TEXT);
    snprintf(*value, TIME_TEXT, "%lld", (long long) *until);
    return 1;
}
