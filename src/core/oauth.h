/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The errors of the protocol, and the one table of what the client is told.
 */

#ifndef CORE_OAUTH_H
#define CORE_OAUTH_H

enum oauth_error {
    OAUTH_OK = 0,
    OAUTH_INVALID_REQUEST,        /* RFC 6749, 5.2 */
    OAUTH_INVALID_CLIENT,         /* RFC 6749, 5.2 */
    OAUTH_UNAUTHORIZED_CLIENT,    /* RFC 6749, 5.2 */
    OAUTH_UNSUPPORTED_GRANT_TYPE, /* RFC 6749, 5.2 */
    OAUTH_UNSUPPORTED_TOKEN_TYPE, /* RFC 7009, 2.2.1 */
    OAUTH_INVALID_SCOPE,          /* RFC 6749, 5.2 */
    OAUTH_INVALID_TARGET,         /* RFC 8707, 2 */
    OAUTH_INVALID_DETAILS,        /* RFC 9396, 5 */
    OAUTH_INVALID_DPOP_PROOF,     /* RFC 9449, 5 */
    OAUTH_USE_DPOP_NONCE,         /* RFC 9449, 8 */
    OAUTH_METHOD_NOT_ALLOWED,     /* RFC 9110, 15.5.6 */
    OAUTH_NOT_FOUND,              /* RFC 9110, 15.5.5 */
    OAUTH_TIMEOUT,                /* RFC 9110, 15.5.9 */
    OAUTH_TOO_LARGE,              /* RFC 9110, 15.5.14 */
    OAUTH_TOO_MANY,               /* RFC 6585, 4 */
    OAUTH_UNAVAILABLE,            /* RFC 6749, 4.1.2.1 and RFC 9110, 15.6.4 */
    OAUTH__MAX
};

/* The code for the "error" member.  Static text. */
const char *oauth_name(enum oauth_error error);

/* The HTTP status. */
int oauth_status(enum oauth_error error);

/*
 * The "error_description": constant text of %x20-21 / %x23-5B / %x5D-7E
 * (RFC 6749, 5.2) that never echoes input.
 */
const char *oauth_description(enum oauth_error error);

#endif /* CORE_OAUTH_H */
