/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The parts of the policy: private to policy*.c.
 */

#ifndef CORE_POLICY_PRIV_H
#define CORE_POLICY_PRIV_H

#include "core/policy.h"

/* Make the sorted lists of audiences and roles. */
void policy_names_sort(struct policy *policy);

/*
 * Read the static claims of the resources.
 *
 * Returns 0, or -1 with *where and *why as policy_ready() has them.
 */
int policy_details_claims(struct policy *policy, int *where,
                          struct errtext *why);

/*
 * Check the types of authorization details and find their resources: a type
 * given twice, an audience or role that is not defined, members that
 * contradict each other.
 *
 * Returns 0, or -1 with *where and *why as policy_ready() has them.
 */
int policy_details_ready(struct policy *policy, int *where,
                         struct errtext *why);
void policy_details_free(struct policy *policy);

/*
 * Check how tokens of the resources are encrypted: an algorithm without a key,
 * a key for opaque tokens.
 *
 * Returns 0, or -1 with *where and *why as policy_ready() has them.
 */
int policy_encryption_check(const struct policy *policy, int *where,
                            struct errtext *why);

#endif /* CORE_POLICY_PRIV_H */
