/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The life of signing keys: published, then signing, then published until the
 * last token that they signed has expired, then gone.
 *
 * All of it follows from the times of the records, so that it goes on while
 * nothing runs: the key that began last signs, and when the next one begins
 * the one before has ended.  No key ends because it is old; as long as there
 * is no other, it signs on.
 */

#ifndef CORE_KEYLIFE_H
#define CORE_KEYLIFE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/keyrec.h"
#include "core/policy.h"

/* Seconds that a key is published past its last token: clocks differ. */
enum { KEYLIFE_MARGIN = 3600 };

/* What the policy says of it, in seconds. */
struct keylife {
    int64_t lead;     /* published before it signs */
    int64_t lifetime; /* signing, before the next one takes over */
    int64_t tail;     /* published after it has signed */
};

enum keylife_state {
    KEYLIFE_PUBLISHED, /* it is to sign */
    KEYLIFE_SIGNING,
    KEYLIFE_RETIRING, /* it has signed, and is published still */
    KEYLIFE_GONE,     /* nothing needs it */
};

/* What happens next in the life of one key. */
enum keylife_step {
    KEYLIFE_BEGIN,    /* it signs */
    KEYLIFE_SUCCEED,  /* a successor is to be made: ccgrant key rotate */
    KEYLIFE_END,      /* it signs no longer */
    KEYLIFE_WITHDRAW, /* it is no longer published */
    KEYLIFE_REMOVE,   /* it is to be removed: ccgrant key rotate */
};

void keylife_init(struct keylife *life, const struct policy *policy);

/* The key that signs with alg now, the one that began last; or NULL. */
const struct keyrec *keylife_signer(const struct keyrec *keys, size_t n,
                                    enum jose_alg alg, int64_t now);

/* The key that signs with alg next; or NULL. */
const struct keyrec *keylife_successor(const struct keyrec *keys, size_t n,
                                       enum jose_alg alg, int64_t now);

/* key is one of keys. */
enum keylife_state keylife_state(const struct keyrec *key,
                                 const struct keyrec *keys, size_t n,
                                 int64_t now);

/*
 * Returns the step, and in *at its time, which may be over: it is due then.
 * 0: not known before keylife_settle().
 */
enum keylife_step keylife_next(const struct keyrec *key,
                               const struct keyrec *keys, size_t n,
                               const struct keylife *life, int64_t now,
                               int64_t *at);

/*
 * When a new key of alg begins to sign: after the lead; or at once, if so
 * wanted or if none signs now.  Never in the very second of another of its
 * kind, so that it is plain which of them began last.
 */
int64_t keylife_start(const struct keyrec *keys, size_t n, enum jose_alg alg,
                      const struct keylife *life, int64_t now, bool at_once);

/*
 * Make the end of one of keys what follows from the others: it ends when the
 * next one begins, and is published for the tail from then on, which only
 * ever grows; it has no end when there is no next one.  What is over stays as
 * it was, and ends no other: if any key can go on, one does.
 *
 * Returns whether that changed anything.
 */
bool keylife_settle(struct keyrec *key, const struct keyrec *keys, size_t n,
                    const struct keylife *life, int64_t now);

#endif /* CORE_KEYLIFE_H */
