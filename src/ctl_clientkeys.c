/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Public keys of a client on their way into its record.
 */

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/jparse.h"
#include "ctl_args.h"
#include "ctl_clientkeys.h"
#include "io/crypto.h"
#include "io/keys.h"
#include "io/path.h"
#include "io/verifier.h"

enum { KEY_ID_LEN = 12 };

/* One file, which may hold what nobody should have given. */
struct source {
    const char *option;
    const char *file;
    char text[JWK_SET_TEXT_MAX + 1];
    size_t len;
};

typedef int read_fn(const struct source *source, struct jwk **keys,
                    struct errtext *why);

static int check_input(const struct ctl *ctl, struct errtext *why);
static int read_all(const struct ctl *ctl, const char *option, read_fn *read,
                    struct ctl_clientkeys *keys, struct errtext *why);
static read_fn read_jwks, read_cert;
static int check_private(const struct source *source, struct errtext *why);
static int add(struct ctl_clientkeys *keys, const struct source *source,
               const struct jwk *jwk, int64_t now, struct errtext *why);

int
ctl_clientkeys_read(const struct ctl *ctl, struct ctl_clientkeys *keys,
                    struct errtext *why)
{
    memset(keys, 0, sizeof(*keys));
    keys->given = ctl_args_has(ctl, "jwks") || ctl_args_has(ctl, "cert");
    if (check_input(ctl, why) != 0
        || read_all(ctl, "jwks", read_jwks, keys, why) != 0)
        return -1;
    return read_all(ctl, "cert", read_cert, keys, why);
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
read_file(struct source *source, struct errtext *why)
{
    long len =
        path_read(source->file, source->text, JWK_SET_TEXT_MAX, why);

    if (len < 0 && strncmp(source->file, "https://", 8) == 0)
        return errtext_set(why, "that is a URL, not a file: --jwks-uri");
    if (len < 0)
        return -1;
    source->text[len] = '\0';
    source->len = (size_t) len;
    if (strlen(source->text) != source->len)
        return errtext_set(why, "it is no text");
    return check_private(source, why);
}

static int
read_one(struct source *source, read_fn *read, struct ctl_clientkeys *keys,
         int64_t now, struct errtext *why)
{
    struct jwk *found = NULL;
    int i, n = -1, rc;

    if (read_file(source, why) == 0)
        n = read(source, &found, why);
    rc = n < 0 ? -1 : 0;
    for (i = 0; rc == 0 && i < n; i++) {
        rc = add(keys, source, &found[i], now, why);
        if (rc != 0)
            errtext_context(why, "key %d", i + 1);
    }
    free(found);
    if (rc != 0)
        errtext_context(why, "--%s %.200s", source->option, source->file);
    return rc;
}

static int
read_all(const struct ctl *ctl, const char *option, read_fn *read,
         struct ctl_clientkeys *keys, struct errtext *why)
{
    struct source *source = calloc(1, sizeof(*source));
    size_t at = 0;
    int rc = 0;

