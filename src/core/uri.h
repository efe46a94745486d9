/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Comparing URLs as RFC 9449, 4.3 wants it.
 */

#ifndef CORE_URI_H
#define CORE_URI_H

#include <stdbool.h>

/*
 * Whether two http or https URLs are the same after the normalisation of
 * RFC 3986, 6.2.2 and 6.2.3: scheme and host in any case, the default port
 * written or not, escapes of unreserved characters and the case of the others,
 * dot segments, no path and "/".  Query and fragment of either are left out.
 * What is no such URL, has user information or a malformed escape is the same
 * as none, itself included.
 */
bool uri_is_same(const char *a, const char *b);

#endif /* CORE_URI_H */
