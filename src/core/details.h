/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * authorization_details of a request (RFC 9396, 2), by the types of the
 * policy.
 */

#ifndef CORE_DETAILS_H
#define CORE_DETAILS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/client.h"
#include "core/errtext.h"
#include "core/policy.h"
#include "core/sbuf.h"

enum {
    DETAILS_MAX = 4096,       /* bytes, as they come and as they are granted */
    DETAILS_ENTRIES_MAX = 16, /* objects in the array */
};

/* Whether the client has one of the roles that may ask for the type. */
bool details_may_ask(const struct policy_detail *type,
                     const struct client *cl);

/*
 * Read what was asked for and write, as compact JSON with the members in the
 * order of their bytes, what is granted: the same, for nothing is narrowed.
 * types gets the type of each object, *n their number.
 *
 * Refuses (RFC 9396, 5) what is no array of objects, or an empty one; a type
 * that is missing, not in the policy, or not for the client; a member that the
 * type does not have, or that is missing; of the common members (RFC 9396,
 * 2.2) another form, an empty array, and a value that the policy does not
 * list; and what jparse_exact() refuses.
 *
 * Returns 0, or -1 with the reason in *why, which quotes no values.
 */
int details_take(struct sbuf *sb,
                 const struct policy_detail *types[DETAILS_ENTRIES_MAX],
                 size_t *n, const struct policy *policy,
                 const struct client *cl, const char *text, size_t len,
                 struct errtext *why);

#endif /* CORE_DETAILS_H */
