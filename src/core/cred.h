/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The credentials that a request presents, before anybody believes them.
 */

#ifndef CORE_CRED_H
#define CORE_CRED_H

#include <stdbool.h>
#include <stddef.h>

#include "core/errtext.h"
#include "core/form.h"
#include "core/oauth.h"

enum cred_method {
    CRED_NONE = 0, /* no client authentication included */
    CRED_BASIC,
    CRED_POST,
    CRED_ASSERTION, /* RFC 7521, 4.2 */
};

enum { CRED_BUF_MAX = 8192 }; /* bytes of decoded Basic credentials */

/* Borrowed: valid as long as the form and buf are. */
struct cred {
    enum cred_method method;
    const char *client_id; /* terminated; "" with CRED_NONE; with
                              CRED_ASSERTION that of the body, if any */
    const char *secret;    /* terminated */
    size_t secret_len;
    const char *assertion; /* with CRED_ASSERTION, terminated */
    size_t assertion_len;
    bool is_raw; /* with CRED_BASIC: as it came, without form-decoding */
    const char *other_id; /* of the other reading, or NULL: there is none */
    const char *other_secret; /* terminated */
    char buf[CRED_BUF_MAX]; /* the caller wipes both */
    char raw[CRED_BUF_MAX];
};

/*
 * Take the credentials from the Authorization value (or "") and the form.
 *
 * Basic is decoded strictly: the scheme in any case, base64 with padding, the
 * first colon parts the two halves before each is form-decoded (RFC 6749,
 * 2.3.1; RFC 7617, 2).  client_id beside Basic must be the same; more than one
 * mechanism is OAUTH_INVALID_REQUEST (RFC 6749, 2.3, 5.2), and so is half of
 * one in the body, or another client_assertion_type than jwt-bearer (RFC 7523,
 * 2.2).  Another scheme or a malformed value in the header can only be a
 * failed authentication: OAUTH_INVALID_CLIENT.
 *
 * The value of Basic has another reading, for clients that do not form-encode
 * (RFC 7617, 2).  It stands aside as other_id and other_secret, unless it says
 * the same; and in place of the first, with is_raw, when that is malformed.
 *
 * Returns OAUTH_OK, CRED_NONE included, or the error with the reason in *why.
 */
enum oauth_error cred_take(struct cred *cred, const char *authorization,
                           const struct form *form, struct errtext *why);

/* Put the other reading, which must be there, in the place of this one. */
void cred_swap(struct cred *cred);

#endif /* CORE_CRED_H */
