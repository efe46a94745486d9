/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The signing keys of the store, ready for use, kept as long as the store has
 * not changed.
 */

#ifndef KEYRING_H
#define KEYRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/claims.h"
#include "core/errtext.h"
#include "core/jose.h"
#include "io/keys.h"
#include "io/store.h"
#include "io/vault.h"
#include "io/verifier.h"

enum { KEYRING_MAX = 64 }; /* keys of all algorithms, retired ones too */

struct keyring;

/* base64url of a JOSE header, and the first dot. */
struct keyring_head {
    char text[CLAIMS_HEADER_MAX * 4 / 3 + 2];
    size_t len;
};

/* Borrowed: valid until the keyring is asked again. */
struct keyring_key {
    const char *kid;
    enum jose_alg alg;
    struct keyring_head head; /* of an access token */
    struct keyring_head plain_head; /* of one whose typ is JWT */
    struct signer *signer;
};

/* store and vault are borrowed.  The caller closes with keyring_close(). */
struct keyring *keyring_open(struct store *store, struct vault *vault);

/*
 * The key that signs with alg now: of those whose time has come, the one that
 * began last.
 *
 * Returns the key, or NULL with the reason and the cure in *why.
 */
const struct keyring_key *keyring_signer(struct keyring *keyring,
                                         enum jose_alg alg, int64_t now,
                                         struct errtext *why);

/*
 * The key of that kid that is published now, to verify what it signed.
 *
 * Returns 1 with *alg, the only algorithm that it is for, and *verifier,
 * borrowed until the keyring is asked again; 0 when no such key is published,
 * for the reason in *why; -1 with the reason in *why when the store failed.
 */
int keyring_verifier(struct keyring *keyring, const char *kid, int64_t now,
                     enum jose_alg *alg, struct verifier **verifier,
                     struct errtext *why);

/*
 * The JWK Set of the keys that are published now.
 *
 * Returns the text, borrowed until the next call, with *len bytes; or NULL
 * with the reason in *why.
 */
const char *keyring_jwks(struct keyring *keyring, int64_t now, size_t *len,
                         struct errtext *why);

/*
 * Whether a record of a key could not be read when they were read last: it is
 * as if it was not there.  Says so once, with the first of them and the cure
 * in *why.
 */
bool keyring_trouble(struct keyring *keyring, struct errtext *why);

/* Whether all could be read, however often that is asked. */
bool keyring_is_whole(const struct keyring *keyring);

/* Wipes and frees.  NULL is allowed. */
void keyring_close(struct keyring *keyring);

#endif /* KEYRING_H */
