/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The wait: for new connections, for more of a request, for the end.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "io/web_priv.h"

enum {
    REQUEST_MS = 10000, /* from its first byte to its last */
    DRAIN_MS = 5000,    /* for what comes after an early answer */
    STOP_MS = 2500,     /* mod_fcgid kills 4 s after it asked */
    PARTING_MS = 200,   /* for a request that crosses our closing */
    PAUSE_MS = 100,     /* when no connection can be taken */
};

static bool is_time_to_release(const struct web_loop *loop);
static int wait_event(struct web_loop *loop, struct web_conn **conn,
                      struct errtext *why);
static int timeout(const struct web_loop *loop);
static int accept_one(struct web_loop *loop, struct web_conn **conn,
                      struct errtext *why);
static bool make_room(struct web_loop *loop);
static void resume(struct web_loop *loop);
static void stop(struct web_loop *loop);
static bool take_queued(struct web_loop *loop);
static bool look(struct web_loop *loop, struct web_conn *conn,
                 size_t body_max, enum request_fault *fault);
static bool look_again_later(struct web_loop *loop, struct web_conn *conn,
                             bool waited, enum request_fault *fault);
static bool watch(const struct web_loop *loop, int op, int fd, void *data,
                  uint32_t events);
static bool watch_conn(struct web_loop *loop, struct web_conn *conn);

int
web_loop_open(struct web_loop *loop, int listener, struct errtext *why)
{
    int flags = fcntl(listener, F_GETFL);
    sigset_t set;

    *loop = (struct web_loop){ .epoll = -1, .signals = -1 };
    loop->listener = listener;
    loop->trusted = getenv("FCGI_WEB_SERVER_ADDRS");
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGINT);
    if (flags < 0 || fcntl(listener, F_SETFL, flags | O_NONBLOCK) != 0 ||
        sigprocmask(SIG_BLOCK, &set, NULL) != 0)
        return errtext_set(why, "the listening socket: %s", strerror(errno));
    loop->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (loop->signals < 0 || loop->epoll < 0 ||
        !watch(loop, EPOLL_CTL_ADD, loop->signals, &loop->signals, EPOLLIN) ||
        !watch(loop, EPOLL_CTL_ADD, listener, &loop->listener,
               EPOLLIN | EPOLLEXCLUSIVE))
        return errtext_set(why, "epoll: %s", strerror(errno));
    return 0;
}

int
web_loop_next(struct web_loop *loop, size_t body_max, struct web_conn **conn,
              enum request_fault *fault, struct errtext *why)
{
    while ((!loop->stopping || loop->conns.n > 0 || take_queued(loop))
           && !is_time_to_release(loop)) {
        struct web_conn *nearest = web_conn_nearest(&loop->conns);
        int rc = 1;

        *conn = web_conn_to_look(&loop->conns);
        if (*conn == NULL && nearest != NULL && web_conn_is_late(nearest))
            *conn = nearest;
        if (*conn == NULL && take_queued(loop))
            continue;
        if (*conn == NULL)
            rc = wait_event(loop, conn, why);
        if (rc < 0 || (rc == 0 && loop->n_held > 0))
            return rc;
        if (*conn != NULL && look(loop, *conn, body_max, fault))
            return 1;
    }
    return 0;
}

/* What its server sends, or its end, would be told again and again. */
void
web_loop_hold(struct web_loop *loop, struct web_conn *conn)
{
    web_conn_deadline(&loop->conns, conn, 0);
    if (conn->watched)
        (void)watch(loop, EPOLL_CTL_DEL, conn->fd, NULL, 0);
    conn->watched = false;
    if (loop->n_held == 0)
        loop->held_at = web_now_ms();
    loop->held[loop->n_held++] = conn;
}

struct web_conn *
web_loop_resume(struct web_loop *loop)
{
    struct web_conn *conn = loop->held[0];

    loop->n_held--;
    memmove(loop->held, loop->held + 1, loop->n_held * sizeof(loop->held[0]));
    return conn;
}

