/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Signing keys of the store, as the command sees them.
 */

#ifndef CTL_KEY_H
#define CTL_KEY_H

#include <stddef.h>

#include "core/errtext.h"
#include "core/keyrec.h"
#include "ctl.h"

struct ctl_keys {
    struct keyrec *recs;
    size_t n;
    struct errtext *why; /* for the callback of store_each() */
};

/*
 * Read all keys.
 *
 * Returns 0, or -1 with the reason in *why; ctl_key_free() follows both.
 */
int ctl_key_read(struct ctl *ctl, struct ctl_keys *keys, struct errtext *why);

void ctl_key_free(struct ctl_keys *keys);

/* The key that signs with alg now, or NULL. */
const struct keyrec *ctl_key_signer(const struct ctl_keys *keys,
                                    enum jose_alg alg, int64_t now);

/*
 * Whether the algorithm that the option names, when it was given, has a key
 * that signs now.
 *
 * Returns 0, or -1 with the reason and the cure in *why.
 */
int ctl_key_check_alg(struct ctl *ctl, const char *option,
                      struct errtext *why);

/*
 * Make a key that signs from then on, seal it and store it.
 *
 * Returns 0 with its kid and times in *key, or -1 with the reason in *why.
 */
int ctl_key_make(struct ctl *ctl, enum jose_alg alg, int64_t signs_from,
                 struct keyrec *key, struct errtext *why);

/*
 * Which algorithms the policy signs with.
 *
 * Returns their number; the first is that of most tokens.
 */
size_t ctl_key_algs(const struct policy *policy,
                    enum jose_alg algs[JOSE__MAX]);

#endif /* CTL_KEY_H */
