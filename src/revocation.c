/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Revoking access tokens.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "active_priv.h"
#include "core/revlist.h"
#include "io/path.h"
#include "mint.h"
#include "revocation.h"

enum {
    WAIT = 10,      /* seconds for another who writes the list */
    LOOK = 60,      /* seconds between two looks at its age */
    TIME_TEXT = 24, /* bytes */
    SHARE_STEP = 4, /* by which the shares are divided */
    SIGNED_MORE = CLAIMS_HEADER_MAX * 2 + JOSE_SIG_MAX * 2, /* bytes */
};

static const char lock_name[] = "revocations.lock";

static int remove_opaque(struct service *service, const struct active *active,
                         int64_t now, struct errtext *why);
static int record_jwt(struct service *service, const struct active *active,
                      int64_t now, struct errtext *why);
static int lock(struct service *service, int seconds, int *fd,
                struct errtext *why);
static int raise_client(struct service *service, const char *client_id,
                        int64_t until, int64_t now, struct errtext *why);
static store_edit_fn raise_all;
static int write_list(struct service *service, int64_t now,
                      struct errtext *why);
static struct revlist *collect(struct service *service, size_t share,
                               int64_t now, struct errtext *why);
static expiring_each_fn add_entry;
static int sign_list(struct service *service, const char *claims, size_t len,
                     int64_t now, struct errtext *why);
static int is_due(const struct service *service, int64_t now,
                  struct errtext *why);

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

/* Writes kind, a zero byte and subject, terminated; returns the length. */
static size_t
write_key(char key[EXPIRING_KEY_MAX], const char *kind, const char *subject)
{
    size_t kind_len = strlen(kind) + 1, len = strlen(subject);

    memcpy(key, kind, kind_len);
    memcpy(key + kind_len, subject, len + 1);
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
    size_t len = write_key(key, REVOCATION_TOKEN_KIND, active->client_id) + 1,
           jti_len = strlen(active->jti);
    char text[TIME_TEXT];
    const struct expiring_record records[] = {
        {.table = EXPIRING_TOKENS,
         .key = active->jti,
         .key_len = jti_len,
         .expires = active->exp + REVOCATION_SKEW,
         .text = ""},
        {.table = EXPIRING_COUNTERS,
         .key = key,
         .key_len = len + jti_len,
         .expires = active->exp + REVOCATION_SKEW,
         .text = text},
    };

    memcpy(key + len, active->jti, jti_len);
    snprintf(text, sizeof(text), "%lld", (long long) active->iat);
    return commit(service, records, 2, now, why);
}

/* Whoever holds it is the one who changes what the list is made of. */
static int
lock(struct service *service, int seconds, int *fd, struct errtext *why)
{
    char path[PATH_TEXT_MAX];
    int rc;

    if (path_join(path, service->policy->state, lock_name, why) != 0)
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

    if (lock(service, WAIT, &fd, why) != 1)
        return -1;
    rc = raise_client(service, client_id, until, now, why);
    path_unlock(fd);
    return rc;
}

static int
raise_client(struct service *service, const char *client_id, int64_t until,
             int64_t now, struct errtext *why)
{
    char old[EXPIRING_TEXT_MAX + 1], key[EXPIRING_KEY_MAX];
    char text[TIME_TEXT];
    struct expiring_record record = {
        .table = EXPIRING_COUNTERS,
        .key = key,
        .key_len = write_key(key, REVOCATION_CLIENT_KIND, client_id),
        .expires = until + REVOCATION_KEPT + REVOCATION_SKEW,
        .text = text,
    };
    int rc = expiring_read(service->expiring, record.table, key,
                           record.key_len, now, old, sizeof(old), NULL, NULL,
                           why);

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
    *value = malloc(TIME_TEXT);
    if (*value == NULL)
        abort();
    snprintf(*value, TIME_TEXT, "%lld", (long long) *until);
    return 1;
}

int
revocation_publish(struct service *service, int64_t now, struct errtext *why)
{
    int fd, rc;

    if (service->policy->revocations.file[0] == '\0')
        return 0;
    rc = lock(service, WAIT, &fd, why) == 1 ? 0 : -1;
    if (rc == 0) {
        rc = write_list(service, now, why);
        path_unlock(fd);
    }
    return rc == 0 ? 0
                   : errtext_context(why, "the list of revoked tokens was "
                                          "not written");
}

