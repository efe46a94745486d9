/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The life of signing keys.
 */

#include <string.h>

#include "core/keylife.h"

void
keylife_init(struct keylife *life, const struct policy *policy)
{
    life->lead = policy->keys.lead;
    life->lifetime = policy->keys.lifetime;
    life->tail = policy->token.max_lifetime + KEYLIFE_MARGIN;
}

/* A record can have any time. */
static int64_t
later(int64_t when, int64_t seconds)
{
    return when > INT64_MAX - seconds ? INT64_MAX : when + seconds;
}

/* Whether a is the one to sign of two whose time has come. */
static bool
goes_before(const struct keyrec *a, const struct keyrec *b)
{
    if (a->signs_from != b->signs_from)
        return a->signs_from > b->signs_from;
    return strcmp(a->kid, b->kid) < 0;
}

const struct keyrec *
keylife_signer(const struct keyrec *keys, size_t n, enum jose_alg alg,
               int64_t now)
{
    const struct keyrec *best = NULL;
    size_t i;

    for (i = 0; i < n; i++) {
        if (keys[i].alg == alg && keyrec_signs(&keys[i], now)
            && keyrec_is_public(&keys[i], now)
            && (best == NULL || goes_before(&keys[i], best)))
            best = &keys[i];
    }
    return best;
}

const struct keyrec *
keylife_successor(const struct keyrec *keys, size_t n, enum jose_alg alg,
                  int64_t now)
{
    const struct keyrec *best = NULL;
    size_t i;

    for (i = 0; i < n; i++) {
        if (keys[i].alg == alg && keys[i].signs_from > now
            && keyrec_signs(&keys[i], keys[i].signs_from)
            && keyrec_is_public(&keys[i], now)
            && (best == NULL || keys[i].signs_from < best->signs_from))
            best = &keys[i];
    }
    return best;
}

enum keylife_state
keylife_state(const struct keyrec *key, const struct keyrec *keys, size_t n,
              int64_t now)
{
    if (!keyrec_is_public(key, now))
        return KEYLIFE_GONE;
    if (key->signs_from > now)
        return KEYLIFE_PUBLISHED;
    return keylife_signer(keys, n, key->alg, now) == key ? KEYLIFE_SIGNING
                                                         : KEYLIFE_RETIRING;
}

enum keylife_step
keylife_next(const struct keyrec *key, const struct keyrec *keys, size_t n,
             const struct keylife *life, int64_t now, int64_t *at)
{
    const struct keyrec *next = keylife_successor(keys, n, key->alg, now);

    switch (keylife_state(key, keys, n, now)) {
    case KEYLIFE_PUBLISHED:
        *at = key->signs_from;
        return KEYLIFE_BEGIN;
    case KEYLIFE_SIGNING:
        *at = later(key->signs_from, life->lifetime - life->lead);
        if (next == NULL)
            return KEYLIFE_SUCCEED;
        *at = next->signs_from;
        return KEYLIFE_END;
    case KEYLIFE_RETIRING:
        *at = key->publish_until;
        return KEYLIFE_WITHDRAW;
    case KEYLIFE_GONE:
        break;
    }
    *at = key->publish_until;
    return KEYLIFE_REMOVE;
}

static bool
is_taken(const struct keyrec *keys, size_t n, enum jose_alg alg, int64_t start)
{
    size_t i;

    for (i = 0; i < n; i++) {
        if (keys[i].alg == alg && keys[i].signs_from == start)
            return true;
    }
    return false;
}

int64_t
keylife_start(const struct keyrec *keys, size_t n, enum jose_alg alg,
              const struct keylife *life, int64_t now, bool at_once)
{
    int64_t start = now;

    if (!at_once && keylife_signer(keys, n, alg, now) != NULL)
        start = later(now, life->lead);
    while (is_taken(keys, n, alg, start) && start < INT64_MAX)
        start++;
    return start;
}

static bool
is_over(const struct keyrec *key, int64_t now)
{
    return key->signs_until != 0 && key->signs_until <= now;
}

/* The key that takes over from that one; or NULL.  One that signs no more
 * itself does not, so that some key of them always goes on. */
static const struct keyrec *
follower(const struct keyrec *key, const struct keyrec *keys, size_t n,
         int64_t now)
{
    const struct keyrec *best = NULL;
    size_t i;

    for (i = 0; i < n; i++) {
        if (&keys[i] != key && keys[i].alg == key->alg
            && !is_over(&keys[i], now) && goes_before(&keys[i], key)
            && (best == NULL || goes_before(best, &keys[i])))
            best = &keys[i];
    }
    return best;
}

/* The policy may allow shorter tokens now than those that are out there. */
static int64_t
tail_of(const struct keyrec *key, const struct keylife *life)
{
    int64_t tail = 0;

    if (key->signs_until != 0 && key->publish_until > key->signs_until)
        tail = key->publish_until - key->signs_until;
    return tail > life->tail ? tail : life->tail;
}

bool
keylife_settle(struct keyrec *key, const struct keyrec *keys, size_t n,
               const struct keylife *life, int64_t now)
{
    const struct keyrec *next = follower(key, keys, n, now);
    int64_t end = next != NULL ? next->signs_from : 0, until = 0;
    bool changed;

    if (is_over(key, now) && key->publish_until != 0)
        return false;
    if (is_over(key, now))
        end = key->signs_until;
    if (end != 0)
        until = later(end, tail_of(key, life));
    changed = key->signs_until != end || key->publish_until != until;
    key->signs_until = end;
    key->publish_until = until;
    return changed;
}
