/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The web adapter: FastCGI (libfcgi) and plain CGI (RFC 3875), told apart by
 * what the process was started with.
 *
 * Requests are served one at a time, and their answers may be held back until
 * all that are there are served.  Connections are many: the listening
 * socket is shared with other workers and every accepted connection waits in
 * one epoll set, so that neither a kept idle connection nor one with half a
 * request holds up the others.  Signals are let in only while waiting there.
 */

#ifndef IO_WEB_H
#define IO_WEB_H

#include <stdbool.h>
#include <stddef.h>

#include "core/errtext.h"
#include "core/reply.h"
#include "core/request.h"

struct web;

enum {
    WEB_HELD_MAX = 32, /* answers */
    WEB_HELD_MS = 5,   /* from the first that is held */
};

/*
 * Take over standard input, or systemd's descriptor 3 (LISTEN_PID and
 * LISTEN_FDS), when that is a listening socket: FastCGI.  Else, with
 * REQUEST_METHOD in the environment, it is CGI.  Else refuses with a reason
 * that says how to start the program.
 *
 * Returns 0 with *web, which the caller closes with web_close(), or -1 with
 * the reason in *why.
 */
int web_open(struct web **web, struct errtext *why);

/* Whether this process serves one request and ends: CGI. */
bool web_is_once(const struct web *web);

/*
 * Wait for the next request and read it whole; a body over body_max bytes is
 * not read, which rq->fault says.  The request before it must have been
 * answered, or its answer be held.  While one is held this waits for nothing.
 *
 * Returns 1 with *rq, 0 when it is time to end (SIGTERM, SIGUSR1, SIGHUP,
 * SIGINT, or CGI's one request answered), -1 with the reason in *why.  While
 * answers are held 0 says that it is time to release them: no request is
 * there, or as many are held, or for as long, as may be.
 */
int web_next(struct web *web, size_t body_max, struct request *rq,
             struct errtext *why);

/*
 * Write a line to the server's error log: FCGI_STDERR of the request in hand,
 * or standard error.
 */
void web_log(struct web *web, const char *line);

/*
 * Answer the request in hand in one write, with Content-Length; for HEAD
 * without the body.  Then wipe what the request brought.
 */
void web_answer(struct web *web, const struct reply *rp);

/*
 * The same for FastCGI, but the answer is not sent yet: it waits for
 * web_release().  Its body is in rp->buf.  At most WEB_HELD_MAX can wait.
 */
void web_hold(struct web *web, const struct reply *rp);

/* Returns how many answers are held. */
size_t web_held(const struct web *web);

/*
 * Send the answer that has been held for longest, after line, terminated, to
 * the server's error log; or instead of the answer rp, whose body is in
 * rp->buf.  line and rp may be NULL.  Another request may be in hand.
 */
void web_release(struct web *web, const struct reply *rp, const char *line);

/*
 * NULL is allowed.  What is held is never sent.  The listening socket stays
 * open until the process has ended: a server that is refused while it lives
 * takes it for broken (lighttpd for a second), and that costs more requests
 * than the few that are queued and lost meanwhile.
 */
void web_close(struct web *web);

#endif /* IO_WEB_H */
