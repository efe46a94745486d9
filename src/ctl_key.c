/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Signing keys of the store.
 */

#include <stdlib.h>
#include <string.h>

#include "ctl_args.h"
#include "ctl_key.h"
#include "ctl_names.h"
#include "io/crypto.h"
#include "io/keys.h"
#include "io/vault.h"

static store_each_fn read_one;
static store_edit_fn put;

int
ctl_key_read(struct ctl *ctl, struct ctl_keys *keys, struct errtext *why)
{
    memset(keys, 0, sizeof(*keys));
    keys->why = why;
    return store_each(ctl->service.store, STORE_KEYS, read_one, keys, why);
}

static int
read_one(void *arg, const char *key, const char *value, size_t len)
{
    struct ctl_keys *keys = arg;

    keys->recs = realloc(keys->recs, (keys->n + 1) * sizeof(*keys->recs));
    if (keys->recs == NULL)
        abort();
    if (keyrec_load(&keys->recs[keys->n], value, len, keys->why) != 0)
        return errtext_context(keys->why, "signing key %.64s", key);
    keys->n++;
    return 0;
}

void
ctl_key_free(struct ctl_keys *keys)
{
    free(keys->recs);
    memset(keys, 0, sizeof(*keys));
}

const struct keyrec *
ctl_key_signer(const struct ctl_keys *keys, enum jose_alg alg, int64_t now)
{
    const struct keyrec *best = NULL;
    size_t i;

    for (i = 0; i < keys->n; i++) {
        const struct keyrec *key = &keys->recs[i];

        if (key->alg == alg && keyrec_signs(key, now)
            && (best == NULL || key->signs_from > best->signs_from))
            best = key;
    }
    return best;
}

int
ctl_key_check_alg(struct ctl *ctl, const char *option, struct errtext *why)
{
    const char *value = ctl_args_value(ctl, option);
    enum jose_alg alg = JOSE_NONE;
    struct ctl_keys keys;
    int rc;

    if (value == NULL || *value == '\0')
        return 0;
    if (ctl_names_alg(&alg, value, true, why) != 0)
        return errtext_context(why, "--%s", option);
    rc = ctl_key_read(ctl, &keys, why);
    if (rc == 0 && ctl_key_signer(&keys, alg, ctl->now) == NULL)
        rc = errtext_set(why, "--%s: there is no %s key that may sign now: "
                              "ccgrant key add --alg %s",
                         option, jose_name(alg), jose_name(alg));
    ctl_key_free(&keys);
    return rc;
}

int
ctl_key_make(struct ctl *ctl, enum jose_alg alg, int64_t signs_from,
             struct keyrec *key, struct errtext *why)
{
    struct service *service = &ctl->service;
    unsigned char pkcs8[KEYS_PRIVATE_MAX];
    size_t len = 0;
    char *text;
    int rc;

    memset(key, 0, sizeof(*key));
    rc = keys_make(alg, key, pkcs8, &len, why);
    if (rc == 0)
        rc = vault_seal(service->vault, key->kid, pkcs8, len, key->sealed,
                        why);
    crypto_wipe(pkcs8, sizeof(pkcs8));
    if (rc != 0)
        return -1;
    key->sealed_len = len + VAULT_SEAL_EXTRA;
    key->created = ctl->now;
    key->signs_from = signs_from;
    text = keyrec_dump(key);
    rc = store_edit(service->store, STORE_KEYS, key->kid, put, text, why);
    free(text);
    return rc < 0 ? -1 : 0;
}

static int
put(void *arg, const char *old, size_t len, char **value, struct errtext *why)
{
    const char *text = arg;

    (void) len;
    if (old != NULL && strcmp(old, text) != 0)
        return errtext_set(why, "there is a key of that kid already: try "
                                "again");
    *value = strdup(text);
    if (*value == NULL)
        abort();
    return 1;
}

size_t
ctl_key_algs(const struct policy *policy, enum jose_alg algs[JOSE__MAX])
{
    bool wanted[JOSE__MAX] = {false};
    size_t i, n = 0;
    int alg;

    algs[n++] = policy->token.alg;
    for (i = 0; i < policy->n_resources; i++)
        wanted[policy->resources[i].alg] = true;
    wanted[JOSE_NONE] = false;
    wanted[policy->token.alg] = false;
    for (alg = 0; alg < JOSE__MAX; alg++) {
        if (wanted[alg])
            algs[n++] = (enum jose_alg) alg;
    }
    return n;
}
