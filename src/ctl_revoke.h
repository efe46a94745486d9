/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What revoking takes beside the change of a record.
 */

#ifndef CTL_REVOKE_H
#define CTL_REVOKE_H

#include <stdint.h>

#include "core/errtext.h"
#include "ctl.h"

/*
 * Return when that second has passed: what is issued then is later than what
 * was revoked.
 */
void ctl_revoke_wait(int64_t second);

/*
 * Write the list with all tokens of the client up to and in the second until.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int ctl_revoke_list(struct ctl *ctl, const char *client_id, int64_t until,
                    struct errtext *why);

#endif /* CTL_REVOKE_H */
