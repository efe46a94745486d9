/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * JWTs that were verified of late, so that a resource server which asks again
 * costs no signature.
 */

#include <stdlib.h>
#include <string.h>

#include "active_priv.h"
#include "core/alloc.h"
#include "revocation.h"

_Static_assert((int) STORE_VALUE_MAX >= (int) EXPIRING_TEXT_MAX,
               "one scratch buffer does for both");

static int read_all_until(struct active_memory *memory, struct store *store,
                          struct errtext *why);

static void
drop(struct active_known *known)
{
    if (known == NULL)
        return;
    crypto_wipe(known->claims, known->claims_len);
    free(known->claims);
    crypto_wipe(known, sizeof(*known));
    free(known);
}

static void
forget(struct active_memory *memory)
{
    size_t i, j;

    for (i = 0; i < ACTIVE_SHELVES; i++) {
        for (j = 0; j < ACTIVE_SHELF_LEN; j++) {
            drop(memory->known[i][j]);
            memory->known[i][j] = NULL;
        }
    }
}

struct active_memory *
active_memory_ready(struct service *service, struct errtext *why)
{
    uint64_t generation = store_generation(service->store);
    struct active_memory *memory = service->actives;

    if (memory == NULL) {
        memory = alloc_zero(1, sizeof(*memory));
        service->actives = memory;
    }
    if (memory->is_fresh && memory->generation == generation)
        return memory;
    memory->is_fresh = false;
    forget(memory);
    if (read_all_until(memory, service->store, why) != 0)
        return NULL;
    memory->generation = generation;
    memory->is_fresh = true;
    return memory;
}

static int
read_all_until(struct active_memory *memory, struct store *store,
               struct errtext *why)
{
    char *end;
    size_t len;
    int rc;

    memory->all_until = 0;
    rc = store_get(store, STORE_META, REVOCATION_ALL_META, memory->scratch,
                   sizeof(memory->scratch), &len, why);
    if (rc <= 0)
        return rc;
    memory->all_until = strtoll(memory->scratch, &end, 10);
    if (len == 0 || *end != '\0' || memory->all_until < 0)
        return errtext_set(why, "the store's %s is no time: restore a backup",
                           REVOCATION_ALL_META);
    return 0;
}

/* Where digests that begin so are; nobody chooses them. */
static struct active_known **
find_shelf(struct active_memory *memory, const unsigned char *digest)
{
    return memory->known[digest[0] % ACTIVE_SHELVES];
}

/* Put one first; those before its old place, i, move up. */
static struct active_known *
put_first(struct active_known **shelf, size_t i, struct active_known *known)
{
    memmove(shelf + 1, shelf, i * sizeof(*shelf));
    shelf[0] = known;
    return known;
}

const struct active_known *
active_memory_find(struct active_memory *memory,
                   const unsigned char digest[CRYPTO_SHA256_LEN])
{
    struct active_known **shelf = find_shelf(memory, digest);
    size_t i;

    for (i = 0; i < ACTIVE_SHELF_LEN && shelf[i] != NULL; i++) {
        if (memcmp(shelf[i]->digest, digest, CRYPTO_SHA256_LEN) == 0)
            return put_first(shelf, i, shelf[i]);
    }
    return NULL;
}

void
active_memory_add(struct active_memory *memory,
                  const struct active_known *known)
{
    struct active_known **shelf = find_shelf(memory, known->digest);
    struct active_known *copy = alloc_bytes(sizeof(*copy));

    *copy = *known;
    copy->claims = alloc_bytes(known->claims_len);
    memcpy(copy->claims, known->claims, known->claims_len);
    drop(shelf[ACTIVE_SHELF_LEN - 1]);
    put_first(shelf, ACTIVE_SHELF_LEN - 1, copy);
}

void
active_memory_close(struct active_memory *memory)
{
    if (memory == NULL)
        return;
    forget(memory);
    crypto_wipe(memory->scratch, sizeof(memory->scratch));
    free(memory);
}
