/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Client certificates: which chains are good, which names and keys match.
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/err.h>

#include "certs.h"
#include "io/cert.h"
#include "io/crypto.h"
#include "io/keys.h"
#include "tap.h"

#define NOW INT64_C(1800000000)         /* 2027-01-15 */
#define BEGINNING INT64_C(1577836800)   /* 2020-01-01 */
#define END INT64_C(4102444799)         /* 2099-12-31 23:59:59 */
#define END_INTER INT64_C(4070908799)   /* 2098-12-31 23:59:59 */
#define SUBJECT "CN=app.example.org,OU=Dev+UID=u1,O=Example\\, Inc.,C=DE"
#define SVID "spiffe://example.org/app"

static char dir[64];

static char *
in_dir(const char *name)
{
    static char path[128];

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    return path;
}

static struct cert *
get(const char *name)
{
    unsigned char der[CERTS_MAX];
    struct cert *cert = NULL;
    struct errtext why;

    if (cert_read(&cert, der, certs_der(name, der), &why) != 0) {
        tap_diag("%s: %s", name, why.text);
        exit(EXIT_FAILURE);
    }
    return cert;
}

/* The authorities of those names; NULL with the reason. */
static struct cert_trust *
trust_of(const char *names, struct errtext *why)
{
    struct cert_trust *trust = NULL;
    char *file = in_dir("ca.pem");
    int rc;

    certs_write(file, names);
    rc = cert_trust_read(&trust, file, why);
    tap_ok((rc == 0) == (trust != NULL), "%s: what is returned", names);
    unlink(file);
    return trust;
}

static void
no_errors(const char *sentence)
{
    if (ERR_peek_error() != 0)
        tap_ok(false, "%s: the queue of errors is empty", sentence);
    ERR_clear_error();
}

static void
test_read(void)
{
    unsigned char der[CERTS_MAX + 1];
    struct cert *cert = NULL;
    struct errtext why;
    size_t len = certs_der("leaf", der), n;

    tap_is_int(0, cert_read(&cert, der, len, &why), "a certificate");
    cert_free(cert);
    cert = NULL;
    der[len] = 0;
    tap_is_int(-1, cert_read(&cert, der, len + 1, &why),
               "a byte behind a certificate");
    tap_ok(strstr(why.text, "behind") != NULL, "has the reason \"%s\"",
           why.text);
    for (n = 0; n < len; n++)
        if (cert_read(&cert, der, n, &why) == 0)
            break;
    tap_is_int((long long)len, (long long)n, "no part of a certificate");
    der[0] ^= 1;
    tap_is_int(-1, cert_read(&cert, der, len, &why), "another type");
    tap_is_int(-1, cert_read(&cert, (const unsigned char *)"-----BEGIN", 10,
                             &why), "PEM is not DER");
    no_errors("read");
    cert_free(NULL);
    cert_trust_free(NULL);
}

static const struct {
    const char *sentence;
    const char *names;
    const char *reason; /* or NULL: they can be read */
} files[] = {
    {"a root", "root", NULL},
    {"a root and an intermediate", "root inter", NULL},
    {"the intermediate first", "inter root", NULL},
    {"a root twice", "root root", NULL},
    {"an intermediate alone", "inter", NULL},
    {"an empty file", "", "there is no certificate in PEM"},
    {"a certificate of a client", "leaf", "certificate 1 is not of an auth"},
    {"one behind a root", "root leaf", "certificate 2 is not of an auth"},
    {"CA:TRUE, but without keyCertSign", "root inter ca-leaf",
     "certificate 3 is not of an auth"},
    {"a self-signed certificate of a client", "self",
     "certificate 1 is not of an auth"},
};

static void
test_files(void)
{
    struct cert_trust *trust;
    struct errtext why;
    size_t i;

    for (i = 0; i < LEN(files); i++) {
        why.text[0] = '\0';
        trust = trust_of(files[i].names, &why);
        if (files[i].reason)
            tap_ok(!trust && strstr(why.text, files[i].reason)
                       && strstr(why.text, in_dir("ca.pem")) == why.text,
                   "%s: the reason is \"%s\"", files[i].sentence, why.text);
        else
            tap_ok(trust != NULL, "%s is read", files[i].sentence);
        cert_trust_free(trust);
        no_errors(files[i].sentence);
    }
}

