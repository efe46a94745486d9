/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The parts of the web adapter: variables, records, peers, deadlines.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "io/web.h"
#include "io/web_priv.h"
#include "tap.h"

enum { BODY_MAX = 100, BYTES_MAX = 200000 };

#define N(rows) (sizeof(rows) / sizeof((rows)[0]))

/* Records under construction. */
static unsigned char bytes[BYTES_MAX];
static size_t len;

static void
add(unsigned type, unsigned id, const void *content, size_t n, size_t padding)
{
    const unsigned char head[8] = {
        1, (unsigned char) type, (unsigned char) (id >> 8),
        (unsigned char) id, (unsigned char) (n >> 8), (unsigned char) n,
        (unsigned char) padding,
    };

    memcpy(bytes + len, head, sizeof(head));
    if (n > 0)
        memcpy(bytes + len + 8, content, n);
    memset(bytes + len + 8 + n, 0xee, padding);
    len += 8 + n + padding;
}

static void
add_begin(unsigned id, unsigned role, unsigned flags)
{
    const unsigned char content[8] = { 0, (unsigned char) role,
                                       (unsigned char) flags };

    add(1, id, content, sizeof(content), 0);
}

/*
 * From a script: B and b begin request 1, kept or not; P variables, p their
 * end; S body of three bytes, s its end; A abort; 2 begins another request;
 * O body of another; R another role; V values, U an unknown record; L 60
 * bytes of body; X an answer.  Letters after a + have padding.
 */
static void
add_script(const char *script)
{
    static const unsigned char pairs[] = { 1, 2, 'N', 'v', 'v', 0, 0 };
    static const char body[60] = "abc";
    size_t padding = 0;

    len = 0;
    for (; *script != '\0'; script++) {
        switch (*script) {
        case '+': padding = 5; break;
        case 'B': add_begin(1, 1, 1); break;
        case 'b': add_begin(1, 1, 0); break;
        case 'R': add_begin(1, 3, 1); break;
        case '2': add_begin(2, 1, 1); break;
        case 'P': add(4, 1, pairs, sizeof(pairs), padding); break;
        case 'Q': add(4, 1, pairs, 3, padding); break;
        case 'p': add(4, 1, NULL, 0, padding); break;
        case 'S': add(5, 1, body, 3, padding); break;
        case 'L': add(5, 1, body, 60, padding); break;
        case 's': add(5, 1, NULL, 0, padding); break;
        case 'O': add(5, 2, body, 3, padding); break;
        case 'A': add(2, 1, NULL, 0, padding); break;
        case 'V': add(9, 0, NULL, 0, padding); break;
        case 'U': add(99, 0, NULL, 0, padding); break;
        case 'X': add(6, 1, body, 3, padding); break;
        default: abort();
        }
    }
}

