/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The resources that tokens are encrypted to: their keys, read once and again
 * when their files change.
 */

#ifndef RECIPIENT_H
#define RECIPIENT_H

#include <stdint.h>

#include "core/errtext.h"
#include "core/policy.h"
#include "io/encrypter.h"
#include "service.h"

/*
 * The encrypter for a resource of the policy with an encryption_key.  A file
 * that changed is read again, within a second; what it held before serves on
 * when it cannot be.
 *
 * Returns it, borrowed until the next call, or NULL with the reason in *why:
 * then there is no token, for one that is not encrypted is none.
 */
struct encrypter *recipient_find(struct service *service,
                                 const struct policy_resource *resource,
                                 int64_t now, struct errtext *why);

/*
 * Which key of that resource tokens are encrypted to now: a number that is
 * another when another one is in force, and when the file was read again.
 *
 * Returns the number, or 0 when there is no key.
 */
int64_t recipient_mark(struct service *service,
                       const struct policy_resource *resource, int64_t now);

/* Frees service->recipients.  NULL is allowed. */
void recipient_close(struct recipients *recipients);

#endif /* RECIPIENT_H */