static void
test_broken_files(void)
{
    static const char *const texts[] = {
        "rubbish\n",
        "-----BEGIN CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\nProc-Type: 4,ENCRYPTED\n"
        "DEK-Info: AES-128-CBC,00000000000000000000000000000000\n\n"
        "AAAAAAAAAAAAAAAAAAAAAA==\n-----END CERTIFICATE-----\n",
    };
    struct cert_trust *trust = NULL;
    struct errtext why;
    FILE *file;
    size_t i;

    for (i = 0; i < LEN(texts); i++) {
        file = fopen(in_dir("ca.pem"), "w");
        if (!file || fputs(texts[i], file) < 0 || fclose(file) != 0)
            abort();
        tap_is_int(-1, cert_trust_read(&trust, in_dir("ca.pem"), &why),
                   "broken file %zu: \"%s\"", i + 1, why.text);
        no_errors("broken");
    }
    unlink(in_dir("ca.pem"));
    tap_is_int(-1, cert_trust_read(&trust, in_dir("ca.pem"), &why),
               "no file: \"%s\"", why.text);
    tap_is_int(-1, cert_trust_read(&trust, dir, &why),
               "a directory: \"%s\"", why.text);
    tap_ok(!trust, "and nothing is made");
}

/* What a file adds, and that a file that is refused adds nothing. */
static void
test_add(void)
{
    struct cert_trust *trust = NULL;
    struct cert *cert = get("leaf");
    struct errtext why;
    int64_t until;

    certs_write(in_dir("ca.pem"), "foreign");
    tap_is_int(0, cert_trust_read(&trust, in_dir("ca.pem"), &why), "one file");
    certs_write(in_dir("ca.pem"), "root leaf");
    tap_is_int(-1, cert_trust_read(&trust, in_dir("ca.pem"), &why),
               "a second that is refused");
    tap_is_int(0, cert_verify(cert, trust, NOW, &until, &why),
               "has added nothing");
    certs_write(in_dir("ca.pem"), "root");
    tap_is_int(0, cert_trust_read(&trust, in_dir("ca.pem"), &why), "a third");
    tap_is_int(1, cert_verify(cert, trust, NOW, &until, &why), "has");
    unlink(in_dir("ca.pem"));
    cert_trust_free(trust);
    cert_free(cert);
}

static const struct {
    const char *sentence;
    const char *name;
    const char *trust;
    int64_t now;        /* 0: NOW */
    const char *reason; /* of a refusal; NULL: it is good */
    int64_t until;      /* 0: END */
} chains[] = {
    {"signed by the root", "leaf", "root", 0, NULL, 0},
    {"an RSA key", "rsa", "root", 0, NULL, 0},
    {"no extensions", "bare", "root", 0, NULL, 0},
    {"through an intermediate", "inter-leaf", "root inter", 0, NULL,
     END_INTER},
    {"with other authorities about", "leaf", "foreign inter root root-weak",
     0, NULL, 0},
    {"the first second", "leaf", "root", BEGINNING, NULL, 0},
    {"the last but one", "leaf", "root", END - 1, NULL, 0},
    {"the second before", "leaf", "root", BEGINNING - 1, "not yet valid", 0},
    {"the last second is out", "leaf", "root", END, "expired", 0},
    {"the intermediate has ended", "inter-leaf", "root inter", END_INTER,
     "1 up: certificate has expired", 0},
    {"an expired intermediate", "expired-leaf", "root inter-expired", 0,
     "1 up: certificate has expired", 0},
    {"the intermediate is missing", "inter-leaf", "root", 0,
     "root and intermediates", 0},
    {"the intermediate alone, no root", "inter-leaf", "inter", 0,
     "1 up: unable to get local issuer", 0},
    {"a foreign authority", "foreign-leaf", "root", 0, "", 0},
    {"a foreign authority of the same name", "leaf", "foreign", 0, "", 0},
    {"self-signed with the same name", "self", "root", 0, "self-signed", 0},
    {"self-signed by RSA", "self-rsa", "root", 0, "self-signed", 0},
    {"expired", "expired", "root", 0, "has expired", 0},
    {"not yet valid", "early", "root", 0, "not yet valid", 0},
    {"for servers alone", "server", "root", 0, "purpose", 0},
    {"an RSA key of 1024 bits", "weak", "root", 0, "too weak", 0},
    {"signed with SHA-1", "sha1", "root", 0, "", 0},
    {"an authority with 1024 bits", "weak-leaf", "root-weak", 0, "too weak",
     0},
};