static void
test_records(void)
{
    static const struct {
        const char *sentence;
        const char *script;
        enum web_frame_state state;
        size_t kept;    /* bytes of the request */
        size_t rest;    /* bytes after it */
        size_t answers; /* bytes to be sent */
    } rows[] = {
        { "nothing", "", WEB_FRAME_MORE, 0, 0, 0 },
        { "a beginning", "B", WEB_FRAME_MORE, 16, 0, 0 },
        { "variables without their end", "BP", WEB_FRAME_MORE, 31, 0, 0 },
        { "no body yet", "BPp", WEB_FRAME_MORE, 39, 0, 0 },
        { "body without its end", "BPpS", WEB_FRAME_MORE, 50, 0, 0 },
        { "a whole request", "BPpSs", WEB_FRAME_WHOLE, 58, 0, 0 },
        { "one without a body", "Bps", WEB_FRAME_WHOLE, 32, 0, 0 },
        { "padding is taken out", "B+PpSs", WEB_FRAME_WHOLE, 58, 0, 0 },
        { "the next one waits", "BpsBps", WEB_FRAME_WHOLE, 32, 32, 0 },
        { "a request within", "B2psO", WEB_FRAME_WHOLE, 32, 11, 16 },
        { "body of another", "BOpOs", WEB_FRAME_WHOLE, 32, 0, 0 },
        { "what belongs to nothing", "SsPpX", WEB_FRAME_MORE, 0, 0, 0 },
        { "a question within", "BpVs", WEB_FRAME_WHOLE, 32, 0, 8 },
        { "an unknown record", "U", WEB_FRAME_MORE, 0, 0, 16 },
        { "eleven of them", "UUUUUUUUUUU", WEB_FRAME_MORE, 0, 0, 176 },
        { "taken back", "BPpSA", WEB_FRAME_MORE, 0, 0, 16 },
        { "taken back, not kept", "bPpA", WEB_FRAME_OVER, 0, 0, 16 },
        { "taken back, then whole", "BPABps", WEB_FRAME_WHOLE, 32, 0, 16 },
        { "another role", "RPpSs", WEB_FRAME_MORE, 0, 0, 16 },
        { "60 bytes of body", "BpLs", WEB_FRAME_WHOLE, 100, 0, 0 },
        { "120 bytes, and 100 allowed", "bpLLs", WEB_FRAME_TOO_LARGE, 92, 76,
          0 },
        { "and kept: to its end", "BpLLsBps", WEB_FRAME_TOO_LARGE, 92, 32, 0 },
        { "its end has not come", "BpLLLS", WEB_FRAME_MORE, 92, 0, 0 },
        { "it is taken back", "BpLLA", WEB_FRAME_MORE, 0, 0, 16 },
        { "two beginnings", "BB", WEB_FRAME_BROKEN, 16, 0, 0 },
        { "body before variables", "BS", WEB_FRAME_BROKEN, 16, 0, 0 },
        { "body within variables", "BPS", WEB_FRAME_BROKEN, 31, 0, 0 },
        { "variables twice", "BpP", WEB_FRAME_BROKEN, 24, 0, 0 },
        { "variables that break off", "BQp", WEB_FRAME_BROKEN, 27, 0, 0 },
        { "an answer", "BX", WEB_FRAME_BROKEN, 16, 0, 0 },
        { "17 unknown records", "UUUUUUUUUUUUUUUUU", WEB_FRAME_BROKEN, 0, 0,
          256 },
    };
    static unsigned char buf[BYTES_MAX];

    for (size_t i = 0; i < N(rows); i++) {
        struct web_frame frame = { .id = 0 }, piecewise = { .id = 0 };
        enum web_frame_state state = WEB_FRAME_MORE;
        size_t n;

        add_script(rows[i].script);
        memcpy(buf, bytes, len);
        n = len;
        tap_is_int(rows[i].state, web_frame_scan(&frame, buf, &n, BODY_MAX),
                   "%s: the state", rows[i].sentence);
        tap_is_int((long long) rows[i].kept, (long long) frame.len,
                   "%s: what is kept", rows[i].sentence);
        tap_is_int((long long) rows[i].rest, (long long) (n - frame.len),
                   "%s: what is left", rows[i].sentence);
        tap_is_int((long long) rows[i].answers,
                   (long long) frame.answers_len, "%s: the answers",
                   rows[i].sentence);

        n = 0;
        for (size_t at = 0; at < len && state == WEB_FRAME_MORE; at++) {
            buf[n++] = bytes[at];
            state = web_frame_scan(&piecewise, buf, &n, BODY_MAX);
        }
        tap_ok(state == rows[i].state && piecewise.len == frame.len &&
                   piecewise.answers_len == frame.answers_len,
               "%s: the same byte by byte", rows[i].sentence);
    }
}

