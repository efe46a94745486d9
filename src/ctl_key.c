/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Signing keys of the store.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>

#include "core/alloc.h"
#include "core/client.h"
#include "ctl_args.h"
#include "ctl_key.h"
#include "ctl_names.h"
#include "ctl_out.h"
#include "io/crypto.h"
#include "io/keys.h"
#include "io/vault.h"

static store_each_fn read_one, read_client;
static store_edit_fn put, put_times, take_away;

int
ctl_key_lock(struct ctl *ctl, struct errtext *why)
{
    const char *state = ctl->policy.state;
    int fd = open(state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0 || flock(fd, LOCK_EX) != 0)
        return errtext_set(why, "cannot lock %s: %s", state, strerror(errno));
    return 0;
}

int
ctl_key_read(struct ctl *ctl, struct ctl_keys *keys, struct errtext *why)
{
    memset(keys, 0, sizeof(*keys));
    return store_each(ctl->service.store, STORE_KEYS, read_one, keys, why);
}

/* Room for one more, all zero. */
static struct keyrec *
grow(struct ctl_keys *keys)
{
    keys->recs = alloc_again(keys->recs, (keys->n + 1) * sizeof(*keys->recs));
    memset(&keys->recs[keys->n], 0, sizeof(*keys->recs));
    return &keys->recs[keys->n];
}

static int
read_one(void *arg, const char *key, const char *value, size_t len)
{
    struct ctl_keys *keys = arg;
    struct errtext fault, note;

    if (keyrec_load(grow(keys), value, len, &fault) == 0) {
        keys->n++;
        return 0;
    }
    errtext_set(&note, "signing key %.64s cannot be read, restore a backup or "
                       "ccgrant key retire %.64s: %s",
                key, key, fault.text);
    ctl_out_note(note.text);
    return 0;
}

void
ctl_key_free(struct ctl_keys *keys)
{
    free(keys->recs);
    memset(keys, 0, sizeof(*keys));
}

struct keyrec *
ctl_key_find(const struct ctl_keys *keys, const char *kid)
{
    size_t i;

    for (i = 0; i < keys->n; i++) {
        if (strcmp(keys->recs[i].kid, kid) == 0)
            return &keys->recs[i];
    }
    return NULL;
}

int
ctl_key_algs(struct ctl *ctl, enum jose_alg algs[JOSE__MAX], size_t *n,
             struct errtext *why)
{
    const struct policy *policy = &ctl->policy;
    bool wanted[JOSE__MAX] = {false};
    size_t i;
    int alg;

    for (i = 0; i < policy->n_resources; i++)
        wanted[policy->resources[i].alg] = true;
    if (store_each(ctl->service.store, STORE_CLIENTS, read_client, wanted, why)
        != 0)
        return -1;
    wanted[JOSE_NONE] = false;
    wanted[policy->token.alg] = false;
    algs[0] = policy->token.alg;
    *n = 1;
    for (alg = 0; alg < JOSE__MAX; alg++) {
        if (wanted[alg])
            algs[(*n)++] = (enum jose_alg) alg;
    }
    return 0;
}

static int
read_client(void *arg, const char *key, const char *value, size_t len)
{
    bool *wanted = arg;
    struct client *cl = NULL;

    (void) key;
    /* Most have none, which is seen at once.  One whose record cannot be read
     * gets no tokens, and is no reason to let the keys grow old. */
    if (strstr(value, "\"token_alg\":\"\"") == NULL
        && client_load(&cl, value, len, NULL) == 0)
        wanted[cl->token_alg] = true;
    client_free(cl);
    return 0;
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
    if (rc == 0 && keylife_signer(keys.recs, keys.n, alg, ctl->now) == NULL)
        rc = errtext_set(why, "--%s: there is no %s key that may sign now: "
                              "ccgrant key add --alg %s",
                         option, jose_name(alg), jose_name(alg));
    ctl_key_free(&keys);
    return rc;
}

