/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The static claims of a client record as JSON.
 */

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/client_priv.h"

/* A claim that a newer version reserves stays, and is in no token. */
int
client_claims_read(struct client *cl, const struct member *m,
                   const json_t *value, struct errtext *why)
{
    const char *name;
    json_t *claim, *object = json_incref((json_t *) (uintptr_t) value);
    int rc = 0;

    (void) m;
    if (!json_is_object(object))
        rc = errtext_set(why, "claims is not an object");
    json_object_foreach(object, name, claim) {
        if (rc == 0)
            rc = extra_add(&cl->claims, name, claim, why);
    }
    json_decref(object);
    return rc == 0 ? 0 : errtext_context(why, "claims");
}

json_t *
client_claims_write(const struct client *cl, const struct member *m)
{
    json_t *object = json_object();
    size_t i;

    (void) m;
    for (i = 0; i < cl->claims.n; i++) {
        const struct extra *claim = &cl->claims.list[i];

        /* What cannot be written is a fault here: never lose one. */
        if (json_object_set_new(object, claim->name,
                                json_loads(claim->value, JSON_DECODE_ANY,
                                           NULL))
            != 0)
            abort();
    }
    return object;
}
