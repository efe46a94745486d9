/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * A file with public keys of a client, which may hold what nobody should have
 * given.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/b64.h"
#include "core/jparse.h"
#include "ctl_keyfile.h"
#include "ctl_out.h"
#include "io/cert.h"
#include "io/crypto.h"
#include "io/keys.h"
#include "io/path.h"

struct source {
    char text[JWK_SET_TEXT_MAX + 1];
    size_t len;
};

typedef int read_fn(struct ctl_keyfile *file, const struct source *source,
                    struct errtext *why);

static int read_text(const struct ctl_keyfile *file, struct source *source,
                     bool is_cert, struct errtext *why);
static int check_binary(const struct source *source, struct errtext *why);
static int check_private(const struct source *source, struct errtext *why);
static read_fn read_jwks, read_cert;
static int check_json(const struct source *source, struct errtext *why);
static int walk(struct ctl_keyfile *file, const json_t *set,
                struct errtext *why);
static void note_unknown(const struct ctl_keyfile *file, const json_t *key,
                         size_t place, const char *reason);
static int check_chain(const json_t *key, const struct jwk *jwk,
                       struct errtext *why);
static int check_form(const struct source *source, struct errtext *why);

int
ctl_keyfile_read(struct ctl_keyfile *file, struct errtext *why)
{
    bool is_cert = strcmp(file->option, "cert") == 0;
    struct source *source = alloc_zero(1, sizeof(*source));
    int rc;

    file->keys = NULL;
    file->n = 0;
    rc = read_text(file, source, is_cert, why);
    if (rc == 0)
        rc = is_cert ? read_cert(file, source, why)
                     : read_jwks(file, source, why);
    crypto_wipe(source, sizeof(*source));
    free(source);
    return rc;
}

void
ctl_keyfile_free(struct ctl_keyfile *file)
{
    free(file->keys);
    file->keys = NULL;
    file->n = 0;
}

/* What some editors put before a text, although it means nothing there. */
static void
skip_mark(struct source *source)
{
    static const char mark[] = "\xef\xbb\xbf";
    size_t len = sizeof(mark) - 1;

    if (source->len < len || memcmp(source->text, mark, len) != 0)
        return;
    source->len -= len;
    memmove(source->text, source->text + len, source->len + 1);
}

static int
read_text(const struct ctl_keyfile *file, struct source *source, bool is_cert,
          struct errtext *why)
{
    long len = path_read(file->file, source->text, JWK_SET_TEXT_MAX, why);

    if (len < 0 && strncmp(file->file, "https://", 8) == 0)
        return errtext_set(why, "that is a URL, not a file: --jwks-uri");
    if (len < 0)
        return -1;
    source->text[len] = '\0';
    source->len = (size_t) len;
    skip_mark(source);
    if (is_cert && check_binary(source, why) != 0)
        return -1;
    if (strlen(source->text) != source->len)
        return errtext_set(why, "it is no text");
    return check_private(source, why);
}

/* A SEQUENCE in DER, by what is in it. */
static int
check_binary(const struct source *source, struct errtext *why)
{
    static const char pkcs7[] = "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02";
    static const char pkcs12[] = "\x02\x01\x03\x30";
    const unsigned char *der = (const unsigned char *) source->text;
    size_t len = source->len < 20 ? source->len : 20;
    struct cert *cert = NULL;

    if (source->len < 2 || der[0] != 0x30 || der[1] < 0x80)
        return 0;
    if (cert_read(&cert, der, source->len, NULL) == 0) {
        cert_free(cert);
        return errtext_set(why, "it is a certificate in DER, not in PEM: "
                                "openssl x509 -inform DER -in FILE -out "
                                "cert.pem");
    }
    if (memmem(der, len, pkcs7, sizeof(pkcs7) - 1) != NULL)
        return errtext_set(why, "it is PKCS #7 in DER, not a certificate in "
                                "PEM: openssl pkcs7 -inform DER -in FILE "
                                "-print_certs -out cert.pem");
    if (memmem(der, len, pkcs12, sizeof(pkcs12) - 1) != NULL)
        return errtext_set(why, "it is PKCS #12, in which the private key "
                                "lies too; take the certificate alone: "
                                "openssl pkcs12 -in FILE -clcerts -nokeys "
                                "-out cert.pem");
    return errtext_set(why, "it is no certificate, but something else in "
                            "DER");
}