int
ctl_key_make(struct ctl *ctl, struct ctl_keys *keys, enum jose_alg alg,
             int64_t signs_from, struct errtext *why)
{
    struct keyrec *key = grow(keys);
    unsigned char pkcs8[KEYS_PRIVATE_MAX];
    size_t len = 0;
    char *text;
    int rc;

    if (keys->n >= KEYRING_MAX)
        return errtext_set(why, "there are %zu signing keys, which is the "
                                "most: ccgrant key list shows which to "
                                "retire",
                           keys->n);
    /* A kid that looks like an option could not be typed as it is. */
    do
        rc = keys_make(alg, key, pkcs8, &len, why);
    while (rc == 0 && key->kid[0] == '-');
    if (rc == 0)
        rc = vault_seal(ctl->service.vault, key->kid, pkcs8, len, key->sealed,
                        why);
    crypto_wipe(pkcs8, sizeof(pkcs8));
    if (rc != 0)
        return -1;
    key->sealed_len = len + VAULT_SEAL_EXTRA;
    key->created = ctl->now;
    key->signs_from = signs_from;
    text = keyrec_dump(key);
    rc = store_edit(ctl->service.store, STORE_KEYS, key->kid, put, text, why);
    free(text);
    if (rc < 0)
        return -1;
    keys->n++;
    return 0;
}

static int
put(void *arg, const char *old, size_t len, char **value, struct errtext *why)
{
    const char *text = arg;

    (void) len;
    if (old != NULL && strcmp(old, text) != 0)
        return errtext_set(why, "there is a key of that kid already: try "
                                "again");
    *value = alloc_text(text);
    return 1;
}

/* Write the times of the key into its record, when that is still there. */
static int
write_times(struct ctl *ctl, struct keyrec *key, struct errtext *why)
{
    if (store_edit(ctl->service.store, STORE_KEYS, key->kid, put_times, key,
                   why)
        < 0)
        return errtext_context(why, "signing key %.64s", key->kid);
    return 0;
}

static int
put_times(void *arg, const char *old, size_t len, char **value,
          struct errtext *why)
{
    const struct keyrec *key = arg;
    struct keyrec stored;

    if (old == NULL)
        return 0;
    if (keyrec_load(&stored, old, len, why) != 0)
        return -1;
    stored.signs_from = key->signs_from;
    stored.signs_until = key->signs_until;
    stored.publish_until = key->publish_until;
    *value = keyrec_dump(&stored);
    return 1;
}

int
ctl_key_move(struct ctl *ctl, struct keyrec *key, int64_t signs_from,
             struct errtext *why)
{
    key->signs_from = signs_from;
    return write_times(ctl, key, why);
}

int
ctl_key_settle(struct ctl *ctl, struct ctl_keys *keys, struct errtext *why)
{
    struct keylife life;
    size_t i;

    keylife_init(&life, &ctl->policy);
    for (i = 0; i < keys->n; i++) {
        if (keylife_settle(&keys->recs[i], keys->recs, keys->n, &life,
                           ctl->now)
            && write_times(ctl, &keys->recs[i], why) != 0)
            return -1;
    }
    return 0;
}

int
ctl_key_remove(struct ctl *ctl, struct ctl_keys *keys, const char *kid,
               struct errtext *why)
{
    struct keyrec *key = ctl_key_find(keys, kid);

    if (store_edit(ctl->service.store, STORE_KEYS, kid, take_away, NULL, why)
        < 0)
        return errtext_context(why, "signing key %.64s", kid);
    if (key == NULL)
        return 0;
    keys->n--;
    memmove(key, key + 1,
            (size_t) (keys->recs + keys->n - key) * sizeof(*key));
    return 0;
}

static int
take_away(void *arg, const char *old, size_t len, char **value,
          struct errtext *why)
{
    (void) arg;
    (void) old;
    (void) len;
    (void) why;
    *value = NULL;
    return 1;
}
