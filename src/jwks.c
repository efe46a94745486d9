/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * JWK Sets that clients publish at a URL.
 */

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/jwksrec.h"
#include "group.h"
#include "io/fetch.h"
#include "jwks.h"

enum {
    LEEWAY = 60,   /* seconds that a time in the record may be ahead */
    SLOW_MS = 500, /* a fetch that takes so long is followed by a rest */
    REST_TIMES = 10,
    REST_MAX = 2 * (REST_TIMES + 1) * FETCH_SECONDS_MAX, /* seconds */
    PAUSE_MS = 25,
    PAUSES_MAX = 40, /* for what another process fetches: one second */
};

/* One try to fetch, as the edits of the record see it. */
struct attempt {
    int64_t now;
    int64_t cooldown;
    struct jwk *keys; /* what came, or NULL */
    size_t n;
    struct errtext trouble; /* when nothing came */
};

static int look(struct service *service, const char *url, struct jwksrec *rec,
                struct errtext *why);
static bool may_try(const struct service *service, const struct jwksrec *rec,
                    int64_t now);
static int attempt(struct service *service, const char *url, int64_t now,
                   struct errtext *why);
static store_edit_fn claim;
static void fetch_set(struct service *service, const char *url,
                      struct attempt *at);
static store_edit_fn conclude;
static int await(struct service *service, const char *url, int64_t now,
                 struct jwksrec *rec, struct errtext *why);

/*
 * Whether less than span seconds have passed.  A time that is well ahead is of
 * a clock that was set back since, and says nothing.
 */
static bool
is_within(int64_t then, int64_t now, int64_t span)
{
    return then > 0 && then - now <= LEEWAY && now - then < span;
}

/* Whether this process is in the rest after a slow fetch. */
static bool
is_resting(const struct service *service, int64_t now)
{
    int64_t left = service->no_fetch_until - now;

    return left > 0 && left <= REST_MAX;
}

/* Why there is no set, when the store may have failed with that trouble. */
static const char *
no_keys(const struct service *service, const struct jwksrec *rec, int64_t now,
        const struct errtext *trouble)
{
    if (trouble->text[0] != '\0')
        return trouble->text;
    if (rec->trouble.text[0] != '\0')
        return rec->trouble.text;
    return is_resting(service, now)
               ? "this process fetched slowly, and rests before it fetches"
               : "another process fetches them";
}

int
jwks_get(struct service *service, const char *url, int64_t now,
         struct jwk **keys, int64_t *fetched, struct errtext *why)
{
    struct errtext trouble = {.text = ""};
    struct jwksrec rec;

    if (look(service, url, &rec, why) < 0)
        return -1;
    if ((rec.n == 0
         || !is_within(rec.fetched, now, service->policy->jwks.max_age))
        && may_try(service, &rec, now)) {
        jwksrec_free(&rec);
        (void) attempt(service, url, now, &trouble);
        if (look(service, url, &rec, why) < 0)
            return -1;
    }
    if (rec.n == 0 && await(service, url, now, &rec, why) < 0)
        return -1;
    if (rec.n == 0) {
        errtext_rule(why, RULE_SERVER_CLIENT_KEYS,
                     "there are no keys from %.100s: %s", url,
                     no_keys(service, &rec, now, &trouble));
        jwksrec_free(&rec);
        return -1;
    }
    *keys = rec.keys;
    *fetched = rec.fetched;
    return (int) rec.n;
}

/* Whether there is a set, and another one than that of the time. */
static bool
is_other(const struct jwksrec *rec, int64_t fetched)
{
    return rec->n > 0 && rec->fetched != fetched;
}

int
jwks_refetch(struct service *service, const char *url, int64_t now,
             int64_t fetched, struct errtext *why)
{
    struct jwksrec rec;
    bool other;

    if (look(service, url, &rec, why) < 0)
        return -1;
    if (!is_other(&rec, fetched) && may_try(service, &rec, now)) {
        jwksrec_free(&rec);
        if (attempt(service, url, now, why) < 0
            || look(service, url, &rec, why) < 0)
            return -1;
    }
    if (!is_other(&rec, fetched) && await(service, url, now, &rec, why) < 0)
        return -1;
    other = is_other(&rec, fetched);
    jwksrec_free(&rec);
    return other ? 1 : 0;
}

int
jwks_look(struct service *service, const char *url, struct jwks_state *state,
          struct errtext *why)
{
    struct jwksrec rec;
    int rc = look(service, url, &rec, why);

    if (rc != 1)
        return rc;
    state->fetched = rec.fetched;
    state->tried = rec.tried;
    state->n = rec.n;
    state->trouble = rec.trouble;
    jwksrec_free(&rec);
    return 1;
}

/* A record that cannot be read is as none: it is written anew. */
static int
look(struct service *service, const char *url, struct jwksrec *rec,
     struct errtext *why)
{
    char value[STORE_VALUE_MAX + 1];
    size_t len;
    int rc = store_get(service->store, STORE_JWKS, url, value, sizeof(value),
                       &len, why);

    memset(rec, 0, sizeof(*rec));
    if (rc == 1 && jwksrec_load(rec, value, len, NULL) != 0)
        return 0;
    return rc;
}

/* Rest for ten times as long as something took. */
static void
rest(struct service *service, int64_t now, int64_t ms)
{
    if (ms >= SLOW_MS)
        service->no_fetch_until =
            now + ((REST_TIMES + 1) * ms + 999) / 1000;
}

