/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Where a client usually is: nobody elsewhere makes it wait there.
 */

#include <string.h>

#include "guess.h"
#include "guess_priv.h"
#include "lastuse.h"
#include "roster.h"

static bool
was_used_from(struct service *service, const char *client_id,
              const char *credential, const char *network, int64_t now)
{
    char used[GUESS_NETWORK_MAX];
    struct lastuse use;

    return lastuse_read(service, client_id, credential, now, &use, NULL) == 1
           && cidr_network(use.from, used) == 0 && strcmp(used, network) == 0;
}

bool
guess_is_usual(struct service *service, const char *client_id,
               const char *network, int64_t now)
{
    const struct roster_entry *entry =
        client_id[0] != '\0' ? roster_find(service->roster, client_id, NULL)
                             : NULL;
    const struct client *cl = entry != NULL ? entry->cl : NULL;
    bool usual = false;
    size_t i = 0;

    do {
        const char *credential =
            cl != NULL && i < cl->n_secrets ? cl->secrets[i].id : "";

        usual |= was_used_from(service, client_id, credential, network, now);
        i++;
    } while (cl != NULL && i < cl->n_secrets);
    return usual;
}
