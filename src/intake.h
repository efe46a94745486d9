/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What the endpoints that take a form begin and end with alike.
 */

#ifndef INTAKE_H
#define INTAKE_H

#include <stdint.h>

#include "auth.h"
#include "core/audit.h"
#include "core/form.h"
#include "core/oauth.h"
#include "core/reply.h"
#include "core/request.h"
#include "service.h"

/*
 * Read the form of a request: method, length, media type, then the body,
 * decoded in place (RFC 6749, 3.2; RFC 7662, 2.1; RFC 7009, 2.1).
 *
 * Returns OAUTH_OK, or the error with the reason in *why.
 */
enum oauth_error intake_form(struct form *form, struct request *rq,
                             struct errtext *why);

/* Who asks about which token. */
struct intake {
    struct form form;
    struct peer peer;
    struct auth auth;
    char caller[CLIENT_ID_MAX + 1];
    unsigned permissions; /* of the caller */
    const struct form_value *token;
};

/*
 * Read a request about a token, which is the same at introspection and at
 * revocation: its form, the certificate of its connection, the client that
 * authenticates, and the parameter token, which must be there (RFC 7662, 2.1;
 * RFC 7009, 2.1).  token_type_hint changes nothing.  At last the assertion is
 * used up, if it was by one: before anything is told or done.
 *
 * Returns OAUTH_OK, or the error with the reason in audit->why.
 */
enum oauth_error intake_token(struct intake *in, struct service *service,
                              struct request *rq, int64_t now,
                              struct audit *audit);

/*
 * Write the answer to an error, with the challenge of a 401 (RFC 6749, 5.2;
 * RFC 9110, 15.5.2), the method of a 405, or the time of a 429.
 */
void intake_refuse(const struct service *service, enum oauth_error error,
                   const struct audit *audit, struct reply *rp);

#endif /* INTAKE_H */
