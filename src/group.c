/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Opaque tokens that wait for the disk together.
 */

#include "group.h"

bool
group_is_on(const struct service *service)
{
    return service->policy->token.durable && service->release != NULL;
}

void
group_hurry(const struct service *service)
{
    if (service->release != NULL)
        service->release(service->release_arg);
}
