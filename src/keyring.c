/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The signing keys of the store, ready for use.
 */

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/b64.h"
#include "core/keylife.h"
#include "core/sbuf.h"
#include "io/crypto.h"
#include "keyring.h"

/* One more than can be made: while one is retired, its successor is there. */
enum {
    KEYS_MAX = KEYRING_MAX + 1,
    JWKS_MAX = KEYS_MAX * (KEYREC_JWK_MAX + 1) + 16,
};

struct keyring {
    struct store *store;
    struct vault *vault;
    uint64_t generation; /* that the entries are of */
    bool fresh;          /* generation is set */
    struct keyrec *recs;
    struct keyring_key *keys; /* of recs; a signer is NULL until needed */
    struct verifier **verifiers; /* of recs; NULL until needed */
    size_t n;
    struct errtext *why; /* for the callback of store_each() */
    struct errtext trouble; /* with the first that cannot be read, or "" */
    bool is_told;
    char jwks[JWKS_MAX];
};

static int refresh(struct keyring *keyring, struct errtext *why);
static const struct keyring_key *ready(struct keyring *keyring, size_t i,
                                       struct errtext *why);

struct keyring *
keyring_open(struct store *store, struct vault *vault)
{
    struct keyring *keyring = alloc_zero(1, sizeof(*keyring));

    keyring->store = store;
    keyring->vault = vault;
    return keyring;
}

static void
forget(struct keyring *keyring)
{
    size_t i;

    for (i = 0; i < keyring->n; i++) {
        signer_free(keyring->keys[i].signer);
        verifier_free(keyring->verifiers[i]);
    }
    free(keyring->recs);
    free(keyring->keys);
    free(keyring->verifiers);
    keyring->recs = NULL;
    keyring->keys = NULL;
    keyring->verifiers = NULL;
    keyring->n = 0;
}

static void *
grow(void *list, size_t n, size_t size)
{
    list = alloc_again(list, n * size);
    memset((char *) list + (n - 1) * size, 0, size);
    return list;
}

static int
add(void *arg, const char *kid, const char *value, size_t len)
{
    struct keyring *k = arg;
    struct errtext fault;

    if (k->n == KEYS_MAX)
        return errtext_set(k->why, "more than %d signing keys", KEYRING_MAX);
    k->recs = grow(k->recs, k->n + 1, sizeof(*k->recs));
    k->keys = grow(k->keys, k->n + 1, sizeof(*k->keys));
    k->verifiers = grow(k->verifiers, k->n + 1, sizeof(*k->verifiers));
    if (keyrec_load(&k->recs[k->n], value, len, &fault) == 0)
        k->n++;
    else if (k->trouble.text[0] == '\0')
        errtext_set(&k->trouble, "signing key %.64s cannot be read, restore "
                                 "a backup or ccgrant key retire %.64s: %s",
                    kid, kid, fault.text);
    return 0;
}

/* Read the records again when the store may have changed. */
static int
refresh(struct keyring *keyring, struct errtext *why)
{
    uint64_t generation = store_generation(keyring->store);

    if (keyring->fresh && keyring->generation == generation)
        return 0;
    forget(keyring);
    keyring->fresh = false;
    keyring->why = why;
    keyring->trouble.text[0] = '\0';
    keyring->is_told = false;
    if (store_each(keyring->store, STORE_KEYS, add, keyring, why) != 0)
        return -1;
    keyring->generation = generation;
    keyring->fresh = true;
    return 0;
}

static void
write_head(struct keyring_head *head, const char *typ,
           const struct keyring_key *key)
{
    char json[CLAIMS_HEADER_MAX];
    struct sbuf sb;

    sbuf_init(&sb, json, sizeof(json));
    claims_typ_header(&sb, typ, key->alg, key->kid);
    head->len = b64url_encode(json, sb.len, head->text);
    head->text[head->len++] = '.';
}