static void
test_chains(void)
{
    struct cert_trust *trust;
    struct cert *cert;
    struct errtext why;
    int64_t until;
    size_t i;
    int rc;

    for (i = 0; i < LEN(chains); i++) {
        why.text[0] = '\0';
        until = 0;
        trust = trust_of(chains[i].trust, &why);
        cert = get(chains[i].name);
        rc = cert_verify(cert, trust, chains[i].now ? chains[i].now : NOW,
                         &until, &why);
        tap_is_int(!chains[i].reason, rc, "chain: %s", chains[i].sentence);
        if (chains[i].reason)
            tap_ok(why.text[0] && strstr(why.text, chains[i].reason),
                   "chain: %s: the reason is \"%s\"", chains[i].sentence,
                   why.text);
        else
            tap_is_int(chains[i].until ? chains[i].until : END, until,
                       "chain: %s: until when", chains[i].sentence);
        no_errors(chains[i].sentence);
        cert_free(cert);
        cert_trust_free(trust);
    }
}

static const struct {
    const char *sentence;
    const char *name;
    enum client_subject kind;
    const char *value;
    const char *reason; /* of a refusal; NULL: it is */
} subjects[] = {
    {"the name", "leaf", SUBJECT_DN, SUBJECT, NULL},
    {"of a printable string", "printable", SUBJECT_DN, SUBJECT, NULL},
    {"in another case", "leaf", SUBJECT_DN,
     "cn=APP.example.org,ou=dev+uid=U1,o=example\\, inc.,c=de", NULL},
    {"with an RDN in another order within", "leaf", SUBJECT_DN,
     "CN=app.example.org,UID=u1+OU=Dev,O=Example\\, Inc.,C=DE", NULL},
    {"with OIDs", "leaf", SUBJECT_DN,
     "2.5.4.3=app.example.org,2.5.4.11=Dev+0.9.2342.19200300.100.1.1=u1,"
     "2.5.4.10=Example\\, Inc.,2.5.4.6=DE", NULL},
    {"with long names", "leaf", SUBJECT_DN,
     "commonName=app.example.org,organizationalUnitName=Dev+userId=u1,"
     "organizationName=Example\\, Inc.,countryName=DE", NULL},
    {"with folded white space", "leaf", SUBJECT_DN,
     "CN=app.example.org,OU=Dev+UID=u1,O=\\ Example\\,  Inc.\\ ,C=DE", NULL},
    {"of a BMPString", "bmp", SUBJECT_DN, "CN=client \303\226ne", NULL},
    {"of UTF-8, escaped", "utf8", SUBJECT_DN, "CN=Client \\C3\\96ne", NULL},
    {"letters beyond ASCII in another case", "utf8", SUBJECT_DN,
     "CN=Client \303\266ne", "another"},
    {"without the accent", "utf8", SUBJECT_DN, "CN=Client One", "another"},
    {"one RDN more", "leaf", SUBJECT_DN, SUBJECT ",DC=org", "another"},
    {"one RDN less", "leaf", SUBJECT_DN,
     "CN=app.example.org,OU=Dev+UID=u1,O=Example\\, Inc.", "another"},
    {"the CN alone", "leaf", SUBJECT_DN, "CN=app.example.org", "another"},
    {"in the order of the certificate", "leaf", SUBJECT_DN,
     "C=DE,O=Example\\, Inc.,OU=Dev+UID=u1,CN=app.example.org", "another"},
    {"the joined RDN as two", "leaf", SUBJECT_DN,
     "CN=app.example.org,OU=Dev,UID=u1,O=Example\\, Inc.,C=DE", "another"},
    {"two RDNs joined", "leaf", SUBJECT_DN,
     "CN=app.example.org+OU=Dev+UID=u1,O=Example\\, Inc.,C=DE", "another"},
    {"another type", "leaf", SUBJECT_DN,
     "CN=app.example.org,OU=Dev+serialNumber=u1,O=Example\\, Inc.,C=DE",
     "another"},
    {"a comma within a value", "comma", SUBJECT_DN, "CN=app\\,OU\\=Dev,C=DE",
     NULL},
    {"and as another RDN", "comma", SUBJECT_DN, "CN=app,OU=Dev,C=DE",
     "another"},
    {"a name with other types", "long", SUBJECT_DN,
     "emailAddress=ops@example.org,CN=CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC"
     "CCCCCCCCCCCCCCCCCCCCCCCCCCCC,title=Dr,serialNumber=12,O=Example", NULL},
    {"the issuer's name", "leaf", SUBJECT_DN, "CN=Root,O=Example", "another"},
    {"a type that nobody knows", "leaf", SUBJECT_DN, "FOO=x", "OID"},
    {"no name", "leaf", SUBJECT_DN, "", ""},

    {"a DNS name", "dns", SUBJECT_DNS, "app.example.org", NULL},
    {"the second", "dns", SUBJECT_DNS, "second.example.org", NULL},
    {"in another case", "dns", SUBJECT_DNS, "APP.Example.ORG", NULL},
    {"among all kinds", "all", SUBJECT_DNS, "app.example.org", NULL},
    {"another host", "dns", SUBJECT_DNS, "other.example.org", "that of the"},
    {"the beginning of the name", "dns", SUBJECT_DNS, "app.example",
     "that of the"},
    {"with more before it", "dns", SUBJECT_DNS, "x.app.example.org",
     "that of the"},
    {"with a dot at its end", "dns", SUBJECT_DNS, "app.example.org.",
     "no dot at the end"},
    {"a dot in the certificate", "dns-dot", SUBJECT_DNS, "app.example.org",
     "that of the"},
    {"and in both", "dns-dot", SUBJECT_DNS, "app.example.org.", "no dot"},
    {"a wildcard in the certificate", "dns-wild", SUBJECT_DNS,
     "app.example.org", "that of the"},
    {"and in both", "dns-wild", SUBJECT_DNS, "*.example.org", "no wildcard"},
    {"a NUL in the certificate", "dns-nul", SUBJECT_DNS, "app.example.org",
     "that of the"},
    {"the CN is no DNS name", "leaf", SUBJECT_DNS, "app.example.org",
     "has no subject alternative name"},
    {"nor with others", "ip", SUBJECT_DNS, "app.example.org", "that of the"},
    {"an IPv4 address as a DNS name", "dns-ip", SUBJECT_DNS, "192.0.2.1",
     "no IP address"},

    {"a URI", "uri", SUBJECT_URI, "https://app.example.org/id", NULL},
    {"a URI in another case", "uri", SUBJECT_URI,
     "https://APP.example.org/id", "that of the"},
    {"a URI with a slash more", "uri", SUBJECT_URI,
     "https://app.example.org/id/", "that of the"},
    {"a URI cut short", "uri", SUBJECT_URI, "https://app.example.org/i",
     "that of the"},
    {"what is no URI", "uri", SUBJECT_URI, "app.example.org", "no URI"},
    {"a DNS name as a URI", "dns", SUBJECT_URI, "https://app.example.org/id",
     "that of the"},

    {"IPv4", "ip", SUBJECT_IP, "192.0.2.1", NULL},
    {"IPv6", "ip6", SUBJECT_IP, "2001:db8::1", NULL},
    {"IPv6, written out", "ip6", SUBJECT_IP, "2001:0DB8:0:0:0:0:0:0001",
     NULL},
    {"another IPv4 address", "ip", SUBJECT_IP, "192.0.2.2", "that of the"},
    {"another IPv6 address", "ip6", SUBJECT_IP, "2001:db8::2", "that of the"},
    {"IPv4 mapped", "ip", SUBJECT_IP, "::ffff:192.0.2.1", "that of the"},
    {"a DNS name that looks like it", "dns-ip", SUBJECT_IP, "192.0.2.1",
     "that of the"},
    {"a network", "ip", SUBJECT_IP, "192.0.2.0/24", "no IP address"},
    {"three numbers", "ip", SUBJECT_IP, "192.0.2", "no IP address"},
    {"an octal number", "ip", SUBJECT_IP, "192.0.02.1", "no IP address"},

    {"an address", "email", SUBJECT_EMAIL, "Ops@Example.org", NULL},
    {"its host in another case", "email", SUBJECT_EMAIL, "Ops@EXAMPLE.ORG",
     NULL},
    {"its name in another case", "email", SUBJECT_EMAIL, "ops@Example.org",
     "that of the"},
    {"another host of the same length", "email", SUBJECT_EMAIL,
     "Ops@Example.com", "that of the"},
    {"the host alone", "email", SUBJECT_EMAIL, "Example.org", "no address"},
    {"emailAddress of the subject", "long", SUBJECT_EMAIL, "Ops@Example.org",
     "has no subject alternative name"},

    {"an X.509-SVID", "svid", SUBJECT_URI, SVID, NULL},
    {"one with other kinds of names", "all", SUBJECT_URI, SVID, NULL},
    {"another workload", "svid", SUBJECT_URI, SVID "2", "that of the"},
    {"another trust domain", "svid", SUBJECT_URI, "spiffe://example.com/app",
     "that of the"},
    {"two URIs", "svid-two", SUBJECT_URI, SVID, "one URI"},
    {"of an authority", "svid-ca", SUBJECT_URI, SVID, "authority"},
    {"that may sign certificates", "svid-sign", SUBJECT_URI, SVID,
     "keyUsage"},
    {"that may sign lists", "svid-crl", SUBJECT_URI, SVID, "keyUsage"},
    {"without keyUsage", "svid-bare", SUBJECT_URI, SVID, "keyUsage"},
    {"without digitalSignature", "svid-encipher", SUBJECT_URI, SVID,
     "keyUsage"},

    {"no kind at all", "leaf", SUBJECT_NONE, "", "no subject"},
};

