/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The credentials that a request presents.
 */

#include <string.h>
#include <strings.h>

#include "core/assertion.h"
#include "core/b64.h"
#include "core/cred.h"

static enum oauth_error take_basic(struct cred *cred, const char *value,
                                   const struct form *form,
                                   struct errtext *why);
static enum oauth_error take_post(struct cred *cred, const struct form *form,
                                  struct errtext *why);
static enum oauth_error take_assertion(struct cred *cred,
                                       const struct form *form,
                                       struct errtext *why);

static bool
has(const struct form *form, enum form_name name)
{
    return form->value[name].len > 0;
}

static enum oauth_error
fail(enum oauth_error error, struct errtext *why, const char *text)
{
    errtext_set(why, "%s", text);
    return error;
}

enum oauth_error
cred_take(struct cred *cred, const char *authorization,
          const struct form *form, struct errtext *why)
{
    bool header = authorization[0] != '\0';
    bool post = has(form, FORM_CLIENT_SECRET);
    bool assertion = has(form, FORM_CLIENT_ASSERTION)
                     || has(form, FORM_CLIENT_ASSERTION_TYPE);

    cred->method = CRED_NONE;
    cred->client_id = form->value[FORM_CLIENT_ID].text;
    cred->secret = "";
    cred->secret_len = 0;
    if (header + post + assertion > 1)
        return fail(OAUTH_INVALID_REQUEST, why,
                    "more than one way to authenticate (RFC 6749, 2.3)");
    if (header)
        return take_basic(cred, authorization, form, why);
    if (post)
        return take_post(cred, form, why);
    return assertion ? take_assertion(cred, form, why) : OAUTH_OK;
}

/* Decode the base64 part of a Basic value into buf; the length, or -1. */
static long
decode_basic(char buf[CRED_BUF_MAX], const char *value)
{
    const char *p = value + 5;
    long len;

    if (strncasecmp(value, "Basic", 5) != 0 || *p != ' ')
        return -1;
    while (*p == ' ')
        p++;
    len = b64_decode(p, strlen(p), (unsigned char *) buf, CRED_BUF_MAX - 1);
    if (len > 0)
        buf[len] = '\0';
    return len > 0 ? len : -1;
}

static enum oauth_error
take_basic(struct cred *cred, const char *value, const struct form *form,
           struct errtext *why)
{
    long len = decode_basic(cred->buf, value), id_len, secret_len;
    char *colon;

    if (len < 0)
        return fail(OAUTH_INVALID_CLIENT, why,
                    "the Authorization header is not Basic with base64");
    colon = memchr(cred->buf, ':', (size_t) len);
    if (colon == NULL)
        return fail(OAUTH_INVALID_CLIENT, why,
                    "the Basic credentials have no colon (RFC 7617, 2)");
    id_len = form_decode(cred->buf, (size_t) (colon - cred->buf));
    secret_len = form_decode(colon + 1,
                             (size_t) (cred->buf + len - colon - 1));
    if (id_len <= 0 || secret_len <= 0)
        return fail(OAUTH_INVALID_CLIENT, why,
                    "the Basic credentials have an empty half or one that is "
                    "not form-encoded (RFC 6749, 2.3.1)");
    cred->buf[id_len] = '\0';
    colon[1 + secret_len] = '\0';
    if (has(form, FORM_CLIENT_ID)
        && strcmp(form->value[FORM_CLIENT_ID].text, cred->buf) != 0)
        return fail(OAUTH_INVALID_REQUEST, why,
                    "client_id is another than in the Authorization header");
    cred->method = CRED_BASIC;
    cred->client_id = cred->buf;
    cred->secret = colon + 1;
    cred->secret_len = (size_t) secret_len;
    return OAUTH_OK;
}

static enum oauth_error
take_post(struct cred *cred, const struct form *form, struct errtext *why)
{
    if (!has(form, FORM_CLIENT_ID))
        return fail(OAUTH_INVALID_REQUEST, why,
                    "client_secret without client_id");
    cred->method = CRED_POST;
    cred->secret = form->value[FORM_CLIENT_SECRET].text;
    cred->secret_len = form->value[FORM_CLIENT_SECRET].len;
    return OAUTH_OK;
}

static enum oauth_error
take_assertion(struct cred *cred, const struct form *form,
               struct errtext *why)
{
    const struct form_value *assertion = &form->value[FORM_CLIENT_ASSERTION];

    if (assertion->len == 0 || !has(form, FORM_CLIENT_ASSERTION_TYPE))
        return fail(OAUTH_INVALID_REQUEST, why,
                    "client_assertion and client_assertion_type go together "
                    "(RFC 7521, 4.2)");
    if (strcmp(form->value[FORM_CLIENT_ASSERTION_TYPE].text, ASSERTION_TYPE)
        != 0)
        return fail(OAUTH_INVALID_REQUEST, why,
                    "client_assertion_type is not " ASSERTION_TYPE);
    cred->method = CRED_ASSERTION;
    cred->assertion = assertion->text;
    cred->assertion_len = assertion->len;
    return OAUTH_OK;
}