static void
test_lengths(void)
{
    static const struct {
        const char *sentence;
        const char *pair;
        size_t len;
        enum web_frame_state state;
    } rows[] = {
        { "an empty pair", "\0\0", 2, WEB_FRAME_MORE },
        { "a short pair", "\1\1ab", 4, WEB_FRAME_MORE },
        { "long forms", "\200\0\0\1\200\0\0\1ab", 10, WEB_FRAME_MORE },
        { "64 KB", "\200\1\0\0\0", 5, WEB_FRAME_MORE },
        { "one byte more", "\200\1\0\1\0", 5, WEB_FRAME_TOO_LARGE },
        { "2 GB", "\0\377\377\377\377", 5, WEB_FRAME_TOO_LARGE },
        { "a sum beyond an int", "\4\377\377\377\374abcd", 9,
          WEB_FRAME_TOO_LARGE },
        { "nearly 2 GB", "\377\377\377\376\1", 5, WEB_FRAME_TOO_LARGE },
    };

    for (size_t i = 0; i < N(rows); i++) {
        struct web_frame frame = { .id = 0 };

        len = 0;
        add_begin(1, 1, 1);
        add(4, 1, rows[i].pair, rows[i].len, 0);
        tap_is_int(rows[i].state,
                   web_frame_scan(&frame, bytes, &len, BODY_MAX),
                   "lengths of a pair: %s", rows[i].sentence);
    }
}

static void
test_variables(void)
{
    static const struct {
        const char *sentence;
        const char *env[4];
        enum request_fault fault;
        long long length;
    } rows[] = {
        { "nothing", { NULL }, REQUEST_OK, -1 },
        { "no value", { "CONTENT_LENGTH" }, REQUEST_OK, -1 },
        { "an empty length", { "CONTENT_LENGTH=" }, REQUEST_OK, -1 },
        { "a length", { "CONTENT_LENGTH=100" }, REQUEST_OK, 100 },
        { "zeros before", { "CONTENT_LENGTH=007" }, REQUEST_OK, 7 },
        { "over the limit", { "CONTENT_LENGTH=101" }, REQUEST_TOO_LARGE,
          101 },
        { "a sign", { "CONTENT_LENGTH=-1" }, REQUEST_INCOMPLETE, -1 },
        { "a plus", { "CONTENT_LENGTH=+1" }, REQUEST_INCOMPLETE, -1 },
        { "a blank", { "CONTENT_LENGTH=1 " }, REQUEST_INCOMPLETE, -1 },
        { "a word", { "CONTENT_LENGTH=one" }, REQUEST_INCOMPLETE, -1 },
        { "a name in small letters", { "content_length=1" }, REQUEST_OK, -1 },
        { "a longer name", { "CONTENT_LENGTHS=1" }, REQUEST_OK, -1 },
        { "a shorter name", { "CONTENT_LENGT=1" }, REQUEST_OK, -1 },
        { "a header", { "HTTP_CONTENT_LENGTH=1" }, REQUEST_OK, -1 },
        { "a name twice", { "CONTENT_LENGTH=1", "X=", "CONTENT_LENGTH=1" },
          REQUEST_DUPLICATE, 1 },
        { "two proofs", { "HTTP_DPOP=a", "HTTP_DPOP=b" }, REQUEST_DUPLICATE,
          -1 },
        { "two certificates", { "SSL_CLIENT_CERT=a", "SSL_CLIENT_CERT=a" },
          REQUEST_DUPLICATE, -1 },
        { "two verdicts of them",
          { "SSL_CLIENT_VERIFY=NONE", "SSL_CLIENT_VERIFY=SUCCESS" },
          REQUEST_DUPLICATE, -1 },
        { "headers that look like variables",
          { "HTTP_SSL_CLIENT_CERT=a", "HTTP_SSL_CLIENT_CERT=a" }, REQUEST_OK,
          -1 },
        { "another name twice", { "X=1", "X=2" }, REQUEST_OK, -1 },
        { "Accept twice", { "HTTP_ACCEPT=a", "HTTP_ACCEPT=b" }, REQUEST_OK,
          -1 },
    };

    for (size_t i = 0; i < N(rows); i++) {
        char text[4][64], *env[5] = { NULL };
        struct web_vars vars;
        struct request rq;

        for (int k = 0; k < 4 && rows[i].env[k] != NULL; k++) {
            (void)snprintf(text[k], sizeof(text[k]), "%s", rows[i].env[k]);
            env[k] = text[k];
        }
        web_vars_find(&vars, env);
        web_vars_request(&vars, BODY_MAX, &rq);
        tap_is_int(rows[i].fault, rq.fault, "%s: the fault",
                   rows[i].sentence);
        tap_is_int(rows[i].length, web_vars_length(&vars), "%s: the length",
                   rows[i].sentence);
    }
}

