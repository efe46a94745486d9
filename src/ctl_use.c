/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Last uses of credentials.
 */

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/when.h"
#include "ctl_out.h"
#include "ctl_use.h"

int64_t
ctl_use_since(struct ctl *ctl)
{
    static const char name[] = "uses_since";
    char text[STORE_VALUE_MAX + 1];
    size_t len;

    snprintf(text, sizeof(text), "%lld", (long long) ctl->now);
    if (service_note(&ctl->service, name, text, NULL) != 0
        || store_get(ctl->service.store, STORE_META, name, text, sizeof(text),
                     &len, NULL)
               != 1)
        return 0;
    return strtoll(text, NULL, 10);
}

void
ctl_use_find(struct ctl *ctl, const struct client *cl, const char *credential,
             struct lastuse *use)
{
    struct errtext why;
    int rc = lastuse_read(&ctl->service, cl->id, credential, ctl->now, use,
                          &why);

    if (rc < 0)
        ctl_out_note(why.text);
    if (rc != 1 || use->at < cl->created)
        memset(use, 0, sizeof(*use));
}

void
ctl_use_add(struct ctl_table *table, const struct lastuse *use)
{
    char when[WHEN_TEXT_MAX];

    when_text(use->at, when);
    ctl_table_add(table, use->at != 0 ? when : "");
    ctl_table_add(table, use->from);
}

void
ctl_use_set(json_t *object, const struct lastuse *use)
{
    if (json_object_set_new(object, "last_use", json_integer(use->at)) != 0
        || json_object_set_new(object, "last_use_from",
                               ctl_out_string(use->from))
               != 0)
        abort();
}
