/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The open connections: what has arrived on each, since when it is waited for.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/alloc.h"
#include "io/crypto.h"
#include "io/web_priv.h"

enum {
    FIRST_BYTES = 8192,            /* of a buffer: most requests fit */
    REQUEST_MAX = 4 * 1024 * 1024, /* bytes of records */
    DRAIN_MAX = 32 * 1024 * 1024,
};

static enum web_frame_state look(struct web_conn *conn, size_t body_max);
static bool grow(struct web_conns *conns, struct web_conn *conn,
                 size_t body_max);
static void send_answers(struct web_conn *conn);
static void give_back(struct web_conns *conns, struct web_conn *conn);
static void link_newest(struct web_conns *conns, struct web_conn *conn);
static void unlink_conn(struct web_conns *conns, struct web_conn *conn);

struct web_conn *
web_conn_add(struct web_conns *conns, int fd)
{
    struct web_conn *conn = alloc_zero(1, sizeof(*conn));

    conn->fd = fd;
    link_newest(conns, conn);
    conns->n++;
    return conn;
}

void
web_conn_drop(struct web_conns *conns, struct web_conn *conn)
{
    web_conn_deadline(conns, conn, 0);
    web_conn_again(conns, conn, false);
    web_held_wipe(&conn->held);
    unlink_conn(conns, conn);
    conns->n--;
    give_back(conns, conn);
    if (conn->fd >= 0)
        close(conn->fd);
    free(conn);
}

void
web_conn_touch(struct web_conns *conns, struct web_conn *conn)
{
    if (conns->newest == conn)
        return;
    unlink_conn(conns, conn);
    link_newest(conns, conn);
}

void
web_conn_deadline(struct web_conns *conns, struct web_conn *conn,
                  int64_t deadline)
{
    if (conn->deadline == 0 && deadline != 0)
        conns->timed++;
    else if (conn->deadline != 0 && deadline == 0)
        conns->timed--;
    conn->deadline = deadline;
}

bool
web_conn_is_late(const struct web_conn *conn)
{
    return conn->deadline != 0 && conn->deadline <= web_now_ms();
}

struct web_conn *
web_conn_nearest(const struct web_conns *conns)
{
    struct web_conn *nearest = NULL;

    if (conns->timed == 0)
        return NULL;
    for (struct web_conn *c = conns->oldest; c != NULL; c = c->newer) {
        if (c->deadline != 0 &&
            (nearest == NULL || c->deadline < nearest->deadline))
            nearest = c;
    }
    return nearest;
}

void
web_conn_again(struct web_conns *conns, struct web_conn *conn, bool again)
{
    if (again && !conn->again)
        conns->agains++;
    else if (!again && conn->again)
        conns->agains--;
    conn->again = again;
}

struct web_conn *
web_conn_to_look(const struct web_conns *conns)
{
    struct web_conn *c = conns->agains == 0 ? NULL : conns->oldest;

    while (c != NULL && !c->again)
        c = c->newer;
    return c;
}

struct web_conn *
web_conn_idle(const struct web_conns *conns)
{
    struct web_conn *c = conns->oldest;

    while (c != NULL && (c->deadline != 0 || c->held.bytes != NULL))
        c = c->newer;
    return c;
}

/* A record that fills the buffer to its last byte may not be the last. */
enum web_frame_state
web_conn_receive(struct web_conns *conns, struct web_conn *conn,
                 size_t body_max)
{
    enum web_frame_state state = look(conn, body_max);
    size_t room = 0, got = 0;

    while (state == WEB_FRAME_MORE && got == room) {
        ssize_t n;

        if (conn->len == conn->cap && !grow(conns, conn, body_max))
            return conn->frame.id != 0 ? WEB_FRAME_TOO_LARGE
                                       : WEB_FRAME_BROKEN;
        room = conn->cap - conn->len;
        n = recv(conn->fd, conn->buf + conn->len, room, MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            break;
        if (n <= 0) {
            conn->ended = true;
            return conn->frame.params_whole ? WEB_FRAME_MORE : WEB_FRAME_OVER;
        }
        got = (size_t) n;
        conn->len += got;
        if (conn->used < conn->len)
            conn->used = conn->len;
        state = look(conn, body_max);
        if (conn->frame.over)
            break; /* others come first */
    }
    if (conn->len == 0)
        give_back(conns, conn);
    return state;
}

void
web_conn_next(struct web_conns *conns, struct web_conn *conn)
{
    web_frame_next(&conn->frame, conn->buf, &conn->len);
    if (conn->len == 0)
        give_back(conns, conn);
}

void
web_conn_linger(struct web_conns *conns, struct web_conn *conn)
{
    (void)shutdown(conn->fd, SHUT_WR);
    give_back(conns, conn);
    conn->draining = true;
}

bool
web_conn_drain(struct web_conn *conn)
{
    char trash[16384];
    ssize_t n = recv(conn->fd, trash, sizeof(trash), MSG_DONTWAIT);

    crypto_wipe(trash, n > 0 ? (size_t) n : 0);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR;
    conn->drained += (size_t) n;
    return n > 0 && conn->drained < DRAIN_MAX;
}

static enum web_frame_state
look(struct web_conn *conn, size_t body_max)
{
    enum web_frame_state state;

    state = web_frame_scan(&conn->frame, conn->buf, &conn->len, body_max);
    send_answers(conn);
    return state;
}

/*
 * Records of few bytes cost more than their content; twice the body is ample
 * for every server there is.
 */
static bool
grow(struct web_conns *conns, struct web_conn *conn, size_t body_max)
{
    size_t max = 2 * (WEB_FRAME_PARAMS + (body_max < REQUEST_MAX
                                              ? body_max : REQUEST_MAX));
    size_t cap = conn->cap == 0 ? FIRST_BYTES : 2 * conn->cap;
    size_t len = conn->len;
    unsigned char *buf;

    if (max > REQUEST_MAX)
        max = REQUEST_MAX;
    if (cap > max)
        cap = max;
    if (cap <= conn->cap || cap - conn->cap > WEB_CONN_MEMORY - conns->memory)
        return false;
    buf = alloc_bytes(cap);
    if (conn->buf != NULL) {
        memcpy(buf, conn->buf, len);
        give_back(conns, conn);
    }
    conns->memory += cap;
    conn->used = len;
    conn->len = len;
    conn->buf = buf;
    conn->cap = cap;
    return true;
}

/* They are few and short: a server that cannot take them is lost. */
static void
send_answers(struct web_conn *conn)
{
    size_t len = conn->frame.answers_len;

    conn->frame.answers_len = 0;
    if (len > 0)
        (void)send(conn->fd, conn->frame.answers, len,
                   MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void
give_back(struct web_conns *conns, struct web_conn *conn)
{
    if (conn->used > 0)
        crypto_wipe(conn->buf, conn->used);
    free(conn->buf);
    conns->memory -= conn->cap;
    conn->buf = NULL;
    conn->cap = 0;
    conn->used = 0;
    conn->len = 0;
}

static void
link_newest(struct web_conns *conns, struct web_conn *conn)
{
    conn->newer = NULL;
    conn->older = conns->newest;
    if (conns->newest != NULL)
        conns->newest->newer = conn;
    else
        conns->oldest = conn;
    conns->newest = conn;
}

static void
unlink_conn(struct web_conns *conns, struct web_conn *conn)
{
    if (conn->newer != NULL)
        conn->newer->older = conn->older;
    else
        conns->newest = conn->older;
    if (conn->older != NULL)
        conn->older->newer = conn->newer;
    else
        conns->oldest = conn->newer;
}