static void
test_wipe(void)
{
    char secret[] = "HTTP_AUTHORIZATION=Basic abc", *env[] = { secret, NULL };
    struct web_vars vars;
    struct request rq;

    web_vars_find(&vars, env);
    web_vars_request(&vars, BODY_MAX, &rq);
    tap_is_str("Basic abc", rq.authorization, "the header is found");
    tap_is_str("", rq.method, "an absent variable is empty");
    tap_is_str("", rq.repeated, "none is repeated");
    web_vars_wipe(&vars);
    tap_is_mem("HTTP_AUTHORIZATION=\0\0\0\0\0\0\0\0\0", sizeof(secret),
               secret, sizeof(secret), "and wiped");
}

static void
test_peers(void)
{
    static const struct {
        const char *peer;
        const char *list;
        bool trusted;
    } rows[] = {
        { "127.0.0.1", NULL, true },
        { "127.255.0.9", NULL, true },
        { "::1", NULL, true },
        { "::ffff:127.0.0.1", NULL, true },
        { "128.0.0.1", NULL, false },
        { "192.0.2.1", NULL, false },
        { "192.0.2.1", "", false },
        { "192.0.2.1", "192.0.2.1", true },
        { "::ffff:192.0.2.1", "192.0.2.1", true },
        { "192.0.2.1", "198.51.100.1,192.0.2.1", true },
        { "192.0.2.1", "198.51.100.1, 192.0.2.1", true },
        { "192.0.2.1", "192.0.2.10,192.0.2", false },
        { "192.0.2.1", "192.0.2.0/24", false },
        { "192.0.2.1", ",,", false },
        { "192.0.2.1", "a name of more bytes than any address could have, and"
                       " some", false },
        { "2001:db8::1", "2001:db8:0::1", true },
        { "2001:db8::1", "2001:db8::2", false },
        { "::ffff:192.0.2.1", NULL, false },
        { "::", NULL, false },
    };
    struct sockaddr local = { .sa_family = AF_UNIX };
    struct sockaddr other = { .sa_family = AF_UNSPEC };

    for (size_t i = 0; i < N(rows); i++) {
        struct sockaddr_in in = { .sin_family = AF_INET };
        struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
        bool six = strchr(rows[i].peer, ':') != NULL;
        const struct sockaddr *peer = six ? (const void *) &in6
                                          : (const void *) &in;

        tap_is_int(1, six ? inet_pton(AF_INET6, rows[i].peer, &in6.sin6_addr)
                          : inet_pton(AF_INET, rows[i].peer, &in.sin_addr),
                   "%s is an address", rows[i].peer);
        tap_is_int(rows[i].trusted, web_sock_trusted(peer, rows[i].list),
                   "%s and the list \"%s\"", rows[i].peer,
                   rows[i].list == NULL ? "(none)" : rows[i].list);
    }
    tap_ok(web_sock_trusted(&local, NULL), "a local socket is trusted");
    tap_ok(!web_sock_trusted(&other, NULL), "another family is not");
}

/* A connection on which this was sent, and looked at once. */
static struct web_conn *
connection(struct web_loop *loop, const char *script, int *peer)
{
    struct web_conn *conn;
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        abort();
    add_script(script);
    if (write(pair[1], bytes, len) != (ssize_t) len)
        abort();
    *peer = pair[1];
    conn = web_conn_add(&loop->conns, pair[0]);
    (void)web_conn_receive(&loop->conns, conn, BODY_MAX);
    return conn;
}

static int
listening(void)
{
    struct sockaddr_un name = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    /* Only the family: the kernel chooses an abstract name. */
    if (fd < 0 || bind(fd, (struct sockaddr *) &name,
                       sizeof(sa_family_t)) != 0 || listen(fd, 5) != 0)
        abort();
    return fd;
}

