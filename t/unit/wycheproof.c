/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Signatures, keys and texts that others made to be refused: the vectors of
 * Wycheproof, when they are in ../shared/vectors beside the tree.  What is
 * judged otherwise there than here is named with its reason, and counted.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "core/b64.h"
#include "core/jwk.h"
#include "core/jws.h"
#include "io/crypto.h"
#include "io/verifier.h"
#include "../lib/tap.h"

enum { BYTES_MAX = 1 << 16, FILE_NAME_MAX = 1024 };

static const char DIRECTORY[] = "../shared/vectors/wycheproof";

#define SALT0 "rsa_pss_2048_sha256_mgf1_0_test.json"
#define JWK "json_web_key_test.json"
#define JWS "json_web_signature_test.json"

/* Vectors that are the other way round here, by their number in a file. */
static const struct {
    const char *file;
    int id;
    const char *reason;
} exceptions[] = {
    /* Good here. */
    { SALT0, 69, "its salt has 32 bytes, as PS256 wants it" },
    { JWS, 367, "it is byte for byte the good tcId 357" },
    { JWS, 370, "it is byte for byte the good tcId 357" },
    /* Refused here. */
    { JWK, 2, "a secret is never read from a set of keys" },
    { JWS, 346, "signed with PS384, by a key that says it is for PS256" },
    { JWS, 350, "signed with PS384, by a key that says it is for PS256" },
    { JWS, 347, "a key for \"ES521\", which is no algorithm" },
    { JWS, 351, "a key for \"ES521\", which is no algorithm" },
    { JWS, 372, "a question mark in base64url (RFC 7515, 2)" },
    { JWS, 373, "a question mark in base64url (RFC 7515, 2)" },
};

enum { EXCEPTIONS_N = sizeof(exceptions) / sizeof(*exceptions) };

/* A file as it is judged. */
struct run {
    const char *file;
    enum jose_alg alg;
    int n;        /* vectors in it */
    int wrong;    /* judged neither as they are nor as excepted */
    int refused;  /* good ones, for the reason of their file or group */
    int excepted; /* the other way round, for their own reason */
};

static const char *
text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "";
}

static int
digit(char c)
{
    return c <= '9' ? c - '0' : c - 'a' + 10;
}

/* A member in hexadecimal as bytes of the caller's. */
static size_t
bytes(const json_t *object, const char *name, unsigned char *out)
{
    const char *hex = text_of(object, name);
    size_t n;

    for (n = 0; n < BYTES_MAX && hex[0] && hex[1]; hex += 2)
        out[n++] = (unsigned char)(digit(hex[0]) << 4 | digit(hex[1]));
    return n;
}

static bool
is_excepted(const struct run *run, int id)
{
    size_t i;

    for (i = 0; i < EXCEPTIONS_N; i++)
        if (exceptions[i].id == id
            && strcmp(exceptions[i].file, run->file) == 0)
            return true;
    return false;
}

/*
 * Compare what was judged of a vector with what it is; reason is that of the
 * file or group for refusing all of it, or NULL.
 */
static void
compare(struct run *run, const json_t *test, int rc, const char *reason)
{
    const char *result = text_of(test, "result");
    int id = (int)json_integer_value(json_object_get(test, "tcId"));
    bool valid = strcmp(result, "valid") == 0;
    bool excepted = is_excepted(run, id);
    bool refused = valid && reason;

    run->n++;
    run->excepted += excepted;
    run->refused += refused;
    if (strcmp(result, "acceptable") == 0
        || rc == (excepted ? !valid : valid && !refused))
        return;
    run->wrong++;
    tap_diag("%s: tcId %d is %s, not %d: %s", run->file, id, result, rc,
             text_of(test, "comment"));
}

/* The key of a group of signatures, from its bare numbers. */
static struct jwk
read_key(const json_t *group, enum jose_alg alg)
{
    static unsigned char number[BYTES_MAX];
    const json_t *key = json_object_get(group, "publicKey");
    struct jwk jwk = { .type = alg == JOSE_ES256   ? JWK_P256
                               : alg == JOSE_ES384 ? JWK_P384
                               : alg == JOSE_ES512 ? JWK_P521
                               : alg == JOSE_EDDSA ? JWK_ED25519
                                                   : JWK_RSA };
    size_t width = jwk_width(jwk.type), len;

    if (jwk.type == JWK_ED25519) {
        bytes(key, "pk", number);
        memcpy(jwk.x, number, width);
    } else if (jwk.type == JWK_RSA) {
        jwk.e_len = bytes(key, "publicExponent", number);
        memcpy(jwk.e, number, jwk.e_len);
        len = bytes(key, "modulus", number);
        jwk.n_len = len - (*number == 0);
        memcpy(jwk.n, number + (*number == 0), jwk.n_len);
    } else {
        bytes(key, "uncompressed", number);
        memcpy(jwk.x, number + 1, width);
        memcpy(jwk.y, number + 1 + width, width);
    }
    return jwk;
}

