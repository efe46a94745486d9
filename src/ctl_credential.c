/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Secrets on their way into a record.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/sbuf.h"
#include "core/when.h"
#include "costs.h"
#include "ctl_args.h"
#include "ctl_auth.h"
#include "ctl_credential.h"
#include "ctl_table.h"
#include "ctl_use.h"
#include "io/crypto.h"
#include "io/vault.h"

enum { ID_BYTES = 4, JSON_MAX = 8192 };

static int make_stored(struct ctl *ctl, struct ctl_credential *new,
                       const struct client *cl, struct errtext *why);
static int seal(struct ctl *ctl, struct ctl_credential *new, const char *id,
                struct errtext *why);
static void print_json(const struct ctl_credential *new, const char *id,
                       bool changed);

int
ctl_credential_make(struct ctl *ctl, struct ctl_credential *new,
                    const struct client *cl, const char *label,
                    const char *expires, struct errtext *why)
{
    const char *text = ctl_args_value(ctl, label);
    const char *when = ctl_args_value(ctl, expires);
    struct secret *stored = &new->stored;

    /* client_free() frees what is in a record; this is only copied there. */
    stored->label = (char *) (uintptr_t) (text != NULL ? text : "");
    if (client_check_text("label", stored->label, why) != 0)
        return -1;
    if (when != NULL && *when != '\0'
        && when_parse(&stored->not_after, when, ctl->now, why) != 0)
        return errtext_context(why, "--%s", expires);
    if (stored->not_after != 0 && stored->not_after <= ctl->now)
        return errtext_set(why, "--%s: that time is past", expires);
    stored->created = ctl->now;
    (void) ctl_use_since(ctl); /* From now on its uses are recorded. */
    return make_stored(ctl, new, cl, why);
}

/* The kind of a new secret of the client. */
static enum secret_scheme
scheme_for(const struct client *cl, const struct ctl_credential *new)
{
    if (cl->auth == AUTH_SECRET_JWT)
        return SECRET_SEALED;
    if (new->imported)
        return SECRET_FOREIGN;
    return new->chosen ? SECRET_SCRYPT : SECRET_MAC;
}

static int
make_stored(struct ctl *ctl, struct ctl_credential *new,
            const struct client *cl, struct errtext *why)
{
    struct vault *vault = ctl->service.vault;
    struct secret *stored = &new->stored;
    unsigned char random[ID_BYTES];
    int rc = 0;

    if (new->imported && cl->auth == AUTH_SECRET_JWT)
        return errtext_set(why, "--hash-file: for client_secret_jwt the "
                                "secret itself is needed: --secret-file");
    if (crypto_random(random, sizeof(random), why) != 0)
        return -1;
    snprintf(stored->id, sizeof(stored->id), "%02x%02x%02x%02x", random[0],
             random[1], random[2], random[3]);
    stored->scheme = scheme_for(cl, new);
    if (!new->chosen) {
        rc = stored->scheme == SECRET_SEALED
                 ? vault_new_hmac_secret(new->text, why)
                 : vault_new_secret(new->text, why);
        new->len = strlen(new->text);
    }
    if (rc == 0 && stored->scheme == SECRET_SCRYPT)
        rc = vault_scrypt_secret(vault, cl->id, new->text, new->len,
                                 stored->digest, why);
    else if (rc == 0)
        rc = vault_mac_secret(vault, cl->id, new->text, new->len,
                              stored->digest, why);
    if (rc == 0
        && (stored->scheme == SECRET_SEALED
            || stored->scheme == SECRET_FOREIGN))
        rc = seal(ctl, new, cl->id, why);
    new->made = rc == 0;
    return rc;
}

/*
 * What is signed with a secret can be verified with the secret alone; and a
 * hash is not to be tried on by whoever has the database.
 */
static int
seal(struct ctl *ctl, struct ctl_credential *new, const char *id,
     struct errtext *why)
{
    struct secret *stored = &new->stored;
    char name[CLIENT_SEAL_NAME_MAX];

    stored->sealed_len = new->len + VAULT_SEAL_EXTRA;
    stored->sealed = alloc_bytes(stored->sealed_len);
    client_seal_name(id, stored->id, name);
    return vault_seal(ctl->service.vault, name, new->text, new->len,
                      stored->sealed, why);
}

/* The fewest bytes of a secret that signs for the client (RFC 7518, 3.2). */
static size_t
least(const struct client *cl)
{
    switch (cl->assertion_alg) {
    case JOSE_HS384:
        return 48;
    case JOSE_HS512:
        return 64;
    default:
        return 32;
    }
}

bool
ctl_credential_serves(const struct secret *secret, const struct client *cl,
                      int64_t now)
{
    if (!ctl_auth_has_secret(cl->auth)
        || !client_secret_is_live(secret, now))
        return false;
    return cl->auth != AUTH_SECRET_JWT
           || (secret->scheme == SECRET_SEALED
               && secret->sealed_len >= least(cl) + VAULT_SEAL_EXTRA);
}

bool
ctl_credential_is_there(const struct client *cl, int64_t now)
{
    size_t i;

    for (i = 0; i < cl->n_secrets; i++) {
        if (ctl_credential_serves(&cl->secrets[i], cl, now))
            return true;
    }
    return false;
}

static bool
is_same(const struct secret *a, const struct secret *b)
{
    return a->scheme == b->scheme
           && crypto_equal(a->digest, b->digest, CRED_DIGEST_LEN);
}

bool
ctl_credential_is_in(const struct ctl_credential *new, const struct client *cl)
{
    size_t i;

    for (i = 0; i < cl->n_secrets; i++) {
        if (strcmp(cl->secrets[i].id, new->stored.id) == 0
            && is_same(&cl->secrets[i], &new->stored))
            return true;
    }
    return false;
}

