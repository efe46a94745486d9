/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The certificate that the client showed to the web server.
 */

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/b64.h"
#include "core/cidr.h"
#include "jwks.h"
#include "peer_priv.h"

static int find_header(const char *name, const struct request *rq,
                       const char **text);
static const char *find_variable(const struct request *rq, bool *is_trusted);
static enum oauth_error take(struct peer *peer, const char *text,
                             struct errtext *why);
static int by_chain(struct service *service, const struct peer *peer,
                    const struct client *cl, int64_t now,
                    struct errtext *why);
static int find_ca(const struct policy *policy, const char *name, size_t *ca,
                   struct errtext *why);
static int by_key(struct service *service, const struct cert *cert,
                  const struct client *cl, int64_t now,
                  char credential[CRED_ID_MAX], struct errtext *why);
static int is_published(struct service *service, const struct cert *cert,
                        const char *url, int64_t now, int64_t *fetched,
                        struct errtext *why);

/*
 * What a proxy sends is the client's alone: the certificate in the variables
 * is then the proxy's own, also when its header is empty.
 */
enum oauth_error
peer_find(struct peer *peer, const struct policy *policy,
          const struct request *rq, struct errtext *why)
{
    const char *text = "";

    peer->has_cert = false;
    peer->is_trusted = false;
    peer->len = 0;
    memset(peer->digest, 0, sizeof(peer->digest));
    peer->x5t[0] = '\0';
    if (policy->mtls.header[0] == '\0'
        || !cidr_match(policy->proxy_nets, policy->n_proxies,
                       rq->remote_addr)) {
        text = find_variable(rq, &peer->is_trusted);
    } else if (find_header(policy->mtls.header, rq, &text) > 1) {
        errtext_rule(why, RULE_REQUEST_HEADER,
                     "the header field %.64s came more than once",
                     policy->mtls.header);
        return OAUTH_INVALID_REQUEST;
    } else {
        peer->is_trusted = true;
    }
    if (certtext_is_none(text)) {
        peer->is_trusted = false;
        return OAUTH_OK;
    }
    return take(peer, text, why);
}

/* The value of "NAME=value" when NAME is the header's variable, or NULL. */
static const char *
value_of(const char *variable, const char *header)
{
    if (strncmp(variable, "HTTP_", 5) != 0)
        return NULL;
    for (variable += 5; *header != '\0'; variable++, header++)
        if (*variable
            != (*header == '-' ? '_' : toupper((unsigned char) *header)))
            return NULL;
    return *variable == '=' ? variable + 1 : NULL;
}

/* Returns how often it came. */
static int
find_header(const char *name, const struct request *rq, const char **text)
{
    char *const *at;
    const char *value;
    int n = 0;

    for (at = rq->env; at != NULL && *at != NULL; at++) {
        value = value_of(*at, name);
        if (value != NULL) {
            *text = value;
            n++;
        }
    }
    return n;
}

/* The text of SSL_CLIENT_CERT when one was shown, or "". */
static const char *
find_variable(const struct request *rq, bool *is_trusted)
{
    static const char failed[] = "FAILED:";
    const char *verify = rq->client_verify;

    *is_trusted = strcmp(verify, "SUCCESS") == 0;
    if (*is_trusted || strcmp(verify, "GENEROUS") == 0
        || strncmp(verify, failed, sizeof(failed) - 1) == 0)
        return rq->client_cert;
    return "";
}

/*
 * Whether the bytes are one SEQUENCE of DER, as a certificate is.  To decode
 * all of it takes longer than to sign a token: that is for who authenticates
 * with it.  The web server did so when it was shown.
 */
static bool
is_sequence(const unsigned char *der, size_t len)
{
    size_t n, i, head = 2;

    if (len < head || der[0] != 0x30)
        return false;
    n = der[1];
    if (n >= 0x80) {
        head += n - 0x80;
        if (head > 4 || head > len)
            return false;
        for (n = 0, i = 2; i < head; i++)
            n = n << 8 | der[i];
    }
    return n > 0 && n == len - head;
}

static enum oauth_error
take(struct peer *peer, const char *text, struct errtext *why)
{
    long len = certtext_read(text, peer->der, why);

    if (len >= 0 && !is_sequence(peer->der, (size_t) len))
        len = errtext_set(why, "it is not in DER");
    if (len < 0) {
        errtext_under(why, RULE_REQUEST_CERTIFICATE);
        errtext_context(why, "the client's certificate");
        peer->is_trusted = false;
        return OAUTH_INVALID_REQUEST;
    }
    peer->has_cert = true;
    peer->len = (size_t) len;
    crypto_sha256(peer->der, peer->len, peer->digest);
    b64url_encode(peer->digest, sizeof(peer->digest), peer->x5t);
    return OAUTH_OK;
}

/* Returns 0, with that reason in *why. */
static int
refuse(struct errtext *why, enum rule rule, const char *reason)
{
    errtext_rule(why, rule, "%s", reason);
    return 0;
}

