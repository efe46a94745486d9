/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Scopes (RFC 6749, 3.3) as sets over the policy's sorted list of names.
 */

#ifndef CORE_SCOPE_H
#define CORE_SCOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SCOPE_MAX = 4096,     /* scopes a policy may define: 512 bytes a set */
    SCOPE_NAME_MAX = 255, /* bytes of one name */
};

struct scope_set {
    uint64_t word[SCOPE_MAX / 64];
};

void scope_set_add(struct scope_set *set, size_t i);
bool scope_set_has(const struct scope_set *set, size_t i);

/*
 * Whether name is 1 to SCOPE_NAME_MAX of %x21 / %x23-5B / %x5D-7E.
 * (RFC 6749, 3.3, scope-token.)
 */
bool scope_is_token(const char *name, size_t len);

/*
 * Take the next token of a scope parameter, *rest pointing behind it
 * afterwards.  Tokens are parted by exactly one space.
 *
 * Returns 1 with *name and *len, borrowed from the text, 0 at the end, -1 when
 * the text is not a scope (RFC 6749, 3.3).
 */
int scope_next(const char **rest, const char **name, size_t *len);

#endif /* CORE_SCOPE_H */
