/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * A file with public keys of a client, which may hold what nobody should have
 * given.
 */

#ifndef CTL_KEYFILE_H
#define CTL_KEYFILE_H

#include <stddef.h>

#include "core/errtext.h"
#include "core/jwk.h"

struct ctl_keyfile {
    const char *option; /* "jwks" or "cert"; given */
    const char *file;   /* or "-"; given */
    struct jwk *keys;
    size_t n;
    size_t places[JWK_SET_MAX]; /* their numbers in the file, from 1 */
};

/*
 * Read the keys of the file: a JWK Set or a JWK, or the first certificate in
 * PEM.  Refuses what is none, with the cure; a private key or a secret above
 * all; a key that jwk.h refuses in a strict set; and one with an "x5c" that is
 * not of that key (RFC 7517, 4.7).  A note on standard error names each key
 * that is left out because it is of no type that is known here (RFC 7517, 5).
 *
 * Returns 0, or -1 with the reason in *why; ctl_keyfile_free() follows both.
 */
int ctl_keyfile_read(struct ctl_keyfile *file, struct errtext *why);

void ctl_keyfile_free(struct ctl_keyfile *file);

#endif /* CTL_KEYFILE_H */
