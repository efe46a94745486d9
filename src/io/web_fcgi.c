/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * FastCGI: libfcgi reads one whole request from a pipe and answers it on its
 * connection.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/alloc.h"
#include "io/crypto.h"
#include "io/web_priv.h"

struct web_fcgi {
    struct web_loop loop;
    FCGX_Request request;
    int pipe[2];           /* to the library */
    size_t pipe_room;      /* bytes that it holds */
    int source, sink;      /* of this request: the pipe, or twice a file */
    struct web_conn *conn; /* of the request in hand, or NULL */
    bool head_only;
    struct web_vars vars;
    struct web_body body;
};

static int open_pipe(struct web_fcgi *fcgi, struct errtext *why);
static void close_pipe(struct web_fcgi *fcgi);
static bool hand_over(struct web_fcgi *fcgi, bool whole);
static bool open_source(struct web_fcgi *fcgi, size_t len);
static void close_source(struct web_fcgi *fcgi);
static bool put(const struct web_fcgi *fcgi, const void *bytes, size_t len);
static bool take_over(struct web_fcgi *fcgi);
static bool read_request(struct web_fcgi *fcgi, size_t body_max,
                         enum request_fault fault, struct request *rq);
static bool read_body(FCGX_Stream *in, struct request *rq, size_t max);
static void wipe_consumed(const FCGX_Stream *in);
static void forget_request(struct web_fcgi *fcgi);
static void write_answer(struct web_fcgi *fcgi, const struct reply *rp);
static void put_stream(FCGX_Stream *out, const char *bytes, size_t len);

int
web_fcgi_open(struct web_fcgi **fcgi, int listener, struct errtext *why)
{
    struct web_fcgi *f = alloc_zero(1, sizeof(*f));

    f->pipe[0] = f->pipe[1] = f->source = f->sink = -1;
    f->loop.epoll = f->loop.signals = -1;
    if (FCGX_Init() != 0 || FCGX_InitRequest(&f->request, -1, 0) != 0) {
        (void)errtext_set(why, "libfcgi: %s", strerror(errno));
    } else if (web_loop_open(&f->loop, listener, why) == 0 &&
               open_pipe(f, why) == 0) {
        (void)signal(SIGPIPE, SIG_IGN);
        *fcgi = f;
        return 0;
    }
    web_fcgi_close(f);
    return -1;
}

/* A request that the library refuses takes its connection and the pipe. */
int
web_fcgi_next(struct web_fcgi *fcgi, size_t body_max, struct request *rq,
              struct errtext *why)
{
    enum request_fault fault;
    int rc;

    web_body_reserve(&fcgi->body, body_max);
    for (;;) {
        rc = web_loop_next(&fcgi->loop, body_max, &fcgi->conn, &fault, why);
        if (rc <= 0) {
            fcgi->conn = NULL;
            return rc;
        }
        if (hand_over(fcgi, fault == REQUEST_OK) && take_over(fcgi) &&
            read_request(fcgi, body_max, fault, rq)) {
            close_source(fcgi);
            return 1;
        }
        FCGX_Free(&fcgi->request, 0);
        web_loop_drop(&fcgi->loop, fcgi->conn);
        close_source(fcgi);
        close_pipe(fcgi);
        if (open_pipe(fcgi, why) != 0)
            return -1;
    }
}

void
web_fcgi_log(struct web_fcgi *fcgi, const char *line)
{
    if (fcgi->conn == NULL) {
        web_stderr(line);
        return;
    }
    put_stream(fcgi->request.err, line, strlen(line));
    put_stream(fcgi->request.err, "\n", 1);
}

/*
 * The library would wait for the server before it closes; so it is made to
 * think that the connection is kept.
 */
void
web_fcgi_answer(struct web_fcgi *fcgi, const struct reply *rp)
{
    struct web_conn *conn = fcgi->conn;

    write_answer(fcgi, rp);
    forget_request(fcgi);
    fcgi->request.keepConnection = 1;
    FCGX_Finish_r(&fcgi->request);
    if (fcgi->request.ipcFd < 0) {
        conn->fd = -1;
        web_loop_drop(&fcgi->loop, conn);
        return;
    }
    fcgi->request.ipcFd = -1;
    web_loop_done(&fcgi->loop, conn);
}

