/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Client certificates: whether one is of the subject that a client is
 * registered with (RFC 8705, 2.1.2).
 */

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "io/cert_priv.h"
#include "io/crypto.h"

enum {
    DNS_MAX = 253,
    LABEL_MAX = 63,
    SPIFFE_MAX = 2048,
    ADDRESS_MAX = 16, /* bytes of IPv6 */
};

#define SPIFFE "spiffe://"
#define DIGITS "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

static int check_dn(const char *value, struct errtext *why);
static int check_dns(const char *value, struct errtext *why);
static int check_uri(const char *value, struct errtext *why);
static int check_spiffe(const char *value, struct errtext *why);
static int check_ip(const char *value, struct errtext *why);
static int check_email(const char *value, struct errtext *why);
static int is_name(const X509 *x509, const char *value, struct errtext *why);
static int is_alternative(const X509 *x509, enum client_subject kind,
                          const char *value, struct errtext *why);
static int is_svid(X509 *x509, const GENERAL_NAMES *names,
                   struct errtext *why);
static bool matches(const GENERAL_NAME *name, enum client_subject kind,
                    const char *value);

int
cert_check_subject(enum client_subject kind, const char *value,
                   struct errtext *why)
{
    switch (kind) {
    case SUBJECT_DN:
        return check_dn(value, why);
    case SUBJECT_DNS:
        return check_dns(value, why);
    case SUBJECT_URI:
        return check_uri(value, why);
    case SUBJECT_IP:
        return check_ip(value, why);
    case SUBJECT_EMAIL:
        return check_email(value, why);
    case SUBJECT_NONE:
        break;
    }
    return errtext_set(why, "there is no subject");
}

static int
check_dn(const char *value, struct errtext *why)
{
    X509_NAME *name = cert_dn_read(value, why);

    X509_NAME_free(name);
    return name ? 0 : -1;
}

/*
 * Labels of letters, digits, "-" and "_", and the last not of digits alone,
 * as in an IPv4 address.
 */
static bool
is_dns(const char *value)
{
    size_t len = strlen(value), n;

    if (len == 0 || len > DNS_MAX)
        return false;
    for (;; value += n + 1) {
        n = strspn(value, LETTERS DIGITS "-_");
        if (n == 0 || n > LABEL_MAX || value[0] == '-' || value[n - 1] == '-')
            return false;
        if (value[n] == '\0')
            return strspn(value, DIGITS) != n;
        if (value[n] != '.')
            return false;
    }
}

static int
check_dns(const char *value, struct errtext *why)
{
    if (is_dns(value))
        return 0;
    return errtext_set(why, "this is no DNS name to compare with: labels of "
                            "ASCII letters, digits and \"-\", no wildcard, no "
                            "dot at the end, no IP address");
}

static bool
is_visible(const char *value)
{
    for (; *value > ' ' && *value < 0x7f; value++)
        ;
    return *value == '\0';
}

static bool
is_spiffe(const char *value)
{
    return strncasecmp(value, SPIFFE, sizeof(SPIFFE) - 1) == 0;
}

/* RFC 3986, 3: a scheme, and something behind it. */
static int
check_uri(const char *value, struct errtext *why)
{
    size_t n = strspn(value, LETTERS DIGITS "+-.");

    if (n == 0 || strspn(value, LETTERS) == 0 || value[n] != ':'
        || value[n + 1] == '\0' || !is_visible(value))
        return errtext_set(why, "this is no URI: a scheme, \":\" and the "
                                "rest, all in ASCII without spaces");
    return is_spiffe(value) ? check_spiffe(value, why) : 0;
}

/* SPIFFE-ID, 2: the domain in small letters, and a path (X509-SVID, 5.2). */
static int
check_spiffe(const char *value, struct errtext *why)
{
    const char *at = value + sizeof(SPIFFE) - 1;
    size_t n = strspn(at, "abcdefghijklmnopqrstuvwxyz" DIGITS ".-_");
    bool ok = strncmp(value, SPIFFE, sizeof(SPIFFE) - 1) == 0 && n > 0
              && n <= 255 && at[n] == '/' && strlen(value) <= SPIFFE_MAX;

    while (ok && *(at += n) == '/') {
        at++;
        n = strspn(at, LETTERS DIGITS ".-_");
        ok = n > 0 && !(n == 1 && *at == '.')
             && !(n == 2 && strncmp(at, "..", 2) == 0);
    }
    if (ok && *at == '\0')
        return 0;
    return errtext_set(why, "this is no SPIFFE ID of a workload: "
                            "spiffe://domain/path, the domain in small "
                            "letters, no empty segment in the path");
}

/* Returns the number of bytes of the address, or 0. */
static size_t
read_ip(const char *value, unsigned char address[ADDRESS_MAX])
{
    if (inet_pton(AF_INET, value, address) == 1)
        return sizeof(struct in_addr);
    if (inet_pton(AF_INET6, value, address) == 1)
        return sizeof(struct in6_addr);
    return 0;
}