    if (source == NULL)
        abort();
    source->option = option;
    while (rc == 0
           && (source->file = ctl_args_next(ctl, option, &at)) != NULL) {
        if (*source->file != '\0')
            rc = read_one(source, read, keys, ctl->now, why);
    }
    crypto_wipe(source, sizeof(*source));
    free(source);
    return rc;
}

static bool
holds(const struct source *source, const char *label)
{
    return strstr(source->text, label) != NULL;
}

static int
read_jwks(const struct source *source, struct jwk **keys, struct errtext *why)
{
    if (holds(source, "-----BEGIN "))
        return errtext_set(why, "it is PEM, not a JWK Set: a certificate is "
                                "given with --cert");
    return jwk_set_read(keys, source->text, source->len, true, why);
}

static int
read_cert(const struct source *source, struct jwk **keys, struct errtext *why)
{
    struct jwk *jwk;

    if (source->text[strspn(source->text, " \t\r\n")] == '{')
        return errtext_set(why, "it is JSON, not a certificate: a JWK Set is "
                                "given with --jwks");
    if (holds(source, "PUBLIC KEY-----")
        && !holds(source, "-----BEGIN CERTIFICATE"))
        return errtext_set(why, "it is a public key alone; make a certificate "
                                "with its private one: openssl req -new "
                                "-x509 -key PRIVATE.pem -subj /CN=client "
                                "-out cert.pem");
    jwk = calloc(1, sizeof(*jwk));
    if (jwk == NULL)
        abort();
    *keys = jwk;
    return keys_read_cert(jwk, source->text, source->len, why) == 0 ? 1 : -1;
}

/* The place of the first key of the set that is no public one, or 0. */
static size_t
find_private(const struct source *source, bool *is_secret)
{
    static const char *const members[] = {"d", "p", "q", "dp", "dq", "qi",
                                          "oth", "k"};
    json_t *set = jparse_object(source->text, source->len, NULL);
    const json_t *keys = json_object_get(set, "keys"), *key;
    size_t n = json_is_array(keys) ? json_array_size(keys) : 1, i, j;
    size_t place = 0;

    for (i = 0; place == 0 && set != NULL && i < n; i++) {
        key = json_is_array(keys) ? json_array_get(keys, i) : set;
        for (j = 0; j < sizeof(members) / sizeof(members[0]); j++) {
            if (json_object_get(key, members[j]) != NULL) {
                *is_secret = strcmp(members[j], "k") == 0;
                place = i + 1;
            }
        }
    }
    json_decref(set);
    return place;
}

/* Who gives a private key away has to hear of it, and of how not to. */
static int
check_private(const struct source *source, struct errtext *why)
{
    bool is_secret = false;
    size_t place;

    if (holds(source, "PRIVATE KEY-----")
        && holds(source, "-----BEGIN CERTIFICATE"))
        return errtext_set(why, "it holds a private key beside the "
                                "certificate; only the client may have that: "
                                "openssl x509 -in FILE -out cert.pem");
    if (holds(source, "PRIVATE KEY-----"))
        return errtext_set(why, "it is a private key, which only the client "
                                "may have; give a certificate of its public "
                                "part: openssl req -new -x509 -key FILE "
                                "-subj /CN=client -out cert.pem");
    place = find_private(source, &is_secret);
    if (place > 0 && is_secret)
        return errtext_set(why, "key %zu is a secret, not a public key: such "
                                "a client has --auth client_secret_jwt and "
                                "--secret-file",
                           place);
    if (place > 0)
        return errtext_set(why, "key %zu is a private key, which only the "
                                "client may have; give its public part, "
                                "without d, p, q, dp, dq, qi and oth: jose "
                                "jwk pub -i FILE",
                           place);
    return 0;
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
copy(const char *text)
{
    char *new = strdup(text);

    if (new == NULL)
        abort();
    return new;
}

static char *
make_label(const char *file)
{
    const char *slash = strrchr(file, '/');
    const char *name = slash != NULL ? slash + 1 : file;

    if (strcmp(file, "-") == 0)
        return copy("standard input");
    /* The name of a file may be what no label can be. */
    return copy(client_check_text("label", name, NULL) == 0 ? name : "a file");
}

static int
add(struct ctl_clientkeys *keys, const struct source *source,
    const struct jwk *jwk, int64_t now, struct errtext *why)
{
    struct verifier *verifier = NULL;
    char thumbprint[KEYREC_KID_MAX];
    struct client_key *key;

    if (verifier_load(&verifier, jwk, why) != 0)
        return -1;
    verifier_free(verifier);
    if (check_place(keys, jwk, why) != 0)
        return -1;
    keys->keys = realloc(keys->keys, (keys->n + 1) * sizeof(*keys->keys));
    if (keys->keys == NULL)
        abort();
    key = &keys->keys[keys->n++];
    memset(key, 0, sizeof(*key));
    keys_thumbprint(jwk, thumbprint);
    memcpy(key->id, thumbprint, KEY_ID_LEN);
    key->label = make_label(source->file);
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
    new.label = copy(new.label);
    return new;
}

void
ctl_clientkeys_apply(const struct ctl_clientkeys *keys, struct client *cl)
{
    struct client_key *list;
    size_t i;

    if (!keys->given)
        return;
    list = calloc(keys->n + 1, sizeof(*list));
    if (list == NULL)
        abort();
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
