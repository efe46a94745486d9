/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Distinguished names from text to OpenSSL's form, whose comparison is that
 * of RFC 5280, 7.1.
 */

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

#include "io/cert_priv.h"
#include "io/crypto.h"

/*
 * The names of RFC 4514, 3, without regard to case, and two that people use.
 * OpenSSL's own "uid" is another attribute.
 */
static const struct {
    const char *name;
    int nid;
} types[] = {
    {"CN", NID_commonName},
    {"L", NID_localityName},
    {"ST", NID_stateOrProvinceName},
    {"O", NID_organizationName},
    {"OU", NID_organizationalUnitName},
    {"C", NID_countryName},
    {"STREET", NID_streetAddress},
    {"DC", NID_domainComponent},
    {"UID", NID_userId},
    {"emailAddress", NID_pkcs9_emailAddress},
    {"serialNumber", NID_serialNumber},
};

static int add_rdn(X509_NAME *name, const struct dn_part *parts, int n,
                   struct errtext *why);
static int add_part(X509_NAME *name, const struct dn_part *part,
                    struct errtext *why);
static ASN1_OBJECT *find_type(const char *type);

X509_NAME *
cert_dn_read(const char *text, struct errtext *why)
{
    struct dn_part parts[DN_PARTS_MAX];
    int n = dn_read(parts, text, why), first;
    X509_NAME *name;

    if (n < 0)
        return NULL;
    name = X509_NAME_new();
    if (!name)
        abort();
    /* From the last RDN to the first: the order in certificates. */
    for (; n > 0; n = first) {
        first = n - 1;
        while (first > 0 && parts[first].joins)
            first--;
        if (add_rdn(name, parts + first, n - first, why) != 0) {
            X509_NAME_free(name);
            return NULL;
        }
    }
    return name;
}

static int
add_rdn(X509_NAME *name, const struct dn_part *parts, int n,
        struct errtext *why)
{
    int i;

    for (i = 0; i < n; i++)
        if (add_part(name, parts + i, why) != 0)
            return -1;
    return 0;
}

/*
 * The entry is made by hand: the library would refuse what is longer than
 * X.520 allows, as names in certificates often are.
 */
static int
add_part(X509_NAME *name, const struct dn_part *part, struct errtext *why)
{
    ASN1_OBJECT *type = find_type(part->type);
    X509_NAME_ENTRY *entry;

    if (!type) {
        ERR_clear_error();
        return errtext_set(why, "the attribute \"%s\" of the name is not "
                                "known: write its OID", part->type);
    }
    entry = X509_NAME_ENTRY_create_by_OBJ(
        NULL, type, V_ASN1_UTF8STRING, (const unsigned char *)part->value,
        (int)strlen(part->value));
    if (!entry
        || X509_NAME_add_entry(name, entry, -1, part->joins ? -1 : 0) != 1)
        abort();
    X509_NAME_ENTRY_free(entry);
    ASN1_OBJECT_free(type);
    return 0;
}

static ASN1_OBJECT *
find_type(const char *type)
{
    size_t i;

    for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (strcasecmp(type, types[i].name) == 0)
            return OBJ_nid2obj(types[i].nid);
    return OBJ_txt2obj(type, 0);
}
