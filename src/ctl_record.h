/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What several commands need of the policy, the state and a client record.
 */

#ifndef CTL_RECORD_H
#define CTL_RECORD_H

#include <stdint.h>

#include "core/client.h"
#include "core/errtext.h"
#include "ctl.h"

/*
 * The clock as it is by now: somebody may have been asked a question.  It is
 * time(), as in every process: other clocks are ahead of it.
 */
int64_t ctl_record_clock(void);

/*
 * Read the policy into ctl->policy.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int ctl_record_policy(struct ctl *ctl, struct errtext *why);

/*
 * Read the policy unless that was done, become the owner of the state
 * directory, and open what is in it as ctl->service.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int ctl_record_open(struct ctl *ctl, struct errtext *why);

/*
 * Read the record of a client.
 *
 * Returns 0 with *cl, which the caller frees with client_free(), or -1 with
 * the reason in *why: there may be none of that id.
 */
int ctl_record_get(struct ctl *ctl, const char *id, struct client **cl,
                   struct errtext *why);

/*
 * Changes a record, and must want the same when it is called again, for a
 * record that it has already changed too.
 *
 * Returns 1 when there is something to write, 0 when not, -1 with the reason
 * in *why.
 */
typedef int ctl_record_fn(void *arg, struct client *cl, struct errtext *why);

/*
 * Change the record of a client in one transaction; its time of change is set.
 *
 * Returns 1 when it was written, 0 when not, -1 with the reason in *why.
 */
int ctl_record_edit(struct ctl *ctl, const char *id, ctl_record_fn *fn,
                    void *arg, struct errtext *why);

/*
 * Write a record that is not there yet.  It is of the second in which that is
 * done, whenever the command began, and later than what was revoked of a
 * client of that id.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int ctl_record_add(struct ctl *ctl, struct client *cl, struct errtext *why);

/*
 * Up to when the tokens of a client were revoked, by the note that outlives
 * its record (revocation.h); 0 when there is none.
 *
 * Returns 0 with *until, or -1 with the reason in *why.
 */
int ctl_record_revoked(struct expiring *expiring, const char *id, int64_t now,
                       int64_t *until, struct errtext *why);

/* Returns 0, or -1 with the reason in *why. */
int ctl_record_delete(struct ctl *ctl, const char *id, struct errtext *why);

#endif /* CTL_RECORD_H */
