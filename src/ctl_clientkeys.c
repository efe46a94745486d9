/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Public keys of a client on their way into its record.
 */

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "ctl_args.h"
#include "ctl_clientkeys.h"
#include "ctl_keyfile.h"
#include "io/keys.h"
#include "io/verifier.h"

static int check_input(const struct ctl *ctl, struct errtext *why);
static int read_all(const struct ctl *ctl, const char *option,
                    struct ctl_clientkeys *keys, struct errtext *why);
static int add(struct ctl_clientkeys *keys, const char *file,
               const struct jwk *jwk, int64_t now, struct errtext *why);

int
ctl_clientkeys_read(const struct ctl *ctl, struct ctl_clientkeys *keys,
                    struct errtext *why)
{
    memset(keys, 0, sizeof(*keys));
    keys->given = ctl_args_has(ctl, "jwks") || ctl_args_has(ctl, "cert");
    if (check_input(ctl, why) != 0
        || read_all(ctl, "jwks", keys, why) != 0)
        return -1;
    return read_all(ctl, "cert", keys, why);
}

/* Standard input can be read once. */
static int
check_input(const struct ctl *ctl, struct errtext *why)
{
    static const char *const options[] = {"jwks", "cert", "secret-file"};
    const char *value;
    size_t i, n = 0;

    for (i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        size_t at = 0;

        while ((value = ctl_args_next(ctl, options[i], &at)) != NULL)
            n += strcmp(value, "-") == 0;
    }
    if (n > 1)
        return errtext_set(why, "standard input, -, can be given once alone");
    return 0;
}

static int
read_one(struct ctl_keyfile *file, struct ctl_clientkeys *keys, int64_t now,
         struct errtext *why)
{
    int rc = ctl_keyfile_read(file, why);
    size_t i;

    for (i = 0; rc == 0 && i < file->n; i++) {
        rc = add(keys, file->file, &file->keys[i], now, why);
        if (rc != 0)
            errtext_context(why, "key %zu", file->places[i]);
    }
    ctl_keyfile_free(file);
    if (rc != 0)
        errtext_context(why, "--%s %.200s", file->option, file->file);
    return rc;
}

static int
read_all(const struct ctl *ctl, const char *option,
         struct ctl_clientkeys *keys, struct errtext *why)
{
    struct ctl_keyfile file = {.option = option};
    size_t at = 0;
    int rc = 0;

    while (rc == 0
           && (file.file = ctl_args_next(ctl, option, &at)) != NULL) {
        if (*file.file != '\0')
            rc = read_one(&file, keys, ctl->now, why);
    }
    return rc;
}

/* The thumbprint names a key whatever else is said of it (RFC 7638). */
static bool
is_same(const struct jwk *a, const struct jwk *b)
{
    char one[KEYREC_KID_MAX], other[KEYREC_KID_MAX];

    keys_thumbprint(a, one);
    keys_thumbprint(b, other);
    return strcmp(one, other) == 0;
}

static int
check_place(const struct ctl_clientkeys *keys, const struct jwk *jwk,
            struct errtext *why)
{
    size_t i;

    for (i = 0; i < keys->n; i++) {
        const struct client_key *key = &keys->keys[i];

        if (is_same(&key->jwk, jwk))
            return errtext_set(why, "it was given already, in %s", key->label);
        if (jwk->kid[0] != '\0' && key->jwk.type == jwk->type
            && strcmp(key->jwk.kid, jwk->kid) == 0)
            return errtext_set(why, "another key in %s has its kid: one of "
                                    "them needs another",
                               key->label);
    }
    if (keys->n == CLIENT_KEYS_MAX)
        return errtext_set(why, "a client may have %d keys", CLIENT_KEYS_MAX);
    return 0;
}

static char *
make_label(const char *file)
{
    const char *slash = strrchr(file, '/');
    const char *name = slash != NULL ? slash + 1 : file;

    if (strcmp(file, "-") == 0)
        return alloc_text("standard input");
    /* The name of a file may be what no label can be. */
    return alloc_text(client_check_text("label", name, NULL) == 0
                      ? name
                          : "a file");
}

static int
add(struct ctl_clientkeys *keys, const char *file, const struct jwk *jwk,
    int64_t now, struct errtext *why)
{
    struct verifier *verifier = NULL;
    struct client_key *key;

    if (verifier_load(&verifier, jwk, why) != 0)
        return -1;
    verifier_free(verifier);
    if (check_place(keys, jwk, why) != 0)
        return -1;
    keys->keys = alloc_again(keys->keys, (keys->n + 1) * sizeof(*keys->keys));
    key = &keys->keys[keys->n++];
    memset(key, 0, sizeof(*key));
    keys_id(jwk, key->id);
    key->label = make_label(file);
    key->created = now;
    key->jwk = *jwk;
    return 0;
}

static void
free_keys(struct client_key *keys, size_t n)
{
    size_t i;

    for (i = 0; i < n; i++)
        free(keys[i].label);
    free(keys);
}

/* A copy of the key, as the old record names it if it is there. */
static struct client_key
keep(const struct client_key *key, const struct client *cl)
{
    struct client_key new = *key;
    size_t i;

    for (i = 0; i < cl->n_keys; i++) {
        if (is_same(&cl->keys[i].jwk, &key->jwk)) {
            new = cl->keys[i];
            new.jwk = key->jwk;
        }
    }
    new.label = alloc_text(new.label);
    return new;
}

void
ctl_clientkeys_apply(const struct ctl_clientkeys *keys, struct client *cl)
{
    struct client_key *list;
    size_t i;

    if (!keys->given)
        return;
    list = alloc_zero(keys->n + 1, sizeof(*list));
    for (i = 0; i < keys->n; i++)
        list[i] = keep(&keys->keys[i], cl);
    free_keys(cl->keys, cl->n_keys);
    cl->keys = list;
    cl->n_keys = keys->n;
}

void
ctl_clientkeys_free(struct ctl_clientkeys *keys)
{
    free_keys(keys->keys, keys->n);
    memset(keys, 0, sizeof(*keys));
}
