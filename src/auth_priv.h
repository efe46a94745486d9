/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The ways to authenticate: private to auth*.c.
 */

#ifndef AUTH_PRIV_H
#define AUTH_PRIV_H

#include "auth.h"
#include "core/cred.h"

/*
 * Check a secret, or an assertion.  audit->client_id is set to who the
 * assertion names.  Of credentials this reading alone is tried.
 *
 * Returns as auth_client() does.
 */
enum oauth_error auth_secret(struct service *service, const struct cred *cred,
                             const struct request *rq, int64_t now,
                             struct auth *auth, struct errtext *why);
/*
 * The same without a slow digest: OAUTH_INVALID_CLIENT only says that this was
 * not enough to let the client in.
 */
enum oauth_error auth_secret_quick(struct service *service,
                                   const struct cred *cred,
                                   const struct request *rq, int64_t now,
                                   struct auth *auth, struct errtext *why);
enum oauth_error auth_assertion(struct service *service,
                                const struct cred *cred,
                                const struct request *rq, int64_t now,
                                struct auth *auth, struct audit *audit);

/*
 * Store the secret, which was checked by an imported hash, under scrypt.  A
 * record that was changed meanwhile is left alone; what fails is left to the
 * next process that checks it.
 */
void auth_upgrade(struct service *service, const char *client_id,
                  const struct secret *secret, const struct cred *cred);

/*
 * Check the certificate of the connection (RFC 8705, 2).
 *
 * Returns as auth_client() does.
 */
enum oauth_error auth_cert(struct service *service, const struct cred *cred,
                           const struct peer *peer, const struct request *rq,
                           int64_t now, struct auth *auth,
                           struct errtext *why);

/*
 * The entry of an id that anybody sent, whatever it is.
 *
 * Returns the entry, or NULL with the reason in *why when the store failed.
 */
struct roster_entry *auth_find(struct service *service, const char *id,
                               struct errtext *why);

/* Returns OAUTH_INVALID_CLIENT, with that reason and its rule in *why. */
enum oauth_error auth_refuse(struct errtext *why, enum rule rule,
                             const char *reason);

#endif /* AUTH_PRIV_H */
