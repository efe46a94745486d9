/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The errors of the protocol: one table.
 */

#include <assert.h>
#include <stddef.h>

#include "core/oauth.h"

struct row {
    const char *name;
    int status;
    const char *description;
};

/*
 * invalid_client is 401 for every way to fail, with a challenge, so that the
 * answer does not say which way it was (RFC 6749, 5.2; RFC 9110, 15.5.2).
 */
static const struct row rows[OAUTH__MAX] = {
    [OAUTH_OK] = {"", 200, ""},
    [OAUTH_INVALID_REQUEST] =
        {"invalid_request", 400,
         "The request lacks a parameter, repeats one, or is malformed."},
    [OAUTH_INVALID_CLIENT] = {"invalid_client", 401,
                              "Client authentication failed."},
    [OAUTH_UNAUTHORIZED_CLIENT] =
        {"unauthorized_client", 400,
         "The client may not use this grant type."},
    [OAUTH_UNSUPPORTED_GRANT_TYPE] =
        {"unsupported_grant_type", 400,
         "The only grant type here is client_credentials."},
    [OAUTH_UNSUPPORTED_TOKEN_TYPE] =
        {"unsupported_token_type", 400,
         "The token is encrypted, and cannot be revoked here."},
    [OAUTH_INVALID_SCOPE] =
        {"invalid_scope", 400,
         "The requested scope is malformed, unknown, or more than the client "
         "may have, or it spans several resources: then name one with the "
         "resource parameter."},
    [OAUTH_INVALID_TARGET] =
        {"invalid_target", 400,
         "The requested resource is malformed, unknown, or not for this "
         "client, or one has to be named."},
    [OAUTH_INVALID_DETAILS] =
        {"invalid_authorization_details", 400,
         "The authorization details are malformed, of an unknown type, or not "
         "for this client and resource."},
    [OAUTH_INVALID_DPOP_PROOF] =
        {"invalid_dpop_proof", 400,
         "The DPoP proof is missing, malformed, not for this request, or was "
         "used before."},
    [OAUTH_USE_DPOP_NONCE] = {"use_dpop_nonce", 400,
                              "The DPoP proof must have the nonce that the "
                              "DPoP-Nonce header field gives."},
    [OAUTH_METHOD_NOT_ALLOWED] = {"invalid_request", 405,
                                  "This endpoint does not take that method."},
    [OAUTH_NOT_FOUND] = {"invalid_request", 404,
                         "There is no endpoint of that name here."},
    [OAUTH_TIMEOUT] = {"invalid_request", 408,
                       "The request did not arrive in time."},
    [OAUTH_TOO_LARGE] = {"invalid_request", 413, "The request is too large."},
    [OAUTH_TOO_MANY] = {"temporarily_unavailable", 429,
                        "Too many requests: wait as long as the Retry-After "
                        "header field says."},
    [OAUTH_UNAVAILABLE] = {"temporarily_unavailable", 503,
                           "The server cannot answer now; its log says why."},
};

static const struct row *
find(enum oauth_error error)
{
    assert((size_t) error < OAUTH__MAX);
    return &rows[error];
}

const char *
oauth_name(enum oauth_error error)
{
    return find(error)->name;
}

int
oauth_status(enum oauth_error error)
{
    return find(error)->status;
}

const char *
oauth_description(enum oauth_error error)
{
    return find(error)->description;
}
