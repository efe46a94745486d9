/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The authorities of the policy, read once and again when their files change,
 * and the certificates that were verified with them of late.
 */

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "io/path.h"
#include "peer_priv.h"

/* Those of one file, or of all. */
struct authorities {
    struct cert_trust *trust; /* NULL: they were never read */
    struct path_stamp *stamps;     /* of each file when it was read */
    bool is_checked;
    int64_t checked;          /* when the files were last looked at */
    struct errtext trouble;   /* why they could not be read then, or "" */
};

struct verified {
    struct cert *cert; /* NULL: the place is free */
    unsigned char digest[CRYPTO_SHA256_LEN];
    size_t ca;
    int64_t since;
    int64_t until;
    unsigned long used; /* by the memory's count */
};

struct peer_memory {
    struct authorities *of; /* each file, and then all */
    size_t n_files;
    unsigned long count;
    struct verified verified[PEER_REMEMBER_MAX];
};

static struct peer_memory *new_memory(size_t n_files);
static void refresh(struct peer_memory *memory, const struct policy *policy,
                    size_t ca, int64_t now);
static void read_anew(struct peer_memory *memory, char *const *files,
                      size_t n, size_t ca);
static struct verified *recall(struct peer_memory *memory,
                               const struct peer *peer, size_t ca,
                               int64_t now);
static int verify(struct peer_memory *memory, const struct peer *peer,
                  size_t ca, int64_t now, struct verified *fresh,
                  struct errtext *why);
static struct verified *remember(struct peer_memory *memory,
                                 const struct verified *fresh);

int
peer_memory_verify(struct service *service, const struct peer *peer,
                   size_t ca, int64_t now, const struct cert **cert,
                   struct errtext *why)
{
    const struct policy *policy = service->policy;
    struct verified fresh, *known;
    int rc;

    if (service->peers == NULL)
        service->peers = new_memory(policy->mtls.n_ca);
    refresh(service->peers, policy, ca, now);
    known = recall(service->peers, peer, ca, now);
    if (known == NULL) {
        rc = verify(service->peers, peer, ca, now, &fresh, why);
        if (rc != 1)
            return rc;
        known = remember(service->peers, &fresh);
    }
    known->used = ++service->peers->count;
    *cert = known->cert;
    return 1;
}

/* How many files the authorities of that number are of. */
static size_t
count_files(const struct peer_memory *memory, size_t ca)
{
    return ca < memory->n_files ? 1 : memory->n_files;
}

static struct peer_memory *
new_memory(size_t n_files)
{
    struct peer_memory *memory = alloc_zero(1, sizeof(*memory));
    size_t i;

    memory->n_files = n_files;
    memory->of = alloc_zero(n_files + 1, sizeof(*memory->of));
    for (i = 0; i <= n_files; i++)
        memory->of[i].stamps = alloc_zero(count_files(memory, i) + 1,
                                          sizeof(*memory->of[i].stamps));
    return memory;
}

/* At most once a second; after a failure the files are read every time. */
static void
refresh(struct peer_memory *memory, const struct policy *policy, size_t ca,
        int64_t now)
{
    struct authorities *of = &memory->of[ca];
    char *const *files = policy->mtls.ca + (ca < memory->n_files ? ca : 0);
    size_t n = count_files(memory, ca), i;
    bool is_due = of->trust == NULL || of->trouble.text[0] != '\0';
    struct path_stamp stamp;

    if (of->is_checked && of->checked == now)
        return;
    of->is_checked = true;
    of->checked = now;
    for (i = 0; i < n && !is_due; i++) {
        path_stamp(files[i], &stamp);
        is_due = !path_stamp_is_same(&stamp, &of->stamps[i]);
    }
    if (is_due)
        read_anew(memory, files, n, ca);
}

static void
clear(struct verified *known)
{
    cert_free(known->cert);
    memset(known, 0, sizeof(*known));
}

/*
 * The new authorities take the place of the old ones only when all files can
 * be read; of the first ones, what can be read serves.
 */
static void
read_anew(struct peer_memory *memory, char *const *files, size_t n, size_t ca)
{
    struct authorities *of = &memory->of[ca];
    struct cert_trust *trust = NULL;
    size_t i;

    of->trouble.text[0] = '\0';
    for (i = 0; i < n; i++) {
        /* First: a change is then seen later. */
        path_stamp(files[i], &of->stamps[i]);
        (void) cert_trust_read(&trust, files[i], &of->trouble);
    }
    if (of->trust != NULL && of->trouble.text[0] != '\0') {
        cert_trust_free(trust);
        return;
    }
    cert_trust_free(of->trust);
    of->trust = trust;
    for (i = 0; i < PEER_REMEMBER_MAX; i++)
        if (memory->verified[i].ca == ca)
            clear(&memory->verified[i]);
}

static struct verified *
recall(struct peer_memory *memory, const struct peer *peer, size_t ca,
       int64_t now)
{
    struct verified *known = memory->verified;
    size_t i;

    for (i = 0; i < PEER_REMEMBER_MAX; i++, known++)
        if (known->cert != NULL && known->ca == ca && known->since <= now
            && now < known->until
            && memcmp(known->digest, peer->digest, sizeof(known->digest))
                   == 0)
            return known;
    return NULL;
}

/* Returns as peer_memory_verify() does, with what is to be remembered. */
static int
verify(struct peer_memory *memory, const struct peer *peer, size_t ca,
       int64_t now, struct verified *fresh, struct errtext *why)
{
    const struct authorities *of = &memory->of[ca];
    struct errtext reason = {.text = ""};
    int rc;

    memset(fresh, 0, sizeof(*fresh));
    if (of->trust == NULL)
        return errtext_set(why, "%s", of->trouble.text);
    if (cert_read(&fresh->cert, peer->der, peer->len, why) != 0)
        return 0;
    rc = cert_verify(fresh->cert, of->trust, now, &fresh->until, &reason);
    if (rc != 1) {
        clear(fresh);
        errtext_set(why, "%.180s%s%.180s", reason.text,
                    of->trouble.text[0] != '\0' ? "; and of the authorities "
                                                : "",
                    of->trouble.text);
        return rc;
    }
    memcpy(fresh->digest, peer->digest, sizeof(fresh->digest));
    fresh->ca = ca;
    fresh->since = now;
    if (fresh->until > now + PEER_REMEMBER_SECONDS)
        fresh->until = now + PEER_REMEMBER_SECONDS;
    return 1;
}

/* In a free place, or in that of what was not used for the longest time. */
static struct verified *
remember(struct peer_memory *memory, const struct verified *fresh)
{
    struct verified *place = memory->verified;
    size_t i;

    for (i = 1; i < PEER_REMEMBER_MAX; i++)
        if (memory->verified[i].used < place->used)
            place = &memory->verified[i];
    clear(place);
    *place = *fresh;
    return place;
}

void
peer_memory_close(struct peer_memory *memory)
{
    size_t i;

    if (memory == NULL)
        return;
    for (i = 0; i <= memory->n_files; i++) {
        cert_trust_free(memory->of[i].trust);
        free(memory->of[i].stamps);
    }
    for (i = 0; i < PEER_REMEMBER_MAX; i++)
        clear(&memory->verified[i]);
    free(memory->of);
    free(memory);
}
