/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Public keys of a client on their way into its record: --jwks and --cert.
 */

#ifndef CTL_CLIENTKEYS_H
#define CTL_CLIENTKEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/client.h"
#include "core/errtext.h"
#include "ctl.h"

struct ctl_clientkeys {
    bool given; /* the list of the record is to become this one */
    struct client_key *keys;
    size_t n;
};

/*
 * Read the files of --jwks and --cert.  Comes before the state is opened,
 * which may give up the right to read them.  Refuses what is no public key
 * that verifies signatures, a private key above all; a key that comes twice;
 * a kid that two keys of one type have; and more than CLIENT_KEYS_MAX.
 *
 * Returns 0, or -1 with the reason in *why, which names option, file and
 * key; ctl_clientkeys_free() follows both.
 */
int ctl_clientkeys_read(const struct ctl *ctl, struct ctl_clientkeys *keys,
                        struct errtext *why);

/*
 * Make them the keys of the record, if they were given.  A key that is there
 * already, by its thumbprint, keeps its id, label and time.
 */
void ctl_clientkeys_apply(const struct ctl_clientkeys *keys,
                          struct client *cl);

void ctl_clientkeys_free(struct ctl_clientkeys *keys);

#endif /* CTL_CLIENTKEYS_H */
