/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Hexadecimal digits, as escapes have them.
 */

#ifndef CORE_HEX_H
#define CORE_HEX_H

/*
 * The value of two digits, in any case.  Reads no further than to the first
 * that is none, such as a terminator.
 *
 * Returns 0 to 255, or -1.
 */
int hex_pair(const char *digits);

#endif /* CORE_HEX_H */
