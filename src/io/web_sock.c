/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The listening socket, and who may connect to it.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "io/web_priv.h"

enum { SYSTEMD_FD = 3, WRITE_SECS = 5 };

static bool is_listening(int fd);
static const void *address(const struct sockaddr *peer, int *family);
static bool is_loopback(int family, const void *addr);
static bool is_listed(int family, const void *addr, const char *list);
static void tell_refused(int family, const void *addr);

int
web_sock_inherited(void)
{
    const char *pid = getenv("LISTEN_PID");
    const char *n = getenv("LISTEN_FDS");

    if (pid != NULL && n != NULL && strtol(pid, NULL, 10) == getpid() &&
        strtol(n, NULL, 10) >= 1 && is_listening(SYSTEMD_FD))
        return SYSTEMD_FD;
    return is_listening(STDIN_FILENO) ? STDIN_FILENO : -1;
}

bool
web_sock_trusted(const struct sockaddr *peer, const char *list)
{
    int family = peer->sa_family;
    const void *addr;

    if (family == AF_UNIX)
        return true;
    addr = address(peer, &family);
    return addr != NULL &&
           (is_loopback(family, addr) || is_listed(family, addr, list));
}

int
web_sock_accept(int listener, const char *list)
{
    struct sockaddr_storage peer = { .ss_family = AF_UNSPEC };
    socklen_t len = sizeof(peer);
    int one = 1;
    int fd = accept4(listener, (struct sockaddr *) &peer, &len,
                     SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (fd < 0 || peer.ss_family == AF_UNIX)
        return fd;
    if (!web_sock_trusted((struct sockaddr *) &peer, list)) {
        int family = peer.ss_family;
        const void *addr = address((struct sockaddr *) &peer, &family);

        close(fd);
        tell_refused(family, addr);
        errno = ECONNABORTED;
        return -1;
    }
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    return fd;
}

void
web_sock_wait_to_write(int fd)
{
    struct timeval limit = { .tv_sec = WRITE_SECS };
    int flags = fcntl(fd, F_GETFL);

    if (flags < 0 || (flags & O_NONBLOCK) == 0)
        return;
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    (void)fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
}

static bool
is_listening(int fd)
{
    int value = 0;
    socklen_t len = sizeof(value);

    return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &value, &len) == 0 &&
           value != 0;
}

/* An IPv4 peer of an IPv6 socket is an IPv4 peer. */
static const void *
address(const struct sockaddr *peer, int *family)
{
    const struct sockaddr_in *in = (const void *) peer;
    const struct sockaddr_in6 *in6 = (const void *) peer;

    *family = peer->sa_family;
    if (peer->sa_family == AF_INET)
        return &in->sin_addr;
    if (peer->sa_family != AF_INET6)
        return NULL;
    if (!IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr))
        return &in6->sin6_addr;
    *family = AF_INET;
    return in6->sin6_addr.s6_addr + 12;
}

static bool
is_loopback(int family, const void *addr)
{
    static const struct in6_addr loopback = IN6ADDR_LOOPBACK_INIT;

    if (family == AF_INET)
        return *(const unsigned char *) addr == IN_LOOPBACKNET;
    return memcmp(addr, &loopback, sizeof(loopback)) == 0;
}

static bool
is_listed(int family, const void *addr, const char *list)
{
    size_t size = family == AF_INET ? sizeof(struct in_addr)
                                    : sizeof(struct in6_addr);

    while (list != NULL && *list != '\0') {
        char text[INET6_ADDRSTRLEN];
        unsigned char entry[sizeof(struct in6_addr)];
        size_t n = strcspn(list, ",");

        if (n < sizeof(text)) {
            memcpy(text, list, n);
            text[n] = '\0';
            if (inet_pton(family, text, entry) == 1 &&
                memcmp(entry, addr, size) == 0)
                return true;
        }
        list += n;
        list += strspn(list, ", ");
    }
    return false;
}

static void
tell_refused(int family, const void *addr)
{
    char text[INET6_ADDRSTRLEN] = "an unknown address";
    char line[256];

    if (addr != NULL)
        (void)inet_ntop(family, addr, text, sizeof(text));
    (void)snprintf(line, sizeof(line),
                   "ccgrant: a connection from %s is refused: name it in "
                   "FCGI_WEB_SERVER_ADDRS if that is your web server", text);
    web_stderr(line);
}
