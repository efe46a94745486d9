/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Which endpoint a request means.
 */

#ifndef CORE_ROUTE_H
#define CORE_ROUTE_H

#include "core/policy.h"

enum endpoint {
    ENDPOINT_NONE = 0,
    ENDPOINT_TOKEN,
    ENDPOINT_INTROSPECT,
    ENDPOINT_REVOKE,
    ENDPOINT_KEYS,
    ENDPOINT_HEALTH,
    ENDPOINT_METADATA,
    ENDPOINT__MAX
};

/*
 * Web servers part the path in their own ways: all in SCRIPT_NAME (nginx), a
 * prefix there and the rest in PATH_INFO (lighttpd), a program's name there
 * (CGI, .htaccess).  So the two together are looked at first; when they are
 * no endpoint below the policy's path, PATH_INFO alone counts as what follows
 * the mount point, which may itself be below that path.
 *
 * Metadata is at both well-known names, between the issuer's host and path
 * (RFC 8414, 3.1), and behind the path as OpenID Connect Discovery has it
 * (RFC 8414, 5).
 */
enum endpoint route(const struct policy *policy, const char *script_name,
                    const char *path_info);

/* What an endpoint is called in the log.  Static text. */
const char *route_name(enum endpoint endpoint);

#endif /* CORE_ROUTE_H */