void
web_loop_done(struct web_loop *loop, struct web_conn *conn)
{
    bool whole = conn->frame.whole;
    bool keep = whole && conn->frame.keep && !conn->ended;

    web_conn_deadline(&loop->conns, conn, 0);
    conn->served = true;
    if (keep) {
        web_conn_next(&loop->conns, conn);
        web_conn_touch(&loop->conns, conn);
        if (conn->len > 0)
            web_conn_again(&loop->conns, conn, true);
        else if (loop->stopping || !watch_conn(loop, conn))
            web_loop_drop(loop, conn);
    } else if (whole || conn->ended || !watch_conn(loop, conn)) {
        web_loop_drop(loop, conn);
    } else {
        web_conn_linger(&loop->conns, conn);
        web_conn_deadline(&loop->conns, conn, web_now_ms() + DRAIN_MS);
    }
}

void
web_loop_drop(struct web_loop *loop, struct web_conn *conn)
{
    web_conn_drop(&loop->conns, conn);
    resume(loop);
}

void
web_loop_close(struct web_loop *loop)
{
    while (loop->conns.newest != NULL)
        web_conn_drop(&loop->conns, loop->conns.newest);
    if (loop->signals >= 0)
        close(loop->signals);
    if (loop->epoll >= 0)
        close(loop->epoll);
}

static bool
is_time_to_release(const struct web_loop *loop)
{
    return loop->n_held > 0 && (loop->n_held == WEB_HELD_MAX ||
                                web_now_ms() - loop->held_at >= WEB_HELD_MS);
}

/*
 * One event at a time: nothing that is closed can then be named by a later
 * event, and the kernel serves the sources in turn.
 *
 * Returns 1, 0 when nothing came, -1 with the reason in *why.
 */
static int
wait_event(struct web_loop *loop, struct web_conn **conn, struct errtext *why)
{
    struct epoll_event event;
    int n = epoll_wait(loop->epoll, &event, 1, timeout(loop));

    if (n < 0 && errno != EINTR)
        return errtext_set(why, "epoll_wait: %s", strerror(errno));
    if (loop->resume_at != 0 && loop->resume_at <= web_now_ms())
        resume(loop);
    if (n <= 0)
        return 0;
    if (event.data.ptr == &loop->listener)
        return accept_one(loop, conn, why);
    if (event.data.ptr == &loop->signals)
        stop(loop);
    else
        *conn = event.data.ptr;
    return 1;
}

static int
timeout(const struct web_loop *loop)
{
    const struct web_conn *nearest = web_conn_nearest(&loop->conns);
    int64_t at = nearest == NULL ? 0 : nearest->deadline;
    int64_t ms;

    if (loop->n_held > 0)
        return 0;
    if (loop->resume_at != 0 && (at == 0 || loop->resume_at < at))
        at = loop->resume_at;
    if (at == 0)
        return -1;
    ms = at - web_now_ms();
    return ms < 0 ? 0 : (int) ms + 1;
}

/* Another worker may have been faster, and peers come and go. */
static int
accept_one(struct web_loop *loop, struct web_conn **conn, struct errtext *why)
{
    int fd;

    if (loop->conns.n >= WEB_CONN_MAX && !make_room(loop))
        return 1;
    fd = web_sock_accept(loop->listener, loop->trusted);
    if (fd >= 0) {
        *conn = web_conn_add(&loop->conns, fd);
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
               errno == ENOMEM) {
        (void)make_room(loop);
    } else if (errno == EBADF || errno == EINVAL || errno == ENOTSOCK) {
        return errtext_set(why, "the listening socket: %s", strerror(errno));
    }
    return 1;
}

/*
 * Close the connection that has been idle for longest, or accept none for a
 * moment.
 */
static bool
make_room(struct web_loop *loop)
{
    struct web_conn *idle = web_conn_idle(&loop->conns);

    if (idle != NULL) {
        web_conn_drop(&loop->conns, idle);
        return true;
    }
    if (loop->resume_at == 0)
        (void)watch(loop, EPOLL_CTL_DEL, loop->listener, NULL, 0);
    loop->resume_at = web_now_ms() + PAUSE_MS;
    return false;
}

static void
resume(struct web_loop *loop)
{
    if (loop->resume_at == 0 || loop->stopping)
        return;
    if (watch(loop, EPOLL_CTL_ADD, loop->listener, &loop->listener,
              EPOLLIN | EPOLLEXCLUSIVE))
        loop->resume_at = 0;
    else
        loop->resume_at = web_now_ms() + PAUSE_MS;
}

/*
 * A server may be sending a request on a kept connection right now, and would
 * not send it again.  Closing after the next answer is safe, at any other
 * moment it is a guess; so the guess comes last.
 */
