/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What the endpoints and the command work with.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "service.h"

int
service_open(struct service *service, const struct policy *policy,
             enum store_role role, struct errtext *why)
{
    memset(service, 0, sizeof(*service));
    /* The store first: it says what is wrong with the directory itself. */
    if (store_open(&service->store, policy->state, role, why) != 0
        || vault_open(&service->vault, policy->state, why) != 0
        || roster_open(&service->roster, service->store, policy, why) != 0) {
        service_close(service);
        return -1;
    }
    service->policy = policy;
    service->keyring = keyring_open(service->store, service->vault);
    snprintf(service->challenge, sizeof(service->challenge),
             "Basic realm=\"%.255s\", charset=\"UTF-8\"", policy->realm);
    return 0;
}

void
service_close(struct service *service)
{
    roster_close(service->roster);
    keyring_close(service->keyring);
    store_close(service->store);
    vault_close(service->vault);
    free(service->metadata);
    memset(service, 0, sizeof(*service));
}
