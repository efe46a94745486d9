/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Certificates and bound tokens: what says so in a client's record.
 */

#ifndef CTL_TLS_H
#define CTL_TLS_H

#include <stdbool.h>

#include "core/client.h"
#include "core/errtext.h"
#include "ctl.h"
#include "ctl_options.h"
#include "ctl_table.h"

/* Values of --tls-ca, --bind, --dpop-nonce and --profile. */
ctl_options_fn ctl_tls_ca, ctl_tls_bind, ctl_tls_nonce, ctl_tls_profile;

/*
 * Put the subject of --tls-subject-dn and the four --tls-san options into the
 * record, in the place of any other: a client has exactly one (RFC 8705,
 * 2.1.2), so two of them are refused.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int ctl_tls_subject(const struct ctl *ctl, struct client *cl,
                    struct errtext *why);

/* Whether any of the options of ctl_tls_subject() or --tls-ca has a value. */
bool ctl_tls_is_given(const struct ctl *ctl);

/*
 * Check that a client of tls_client_auth has an authority that the policy
 * names.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int ctl_tls_check_ca(const struct client *cl, const struct policy *policy,
                     struct errtext *why);

/* What record and policy demand that the client's tokens are bound to. */
const char *ctl_tls_demand(const struct ctl *ctl, const struct client *cl);

/* Add the subject and the authorities of a client of tls_client_auth. */
void ctl_tls_subject_facts(struct ctl_table *table, const struct client *cl);

/*
 * Add what its tokens are bound to, and its profile: what the record says, and
 * beside it what is so when something else demands more.
 */
void ctl_tls_bind_facts(const struct ctl *ctl, struct ctl_table *table,
                        const struct client *cl);

/* Print a new client of tls_client_auth. */
void ctl_tls_made(const struct ctl *ctl, const struct client *cl);

#endif /* CTL_TLS_H */