/* Deadlines that lie in the past, and the end, which has come before. */
static void
test_deadlines(void)
{
    static const struct {
        const char *sentence;
        const char *script;
        int rc;
    } rows[] = {
        { "a body that does not end", "BPpS", 1 },
        { "variables that do not end", "BP", 1 },
        { "a beginning alone", "B", 1 },
        { "silence", "", 0 },
    };
    int fd = listening();

    for (size_t i = 0; i < N(rows); i++) {
        enum request_fault fault = REQUEST_OK;
        struct web_conn *conn = NULL;
        struct web_loop loop;
        char c;
        int peer;

        tap_is_int(0, web_loop_open(&loop, fd, NULL), "%s: a loop",
                   rows[i].sentence);
        conn = connection(&loop, rows[i].script, &peer);
        web_conn_deadline(&loop.conns, conn, 1);
        (void)kill(getpid(), SIGTERM);
        tap_is_int(rows[i].rc,
                   web_loop_next(&loop, BODY_MAX, &conn, &fault, NULL),
                   "%s: whether it is answered", rows[i].sentence);
        if (rows[i].rc == 1) {
            tap_is_int(REQUEST_TIMEOUT, fault, "%s: as late",
                       rows[i].sentence);
            web_loop_drop(&loop, conn);
        }
        tap_is_int(0, web_loop_next(&loop, BODY_MAX, &conn, &fault, NULL),
                   "%s: then it is the end", rows[i].sentence);
        tap_is_int(0, read(peer, &c, 1), "%s: and it is closed",
                   rows[i].sentence);
        tap_is_int(0, (long long) (loop.conns.memory + loop.conns.n +
                                   loop.conns.timed),
                   "%s: nothing is left", rows[i].sentence);
        close(peer);
        web_loop_close(&loop);
    }
    close(fd);
}

/* Bytes of a connection that are there, terminated; "" at its end. */
static const char *
received(int fd)
{
    static char text[4096];
    ssize_t n = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT);

    for (ssize_t i = 0; i < n; i++)
        text[i] = text[i] == '\0' ? '.' : text[i];
    text[n > 0 ? n : 0] = '\0';
    return text;
}

/* A server's connection to the listening socket, on which this was sent. */
static int
server(int listener, const char *script)
{
    struct sockaddr_un name;
    socklen_t n = sizeof(name);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    add_script(script);
    if (fd < 0 ||
        getsockname(listener, (struct sockaddr *) &name, &n) != 0 ||
        connect(fd, (struct sockaddr *) &name, n) != 0 ||
        write(fd, bytes, len) != (ssize_t) len)
        abort();
    return fd;
}

static const struct reply *
saying(const char *text)
{
    static struct reply rp;

    memcpy(rp.buf, text, strlen(text));
    reply_buf(&rp, "text/plain", strlen(text));
    return &rp;
}

/* The next request is answered with that text, which is held. */
static int
hold(struct web_fcgi *fcgi, const char *text)
{
    struct request rq;
    int rc = web_fcgi_next(fcgi, BODY_MAX, &rq, NULL);

    if (rc == 1)
        web_fcgi_hold(fcgi, saying(text));
    return rc;
}

/* The loop does not take the signal that it sees. */
static void
forget_signals(void)
{
    const struct timespec now = { 0, 0 };
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    while (sigtimedwait(&set, NULL, &now) > 0)
        ;
}

static struct web_fcgi *
responder(int listener)
{
    struct web_fcgi *fcgi = NULL;

    forget_signals();
    if (web_fcgi_open(&fcgi, listener, NULL) != 0)
        abort();
    return fcgi;
}

