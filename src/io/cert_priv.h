/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What a certificate is to this family: private to cert*.c.
 */

#ifndef IO_CERT_PRIV_H
#define IO_CERT_PRIV_H

#include "core/dn.h"
#include "io/cert.h"

/* Of the library, so that none of its headers is needed here. */
struct X509_name_st;
struct x509_st;

struct cert {
    struct x509_st *x509;
};

/*
 * Read a distinguished name (core/dn.h) to OpenSSL's form of it.
 *
 * Returns the name, which the caller frees with X509_NAME_free(), or NULL with
 * the reason in *why.
 */
struct X509_name_st *cert_dn_read(const char *text, struct errtext *why);

#endif /* IO_CERT_PRIV_H */