static bool
holds(const struct source *source, const char *label)
{
    return strstr(source->text, label) != NULL;
}

/* The place of the first key of the set that is no public one, or 0. */
static size_t
find_private(const struct source *source, bool *is_secret)
{
    static const char *const members[] = {"d", "p", "q", "dp", "dq", "qi",
                                          "oth", "k"};
    json_t *set = jparse_object(source->text, source->len, NULL);
    const json_t *keys = json_object_get(set, "keys"), *key;
    size_t n = json_is_array(keys) ? json_array_size(keys) : 1, i, j;
    size_t place = 0;

    for (i = 0; place == 0 && set != NULL && i < n; i++) {
        key = json_is_array(keys) ? json_array_get(keys, i) : set;
        for (j = 0; j < sizeof(members) / sizeof(members[0]); j++) {
            if (json_object_get(key, members[j]) != NULL) {
                *is_secret = strcmp(members[j], "k") == 0;
                place = i + 1;
            }
        }
    }
    json_decref(set);
    return place;
}

/* Who gives a private key away has to hear of it, and of how not to. */
static int
check_private(const struct source *source, struct errtext *why)
{
    bool is_secret = false;
    size_t place;

    if (holds(source, "PRIVATE KEY-----")
        && holds(source, "-----BEGIN CERTIFICATE"))
        return errtext_set(why, "it holds a private key beside the "
                                "certificate; only the client may have that: "
                                "openssl x509 -in FILE -out cert.pem");
    if (holds(source, "PRIVATE KEY-----"))
        return errtext_set(why, "it is a private key, which only the client "
                                "may have; give a certificate of its public "
                                "part: openssl req -new -x509 -key FILE "
                                "-subj /CN=client -out cert.pem");
    place = find_private(source, &is_secret);
    if (place > 0 && is_secret)
        return errtext_set(why, "key %zu is a secret, not a public key: such "
                                "a client has --auth client_secret_jwt and "
                                "--secret-file",
                           place);
    if (place > 0)
        return errtext_set(why, "key %zu is a private key, which only the "
                                "client may have; give its public part, "
                                "without d, p, q, dp, dq, qi and oth: jose "
                                "jwk pub -i FILE",
                           place);
    return 0;
}

static int
read_jwks(struct ctl_keyfile *file, const struct source *source,
          struct errtext *why)
{
    json_t *set;
    int n, rc;

    if (holds(source, "-----BEGIN "))
        return errtext_set(why, "it is PEM, not a JWK Set: a certificate is "
                                "given with --cert");
    if (check_json(source, why) != 0)
        return -1;
    n = jwk_set_read(&file->keys, source->text, source->len, true, why);
    if (n < 0)
        return -1;
    set = jparse_object(source->text, source->len, why);
    rc = set != NULL ? walk(file, set, why) : -1;
    json_decref(set);
    return rc;
}

/* The parser says where, and its text quotes what it read. */
static int
check_json(const struct source *source, struct errtext *why)
{
    json_t *set = jparse_object(source->text, source->len, why);
    json_error_t error;

    if (set != NULL) {
        json_decref(set);
        return 0;
    }
    if (source->len == 0)
        return errtext_set(why, "it is empty, not JSON");
    set = json_loadb(source->text, source->len, JSON_REJECT_DUPLICATES,
                     &error);
    if (set != NULL) {
        json_decref(set);
        return -1;
    }
    if (json_error_code(&error) == json_error_invalid_syntax)
        return errtext_set(why, "it is not JSON: line %d, column %d",
                           error.line, error.column);
    return errtext_context(why, "line %d, column %d", error.line,
                           error.column);
}

