/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * UTF-8 (RFC 3629).
 */

#ifndef CORE_UTF8_H
#define CORE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Whether the bytes are well-formed: no overlong form, no surrogate, nothing
 * over U+10FFFF (RFC 3629, 4).
 */
bool utf8_is_valid(const char *text, size_t len);

#endif /* CORE_UTF8_H */
