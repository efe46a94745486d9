/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The keys of DPoP proofs that came of late.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "io/keys.h"
#include "io/verifier.h"
#include "proofkeys.h"
#include "warm.h"

struct entry {
    char jkt[BINDING_TEXT_MAX];
    struct jwk jwk;
    struct verifier *verifier;
    struct warm warm;
};

struct proofkeys {
    struct entry *entries[PROOFKEYS_MAX]; /* the one used last is first */
    size_t n;
    unsigned *warm;
};

struct proofkeys *
proofkeys_open(unsigned *warm)
{
    struct proofkeys *proofkeys = alloc_zero(1, sizeof(*proofkeys));

    proofkeys->warm = warm;
    return proofkeys;
}

static void
drop(struct proofkeys *proofkeys, struct entry *entry)
{
    warm_end(&entry->warm, proofkeys->warm);
    verifier_free(entry->verifier);
    free(entry);
}

/* The key out of the list, or NULL. */
static struct entry *
take(struct proofkeys *proofkeys, const char *jkt)
{
    struct entry **entries = proofkeys->entries;
    struct entry *entry;
    size_t i;

    for (i = 0; i < proofkeys->n; i++) {
        if (strcmp(entries[i]->jkt, jkt) != 0)
            continue;
        entry = entries[i];
        proofkeys->n--;
        memmove(&entries[i], &entries[i + 1],
                (proofkeys->n - i) * sizeof(*entries));
        return entry;
    }
    return NULL;
}

/* Put the key in front; what was not used for longest gives way. */
static void
put(struct proofkeys *proofkeys, struct entry *entry)
{
    struct entry **entries = proofkeys->entries;

    if (proofkeys->n == PROOFKEYS_MAX)
        drop(proofkeys, entries[--proofkeys->n]);
    memmove(&entries[1], &entries[0], proofkeys->n * sizeof(*entries));
    entries[0] = entry;
    proofkeys->n++;
}

/* A new one, in no list, or NULL with the reason in *why: it is no key. */
static struct entry *
make(const struct jwk *jwk, const char *jkt, struct errtext *why)
{
    struct entry *entry = alloc_zero(1, sizeof(*entry));

    entry->jwk = *jwk;
    snprintf(entry->jkt, sizeof(entry->jkt), "%s", jkt);
    if (verifier_load(&entry->verifier, jwk, why) != 0) {
        free(entry);
        return NULL;
    }
    return entry;
}

int
proofkeys_verify(struct proofkeys *proofkeys, const struct jwk *jwk,
                 const struct jws *jws, char jkt[BINDING_TEXT_MAX],
                 struct errtext *why)
{
    char thumbprint[KEYREC_KID_MAX];
    struct entry *entry;
    bool is_new;
    int rc;

    keys_thumbprint(jwk, thumbprint);
    snprintf(jkt, BINDING_TEXT_MAX, "%.43s", thumbprint);
    entry = take(proofkeys, jkt);
    is_new = entry == NULL;
    if (is_new)
        entry = make(jwk, jkt, why);
    if (entry == NULL) {
        errtext_under(why, RULE_DPOP_PROOF);
        return 0;
    }
    rc = verifier_check(entry->verifier, jws->alg, jws->input,
                        jws->input_len, jws->sig, jws->sig_len, why);
    if (rc == 0)
        errtext_rule(why, RULE_DPOP_SIGNATURE,
                     "the signature is not by the key in the header");
    if (rc == 1)
        warm_count(&entry->warm, proofkeys->warm, entry->verifier,
                   &entry->jwk);
    if (rc == 1 || !is_new) /* What proved nothing drives out nothing. */
        put(proofkeys, entry);
    else
        drop(proofkeys, entry);
    return rc;
}

void
proofkeys_close(struct proofkeys *proofkeys)
{
    if (proofkeys == NULL)
        return;
    while (proofkeys->n > 0)
        drop(proofkeys, proofkeys->entries[--proofkeys->n]);
    free(proofkeys);
}