/* Unseal the private key on its first use. */
static const struct keyring_key *
ready(struct keyring *keyring, size_t i, struct errtext *why)
{
    unsigned char pkcs8[KEYREC_SEALED_MAX];
    const struct keyrec *rec = &keyring->recs[i];
    struct keyring_key *key = &keyring->keys[i];
    int rc;

    if (key->signer != NULL)
        return key;
    key->kid = rec->kid;
    key->alg = rec->alg;
    write_head(&key->head, CLAIMS_TYP, key);
    write_head(&key->plain_head, CLAIMS_TYP_PLAIN, key);
    rc = vault_unseal(keyring->vault, rec->kid, rec->sealed, rec->sealed_len,
                      pkcs8, why);
    if (rc == 0)
        rc = signer_load(&key->signer, rec->alg, pkcs8,
                         rec->sealed_len - VAULT_SEAL_EXTRA, why);
    crypto_wipe(pkcs8, sizeof(pkcs8));
    if (rc != 0)
        errtext_context(why, "signing key %.64s", rec->kid);
    return rc == 0 ? key : NULL;
}

const struct keyring_key *
keyring_signer(struct keyring *keyring, enum jose_alg alg, int64_t now,
               struct errtext *why)
{
    const struct keyrec *best;

    if (refresh(keyring, why) != 0)
        return NULL;
    best = keylife_signer(keyring->recs, keyring->n, alg, now);
    if (best != NULL)
        return ready(keyring, (size_t) (best - keyring->recs), why);
    errtext_set(why, "there is no %s key that may sign now: ccgrant key add "
                     "--alg %s%s%s",
                jose_name(alg), jose_name(alg),
                keyring->trouble.text[0] != '\0' ? "; " : "",
                keyring->trouble.text);
    return NULL;
}

/* Ready the public key of a record. */
static int
load_verifier(struct verifier **verifier, const struct keyrec *rec,
              struct errtext *why)
{
    struct jwk *jwk = NULL;
    int rc = -1;

    if (jwk_set_read(&jwk, rec->jwk, strlen(rec->jwk), true, why) > 0)
        rc = verifier_load(verifier, jwk, why);
    free(jwk);
    return rc == 0 ? 0 : errtext_context(why, "signing key %.64s", rec->kid);
}

int
keyring_verifier(struct keyring *keyring, const char *kid, int64_t now,
                 enum jose_alg *alg, struct verifier **verifier,
                 struct errtext *why)
{
    const struct keyrec *rec;
    size_t i = 0;

    if (refresh(keyring, why) != 0)
        return -1;
    while (i < keyring->n && strcmp(keyring->recs[i].kid, kid) != 0)
        i++;
    if (i == keyring->n || !keyrec_is_public(&keyring->recs[i], now)) {
        errtext_set(why, "no signing key of that kid is published");
        return 0;
    }
    rec = &keyring->recs[i];
    if (keyring->verifiers[i] == NULL
        && load_verifier(&keyring->verifiers[i], rec, why) != 0)
        return -1;
    *alg = rec->alg;
    *verifier = keyring->verifiers[i];
    return 1;
}

const char *
keyring_jwks(struct keyring *keyring, int64_t now, size_t *len,
             struct errtext *why)
{
    int n;

    if (refresh(keyring, why) != 0)
        return NULL;
    n = keyrec_jwks(keyring->recs, keyring->n, now, keyring->jwks,
                    sizeof(keyring->jwks));
    if (n < 0) {
        errtext_set(why, "the JWK Set is over %d bytes", JWKS_MAX);
        return NULL;
    }
    *len = (size_t) n;
    return keyring->jwks;
}

bool
keyring_trouble(struct keyring *keyring, struct errtext *why)
{
    if (keyring->is_told || keyring->trouble.text[0] == '\0')
        return false;
    keyring->is_told = true;
    *why = keyring->trouble;
    return true;
}

bool
keyring_is_whole(const struct keyring *keyring)
{
    return keyring->trouble.text[0] == '\0';
}

void
keyring_close(struct keyring *keyring)
{
    if (keyring == NULL)
        return;
    forget(keyring);
    free(keyring);
}
