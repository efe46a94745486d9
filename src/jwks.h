/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * JWK Sets that clients publish at a URL (RFC 7591, 2), cached in the store
 * for all processes.
 */

#ifndef JWKS_H
#define JWKS_H

#include <stdint.h>

#include "core/errtext.h"
#include "core/jwk.h"
#include "service.h"

/*
 * The credential of a client by a key that is published: one for all of them,
 * since they come and go as the client likes.
 */
#define JWKS_CREDENTIAL "jwks_uri"

/*
 * The set of a URL, of the store if it is there.  It is fetched first when
 * there is none, or when that one is older than the policy's jwks.max_age;
 * when fetching fails, or another process does it, or jwks.cooldown has not
 * passed since the last try, the old one serves on.
 *
 * A process that fetched slowly does not fetch again until ten times as long
 * has passed, so that no slow host can hold more than a tenth of it.
 *
 * Returns the number of keys in *keys, which the caller frees with free();
 * *fetched is when they came, seconds since the epoch.  Returns -1 with the
 * reason in *why when there is no set at all.
 */
int jwks_get(struct service *service, const char *url, int64_t now,
             struct jwk **keys, int64_t *fetched, struct errtext *why);

/*
 * Fetch the set anew because a key was named that is not in it; unless the
 * cool-down says no.
 *
 * Returns 1 when the store now has a set that came after that time, 0 when
 * not, -1 with the reason in *why when the store failed.
 */
int jwks_refetch(struct service *service, const char *url, int64_t now,
                 int64_t fetched, struct errtext *why);

/* What the store knows of a URL, for the administrator. */
struct jwks_state {
    int64_t fetched; /* or 0: never */
    int64_t tried;   /* or 0: never */
    size_t n;        /* keys in the set */
    struct errtext trouble; /* of the last try, or "" */
};

/* Returns 1 with *state, 0 when nothing is known, -1 with the reason. */
int jwks_look(struct service *service, const char *url,
              struct jwks_state *state, struct errtext *why);

#endif /* JWKS_H */
