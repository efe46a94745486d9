/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Which URLs are fetched from.
 */

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "io/fetch.h"

static bool
is_host_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
           || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

/* The length of the host at text, or 0. */
static size_t
host_len(const char *text)
{
    char address[INET6_ADDRSTRLEN];
    struct in6_addr in6;
    size_t n = 0;

    if (*text != '[') {
        while (is_host_char(text[n]))
            n++;
        return n <= 253 && *text != '-' && *text != '.' ? n : 0;
    }
    n = strcspn(text, "]");
    if (text[n] != ']' || n > sizeof(address))
        return 0;
    memcpy(address, text + 1, n - 1);
    address[n - 1] = '\0';
    return inet_pton(AF_INET6, address, &in6) == 1 ? n + 1 : 0;
}

/* Whether nothing, or a port, stands behind the host. */
static bool
is_port(const char *text, size_t len)
{
    char *end;
    long port;

    if (len == 0)
        return true;
    if (text[0] != ':' || len < 2 || len > 6 || text[1] < '1' || text[1] > '9')
        return false;
    port = strtol(text + 1, &end, 10);
    return end == text + len && port <= 65535;
}

int
fetch_check_url(const char *url, struct errtext *why)
{
    static const char https[] = "https://";
    size_t len = strlen(url), i, host;
    const char *rest = url + sizeof(https) - 1;

    if (strncmp(url, https, sizeof(https) - 1) != 0)
        return errtext_set(why, "the URL has to begin with https://");
    if (len > FETCH_URL_MAX)
        return errtext_set(why, "the URL has more than %d characters",
                           FETCH_URL_MAX);
    for (i = 0; i < len; i++) {
        if (url[i] <= ' ' || url[i] > '~')
            return errtext_set(why, "the URL has a character that is not "
                                    "visible ASCII: escape it with %%");
    }
    if (strchr(url, '#') != NULL)
        return errtext_set(why, "the URL has a fragment: leave out # and "
                                "what is behind it");
    if (memchr(rest, '@', strcspn(rest, "/?")) != NULL)
        return errtext_set(why, "the URL names a user: leave out what is "
                                "before @, and @");
    host = host_len(rest);
    if (host == 0 || !is_port(rest + host, strcspn(rest + host, "/?")))
        return errtext_set(why, "the URL has no host, or a port that is none, "
                                "behind https://");
    return 0;
}
