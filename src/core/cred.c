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
#include "core/utf8.h"

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
fail(enum oauth_error error, struct errtext *why, enum rule rule,
     const char *text)
{
    errtext_rule(why, rule, "%s", text);
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
    cred->is_raw = false;
    cred->other_id = NULL;
    if (header + post + assertion > 1)
        return fail(OAUTH_INVALID_REQUEST, why, RULE_AUTH_SEVERAL,
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

/* Both halves as they are: UTF-8 without NUL, and neither empty. */
static bool
has_raw(const struct cred *cred, size_t len, size_t id_len)
{
    return id_len > 0 && id_len + 1 < len
           && memchr(cred->raw, '\0', len) == NULL
           && utf8_is_valid(cred->raw, id_len)
           && utf8_is_valid(cred->raw + id_len + 1, len - id_len - 1);
}

/* Read both halves in both ways; whether one of them can be read. */
static bool
read_halves(struct cred *cred, size_t len, size_t id_len)
{
    char *secret = cred->buf + id_len + 1;
    long n, m;

    memcpy(cred->raw, cred->buf, len + 1);
    if (has_raw(cred, len, id_len))
        cred->other_id = cred->raw;
    cred->raw[id_len] = '\0';
    cred->other_secret = cred->raw + id_len + 1;
    n = form_decode(cred->buf, id_len);
    m = form_decode(secret, len - id_len - 1);
    if (n <= 0 || m <= 0) {
        cred->client_id = cred->other_id;
        cred->secret = cred->other_secret;
        cred->is_raw = true;
        cred->other_id = NULL;
        return cred->client_id != NULL;
    }
    cred->buf[n] = '\0';
    secret[m] = '\0';
    cred->client_id = cred->buf;
    cred->secret = secret;
    if (cred->other_id != NULL && strcmp(cred->buf, cred->raw) == 0
        && strcmp(secret, cred->other_secret) == 0)
        cred->other_id = NULL;
    return true;
}

/* Leave what client_id, when it came too, does not contradict. */
static bool
agree(struct cred *cred, const struct form *form)
{
    if (!has(form, FORM_CLIENT_ID))
        return true;
    if (cred->other_id != NULL
        && strcmp(form->value[FORM_CLIENT_ID].text, cred->client_id) != 0)
        cred_swap(cred);
    if (strcmp(form->value[FORM_CLIENT_ID].text, cred->client_id) != 0)
        return false;
    if (cred->other_id != NULL
        && strcmp(cred->other_id, cred->client_id) != 0)
        cred->other_id = NULL;
    return true;
}

static enum oauth_error
take_basic(struct cred *cred, const char *value, const struct form *form,
           struct errtext *why)
{
    long len = decode_basic(cred->buf, value);
    const char *colon;
    bool good;

    if (len < 0)
        return fail(OAUTH_INVALID_CLIENT, why, RULE_AUTH_BASIC,
                    "the Authorization header is not Basic with base64");
    colon = memchr(cred->buf, ':', (size_t) len);
    if (colon == NULL)
        return fail(OAUTH_INVALID_CLIENT, why, RULE_AUTH_BASIC,
                    "the Basic credentials have no colon (RFC 7617, 2)");
    good = read_halves(cred, (size_t) len, (size_t) (colon - cred->buf));
    if (good && agree(cred, form)) {
        cred->method = CRED_BASIC;
        cred->secret_len = strlen(cred->secret);
        return OAUTH_OK;
    }
    cred->client_id = form->value[FORM_CLIENT_ID].text;
    cred->secret = "";
    cred->secret_len = 0;
    if (good)
        return fail(OAUTH_INVALID_REQUEST, why, RULE_AUTH_CLIENT_ID,
                    "client_id is another than in the Authorization header");
    return fail(OAUTH_INVALID_CLIENT, why, RULE_AUTH_BASIC,
                "the Basic credentials have an empty half or one that is not "
                "form-encoded (RFC 6749, 2.3.1)");
}

void
cred_swap(struct cred *cred)
{
    const char *id = cred->client_id, *secret = cred->secret;

    cred->client_id = cred->other_id;
    cred->secret = cred->other_secret;
    cred->secret_len = strlen(cred->secret);
    cred->other_id = id;
    cred->other_secret = secret;
    cred->is_raw = !cred->is_raw;
}

static enum oauth_error
take_post(struct cred *cred, const struct form *form, struct errtext *why)
{
    if (!has(form, FORM_CLIENT_ID))
        return fail(OAUTH_INVALID_REQUEST, why, RULE_AUTH_BODY,
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
        return fail(OAUTH_INVALID_REQUEST, why, RULE_AUTH_BODY,
                    "client_assertion and client_assertion_type go together "
                    "(RFC 7521, 4.2)");
    if (strcmp(form->value[FORM_CLIENT_ASSERTION_TYPE].text, ASSERTION_TYPE)
        != 0)
        return fail(OAUTH_INVALID_REQUEST, why, RULE_ASSERTION_TYPE,
                    "client_assertion_type is not " ASSERTION_TYPE);
    cred->method = CRED_ASSERTION;
    cred->assertion = assertion->text;
    cred->assertion_len = assertion->len;
    return OAUTH_OK;
}