/* The keys of the set once more, for what jwk_set_read() does not tell. */
static int
walk(struct ctl_keyfile *file, const json_t *set, struct errtext *why)
{
    const json_t *keys = json_object_get(set, "keys");
    size_t i, n = keys != NULL ? json_array_size(keys) : 1;

    for (i = 0; i < n; i++) {
        const json_t *key = keys != NULL ? json_array_get(keys, i) : set;
        struct errtext reason;
        struct jwk jwk;
        int rc = jwk_read(&jwk, key, &reason);

        if (rc == 2)
            note_unknown(file, key, i + 1, reason.text);
        if (rc != 0 || file->n == JWK_SET_MAX)
            continue;
        if (check_chain(key, &jwk, why) != 0)
            return errtext_context(why, "key %zu", i + 1);
        file->places[file->n++] = i + 1;
    }
    return 0;
}

static void
note_unknown(const struct ctl_keyfile *file, const json_t *key, size_t place,
             const char *reason)
{
    const char *kid = json_string_value(json_object_get(key, "kid"));
    char text[ERRTEXT_MAX + 600];

    snprintf(text, sizeof(text), "--%s %.200s: key %zu%s%.255s%s is left "
                                 "out: %s",
             file->option, file->file, place, kid != NULL ? " (kid " : "",
             kid != NULL ? kid : "", kid != NULL ? ")" : "", reason);
    ctl_out_note(text);
}

/* RFC 7517, 4.7: the first certificate is of this key. */
static int
check_chain(const json_t *key, const struct jwk *jwk, struct errtext *why)
{
    const json_t *chain = json_object_get(key, "x5c");
    const json_t *first = json_array_get(chain, 0);
    size_t len = json_string_length(first);
    unsigned char *der;
    struct cert *cert = NULL;
    long n;
    int rc;

    if (chain == NULL)
        return 0;
    if (!json_is_string(first))
        return errtext_set(why, "x5c is not an array of certificates");
    der = alloc_bytes(len + 1);
    n = b64_decode(json_string_value(first), len, der, len);
    if (n < 0)
        rc = errtext_set(why, "x5c is not base64 (RFC 7517, 4.7: not "
                              "base64url)");
    else if (cert_read(&cert, der, (size_t) n, why) != 0)
        rc = errtext_context(why, "x5c");
    else if (!cert_has_key(cert, jwk))
        rc = errtext_set(why, "the first certificate of its x5c is of another "
                              "key (RFC 7517, 4.7)");
    else
        rc = 0;
    cert_free(cert);
    free(der);
    return rc;
}

static int
read_cert(struct ctl_keyfile *file, const struct source *source,
          struct errtext *why)
{
    if (check_form(source, why) != 0)
        return -1;
    file->keys = alloc_zero(1, sizeof(*file->keys));
    if (keys_read_cert(file->keys, source->text, source->len, why) != 0)
        return -1;
    file->places[0] = 1;
    file->n = 1;
    return 0;
}

/* What else there is in PEM, and how it becomes a certificate. */
static int
check_form(const struct source *source, struct errtext *why)
{
    static const struct {
        const char *label;
        const char *cure;
    } forms[] = {
        {"CERTIFICATE REQUEST-----",
         "it is a request for a certificate; make that with the private key: "
         "openssl x509 -req -in FILE -signkey PRIVATE.pem -days 3650 -out "
         "cert.pem"},
        {"-----BEGIN PKCS",
         "it is PKCS #7, not a certificate: openssl pkcs7 -in FILE "
         "-print_certs -out cert.pem"},
        {"-----BEGIN TRUSTED CERTIFICATE-----",
         "it is a certificate with words on whom to trust: openssl x509 -in "
         "FILE -out cert.pem"},
        {"PUBLIC KEY-----",
         "it is a public key alone; make a certificate with its private one: "
         "openssl req -new -x509 -key PRIVATE.pem -subj /CN=client -out "
         "cert.pem"},
    };
    size_t i;

    if (source->text[strspn(source->text, " \t\r\n")] == '{')
        return errtext_set(why, "it is JSON, not a certificate: a JWK Set is "
                                "given with --jwks");
    if (holds(source, "-----BEGIN CERTIFICATE-----"))
        return 0;
    for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
        if (holds(source, forms[i].label))
            return errtext_set(why, "%s", forms[i].cure);
    return 0;
}
