/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * A stored client record: what loads is written and loads again, the same.
 */

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/client.h"
#include "core/grant.h"
#include "fuzz.h"
#include "sample.h"

const char fuzz_corpus[] = "record";

/* Made at the first input, kept to the end. */
static struct policy policy;

static void
check_record(const struct client *cl)
{
    static struct scope_set allowed;
    char *dump = client_dump(cl), *show = client_show(cl), *same;
    struct errtext why;
    struct client *again;

    hold(client_load(&again, dump, strlen(dump), &why) == 0);
    same = client_dump(again);
    hold(strcmp(dump, same) == 0);
    hold(cl->id[0] != '\0' && strlen(cl->id) <= CLIENT_ID_MAX);
    hold(cl->auth > 0 && cl->auth < AUTH__MAX);
    hold(cl->n_secrets <= CLIENT_SECRETS_MAX);
    (void) client_check(cl, &policy, &why);
    (void) cidr_match(cl->networks, cl->n_networks, "192.0.2.1");
    grant_allowed(&allowed, &policy, cl);
    client_free(again);
    free(same);
    free(show);
    free(dump);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct client *cl = NULL;
    struct errtext why = {.text = ""};

    if (policy.issuer == NULL)
        sample_policy(&policy);
    if (client_load(&cl, (const char *) data, size, &why) != 0) {
        hold(why.text[0] != '\0');
        return 0;
    }
    check_record(cl);
    client_free(cl);
    return 0;
}
