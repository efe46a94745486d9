/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Imported hashes that become scrypt's when their secrets are used.
 */

#include <stdlib.h>
#include <string.h>

#include "auth_priv.h"
#include "costs.h"
#include "io/crypto.h"
#include "io/vault.h"

/* What the callback of store_edit() is told. */
struct upgrade {
    const struct secret *old;
    unsigned char digest[VAULT_MAC_LEN]; /* the new one */
};

static store_edit_fn swap;

void
auth_upgrade(struct service *service, const char *client_id,
             const struct secret *secret, const struct cred *cred)
{
    struct upgrade upgrade = {.old = secret};

    if (vault_scrypt_secret(service->vault, client_id, cred->secret,
                            cred->secret_len, upgrade.digest, NULL)
            == 0
        && costs_announce(service, COSTS_SCRYPT, NULL) == 0
        && store_edit(service->store, STORE_CLIENTS, client_id, swap, &upgrade,
                      NULL)
               == 1)
        (void) costs_announce(service, COSTS_SCRYPT, NULL);
    crypto_wipe(&upgrade, sizeof(upgrade));
}

/* The secret as it was checked, or NULL. */
static struct secret *
find(const struct client *cl, const struct secret *old)
{
    size_t i;

    for (i = 0; i < cl->n_secrets; i++) {
        struct secret *secret = &cl->secrets[i];

        if (strcmp(secret->id, old->id) == 0
            && secret->scheme == SECRET_FOREIGN
            && crypto_equal(secret->digest, old->digest, CRED_DIGEST_LEN))
            return secret;
    }
    return NULL;
}

/*
 * A process that keeps the old record decoded goes on checking the same secret
 * by the old hash: the generation is not raised, or the change of one client
 * would cost every other its proof.
 */
static int
swap(void *arg, const char *old, size_t len, char **value, struct errtext *why)
{
    const struct upgrade *upgrade = arg;
    struct client *cl = NULL;
    struct secret *secret;

    if (old == NULL)
        return 0;
    if (client_load(&cl, old, len, why) != 0)
        return -1;
    secret = find(cl, upgrade->old);
    if (secret != NULL) {
        secret->scheme = SECRET_SCRYPT;
        memcpy(secret->digest, upgrade->digest, CRED_DIGEST_LEN);
        free(secret->sealed);
        secret->sealed = NULL;
        secret->sealed_len = 0;
        *value = client_dump(cl);
    }
    client_free(cl);
    return secret != NULL ? 2 : 0;
}
