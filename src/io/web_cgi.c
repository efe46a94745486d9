/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * CGI (RFC 3875): the environment, standard input, standard output.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "io/crypto.h"
#include "io/web_priv.h"

enum {
    BODY_MS = 10000, /* for all of it */
    DRAIN_MS = 5000, /* for what is left of it after an early answer */
    DRAIN_MAX = 32 * 1024 * 1024,
};

static enum request_fault read_body(struct web_cgi *cgi, struct request *rq,
                                    size_t want, size_t max);
static bool takes_body(const struct request *rq);
static int wait_input(int64_t deadline);
static void write_all(const char *bytes, size_t len);
static void drain_input(void);

/* Without a declared length the body ends where the input does. */
int
web_cgi_next(struct web_cgi *cgi, size_t body_max, struct request *rq)
{
    int64_t length;

    if (cgi->done)
        return 0;
    cgi->done = true;
    web_body_reserve(&cgi->body, body_max);
    web_vars_find(&cgi->vars, environ);
    web_vars_request(&cgi->vars, body_max, rq);
    length = web_vars_length(&cgi->vars);
    cgi->head_only = strcmp(rq->method, "HEAD") == 0;
    rq->body = cgi->body.buf;
    if (rq->fault == REQUEST_OK && length >= 0)
        rq->fault = read_body(cgi, rq, (size_t) length, body_max);
    else if (rq->fault == REQUEST_OK && takes_body(rq))
        rq->fault = read_body(cgi, rq, body_max + 1, body_max);
    if (rq->fault == REQUEST_OK && length >= 0 &&
        (uint64_t) length != rq->body_len)
        rq->fault = REQUEST_INCOMPLETE;
    cgi->unread = rq->fault != REQUEST_OK;
    if (cgi->unread)
        rq->body_len = 0;
    rq->body[rq->body_len] = '\0';
    return 1;
}

/* In one write, so that the server sees all of it or nothing. */
void
web_cgi_answer(struct web_cgi *cgi, const struct reply *rp)
{
    size_t body_len = cgi->head_only ? 0 : rp->len;
    char *all = alloc_bytes(REPLY_HEAD_MAX + body_len);
    size_t head_len;

    head_len = reply_head(rp, all);
    if (body_len > 0)
        memcpy(all + head_len, rp->body, body_len);
    write_all(all, head_len + body_len);
    crypto_wipe(all, head_len + body_len);
    free(all);
    if (cgi->unread)
        drain_input();
    web_vars_wipe(&cgi->vars);
    web_body_wipe(&cgi->body);
}

void
web_cgi_close(struct web_cgi *cgi)
{
    web_body_free(&cgi->body);
}

/* The buffer has one byte more than max: enough to see that there is more. */
static enum request_fault
read_body(struct web_cgi *cgi, struct request *rq, size_t want, size_t max)
{
    int64_t deadline = web_now_ms() + BODY_MS;

    while (rq->body_len < want) {
        int ready = wait_input(deadline);
        ssize_t n;

        if (ready == 0)
            return REQUEST_TIMEOUT;
        if (ready < 0)
            continue;
        n = read(STDIN_FILENO, rq->body + rq->body_len, want - rq->body_len);
        if (n < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (n < 0)
            return REQUEST_INCOMPLETE;
        if (n == 0)
            break;
        rq->body_len += (size_t) n;
        cgi->body.used = rq->body_len;
    }
    return rq->body_len > max ? REQUEST_TOO_LARGE : REQUEST_OK;
}

/* These have none unless it is declared: nobody may end the input. */
static bool
takes_body(const struct request *rq)
{
    return strcmp(rq->method, "GET") != 0 && strcmp(rq->method, "HEAD") != 0;
}

/* Returns 0 when the time is over. */
static int
wait_input(int64_t deadline)
{
    struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
    int64_t ms = deadline - web_now_ms();

    return ms <= 0 ? 0 : poll(&input, 1, (int) ms);
}

/* Nobody is left to be told that the server has gone. */
static void
write_all(const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = write(STDOUT_FILENO, bytes, len);

        if (n < 0 && errno == EAGAIN)
            (void)poll(&(struct pollfd){ .fd = STDOUT_FILENO,
                                         .events = POLLOUT }, 1, -1);
        else if (n < 0 && errno != EINTR)
            return;
        if (n > 0) {
            bytes += n;
            len -= (size_t) n;
        }
    }
}

/*
 * A server that writes all of the body before it looks for an answer would
 * find neither: closing a socket with unread bytes takes the answer with it.
 */
static void
drain_input(void)
{
    int64_t deadline = web_now_ms() + DRAIN_MS;
    size_t drained = 0;
    char trash[16384];

    while (drained < DRAIN_MAX) {
        int ready = wait_input(deadline);
        ssize_t n = ready > 0 ? read(STDIN_FILENO, trash, sizeof(trash)) : 0;

        if (ready == 0 || (ready > 0 && n == 0) ||
            (n < 0 && errno != EINTR && errno != EAGAIN))
            break;
        if (n > 0)
            drained += (size_t) n;
    }
    crypto_wipe(trash, sizeof(trash));
}
