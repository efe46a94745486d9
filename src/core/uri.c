/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Comparing URLs by their normal forms.
 */

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/hex.h"
#include "core/sbuf.h"
#include "core/uri.h"

/* RFC 3986, 2.3, 2.2 and A. */
#define ALPHA "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define UNRESERVED ALPHA "0123456789-._~"
#define REG_NAME UNRESERVED "!$&'()*+,;="
#define PATH REG_NAME ":@/"

/*
 * What adds the normal form of one piece of a URL.  Each returns where the
 * piece ends, or NULL when there is none such.
 */
typedef const char *add_fn(struct sbuf *sb, const char *text);

static add_fn add_scheme, add_host, add_port, add_path, skip_rest;

static char *
normalise(const char *url)
{
    static add_fn *const steps[] = {
        add_scheme, add_host, add_port, add_path, skip_rest,
    };
    size_t i, cap = strlen(url) + 2; /* a "/" may come to it */
    char *buf = alloc_bytes(cap);
    struct sbuf sb;

    sbuf_init(&sb, buf, cap);
    for (i = 0; i < sizeof(steps) / sizeof(steps[0]) && url != NULL; i++)
        url = steps[i](&sb, url);
    if (url != NULL && !sb.overflow)
        return buf;
    free(buf);
    return NULL;
}

bool
uri_is_same(const char *a, const char *b)
{
    char *first = normalise(a), *second = normalise(b);
    bool same = first != NULL && second != NULL && strcmp(first, second) == 0;

    free(first);
    free(second);
    return same;
}

static const char *
add_scheme(struct sbuf *sb, const char *text)
{
    if (strncasecmp(text, "https://", 8) == 0) {
        sbuf_add(sb, "https://");
        return text + 8;
    }
    if (strncasecmp(text, "http://", 7) == 0) {
        sbuf_add(sb, "http://");
        return text + 7;
    }
    return NULL;
}

static bool
is_among(const char *set, char c)
{
    return c != '\0' && strchr(set, c) != NULL;
}

static char
lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/*
 * Add one character, or one escape: of an unreserved character as that
 * character, of another with its digits in upper case (RFC 3986, 6.2.2).
 */
static const char *
add_char(struct sbuf *sb, const char *text, bool in_host)
{
    static const char digits[] = "0123456789ABCDEF";
    int value = *text == '%' ? hex_pair(text + 1) : 0;
    char c = *text == '%' ? (char)value : *text;
    char escape[3] = {'%'};

    if (value < 0)
        return NULL;
    if (*text != '%' || is_among(UNRESERVED, c)) {
        if (in_host)
            c = lower(c);
        sbuf_add_bytes(sb, &c, 1);
    } else {
        escape[1] = digits[value >> 4];
        escape[2] = digits[value & 15];
        sbuf_add_bytes(sb, escape, 3);
    }
    return *text == '%' ? text + 3 : text + 1;
}

/* Add what is of the characters of the set, and escapes. */
static const char *
add_chars(struct sbuf *sb, const char *text, const char *set, bool in_host)
{
    while (text != NULL && (*text == '%' || is_among(set, *text)))
        text = add_char(sb, text, in_host);
    return text;
}

/* "[", an IPv6 address, "]" (RFC 3986, 3.2.2). */
static const char *
add_literal(struct sbuf *sb, const char *text)
{
    size_t len = strcspn(text, "]"), i;
    char address[INET6_ADDRSTRLEN] = "";
    struct in6_addr binary;

    if (text[len] != ']' || len > sizeof(address))
        return NULL;
    memcpy(address, text + 1, len - 1);
    if (inet_pton(AF_INET6, address, &binary) != 1)
        return NULL;
    for (i = 0; i <= len; i++) {
        char c = lower(text[i]);

        sbuf_add_bytes(sb, &c, 1);
    }
    return text + len + 1;
}

static const char *
add_host(struct sbuf *sb, const char *text)
{
    const char *end;

    if (*text == '[')
        return add_literal(sb, text);
    end = add_chars(sb, text, REG_NAME, true);
    return end != text ? end : NULL;
}

/* User information ends here, before its "@". */
static const char *
add_port(struct sbuf *sb, const char *text)
{
    const char *port = text + 1;
    const char *usual = strncmp(sb->buf, "https", 5) == 0 ? "443" : "80";
    size_t len;

    if (*text == ':') {
        len = strspn(port, "0123456789");
        text = port + len;
        if (len > 0 && (len != strlen(usual) || memcmp(port, usual, len) != 0))
            sbuf_add_bytes(sb, port - 1, len + 1);
    }
    return *text == '\0' || is_among("/?#", *text) ? text : NULL;
}

/* Remove the dot segments of a path (RFC 3986, 5.2.4); the new length. */
static size_t
remove_dots(char *path, size_t len)
{
    size_t in = 0, out = 0;

    while (in < len) {
        const char *next = memchr(path + in + 1, '/', len - in - 1);
        size_t n = next != NULL ? (size_t)(next - path) - in : len - in;
        bool one = n == 2 && path[in + 1] == '.';
        bool two = n == 3 && memcmp(path + in, "/..", 3) == 0;

        if (two)
            while (out > 0 && path[--out] != '/')
                continue;
        if (!one && !two) {
            memmove(path + out, path + in, n);
            out += n;
        } else if (next == NULL) {
            path[out++] = '/';
        }
        in += n;
    }
    return out;
}

static const char *
add_path(struct sbuf *sb, const char *text)
{
    size_t start = sb->len;

    if (*text != '/') {
        sbuf_add(sb, "/");
        return text;
    }
    text = add_chars(sb, text, PATH, false);
    sb->len = start + remove_dots(sb->buf + start, sb->len - start);
    sb->buf[sb->len] = '\0';
    return text;
}

/* Query and fragment count for nothing, but must be such. */
static const char *
skip_rest(struct sbuf *sb, const char *text)
{
    bool in_fragment = false;

    (void)sb;
    for (; *text != '\0'; text++) {
        if (*text == '#' && in_fragment)
            return NULL;
        in_fragment = in_fragment || *text == '#';
        if (*text == '%' ? hex_pair(text + 1) < 0
                         : !is_among(PATH "?#", *text))
            return NULL;
    }
    return text;
}
