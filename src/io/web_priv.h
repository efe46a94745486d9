/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What the files of the web adapter share, one section a file.
 *
 * FastCGI is taken apart in two layers.  The records of each connection are
 * gathered and checked here until one request is whole (web_frame.c); only
 * then are they handed to libfcgi, through a pipe.  So the library never waits
 * for a server, never sees a byte of a second request, a malformed length or
 * an unread body, and is never interrupted by a signal.
 */

#ifndef IO_WEB_PRIV_H
#define IO_WEB_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "core/errtext.h"
#include "core/reply.h"
#include "core/request.h"
#include "io/web.h"

/* web_body.c: what a body is read into, with room for its terminator. */
struct web_body {
    char *buf;
    size_t cap;  /* bytes in buf */
    size_t used; /* bytes that were written to */
};

/* Make room for max bytes and a terminator; what was there is lost. */
void web_body_reserve(struct web_body *body, size_t max);
void web_body_wipe(struct web_body *body);
void web_body_free(struct web_body *body);

/* web_os.c: what is wanted of the system. */

/* Returns a time in milliseconds that only grows. */
int64_t web_now_ms(void);

/* Write a line to standard error, in one write. */
void web_stderr(const char *line);

/* web_vars.c: the variables of a request (RFC 3875, 4.1). */

enum web_var {
    WEB_METHOD,
    WEB_SCRIPT_NAME,
    WEB_PATH_INFO,
    WEB_CONTENT_TYPE,
    WEB_CONTENT_LENGTH,
    WEB_ACCEPT,
    WEB_REMOTE_ADDR,
    WEB_AUTHORIZATION,
    WEB_AUTHORIZATION_1, /* after one internal redirect of the server */
    WEB_AUTHORIZATION_2, /* after two */
    WEB_CONFIG,
    WEB_DPOP,
    WEB_CLIENT_VERIFY,
    WEB_CLIENT_CERT,
    WEB_VARS
};

struct web_vars {
    char *const *env;      /* all of them, borrowed */
    char *value[WEB_VARS]; /* borrowed; NULL when absent */
    const char *repeated;  /* the first name that came twice, or NULL */
};

/* Find the variables in env, an array of NAME=VALUE that ends with NULL. */
void web_vars_find(struct web_vars *vars, char *const *env);

/*
 * Fill in what the variables say, an empty body, and the fault that they show
 * by themselves: a repeated name, a declared length that is no number or is
 * over max.
 */
void web_vars_request(const struct web_vars *vars, size_t max,
                      struct request *rq);

/*
 * Returns the declared length, or -1 when none is.  Valid when the request
 * has no fault.
 */
int64_t web_vars_length(const struct web_vars *vars);

/* Wipe the values where they stand. */
void web_vars_wipe(struct web_vars *vars);

/* web_frame.c: FastCGI records, without any input or output. */

enum {
    WEB_FRAME_HEADER = 8,    /* bytes of a record's header */
    WEB_FRAME_PARAMS = 65536, /* bytes of all variables */
    WEB_FRAME_ANSWERS = 256, /* bytes of answers to other records */
    WEB_FRAME_DROP = 32 * 1024 * 1024, /* bytes of a body that is too large */
};

enum web_frame_state {
    WEB_FRAME_MORE,      /* nothing is whole yet */
    WEB_FRAME_WHOLE,     /* a request is */
    WEB_FRAME_TOO_LARGE, /* its body or its variables are over the limit */
    WEB_FRAME_OVER,      /* refused or taken back, with its connection */
    WEB_FRAME_BROKEN,    /* this is no FastCGI */
};

/* One request on its way in, at the start of a buffer. */
struct web_frame {
    unsigned id;         /* of the request; 0: none has begun */
    bool keep;           /* the server keeps the connection */
    bool params_whole;   /* all variables are there */
    bool over;           /* its body is over the limit, and dropped */
    bool whole;          /* its last record came */
    size_t len;          /* bytes of its records so far */
    size_t head_len;     /* bytes of those that may be handed over early */
    size_t params;       /* bytes of variables */
    size_t body;         /* bytes of body */
    struct {
        unsigned char head[8]; /* the two lengths of a pair */
        size_t have;           /* bytes of head */
        size_t skip;           /* bytes of name and value to come */
    } pair;
    unsigned char answers[WEB_FRAME_ANSWERS]; /* to be sent at once */
    size_t answers_len;
};

