/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Static claims.
 */

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/extra.h"
#include "core/jparse.h"

/* Sorted. */
static const char *const reserved[] = {
    "acr",       "act",       "active",     "amr",   "at_hash",
    "aud",       "auth_time", "authorization_details",
    "azp",       "c_hash",    "client_id",  "cnf",   "exp",
    "iat",       "iss",       "jti",        "may_act",
    "nbf",       "nonce",     "scope",      "sid",   "sub",
    "token_introspection",    "token_type", "username",
};

static int
compare_names(const void *a, const void *b)
{
    const char *const *x = a, *const *y = b;

    return strcmp(*x, *y);
}

bool
extra_is_reserved(const char *name)
{
    return bsearch(&name, reserved, sizeof(reserved) / sizeof(reserved[0]),
                   sizeof(reserved[0]), compare_names)
           != NULL;
}

static bool
is_name(const char *name, size_t len)
{
    size_t i;

    for (i = 0; i < len; i++) {
        if (name[i] <= ' ' || name[i] > '~' || name[i] == '"'
            || name[i] == '\\')
            return false;
    }
    return len > 0 && len <= EXTRA_NAME_MAX;
}

/* Take it apart; the value is a new reference. */
static const char *
split(const char *text, char name[EXTRA_NAME_MAX + 1], json_t **value)
{
    size_t len = strcspn(text, "=");

    if (text[len] == '\0')
        return "NAME=JSON, such as tier=2 or department=\"sales\"";
    if (!is_name(text, len))
        return "a name of 1 to 128 visible ASCII characters but \" and \\ "
               "before the =";
    memcpy(name, text, len);
    name[len] = '\0';
    if (extra_is_reserved(name))
        return "another claim than one of the server's own";
    *value = jparse_exact(text + len + 1, strlen(text + len + 1), NULL);
    return *value != NULL
               ? NULL
               : "JSON behind the =: true, false, null, a number of at most "
                 "15 digits, [ ... ], { ... }, or text in double quotes, "
                 "department=\"sales\"";
}

const char *
extra_fault(const char *text)
{
    char name[EXTRA_NAME_MAX + 1];
    json_t *value = NULL;
    const char *expected = split(text, name, &value);

    json_decref(value);
    return expected;
}

int
extra_parse(struct extras *extras, const char *text, struct errtext *why)
{
    char name[EXTRA_NAME_MAX + 1];
    json_t *value = NULL;
    const char *expected = split(text, name, &value);
    int rc;

    if (expected != NULL)
        return errtext_set(why, "expected %s", expected);
    rc = extra_add(extras, name, value, why);
    json_decref(value);
    return rc;
}

int
extra_add(struct extras *extras, const char *name, const struct json_t *value,
          struct errtext *why)
{
    char text[EXTRA_TEXT_MAX + 1];
    size_t at = 0, len;
    struct sbuf sb;
    json_t *again;

    sbuf_init(&sb, text, sizeof(text));
    jparse_write(&sb, value);
    len = extras->len + strlen(name) + sb.len;
    if (!is_name(name, strlen(name)))
        return errtext_set(why, "a claim has a name of 1 to %d visible ASCII "
                                "characters but \" and \\",
                           EXTRA_NAME_MAX);
    if (extra_find(extras, name) != NULL)
        return errtext_set(why, "the claim \"%s\" comes twice", name);
    if (sb.overflow || len > EXTRA_TEXT_MAX || extras->n == EXTRA_COUNT_MAX)
        return errtext_set(why, "too many claims at \"%s\": expected at most "
                                "%d, of %d bytes in all",
                           name, EXTRA_COUNT_MAX, EXTRA_TEXT_MAX);
    again = jparse_exact(text, sb.len, why);
    if (again == NULL)
        return errtext_context(why, "\"%s\"", name);
    json_decref(again);
    extras->list =
        alloc_again(extras->list, (extras->n + 1) * sizeof(*extras->list));
    while (at < extras->n && strcmp(extras->list[at].name, name) < 0)
        at++;
    memmove(&extras->list[at + 1], &extras->list[at],
            (extras->n - at) * sizeof(*extras->list));
    extras->list[at].name = alloc_text(name);
    extras->list[at].value = alloc_text(text);
    extras->n++;
    extras->len = len;
    return 0;
}

const struct extra *
extra_find(const struct extras *extras, const char *name)
{
    size_t i;

    for (i = 0; i < extras->n; i++) {
        if (strcmp(extras->list[i].name, name) == 0)
            return &extras->list[i];
    }
    return NULL;
}

void
extra_free(struct extras *extras)
{
    size_t i;

    for (i = 0; i < extras->n; i++) {
        free(extras->list[i].name);
        free(extras->list[i].value);
    }
    free(extras->list);
    memset(extras, 0, sizeof(*extras));
}
