/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * A responder that answers with what it saw, to test the web adapter alone.
 *
 * ECHO_BODY_MAX is the limit of a body.  The path /log writes a line to the
 * server's log too, and /big adds 300,000 bytes to the answer.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/web.h"

enum { BIG = 300000 };

static const char *const faults[] = {
    [REQUEST_OK] = "none",
    [REQUEST_TOO_LARGE] = "too large",
    [REQUEST_INCOMPLETE] = "incomplete",
    [REQUEST_TIMEOUT] = "timeout",
    [REQUEST_DUPLICATE] = "duplicate",
};

static void
echo(const struct request *rq, struct reply *rp)
{
    size_t extra = strcmp(rq->path_info, "/big") == 0 ? BIG : 0;
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    if (out == NULL)
        abort();
    (void)fprintf(out, "pid=%ld\nmethod=%s\nscript=%s\npath=%s\ntype=%s\n"
                       "authorization=%s\naddr=%s\nfault=%s\nrepeated=%s\n"
                       "length=%zu\n\n",
                  (long) getpid(), rq->method, rq->script_name, rq->path_info,
                  rq->content_type, rq->authorization, rq->remote_addr,
                  faults[rq->fault], rq->repeated, rq->body_len);
    (void)fwrite(rq->body, 1, rq->body_len, out);
    while (extra-- > 0)
        (void)fputc('x', out);
    (void)fclose(out);
    reply_document(rp, text, len);
}

int
main(void)
{
    const char *limit = getenv("ECHO_BODY_MAX");
    size_t body_max = limit == NULL ? 65536 : strtoul(limit, NULL, 10);
    struct errtext why = {.text = ""};
    struct request rq;
    struct reply rp;
    struct web *web = NULL;
    int rc = web_open(&web, &why);

    while (rc >= 0 && (rc = web_next(web, body_max, &rq, &why)) > 0) {
        if (strcmp(rq.path_info, "/log") == 0)
            web_log(web, "a line for the log");
        echo(&rq, &rp);
        web_answer(web, &rp);
        free((void *) (uintptr_t) rp.body);
    }
    if (rc < 0)
        (void)fprintf(stderr, "echo_responder: %s\n", why.text);
    web_close(web);
    return rc < 0;
}