/*
 * Look at what has arrived.  Records that do not belong to the request are
 * answered or dropped, and taken out of buf, whose *len shrinks.  A second
 * request on the connection is refused (CANT_MPX_CONN), as is a role that is
 * not the responder's.  body_max is the limit of a body; on a connection that
 * is kept, one that is over it is dropped to its end, within WEB_FRAME_DROP:
 * a server may send its next request at once after an early answer.
 */
enum web_frame_state web_frame_scan(struct web_frame *frame,
                                    unsigned char *buf, size_t *len,
                                    size_t body_max);

/* Wipe the request, which has been answered, and take it out of buf. */
void web_frame_next(struct web_frame *frame, unsigned char *buf, size_t *len);

/* Write an empty record that ends the variables. */
void web_frame_params_end(const struct web_frame *frame,
                          unsigned char record[WEB_FRAME_HEADER]);

/* web_sock.c: the listening socket and who may connect to it. */

/*
 * Returns the listening socket that the process was started with: 3, when
 * LISTEN_PID and LISTEN_FDS say so, or 0; or -1 when there is none.
 */
int web_sock_inherited(void);

/*
 * Whether a peer may speak FastCGI to us, and so tell us who its clients are:
 * a local socket, a loopback address, or one of list (FCGI_WEB_SERVER_ADDRS:
 * numeric addresses with commas between; NULL is allowed).
 */
bool web_sock_trusted(const struct sockaddr *peer, const char *list);

/*
 * Accept a connection, non-blocking.
 *
 * Returns it, or -1 with errno.  A peer that is not trusted is closed, which
 * is told on standard error, and gives ECONNABORTED, as one that went away.
 */
int web_sock_accept(int listener, const char *list);

/* Let a write of more than a socket may take at once wait for its peer. */
void web_sock_wait_to_write(int fd);

/* web_held.c: an answer that waits, as FastCGI records. */

struct web_held {
    unsigned char *bytes; /* NULL: none waits */
    size_t len;
    bool head_only;
};

/* Make the records of an answer, whose body is in rp->buf. */
void web_held_set(struct web_held *held, unsigned id, const struct reply *rp,
                  bool head_only);

/*
 * Send the answer after a line, or what is in its place; either may be NULL.
 *
 * Returns whether all went out; the answer is wiped in both cases.
 */
bool web_held_send(struct web_held *held, int fd, unsigned id,
                   const struct reply *rp, const char *line);

/* Forget the answer. */
void web_held_wipe(struct web_held *held);

/* web_conn.c: the open connections. */

enum { WEB_CONN_MAX = 256, WEB_CONN_MEMORY = 16 * 1024 * 1024 };

struct web_conn {
    int fd;
    bool watched;  /* is in the epoll set */
    bool served;   /* a request was answered; it may be idle for ages */
    bool draining; /* has been answered; the rest is thrown away */
    bool ended;    /* the server sends no more */
    bool again;    /* has more to look at already */
    struct web_held held; /* then nothing else is done with it */
    struct web_frame frame;
    unsigned char *buf; /* what has arrived of a request; NULL when idle */
    size_t len;         /* bytes in buf */
    size_t cap;
    size_t used;        /* bytes in buf that were ever written to */
    size_t drained;     /* bytes thrown away */
    int64_t deadline;   /* milliseconds; 0: none */
    struct web_conn *newer, *older; /* by last use */
};

struct web_conns {
    struct web_conn *newest, *oldest;
    size_t n;
    size_t timed;  /* those with a deadline */
    size_t agains; /* those that have more to look at */
    size_t memory; /* bytes in all buffers */
};

struct web_conn *web_conn_add(struct web_conns *conns, int fd);

/* Close (unless fd is -1), wipe and free it. */
void web_conn_drop(struct web_conns *conns, struct web_conn *conn);

/* Make it the newest. */
void web_conn_touch(struct web_conns *conns, struct web_conn *conn);

/* 0 takes the deadline away. */
void web_conn_deadline(struct web_conns *conns, struct web_conn *conn,
                       int64_t deadline);

/* Returns whether its deadline has come. */
bool web_conn_is_late(const struct web_conn *conn);

