/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * base64 and base64url (RFC 4648, 4 and 5), strict.
 */

#ifndef CORE_B64_H
#define CORE_B64_H

#include <stddef.h>

/* Characters that len bytes become, without a terminator. */
#define B64_LEN(len) (((len) + 2) / 3 * 4)
#define B64URL_LEN(len) (((len) * 4 + 2) / 3)

/*
 * Decode base64 with its padding.  Refuses every other byte, a wrong length or
 * padding, and non-zero bits in the tail (RFC 4648, 3.2, 3.3, 3.5).  out may
 * be in.
 *
 * Returns the number of bytes, or -1.
 */
long b64_decode(const char *in, size_t len, unsigned char *out, size_t cap);

/*
 * Encode as base64url without padding (RFC 7515, 2), terminated; out takes
 * B64URL_LEN(len) + 1.
 *
 * Returns the number of characters.
 */
size_t b64url_encode(const void *in, size_t len, char *out);

/* The reverse, as strict as b64_decode(); padding is refused. */
long b64url_decode(const char *in, size_t len, unsigned char *out, size_t cap);

#endif /* CORE_B64_H */
