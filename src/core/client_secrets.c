/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The secrets of a client record as JSON.
 */

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/b64.h"
#include "core/client_priv.h"

static const char *const scheme_words[] = {
    "", "hmac-sha256", "scrypt-14-8-1", "sealed-aes-256-gcm", "foreign", NULL,
};

static bool
is_sealed(const struct secret *secret)
{
    return secret->scheme == SECRET_SEALED || secret->scheme == SECRET_FOREIGN;
}

/* Read the sealed form, which comes with its own schemes alone. */
static int
read_sealed(struct secret *secret, const char *text)
{
    unsigned char bytes[CLIENT_SEALED_MAX];
    long len;

    if ((text != NULL) != is_sealed(secret))
        return -1;
    if (text == NULL)
        return 0;
    len = b64url_decode(text, strlen(text), bytes, sizeof(bytes));
    if (len <= 0)
        return -1;
    secret->sealed = alloc_bytes((size_t) len);
    memcpy(secret->sealed, bytes, (size_t) len);
    secret->sealed_len = (size_t) len;
    return 0;
}

static int
unknown_form(struct errtext *why)
{
    return errtext_set(why, "secrets: one is not in a form that this version "
                            "knows: upgrade ccgrant");
}

/* Read one entry of "secrets". */
static int
read_secret(struct secret *secret, json_t *value, struct errtext *why)
{
    const char *id, *label, *scheme, *digest, *sealed = NULL;
    json_int_t created, not_before, not_after;
    json_error_t error;
    int word;

    if (json_unpack_ex(value, &error, JSON_STRICT,
                       "{s:s,s:s,s:I,s:I,s:I,s:s,s:s,s?s}", "id", &id, "label",
                       &label, "created", &created, "not_before", &not_before,
                       "not_after", &not_after, "scheme", &scheme, "digest",
                       &digest, "sealed", &sealed)
        != 0)
        return errtext_set(why, "secrets: %s", error.text);
    word = client_find_word(scheme_words, scheme);
    if (created < 0 || not_before < 0 || not_after < 0)
        return errtext_set(why, "secrets: a time is below 0");
    if (strlen(id) >= sizeof(secret->id) || word < 0
        || b64url_decode(digest, strlen(digest), secret->digest,
                         CRED_DIGEST_LEN)
               != CRED_DIGEST_LEN)
        return unknown_form(why);
    memcpy(secret->id, id, strlen(id) + 1);
    secret->created = created;
    secret->not_before = not_before;
    secret->not_after = not_after;
    secret->scheme = (enum secret_scheme) word;
    if (read_sealed(secret, sealed) != 0)
        return unknown_form(why);
    secret->label = alloc_text(label);
    return 0;
}

int
client_secrets_read(struct client *cl, const struct member *m,
                    const json_t *value, struct errtext *why)
{
    size_t i;

    (void) m;
    if (!json_is_array(value) || json_array_size(value) > CLIENT_SECRETS_MAX)
        return errtext_set(why, "secrets is not an array of at most %d",
                           CLIENT_SECRETS_MAX);
    cl->secrets =
        alloc_zero(json_array_size(value) + 1, sizeof(*cl->secrets));
    for (i = 0; i < json_array_size(value); i++) {
        if (read_secret(&cl->secrets[i], json_array_get(value, i), why)
            != 0)
            return -1;
        cl->n_secrets++;
    }
    return 0;
}

static void
write_sealed(json_t *entry, const struct secret *secret)
{
    char text[B64URL_LEN(CLIENT_SEALED_MAX) + 1];

    if (!is_sealed(secret))
        return;
    if (secret->sealed_len > CLIENT_SEALED_MAX)
        abort();
    b64url_encode(secret->sealed, secret->sealed_len, text);
    if (json_object_set_new(entry, "sealed", json_string(text)) != 0)
        abort();
}

json_t *
client_secrets_write(const struct client *cl, const struct member *m)
{
    json_t *array = json_array();
    size_t i;

    (void) m;
    for (i = 0; i < cl->n_secrets; i++) {
        const struct secret *secret = &cl->secrets[i];
        char digest[B64URL_LEN(CRED_DIGEST_LEN) + 1];
        json_t *entry;

        b64url_encode(secret->digest, CRED_DIGEST_LEN, digest);
        entry = json_pack(
            "{s:s,s:s,s:I,s:I,s:I,s:s,s:s}", "id", secret->id, "label",
            secret->label, "created", (json_int_t) secret->created,
            "not_before", (json_int_t) secret->not_before, "not_after",
            (json_int_t) secret->not_after, "scheme",
            scheme_words[secret->scheme], "digest", digest);

        write_sealed(entry, secret);
        /* NULL as well for a label that nobody checked: never lose one. */
        if (json_array_append_new(array, entry) != 0)
            abort();
    }
    return array;
}
