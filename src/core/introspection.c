/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What is said of a token at introspection.
 */

#include <jansson.h>
#include <string.h>
#include <strings.h>

#include "core/introspection.h"
#include "core/jparse.h"

enum { WEIGHT_ONE = 1000 };

void
introspection_add_inactive(struct sbuf *sb)
{
    sbuf_add(sb, "{\"active\":false}");
}

/* Whether the text may have a scope that is an array: few have. */
static bool
may_have_array(const char *claims, size_t len)
{
    static const char member[] = "\"scope\":[";
    size_t n = sizeof(member) - 1, i;

    for (i = 0; i + n <= len; i++) {
        if (memcmp(claims + i, member, n) == 0)
            return true;
    }
    return false;
}

/* The scope of RFC 7662, 2.2 in place of an array (RFC 6749, 3.3). */
static void
join_scope(json_t *object)
{
    const json_t *array = json_object_get(object, "scope"), *name;
    char text[GRANT_SCOPE_MAX];
    struct sbuf sb;
    size_t i;

    if (!json_is_array(array))
        return;
    sbuf_init(&sb, text, sizeof(text));
    json_array_foreach(array, i, name) {
        sbuf_add(&sb, i > 0 ? " " : "");
        sbuf_add(&sb, json_is_string(name) ? json_string_value(name) : "");
    }
    json_object_set_new(object, "scope", json_stringn(text, sb.len));
}

static bool
add_joined(struct sbuf *sb, const char *claims, size_t len, bool is_dpop)
{
    json_t *object = may_have_array(claims, len)
                         ? jparse_exact(claims, len, NULL)
                         : NULL;

    if (!json_is_object(object)) {
        json_decref(object);
        return false;
    }
    join_scope(object);
    json_object_set_new(object, "active", json_true());
    json_object_set_new(object, "token_type",
                        json_string(is_dpop ? "DPoP" : "Bearer"));
    jparse_write(sb, object);
    json_decref(object);
    return true;
}

void
introspection_add_active(struct sbuf *sb, const char *claims, size_t len,
                         bool is_dpop)
{
    if (add_joined(sb, claims, len, is_dpop))
        return;
    sbuf_add(sb, "{\"active\":true,\"token_type\":\"");
    sbuf_add(sb, is_dpop ? "DPoP" : "Bearer");
    sbuf_add(sb, "\",");
    sbuf_add_bytes(sb, claims + 1, len - 1); /* behind its brace */
}

void
introspection_add_claims(struct sbuf *sb, const char *issuer,
                         const char *caller, int64_t now,
                         const struct sbuf *answer)
{
    sbuf_add(sb, "{\"iss\":");
    sbuf_add_json(sb, issuer, strlen(issuer));
    sbuf_add(sb, ",\"aud\":");
    sbuf_add_json(sb, caller, strlen(caller));
    sbuf_add(sb, ",\"iat\":");
    sbuf_add_int(sb, now);
    sbuf_add(sb, ",\"token_introspection\":");
    sbuf_add_bytes(sb, answer->buf, answer->len);
    sbuf_add(sb, "}");
}

/* The end of what begins at p: a separator outside of quotes, or the end. */
static const char *
find_end(const char *p, const char *separators)
{
    bool quoted = false;

    for (; *p != '\0'; p++) {
        if (quoted && *p == '\\' && p[1] != '\0')
            p++;
        else if (*p == '"')
            quoted = !quoted;
        else if (!quoted && strchr(separators, *p) != NULL)
            break;
    }
    return p;
}

/* Take white space from both ends (RFC 9110, 5.6.3). */
static const char *
trim(const char *from, const char **to)
{
    while (from < *to && (*from == ' ' || *from == '\t'))
        from++;
    while (*to > from && ((*to)[-1] == ' ' || (*to)[-1] == '\t'))
        --*to;
    return from;
}

/* A qvalue in thousandths (RFC 9110, 12.4.2); what is none is 0. */
static int
read_weight(const char *p, const char *end)
{
    int weight, unit = WEIGHT_ONE / 10;

    if (p == end || (*p != '0' && *p != '1'))
        return 0;
    weight = *p++ == '1' ? WEIGHT_ONE : 0;
    if (p < end && *p++ != '.')
        return 0;
    for (; p < end; p++, unit /= 10) {
        if (*p < '0' || *p > '9' || unit == 0)
            return 0;
        weight += (*p - '0') * unit;
    }
    return weight > WEIGHT_ONE ? 0 : weight;
}

/* The weight among the parameters, which begin at p with ";", or 1. */
static int
find_weight(const char *p)
{
    while (*p == ';') {
        const char *end = find_end(++p, ";,"), *to = end;
        const char *from = trim(p, &to);

        if (to - from >= 2 && strncasecmp(from, "q=", 2) == 0)
            return read_weight(from + 2, to);
        p = end;
    }
    return WEIGHT_ONE;
}

/* How much a media type is wanted by name, in thousandths; 0: not at all. */
static int
find_type(const char *accept, const char *type)
{
    const char *p = accept;
    int weight = 0;

    for (;;) {
        const char *end = find_end(p, ";,"), *to = end;
        const char *from = trim(p, &to);

        if ((size_t) (to - from) == strlen(type)
            && strncasecmp(from, type, strlen(type)) == 0)
            weight = find_weight(end);
        p = find_end(end, ",");
        if (*p++ == '\0')
            return weight;
    }
}

bool
introspection_wants_jwt(const char *accept)
{
    int weight = find_type(accept, INTROSPECTION_TYPE);

    return weight > 0 && weight >= find_type(accept, "application/json");
}
