/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Whether stored records are sound.
 */

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/access.h"
#include "core/alloc.h"
#include "core/client.h"
#include "core/counter.h"
#include "core/jwksrec.h"
#include "core/keyrec.h"
#include "core/sbuf.h"
#include "ctl_sound.h"
#include "ctl_tls.h"
#include "io/crypto.h"
#include "io/expiring.h"
#include "io/keys.h"

enum { TIME_LEN = 8 };

static const char *const names[STORE__MAX] = {
    "clients", "keys", "meta", "jwks", "replay", "tokens", "counters",
};

/* Returns 0, or -1 with what is wrong in *why, without the cure. */
typedef int check_fn(const struct ctl_sound *record,
                     const struct policy *policy, struct vault *vault,
                     struct errtext *why);

static check_fn check_client, check_key, check_meta, check_jwks;
static check_fn check_use, check_token, check_counter;

static const struct {
    check_fn *fn;
    const char *cure;
} checks[STORE__MAX] = {
    {check_client, "restore a backup, or ccgrant client delete and add"},
    {check_key, "restore a backup"},
    {check_meta, "restore a backup"},
    {check_jwks, "ccgrant purge removes it, and it is fetched again"},
    {check_use, "restore a backup in an empty state directory"},
    {check_token, "restore a backup in an empty state directory"},
    {check_counter, "restore a backup in an empty state directory"},
};

const char *
ctl_sound_name(enum store_db db)
{
    return names[db];
}

int
ctl_sound_find(const char *name)
{
    int db;

    for (db = 0; db < STORE__MAX; db++) {
        if (strcmp(names[db], name) == 0)
            return db;
    }
    return -1;
}

int
ctl_sound_check(const struct ctl_sound *record, const struct policy *policy,
                struct vault *vault, struct errtext *why)
{
    const char *cure = checks[record->db].cure;
    size_t len;

    if (checks[record->db].fn(record, policy, vault, why) == 0)
        return 0;
    if (why == NULL)
        return -1;
    if (record->db != STORE_JWKS && ctl_sound_is_losable(record, policy))
        cure = record->db == STORE_TOKENS ? "it is valid nowhere, and goes "
                                            "when it expires"
                                          : "ccgrant purge removes it";
    len = strlen(why->text);
    snprintf(why->text + len, sizeof(why->text) - len, ": %s", cure);
    return -1;
}

/* Keys of these databases are text. */
static bool
is_key(const struct ctl_sound *record, const char *text)
{
    return strlen(text) == record->key_len
           && memcmp(text, record->key, record->key_len) == 0;
}

static int
unseal(struct vault *vault, const char *name, const unsigned char *sealed,
       size_t len, struct errtext *why)
{
    unsigned char clear[KEYREC_SEALED_MAX];
    int rc = -1;

    if (vault == NULL)
        return 0;
    if (len <= sizeof(clear))
        rc = vault_unseal(vault, name, sealed, len, clear, why);
    crypto_wipe(clear, sizeof(clear));
    return rc;
}

static int
check_client(const struct ctl_sound *record, const struct policy *policy,
             struct vault *vault, struct errtext *why)
{
    char name[CLIENT_SEAL_NAME_MAX];
    struct client *cl = NULL;
    size_t i;
    int rc;

    (void) policy;
    if (client_load(&cl, record->value, record->len, why) != 0)
        return -1;
    rc = client_check_id(cl->id, why);
    if (rc == 0 && !is_key(record, cl->id))
        rc = errtext_set(why, "the record is of another client");
    for (i = 0; rc == 0 && i < cl->n_secrets; i++) {
        const struct secret *secret = &cl->secrets[i];

        client_seal_name(cl->id, secret->id, name);
        if (secret->sealed != NULL
            && unseal(vault, name, secret->sealed, secret->sealed_len, why)
                   != 0)
            rc = errtext_context(why, "secret %s", secret->id);
    }
    client_free(cl);
    return rc;
}

static int
check_key(const struct ctl_sound *record, const struct policy *policy,
          struct vault *vault, struct errtext *why)
{
    struct keyrec key;
    struct jwk *jwk = NULL;
    int n;

    (void) policy;
    if (keyrec_load(&key, record->value, record->len, why) != 0)
        return -1;
    if (!is_key(record, key.kid))
        return errtext_set(why, "the record is of another key");
    n = jwk_set_read(&jwk, key.jwk, strlen(key.jwk), true, why);
    free(jwk);
    if (n != 1)
        return n < 0 ? -1 : errtext_set(why, "its public key is not one");
    return unseal(vault, key.kid, key.sealed, key.sealed_len, why);
}

static int
check_meta(const struct ctl_sound *record, const struct policy *policy,
           struct vault *vault, struct errtext *why)
{
    (void) policy;
    (void) vault;
    if (strlen(record->key) != record->key_len || record->key_len == 0
        || strlen(record->value) != record->len)
        return errtext_set(why, "this is no text");
    if ((is_key(record, "schema") || is_key(record, "generation"))
        && (record->len == 0 || record->len > 19
            || strspn(record->value, "0123456789") != record->len))
        return errtext_set(why, "this is no number");
    return 0;
}

