/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The keys of one client's assertions.
 */

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "io/crypto.h"
#include "io/keys.h"
#include "io/verifier.h"
#include "jwks.h"
#include "keyset.h"
#include "warm.h"

enum { DECOY_LEN = 64 }; /* bytes of the secret that nobody has */

struct entry {
    struct verifier *verifier; /* NULL until wanted, and when useless */
    bool is_ready;
    bool is_secret;
    bool is_published;
    char id[CRED_ID_MAX];        /* once it was good, or "" */
    struct warm warm;            /* of a key */
    struct jwk jwk;              /* a key */
    const struct secret *secret; /* or a secret; NULL: the decoy */
    const char *client_id;       /* with secret */
};

struct keyset {
    struct vault *vault;
    unsigned *warm;
    struct entry *entries;
    size_t n;
    size_t hit; /* which was good */
};

static size_t try_keys(struct keyset *set, const struct jws *jws,
                       const char *kid, int64_t now, int *rc,
                       struct errtext *why);
static bool is_fit(const struct entry *entry, const struct jws *jws,
                   const char *kid, int64_t now);
static int check(struct keyset *set, struct entry *entry,
                 const struct jws *jws, struct errtext *why);
static int ready(struct keyset *set, struct entry *entry,
                 struct errtext *why);
static int ready_secret(struct keyset *set, struct entry *entry,
                        struct errtext *why);
static int ready_decoy(struct keyset *set, struct entry *entry,
                       struct errtext *why);

/*
 * Keys that the world has: of RFC 7515, A.2 and A.3, RFC 7520, 3.1, RFC 8037,
 * A.2, and the base point of P-384.  What they verify is not believed.
 */
static const char decoys[] =
    "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\","
    "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
    "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"},"
    "{\"kty\":\"EC\",\"crv\":\"P-384\","
    "\"x\":\"qofKIr6LBTeOscce8yCtdG4dO2KLp5uYWfdB4IJUKjhVAvJdv1UpbDpUXjhydg"
    "q3\","
    "\"y\":\"NhfeSpYmLG9dnpi_kpLcKfj0Hb0omhR86doxE7XwuMAKYLHOHX6BnXpDHXyQ6g5"
    "f\"},"
    "{\"kty\":\"EC\",\"crv\":\"P-521\","
    "\"x\":\"AHKZLLOsCOzz5cY97ewNUajB957y-C-U88c3v13nmGZx6sYl_oJXu9A5RkTKqjqv"
    "jyekWF-7ytDyRXYgCF5cj0Kt\","
    "\"y\":\"AdymlHvOiLxXkEhayXQnNCvDX4h9htZaCJN34kfmC6pV5OhQHiraVySsUdaQkAg"
    "DPrwQrJmbnX9cwlGfP-HqHZR1\"},"
    "{\"kty\":\"OKP\",\"crv\":\"Ed25519\","
    "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"},"
    "{\"kty\":\"RSA\",\"e\":\"AQAB\","
    "\"n\":\"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp"
    "-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32"
    "690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS"
    "-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhy"
    "xXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ\""
    "}]}";

struct keyset *
keyset_open(struct vault *vault, unsigned *warm)
{
    struct keyset *set = alloc_zero(1, sizeof(*set));

    set->vault = vault;
    set->warm = warm;
    return set;
}

/* A new entry, all zero. */
static struct entry *
add(struct keyset *set)
{
    struct entry *entry;

    set->entries =
        alloc_again(set->entries, (set->n + 1) * sizeof(*set->entries));
    entry = &set->entries[set->n++];
    memset(entry, 0, sizeof(*entry));
    return entry;
}

void
keyset_add_keys(struct keyset *set, const struct jwk *keys, size_t n)
{
    size_t i;

    for (i = 0; i < n; i++) {
        struct entry *entry = add(set);

        entry->jwk = keys[i];
        entry->is_published = true;
    }
}

void
keyset_add_client_keys(struct keyset *set, const struct client *cl)
{
    size_t i;

    for (i = 0; i < cl->n_keys; i++)
        add(set)->jwk = cl->keys[i].jwk;
}

void
keyset_add_secrets(struct keyset *set, const struct client *cl)
{
    size_t i;

    for (i = 0; i < cl->n_secrets; i++) {
        struct entry *entry;

        if (cl->secrets[i].scheme != SECRET_SEALED)
            continue;
        entry = add(set);
        entry->is_secret = true;
        entry->secret = &cl->secrets[i];
        entry->client_id = cl->id;
    }
}

void
keyset_add_decoys(struct keyset *set)
{
    struct jwk *keys = NULL;
    int n = jwk_set_read(&keys, decoys, sizeof(decoys) - 1, true, NULL);

    if (n > 0)
        keyset_add_keys(set, keys, (size_t) n);
    free(keys);
    add(set)->is_secret = true;
}