/* The library sends what was logged, and is made to forget the request. */
void
web_fcgi_hold(struct web_fcgi *fcgi, const struct reply *rp)
{
    struct web_conn *conn = fcgi->conn;

    web_held_set(&conn->held, conn->frame.id, rp, fcgi->head_only);
    web_loop_hold(&fcgi->loop, conn);
    (void)FCGX_FFlush(fcgi->request.err);
    forget_request(fcgi);
    FCGX_Free(&fcgi->request, 0);
    fcgi->request.ipcFd = -1;
}

size_t
web_fcgi_held(const struct web_fcgi *fcgi)
{
    return fcgi->loop.n_held;
}

void
web_fcgi_release(struct web_fcgi *fcgi, const struct reply *rp,
                 const char *line)
{
    struct web_conn *conn = web_loop_resume(&fcgi->loop);

    if (web_held_send(&conn->held, conn->fd, conn->frame.id, rp, line))
        web_loop_done(&fcgi->loop, conn);
    else
        web_loop_drop(&fcgi->loop, conn);
}

void
web_fcgi_close(struct web_fcgi *fcgi)
{
    if (fcgi == NULL)
        return;
    FCGX_Free(&fcgi->request, 0);
    web_loop_close(&fcgi->loop);
    close_pipe(fcgi);
    web_body_free(&fcgi->body);
    free(fcgi);
}

/* Neither end ever waits: what is read has been written before. */
static int
open_pipe(struct web_fcgi *fcgi, struct errtext *why)
{
    int size;

    if (pipe2(fcgi->pipe, O_CLOEXEC | O_NONBLOCK) != 0) {
        fcgi->pipe[0] = fcgi->pipe[1] = -1;
        return errtext_set(why, "pipe: %s", strerror(errno));
    }
    size = fcntl(fcgi->pipe[1], F_GETPIPE_SZ);
    fcgi->pipe_room = size > 0 ? (size_t) size : 0;
    return 0;
}

static void
close_pipe(struct web_fcgi *fcgi)
{
    for (int i = 0; i < 2; i++) {
        if (fcgi->pipe[i] >= 0)
            close(fcgi->pipe[i]);
        fcgi->pipe[i] = -1;
    }
}

/*
 * Give the library a whole request, or else, so that it can be answered, the
 * part that says whose it is.
 */
static bool
hand_over(struct web_fcgi *fcgi, bool whole)
{
    const struct web_conn *conn = fcgi->conn;
    size_t len = whole ? conn->frame.len : conn->frame.head_len;
    unsigned char end[WEB_FRAME_HEADER];
    bool done = open_source(fcgi, len + sizeof(end)) &&
                put(fcgi, conn->buf, len);

    if (done && !whole && !conn->frame.params_whole) {
        web_frame_params_end(&conn->frame, end);
        done = put(fcgi, end, sizeof(end));
    }
    if (done && fcgi->source == fcgi->sink)
        done = lseek(fcgi->source, 0, SEEK_SET) == 0;
    return done;
}

/* The rare request that the pipe cannot hold goes through a file in memory. */
static bool
open_source(struct web_fcgi *fcgi, size_t len)
{
    if (len <= fcgi->pipe_room) {
        fcgi->source = fcgi->pipe[0];
        fcgi->sink = fcgi->pipe[1];
    } else {
        fcgi->source = fcgi->sink = memfd_create("request", MFD_CLOEXEC);
    }
    return fcgi->source >= 0;
}

static void
close_source(struct web_fcgi *fcgi)
{
    if (fcgi->source >= 0 && fcgi->source == fcgi->sink)
        close(fcgi->source);
    fcgi->source = fcgi->sink = -1;
}

static bool
put(const struct web_fcgi *fcgi, const void *bytes, size_t len)
{
    return write(fcgi->sink, bytes, len) == (ssize_t) len;
}

