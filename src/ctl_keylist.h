/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Signing keys as the administrator sees them: state, next step, its time.
 */

#ifndef CTL_KEYLIST_H
#define CTL_KEYLIST_H

#include "ctl.h"
#include "ctl_key.h"

struct json_t;

/*
 * Print the keys, as a table or as JSON.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int ctl_keylist_print(struct ctl *ctl, const struct ctl_keys *keys,
                      struct errtext *why);

/* One of the keys as a new JSON object. */
struct json_t *ctl_keylist_json(const struct ctl *ctl,
                                const struct ctl_keys *keys,
                                const struct keyrec *key);

#endif /* CTL_KEYLIST_H */
