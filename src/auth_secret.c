/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Client authentication with a secret.
 */

#include <string.h>

#include "auth_priv.h"
#include "io/crypto.h"
#include "io/vault.h"

static int check_quickly(struct service *service,
                         const struct roster_entry *entry,
                         const struct cred *cred, int64_t now,
                         struct errtext *why);
static bool mac_matches(const struct client *cl,
                        const unsigned char mac[VAULT_MAC_LEN], int64_t now);
static bool is_remembered(const struct service *service,
                          const struct roster_entry *entry,
                          const struct cred *cred, int64_t now);
static int check_slowly(struct service *service, struct roster_entry *entry,
                        const struct cred *cred, int64_t now,
                        struct errtext *why);
static bool has_secrets(const struct client *cl);
static const char *objection(const struct service *service,
                             const struct client *cl,
                             const struct cred *cred,
                             const struct request *rq, int64_t now);

static const char another_method[] =
    "the record wants another method than a secret";

/*
 * Only who is let in leaves early: whatever is refused, and why, the slow
 * digest was made once, if any client has a slow secret.
 */
enum oauth_error
auth_secret(struct service *service, const struct cred *cred,
            const struct request *rq, int64_t now, struct auth *auth,
            struct errtext *why)
{
    struct roster_entry *entry = auth_find(service, cred->client_id, why);
    const char *reason;
    int quick, slow = 0;

    if (entry == NULL)
        return OAUTH_UNAVAILABLE;
    auth->entry = entry;
    quick = check_quickly(service, entry, cred, now, why);
    if (quick == 1 && objection(service, entry->cl, cred, rq, now) == NULL)
        return OAUTH_OK;
    if (quick >= 0 && roster_has_slow(service->roster))
        slow = check_slowly(service, entry, cred, now, why);
    if (quick < 0 || slow < 0)
        return OAUTH_UNAVAILABLE;
    if (entry->cl == NULL)
        return auth_refuse(why, "there is no such client");
    if (quick == 0 && slow == 0)
        return auth_refuse(why, has_secrets(entry->cl)
                                    ? "no live secret of the client matches"
                                    : another_method);
    reason = objection(service, entry->cl, cred, rq, now);
    return reason != NULL ? auth_refuse(why, reason) : OAUTH_OK;
}

enum oauth_error
auth_secret_quick(struct service *service, const struct cred *cred,
                  const struct request *rq, int64_t now, struct auth *auth,
                  struct errtext *why)
{
    struct roster_entry *entry = auth_find(service, cred->client_id, why);
    int quick;

    if (entry == NULL)
        return OAUTH_UNAVAILABLE;
    auth->entry = entry;
    quick = check_quickly(service, entry, cred, now, why);
    if (quick < 0)
        return OAUTH_UNAVAILABLE;
    if (quick == 1 && objection(service, entry->cl, cred, rq, now) == NULL)
        return OAUTH_OK;
    return auth_refuse(why, "not yet");
}

static bool
has_secrets(const struct client *cl)
{
    return cl->auth == AUTH_SECRET_BASIC || cl->auth == AUTH_SECRET_POST;
}

/* Why a client with a right secret is refused all the same, or NULL. */
static const char *
objection(const struct service *service, const struct client *cl,
          const struct cred *cred, const struct request *rq, int64_t now)
{
    if (client_is_fapi2(cl, service->policy))
        return "FAPI 2.0 allows no shared secret";
    if (!has_secrets(cl))
        return another_method;
    if (cl->auth == AUTH_SECRET_POST && cred->method != CRED_POST)
        return "the record wants client_secret_post";
    if (cred->is_raw && (cl->compat & COMPAT_BASIC) == 0)
        return "the secret is right, but not form-encoded (RFC 6749, 2.3.1): "
               "ccgrant client set --basic tolerant";
    return auth_objection(service, cl, rq, now);
}

/*
 * Returns 1 when a live secret of the client matches that is a generated one
 * or was checked before, 0 when not, -1 on failure.  The work is the same for
 * a client that does not exist.
 */
static int
check_quickly(struct service *service, const struct roster_entry *entry,
              const struct cred *cred, int64_t now, struct errtext *why)
{
    unsigned char mac[VAULT_MAC_LEN];
    bool right;

    if (vault_mac_secret(service->vault, entry->id, cred->secret,
                         cred->secret_len, mac, why)
        != 0)
        return -1;
    right = mac_matches(entry->cl, mac, now);
    crypto_wipe(mac, sizeof(mac));
    if (!right && roster_has_slow(service->roster))
        right = is_remembered(service, entry, cred, now);
    return right;
}

static bool
mac_matches(const struct client *cl, const unsigned char mac[VAULT_MAC_LEN],
            int64_t now)
{
    static const unsigned char nobody[VAULT_MAC_LEN];
    bool right = false;
    size_t i;

    if (cl == NULL) {
        (void) crypto_equal(nobody, mac, VAULT_MAC_LEN);
        return false;
    }
    for (i = 0; i < cl->n_secrets; i++) {
        const struct secret *secret = &cl->secrets[i];

        if (crypto_equal(secret->digest, mac, VAULT_MAC_LEN)
            && (secret->scheme == SECRET_MAC
                || secret->scheme == SECRET_SEALED)
            && client_secret_is_live(secret, now))
            right = true;
    }
    return right;
}

static bool
is_remembered(const struct service *service, const struct roster_entry *entry,
              const struct cred *cred, int64_t now)
{
    unsigned char digest[ROSTER_PROOF_LEN];
    size_t i, n = entry->cl != NULL ? entry->cl->n_secrets : 0;
    bool right = false;

    roster_digest(service->roster, cred->secret, cred->secret_len, digest);
    for (i = 0; i < n; i++) {
        if (crypto_equal(digest, entry->proof[i].digest, sizeof(digest))
            && entry->proof[i].set
            && client_secret_is_live(&entry->cl->secrets[i], now))
            right = true;
    }
    crypto_wipe(digest, sizeof(digest));
    return right;
}

/*
 * One run of scrypt serves all secrets of a client.
 *
 * Returns as check_quickly() does, and remembers what was right.
 */
static int
check_slowly(struct service *service, struct roster_entry *entry,
             const struct cred *cred, int64_t now, struct errtext *why)
{
    unsigned char digest[VAULT_MAC_LEN];
    size_t i, n = entry->cl != NULL ? entry->cl->n_secrets : 0;
    int right = 0;

    if (vault_scrypt_secret(service->vault, entry->id, cred->secret,
                            cred->secret_len, digest, why)
        != 0)
        return -1;
    for (i = 0; i < n; i++) {
        const struct secret *secret = &entry->cl->secrets[i];

        if (crypto_equal(secret->digest, digest, VAULT_MAC_LEN)
            && secret->scheme == SECRET_SCRYPT
            && client_secret_is_live(secret, now)) {
            roster_digest(service->roster, cred->secret, cred->secret_len,
                          entry->proof[i].digest);
            entry->proof[i].set = true;
            right = 1;
        }
    }
    crypto_wipe(digest, sizeof(digest));
    return right;
}
