/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The web adapter: which of its two kinds this process is.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <signal.h>
#include <stdlib.h>

#include "core/alloc.h"
#include "io/web.h"
#include "io/web_priv.h"

struct web {
    struct web_fcgi *fcgi; /* NULL: CGI */
    struct web_cgi cgi;
};

int
web_open(struct web **web, struct errtext *why)
{
    int listener = web_sock_inherited();
    struct web_fcgi *fcgi = NULL;

    if (listener < 0 && getenv("REQUEST_METHOD") == NULL)
        return errtext_set(why,
                           "standard input is no listening socket, and "
                           "REQUEST_METHOD is not set: this program is "
                           "started by a web server (FastCGI or CGI), by "
                           "spawn-fcgi or by a systemd socket unit");
    if (listener >= 0 && web_fcgi_open(&fcgi, listener, why) != 0)
        return -1;
    if (fcgi == NULL)
        (void)signal(SIGPIPE, SIG_IGN);
    *web = alloc_zero(1, sizeof(**web));
    (*web)->fcgi = fcgi;
    return 0;
}

bool
web_is_once(const struct web *web)
{
    return web->fcgi == NULL;
}

int
web_next(struct web *web, size_t body_max, struct request *rq,
         struct errtext *why)
{
    if (web->fcgi != NULL)
        return web_fcgi_next(web->fcgi, body_max, rq, why);
    return web_cgi_next(&web->cgi, body_max, rq);
}

void
web_log(struct web *web, const char *line)
{
    if (web->fcgi != NULL)
        web_fcgi_log(web->fcgi, line);
    else
        web_stderr(line);
}

void
web_answer(struct web *web, const struct reply *rp)
{
    if (web->fcgi != NULL)
        web_fcgi_answer(web->fcgi, rp);
    else
        web_cgi_answer(&web->cgi, rp);
}

void
web_hold(struct web *web, const struct reply *rp)
{
    web_fcgi_hold(web->fcgi, rp);
}

size_t
web_held(const struct web *web)
{
    return web->fcgi != NULL ? web_fcgi_held(web->fcgi) : 0;
}

void
web_release(struct web *web, const struct reply *rp, const char *line)
{
    web_fcgi_release(web->fcgi, rp, line);
}

void
web_close(struct web *web)
{
    if (web == NULL)
        return;
    web_fcgi_close(web->fcgi);
    web_cgi_close(&web->cgi);
    free(web);
}
