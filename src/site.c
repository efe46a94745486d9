/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The issuers that one responder serves.
 */

#include <stdlib.h>
#include <string.h>

#include "io/conf.h"
#include "site.h"

static void close_site(struct site *site);
static int open_policy(struct site *site, struct errtext *why);
static void close_policy(struct site *site);

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
    site = calloc(1, sizeof(*site));
    if (site == NULL || (site->file = strdup(file)) == NULL)
        abort();
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
    free(site->file);
    free(site);
}

size_t
sites_body_max(const struct sites *sites)
{
    size_t i, max = SITE_BODY_LEAST;

    for (i = 0; i < sites->n; i++) {
        const struct site *site = sites->site[i];

        if (site->has_policy && (size_t) site->policy.limits.body > max)
            max = (size_t) site->policy.limits.body;
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
    if (site->has_service)
        return 0;
    if (site->tried != now || site->tried == 0) {
        site->tried = now;
        /* What is at fault may be the policy: it may name another place. */
        close_policy(site);
        if (open_policy(site, &site->trouble) == 0
            && service_open(&site->service, &site->policy, STORE_SERVES,
                            &site->trouble)
                   == 0) {
            site->has_service = true;
            return 0;
        }
    }
    *why = site->trouble;
    return -1;
}

/* Read the policy: only what was read whole is kept. */
static int
open_policy(struct site *site, struct errtext *why)
{
    if (conf_load(&site->policy, site->file, NULL, NULL, why) != 0)
        return -1;
    if (strcmp(site->policy.log.to, "stderr") != 0
        && log_open(&site->log, site->policy.log.to, why) != 0) {
        policy_free(&site->policy);
        return -1;
    }
    site->has_policy = true;
    return 0;
}

static void
close_policy(struct site *site)
{
    policy_free(&site->policy);
    log_close(site->log);
    site->log = NULL;
    site->has_policy = false;
}
