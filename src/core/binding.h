/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What a token is bound to (RFC 8705, 3; RFC 9449, 6).
 */

#ifndef CORE_BINDING_H
#define CORE_BINDING_H

enum { BINDING_TEXT_MAX = 44 }; /* SHA-256 in base64url, terminated */

struct binding {
    char x5t[BINDING_TEXT_MAX]; /* of the client's certificate, or "" */
    char jkt[BINDING_TEXT_MAX]; /* RFC 7638 thumbprint of a proof's key,
                                   or "" */
};

#endif /* CORE_BINDING_H */