static int
check_ip(const char *value, struct errtext *why)
{
    unsigned char address[ADDRESS_MAX];

    if (read_ip(value, address) > 0)
        return 0;
    return errtext_set(why, "this is no IP address: write one alone, as "
                            "192.0.2.1 or 2001:db8::1");
}

static int
check_email(const char *value, struct errtext *why)
{
    const char *at = strrchr(value, '@');

    if (at && at > value && is_visible(value) && is_dns(at + 1))
        return 0;
    return errtext_set(why, "this is no address of electronic mail: "
                            "name@host, in ASCII without spaces");
}

int
cert_is_subject(const struct cert *cert, enum client_subject kind,
                const char *value, struct errtext *why)
{
    int rc = 0;

    /* What cannot be registered matches nothing. */
    if (cert_check_subject(kind, value, why) == 0)
        rc = kind == SUBJECT_DN ? is_name(cert->x509, value, why)
                                : is_alternative(cert->x509, kind, value, why);
    ERR_clear_error();
    return rc;
}

static int
is_name(const X509 *x509, const char *value, struct errtext *why)
{
    X509_NAME *name = cert_dn_read(value, why);
    bool is = name && X509_NAME_cmp(X509_get_subject_name(x509), name) == 0;

    X509_NAME_free(name);
    if (!is)
        errtext_set(why, "the subject of the certificate is another");
    return is;
}

static int
is_alternative(const X509 *x509, enum client_subject kind, const char *value,
               struct errtext *why)
{
    int critical, i, is = 0;
    GENERAL_NAMES *names =
        X509_get_ext_d2i(x509, NID_subject_alt_name, &critical, NULL);

    if (!names) {
        errtext_set(why, critical == -1
                             ? "the certificate has no subject alternative "
                               "name"
                             : "the subject alternative names of the "
                               "certificate cannot be read");
        return 0;
    }
    for (i = 0; i < sk_GENERAL_NAME_num(names) && !is; i++)
        is = matches(sk_GENERAL_NAME_value(names, i), kind, value);
    if (!is)
        errtext_set(why, "no subject alternative name of the certificate is "
                         "that of the record");
    else if (kind == SUBJECT_URI && is_spiffe(value))
        is = is_svid((X509 *)(uintptr_t)x509, names, why);
    GENERAL_NAMES_free(names);
    return is;
}

/* X509-SVID, 5.2: the leaf. */
static int
is_svid(X509 *x509, const GENERAL_NAMES *names, struct errtext *why)
{
    uint32_t flags = X509_get_extension_flags(x509);
    uint32_t usage = X509_get_key_usage(x509);
    int uris = 0, i;

    for (i = 0; i < sk_GENERAL_NAME_num(names); i++)
        uris += sk_GENERAL_NAME_value(names, i)->type == GEN_URI;
    if (uris != 1)
        errtext_set(why, "an X.509-SVID has one URI, this certificate %d",
                    uris);
    else if (flags & (EXFLAG_CA | EXFLAG_INVALID))
        errtext_set(why, "an X.509-SVID of a workload is no authority's");
    else if (!(flags & EXFLAG_KUSAGE) || !(usage & KU_DIGITAL_SIGNATURE)
             || usage & (KU_KEY_CERT_SIGN | KU_CRL_SIGN))
        errtext_set(why, "the keyUsage of an X.509-SVID has digitalSignature "
                         "and neither keyCertSign nor cRLSign");
    else
        return 1;
    return 0;
}

/* Whether the text is that of len bytes; a NUL within is of neither. */
static bool
is_text(const ASN1_STRING *text, const char *value, size_t exact)
{
    size_t len = strlen(value);
    const char *data = (const char *)ASN1_STRING_get0_data(text);

    return (size_t)ASN1_STRING_length(text) == len
           && memcmp(data, value, exact) == 0
           && strncasecmp(data + exact, value + exact, len - exact) == 0
           && !memchr(data, '\0', len);
}

static bool
matches(const GENERAL_NAME *name, enum client_subject kind, const char *value)
{
    unsigned char address[ADDRESS_MAX];
    size_t len;

    switch (name->type) {
    case GEN_DNS:
        return kind == SUBJECT_DNS && is_text(name->d.dNSName, value, 0);
    case GEN_URI:
        return kind == SUBJECT_URI
               && is_text(name->d.uniformResourceIdentifier, value,
                          strlen(value));
    case GEN_EMAIL:
        return kind == SUBJECT_EMAIL
               && is_text(name->d.rfc822Name, value,
                          (size_t)(strrchr(value, '@') - value));
    case GEN_IPADD:
        if (kind != SUBJECT_IP)
            return false;
        len = read_ip(value, address);
        return (size_t)ASN1_STRING_length(name->d.iPAddress) == len
               && memcmp(ASN1_STRING_get0_data(name->d.iPAddress), address,
                         len) == 0;
    default:
        return false;
    }
}