/* In the order of the requests, and nothing before. */
static void
test_held(void)
{
    int fd = listening();
    struct web_fcgi *fcgi = responder(fd);
    int a = server(fd, "bPps"), b = server(fd, "BPps");
    int c = server(fd, "bPps");
    struct request rq;

    tap_is_int(1, hold(fcgi, "first"), "an answer is held");
    tap_is_int(1, hold(fcgi, "second"), "while it waits, the next is served");
    tap_is_int(1, web_fcgi_next(fcgi, BODY_MAX, &rq, NULL), "and one more");
    web_fcgi_answer(fcgi, saying("third"));
    tap_ok(strstr(received(c), "third") != NULL, "which need not wait");
    tap_is_int(0, web_fcgi_next(fcgi, BODY_MAX, &rq, NULL),
               "then nothing is waited for");
    tap_is_int(2, (long long) web_fcgi_held(fcgi), "two are held");
    tap_is_str("", received(a), "nothing was sent of the first");
    tap_is_str("", received(b), "nor of the second");
    web_fcgi_release(fcgi, NULL, "a line for the log");
    tap_is_str("", received(b), "the first comes first");
    web_fcgi_release(fcgi, saying("refused"), NULL);
    tap_ok(strstr(received(a), "a line for the log\n") != NULL,
           "with its line for the log");
    tap_is_str("", received(a), "then it is closed");
    tap_ok(strstr(received(b), "refused") != NULL,
           "another answer in the place of the second");
    tap_is_int(0, (long long) web_fcgi_held(fcgi), "none is held");
    add_script("BPps");
    tap_is_int((long long) len, (long long) write(b, bytes, len),
               "a connection that is kept");
    tap_is_int(1, hold(fcgi, "fourth"), "has its next request served");
    web_fcgi_close(fcgi);
    tap_is_str("", received(b), "what is held at the end is never sent");
    close(a);
    close(b);
    close(c);
    close(fd);
}

