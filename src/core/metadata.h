/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Authorization server metadata (RFC 8414).
 */

#ifndef CORE_METADATA_H
#define CORE_METADATA_H

#include "core/policy.h"

/*
 * The document: only what this configuration accepts is advertised.  The
 * endpoints are on the issuer's host, under the policy's path; the request's
 * Host header steers nothing.
 *
 * Returns JSON text, which the caller frees with free(), and never NULL.
 */
char *metadata_text(const struct policy *policy);

#endif /* CORE_METADATA_H */
