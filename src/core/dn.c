/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Distinguished names as text (RFC 4514).
 */

#include <string.h>

#include "core/dn.h"
#include "core/hex.h"
#include "core/utf8.h"

/*
 * What reads a part of the text, for messages number n: each returns where it
 * ends, or NULL with the reason in *why.
 */
typedef const char *read_fn(struct dn_part *part, const char *text, int n,
                            struct errtext *why);

static read_fn read_type, read_value;

static int check_form(const char *text, struct errtext *why);

static const char *
fail(struct errtext *why, int n, const char *reason)
{
    errtext_set(why, "attribute %d of the name %s", n, reason);
    return NULL;
}

static const char *
skip_spaces(const char *p)
{
    return p + strspn(p, " ");
}

int
dn_read(struct dn_part parts[DN_PARTS_MAX], const char *text,
        struct errtext *why)
{
    const char *p = text;
    bool joins = false;
    int n;

    if (check_form(text, why) != 0)
        return -1;
    for (n = 0; n < DN_PARTS_MAX; n++) {
        memset(&parts[n], 0, sizeof(parts[n]));
        parts[n].joins = joins;
        p = read_type(&parts[n], p, n + 1, why);
        if (p != NULL)
            p = read_value(&parts[n], p, n + 1, why);
        if (p == NULL)
            return -1;
        if (*p == '\0')
            return n + 1;
        joins = *p++ == '+';
    }
    return errtext_set(why, "the name has over %d attributes", DN_PARTS_MAX);
}

static int
check_form(const char *text, struct errtext *why)
{
    const char *p = skip_spaces(text);

    if (strlen(text) > DN_TEXT_MAX)
        return errtext_set(why, "the name has over %d bytes", DN_TEXT_MAX);
    if (*p == '\0')
        return errtext_set(why, "the name is empty");
    if (*p == '/')
        return errtext_set(why, "the name is in the form with slashes: write "
                                "it with commas and the last attribute "
                                "first, as CN=batch,O=Example,C=DE, which is "
                                "what \"openssl x509 -noout -subject "
                                "-nameopt RFC2253\" prints");
    return 0;
}

static bool
is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A letter, and letters, digits and hyphens (RFC 4512, 1.4). */
static bool
is_name(const char *type)
{
    if (!is_alpha(*type))
        return false;
    while (is_alpha(*type) || is_digit(*type) || *type == '-')
        type++;
    return *type == '\0';
}

/* Numbers, two at least, without leading zeros (RFC 4512, 1.4). */
static bool
is_oid(const char *type)
{
    int n = 0;

    for (;; type++, n++) {
        if (!is_digit(*type) || (*type == '0' && is_digit(type[1])))
            return false;
        while (is_digit(*type))
            type++;
        if (*type != '.')
            return *type == '\0' && n > 0;
    }
}

static const char *
read_type(struct dn_part *part, const char *text, int n, struct errtext *why)
{
    const char *start = skip_spaces(text), *end = strpbrk(start, "=,+");
    size_t len;

    if (end == NULL || *end != '=')
        return fail(why, n, "has no \"=\" (in a value \",\" is written "
                            "\"\\,\" and \"+\" is written \"\\+\")");
    len = (size_t)(end - start);
    while (len > 0 && start[len - 1] == ' ')
        len--;
    if (len >= sizeof(part->type))
        return fail(why, n, "has a type that is too long");
    memcpy(part->type, start, len);
    part->type[len] = '\0';
    if (!is_name(part->type) && !is_oid(part->type))
        return fail(why, n, "has a type that is neither a name, as CN, nor "
                            "numbers, as 2.5.4.3");
    return end + 1;
}

/*
 * Read what stands behind "\" (RFC 4514, 2.4) into *c.  Returns how many
 * characters that are, or 0 when there is no such escape.
 */
static size_t
read_escape(const char *text, char *c)
{
    int value = hex_pair(text);

    *c = *text;
    if (*text != '\0' && strchr("\"+,;<>\\ #=", *text) != NULL)
        return 1;
    *c = (char)value;
    return value > 0 ? 2 : 0;
}

static const char *
read_value(struct dn_part *part, const char *text, int n, struct errtext *why)
{
    const char *p = skip_spaces(text);
    size_t len = 0, kept = 0; /* kept: without the spaces at the end */

    if (*p == '#')
        return fail(why, n, "has a value in hexadecimal: write it as text, "
                            "or \"#\" that belongs to it as \"\\#\"");
    if (*p == '"')
        return fail(why, n, "has a value in quotes: write it without, and "
                            "\",\" in it as \"\\,\"");
    for (; *p != '\0' && *p != ',' && *p != '+'; p++) {
        char c = *p;
        size_t escaped = 0;

        if (strchr("\";<>", c) != NULL)
            return fail(why, n, "has one of \" ; < > in its value without "
                                "\"\\\" before it");
        if (c == '\\' && (escaped = read_escape(p + 1, &c)) == 0)
            return fail(why, n, "has \"\\\" before something that is neither "
                                "special nor two hexadecimal digits other "
                                "than 00");
        if (len == sizeof(part->value) - 1)
            return fail(why, n, "has a value that is too long");
        part->value[len++] = c;
        if (c != ' ' || escaped > 0)
            kept = len;
        p += escaped;
    }
    part->value[kept] = '\0';
    if (kept == 0)
        return fail(why, n, "has no value");
    if (!utf8_is_valid(part->value, kept))
        return fail(why, n, "has a value that is not UTF-8");
    return p;
}