static void
test_subjects(void)
{
    struct errtext why;
    struct cert *cert;
    size_t i;
    int rc;

    for (i = 0; i < LEN(subjects); i++) {
        why.text[0] = '\0';
        cert = get(subjects[i].name);
        rc = cert_is_subject(cert, subjects[i].kind, subjects[i].value, &why);
        tap_is_int(!subjects[i].reason, rc, "subject: %s",
                   subjects[i].sentence);
        if (subjects[i].reason)
            tap_ok(why.text[0] && strstr(why.text, subjects[i].reason),
                   "subject: %s: the reason is \"%s\"", subjects[i].sentence,
                   why.text);
        no_errors(subjects[i].sentence);
        cert_free(cert);
    }
}

static const struct {
    enum client_subject kind;
    const char *value;
    bool good;
} values[] = {
    {SUBJECT_DN, SUBJECT, true},
    {SUBJECT_DN, "1.3.6.1.4.1.99999.1=x", true},
    {SUBJECT_DN, "1.3.6.1.4.1.99999.1", false},
    {SUBJECT_DN, "9.9.9=x", false},
    {SUBJECT_DN, "app", false},
    {SUBJECT_DNS, "localhost", true},
    {SUBJECT_DNS, "_x.xn--nxasmq6b.example", true},
    {SUBJECT_DNS, "a..b", false},
    {SUBJECT_DNS, ".a", false},
    {SUBJECT_DNS, "-a.b", false},
    {SUBJECT_DNS, "a-.b", false},
    {SUBJECT_DNS, "a.b:443", false},
    {SUBJECT_DNS, "a b", false},
    {SUBJECT_DNS, "\303\266ne.example", false},
    {SUBJECT_DNS, "", false},
    {SUBJECT_DNS, "10", false},
    {SUBJECT_DNS, "2001:db8::1", false},
    {SUBJECT_URI, "urn:uuid:6c1b", true},
    {SUBJECT_URI, "a:b", true},
    {SUBJECT_URI, "1a:b", false},
    {SUBJECT_URI, ":b", false},
    {SUBJECT_URI, "a:", false},
    {SUBJECT_URI, "a: b", false},
    {SUBJECT_URI, "", false},
    {SUBJECT_URI, SVID, true},
    {SUBJECT_URI, SVID "/b.C-d_1", true},
    {SUBJECT_URI, "spiffe://example.org", false},
    {SUBJECT_URI, "spiffe://example.org/", false},
    {SUBJECT_URI, "spiffe:///app", false},
    {SUBJECT_URI, "spiffe://Example.org/app", false},
    {SUBJECT_URI, "SPIFFE://example.org/app", false},
    {SUBJECT_URI, "spiffe://example.org:8080/app", false},
    {SUBJECT_URI, "spiffe://u@example.org/app", false},
    {SUBJECT_URI, SVID "/", false},
    {SUBJECT_URI, SVID "//b", false},
    {SUBJECT_URI, SVID "/../b", false},
    {SUBJECT_URI, SVID "/./b", false},
    {SUBJECT_URI, SVID "?q", false},
    {SUBJECT_URI, SVID "#f", false},
    {SUBJECT_URI, SVID "%20", false},
    {SUBJECT_IP, "192.0.2.1", true},
    {SUBJECT_IP, "::", true},
    {SUBJECT_IP, "fe80::1%eth0", false},
    {SUBJECT_IP, "[::1]", false},
    {SUBJECT_IP, "", false},
    {SUBJECT_IP, "256.0.0.1", false},
    {SUBJECT_EMAIL, "a@b.example", true},
    {SUBJECT_EMAIL, "\"a@b\"@c.example", true},
    {SUBJECT_EMAIL, "@b.example", false},
    {SUBJECT_EMAIL, "a@", false},
    {SUBJECT_EMAIL, "a@[192.0.2.1]", false},
    {SUBJECT_EMAIL, "a b@c.example", false},
    {SUBJECT_EMAIL, "", false},
    {SUBJECT_NONE, "x", false},
};

