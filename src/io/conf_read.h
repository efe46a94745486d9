/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * From the settings of the file to the policy, key by key.
 */

#ifndef IO_CONF_READ_H
#define IO_CONF_READ_H

#include "core/errtext.h"
#include "core/policy.h"
#include "io/conf.h"

struct config_setting_t; /* libconfig's */

struct conf_reader {
    struct policy *policy;
    conf_warn_fn *warn; /* may be NULL */
    void *arg;
    struct errtext *why;
};

/*
 * Fill the policy, which is all zero, with the defaults and with what stands
 * in root.
 *
 * Returns 0, or -1 with the reason in *why; what was filled in stays.
 */
int conf_read(struct conf_reader *rd, struct config_setting_t *root);

#endif /* IO_CONF_READ_H */