/* Returns the connection with the nearest deadline, or NULL. */
struct web_conn *web_conn_nearest(const struct web_conns *conns);

/* Say whether there is more to look at already. */
void web_conn_again(struct web_conns *conns, struct web_conn *conn,
                    bool again);

/* Returns one of which that was said, or NULL. */
struct web_conn *web_conn_to_look(const struct web_conns *conns);

/* Returns the connection that has been idle for longest, or NULL. */
struct web_conn *web_conn_idle(const struct web_conns *conns);

/*
 * Receive what is there and look at it.
 *
 * Returns the state of the request.  A connection that the server closed, or
 * that broke, is WEB_FRAME_OVER unless its variables are whole: then it is
 * WEB_FRAME_MORE with conn->ended.
 */
enum web_frame_state web_conn_receive(struct web_conns *conns,
                                      struct web_conn *conn, size_t body_max);

/* Take the answered request out, and give back the buffer if it is empty. */
void web_conn_next(struct web_conns *conns, struct web_conn *conn);

/*
 * End our side, so that the answer gets through to a server that still sends:
 * closing at once would make it see a broken connection first.
 */
void web_conn_linger(struct web_conns *conns, struct web_conn *conn);

/*
 * Throw away what is there.
 *
 * Returns whether more may come.
 */
bool web_conn_drain(struct web_conn *conn);

/* web_loop.c: which request is next, and what becomes of its connection. */

struct web_loop {
    int epoll;
    int listener;
    int signals;         /* signalfd: all of them mean the end */
    const char *trusted; /* FCGI_WEB_SERVER_ADDRS */
    bool stopping;
    int64_t stop_at;     /* milliseconds: begun requests wait no longer, and
                          * nothing more is accepted */
    int64_t resume_at;   /* milliseconds; 0: accepting is not paused */
    struct web_conns conns;
    struct web_conn *held[WEB_HELD_MAX]; /* the oldest answer first */
    size_t n_held;
    int64_t held_at; /* milliseconds: since when the first is held */
};

/* Returns 0, or -1 with the reason in *why; web_loop_close() in both cases. */
int web_loop_open(struct web_loop *loop, int listener, struct errtext *why);

/*
 * Wait for a connection whose request can be answered: because it is whole,
 * or because it never will be, which *fault says.
 *
 * Returns 1 with *conn, 0 when it is time to end or to release what is held,
 * -1 with the reason in *why.
 */
int web_loop_next(struct web_loop *loop, size_t body_max,
                  struct web_conn **conn, enum request_fault *fault,
                  struct errtext *why);

/* Do nothing with the connection until web_loop_resume(). */
void web_loop_hold(struct web_loop *loop, struct web_conn *conn);

/* Returns the connection that has been held for longest, not any more. */
struct web_conn *web_loop_resume(struct web_loop *loop);

/* The request was answered. */
void web_loop_done(struct web_loop *loop, struct web_conn *conn);

/* Give a connection up. */
void web_loop_drop(struct web_loop *loop, struct web_conn *conn);
void web_loop_close(struct web_loop *loop);

/* web_fcgi.c and web_cgi.c: the two kinds.  web.h has the contracts. */

struct web_fcgi;

int web_fcgi_open(struct web_fcgi **fcgi, int listener, struct errtext *why);
int web_fcgi_next(struct web_fcgi *fcgi, size_t body_max, struct request *rq,
                  struct errtext *why);
void web_fcgi_log(struct web_fcgi *fcgi, const char *line);
void web_fcgi_answer(struct web_fcgi *fcgi, const struct reply *rp);
void web_fcgi_hold(struct web_fcgi *fcgi, const struct reply *rp);
size_t web_fcgi_held(const struct web_fcgi *fcgi);
void web_fcgi_release(struct web_fcgi *fcgi, const struct reply *rp,
                      const char *line);
void web_fcgi_close(struct web_fcgi *fcgi);

struct web_cgi {
    struct web_body body;
    struct web_vars vars;
    bool head_only;
    bool done;   /* the one request was given out */
    bool unread; /* there may be more of its body */
};

int web_cgi_next(struct web_cgi *cgi, size_t body_max, struct request *rq);
void web_cgi_answer(struct web_cgi *cgi, const struct reply *rp);
void web_cgi_close(struct web_cgi *cgi);

#endif /* IO_WEB_PRIV_H */
