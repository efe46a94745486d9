/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Routes: how each web server parts the path, and what is no endpoint.
 */

#include <stdlib.h>
#include <string.h>

#include "core/route.h"
#include "sample.h"
#include "tap.h"

#define OAUTH "/.well-known/oauth-authorization-server"
#define OPENID "/.well-known/openid-configuration"
#define TENANT "https://as.example.org/tenant"

static const struct {
    const char *sentence;
    const char *issuer; /* NULL: https://as.example.org */
    const char *script_name, *path_info;
    enum endpoint endpoint;
} rows[] = {
    {"nginx: all of it in SCRIPT_NAME", NULL, "/oauth2/v1/token", "",
     ENDPOINT_TOKEN},
    {"lighttpd: the path in SCRIPT_NAME, the rest in PATH_INFO", NULL,
     "/oauth2/v1", "/token", ENDPOINT_TOKEN},
    {"all of it in PATH_INFO", NULL, "", "/oauth2/v1/token",
     ENDPOINT_TOKEN},
    {"CGI: a program and the endpoint", NULL, "/cgi-bin/ccgrant.fcgi",
     "/token", ENDPOINT_TOKEN},
    {"CGI: a program and the whole path", NULL, "/cgi-bin/ccgrant.fcgi",
     "/oauth2/v1/token", ENDPOINT_TOKEN},
    {"shared hosting: a program below the path", NULL,
     "/oauth2/v1/ccgrant.fcgi", "/token", ENDPOINT_TOKEN},
    {"shared hosting: a program below the path, and the whole path", NULL,
     "/oauth2/v1/ccgrant.fcgi", "/oauth2/v1/token", ENDPOINT_TOKEN},
    {"the part between may be in either", NULL, "/oauth2", "/v1/token",
     ENDPOINT_TOKEN},
    {"the keys", NULL, "/oauth2/v1", "/keys", ENDPOINT_KEYS},
    {"the health", NULL, "/oauth2/v1", "/health", ENDPOINT_HEALTH},
    {"nothing is no endpoint", NULL, "", "", ENDPOINT_NONE},
    {"the path alone is no endpoint", NULL, "/oauth2/v1", "",
     ENDPOINT_NONE},
    {"the path with a slash is no endpoint", NULL, "/oauth2/v1", "/",
     ENDPOINT_NONE},
    {"an unknown name is no endpoint", NULL, "/oauth2/v1", "/authorize",
     ENDPOINT_NONE},
    {"the name of no endpoint is no endpoint", NULL, "/oauth2/v1", "/none",
     ENDPOINT_NONE},
    {"metadata has no name below the path", NULL, "/oauth2/v1", "/metadata",
     ENDPOINT_NONE},
    {"a slash behind the name is another path", NULL, "/oauth2/v1",
     "/token/", ENDPOINT_NONE},
    {"more behind the name is another path", NULL, "/oauth2/v1",
     "/token/extra", ENDPOINT_NONE},
    {"a parameter of the path is another path", NULL, "/oauth2/v1",
     "/token;x", ENDPOINT_NONE},
    {"a longer name is another path", NULL, "/oauth2/v1", "/tokens",
     ENDPOINT_NONE},
    {"a shorter name is another path", NULL, "/oauth2/v1", "/toke",
     ENDPOINT_NONE},
    {"capitals are another path", NULL, "/oauth2/v1", "/TOKEN",
     ENDPOINT_NONE},
    {"two slashes are another path", NULL, "/oauth2/v1", "//token",
     ENDPOINT_NONE},
    {"a name without its slash is another path", NULL, "/oauth2/v1",
     "token", ENDPOINT_NONE},
    {"dots are not resolved", NULL, "/oauth2/v1", "/x/../token",
     ENDPOINT_NONE},
    {"a longer path is another path", NULL, "/oauth2/v12/token", "",
     ENDPOINT_NONE},
    {"the name elsewhere in SCRIPT_NAME is another path", NULL,
     "/other/token", "", ENDPOINT_NONE},

    {"metadata (RFC 8414, 3)", NULL, "", OAUTH, ENDPOINT_METADATA},
    {"metadata in SCRIPT_NAME", NULL, OAUTH, "", ENDPOINT_METADATA},
    {"metadata in both", NULL, "/.well-known", "/oauth-authorization-server",
     ENDPOINT_METADATA},
    {"metadata by the other name", NULL, OPENID, "", ENDPOINT_METADATA},
    {"metadata behind a program", NULL, "/cgi-bin/ccgrant.fcgi", OAUTH,
     ENDPOINT_METADATA},
    {"an issuer with a slash has the same place (RFC 8414, 3.1)",
     "https://as.example.org/", OAUTH, "", ENDPOINT_METADATA},
    {"a slash behind is another path", NULL, OAUTH "/", "", ENDPOINT_NONE},
    {"a path behind is another issuer's", NULL, OAUTH, "/tenant",
     ENDPOINT_NONE},
    {"an unknown well-known name", NULL, "/.well-known/security.txt", "",
     ENDPOINT_NONE},
    {"the issuer's path comes behind (RFC 8414, 3.1)", TENANT, OAUTH,
     "/tenant", ENDPOINT_METADATA},
    {"for the other name, too", TENANT, OPENID "/tenant", "",
     ENDPOINT_METADATA},
    {"or before, as OpenID Connect has it (RFC 8414, 5)", TENANT, "/tenant",
     OPENID, ENDPOINT_METADATA},
    {"an issuer's path with a slash", TENANT "/", OAUTH "/tenant", "",
     ENDPOINT_METADATA},
    {"an issuer's path of two parts", TENANT "/a", OAUTH "/tenant/a", "",
     ENDPOINT_METADATA},
    {"without the issuer's path it is another's", TENANT, OAUTH, "",
     ENDPOINT_NONE},
    {"another issuer's path is another's", TENANT, OAUTH "/other", "",
     ENDPOINT_NONE},
    {"a longer issuer's path is another's", TENANT, OAUTH "/tenants", "",
     ENDPOINT_NONE},
    {"a part of the issuer's path is another's", TENANT "/a",
     OAUTH "/tenant", "", ENDPOINT_NONE},
    {"the issuer's path does not move the endpoints", TENANT,
     "/tenant/oauth2/v1", "/tokens", ENDPOINT_NONE},
};

static void
test_row(size_t row, struct policy *policy)
{
    const char *issuer = rows[row].issuer != NULL ? rows[row].issuer
                                                  : "https://as.example.org";

    free(policy->issuer);
    policy->issuer = strdup(issuer);
    tap_is_str(route_name(rows[row].endpoint),
               route_name(route(policy, rows[row].script_name,
                                rows[row].path_info)),
               "%s", rows[row].sentence);
}

static void
test_long(const struct policy *policy)
{
    static char path[70000];

    memset(path, '/', sizeof(path) - 1);
    tap_is_int(ENDPOINT_NONE, route(policy, "/oauth2/v1", path),
               "a path of 70 kB is no endpoint");
    tap_is_int(ENDPOINT_NONE, route(policy, path, "/token"),
               "nor is one in SCRIPT_NAME");
}

int
main(void)
{
    struct policy policy;
    size_t i;

    sample_policy(&policy);
    for (i = 0; i < LEN(rows); i++)
        test_row(i, &policy);
    test_long(&policy);
    for (i = 0; i < ENDPOINT__MAX; i++)
        tap_ok(route_name((enum endpoint) i)[0] != '\0',
               "endpoint %zu has a name", i);
    policy_free(&policy);
    return tap_done();
}