static void
run_signatures(struct run *run, const json_t *group, const char *reason,
               bool warm)
{
    static unsigned char in[BYTES_MAX], sig[BYTES_MAX];
    struct jwk jwk = read_key(group, run->alg);
    struct verifier *verifier = NULL;
    struct errtext why;
    const json_t *test;
    size_t i;

    if (verifier_load(&verifier, &jwk, &why) < 0
        || (warm && !verifier_warm(verifier, &jwk)))
        tap_diag("%s: a key is refused: %s", run->file, why.text);
    json_array_foreach(json_object_get(group, "tests"), i, test) {
        size_t len = bytes(test, "msg", in);
        size_t sig_len = bytes(test, "sig", sig);

        compare(run, test,
                verifier ? verifier_check(verifier, run->alg, in, len, sig,
                                          sig_len, &why)
                         : -1,
                reason);
    }
    verifier_free(verifier);
}

/* The key is the vector's; its length and that of the tag are the group's. */
static void
run_macs(struct run *run, const json_t *group)
{
    static unsigned char key[BYTES_MAX], in[BYTES_MAX], tag[BYTES_MAX];
    json_int_t least = run->alg == JOSE_HS256   ? 256
                       : run->alg == JOSE_HS384 ? 384
                                                : 512;
    json_int_t key_size = json_integer_value(json_object_get(group,
                                                             "keySize"));
    json_int_t tag_size = json_integer_value(json_object_get(group,
                                                             "tagSize"));
    const char *reason = tag_size < least   ? "a tag that was cut"
                         : key_size < least ? "a key shorter than the hash"
                                            : NULL;
    const json_t *test;
    size_t i;

    json_array_foreach(json_object_get(group, "tests"), i, test) {
        struct verifier *verifier = NULL;
        size_t len = bytes(test, "msg", in);
        size_t tag_len = bytes(test, "tag", tag);

        verifier_load_secret(&verifier, key, bytes(test, "key", key), NULL);
        compare(run, test,
                verifier_check(verifier, run->alg, in, len, tag, tag_len,
                               NULL),
                reason);
        verifier_free(verifier);
    }
}

/* The one key of the document, be it a set or not, when it is a secret. */
static const json_t *
lone_secret(const json_t *document)
{
    const json_t *keys = json_object_get(document, "keys");
    const json_t *key = !keys                          ? document
                        : json_array_size(keys) == 1 ? json_array_get(keys, 0)
                                                     : NULL;
    enum jose_alg alg = jose_alg(text_of(key, "alg"));

    return strcmp(text_of(key, "kty"), "oct") == 0 && jose_is_hmac(alg) ? key
                                                                      : NULL;
}

static int
check_secret(const json_t *key, const struct jws *jws)
{
    static unsigned char secret[BYTES_MAX];
    const char *k = text_of(key, "k");
    long len = b64url_decode(k, strlen(k), secret, sizeof(secret));
    struct verifier *verifier = NULL;
    int rc;

    if (len < 0 || jws->alg != jose_alg(text_of(key, "alg")))
        return 0;
    verifier_load_secret(&verifier, secret, (size_t)len, NULL);
    rc = verifier_check(verifier, jws->alg, jws->input, jws->input_len,
                        jws->sig, jws->sig_len, NULL);
    verifier_free(verifier);
    return rc;
}

/* Whether the key may be the one, and is. */
static int
check_key(const struct jwk *jwk, const struct jws *jws)
{
    struct verifier *verifier = NULL;
    int rc;

    if ((jwk->alg != JOSE_NONE && jwk->alg != jws->alg)
        || (jws->kid && *jwk->kid != '\0' && strcmp(jwk->kid, jws->kid) != 0)
        || verifier_load(&verifier, jwk, NULL) < 0)
        return 0;
    rc = verifier_check(verifier, jws->alg, jws->input, jws->input_len,
                        jws->sig, jws->sig_len, NULL);
    verifier_free(verifier);
    return rc;
}

static int
check_set(const json_t *document, const struct jws *jws)
{
    char *text = json_dumps(document, 0);
    struct jwk *keys = NULL;
    int n = jwk_set_read(&keys, text, strlen(text), true, NULL);
    int i, rc = 0;

    for (i = 0; i < n && rc == 0; i++)
        rc = check_key(&keys[i], jws);
    free(keys);
    free(text);
    return rc;
}

