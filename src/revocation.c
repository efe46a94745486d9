/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Revoking access tokens.
 */

#include <string.h>

#include "revocation.h"

static int remove_opaque(struct service *service, const struct active *active,
                         int64_t now, struct errtext *why);
static int record_jwt(struct service *service, const struct active *active,
                      int64_t now, struct errtext *why);

static int
commit(struct service *service, const struct expiring_record *records,
       size_t n, int64_t now, struct errtext *why)
{
    const struct expiring_change change = {
        .records = records, .n_records = n, .durable = true};
    size_t there;

    return expiring_commit(service->expiring, &change, now, &there, why) < 0
               ? -1
               : 0;
}

/* Writes kind, a zero byte and subject; returns their length. */
static size_t
write_key(char key[EXPIRING_KEY_MAX], const char *kind, const char *subject)
{
    size_t kind_len = strlen(kind) + 1, len = strlen(subject);

    memcpy(key, kind, kind_len);
    memcpy(key + kind_len, subject, len);
    return kind_len + len;
}

int
revocation_token(struct service *service, const struct active *active,
                 int64_t now, struct errtext *why)
{
    /* An opaque token is never on the list: whoever gets one must ask. */
    if (active->is_opaque)
        return remove_opaque(service, active, now, why);
    if (record_jwt(service, active, now, why) != 0)
        return -1;
    return revocation_publish(service, now, why) == 0 ? 0 : 1;
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

    return commit(service, &record, 1, now, why);
}

static int
record_jwt(struct service *service, const struct active *active, int64_t now,
           struct errtext *why)
{
    char key[EXPIRING_KEY_MAX];
    const struct expiring_record records[] = {
        {.table = EXPIRING_TOKENS,
         .key = active->jti,
         .key_len = strlen(active->jti),
         .expires = active->exp + REVOCATION_SKEW,
         .text = ""},
        {.table = EXPIRING_COUNTERS,
         .key = key,
         .key_len = write_key(key, REVOCATION_TOKEN_KIND, active->jti),
         .expires = active->exp + REVOCATION_SKEW,
         .text = ""},
    };

    return commit(service, records, 2, now, why);
}

int
revocation_publish(struct service *service, int64_t now, struct errtext *why)
{
    (void) service;
    (void) now;
    (void) why;
    return 0;
}

int
revocation_refresh(struct service *service, int64_t now, struct errtext *why)
{
    return revocation_publish(service, now, why);
}