static void
test_values(void)
{
    char name[64 + 4 * 63 + 8];
    struct errtext why;
    size_t i;

    for (i = 0; i < LEN(values); i++) {
        why.text[0] = '\0';
        tap_is_int(values[i].good ? 0 : -1,
                   cert_check_subject(values[i].kind, values[i].value, &why),
                   "register kind %d, \"%s\"", (int)values[i].kind,
                   values[i].value);
        tap_is_int(values[i].good, why.text[0] == '\0',
                   "register kind %d, \"%s\": %s", (int)values[i].kind,
                   values[i].value, why.text);
        no_errors(values[i].value);
    }
    memset(name, 'a', sizeof(name));
    name[64] = '\0';
    tap_is_int(-1, cert_check_subject(SUBJECT_DNS, name, &why),
               "a label of 64 characters");
    tap_is_int(0, cert_check_subject(SUBJECT_DNS, name + 1, &why),
               "a label of 63");
    memset(name, 'a', sizeof(name));
    for (i = 1; i < 254; i += 2)
        name[i] = '.';
    name[253] = '\0';
    tap_is_int(0, cert_check_subject(SUBJECT_DNS, name, &why),
               "a name of 253 characters");
    memcpy(name + 253, "a", 2);
    tap_is_int(-1, cert_check_subject(SUBJECT_DNS, name, &why),
               "a name of 254");
}

