/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Private keys as other programs write them: PEM (RFC 7468).
 */

#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "io/crypto.h"
#include "io/keys.h"
#include "io/keys_alg.h"
#include "io/signer_priv.h"

/* One block of the file; its three parts are OpenSSL's. */
struct block {
    char *label;
    char *header; /* of the older forms, which are encrypted so */
    unsigned char *der;
    long len;
};

static int find_key(struct block *block, const char *pem, size_t len,
                    struct errtext *why);
static int refuse(const struct block *block, struct errtext *why);
static EVP_PKEY *decode(const struct block *block);

static void
block_free(struct block *block)
{
    OPENSSL_free(block->label);
    OPENSSL_free(block->header);
    OPENSSL_clear_free(block->der, (size_t)block->len);
    memset(block, 0, sizeof(*block));
}

static bool
is_label(const struct block *block, const char *label)
{
    return strcmp(block->label, label) == 0;
}

int
signer_read(struct signer **signer, enum jose_alg *alg, const char *pem,
            size_t len, struct errtext *why)
{
    struct block block = { NULL, NULL, NULL, 0 };
    enum jose_alg wanted = *alg;
    EVP_PKEY *pkey;

    if (find_key(&block, pem, len, why) < 0)
        return -1;
    pkey = decode(&block);
    block_free(&block);
    if (!pkey)
        return crypto_fail(why, "the private key cannot be read");
    if (wanted == JOSE_NONE)
        wanted = keys_alg_usual(keys_alg_type(pkey));
    if (!keys_alg(wanted) || jose_is_hmac(wanted)) {
        EVP_PKEY_free(pkey);
        return errtext_set(why, "a private key of that kind cannot sign "
                                "here: P-256, P-384, P-521, Ed25519 and RSA "
                                "can, with their own algorithms");
    }
    if (signer_new(signer, wanted, pkey, why) < 0)
        return errtext_context(why, "%s", jose_name(wanted));
    *alg = wanted;
    return 0;
}

/*
 * The first private key.  What may stand before it, as the parameters that
 * "openssl ecparam -genkey" writes, is passed over.
 */
static int
find_key(struct block *block, const char *pem, size_t len,
         struct errtext *why)
{
    static const char *const labels[] = {
        PEM_STRING_PKCS8INF, PEM_STRING_ECPRIVATEKEY, PEM_STRING_RSA,
    };
    BIO *bio = len <= INT_MAX ? BIO_new_mem_buf(pem, (int)len) : NULL;
    int rc = errtext_set(why, "there is no private key in PEM in it");
    size_t i;

    while (rc < 0 && bio
           && PEM_read_bio(bio, &block->label, &block->header, &block->der,
                           &block->len) == 1) {
        for (i = 0; i < sizeof(labels) / sizeof(*labels); i++)
            if (is_label(block, labels[i]) && *block->header == '\0')
                rc = 0;
        if (rc < 0) {
            refuse(block, why);
            block_free(block);
        }
    }
    ERR_clear_error();
    BIO_free(bio);
    return rc;
}

/* Say what it is instead. */
static int
refuse(const struct block *block, struct errtext *why)
{
    if (is_label(block, PEM_STRING_PKCS8) || *block->header != '\0')
        return errtext_set(why, "the private key is encrypted: decrypt it "
                                "with \"openssl pkey -in FILE -out NEW\", and "
                                "keep NEW from others");
    if (is_label(block, "OPENSSH PRIVATE KEY"))
        return errtext_set(why, "the private key is in the form of OpenSSH: "
                                "convert a copy with \"ssh-keygen -p -m PKCS8 "
                                "-f COPY\"");
    if (strstr(block->label, "PUBLIC KEY"))
        return errtext_set(why, "that is the public key: the private one is "
                                "wanted");
    if (strstr(block->label, "CERTIFICATE"))
        return errtext_set(why, "that is a certificate: its private key is "
                                "wanted");
    return errtext_set(why, "there is no private key in it that can sign "
                            "here");
}

static EVP_PKEY *
decode(const struct block *block)
{
    const unsigned char *at = block->der;
    EVP_PKEY *pkey = d2i_AutoPrivateKey(NULL, &at, block->len);

    if (pkey && at != block->der + block->len) {
        EVP_PKEY_free(pkey);
        pkey = NULL;
    }
    return pkey;
}
