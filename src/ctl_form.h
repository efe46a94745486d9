/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The form of a token request, from the options of the command line.
 */

#ifndef CTL_FORM_H
#define CTL_FORM_H

#include "core/errtext.h"
#include "core/form.h"
#include "core/grant.h"
#include "ctl.h"

struct ctl_form {
    struct form form;            /* refers to the rest and the command line */
    char scope[GRANT_SCOPE_MAX]; /* of all --scope together */
};

/*
 * Fill it as a request would have it with --scope, --resource, --details and
 * --grant-type; without the last with client_credentials.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int ctl_form_fill(const struct ctl *ctl, struct ctl_form *filled,
                  struct errtext *why);

#endif /* CTL_FORM_H */
