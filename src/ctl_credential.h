/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Secrets on their way into a record: made here, or chosen by a person.
 */

#ifndef CTL_CREDENTIAL_H
#define CTL_CREDENTIAL_H

#include <stdbool.h>
#include <stddef.h>

#include "core/client.h"
#include "core/errtext.h"
#include "ctl.h"
#include "io/foreign.h"

enum {
    CTL_CREDENTIAL_MAX = 1024, /* bytes of a chosen secret */
    CTL_CREDENTIAL_LEAST = 8,  /* characters of one (RFC 6749, 10.10) */
};

struct ctl_credential {
    bool chosen;   /* by a person; text is then never printed */
    bool imported; /* chosen too, and text is its hash of another system */
    bool made;     /* stored is filled */
    char cost[FOREIGN_COST_MAX]; /* of imported */
    char text[CTL_CREDENTIAL_MAX + 1];
    size_t len;
    struct secret stored; /* label is borrowed from the command line */
};

/*
 * Read the secret of --secret-file, or the hash of --hash-file, when there is
 * one.  Comes before the state is opened, which may give up the right to read
 * it.  Refuses both at once, a secret that no client could send or that is too
 * short, and a hash that io/foreign.h refuses.
 *
 * Returns 0, or -1 with the reason in *why; ctl_credential_wipe() follows
 * both.
 */
int ctl_credential_read(const struct ctl *ctl, struct ctl_credential *new,
                        struct errtext *why);

/*
 * Make the secret unless it was chosen, and its stored form, of the kind that
 * the client's method needs.  label and expires name the options that say so.
 * Refuses a hash for a method that needs the secret itself.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int ctl_credential_make(struct ctl *ctl, struct ctl_credential *new,
                        const struct client *cl, const char *label,
                        const char *expires, struct errtext *why);

/* Whether the secret is live, and one that the client's method can use. */
bool ctl_credential_serves(const struct secret *secret,
                           const struct client *cl, int64_t now);

/* Whether the client has a secret that serves. */
bool ctl_credential_is_there(const struct client *cl, int64_t now);

/* Whether the record has it: the change is already there. */
bool ctl_credential_is_in(const struct ctl_credential *new,
                          const struct client *cl);

/*
 * Add it to the record, once.  Refuses a secret that is shorter than the hash
 * of the record's algorithm (RFC 7518, 3.2), one of another kind than the
 * record's method needs, because that has changed meanwhile, and a second
 * imported hash that has not ended: every check would do the work of both.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int ctl_credential_add(const struct ctl_credential *new, struct client *cl,
                       struct errtext *why);

/*
 * Make it the only one of the record.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int ctl_credential_replace(const struct ctl_credential *new,
                           struct client *cl, struct errtext *why);

/* Take the secret at that place out of the record. */
void ctl_credential_remove(struct client *cl, size_t at);

/*
 * Say that checks of the slow kind are now wanted of every worker.  Comes
 * before the record is written, and once more after it, lest costs_recount()
 * came between.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int ctl_credential_announce(struct ctl *ctl, const struct ctl_credential *new,
                            struct errtext *why);

/*
 * Print id and secret, which nobody will see again.  changed: also say so of
 * the client, in JSON.
 */
void ctl_credential_print(const struct ctl *ctl,
                          const struct ctl_credential *new, const char *id,
                          bool changed);

void ctl_credential_wipe(struct ctl_credential *new);

#endif /* CTL_CREDENTIAL_H */
