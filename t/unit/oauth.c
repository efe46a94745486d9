/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The table of errors: names, statuses, and the characters of descriptions.
 */

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "core/oauth.h"
#include "tap.h"

static const struct {
    const char *sentence;
    enum oauth_error error;
    const char *name;
    int status;
} rows[] = {
    {"success is 200", OAUTH_OK, "", 200},
    {"a malformed request is 400", OAUTH_INVALID_REQUEST, "invalid_request",
     400},
    {"failed authentication is 401 (RFC 6749, 5.2)", OAUTH_INVALID_CLIENT,
     "invalid_client", 401},
    {"a grant that the client may not use is 400", OAUTH_UNAUTHORIZED_CLIENT,
     "unauthorized_client", 400},
    {"an unknown grant type is 400", OAUTH_UNSUPPORTED_GRANT_TYPE,
     "unsupported_grant_type", 400},
    {"a token that cannot be revoked is 400 (RFC 7009, 2.2.1)",
     OAUTH_UNSUPPORTED_TOKEN_TYPE, "unsupported_token_type", 400},
    {"a wrong scope is 400, not 403", OAUTH_INVALID_SCOPE, "invalid_scope",
     400},
    {"a wrong resource is 400 (RFC 8707, 2)", OAUTH_INVALID_TARGET,
     "invalid_target", 400},
    {"authorization details are 400 (RFC 9396, 5)", OAUTH_INVALID_DETAILS,
     "invalid_authorization_details", 400},
    {"a wrong proof is 400 (RFC 9449, 5)", OAUTH_INVALID_DPOP_PROOF,
     "invalid_dpop_proof", 400},
    {"a proof that lacks the nonce is 400 (RFC 9449, 8)",
     OAUTH_USE_DPOP_NONCE, "use_dpop_nonce", 400},
    {"another method is 405", OAUTH_METHOD_NOT_ALLOWED, "invalid_request",
     405},
    {"another path is 404", OAUTH_NOT_FOUND, "invalid_request", 404},
    {"a slow request is 408", OAUTH_TIMEOUT, "invalid_request", 408},
    {"a large request is 413", OAUTH_TOO_LARGE, "invalid_request", 413},
    {"who has to wait is 429 (RFC 6585, 4)", OAUTH_TOO_MANY,
     "temporarily_unavailable", 429},
    {"what cannot be answered now is 503", OAUTH_UNAVAILABLE,
     "temporarily_unavailable", 503},
};

/* RFC 6749, 5.2: %x20-21 / %x23-5B / %x5D-7E. */
static bool
is_described(const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text < 0x20 || *text > 0x7e || *text == '"' || *text == '\\')
            return false;
    }
    return true;
}

int
main(void)
{
    size_t i;

    tap_is_int(OAUTH__MAX, (long long) LEN(rows), "every error has a row");
    for (i = 0; i < LEN(rows); i++) {
        enum oauth_error error = rows[i].error;

        tap_is_int(rows[i].status, oauth_status(error), "%s",
                   rows[i].sentence);
        tap_is_str(rows[i].name, oauth_name(error), "%s, its name",
                   rows[i].sentence);
        tap_ok(is_described(oauth_description(error)),
               "%s, its description has no other characters than RFC 6749 "
               "allows", rows[i].sentence);
        tap_ok(error == OAUTH_OK || strlen(oauth_description(error)) > 10,
               "%s, it is described", rows[i].sentence);
    }
    return tap_done();
}