/* On failure the library has closed what it was given. */
static bool
take_over(struct web_fcgi *fcgi)
{
    fcgi->request.ipcFd = fcgi->source;
    fcgi->request.keepConnection = 1;
    if (FCGX_Accept_r(&fcgi->request) != 0) {
        if (fcgi->source == fcgi->pipe[0])
            fcgi->pipe[0] = -1;
        fcgi->source = -1;
        return false;
    }
    wipe_consumed(fcgi->request.in);
    return true;
}

/* From here on the library writes to the connection. */
static bool
read_request(struct web_fcgi *fcgi, size_t body_max, enum request_fault fault,
             struct request *rq)
{
    web_vars_find(&fcgi->vars, fcgi->request.envp);
    web_vars_request(&fcgi->vars, body_max, rq);
    rq->body = fcgi->body.buf;
    if (fault != REQUEST_OK)
        rq->fault = fault;
    else if (!read_body(fcgi->request.in, rq, body_max))
        return false;
    fcgi->body.used = rq->body_len;
    if (rq->fault == REQUEST_OK && web_vars_length(&fcgi->vars) >= 0 &&
        (uint64_t) web_vars_length(&fcgi->vars) != rq->body_len)
        rq->fault = REQUEST_INCOMPLETE;
    if (rq->fault != REQUEST_OK)
        rq->body_len = 0;
    rq->body[rq->body_len] = '\0';
    fcgi->head_only = strcmp(rq->method, "HEAD") == 0;
    fcgi->request.ipcFd = fcgi->conn->fd;
    (void)FCGX_Detach(&fcgi->request);
    return true;
}

/* To its end, even if it is of no use: nothing may stay in the pipe. */
static bool
read_body(FCGX_Stream *in, struct request *rq, size_t max)
{
    int c;

    while ((c = FCGX_GetChar(in)) != EOF) {
        size_t n = (size_t) (in->stop - in->rdNext);

        if (n >= max - rq->body_len)
            return false;
        rq->body[rq->body_len++] = (char) c;
        rq->body_len += (size_t) FCGX_GetStr(rq->body + rq->body_len, (int) n,
                                             in);
        wipe_consumed(in);
    }
    return FCGX_GetError(in) == 0;
}

/* What the library has read of a record and copied elsewhere. */
static void
wipe_consumed(const FCGX_Stream *in)
{
    if (in->stopUnget < in->rdNext)
        crypto_wipe(in->stopUnget, (size_t) (in->rdNext - in->stopUnget));
}

static void
forget_request(struct web_fcgi *fcgi)
{
    web_vars_wipe(&fcgi->vars);
    web_body_wipe(&fcgi->body);
    fcgi->conn = NULL;
}

/* The buffer is the library's, and freed by it: a token must not stay. */
static void
write_answer(struct web_fcgi *fcgi, const struct reply *rp)
{
    FCGX_Stream *out = fcgi->request.out;
    unsigned char *start = out->wrNext;
    size_t room = (size_t) (out->stop - start);
    size_t body_len = fcgi->head_only ? 0 : rp->len;
    char head[REPLY_HEAD_MAX];
    size_t head_len = reply_head(rp, head);

    if (head_len + body_len > room)
        web_sock_wait_to_write(fcgi->conn->fd);
    put_stream(out, head, head_len);
    put_stream(out, rp->body, body_len);
    (void)FCGX_FClose(fcgi->request.err);
    (void)FCGX_FClose(out);
    crypto_wipe(start, room < head_len + body_len ? room
                                                  : head_len + body_len);
    FCGX_ClearError(fcgi->request.in);
}

/* A stream that broke takes no more; FCGX_Finish_r() then closes. */
static void
put_stream(FCGX_Stream *out, const char *bytes, size_t len)
{
    enum { PIECE = 1 << 20 };

    while (len > 0) {
        int n = len < PIECE ? (int) len : PIECE;

        if (FCGX_PutStr(bytes, n, out) != n)
            return;
        bytes += n;
        len -= (size_t) n;
    }
}
