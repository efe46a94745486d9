/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Which endpoint a request means.
 */

#include <stdio.h>
#include <string.h>

#include "core/route.h"

enum { ROUTE_MAX = 2048 }; /* bytes of a path that can be an endpoint's */

static const char *const names[ENDPOINT__MAX] = {
    [ENDPOINT_NONE] = "none",     [ENDPOINT_TOKEN] = "token",
    [ENDPOINT_INTROSPECT] = "introspect", [ENDPOINT_REVOKE] = "revoke",
    [ENDPOINT_KEYS] = "keys",     [ENDPOINT_HEALTH] = "health",
    [ENDPOINT_METADATA] = "metadata",
};

static const char *const well_known[] = {
    "/.well-known/oauth-authorization-server",
    "/.well-known/openid-configuration",
};

const char *
route_name(enum endpoint endpoint)
{
    return names[endpoint];
}

/* Behind the mount point: "/token" and its like. */
static enum endpoint
find_below(const char *path)
{
    int e;

    for (e = ENDPOINT_TOKEN; e <= ENDPOINT_HEALTH; e++) {
        if (path[0] == '/' && strcmp(path + 1, names[e]) == 0)
            return (enum endpoint) e;
    }
    return ENDPOINT_NONE;
}

/* Whether path is head and then tail. */
static bool
is_joined(const char *path, const char *head, size_t head_len,
          const char *tail, size_t tail_len)
{
    return strlen(path) == head_len + tail_len
           && memcmp(path, head, head_len) == 0
           && memcmp(path + head_len, tail, tail_len) == 0;
}

static bool
is_metadata(const struct policy *policy, const char *path)
{
    const char *issuer_path = policy->issuer + policy_origin_len(policy);
    size_t i, len = strlen(issuer_path);

    if (len > 0 && issuer_path[len - 1] == '/')
        len--; /* RFC 8414, 3.1 */
    for (i = 0; i < sizeof(well_known) / sizeof(well_known[0]); i++) {
        size_t n = strlen(well_known[i]);

        if (is_joined(path, well_known[i], n, issuer_path, len)
            || is_joined(path, issuer_path, len, well_known[i], n))
            return true;
    }
    return false;
}

/* What follows the policy's path, or NULL when it is not below it. */
static const char *
below(const struct policy *policy, const char *path)
{
    size_t len = strlen(policy->path);

    if (strncmp(path, policy->path, len) != 0 || path[len] != '/')
        return NULL;
    return path + len;
}

enum endpoint
route(const struct policy *policy, const char *script_name,
      const char *path_info)
{
    enum endpoint found = ENDPOINT_NONE;
    char path[ROUTE_MAX];
    const char *rest;
    int len;

    len = snprintf(path, sizeof(path), "%s%s", script_name, path_info);
    if (len < 0 || (size_t) len >= sizeof(path))
        return ENDPOINT_NONE;
    if (is_metadata(policy, path) || is_metadata(policy, path_info))
        return ENDPOINT_METADATA;
    rest = below(policy, path);
    if (rest != NULL)
        found = find_below(rest);
    rest = below(policy, path_info);
    if (found == ENDPOINT_NONE)
        found = find_below(rest != NULL ? rest : path_info);
    return found;
}
