/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The resources that tokens are encrypted to.
 */

#include <stdbool.h>
#include <stdlib.h>

#include "core/alloc.h"
#include "io/path.h"
#include "recipient.h"

/* The keys of one resource. */
struct place {
    struct encrypter *encrypter; /* NULL: they were never read */
    struct path_stamp stamp;     /* of the file when it was read */
    int64_t n_read;          /* how often it was */
    bool is_checked;
    int64_t checked;        /* when the file was last looked at */
    bool failed;            /* it could not be read then */
    struct errtext trouble; /* for this reason */
};

struct recipients {
    size_t n;
    struct place *places; /* by the number of the resource */
};

static void refresh(struct place *place,
                    const struct policy_resource *resource, int64_t now);

static struct recipients *
new_recipients(size_t n)
{
    struct recipients *recipients = alloc_zero(1, sizeof(*recipients));

    recipients->n = n;
    recipients->places = alloc_zero(n + 1, sizeof(*recipients->places));
    return recipients;
}

/* The keys as they are now. */
static struct place *
find(struct service *service, const struct policy_resource *resource,
     int64_t now)
{
    const struct policy *policy = service->policy;
    struct place *place;

    if (service->recipients == NULL)
        service->recipients = new_recipients(policy->n_resources);
    place = &service->recipients->places[resource - policy->resources];
    refresh(place, resource, now);
    return place;
}

struct encrypter *
recipient_find(struct service *service,
               const struct policy_resource *resource, int64_t now,
               struct errtext *why)
{
    const struct place *place = find(service, resource, now);

    if (place->encrypter == NULL)
        errtext_set(why, "the token cannot be encrypted: %.340s",
                    place->trouble.text);
    return place->encrypter;
}

int64_t
recipient_mark(struct service *service,
               const struct policy_resource *resource, int64_t now)
{
    const struct place *place = find(service, resource, now);
    int which = place->encrypter != NULL
                    ? encrypter_current(place->encrypter, now)
                    : -1;

    return which < 0 ? 0 : place->n_read * JWK_SET_MAX + which + 1;
}

/* At most once a second; after a failure the file is read every time. */
static void
refresh(struct place *place, const struct policy_resource *resource,
        int64_t now)
{
    struct encrypter *encrypter = NULL;
    struct path_stamp stamp;

    if (place->is_checked && place->checked == now)
        return;
    place->is_checked = true;
    place->checked = now;
    path_stamp(resource->encryption_key, &stamp);
    if (place->encrypter != NULL && !place->failed
        && path_stamp_is_same(&stamp, &place->stamp))
        return;
    place->stamp = stamp; /* from before: a change is then seen later */
    place->failed = encrypter_read(&encrypter, resource->encryption_key,
                                   resource->encryption_alg,
                                   resource->encryption_enc,
                                   &place->trouble)
                    != 0;
    if (place->failed)
        return;
    encrypter_free(place->encrypter);
    place->encrypter = encrypter;
    place->n_read++;
}

void
recipient_close(struct recipients *recipients)
{
    size_t i;

    if (recipients == NULL)
        return;
    for (i = 0; i < recipients->n; i++)
        encrypter_free(recipients->places[i].encrypter);
    free(recipients->places);
    free(recipients);
}