int
keyset_verify(struct keyset *set, const struct jws *jws, enum jose_alg pin,
              int64_t now, size_t *tried, struct errtext *why)
{
    int rc = 0;

    *tried = 0;
    if (pin != JOSE_NONE && jws->alg != pin) {
        errtext_rule(why, RULE_ASSERTION_ALG,
                     "the assertion is signed with %s, and the record wants "
                     "%s",
                     jose_name(jws->alg), jose_name(pin));
        return 0;
    }
    if (jws->kid != NULL)
        *tried = try_keys(set, jws, jws->kid, now, &rc, why);
    if (*tried == 0)
        *tried = try_keys(set, jws, jws->kid != NULL ? "" : NULL, now, &rc,
                          why);
    if (rc != 0)
        return rc;
    if (*tried == 0)
        errtext_rule(why, RULE_ASSERTION_KEY,
                     "the client has no live key or secret for %s%s",
                     jose_name(jws->alg),
                     jws->kid != NULL ? " with that kid" : "");
    else
        errtext_rule(why, RULE_ASSERTION_SIGNATURE,
                     "the signature is not by a key or secret of the client");
    return 0;
}

/*
 * Try the keys of that kid; NULL: of any.  Returns how many there were; *rc
 * is as keyset_verify() returns it.
 */
static size_t
try_keys(struct keyset *set, const struct jws *jws, const char *kid,
         int64_t now, int *rc, struct errtext *why)
{
    size_t i, n = 0;

    for (i = 0; i < set->n && *rc == 0; i++) {
        if (!is_fit(&set->entries[i], jws, kid, now))
            continue;
        n++;
        *rc = check(set, &set->entries[i], jws, why);
        set->hit = i;
    }
    return n;
}

static bool
is_fit(const struct entry *entry, const struct jws *jws, const char *kid,
       int64_t now)
{
    if (entry->is_secret)
        return jose_is_hmac(jws->alg)
               && (entry->secret == NULL
                   || client_secret_is_live(entry->secret, now));
    return jwk_takes(&entry->jwk, jws->alg)
           && (entry->jwk.alg == JOSE_NONE || entry->jwk.alg == jws->alg)
           && (kid == NULL || strcmp(entry->jwk.kid, kid) == 0)
           && jwk_is_live(&entry->jwk, now);
}

static int
check(struct keyset *set, struct entry *entry, const struct jws *jws,
      struct errtext *why)
{
    int rc;

    if (!entry->is_ready && ready(set, entry, why) != 0)
        return -1;
    if (entry->verifier == NULL)
        return 0;
    rc = verifier_check(entry->verifier, jws->alg, jws->input,
                        jws->input_len, jws->sig, jws->sig_len, why);
    if (rc == 1 && !entry->is_secret)
        warm_count(&entry->warm, set->warm, entry->verifier, &entry->jwk);
    return rc;
}

/* A key that is none is useless, which is the client's fault alone. */
static int
ready(struct keyset *set, struct entry *entry, struct errtext *why)
{
    int rc = 0;

    if (!entry->is_secret)
        (void) verifier_load(&entry->verifier, &entry->jwk, NULL);
    else if (entry->secret != NULL)
        rc = ready_secret(set, entry, why);
    else
        rc = ready_decoy(set, entry, why);
    entry->is_ready = rc == 0;
    return rc;
}

static int
unseal(struct keyset *set, struct entry *entry, const char *name,
       const unsigned char *sealed, size_t len, struct errtext *why)
{
    unsigned char bytes[CLIENT_SEALED_MAX];
    int rc = vault_unseal(set->vault, name, sealed, len, bytes, why);

    if (rc == 0)
        rc = verifier_load_secret(&entry->verifier, bytes,
                                  len - VAULT_SEAL_EXTRA, why);
    crypto_wipe(bytes, sizeof(bytes));
    return rc;
}

static int
ready_secret(struct keyset *set, struct entry *entry, struct errtext *why)
{
    const struct secret *secret = entry->secret;
    char name[CLIENT_SEAL_NAME_MAX];

    client_seal_name(entry->client_id, secret->id, name);
    if (unseal(set, entry, name, secret->sealed, secret->sealed_len, why)
        != 0)
        return errtext_context(why, "secret %s", secret->id);
    return 0;
}

/* Sealed and unsealed, as the secret of a client would be. */
static int
ready_decoy(struct keyset *set, struct entry *entry, struct errtext *why)
{
    unsigned char bytes[DECOY_LEN], sealed[DECOY_LEN + VAULT_SEAL_EXTRA];

    if (crypto_random(bytes, sizeof(bytes), why) != 0
        || vault_seal(set->vault, "decoy", bytes, sizeof(bytes), sealed, why)
               != 0)
        return -1;
    return unseal(set, entry, "decoy", sealed, sizeof(sealed), why);
}

const char *
keyset_hit(const struct keyset *set)
{
    struct entry *entry = &set->entries[set->hit];

    if (entry->is_secret)
        return entry->secret != NULL ? entry->secret->id : "";
    if (entry->is_published)
        return JWKS_CREDENTIAL;
    if (entry->id[0] == '\0')
        keys_id(&entry->jwk, entry->id);
    return entry->id;
}

bool
keyset_has(const struct keyset *set, const char *kid)
{
    size_t i;

    for (i = 0; i < set->n; i++) {
        if (!set->entries[i].is_secret
            && strcmp(set->entries[i].jwk.kid, kid) == 0)
            return true;
    }
    return false;
}

void
keyset_close(struct keyset *set)
{
    size_t i;

    if (set == NULL)
        return;
    for (i = 0; i < set->n; i++) {
        warm_end(&set->entries[i].warm, set->warm);
        verifier_free(set->entries[i].verifier);
    }
    free(set->entries);
    free(set);
}