static int
check_fit(const struct ctl_credential *new, const struct client *cl,
          struct errtext *why)
{
    enum jose_alg alg = cl->assertion_alg;

    if (new->stored.scheme != scheme_for(cl, new))
        return errtext_set(why, "the method of the client was changed "
                                "meanwhile: try again");
    if (new->stored.scheme == SECRET_SEALED && new->len < least(cl))
        return errtext_set(why, "the secret is shorter than %zu bytes, the "
                                "least for %s (RFC 7518, 3.2)",
                           least(cl),
                           jose_name(alg != JOSE_NONE ? alg : JOSE_HS256));
    return 0;
}

static int
check_place(const struct secret *stored, const struct client *cl,
            struct errtext *why)
{
    size_t i;

    for (i = 0; i < cl->n_secrets; i++) {
        const struct secret *other = &cl->secrets[i];

        if (is_same(other, stored))
            return errtext_set(why, "the client has this secret already, as "
                                    "%s",
                               other->id);
        if (stored->scheme == SECRET_FOREIGN && other->scheme == SECRET_FOREIGN
            && (other->not_after == 0 || other->not_after > stored->created))
            return errtext_set(why, "the client has an imported hash already, "
                                    "%s: ccgrant secret delete",
                               other->id);
        if (strcmp(cl->secrets[i].id, stored->id) == 0)
            return errtext_set(why, "the new id of the secret is taken: try "
                                    "again");
    }
    if (cl->n_secrets >= CLIENT_SECRETS_MAX)
        return errtext_set(why, "the client has %d secrets, which is the "
                                "most: ccgrant secret delete",
                           CLIENT_SECRETS_MAX);
    return 0;
}

int
ctl_credential_add(const struct ctl_credential *new, struct client *cl,
                   struct errtext *why)
{
    const struct secret *stored = &new->stored;
    struct secret *secret;

    if (ctl_credential_is_in(new, cl))
        return 0;
    if (check_fit(new, cl, why) != 0 || check_place(stored, cl, why) != 0)
        return -1;
    cl->secrets =
        alloc_again(cl->secrets, (cl->n_secrets + 1) * sizeof(*cl->secrets));
    secret = &cl->secrets[cl->n_secrets++];
    *secret = *stored;
    secret->label = alloc_text(stored->label);
    if (stored->sealed != NULL) {
        secret->sealed = alloc_bytes(stored->sealed_len);
        memcpy(secret->sealed, stored->sealed, stored->sealed_len);
    }
    return 0;
}

void
ctl_credential_remove(struct client *cl, size_t at)
{
    free(cl->secrets[at].label);
    free(cl->secrets[at].sealed);
    cl->n_secrets--;
    memmove(&cl->secrets[at], &cl->secrets[at + 1],
            (cl->n_secrets - at) * sizeof(*cl->secrets));
}

int
ctl_credential_replace(const struct ctl_credential *new, struct client *cl,
                       struct errtext *why)
{
    while (cl->n_secrets > 0)
        ctl_credential_remove(cl, cl->n_secrets - 1);
    return ctl_credential_add(new, cl, why);
}

int
ctl_credential_announce(struct ctl *ctl, const struct ctl_credential *new,
                        struct errtext *why)
{
    if (new->stored.scheme == SECRET_FOREIGN)
        return costs_announce(&ctl->service, new->cost, why);
    if (new->stored.scheme != SECRET_SCRYPT)
        return 0;
    return costs_announce(&ctl->service, COSTS_SCRYPT, why);
}

void
ctl_credential_print(const struct ctl *ctl, const struct ctl_credential *new,
                     const char *id, bool changed)
{
    struct ctl_table table;
    char when[WHEN_TEXT_MAX];

    if (ctl->json) {
        print_json(new, id, changed);
        return;
    }
    ctl_table_init(&table, 2);
    ctl_table_fact(&table, "client_id", id);
    if (!new->chosen)
        ctl_table_fact(&table, "client_secret", new->text);
    ctl_table_fact(&table, "secret_id", new->stored.id);
    when_text(new->stored.not_after, when);
    ctl_table_fact(&table, "expires", when);
    ctl_table_print(&table, false, false);
    ctl_table_wipe(&table);
    if (!new->chosen)
        printf("Keep the secret now: it %swill not be shown again.\n",
               new->stored.scheme != SECRET_SEALED ? "is not stored, and "
                                                   : "");
}

/* The names are those of a registration (RFC 7591, 3.2.1). */
static void
print_json(const struct ctl_credential *new, const char *id, bool changed)
{
    char buf[JSON_MAX];
    struct sbuf sb;

    sbuf_init(&sb, buf, sizeof(buf));
    sbuf_add(&sb, "{\n  \"client_id\": ");
    sbuf_add_json(&sb, id, strlen(id));
    if (!new->chosen) {
        sbuf_add(&sb, ",\n  \"client_secret\": ");
        sbuf_add_json(&sb, new->text, new->len);
    }
    sbuf_add(&sb, ",\n  \"client_secret_expires_at\": ");
    sbuf_add_int(&sb, new->stored.not_after);
    sbuf_add(&sb, ",\n  \"secret_id\": ");
    sbuf_add_json(&sb, new->stored.id, strlen(new->stored.id));
    sbuf_add(&sb, changed ? ",\n  \"changed\": true\n}\n" : "\n}\n");
    fputs(buf, stdout);
    crypto_wipe(buf, sizeof(buf));
}

void
ctl_credential_wipe(struct ctl_credential *new)
{
    free(new->stored.sealed);
    crypto_wipe(new, sizeof(*new));
}