/* Texts of signatures with their key or set, all as strangers send them. */
static void
run_texts(struct run *run, const json_t *group)
{
    const json_t *document = json_object_get(group, "public"), *test;
    size_t i;

    if (!document)
        document = json_object_get(group, "private");
    json_array_foreach(json_object_get(group, "tests"), i, test) {
        const json_t *value = json_object_get(test, "jws");
        const json_t *secret = lone_secret(document);
        char *text = json_is_string(value) ? strdup(json_string_value(value))
                                           : json_dumps(value, 0);
        struct jws jws;
        int rc = 0;

        if (jws_parse(&jws, text, strlen(text), NULL) == 0) {
            rc = secret ? check_secret(secret, &jws)
                        : check_set(document, &jws);
            jws_free(&jws);
        }
        compare(run, test, rc, NULL);
        free(text);
    }
}

static json_t *
open_file(const char *name)
{
    const char *srcdir = getenv("SRCDIR");
    char path[FILE_NAME_MAX];

    snprintf(path, sizeof(path), "%s/%s/%s", srcdir ? srcdir : ".",
             DIRECTORY, name);
    return json_load_file(path, 0, NULL);
}

static void
check_run(const struct run *run, int vectors, int refused)
{
    int excepted = 0;
    size_t i;

    for (i = 0; i < EXCEPTIONS_N; i++)
        excepted += strcmp(exceptions[i].file, run->file) == 0;
    tap_is_int(vectors, run->n, "%s: all are there", run->file);
    tap_is_int(0, run->wrong, "%s: none is judged wrongly", run->file);
    tap_is_int(refused, run->refused,
               "%s: so many good ones are refused as a class", run->file);
    tap_is_int(excepted, run->excepted,
               "%s: so many are the other way round", run->file);
}

/* Each table of multiples takes seconds to make there: one group will do. */
static bool
is_valgrind(void)
{
    const char *preload = getenv("LD_PRELOAD");

    return preload && strstr(preload, "vgpreload");
}

static const struct {
    const char *file;
    enum jose_alg alg;
    bool warm;
    int vectors;
    int refused;
    const char *reason; /* for refusing good ones */
} signatures[] = {
    { "ecdsa_secp256r1_sha256_p1363_test.json", JOSE_ES256, false, 262, 0,
      NULL },
    { "ecdsa_secp256r1_sha256_p1363_test.json", JOSE_ES256, true, 262, 0,
      NULL },
    { "ecdsa_secp384r1_sha384_p1363_test.json", JOSE_ES384, false, 280, 0,
      NULL },
    { "ecdsa_secp521r1_sha512_p1363_test.json", JOSE_ES512, false, 318, 0,
      NULL },
    { "rsa_signature_2048_sha256_test.json", JOSE_RS256, false, 259, 0,
      NULL },
    { "rsa_pss_2048_sha256_mgf1_32_test.json", JOSE_PS256, false, 108, 0,
      NULL },
    { SALT0, JOSE_PS256, false, 103, 61,
      "a salt that is not as long as the hash" },
    { "ed25519_test.json", JOSE_EDDSA, false, 151, 0, NULL },
};

/*
 * Six groups each, with three lengths of keys and two of tags: 36 good ones
 * are in the four groups with a short key or a short tag.
 */
static const struct {
    const char *file;
    enum jose_alg alg;
} macs[] = {
    { "hmac_sha256_test.json", JOSE_HS256 },
    { "hmac_sha384_test.json", JOSE_HS384 },
    { "hmac_sha512_test.json", JOSE_HS512 },
};

static const struct {
    const char *file;
    int vectors;
} texts[] = {
    { JWK, 26 },
    { JWS, 401 },
};

int
main(void)
{
    bool one = is_valgrind();
    json_t *root, *group;
    size_t i, j;

    crypto_init(NULL);
    root = open_file(signatures[0].file);
    if (!root)
        tap_skip_all("no vectors in %s", DIRECTORY);
    json_decref(root);
    for (i = 0; i < sizeof(signatures) / sizeof(*signatures); i++) {
        struct run run = { signatures[i].file, signatures[i].alg, 0, 0, 0,
                           0 };

        root = open_file(run.file);
        json_array_foreach(json_object_get(root, "testGroups"), j, group)
            run_signatures(&run, group, signatures[i].reason,
                           signatures[i].warm && (j == 0 || !one));
        json_decref(root);
        check_run(&run, signatures[i].vectors, signatures[i].refused);
    }
    for (i = 0; i < sizeof(macs) / sizeof(*macs); i++) {
        struct run run = { macs[i].file, macs[i].alg, 0, 0, 0, 0 };

        root = open_file(run.file);
        json_array_foreach(json_object_get(root, "testGroups"), j, group)
            run_macs(&run, group);
        json_decref(root);
        check_run(&run, 174, 36);
    }
    for (i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        struct run run = { texts[i].file, JOSE_NONE, 0, 0, 0, 0 };

        root = open_file(run.file);
        json_array_foreach(json_object_get(root, "testGroups"), j, group)
            run_texts(&run, group);
        json_decref(root);
        check_run(&run, texts[i].vectors, 0);
    }
    return tap_done();
}
