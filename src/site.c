/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The issuers that one responder serves.
 */

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/alloc.h"
#include "site.h"

static void close_site(struct site *site);
static int open_all(struct site *site, struct errtext *why);
static void follow(struct site *site, int64_t now);
static struct policy *read_policy(struct site *site, struct errtext *why);
static int open_log(struct log **log, const struct policy *policy,
                    struct errtext *why);
static int turn_to(struct site *site, struct policy *policy,
                   struct errtext *why);
static int move_service(struct site *site, const struct policy *policy,
                        struct errtext *why);
static void close_policy(struct site *site);
static void drop(struct policy *policy);

struct site *
sites_find(struct sites *sites, const char *file)
{
    struct site *site;
    size_t i, place = sites->n;

    for (i = 0; i < sites->n; i++) {
        if (strcmp(sites->site[i]->file, file) == 0)
            return sites->site[i];
        if (sites->n == SITES_MAX && !sites->site[i]->has_service)
            place = i;
    }
    if (place == SITES_MAX)
        return NULL;
    site = alloc_zero(1, sizeof(*site));
    site->file = alloc_text(file);
    if (place < sites->n)
        close_site(sites->site[place]);
    else
        sites->n++;
    sites->site[place] = site;
    return site;
}

static void
close_site(struct site *site)
{
    service_close(&site->service);
    close_policy(site);
    conf_watch_clear(&site->watch);
    free(site->file);
    free(site);
}

size_t
sites_body_max(const struct sites *sites)
{
    size_t i, max = SITE_BODY_LEAST;

    for (i = 0; i < sites->n; i++) {
        const struct site *site = sites->site[i];

        if (site->policy != NULL && (size_t) site->policy->limits.body > max)
            max = (size_t) site->policy->limits.body;
    }
    return max;
}

bool
sites_are_worn(const struct sites *sites)
{
    size_t i;

    for (i = 0; i < sites->n; i++) {
        if (sites->site[i]->has_service
            && store_is_worn(sites->site[i]->service.store))
            return true;
    }
    return false;
}

void
sites_close(struct sites *sites)
{
    size_t i;

    for (i = 0; i < sites->n; i++)
        close_site(sites->site[i]);
    sites->n = 0;
}

int
site_open(struct site *site, int64_t now, struct errtext *why)
{
    if (site->has_service) {
        if (site->looked != now)
            follow(site, now);
        return 0;
    }
    if (site->tried != now || site->tried == 0) {
        site->tried = site->looked = now;
        if (open_all(site, &site->trouble) == 0)
            return 0;
    }
    *why = site->trouble;
    return -1;
}

/* Only what was read whole is kept.  What is at fault when the rest cannot be
 * opened may be the policy: it may name another place. */
static int
open_all(struct site *site, struct errtext *why)
{
    close_policy(site);
    site->policy = read_policy(site, why);
    if (site->policy == NULL)
        return -1;
    if (open_log(&site->log, site->policy, why) != 0) {
        close_policy(site);
        return -1;
    }
    if (service_open(&site->service, site->policy, STORE_SERVES, why) != 0)
        return -1;
    site->has_service = true;
    return 0;
}

static void
follow(struct site *site, int64_t now)
{
    struct policy *policy;

    site->looked = now;
    if (!conf_watch_is_due(&site->watch, now))
        return;
    policy = read_policy(site, &site->news);
    if (policy != NULL && turn_to(site, policy, &site->news) == 0) {
        site->event = "policy_taken";
        errtext_set(&site->news, "%s has changed", site->file);
        return;
    }
    drop(policy);
    site->event = "policy_kept";
}

static struct policy *
read_policy(struct site *site, struct errtext *why)
{
    struct policy *policy = alloc_zero(1, sizeof(*policy));

    conf_watch_clear(&site->watch);
    if (conf_load_watched(policy, site->file, &site->watch, why) == 0)
        return policy;
    errtext_under(why, RULE_SERVER_POLICY);
    free(policy);
    return NULL;
}

static int
open_log(struct log **log, const struct policy *policy, struct errtext *why)
{
    *log = NULL;
    if (strcmp(policy->log.to, "stderr") == 0
        || log_open(log, policy->log.to, why) == 0)
        return 0;
    return conf_context(policy->file, "log.to", 0, why);
}

/* Take the policy in the place of the site's; or leave all as it is. */
static int
turn_to(struct site *site, struct policy *policy, struct errtext *why)
{
    bool other_log = strcmp(policy->log.to, site->policy->log.to) != 0;
    struct log *log = NULL;

    if (other_log && open_log(&log, policy, why) != 0)
        return -1;
    if (move_service(site, policy, why) != 0) {
        log_close(log);
        return -1;
    }
    if (other_log) {
        log_close(site->log);
        site->log = log;
    }
    drop(site->policy);
    site->policy = policy;
    return 0;
}

/* Two names may be one directory, which must not be opened twice. */
static bool
is_same_place(const char *a, const char *b)
{
    struct stat sa, sb;

    if (strcmp(a, b) == 0)
        return true;
    return stat(a, &sa) == 0 && stat(b, &sb) == 0 && sa.st_dev == sb.st_dev
           && sa.st_ino == sb.st_ino;
}

static int
move_service(struct site *site, const struct policy *policy,
             struct errtext *why)
{
    struct service other;

    if (is_same_place(site->policy->state, policy->state))
        return service_follow(&site->service, policy, why);
    if (service_open(&other, policy, STORE_SERVES, why) != 0)
        return conf_context(policy->file, "state", 0, why);
    service_close(&site->service);
    site->service = other;
    return 0;
}

static void
close_policy(struct site *site)
{
    drop(site->policy);
    site->policy = NULL;
    log_close(site->log);
    site->log = NULL;
}

static void
drop(struct policy *policy)
{
    if (policy == NULL)
        return;
    policy_free(policy);
    free(policy);
}

static bool
is_logged(const struct site *site, const struct audit *audit)
{
    if (audit->outcome != OAUTH_OK || audit->compat != 0)
        return true;
    if (audit->done == AUDIT_ISSUED || audit->done == AUDIT_REUSED)
        return site->policy->log.issued;
    return audit->done != AUDIT_NOTHING;
}

static bool
is_json(const struct site *site)
{
    return site != NULL && site->policy != NULL
           && strcmp(site->policy->log.format, "json") == 0;
}

/* What the log needs of the clock: a file has none of its own. */
static int64_t
log_time(const struct site *site, int64_t now)
{
    return site != NULL && site->policy != NULL
                   && site->policy->log.to[0] == '/'
               ? now
               : 0;
}

bool
site_line(const struct site *site, const struct audit *audit, int64_t now,
          char line[AUDIT_LINE_MAX])
{
    struct sbuf sb;

    if (!is_logged(site, audit))
        return false;
    sbuf_init(&sb, line, AUDIT_LINE_MAX);
    audit_line(&sb, audit, is_json(site), log_time(site, now));
    return true;
}

void
site_event_line(const struct site *site, int64_t now,
                char line[AUDIT_LINE_MAX])
{
    struct sbuf sb;

    sbuf_init(&sb, line, AUDIT_LINE_MAX);
    audit_event(&sb, site->event, site->news.text, is_json(site),
                log_time(site, now));
}
