/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Signing keys of the store, as the command sees them.
 *
 * A command that changes them takes the lock, reads them, and then works on
 * what it has read.  Each change is one record; what may be interrupted
 * between two is put right by ctl_key_settle(), now or the next time.
 */

#ifndef CTL_KEY_H
#define CTL_KEY_H

#include <stddef.h>

#include "core/errtext.h"
#include "core/keylife.h"
#include "core/keyrec.h"
#include "ctl.h"

struct ctl_keys {
    struct keyrec *recs;
    size_t n;
};

/*
 * Wait until no other command changes the keys.  The end of this one, however
 * it comes, gives the lock back.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int ctl_key_lock(struct ctl *ctl, struct errtext *why);

/*
 * Read all keys.  A record that cannot be read is left out, with a note.
 *
 * Returns 0, or -1 with the reason in *why; ctl_key_free() follows both.
 */
int ctl_key_read(struct ctl *ctl, struct ctl_keys *keys, struct errtext *why);

void ctl_key_free(struct ctl_keys *keys);

/*
 * Which algorithms the policy and the clients have tokens signed with.
 *
 * Returns 0 with their number in *n, the first being that of most tokens, or
 * -1 with the reason in *why.
 */
int ctl_key_algs(struct ctl *ctl, enum jose_alg algs[JOSE__MAX], size_t *n,
                 struct errtext *why);

/*
 * Whether the algorithm that the option names, when it was given, has a key
 * that signs now.
 *
 * Returns 0, or -1 with the reason and the cure in *why.
 */
int ctl_key_check_alg(struct ctl *ctl, const char *option,
                      struct errtext *why);

/*
 * Make a key that signs from then on, seal it and store it; it becomes the
 * last of *keys.  Its kid does not begin with "-".  Refuses more than
 * KEYRING_MAX.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int ctl_key_make(struct ctl *ctl, struct ctl_keys *keys, enum jose_alg alg,
                 int64_t signs_from, struct errtext *why);

/* Let a key sign from then on.  Returns 0, or -1 with the reason in *why. */
int ctl_key_move(struct ctl *ctl, struct keyrec *key, int64_t signs_from,
                 struct errtext *why);

/*
 * Write the ends of all keys that do not have theirs (core/keylife.h).
 *
 * Returns 0, or -1 with the reason in *why.
 */
int ctl_key_settle(struct ctl *ctl, struct ctl_keys *keys,
                   struct errtext *why);

/*
 * Remove the record of that kid, and the key from *keys if it is there.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int ctl_key_remove(struct ctl *ctl, struct ctl_keys *keys, const char *kid,
                   struct errtext *why);

/* The key of that kid, or NULL. */
struct keyrec *ctl_key_find(const struct ctl_keys *keys, const char *kid);

#endif /* CTL_KEY_H */
