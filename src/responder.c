/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * ccgrant.fcgi: the responder, FastCGI or CGI.
 */

#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "config.h"
#include "core/audit.h"
#include "core/route.h"
#include "discovery.h"
#include "introspect.h"
#include "io/conf.h"
#include "io/crypto.h"
#include "io/web.h"
#include "process.h"
#include "revocation.h"
#include "revoke.h"
#include "site.h"
#include "token.h"

/* The program's state. */
struct responder {
    struct web *web;
    struct sites sites;
    struct reply reply;
};

static int serve(struct responder *r, struct errtext *why);
static void serve_one(struct responder *r, struct request *rq);
static void answer(struct responder *r, struct site *site, struct request *rq,
                   int64_t now, struct audit *audit);
static void write_log(struct responder *r, const struct site *site,
                      const struct audit *audit, int64_t now);
static void tell_trouble(struct responder *r, struct site *site, int64_t now);
static void renew_list(struct responder *r, struct site *site, int64_t now);

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

    process_protect();
    umask(007);
    rc = web_open(&r.web, &why);
    if (rc == 0 && !web_is_once(r.web))
        mallopt(M_PERTURB, PERTURB_BYTE);
    if (rc == 0)
        rc = serve(&r, &why);
    if (rc != 0)
        fprintf(stderr, "ccgrant.fcgi: %s\n", why.text);
    sites_close(&r.sites);
    web_close(r.web);
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

static int64_t
clock_now(void)
{
    return (int64_t) time(NULL);
}

/*
 * The usual site is opened before the first request, which is then read by
 * its limit; when that fails, the first request says so.
 */
static int
serve(struct responder *r, struct errtext *why)
{
    struct sites *sites = &r->sites;
    struct errtext trouble;
    struct request rq;
    int more;

    if (crypto_init(why) != 0)
        return -1;
    (void) site_open(sites_find(sites, conf_file(NULL)), clock_now(),
                     &trouble);
    while ((more = web_next(r->web, sites_body_max(sites), &rq, why)) > 0) {
        serve_one(r, &rq);
        /* As if told to end: what others have begun to send is answered. */
        if (sites_are_worn(sites) && !web_is_once(r->web))
            (void) raise(SIGTERM);
    }
    return more;
}

static void
serve_one(struct responder *r, struct request *rq)
{
    struct audit audit = {.endpoint = route_name(ENDPOINT_NONE),
                          .from = rq->remote_addr};
    const char *file = rq->config[0] != '\0' ? rq->config : conf_file(NULL);
    struct site *site = sites_find(&r->sites, file);
    int64_t now = clock_now();
    size_t used;

    answer(r, site, rq, now, &audit);
    write_log(r, site, &audit, now);
    tell_trouble(r, site, now);
    web_answer(r->web, &r->reply);
    used = r->reply.len < sizeof(r->reply.buf) ? r->reply.len
                                               : sizeof(r->reply.buf);
    crypto_wipe(r->reply.buf, used);
    renew_list(r, site, now);
}

static int
open_site(struct site *site, int64_t now, struct errtext *why)
{
    if (site == NULL)
        return errtext_set(why, "more than %d policy files in one responder: "
                                "start another for the rest",
                           SITES_MAX);
    return site_open(site, now, why);
}

static void
answer(struct responder *r, struct site *site, struct request *rq, int64_t now,
       struct audit *audit)
{
    enum endpoint endpoint;

    if (open_site(site, now, &audit->why) != 0) {
        reply_error(&r->reply, OAUTH_UNAVAILABLE);
        audit->outcome = OAUTH_UNAVAILABLE;
        return;
    }
    if (rq->fault == REQUEST_OK
        && rq->body_len > (size_t) site->policy.limits.body)
        rq->fault = REQUEST_TOO_LARGE;
    endpoint = route(&site->policy, rq->script_name, rq->path_info);
    audit->endpoint = route_name(endpoint);
    if (endpoint == ENDPOINT_TOKEN)
        token_answer(&site->service, rq, now, &r->reply, audit);
    else if (endpoint == ENDPOINT_INTROSPECT)
        introspect_answer(&site->service, rq, now, &r->reply, audit);
    else if (endpoint == ENDPOINT_REVOKE)
        revoke_answer(&site->service, rq, now, &r->reply, audit);
    else
        discovery_answer(&site->service, endpoint, rq, now, &r->reply, audit);
}

/*
 * Refusals and faults always, and what was revoked or was not; tokens issued
 * when the policy wants them.
 */
static bool
is_logged(const struct site *site, const struct audit *audit)
{
    if (audit->outcome != OAUTH_OK)
        return true;
    if (audit->done == AUDIT_ISSUED)
        return site->policy.log.issued;
    return audit->done != AUDIT_NOTHING;
}

static void
write_log(struct responder *r, const struct site *site,
          const struct audit *audit, int64_t now)
{
    bool has_policy = site != NULL && site->has_policy;
    bool json = has_policy && strcmp(site->policy.log.format, "json") == 0;
    bool own_clock = has_policy && site->policy.log.to[0] == '/';
    char line[AUDIT_LINE_MAX];
    struct sbuf sb;

    if (!is_logged(site, audit))
        return;
    sbuf_init(&sb, line, sizeof(line));
    audit_line(&sb, audit, json, own_clock ? now : 0);
    if (has_policy && site->log != NULL)
        log_line(site->log, line);
    else
        web_log(r->web, line);
}

/* A key that cannot be read stops no other, and so would be missed by nobody
 * until its tokens are. */
static void
tell_trouble(struct responder *r, struct site *site, int64_t now)
{
    struct audit audit = {.endpoint = "keys",
                          .outcome = OAUTH_UNAVAILABLE,
                          .from = ""};

    if (site != NULL && site->has_service
        && keyring_trouble(site->service.keyring, &audit.why))
        write_log(r, site, &audit, now);
}

/* In passing, when the client has its answer: what fails is tried again, and
 * logged again, in a minute. */
static void
renew_list(struct responder *r, struct site *site, int64_t now)
{
    struct audit audit = {.endpoint = "revocations",
                          .outcome = OAUTH_UNAVAILABLE,
                          .from = ""};

    if (site != NULL && site->has_service
        && revocation_refresh(&site->service, now, &audit.why) != 0)
        write_log(r, site, &audit, now);
}