static void
stop(struct web_loop *loop)
{
    int64_t now = web_now_ms();

    loop->stopping = true;
    loop->stop_at = now + STOP_MS;
    if (loop->resume_at == 0)
        (void)watch(loop, EPOLL_CTL_DEL, loop->listener, NULL, 0);
    loop->resume_at = 0;
    (void)watch(loop, EPOLL_CTL_DEL, loop->signals, NULL, 0);
    for (struct web_conn *c = loop->conns.newest; c != NULL; c = c->older) {
        if (c->len == 0 && !c->draining)
            web_conn_deadline(&loop->conns, c, now + PARTING_MS);
        else if (c->deadline > loop->stop_at)
            c->deadline = loop->stop_at;
    }
}

/*
 * Where each worker has a socket of its own, nobody else takes what the kernel
 * has queued for this one: it would be lost with the process.  One at a time
 * and as long as there is time to serve it: other workers may share the queue.
 *
 * Returns whether there is one more connection to look at.
 */
static bool
take_queued(struct web_loop *loop)
{
    int fd = -1;

    if (!loop->stopping || loop->conns.n >= WEB_CONN_MAX ||
        web_now_ms() >= loop->stop_at)
        return false;
    for (int i = 0; fd < 0 && i < WEB_CONN_MAX; i++) {
        fd = web_sock_accept(loop->listener, loop->trusted);
        if (fd < 0 && errno != ECONNABORTED)
            return false;
    }
    if (fd >= 0)
        web_conn_again(&loop->conns, web_conn_add(&loop->conns, fd), true);
    return fd >= 0;
}

/* Returns whether there is something to answer. */
static bool
look(struct web_loop *loop, struct web_conn *conn, size_t body_max,
     enum request_fault *fault)
{
    bool waited = conn->len > 0;

    web_conn_again(&loop->conns, conn, false);
    if (conn->draining) {
        if (web_conn_is_late(conn) || !web_conn_drain(conn))
            web_loop_drop(loop, conn);
        return false;
    }
    switch (web_conn_receive(&loop->conns, conn, body_max)) {
    case WEB_FRAME_MORE:
        return look_again_later(loop, conn, waited, fault);
    case WEB_FRAME_WHOLE:
        *fault = REQUEST_OK;
        return true;
    case WEB_FRAME_TOO_LARGE:
        *fault = REQUEST_TOO_LARGE;
        return true;
    case WEB_FRAME_BROKEN:
        web_stderr("ccgrant: a connection that speaks no FastCGI is closed");
        break;
    case WEB_FRAME_OVER:
        break;
    }
    web_loop_drop(loop, conn);
    return false;
}

/*
 * A request has its time from its first byte, a new connection from its start.
 * One that has served may be idle for as long as its server likes.
 */
static bool
look_again_later(struct web_loop *loop, struct web_conn *conn, bool waited,
                 enum request_fault *fault)
{
    bool late = web_conn_is_late(conn);
    bool idle = conn->len == 0 && conn->served;
    int64_t deadline = conn->deadline;

    *fault = conn->frame.over ? REQUEST_TOO_LARGE
             : conn->ended    ? REQUEST_INCOMPLETE
                              : REQUEST_TIMEOUT;
    if (conn->ended || (late && waited && conn->frame.id != 0))
        return true;
    if ((late && (waited || conn->len == 0)) ||
        (idle && deadline == 0 && loop->stopping) || /* answered since */
        !watch_conn(loop, conn)) {
        web_loop_drop(loop, conn);
        return false;
    }
    if (idle)
        deadline = loop->stopping ? deadline : 0;
    else if (loop->stopping && (!waited || deadline == 0))
        deadline = loop->stop_at;
    else if (deadline == 0)
        deadline = web_now_ms() + REQUEST_MS;
    web_conn_deadline(&loop->conns, conn, deadline);
    return false;
}

static bool
watch(const struct web_loop *loop, int op, int fd, void *data,
      uint32_t events)
{
    struct epoll_event event = { .events = events, .data.ptr = data };

    return epoll_ctl(loop->epoll, op, fd, &event) == 0;
}

static bool
watch_conn(struct web_loop *loop, struct web_conn *conn)
{
    if (!conn->watched)
        conn->watched = watch(loop, EPOLL_CTL_ADD, conn->fd, conn, EPOLLIN);
    return conn->watched;
}