static int
check_jwks(const struct ctl_sound *record, const struct policy *policy,
           struct vault *vault, struct errtext *why)
{
    struct jwksrec rec;

    (void) policy;
    (void) vault;
    if (strlen(record->key) != record->key_len)
        return errtext_set(why, "this is no URL");
    if (jwksrec_load(&rec, record->value, record->len, why) != 0)
        return -1;
    jwksrec_free(&rec);
    return 0;
}

static int
check_use(const struct ctl_sound *record, const struct policy *policy,
          struct vault *vault, struct errtext *why)
{
    (void) policy;
    (void) vault;
    if (record->key_len != TIME_LEN + EXPIRING_ID_LEN || record->len != 0
        || ((unsigned char) record->key[0] & 0x80) != 0)
        return errtext_set(why, "this is no one-time value");
    return 0;
}

/* Digits, a space, and a text without a zero byte. */
static int
check_expiring(const struct ctl_sound *record, struct errtext *why)
{
    size_t digits = strspn(record->value, "0123456789");

    if (digits == 0 || digits > 18 || record->value[digits] != ' '
        || strlen(record->value) != record->len
        || record->len - digits - 1 > EXPIRING_TEXT_MAX
        || record->key_len == 0 || record->key_len > EXPIRING_KEY_MAX)
        return errtext_set(why, "this is no time and no text behind it");
    return 0;
}

/* An opaque token has claims; of a revoked JWT there is the jti alone. */
static int
check_token(const struct ctl_sound *record, const struct policy *policy,
            struct vault *vault, struct errtext *why)
{
    struct access access;
    const char *text;

    (void) vault;
    if (check_expiring(record, why) != 0)
        return -1;
    text = ctl_sound_text(record);
    if (*text == '\0')
        return strlen(record->key) == record->key_len
                   ? 0
                   : errtext_set(why, "this is the jti of no token");
    if (record->key_len != EXPIRING_ID_LEN)
        return errtext_set(why, "this is the SHA-256 of no token");
    return access_read(&access, text, strlen(text), policy->issuer, why);
}

static int
check_counter(const struct ctl_sound *record, const struct policy *policy,
              struct vault *vault, struct errtext *why)
{
    (void) policy;
    (void) vault;
    if (check_expiring(record, why) != 0)
        return -1;
    if (record->key[0] == '\0'
        || (strlen(record->key) == record->key_len
            && strcmp(record->key, COUNTER_GUESS) != 0))
        return errtext_set(why, "its kind is not known");
    return 0;
}

int
ctl_sound_fits(const struct ctl_sound *record, const struct policy *policy,
               struct errtext *why)
{
    struct client *cl = NULL;
    int rc;

    if (record->db != STORE_CLIENTS
        || client_load(&cl, record->value, record->len, NULL) != 0)
        return 0;
    rc = client_check(cl, policy, why);
    if (rc == 0)
        rc = ctl_tls_check_ca(cl, policy, why);
    client_free(cl);
    return rc;
}

/* Sound, but for its issuer. */
static bool
is_foreign(const struct ctl_sound *record, const struct policy *policy)
{
    const char *text = strchr(record->value, ' '), *issuer;
    struct access access;
    json_t *claims;
    bool is;

    if (check_expiring(record, NULL) != 0)
        return false;
    claims = json_loads(++text, JSON_REJECT_DUPLICATES, NULL);
    issuer = json_string_value(json_object_get(claims, "iss"));
    is = issuer != NULL && strcmp(issuer, policy->issuer) != 0
         && access_read(&access, text, strlen(text), issuer, NULL) == 0;
    json_decref(claims);
    return is;
}

bool
ctl_sound_is_losable(const struct ctl_sound *record,
                     const struct policy *policy)
{
    static const char revoked[] = COUNTER_REVOKED;

    if (record->db == STORE_COUNTERS)
        return strncmp(record->key, revoked, sizeof(revoked) - 1) != 0;
    return record->db == STORE_JWKS
           || (record->db == STORE_TOKENS && is_foreign(record, policy));
}

bool
ctl_sound_time(const struct ctl_sound *record, int64_t *expires)
{
    bool has = record->db == STORE_REPLAY
                   ? check_use(record, NULL, NULL, NULL) == 0
                   : check_expiring(record, NULL) == 0;

    if (has)
        *expires = ctl_sound_expires(record);
    return has;
}

int64_t
ctl_sound_expires(const struct ctl_sound *record)
{
    int64_t expires = 0;
    int i;

    if (record->db == STORE_TOKENS || record->db == STORE_COUNTERS)
        return (int64_t) strtoll(record->value, NULL, 10);
    if (record->db == STORE_REPLAY) {
        for (i = 0; i < TIME_LEN; i++)
            expires = expires << 8 | (unsigned char) record->key[i];
    }
    return expires;
}

const char *
ctl_sound_text(const struct ctl_sound *record)
{
    return strchr(record->value, ' ') + 1;
}

char *
ctl_sound_key(const struct ctl_sound *record)
{
    size_t cap = 4 * record->key_len + 1;
    char *text = alloc_bytes(cap);
    struct sbuf sb;

    sbuf_init(&sb, text, cap);
    sbuf_add_log(&sb, record->key, record->key_len);
    return text;
}
