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
#include "core/forwarded.h"
#include "core/route.h"
#include "discovery.h"
#include "introspect.h"
#include "io/conf.h"
#include "io/crypto.h"
#include "io/web.h"
#include "process.h"
#include "revocation.h"
#include "reuse.h"
#include "revoke.h"
#include "site.h"
#include "token.h"

/* What the log is to say of an answer that waits for the disk. */
struct pending {
    struct audit audit;
    char from[CIDR_TEXT_MAX];
};

/* The answers that the adapter holds, all of one site and one second: so the
 * site has not turned to another policy, or state, since. */
struct group {
    struct site *site;
    int64_t now;
    struct pending pending[WEB_HELD_MAX]; /* in the order of the answers */
    struct reply refusal; /* of all, when the disk fails */
};

/* The program's state. */
struct responder {
    struct web *web;
    struct sites sites;
    struct reply reply;
    char origin[CIDR_TEXT_MAX];
    struct errtext origin_why;
    struct group group;
};

static int serve(struct responder *r, struct errtext *why);
static void serve_one(struct responder *r, struct request *rq);
static void answer(struct responder *r, struct site *site, struct request *rq,
                   int64_t now, struct audit *audit);
static void find_origin(struct responder *r, const struct policy *policy,
                        struct request *rq, struct audit *audit);
static void hold(struct responder *r, struct site *site,
                 const struct audit *audit, int64_t now);
static service_release_fn release;
static void write_news(struct responder *r, struct site *site, int64_t now);
static void write_log(struct responder *r, const struct site *site,
                      const struct audit *audit, int64_t now);
static void write_line(struct responder *r, const struct site *site,
                       const char *line);
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
    while ((more = web_next(r->web, sites_body_max(sites), &rq, why)) > 0
           || web_held(r->web) > 0) {
        if (more > 0)
            serve_one(r, &rq);
        else
            release(r);
        if (more < 0)
            break;
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

    if (site != r->group.site || now != r->group.now)
        release(r);
    answer(r, site, rq, now, &audit);
    write_news(r, site, now);
    if (!r->reply.is_pending)
        write_log(r, site, &audit, now);
    tell_trouble(r, site, now);
    if (r->reply.is_pending)
        hold(r, site, &audit, now);
    else
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
    if (!web_is_once(r->web)) {
        site->service.release = release;
        site->service.release_arg = r;
    }
    find_origin(r, site->policy, rq, audit);
    if (rq->fault == REQUEST_OK
        && rq->body_len > (size_t) site->policy->limits.body)
        rq->fault = REQUEST_TOO_LARGE;
    endpoint = route(site->policy, rq->script_name, rq->path_info);
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

static void
hold(struct responder *r, struct site *site, const struct audit *audit,
     int64_t now)
{
    struct group *group = &r->group;
    struct pending *pending = &group->pending[web_held(r->web)];

    group->site = site;
    group->now = now;
    pending->audit = *audit;
    snprintf(pending->from, sizeof(pending->from), "%s", audit->from);
    pending->audit.from = pending->from;
    web_hold(r->web, &r->reply);
}

static void
refuse(struct audit *audit, const struct errtext *why)
{
    audit->outcome = OAUTH_UNAVAILABLE;
    audit->done = AUDIT_NOTHING;
    audit->jti[0] = '\0';
    audit->scope[0] = '\0';
    audit->why = *why;
}

/* One flush for all; what it cannot vouch for is not given. */
static void
release(void *arg)
{
    struct responder *r = arg;
    struct group *group = &r->group;
    size_t i, n = web_held(r->web);
    char line[AUDIT_LINE_MAX];
    struct errtext why;
    bool failed = n > 0
                  && store_flush(group->site->service.store, &why) != 0;

    if (failed) {
        reply_error(&group->refusal, OAUTH_UNAVAILABLE);
        reuse_close(group->site->service.reuse); /* nor given again */
        group->site->service.reuse = NULL;
    }
    for (i = 0; i < n; i++) {
        struct audit *audit = &group->pending[i].audit;
        bool is_line;

        if (failed)
            refuse(audit, &why);
        is_line = site_line(group->site, audit, group->now, line);
        if (is_line && group->site->log != NULL)
            log_line(group->site->log, line);
        web_release(r->web, failed ? &group->refusal : NULL,
                    is_line && group->site->log == NULL ? line : NULL);
    }
}

static void
find_origin(struct responder *r, const struct policy *policy,
            struct request *rq, struct audit *audit)
{
    if (rq->remote_addr[0] == '\0')
        return;
    rq->origin = forwarded_origin(policy, rq, r->origin, &r->origin_why);
    rq->origin_why = r->origin_why.text;
    audit->from = rq->origin[0] != '\0' ? rq->origin : "unknown";
}

/* A policy that changed, once. */
static void
write_news(struct responder *r, struct site *site, int64_t now)
{
    char line[AUDIT_LINE_MAX];

    if (site == NULL || site->event == NULL)
        return;
    site_event_line(site, now, line);
    write_line(r, site, line);
    site->event = NULL;
}

static void
write_log(struct responder *r, const struct site *site,
          const struct audit *audit, int64_t now)
{
    char line[AUDIT_LINE_MAX];

    if (site_line(site, audit, now, line))
        write_line(r, site, line);
}

static void
write_line(struct responder *r, const struct site *site, const char *line)
{
    if (site != NULL && site->log != NULL)
        log_line(site->log, line);
    else
        web_log(r->web, line);
}

/* What is no answer's. */
static void
tell(struct responder *r, const struct site *site, const char *endpoint,
     const struct errtext *why, int64_t now)
{
    struct audit audit = {.endpoint = endpoint,
                          .outcome = OAUTH_UNAVAILABLE,
                          .from = "",
                          .why = *why};

    write_log(r, site, &audit, now);
}

/* A key that cannot be read stops no other, and so would be missed by nobody
 * until its tokens are. */
static void
tell_trouble(struct responder *r, struct site *site, int64_t now)
{
    struct errtext why;

    if (site != NULL && site->has_service
        && keyring_trouble(site->service.keyring, &why))
        tell(r, site, "keys", &why, now);
}

/* In passing, when the client has its answer: what fails is tried again, and
 * logged again, in a minute. */
static void
renew_list(struct responder *r, struct site *site, int64_t now)
{
    struct errtext why;

    if (site != NULL && site->has_service
        && revocation_refresh(&site->service, now, &why) != 0)
        tell(r, site, "revocations", &why, now);
}
