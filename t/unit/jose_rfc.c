/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The examples that the RFCs print, in t/data, by section: verified, refused
 * where they are not for this server, and made again where that is possible.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "core/b64.h"
#include "core/jwk.h"
#include "core/jws.h"
#include "io/crypto.h"
#include "io/keys.h"
#include "io/verifier.h"
#include "../lib/tap.h"

enum { FILE_NAME_MAX = 1024 };

static const char *const files[] = {
    "rfc7515-a1",  "rfc7515-a2",  "rfc7515-a3",  "rfc7515-a4",  "rfc7515-a5",
    "rfc7520-4.1", "rfc7520-4.2", "rfc7520-4.3", "rfc7520-4.4",
    "rfc7520-4.5", "rfc8037-a4",
};

static const char *const thumbprints[] = { "rfc7638-3.1", "rfc8037-a3" };

static struct errtext why;

static json_t *
open_file(const char *name)
{
    const char *srcdir = getenv("SRCDIR");
    char path[FILE_NAME_MAX];
    json_t *root;

    snprintf(path, sizeof(path), "%s/t/data/%s.json", srcdir ? srcdir : ".",
             name);
    root = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
    tap_ok(root != NULL, "%s is there", name);
    return root;
}

static const char *
text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "";
}

/* A member in base64url as bytes; returns their number. */
static size_t
bytes_of(const json_t *object, const char *name, unsigned char *out,
         size_t cap)
{
    const char *text = text_of(object, name);
    long n = b64url_decode(text, strlen(text), out, cap);

    return n > 0 ? (size_t)n : 0;
}

/* A verifier of the example's key, be it a secret or a public one. */
static struct verifier *
open_verifier(const json_t *jwk)
{
    unsigned char secret[128];
    struct verifier *verifier = NULL;
    struct jwk key;

    if (strcmp(text_of(jwk, "kty"), "oct") == 0)
        verifier_load_secret(&verifier, secret,
                             bytes_of(jwk, "k", secret, sizeof(secret)),
                             &why);
    else if (jwk_read(&key, jwk, &why) < 0
             || verifier_load(&verifier, &key, &why) < 0)
        tap_diag("%s", why.text);
    return verifier;
}

static int
check(struct verifier *verifier, const struct jws *jws)
{
    return verifier_check(verifier, jws->alg, jws->input, jws->input_len,
                          jws->sig, jws->sig_len, &why);
}

/* A signer of the example's key, when the file has what it takes. */
static struct signer *
open_signer(const json_t *root, enum jose_alg alg)
{
    /* RFC 8410, 7: a PKCS#8 key of Ed25519 without the 32 bytes at its end. */
    unsigned char pkcs8[48] = { 0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06,
                                0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04,
                                0x20 };
    unsigned char secret[128];
    const json_t *jwk = json_object_get(root, "jwk");
    struct signer *signer = NULL;

    if (jose_is_hmac(alg))
        signer_load_secret(&signer, alg, secret,
                           bytes_of(jwk, "k", secret, sizeof(secret)), &why);
    else if (bytes_of(root, "d", pkcs8 + 16, 32) == 32)
        signer_load(&signer, alg, pkcs8, sizeof(pkcs8), &why);
    return signer;
}

/* The signature that is printed is the one that is made. */
static void
check_again(const json_t *root, const struct jws *jws, const char *source)
{
    struct signer *signer = open_signer(root, jws->alg);
    unsigned char sig[JOSE_SIG_MAX];
    size_t len = 0;

    if (!signer)
        return;
    tap_is_int(0, signer_sign(signer, jws->input, jws->input_len, sig, &len,
                              &why), "%s: it is signed again", source);
    tap_is_mem(jws->sig, jws->sig_len, sig, len,
               "%s: with the same signature", source);
    signer_free(signer);
}

/* Anything else in its place is bad: a bit of it, another algorithm. */
static void
check_altered(struct verifier *verifier, struct jws *jws, const char *source)
{
    enum jose_alg own = jws->alg;
    int taken = 0, alg;

    jws->sig[0] ^= 1;
    taken += check(verifier, jws) != 0;
    jws->sig[0] ^= 1;
    jws->sig[jws->sig_len - 1] ^= 1;
    taken += check(verifier, jws) != 0;
    jws->sig[jws->sig_len - 1] ^= 1;
    jws->input_len--;
    taken += check(verifier, jws) != 0;
    jws->input_len++;
    for (alg = JOSE_NONE; alg < JOSE__MAX; alg++) {
        jws->alg = (enum jose_alg)alg;
        taken += jws->alg != own && check(verifier, jws) != 0;
    }
    jws->alg = own;
    tap_is_int(0, taken, "%s: altered it is bad", source);
}

static void
check_example(const json_t *root)
{
    const char *source = text_of(root, "source");
    const char *text = text_of(root, "jws"), *result = text_of(root, "result");
    struct verifier *verifier = NULL;
    struct jws jws;
    int rc = jws_parse(&jws, text, strlen(text), &why);

    if (strcmp(result, "refused") == 0) {
        tap_is_int(-1, rc, "%s is refused: %s", source,
                   text_of(root, "reason"));
        return;
    }
    tap_is_int(0, rc, "%s is taken apart", source);
    if (rc == 0)
        verifier = open_verifier(json_object_get(root, "jwk"));
    tap_ok(verifier != NULL, "%s: its key is readied", source);
    if (verifier) {
        tap_is_str(text_of(root, "alg"), jose_name(jws.alg), "%s: its alg",
                   source);
        if (strcmp(result, "good") == 0) {
            tap_is_int(1, check(verifier, &jws), "%s: good", source);
            check_altered(verifier, &jws, source);
            check_again(root, &jws, source);
        } else
            tap_is_int(0, check(verifier, &jws), "%s: bad: %s", source,
                       text_of(root, "reason"));
    }
    verifier_free(verifier);
    if (rc == 0)
        jws_free(&jws);
}

static void
check_thumbprint(const json_t *root)
{
    const char *source = text_of(root, "source");
    char kid[KEYREC_KID_MAX] = "";
    struct jwk key;

    if (jwk_read(&key, json_object_get(root, "jwk"), &why) == 0)
        keys_thumbprint(&key, kid);
    tap_is_str(text_of(root, "thumbprint"), kid, "%s: the thumbprint",
               source);
}

int
main(void)
{
    json_t *root;
    size_t i;

    crypto_init(&why);
    for (i = 0; i < sizeof(files) / sizeof(*files); i++) {
        root = open_file(files[i]);
        if (root)
            check_example(root);
        json_decref(root);
    }
    for (i = 0; i < sizeof(thumbprints) / sizeof(*thumbprints); i++) {
        root = open_file(thumbprints[i]);
        if (root)
            check_thumbprint(root);
        json_decref(root);
    }
    return tap_done();
}
