/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * FastCGI: an answer that waits.  The library writes what it has no room for,
 * so it is not told of such an answer.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "core/alloc.h"
#include "io/crypto.h"
#include "io/web_priv.h"

enum {
    END_REQUEST = 3,
    STDOUT = 6,
    STDERR = 7,

    CONTENT_MAX = 65528, /* of a record: in whole eights */
    END_LEN = 8,
    PADDING_MAX = 8,
};

_Static_assert(REPLY_HEAD_MAX + REPLY_BUF_MAX <= CONTENT_MAX,
               "an answer fits in one record");

static size_t write_header(unsigned char *at, unsigned char type, unsigned id,
                           size_t len);
static bool send_line(int fd, unsigned id, const char *line);
static bool send_all(int fd, const unsigned char *bytes, size_t len);

void
web_held_set(struct web_held *held, unsigned id, const struct reply *rp,
             bool head_only)
{
    char head[REPLY_HEAD_MAX];
    size_t head_len = reply_head(rp, head);
    size_t body_len = head_only ? 0 : rp->len;
    unsigned char *at = alloc_bytes(head_len + body_len + PADDING_MAX +
                                    3 * WEB_FRAME_HEADER + END_LEN);

    held->bytes = at;
    held->head_only = head_only;
    at += write_header(at, STDOUT, id, head_len + body_len);
    memcpy(at, head, head_len);
    memcpy(at + head_len, rp->body, body_len);
    at += head_len + body_len;
    memset(at, 0, PADDING_MAX);
    at += held->bytes[6];
    at += write_header(at, STDOUT, id, 0);
    at += write_header(at, END_REQUEST, id, END_LEN);
    memset(at, 0, END_LEN);
    held->len = (size_t) (at + END_LEN - held->bytes);
}

bool
web_held_send(struct web_held *held, int fd, unsigned id,
              const struct reply *rp, const char *line)
{
    bool head_only = held->head_only;
    bool done;

    if (rp != NULL) {
        web_held_wipe(held);
        web_held_set(held, id, rp, head_only);
    }
    done = (line == NULL || send_line(fd, id, line)) &&
           send_all(fd, held->bytes, held->len);
    web_held_wipe(held);
    return done;
}

void
web_held_wipe(struct web_held *held)
{
    if (held->bytes != NULL)
        crypto_wipe(held->bytes, held->len);
    free(held->bytes);
    held->bytes = NULL;
    held->len = 0;
}

/* Returns its length. */
static size_t
write_header(unsigned char *at, unsigned char type, unsigned id, size_t len)
{
    at[0] = 1;
    at[1] = type;
    at[2] = (unsigned char) (id >> 8);
    at[3] = (unsigned char) id;
    at[4] = (unsigned char) (len >> 8);
    at[5] = (unsigned char) len;
    at[6] = (unsigned char) ((8 - len % 8) % 8);
    at[7] = 0;
    return WEB_FRAME_HEADER;
}

/* And the end of that stream, which a server may want after it. */
static bool
send_line(int fd, unsigned id, const char *line)
{
    size_t len = strlen(line) < CONTENT_MAX ? strlen(line) : CONTENT_MAX - 1;
    unsigned char *bytes = alloc_zero(1, len + 3 * WEB_FRAME_HEADER);
    unsigned char *at = bytes;
    bool done;

    at += write_header(at, STDERR, id, len + 1);
    memcpy(at, line, len);
    at[len] = '\n';
    at += len + 1 + bytes[6];
    at += write_header(at, STDERR, id, 0);
    done = send_all(fd, bytes, (size_t) (at - bytes));
    free(bytes);
    return done;
}

/* A peer that takes nothing for too long is lost. */
static bool
send_all(int fd, const unsigned char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (n < 0 && errno == EAGAIN) {
            web_sock_wait_to_write(fd);
            n = send(fd, bytes, len, MSG_NOSIGNAL);
        }
        if (n < 0 && errno != EINTR)
            return false;
        if (n > 0) {
            bytes += n;
            len -= (size_t) n;
        }
    }
    return true;
}
