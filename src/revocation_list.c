/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The signed list of revoked tokens: making it.
 */

#include <stdlib.h>
#include <string.h>

#include "active_priv.h"
#include "core/alloc.h"
#include "core/revlist.h"
#include "io/path.h"
#include "mint.h"
#include "revocation_priv.h"

enum {
    SHARE_STEP = 4, /* by which the shares are divided */
    SIGNED_MORE = CLAIMS_HEADER_MAX * 2 + JOSE_SIG_MAX * 2, /* bytes */
};

/* What is being collected. */
struct harvest {
    struct revlist *list;
    int64_t *n;
};

static struct revlist *collect(struct service *service, size_t share,
                               int64_t now, int64_t *n, struct errtext *why);
static expiring_each_fn add_entry;
static int sign_list(struct service *service, const char *claims, size_t len,
                     int64_t now, struct errtext *why);

/* When it is too long with the shares that clients have, they have less. */
int
revocation_list_write(struct service *service, int64_t now, int64_t *n,
                      struct errtext *why)
{
    size_t share = REVLIST_SHARE, len;
    struct revlist *list;
    const char *claims;
    int rc;

    while ((list = collect(service, share, now, n, why)) != NULL
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
collect(struct service *service, size_t share, int64_t now, int64_t *n,
        struct errtext *why)
{
    struct revlist_head head = {
        .issuer = service->policy->issuer,
        .iat = now,
        .exp = now + service->policy->revocations.lifetime,
        .share = share,
    };
    const struct active_memory *memory = active_memory_ready(service, why);
    struct harvest harvest = {.n = n};

    *n = 0;
    if (memory == NULL)
        return NULL;
    head.all = memory->all_until;
    harvest.list = revlist_new(&head);
    /* In the order of the keys: the clients, then the tokens of each. */
    if (expiring_each(service->expiring, EXPIRING_COUNTERS, COUNTER_REVOKED,
                      now, add_entry, &harvest, why)
        == 0)
        return harvest.list;
    revlist_free(harvest.list);
    return NULL;
}

static struct revlist_name
name_of(const char *text)
{
    return (struct revlist_name){text, strlen(text)};
}

static int
add_entry(void *arg, const void *key, size_t key_len, int64_t expires,
          const char *text, size_t len)
{
    struct harvest *harvest = arg;
    int64_t when = strtoll(text, NULL, 10);
    struct revlist_name client, jti;
    const char *first, *second;

    (void) len;
    ++*harvest->n;
    if (counter_read(key, key_len, COUNTER_REVOKED_CLIENT, &first, &second)
        >= 0) {
        client = name_of(first);
        revlist_add_client(harvest->list, &client, when);
    } else if (counter_read(key, key_len, COUNTER_REVOKED_TOKEN, &first,
                            &second)
               >= 0) {
        client = name_of(first);
        jti = name_of(second);
        revlist_add_token(harvest->list, &client, &jti, when,
                          expires - REVOCATION_SKEW);
    }
    return 0;
}

static int
sign_list(struct service *service, const char *claims, size_t len,
          int64_t now, struct errtext *why)
{
    const struct policy *policy = service->policy;
    size_t jwt_len, cap = len / 3 * 4 + SIGNED_MORE;
    char *jwt = alloc_bytes(cap);
    int rc;

    rc = mint_statement(service, REVLIST_TYP, policy->token.alg, claims, len,
                        now, jwt, cap, &jwt_len, why);
    if (rc == 0)
        rc = path_replace(policy->revocations.file, jwt, jwt_len, why);
    free(jwt);
    return rc;
}