static bool
may_try(const struct service *service, const struct jwksrec *rec, int64_t now)
{
    return !is_resting(service, now)
           && !is_within(rec->tried, now, service->policy->jwks.cooldown);
}

/*
 * Fetch, unless another process was quicker.
 *
 * Returns 1 when the store has a new set, 0 when not, -1 with the reason in
 * *why when the store failed.
 */
static int
attempt(struct service *service, const char *url, int64_t now,
        struct errtext *why)
{
    struct attempt at = {.now = now,
                         .cooldown = service->policy->jwks.cooldown};
    int rc = store_edit(service->store, STORE_JWKS, url, claim, &at, why);

    if (rc != 1)
        return rc;
    fetch_set(service, url, &at);
    rc = store_edit(service->store, STORE_JWKS, url, conclude, &at, why);
    if (rc == 1 && at.keys == NULL)
        rc = 0;
    free(at.keys);
    return rc;
}

/* What the record says, or nothing when there is none that can be read. */
static void
load(struct jwksrec *rec, const char *old, size_t len)
{
    memset(rec, 0, sizeof(*rec));
    if (old != NULL)
        (void) jwksrec_load(rec, old, len, NULL);
}

/* Say in the record that this process fetches now. */
static int
claim(void *arg, const char *old, size_t len, char **value,
      struct errtext *why)
{
    const struct attempt *at = arg;
    struct jwksrec rec;
    bool mine;

    (void) why;
    load(&rec, old, len);
    mine = !is_within(rec.tried, at->now, at->cooldown);
    if (mine) {
        rec.tried = at->now;
        rec.busy = true;
        *value = jwksrec_dump(&rec);
    }
    jwksrec_free(&rec);
    return mine && *value != NULL ? 2 : 0;
}

/*
 * Whether the keys can be kept, with the longest reason beside them: names in
 * them grow when they are escaped.
 */
static bool
fits(const struct attempt *at)
{
    struct jwksrec rec = {.fetched = at->now, .tried = at->now,
                          .keys = at->keys, .n = at->n};
    char *text;

    memset(rec.trouble.text, '"', sizeof(rec.trouble.text) - 1);
    text = jwksrec_dump(&rec);
    free(text);
    return text != NULL;
}

static void
fetch_set(struct service *service, const char *url, struct attempt *at)
{
    const struct policy *policy = service->policy;
    struct fetch_rules rules = {policy->jwks.nets, policy->jwks.n_networks,
                                policy->jwks.ca};
    char text[JWK_SET_TEXT_MAX + 1];
    int64_t took;
    size_t len;
    int n;

    group_hurry(service);
    if (fetch(url, &rules, text, sizeof(text), &len, &took, &at->trouble)
        == 0) {
        n = jwk_set_read(&at->keys, text, len, false, &at->trouble);
        at->n = n > 0 ? (size_t) n : 0;
    }
    if (at->keys != NULL && !fits(at)) {
        free(at->keys);
        at->keys = NULL;
        errtext_set(&at->trouble, "the set is too large to be kept");
    }
    rest(service, at->now, took);
}

/* Whether the record has these keys, in the same order. */
static bool
has_same(const struct jwksrec *rec, const struct attempt *at)
{
    struct jwksrec new = *rec;
    char *text, *new_text;
    bool same;

    new.keys = at->keys;
    new.n = at->n;
    text = jwksrec_dump(rec);
    new_text = jwksrec_dump(&new);
    same = text != NULL && new_text != NULL && strcmp(text, new_text) == 0;
    free(text);
    free(new_text);
    return same;
}

/*
 * Note what came of it; when nothing came, the old set stays.  Every process
 * is to see new keys at once, and nothing else.
 */
static int
conclude(void *arg, const char *old, size_t len, char **value,
         struct errtext *why)
{
    const struct attempt *at = arg;
    struct jwksrec rec;
    bool is_new;

    load(&rec, old, len);
    is_new = at->keys != NULL && !has_same(&rec, at);
    rec.tried = at->now;
    rec.busy = false;
    rec.trouble = at->trouble;
    if (at->keys != NULL) {
        rec.trouble.text[0] = '\0';
        rec.fetched = at->now;
        free(rec.keys);
        rec.keys = at->keys;
        rec.n = at->n;
    }
    *value = jwksrec_dump(&rec);
    if (at->keys != NULL)
        rec.keys = NULL; /* they are the attempt's */
    jwksrec_free(&rec);
    if (*value == NULL)
        return errtext_set(why, "the record of a JWK Set is too large");
    return is_new ? 1 : 2;
}

/*
 * Give another process that fetches now a moment, so that requests that come
 * together share what it gets.  That is rested from as well.
 */
static int
await(struct service *service, const char *url, int64_t now,
      struct jwksrec *rec, struct errtext *why)
{
    int n;

    for (n = 0; n < PAUSES_MAX && rec->busy && !is_resting(service, now)
                && is_within(rec->tried, now, FETCH_SECONDS_MAX + 1);
         n++) {
        jwksrec_free(rec);
        fetch_pause(PAUSE_MS);
        if (look(service, url, rec, why) < 0)
            return -1;
    }
    rest(service, now, n * PAUSE_MS);
    return 0;
}
