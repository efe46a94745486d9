/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Checks of single strings of the policy file.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <arpa/inet.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "core/cidr.h"
#include "core/extra.h"
#include "core/scope.h"
#include "core/utf8.h"
#include "io/conf_check.h"

static const char digits[] = "0123456789";
static const char hex_digits[] = "0123456789ABCDEFabcdef";
static const char alnum[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                            "abcdefghijklmnopqrstuvwxyz0123456789";

static bool
is_one_of(const char *set, const char *more, char c)
{
    return c != '\0' && (strchr(set, c) != NULL || strchr(more, c) != NULL);
}

/* How many bytes of text are letters, digits or one of more. */
static size_t
span(const char *text, const char *more)
{
    size_t n = 0;

    while (is_one_of(alnum, more, text[n]))
        n++;
    return n;
}

/* Whether text is empty or "/segment/segment", none of them a dot segment. */
static bool
is_path(const char *text)
{
    while (*text == '/') {
        size_t len = span(++text, "-._~");

        if (len == 0 || (len <= 2 && strspn(text, ".") >= len))
            return false;
        text += len;
    }
    return *text == '\0';
}

/* A port of 1 to 65535 at text; *len is its length. */
static bool
is_port(const char *text, size_t *len)
{
    unsigned long port = 0;
    size_t i;

    *len = strspn(text, digits);
    if (*len == 0 || *len > 5 || text[0] == '0')
        return false;
    for (i = 0; i < *len; i++)
        port = port * 10 + (unsigned long)(text[i] - '0');
    return port <= 65535;
}

/* A name, an IPv4 address or an IPv6 address in brackets at text. */
static bool
is_host(const char *text, size_t *len)
{
    char address[INET6_ADDRSTRLEN];
    struct in6_addr in6;

    if (*text != '[') {
        *len = span(text, "-.");
        return *len > 0 && *len <= 253 && text[0] != '.' && text[0] != '-'
               && memmem(text, *len, "..", 2) == NULL;
    }
    *len = strcspn(text, "]") + 1;
    if (text[*len - 1] != ']' || *len > sizeof(address) + 1)
        return false;
    memcpy(address, text + 1, *len - 2);
    address[*len - 2] = '\0';
    return inet_pton(AF_INET6, address, &in6) == 1;
}

static bool
is_loopback(const char *host, size_t len)
{
    char address[INET_ADDRSTRLEN];
    struct in_addr in;

    if ((len == 9 && memcmp(host, "localhost", 9) == 0)
        || (len == 5 && memcmp(host, "[::1]", 5) == 0))
        return true;
    if (len >= sizeof(address))
        return false;
    memcpy(address, host, len);
    address[len] = '\0';
    return inet_pton(AF_INET, address, &in) == 1
           && ntohl(in.s_addr) >> 24 == 127;
}

static const char *
check_url(const char *url, bool loopback)
{
    static const char https[] = "https://", http[] = "http://";
    bool plain = loopback && strncmp(url, http, sizeof(http) - 1) == 0;
    const char *host, *rest;
    size_t len;

    if (!plain && strncmp(url, https, sizeof(https) - 1) != 0)
        return "a URL that begins with https://";
    host = url + (plain ? sizeof(http) : sizeof(https)) - 1;
    if (!is_host(host, &len))
        return "the name or address of a host behind ://";
    if (plain && !is_loopback(host, len))
        return "https://; without TLS it can only be 127.0.0.1, [::1] or "
               "localhost";
    rest = host + len;
    if (*rest == ':') {
        if (!is_port(rest + 1, &len))
            return "a port from 1 to 65535 behind the colon";
        rest += 1 + len;
    }
    if (*rest == '@')
        return "no user in the URL";
    if (*rest != '\0' && rest[strlen(rest) - 1] == '/')
        return "no slash at the end";
    return is_path(rest) ? NULL
                         : "a path of letters, digits and -._~ alone: no "
                           "query, no fragment, no //, no dot segment";
}

const char *
conf_check_issuer(const char *value)
{
    return check_url(value, true);
}

const char *
conf_check_base(const char *value)
{
    return *value == '\0' ? NULL : check_url(value, false);
}

const char *
conf_check_path(const char *value)
{
    if (*value != '/')
        return "a slash at the beginning";
    if (value[strlen(value) - 1] == '/')
        return "a name behind the last slash";
    return is_path(value) ? NULL
                          : "letters, digits and -._~ between single slashes, "
                            "without dot segments";
}

const char *
conf_check_audience(const char *value)
{
    size_t len = span(value, "+-.");
    const char *p;

    if (len == 0 || value[len] != ':' || value[len + 1] == '\0'
        || is_one_of(digits, "+-.", value[0]))
        return "an absolute URI, such as \"https://api.example.org/orders\"";
    for (p = value + len + 1; *p != '\0'; p++) {
        if (*p == '#')
            return "a URI without fragment";
        if (*p == '%' ? strspn(p + 1, hex_digits) < 2
                      : !is_one_of(alnum, "-._~:/?[]@!$&'()*+,;=", *p))
            return "a URI, where any other character is written as %XX";
    }
    return NULL;
}

const char *
conf_check_scope(const char *value)
{
    return scope_is_token(value, strlen(value))
               ? NULL
               : "1 to 255 visible ASCII characters but \" and \\";
}

const char *
conf_check_claim(const char *value)
{
    return extra_fault(value);
}

const char *
conf_check_detail(const char *value)
{
    size_t i, len = strlen(value);

    for (i = 0; i < len; i++) {
        if ((unsigned char)value[i] < ' ' || value[i] == 0x7f)
            return "text without control characters";
    }
    return len > 0 && len <= 255 && utf8_is_valid(value, len)
               ? NULL
               : "1 to 255 bytes of UTF-8";
}

const char *
conf_check_realm(const char *value)
{
    for (; *value != '\0'; value++) {
        if (*value < ' ' || *value > '~' || *value == '"' || *value == '\\')
            return "ASCII text without \" and \\";
    }
    return NULL;
}

const char *
conf_check_file(const char *value)
{
    size_t i;

    for (i = 0; value[i] != '\0'; i++) {
        if ((unsigned char)value[i] < ' ' || value[i] == 0x7f)
            return "a file name without control characters";
    }
    return i > 0 ? NULL : "the name of a file";
}

const char *
conf_check_file_or_empty(const char *value)
{
    return *value == '\0' ? NULL : conf_check_file(value);
}

const char *
conf_check_log_to(const char *value)
{
    size_t len = strlen(value);

    if (strcmp(value, "stderr") == 0 || strcmp(value, "syslog") == 0)
        return NULL;
    if (value[0] != '/' || value[len - 1] == '/')
        return "\"stderr\", \"syslog\" or an absolute file name";
    return conf_check_file(value);
}

const char *
conf_check_network(const char *value)
{
    struct cidr net;

    return cidr_parse(&net, value, NULL) == 0
               ? NULL
               : "a network such as \"192.0.2.0/24\" or \"2001:db8::/32\", "
                 "without bits behind the prefix";
}

const char *
conf_check_header(const char *value)
{
    /* What a request itself consists of, and a proof. */
    static const char *const taken[] = {
        "Authorization", "Content-Length", "Content-Type", "Cookie", "DPoP",
        "Host", "Proxy-Authorization",
    };
    size_t i;

    for (i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
        if (strcasecmp(value, taken[i]) == 0)
            return "a header field that is for nothing else";
    /* Web servers drop such a field, or take it for the one with "-". */
    if (strchr(value, '_') != NULL)
        return "the name of the header field itself, such as "
               "\"Client-Cert\", without underscore";
    return value[span(value, "!#$%&'*+-.^_`|~")] == '\0'
               ? NULL
               : "the name of an HTTP header field";
}
