/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What the endpoints and the command work with.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "active.h"
#include "core/alloc.h"
#include "core/b64.h"
#include "guess.h"
#include "keyset.h"
#include "peer.h"
#include "proofkeys.h"
#include "recipient.h"
#include "reuse.h"
#include "service.h"

static const char mark_name[] = SERVICE_MARK_META;

static int check_master(struct service *service, struct errtext *why);
static void set_challenge(struct service *service);

int
service_open(struct service *service, const struct policy *policy,
             enum store_role role, struct errtext *why)
{
    memset(service, 0, sizeof(*service));
    service->policy = policy;
    /* The store first: it says what is wrong with the directory itself. */
    if (store_open(&service->store, policy->state, role, why) != 0
        || vault_open(&service->vault, policy->state, why) != 0
        || check_master(service, why) != 0
        || roster_open(&service->roster, service->store, policy, why) != 0) {
        service_close(service);
        return errtext_under(why, RULE_SERVER_STORE);
    }
    store_archive(service->store, policy->archive);
    service->expiring = expiring_open(service->store);
    service->keyring = keyring_open(service->store, service->vault);
    set_challenge(service);
    return 0;
}

static void
set_challenge(struct service *service)
{
    snprintf(service->challenge, sizeof(service->challenge),
             "Basic realm=\"%.255s\", charset=\"UTF-8\"",
             service->policy->realm);
}

/* What follows from the policy, and is made anew when it is wanted. */
static void
forget(struct service *service)
{
    roster_close(service->roster);
    service->roster = NULL;
    peer_memory_close(service->peers);
    service->peers = NULL;
    recipient_close(service->recipients);
    service->recipients = NULL;
    active_memory_close(service->actives);
    service->actives = NULL;
    reuse_close(service->reuse);
    service->reuse = NULL;
    free(service->metadata);
    service->metadata = NULL;
}

int
service_follow(struct service *service, const struct policy *policy,
               struct errtext *why)
{
    struct roster *roster;

    if (roster_open(&roster, service->store, policy, why) != 0)
        return -1;
    forget(service);
    service->roster = roster;
    service->policy = policy;
    store_archive(service->store, policy->archive);
    set_challenge(service);
    return 0;
}

int
service_mark(struct vault *vault, char mark[SERVICE_MARK_MAX],
             struct errtext *why)
{
    unsigned char mac[VAULT_MAC_LEN];

    if (vault_mac_secret(vault, "", mark_name, strlen(mark_name), mac,
                         why)
        != 0)
        return -1;
    b64url_encode(mac, sizeof(mac), mark);
    return 0;
}

static int
check_master(struct service *service, struct errtext *why)
{
    char stored[STORE_VALUE_MAX + 1], mark[SERVICE_MARK_MAX];
    size_t len;
    int rc;

    rc = store_get(service->store, STORE_META, mark_name, stored,
                   sizeof(stored), &len, why);
    if (rc <= 0)
        return rc;
    if (service_mark(service->vault, mark, why) != 0)
        return -1;
    if (strcmp(stored, mark) != 0)
        return errtext_set(why, "%s/master.key is not the one that the "
                                "records were made with: put that back from "
                                "a backup",
                           service->policy->state);
    return 0;
}

static int
write_note(void *arg, const char *old, size_t len, char **value,
           struct errtext *why)
{
    (void) len;
    (void) why;
    if (old != NULL)
        return 0;
    *value = alloc_text(arg);
    return 1;
}

int
service_note(struct service *service, const char *name, char *text,
             struct errtext *why)
{
    int rc = store_edit(service->store, STORE_META, name, write_note, text,
                        why);

    return rc < 0 ? -1 : 0;
}

int
service_bind(struct service *service, struct errtext *why)
{
    char mark[SERVICE_MARK_MAX];

    if (service_mark(service->vault, mark, why) != 0)
        return -1;
    return service_note(service, mark_name, mark, why);
}

void
service_close(struct service *service)
{
    forget(service);
    keyset_close(service->decoys);
    guess_memory_close(service->guesses);
    proofkeys_close(service->proofkeys);
    expiring_close(service->expiring);
    keyring_close(service->keyring);
    store_close(service->store);
    vault_close(service->vault);
    memset(service, 0, sizeof(*service));
}
