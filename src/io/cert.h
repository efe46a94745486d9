/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Client certificates, on OpenSSL.
 */

#ifndef IO_CERT_H
#define IO_CERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/client.h"
#include "core/errtext.h"
#include "core/jwk.h"

struct cert;
struct cert_trust;

/*
 * Read a certificate in DER.
 *
 * Returns 0 with *cert, which the caller frees with cert_free(), or -1 with
 * the reason in *why.
 */
int cert_read(struct cert **cert, const unsigned char *der, size_t len,
              struct errtext *why);

/*
 * Read certificate authorities from a file of PEM: what is self-signed is
 * trusted, the others are intermediates.  Refuses a file without any, one
 * that is not a CA, and one that cannot be read; the reason names the file and
 * the number of the certificate.  Adds to what *trust has, or makes it when
 * NULL.
 *
 * Returns 0 with *trust, which the caller frees with cert_trust_free(), or -1
 * with the reason in *why.
 */
int cert_trust_read(struct cert_trust **trust, const char *file,
                    struct errtext *why);

/*
 * Verify the certificate at that time (RFC 5280, 6): a chain to one of the
 * authorities, every one in its time, for the purpose of a TLS client, keys
 * and digests of at least 112 bits.  The web server's word is not enough:
 * Apache has been seen to say SUCCESS of a self-signed certificate in a
 * resumed session.  No revocation is looked up.
 *
 * Returns 1 when good; 0 when not, with the reason in *why; -1 with the reason
 * in *why when OpenSSL failed.  *until is when the first of the chain ends.
 */
int cert_verify(const struct cert *cert, const struct cert_trust *trust,
                int64_t now, int64_t *until, struct errtext *why);

/*
 * Whether the subject is what the client is registered with (RFC 8705, 2.1.2):
 * a distinguished name, parsed and compared as a name with the order of its
 * RDNs (RFC 5280, 7.1); or a subject alternative name: DNS name (without
 * regard to case, no wildcards), URI (byte by byte; one of SPIFFE also as
 * X.509-SVID 1.0: the only URI, no CA, digitalSignature), IP address (binary),
 * email (the part behind the @ without regard to case).
 *
 * Returns 1 when it is; 0 when not, with the reason in *why.
 */
int cert_is_subject(const struct cert *cert, enum client_subject kind,
                    const char *value, struct errtext *why);

/*
 * Whether value can be registered as such a subject.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int cert_check_subject(enum client_subject kind, const char *value,
                       struct errtext *why);

/*
 * Whether the time is within that of the certificate, whose last second is
 * out as it is for cert_verify().
 *
 * Returns 1 when it is; 0 when not, with the reason in *why.
 */
int cert_is_live(const struct cert *cert, int64_t now, struct errtext *why);

/* Whether the key of the certificate is that one. */
bool cert_has_key(const struct cert *cert, const struct jwk *jwk);

/* NULL is allowed. */
void cert_free(struct cert *cert);
void cert_trust_free(struct cert_trust *trust);

#endif /* IO_CERT_H */