static struct jwk
key_of(const char *name)
{
    char pem[CERTS_MAX];
    struct errtext why;
    struct jwk jwk;

    certs_pem(name, pem);
    if (keys_read_cert(&jwk, pem, strlen(pem), &why) != 0) {
        tap_diag("%s: %s", name, why.text);
        exit(EXIT_FAILURE);
    }
    return jwk;
}

static void
test_keys(void)
{
    static const char *const names[] = {"self", "self-rsa", "self-p384",
                                        "self-ed25519", "leaf", "rsa"};
    struct cert *cert;
    struct jwk jwk;
    size_t i, j;

    for (i = 0; i < LEN(names); i++) {
        cert = get(names[i]);
        for (j = 0; j < LEN(names); j++) {
            jwk = key_of(names[j]);
            tap_is_int(i == j, cert_has_key(cert, &jwk),
                       "the key of %s is%s that of %s", names[i],
                       i == j ? "" : " not", names[j]);
        }
        jwk = key_of(names[i]);
        if (jwk.type == JWK_RSA)
            jwk.e[jwk.e_len - 1] ^= 2;
        else if (jwk.type == JWK_ED25519)
            jwk.x[31] ^= 1;
        else
            jwk.y[0] ^= 1;
        tap_ok(!cert_has_key(cert, &jwk), "nor one that is nearly that of %s",
               names[i]);
        no_errors(names[i]);
        cert_free(cert);
    }
}

static void
test_live(void)
{
    static const struct {
        const char *name;
        int64_t now;
        const char *reason;
    } rows[] = {
        {"self", NOW, NULL},
        {"self", BEGINNING, NULL},
        {"self", BEGINNING - 1, "not yet valid"},
        {"self", END - 1, NULL},
        {"self", END, "expired"},
        {"self-expired", NOW, "expired"},
        {"self-early", NOW, "not yet valid"},
        {"self-early", END - 1, NULL},
    };
    struct errtext why;
    struct cert *cert;
    size_t i;

    for (i = 0; i < LEN(rows); i++) {
        why.text[0] = '\0';
        cert = get(rows[i].name);
        tap_is_int(!rows[i].reason, cert_is_live(cert, rows[i].now, &why),
                   "%s at %lld", rows[i].name, (long long)rows[i].now);
        tap_ok(!rows[i].reason || strstr(why.text, rows[i].reason),
               "%s at %lld: the reason is \"%s\"", rows[i].name,
               (long long)rows[i].now, why.text);
        cert_free(cert);
    }
}

int
main(void)
{
    const char *tmp = getenv("TMPDIR");
    struct errtext why;

    snprintf(dir, sizeof(dir), "%.32s/ccgrant-XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(dir) || crypto_init(&why) != 0)
        return 1;
    test_read();
    test_files();
    test_broken_files();
    test_add();
    test_chains();
    test_subjects();
    test_values();
    test_keys();
    test_live();
    rmdir(dir);
    return tap_done();
}
