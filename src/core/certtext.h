/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * A client certificate in the forms in which web servers and proxies hand it
 * over.
 */

#ifndef CORE_CERTTEXT_H
#define CORE_CERTTEXT_H

#include <stddef.h>

#include "core/errtext.h"

enum { CERTTEXT_MAX = 8192 }; /* bytes of a certificate in DER */

/*
 * Whether text stands for no certificate: empty, or "(null)" as Apache writes
 * an absent variable into a header.
 */
int certtext_is_none(const char *text);

/*
 * Read one certificate to DER.  The forms: PEM (RFC 7468, 5.1) with its lines
 * ended by LF, CR LF, or LF and a tab, or with spaces in the place of line
 * ends; the same with %-escapes, as nginx's $ssl_client_escaped_cert is; the
 * byte sequence of RFC 9440 (RFC 8941, 3.3.5), ":" base64 ":".  Refuses more
 * than one certificate, anything before or behind it, base64 that is not
 * canonical, and more than CERTTEXT_MAX bytes; white space around it is none
 * of these.  Whether it is a certificate is for io/cert.h to say.
 *
 * Returns the number of bytes in der, or -1 with the reason in *why, which
 * quotes nothing.
 */
long certtext_read(const char *text, unsigned char der[CERTTEXT_MAX],
                   struct errtext *why);

#endif /* CORE_CERTTEXT_H */
