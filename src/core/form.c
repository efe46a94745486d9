/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * application/x-www-form-urlencoded bodies, decoded in place.
 */

#include <string.h>
#include <strings.h>

#include "core/form.h"
#include "core/hex.h"
#include "core/utf8.h"

static int take_pair(struct form *form, char *pair, size_t len,
                     struct errtext *why);
static int keep(struct form *form, enum form_name name, const char *text,
                size_t len, struct errtext *why);

static const char *const names[FORM__MAX] = {
    [FORM_GRANT_TYPE] = "grant_type",
    [FORM_SCOPE] = "scope",
    [FORM_RESOURCE] = "resource",
    [FORM_CLIENT_ID] = "client_id",
    [FORM_CLIENT_SECRET] = "client_secret",
    [FORM_CLIENT_ASSERTION] = "client_assertion",
    [FORM_CLIENT_ASSERTION_TYPE] = "client_assertion_type",
    [FORM_AUTHORIZATION_DETAILS] = "authorization_details",
    [FORM_TOKEN] = "token",
    [FORM_TOKEN_TYPE_HINT] = "token_type_hint",
};

/* Skip optional white space (RFC 9110, 5.6.3). */
static const char *
skip_ows(const char *p)
{
    while (*p == ' ' || *p == '\t')
        p++;
    return p;
}

static bool
is_utf8_name(const char *p, size_t len)
{
    if (len >= 2 && p[0] == '"' && p[len - 1] == '"') {
        p++;
        len -= 2;
    }
    return len == 5 && strncasecmp(p, "utf-8", 5) == 0;
}

/* Whether no parameter behind the media type names another charset. */
static bool
charset_is_utf8(const char *p)
{
    while (*p == ';') {
        size_t len;

        p = skip_ows(p + 1);
        len = strcspn(p, ";");
        while (len > 0 && (p[len - 1] == ' ' || p[len - 1] == '\t'))
            len--;
        if (strncasecmp(p, "charset=", 8) == 0
            && !is_utf8_name(p + 8, len - 8))
            return false;
        p = skip_ows(p + len);
    }
    return *p == '\0';
}

bool
form_is_type(const char *content_type)
{
    static const char type[] = "application/x-www-form-urlencoded";
    size_t len = sizeof(type) - 1;

    if (strncasecmp(content_type, type, len) != 0)
        return false;
    return charset_is_utf8(skip_ows(content_type + len));
}

long
form_decode(char *text, size_t len)
{
    size_t in, out = 0;

    for (in = 0; in < len; in++) {
        char c = text[in];

        if (c == '+') {
            c = ' ';
        } else if (c == '%') {
            int pair = in + 2 < len ? hex_pair(text + in + 1) : -1;

            if (pair < 0)
                return -1;
            c = (char) pair;
            in += 2;
        }
        if (c == '\0')
            return -1;
        text[out++] = c;
    }
    return utf8_is_valid(text, out) ? (long) out : -1;
}

int
form_parse(struct form *form, char *buf, size_t len, struct errtext *why)
{
    char *pair = buf, *end = buf + len;
    size_t i, n = 0;

    memset(form, 0, sizeof(*form));
    for (i = 0; i < FORM__MAX; i++)
        form->value[i].text = "";
    while (pair < end) {
        char *next = memchr(pair, '&', (size_t) (end - pair));
        size_t pair_len;

        if (next == NULL)
            next = end;
        pair_len = (size_t) (next - pair);
        if (pair_len > 0) {
            if (++n > FORM_PAIRS_MAX)
                return errtext_set(why, "more than %d parameters",
                                   FORM_PAIRS_MAX);
            if (take_pair(form, pair, pair_len, why) != 0)
                return -1;
        }
        pair = next + 1;
    }
    return 0;
}

static enum form_name
find_name(const char *name)
{
    size_t i;

    for (i = 0; i < FORM__MAX; i++) {
        if (strcmp(name, names[i]) == 0)
            break;
    }
    return (enum form_name) i;
}

/* Decode "name=value"; the byte behind it is the "&" or the terminator. */
static int
take_pair(struct form *form, char *pair, size_t len, struct errtext *why)
{
    char *equals = memchr(pair, '=', len);
    size_t name_len = equals != NULL ? (size_t) (equals - pair) : len;
    char *value = pair + name_len + (equals != NULL);
    long n, m;

    n = form_decode(pair, name_len);
    m = form_decode(value, len - (size_t) (value - pair));
    if (n < 0 || m < 0)
        return errtext_set(why, "a parameter has a malformed escape, a NUL, "
                                "or text that is not UTF-8");
    value[m] = '\0';
    pair[n] = '\0';
    return keep(form, find_name(pair), value, (size_t) m, why);
}

static int
keep(struct form *form, enum form_name name, const char *text, size_t len,
     struct errtext *why)
{
    struct form_value *value;

    if (name == FORM__MAX || len == 0)
        return 0;
    if (name == FORM_RESOURCE) {
        if (form->n_resources == FORM_RESOURCES_MAX)
            return errtext_set(why, "more than %d resource parameters",
                               FORM_RESOURCES_MAX);
        value = &form->resource[form->n_resources++];
    } else {
        value = &form->value[name];
        if (value->len > 0)
            return errtext_rule(why, RULE_REQUEST_PARAMETER,
                                "the parameter %s is given twice (RFC 6749, "
                                "3.2)",
                                names[name]);
    }
    value->text = text;
    value->len = len;
    return 0;
}
