/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The certificate that the client showed to the web server.
 */

#ifndef PEER_H
#define PEER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/binding.h"
#include "core/certtext.h"
#include "core/client.h"
#include "core/errtext.h"
#include "core/oauth.h"
#include "core/request.h"
#include "io/crypto.h"
#include "service.h"

struct peer {
    bool has_cert;
    bool is_trusted; /* the web server says that it verified the chain, or a
                        trusted proxy sent it */
    unsigned char der[CERTTEXT_MAX];
    size_t len;
    unsigned char digest[CRYPTO_SHA256_LEN]; /* SHA-256 of the DER */
    char x5t[BINDING_TEXT_MAX]; /* the same in base64url */
};

/*
 * Find the certificate: SSL_CLIENT_CERT, when SSL_CLIENT_VERIFY says that one
 * was shown (SUCCESS, GENEROUS or FAILED:...; NONE and nothing mean none); or,
 * when the policy has mtls.header and REMOTE_ADDR is in its proxies, that
 * header field alone, RFC 9440's Client-Cert or another: SSL_CLIENT_CERT is
 * then the proxy's own.  Nothing else is believed: HTTP_SSL_CLIENT_CERT and
 * its like are headers that anybody can send.
 *
 * Returns OAUTH_OK, has_cert or not; or OAUTH_INVALID_REQUEST with the reason
 * in *why: it cannot be read, or the header came twice.  It is taken to DER,
 * and decoded further only when it authenticates.
 */
enum oauth_error peer_find(struct peer *peer, const struct policy *policy,
                           const struct request *rq, struct errtext *why);

/* The credential of a client that is known by the subject. */
#define PEER_SUBJECT "tls"

/*
 * Whether the certificate authenticates this client (RFC 8705, 2): by
 * tls_client_auth, that it is trusted, verified anew with the authorities of
 * the policy, or the one that the record names, and has the subject of the
 * record; by self_signed_tls_client_auth, that it is within its own time and
 * its key is registered, or published at the client's URL.  Keys are compared,
 * not certificates: one renewed for the same key is good.  What was verified
 * is remembered for a time in the process.
 *
 * Returns 1 when it does, with the id of its key, PEER_SUBJECT or
 * JWKS_CREDENTIAL (jwks.h) in credential; 0 when not, with the reason in *why;
 * -1 with the reason in *why when OpenSSL or the store failed.
 */
int peer_is_client(struct service *service, const struct peer *peer,
                   const struct client *cl, int64_t now,
                   char credential[CRED_ID_MAX], struct errtext *why);

/*
 * Do the work of comparing the certificate with a key, for a client that it
 * does not authenticate anyway: so that the time does not tell who exists.
 */
void peer_waste(const struct peer *peer);

/* Frees service->peers.  NULL is allowed. */
void peer_memory_close(struct peer_memory *memory);

#endif /* PEER_H */
