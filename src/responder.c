/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * ccgrant.fcgi: the responder, FastCGI or CGI.
 */

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include "config.h"
#include "core/audit.h"
#include "core/route.h"
#include "discovery.h"
#include "io/conf.h"
#include "io/crypto.h"
#include "io/log.h"
#include "io/web.h"
#include "service.h"
#include "token.h"

/* The program's state.  Policy and service are opened when first needed. */
struct responder {
    struct web *web;
    struct policy policy;
    struct service service;
    struct log *log; /* NULL: the web server's error log */
    bool has_policy;
    bool has_service;
    int64_t tried;              /* when opening last failed, or 0 */
    struct errtext trouble;     /* why it did */
    struct reply reply;
};

static void protect_memory(void);
static int serve(struct responder *r, struct errtext *why);
static void answer(struct responder *r, struct request *rq, int64_t now,
                   struct audit *audit);
static int open_all(struct responder *r, int64_t now, struct errtext *why);
static void write_log(struct responder *r, const struct audit *audit,
                      int64_t now);
static void close_all(struct responder *r);

/* Enough to read a request by before the policy can be read. */
static const size_t body_max_without_policy = 65536;

/*
 * What the libraries free without wiping is overwritten with it by the
 * allocator, as long as the process lives on.
 */
enum { PERTURB_BYTE = 0x5a };

static int
run(void)
{
    static struct responder r;
    struct errtext why;
    int rc;

    protect_memory();
    rc = web_open(&r.web, &why);
    if (rc == 0 && !web_is_once(r.web))
        mallopt(M_PERTURB, PERTURB_BYTE);
    if (rc == 0)
        rc = serve(&r, &why);
    if (rc != 0)
        fprintf(stderr, "ccgrant.fcgi: %s\n", why.text);
    close_all(&r);
    return rc == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int
main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        printf("ccgrant.fcgi %s\n", PACKAGE_VERSION);
        return EXIT_SUCCESS;
    }
    if (argc > 1) {
        int asked = strcmp(argv[1], "--help") == 0;

        fprintf(asked ? stdout : stderr,
                "usage: ccgrant.fcgi [--help | --version]\n"
                "Started by a web server, as FastCGI or CGI: "
                "see ccgrant.fcgi(8).\n");
        return asked ? EXIT_SUCCESS : 2;
    }
    return run();
}

/* No core dump, and no debugger of another process. */
static void
protect_memory(void)
{
    const struct rlimit none = {0, 0};

    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0);
    umask(007);
}

static int
serve(struct responder *r, struct errtext *why)
{
    int more;

    if (crypto_init(why) != 0)
        return -1;
    for (;;) {
        size_t body_max = r->has_policy ? (size_t) r->policy.limits.body
                                        : body_max_without_policy;
        struct audit audit = {.endpoint = route_name(ENDPOINT_NONE)};
        struct request rq;
        int64_t now;

        more = web_next(r->web, body_max, &rq, why);
        if (more <= 0)
            return more;
        now = (int64_t) time(NULL);
        audit.from = rq.remote_addr;
        answer(r, &rq, now, &audit);
        write_log(r, &audit, now);
        web_answer(r->web, &r->reply);
        crypto_wipe(r->reply.buf, r->reply.len < sizeof(r->reply.buf)
                                      ? r->reply.len
                                      : sizeof(r->reply.buf));
        if (r->has_service && store_is_worn(r->service.store))
            return 0;
    }
}

static void
answer(struct responder *r, struct request *rq, int64_t now,
       struct audit *audit)
{
    enum endpoint endpoint;

    if (open_all(r, now, &audit->why) != 0) {
        reply_error(&r->reply, OAUTH_UNAVAILABLE);
        audit->outcome = OAUTH_UNAVAILABLE;
        return;
    }
    endpoint = route(&r->policy, rq->script_name, rq->path_info);
    audit->endpoint = route_name(endpoint);
    if (endpoint == ENDPOINT_TOKEN)
        token_answer(&r->service, rq, now, &r->reply, audit);
    else
        discovery_answer(&r->service, endpoint, rq, now, &r->reply, audit);
}

/* Read the policy: only what was read whole is kept. */
static int
open_policy(struct responder *r, struct errtext *why)
{
    if (conf_load(&r->policy, conf_file(NULL), NULL, NULL, why) != 0)
        return -1;
    if (strcmp(r->policy.log.to, "stderr") != 0
        && log_open(&r->log, r->policy.log.to, why) != 0) {
        policy_free(&r->policy);
        return -1;
    }
    r->has_policy = true;
    return 0;
}

/*
 * Open what is not open yet.  A failure is remembered for a second, so that a
 * broken set-up under load costs little, and mends itself when it is mended.
 */
static int
open_all(struct responder *r, int64_t now, struct errtext *why)
{
    if (r->has_service)
        return 0;
    if (r->tried != now || r->tried == 0) {
        r->tried = now;
        if ((r->has_policy || open_policy(r, &r->trouble) == 0)
            && service_open(&r->service, &r->policy, STORE_SERVES,
                            &r->trouble)
                   == 0) {
            r->has_service = true;
            return 0;
        }
    }
    *why = r->trouble;
    return -1;
}

/* Refusals and faults always; tokens issued when the policy wants them. */
static void
write_log(struct responder *r, const struct audit *audit, int64_t now)
{
    bool own_clock = r->log != NULL && r->policy.log.to[0] == '/';
    bool json = r->has_policy && strcmp(r->policy.log.format, "json") == 0;
    char line[AUDIT_LINE_MAX];
    struct sbuf sb;

    if (audit->outcome == OAUTH_OK
        && !(r->has_policy && r->policy.log.issued && audit->jti[0] != '\0'))
        return;
    sbuf_init(&sb, line, sizeof(line));
    audit_line(&sb, audit, json, own_clock ? now : 0);
    if (r->log != NULL)
        log_line(r->log, line);
    else
        web_log(r->web, line);
}

static void
close_all(struct responder *r)
{
    service_close(&r->service);
    policy_free(&r->policy);
    log_close(r->log);
    web_close(r->web);
}
