/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Whether stored records are sound, in the databases or in a backup.
 */

#ifndef CTL_SOUND_H
#define CTL_SOUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/errtext.h"
#include "core/policy.h"
#include "io/store.h"
#include "io/vault.h"

/* A record as the files of a backup have it, which is as it is stored. */
struct ctl_sound {
    enum store_db db;
    const char *key; /* this and value are terminated */
    size_t key_len;
    const char *value;
    size_t len;
};

/* The name of a database, for people and files: "clients". */
const char *ctl_sound_name(enum store_db db);

/* The database of that name, or -1. */
int ctl_sound_find(const char *name);

/*
 * Whether the record decodes and is under its own key, and what is sealed in
 * it can be unsealed by the vault, unless that is NULL.
 *
 * Returns 0, or -1 with what is wrong and the cure in *why, which may be NULL.
 */
int ctl_sound_check(const struct ctl_sound *record,
                    const struct policy *policy, struct vault *vault,
                    struct errtext *why);

/*
 * Whether the record is of a client that fits the policy; all else does.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int ctl_sound_fits(const struct ctl_sound *record,
                   const struct policy *policy, struct errtext *why);

/*
 * Whether nothing that was promised is lost with the record, which is not
 * sound: a key set that is fetched again; a counter, but for those that are
 * revocations; a token of another issuer, which is none of this server any
 * more.
 */
bool ctl_sound_is_losable(const struct ctl_sound *record,
                          const struct policy *policy);

/*
 * When the one-time value, token or counter expires, whether or not it is
 * sound beyond that.
 *
 * Returns whether that can be told.
 */
bool ctl_sound_time(const struct ctl_sound *record, int64_t *expires);

/* When the record expires, or 0: never.  The record is a sound one. */
int64_t ctl_sound_expires(const struct ctl_sound *record);

/* The text behind the time of a sound record of tokens or counters. */
const char *ctl_sound_text(const struct ctl_sound *record);

/*
 * Write the key for people: what is not printable ASCII, and a reverse
 * solidus, as \xHH.  The caller frees; never NULL.
 */
char *ctl_sound_key(const struct ctl_sound *record);

#endif /* CTL_SOUND_H */
