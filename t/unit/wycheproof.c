/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Signatures that others made to be refused: the vectors of Wycheproof, when
 * they are in ../shared/vectors beside the tree.
 */

#include <stdio.h>

#include <jansson.h>
#include <openssl/x509.h>

#include "io/signer.c" /* for a signer of a public key alone */
#include "../lib/tap.h"

enum { BYTES_MAX = 1 << 16, FILE_NAME_MAX = 1024 };

static const struct {
    const char *file;
    enum jose_alg alg;
    int least; /* vectors in it */
} files[] = {
    { "ecdsa_secp256r1_sha256_p1363_test.json", JOSE_ES256, 200 },
    { "ecdsa_secp384r1_sha384_p1363_test.json", JOSE_ES384, 200 },
    { "rsa_signature_2048_sha256_test.json", JOSE_RS256, 200 },
    { "rsa_pss_2048_sha256_mgf1_32_test.json", JOSE_PS256, 50 },
    { "ed25519_test.json", JOSE_EDDSA, 100 },
};

/* A member in hexadecimal as bytes of the caller's. */
static size_t
bytes(const json_t *object, const char *name, unsigned char *out)
{
    const char *hex = json_string_value(json_object_get(object, name));
    unsigned byte;
    size_t n;

    for (n = 0; hex && n < BYTES_MAX && sscanf(hex, "%2x", &byte) == 1;
         hex += 2)
        out[n++] = (unsigned char)byte;
    return n;
}

static bool
open_public(struct signer *signer, enum jose_alg alg, const json_t *group)
{
    static unsigned char der[BYTES_MAX];
    const unsigned char *at = der;
    size_t len = bytes(group, "publicKeyDer", der);

    signer->kind = &kinds[alg];
    signer->pkey = d2i_PUBKEY(NULL, &at, (long)len);
    signer->hash = EVP_MD_CTX_new();
    if (signer->kind->md)
        signer->md = EVP_MD_fetch(NULL, signer->kind->md, NULL);
    return signer->pkey != NULL;
}

/* Adds to *n the number of vectors; returns how many were judged wrongly. */
static int
run_group(enum jose_alg alg, const json_t *group, int *n)
{
    static unsigned char in[BYTES_MAX], sig[BYTES_MAX];
    struct signer *signer = calloc(1, sizeof(*signer));
    const json_t *test;
    size_t i;
    int wrong = 0;

    if (!signer || !open_public(signer, alg, group)) {
        signer_free(signer);
        return 1;
    }
    json_array_foreach(json_object_get(group, "tests"), i, test) {
        size_t len = bytes(test, "msg", in);
        size_t sig_len = bytes(test, "sig", sig);
        const char *result =
            json_string_value(json_object_get(test, "result"));
        int rc = signer_verify(signer, in, len, sig, sig_len, NULL);

        ++*n;
        if (strcmp(result, "acceptable") == 0
            || rc == (strcmp(result, "valid") == 0))
            continue;
        wrong++;
        tap_diag("tcId %d is %s, not %d: %s", (int)json_integer_value(
                 json_object_get(test, "tcId")), result, rc,
                 json_string_value(json_object_get(test, "comment")));
    }
    signer_free(signer);
    return wrong;
}

int
main(void)
{
    const char *srcdir = getenv("SRCDIR");
    char path[FILE_NAME_MAX];
    size_t i, j;

    crypto_init(NULL);
    for (i = 0; i < sizeof(files) / sizeof(*files); i++) {
        json_t *root, *group;
        int n = 0, wrong = 0;

        snprintf(path, sizeof(path), "%s/../shared/vectors/wycheproof/%s",
                 srcdir ? srcdir : ".", files[i].file);
        root = json_load_file(path, 0, NULL);
        if (!root && i == 0)
            tap_skip_all("no vectors: %s", path);
        json_array_foreach(json_object_get(root, "testGroups"), j, group)
            wrong += run_group(files[i].alg, group, &n);
        json_decref(root);
        tap_ok(n >= files[i].least, "%s: %d vectors",
               jose_name(files[i].alg), n);
        tap_is_int(0, wrong, "%s: none is judged wrongly",
                   jose_name(files[i].alg));
    }
    return tap_done();
}