/* All bytes of an answer are records, with the text in them. */
static void
test_held_records(void)
{
    static const unsigned char end[] = { 1, 6, 0, 1, 0, 0, 0, 0, 1, 3, 0, 1,
                                         0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
    static const char head[] = "Status: 200 OK\r\n";

    for (size_t n = 0; n < 9; n++) {
        struct web_held held = { .bytes = NULL };
        size_t content, padding;

        web_held_set(&held, 1, saying(&"12345678"[8 - n]), false);
        content = (size_t) held.bytes[4] << 8 | held.bytes[5];
        padding = held.bytes[6];
        tap_ok(held.bytes[1] == 6 && (content + padding) % 8 == 0 &&
                   held.len == 8 + content + padding + sizeof(end),
               "%zu bytes of body: the lengths", n);
        tap_is_mem(head, sizeof(head) - 1, held.bytes + 8, sizeof(head) - 1,
                   "%zu bytes of body: the head", n);
        tap_is_mem(&"12345678"[8 - n], n, held.bytes + 8 + content - n, n,
                   "%zu bytes of body: they are there", n);
        tap_is_mem(end, sizeof(end), held.bytes + held.len - sizeof(end),
                   sizeof(end), "%zu bytes of body: the end", n);
        web_held_wipe(&held);
        tap_ok(held.bytes == NULL && held.len == 0, "and forgotten");
    }
}

/* What comes on connections whose answers are held, and after those. */
static void
test_held_connections(void)
{
    int fd = listening();
    struct web_fcgi *fcgi = responder(fd);
    int gone = server(fd, "BPps"), a = server(fd, "BPpsBPps");
    int b = server(fd, "BPpsBPps");
    struct request rq;

    for (int i = 0; i < 3; i++)
        tap_is_int(1, hold(fcgi, "once"), "request %d", i);
    close(gone);
    tap_is_int(0, web_fcgi_next(fcgi, BODY_MAX, &rq, NULL),
               "neither a second request nor an end is looked at");
    for (int i = 0; i < 3; i++)
        web_fcgi_release(fcgi, NULL, NULL);
    tap_ok(strstr(received(a), "once") != NULL &&
               strstr(received(b), "once") != NULL,
           "one that is gone keeps no answer from the others");
    for (int i = 0; i < 2; i++)
        tap_is_int(1, hold(fcgi, "again"), "second request %d", i);
    for (int i = 0; i < 2; i++)
        web_fcgi_release(fcgi, NULL, NULL);
    tap_ok(strstr(received(a), "again") != NULL &&
               strstr(received(b), "again") != NULL,
           "both second requests are answered");
    close(a);
    close(b);
    web_fcgi_close(fcgi);
    close(fd);
}

/* However many wait, and told to end in the midst. */
static void
test_held_limits(void)
{
    enum { MANY = WEB_HELD_MAX + 8 };
    int fd = listening(), peers[MANY], n, served, answered = 0, most = 0;
    struct web_fcgi *fcgi = responder(fd);

    if (listen(fd, MANY) != 0)
        abort();
    for (int i = 0; i < MANY; i++)
        peers[i] = server(fd, "bPps");
    for (n = 0; hold(fcgi, "held") == 1; n++)
        ;
    served = n;
    tap_ok(n > 0 && n <= WEB_HELD_MAX, "%d of %d wait, and no more", n, MANY);
    (void)kill(getpid(), SIGTERM);
    do {
        while (web_fcgi_held(fcgi) > 0)
            web_fcgi_release(fcgi, NULL, NULL);
        for (n = 0; hold(fcgi, "held") == 1; n++)
            ;
        served += n;
        most = n > most ? n : most;
    } while (web_fcgi_held(fcgi) > 0);
    tap_ok(most <= WEB_HELD_MAX, "nor later");
    for (int i = 0; i < MANY; i++) {
        answered += strstr(received(peers[i]), "held") != NULL;
        close(peers[i]);
    }
    tap_is_int(served, answered,
               "told to end, all that were served are answered");
    web_fcgi_close(fcgi);
    close(fd);
}

/* What the kernel has queued when the end is told, and while it comes. */
static void
test_queued(void)
{
    enum { MANY = 12 };
    int fd = listening(), peers[MANY + 1], n, answered = 0;
    struct web_fcgi *fcgi = responder(fd);
    struct request rq;

    if (listen(fd, MANY) != 0)
        abort();
    (void)kill(getpid(), SIGTERM);
    for (int i = 0; i < MANY; i++)
        peers[i] = server(fd, i % 2 == 0 ? "bPps" : "BPps");
    for (n = 0; web_fcgi_next(fcgi, BODY_MAX, &rq, NULL) == 1; n++) {
        if (n == MANY - 1)
            peers[MANY] = server(fd, "bPps");
        web_fcgi_answer(fcgi, saying("queued"));
    }
    tap_is_int(MANY + 1, n, "told to end, what was queued is served, and what "
               "came with the last");
    for (int i = 0; i < n && i <= MANY; i++) {
        answered += strstr(received(peers[i]), "queued") != NULL;
        tap_is_str("", received(peers[i]), "connection %d is closed", i);
        close(peers[i]);
    }
    tap_is_int(n, answered, "all of it is answered");
    web_fcgi_close(fcgi);
    tap_is_int(0, close(fd), "the socket is open to the end of the process");
}

/* The last answer on a connection ends it, whatever came behind the request. */
static void
test_trailing(void)
{
    static const char *const rows[] = {"BPps", "BPpsV", "BPpsU", "BPpsA",
                                       "BPpsSs"};
    struct request rq;

    for (size_t i = 0; i < N(rows); i++) {
        int fd = listening(), peer;
        struct web_fcgi *fcgi = responder(fd);

        (void)kill(getpid(), SIGTERM);
        peer = server(fd, rows[i]);
        if (web_fcgi_next(fcgi, BODY_MAX, &rq, NULL) != 1)
            abort();
        web_fcgi_answer(fcgi, saying("last"));
        alarm(30);
        tap_is_int(0, web_fcgi_next(fcgi, BODY_MAX, &rq, NULL),
                   "told to end, and then %s: it ends", rows[i]);
        alarm(0);
        tap_ok(strstr(received(peer), "last") != NULL, "  after its answer");
        close(peer);
        web_fcgi_close(fcgi);
        close(fd);
    }
}

/* Nor does a part of one more request give it more time than there is. */
static void
test_trailing_part(void)
{
    int fd = listening(), peer;
    struct web_loop loop;
    struct web_conn *conn = NULL;
    enum request_fault fault;

    forget_signals();
    if (web_loop_open(&loop, fd, NULL) != 0)
        abort();
    loop.stopping = true;
    loop.stop_at = web_now_ms() + 100;
    peer = server(fd, "BPpsBP");
    tap_is_int(1, web_loop_next(&loop, BODY_MAX, &conn, &fault, NULL),
               "a request, and a part of another");
    web_loop_done(&loop, conn);
    alarm(9);
    tap_is_int(1, web_loop_next(&loop, BODY_MAX, &conn, &fault, NULL),
               "when it is time to end the other is answered too");
    alarm(0);
    tap_is_int(REQUEST_TIMEOUT, fault, "  as one that never came whole");
    web_loop_done(&loop, conn);
    web_loop_close(&loop);
    close(peer);
    close(fd);
}

/* Those whose time to be served has passed are left to other workers. */
static void
test_queued_late(void)
{
    int fd = listening(), peer;
    struct web_loop loop;
    struct web_conn *conn = NULL;
    enum request_fault fault;

    forget_signals();
    if (web_loop_open(&loop, fd, NULL) != 0)
        abort();
    loop.stopping = true;
    loop.stop_at = web_now_ms();
    peer = server(fd, "BPps");
    tap_is_int(0, web_loop_next(&loop, BODY_MAX, &conn, &fault, NULL),
               "too late, nothing more is taken");
    web_loop_close(&loop);
    close(peer);
    close(fd);
}

/* An answer is held for a moment, whatever else comes. */
static void
test_held_time(void)
{
    int fd = listening();
    struct web_loop loop;
    struct web_conn *conn = NULL;
    enum request_fault fault;
    int peer, other;

    forget_signals();
    if (web_loop_open(&loop, fd, NULL) != 0)
        abort();
    conn = connection(&loop, "BPps", &peer);
    web_held_set(&conn->held, 1, saying("held"), false);
    web_loop_hold(&loop, conn);
    tap_ok(web_conn_idle(&loop.conns) == NULL, "what is held is not idle");
    other = server(fd, "BPps");
    loop.held_at = web_now_ms() - WEB_HELD_MS;
    tap_is_int(0, web_loop_next(&loop, BODY_MAX, &conn, &fault, NULL),
               "after a moment the next request waits");
    conn = web_loop_resume(&loop);
    web_held_wipe(&conn->held);
    web_loop_done(&loop, conn);
    tap_is_int(1, web_loop_next(&loop, BODY_MAX, &conn, &fault, NULL),
               "until what is held is sent");
    close(peer);
    close(other);
    web_loop_close(&loop);
    close(fd);
}

static void
test_order(void)
{
    struct web_conns conns = { .n = 0 };
    struct web_conn *a = web_conn_add(&conns, -1);
    struct web_conn *b = web_conn_add(&conns, -1);
    struct web_conn *c = web_conn_add(&conns, -1);

    tap_ok(web_conn_idle(&conns) == a, "the oldest is idle for longest");
    web_conn_touch(&conns, a);
    tap_ok(web_conn_idle(&conns) == b, "unless it was used");
    web_conn_deadline(&conns, b, 50);
    tap_ok(web_conn_idle(&conns) == c, "or is waited for");
    tap_ok(web_conn_nearest(&conns) == b, "which has the nearest deadline");
    web_conn_deadline(&conns, c, 40);
    tap_ok(web_conn_nearest(&conns) == c, "until another has a nearer one");
    web_conn_drop(&conns, c);
    web_conn_drop(&conns, a);
    tap_ok(web_conn_idle(&conns) == NULL, "none is idle");
    web_conn_drop(&conns, b);
    tap_ok(web_conn_nearest(&conns) == NULL, "none is left");
    tap_is_int(0, (long long) (conns.n + conns.timed), "and none counted");
}

static void
test_open(void)
{
    struct errtext why = { .text = "" };
    struct web *web = NULL;

    if (freopen("/dev/null", "r", stdin) == NULL)
        abort();
    (void)unsetenv("REQUEST_METHOD");
    tap_is_int(-1, web_open(&web, &why), "neither a socket nor a request");
    tap_ok(strstr(why.text, "started by a web server") != NULL, "the reason");
    (void)setenv("REQUEST_METHOD", "GET", 1);
    tap_is_int(0, web_open(&web, &why), "with a request it is CGI");
    web_close(web);
    web_close(NULL);
}

int
main(void)
{
    test_records();
    test_lengths();
    test_variables();
    test_wipe();
    test_peers();
    test_deadlines();
    test_held();
    test_held_records();
    test_held_connections();
    test_held_limits();
    test_queued();
    test_trailing();
    test_trailing_part();
    test_queued_late();
    test_held_time();
    test_order();
    test_open();
    return tap_done();
}