int
peer_is_client(struct service *service, const struct peer *peer,
               const struct client *cl, int64_t now,
               char credential[CRED_ID_MAX], struct errtext *why)
{
    struct cert *cert;
    int rc;

    if (!peer->has_cert)
        return refuse(why, RULE_TLS_NONE,
                      "there is no certificate: the client showed none, or "
                      "the web server does not set SSL_CLIENT_VERIFY and "
                      "SSL_CLIENT_CERT");
    if (cl->auth == AUTH_TLS) {
        snprintf(credential, CRED_ID_MAX, PEER_SUBJECT);
        return by_chain(service, peer, cl, now, why);
    }
    if (cl->auth != AUTH_SELF_SIGNED_TLS) {
        errtext_rule(why, RULE_AUTH_METHOD, "the record wants %s",
                     client_auth_words[cl->auth]);
        return 0;
    }
    if (cert_read(&cert, peer->der, peer->len, why) != 0) {
        errtext_under(why, RULE_REQUEST_CERTIFICATE);
        return 0;
    }
    rc = by_key(service, cert, cl, now, credential, why);
    cert_free(cert);
    return rc;
}

static int
by_chain(struct service *service, const struct peer *peer,
         const struct client *cl, int64_t now, struct errtext *why)
{
    const struct cert *cert;
    size_t ca;
    int rc;

    if (!peer->is_trusted)
        return refuse(why, RULE_TLS_CHAIN,
                      "the web server did not verify the certificate");
    if (find_ca(service->policy, cl->tls_ca, &ca, why) != 0)
        return 0;
    rc = peer_memory_verify(service, peer, ca, now, &cert, why);
    if (rc == 0)
        errtext_under(why, RULE_TLS_CHAIN);
    if (rc != 1)
        return rc;
    rc = cert_is_subject(cert, cl->subject, cl->subject_value, why);
    if (rc == 0)
        errtext_under(why, RULE_TLS_SUBJECT);
    return rc;
}

/* Whether a file of the policy is what a record names: whole, or its end. */
static bool
is_named(const char *file, const char *name)
{
    const char *base = strrchr(file, '/');

    return strcmp(file, name) == 0
           || (base != NULL && strcmp(base + 1, name) == 0);
}

/* The number of the file, or that of all files for all of them. */
static int
find_ca(const struct policy *policy, const char *name, size_t *ca,
        struct errtext *why)
{
    size_t i, n = 0;

    *ca = policy->mtls.n_ca;
    for (i = 0; i < policy->mtls.n_ca && name[0] != '\0'; i++)
        if (is_named(policy->mtls.ca[i], name)) {
            *ca = i;
            n++;
        }
    if (policy->mtls.n_ca == 0)
        return errtext_rule(why, RULE_TLS_CHAIN,
                            "mtls.ca of the policy names no authorities");
    if (name[0] != '\0' && n != 1)
        return errtext_rule(why, RULE_TLS_CHAIN,
                            "the record wants the authorities of "
                            "\"%.100s\", which mtls.ca %s",
                            name, n == 0 ? "does not name" : "names twice");
    return 0;
}

void
peer_waste(const struct peer *peer)
{
    static const struct jwk nobody = {.type = JWK_P256};
    struct cert *cert;

    if (!peer->has_cert || cert_read(&cert, peer->der, peer->len, NULL) != 0)
        return;
    (void) cert_has_key(cert, &nobody);
    cert_free(cert);
}

/* No chain is looked at (RFC 8705, 2.2), but its own times are. */
static int
by_key(struct service *service, const struct cert *cert,
       const struct client *cl, int64_t now, char credential[CRED_ID_MAX],
       struct errtext *why)
{
    int64_t fetched;
    size_t i;
    int rc;

    if (cert_is_live(cert, now, why) != 1) {
        errtext_under(why, RULE_TLS_TIME);
        return 0;
    }
    for (i = 0; i < cl->n_keys; i++) {
        if (!jwk_is_live(&cl->keys[i].jwk, now)
            || !cert_has_key(cert, &cl->keys[i].jwk))
            continue;
        memcpy(credential, cl->keys[i].id, CRED_ID_MAX);
        return 1;
    }
    if (cl->jwks_uri[0] != '\0') {
        rc = is_published(service, cert, cl->jwks_uri, now, &fetched, why);
        /* The client may have a new one. */
        if (rc == 0
            && (rc = jwks_refetch(service, cl->jwks_uri, now, fetched, why))
                   == 1)
            rc = is_published(service, cert, cl->jwks_uri, now, &fetched,
                              why);
        if (rc == 1)
            snprintf(credential, CRED_ID_MAX, JWKS_CREDENTIAL);
        if (rc != 0)
            return rc;
    }
    return refuse(why, RULE_TLS_KEY,
                  "the key of the certificate is none of the client's live "
                  "ones");
}

static int
is_published(struct service *service, const struct cert *cert,
             const char *url, int64_t now, int64_t *fetched,
             struct errtext *why)
{
    struct jwk *keys = NULL;
    int n = jwks_get(service, url, now, &keys, fetched, why), i, rc = 0;

    if (n < 0)
        return -1;
    for (i = 0; i < n && rc == 0; i++)
        rc = jwk_is_live(&keys[i], now) && cert_has_key(cert, &keys[i]);
    free(keys);
    return rc;
}
