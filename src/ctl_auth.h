/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * How a client authenticates: the options that say so.
 */

#ifndef CTL_AUTH_H
#define CTL_AUTH_H

#include <stdbool.h>

#include "core/client.h"
#include "core/errtext.h"
#include "ctl.h"
#include "ctl_options.h"

/* Whether clients of that method have secrets; keys, or their certificates. */
bool ctl_auth_has_secret(enum client_auth auth);
bool ctl_auth_has_keys(enum client_auth auth);

/* Values of --auth, --jwks-uri, --assertion-alg and --assertion-aud. */
ctl_options_fn ctl_auth_method, ctl_auth_jwks_uri;
ctl_options_fn ctl_auth_alg, ctl_auth_aud;

/*
 * Check what client_check() would say without the cure: a record that got keys
 * of one kind has to give up those of the other, and one that got another
 * method its algorithm, by name.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int ctl_auth_check(const struct ctl *ctl, const struct client *cl,
                   struct errtext *why);

/*
 * Say on standard error which of the options are without effect for a client
 * of that method.
 */
void ctl_auth_note(const struct ctl *ctl, enum client_auth auth);

/*
 * Fetch the keys of --jwks-uri, if it was given and the client's method uses
 * them, so that a wrong URL is noticed while somebody looks; trouble is a note
 * on standard error.  done is what has become of the client.
 */
void ctl_auth_fetch(struct ctl *ctl, enum client_auth auth, const char *done);

#endif /* CTL_AUTH_H */