/*
 * Under the lock: nobody has collected less, and writes it after this.  When
 * it is too long with the shares that clients have, they have less.
 */
static int
write_list(struct service *service, int64_t now, struct errtext *why)
{
    size_t share = REVLIST_SHARE, len;
    struct revlist *list;
    const char *claims;
    int rc;

    while ((list = collect(service, share, now, why)) != NULL
           && (claims = revlist_end(list, &len)) == NULL && share > 0) {
        revlist_free(list);
        share /= SHARE_STEP;
    }
    if (list == NULL)
        return -1;
    rc = claims != NULL ? sign_list(service, claims, len, now, why)
                        : errtext_set(why, "it is over %d bytes: revoke by "
                                           "time, not client by client",
                                      REVLIST_MAX);
    revlist_free(list);
    return rc;
}

static struct revlist *
collect(struct service *service, size_t share, int64_t now,
        struct errtext *why)
{
    struct revlist_head head = {
        .issuer = service->policy->issuer,
        .iat = now,
        .exp = now + service->policy->revocations.lifetime,
        .share = share,
    };
    const struct active_memory *memory = active_memory_ready(service, why);
    struct revlist *list;

    if (memory == NULL)
        return NULL;
    head.all = memory->all_until;
    list = revlist_new(&head);
    /* In the order of the keys: the clients, then the tokens of each. */
    if (expiring_each(service->expiring, EXPIRING_COUNTERS, REVOCATION_KINDS,
                      now, add_entry, list, why)
        == 0)
        return list;
    revlist_free(list);
    return NULL;
}

/* Take what is before the next zero byte, or the end, and move behind it. */
static struct revlist_name
next_name(const char **at, const char *end)
{
    struct revlist_name name = {*at, (size_t) (end - *at)};
    const char *zero = memchr(*at, '\0', name.len);

    if (zero != NULL)
        name.len = (size_t) (zero - *at);
    *at = zero != NULL ? zero + 1 : end;
    return name;
}

static int
add_entry(void *arg, const void *key, size_t key_len, int64_t expires,
          const char *text, size_t len)
{
    const char *at = key, *end = at + key_len;
    struct revlist_name kind = next_name(&at, end),
                        client = next_name(&at, end),
                        jti = next_name(&at, end);
    int64_t when = strtoll(text, NULL, 10);

    (void) len;
    if (kind.len == key_len)
        return 0;
    if (strcmp(kind.text, REVOCATION_CLIENT_KIND) == 0)
        revlist_add_client(arg, &client, when);
    else if (strcmp(kind.text, REVOCATION_TOKEN_KIND) == 0)
        revlist_add_token(arg, &client, &jti, when,
                          expires - REVOCATION_SKEW);
    return 0;
}

static int
sign_list(struct service *service, const char *claims, size_t len,
          int64_t now, struct errtext *why)
{
    const struct policy *policy = service->policy;
    size_t jwt_len, cap = len / 3 * 4 + SIGNED_MORE;
    char *jwt = malloc(cap);
    int rc;

    if (jwt == NULL)
        abort();
    rc = mint_statement(service, REVLIST_TYP, policy->token.alg, claims, len,
                        now, jwt, cap, &jwt_len, why);
    if (rc == 0)
        rc = path_replace(policy->revocations.file, jwt, jwt_len, why);
    free(jwt);
    return rc;
}

int
revocation_refresh(struct service *service, int64_t now, struct errtext *why)
{
    int fd, rc;

    if (service->policy->revocations.file[0] == '\0'
        || now < service->list_look)
        return 0;
    service->list_look = now + LOOK;
    rc = is_due(service, now, why);
    if (rc != 1)
        return rc;
    /* Whoever has the lock writes the list. */
    rc = lock(service, 0, &fd, why);
    if (rc != 1)
        return rc;
    rc = is_due(service, now, why) == 1 ? write_list(service, now, why) : 0;
    path_unlock(fd);
    return rc == 0 ? 0
                   : errtext_context(why, "the list of revoked tokens was "
                                          "not renewed");
}

static int
is_due(const struct service *service, int64_t now, struct errtext *why)
{
    int64_t written;
    int rc = path_written(service->policy->revocations.file, &written, why);

    if (rc != 1)
        return rc == 0 ? 1 : -1;
    return now >= written + service->policy->revocations.lifetime / 2
           || written > now + LOOK; /* the clock was wrong then */
}
