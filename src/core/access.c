/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The claims of an access token of this server, read back.
 */

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "core/access.h"
#include "core/jparse.h"

static bool
is_text(const json_t *value, const char *text)
{
    const char *string = json_string_value(value);

    return string != NULL && strcmp(string, text) == 0;
}

static int
copy(char *to, size_t cap, const json_t *claims, const char *name,
     struct errtext *why)
{
    const json_t *value = json_object_get(claims, name);
    size_t len = json_string_length(value);

    if (len == 0 || len >= cap)
        return errtext_set(why, "its %s is not one of this server's", name);
    memcpy(to, json_string_value(value), len + 1);
    return 0;
}

static int
read_members(struct access *access, const json_t *claims, const char *issuer,
             struct errtext *why)
{
    const json_t *cnf = json_object_get(claims, "cnf");

    if (!is_text(json_object_get(claims, "iss"), issuer))
        return errtext_set(why, "its issuer is another");
    if (copy(access->jti, sizeof(access->jti), claims, "jti", why) != 0
        || copy(access->client_id, sizeof(access->client_id), claims,
                "client_id", why)
               != 0)
        return -1;
    if (jparse_time(&access->iat, json_object_get(claims, "iat")) != 0
        || jparse_time(&access->exp, json_object_get(claims, "exp")) != 0)
        return errtext_set(why, "its times are not of this server's form");
    access->is_dpop = json_object_get(cnf, "jkt") != NULL;
    return 0;
}

int
access_read(struct access *access, const char *claims, size_t len,
            const char *issuer, struct errtext *why)
{
    json_t *object = jparse_object(claims, len, why);
    int rc;

    if (object == NULL)
        return errtext_context(why, "its claims");
    rc = read_members(access, object, issuer, why);
    json_decref(object);
    return rc;
}

bool
access_is_for(const char *claims, size_t len, const char *audience)
{
    json_t *object = jparse_object(claims, len, NULL);
    const json_t *aud = json_object_get(object, "aud");
    bool found = is_text(aud, audience);
    size_t i;

    for (i = 0; i < json_array_size(aud) && !found; i++)
        found = is_text(json_array_get(aud, i), audience);
    json_decref(object);
    return found;
}
