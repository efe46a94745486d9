/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * JSON Web Encryption, compact serialization (RFC 7516, 7.1): the names of its
 * algorithms, and the texts that go into it.
 *
 * Nothing here encrypts; io/encrypter.h does.
 */

#ifndef CORE_JWE_H
#define CORE_JWE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/errtext.h"
#include "core/jwk.h"
#include "core/sbuf.h"

/* How the content's key reaches the recipient (RFC 7518, 4). */
enum jwe_alg {
    JWE_ALG_AUTO = 0, /* the usual one of the key */
    JWE_RSA_OAEP_256,
    JWE_ECDH_ES, /* the key is what was agreed on */
    JWE_ECDH_ES_A256KW,
    JWE_ALG__MAX
};

/* How the content is encrypted (RFC 7518, 5). */
enum jwe_enc {
    JWE_A256GCM = 0, /* the one that is not said */
    JWE_A128GCM,
    JWE_A128CBC_HS256,
    JWE_A256CBC_HS512,
    JWE_ENC__MAX
};

enum {
    JWE_CEK_MAX = 64,        /* bytes of a content encryption key */
    JWE_IV_MAX = 16,         /* bytes */
    JWE_TAG_MAX = 32,        /* bytes */
    JWE_HEADER_MAX = 2048,   /* bytes of JSON */
    JWE_INFO_MAX = 128,      /* bytes of OtherInfo */
    JWE_WRAPPED_MAX = JWK_RSA_MAX, /* bytes of an encrypted key */
};

/* The registered name; that of JWE_ALG_AUTO is "auto".  Static text. */
const char *jwe_alg_name(enum jwe_alg alg);
const char *jwe_enc_name(enum jwe_enc enc);

/* The one of that exact name, or the first. */
enum jwe_alg jwe_alg(const char *name);
enum jwe_enc jwe_enc(const char *name);

/* Bytes of its key, of its IV, and of its tag (RFC 7518, 5.2 and 5.3). */
size_t jwe_cek_len(enum jwe_enc enc);
size_t jwe_iv_len(enum jwe_enc enc);
size_t jwe_tag_len(enum jwe_enc enc);

/* The usual algorithm of a key of that type: JWE_ALG_AUTO when it has none. */
enum jwe_alg jwe_usual(enum jwk_type type);

/* Whether a key of that type is for alg. */
bool jwe_takes(enum jwk_type type, enum jwe_alg alg);

/* A key of somebody that something can be encrypted to. */
struct jwe_key {
    struct jwk jwk;   /* without its alg, which is none of signatures */
    enum jwe_alg alg; /* never JWE_ALG_AUTO */
};

/*
 * Read the public keys of a recipient from a JWK Set, or a lone JWK, that an
 * administrator gives.  Keys that are not for encryption by "use" or
 * "key_ops", of a type that is unknown here, or for another algorithm are left
 * out (RFC 7517, 5).  Refuses what jwk_read() refuses in the others, a private
 * key anywhere; no key that is left; several without a "kid" that tells them
 * apart; more than JWK_SET_MAX.  alg is the one to use; JWE_ALG_AUTO: the one
 * of the key's "alg", else its usual one.
 *
 * Returns the number of keys in the array *keys, in their order, which the
 * caller frees with free(), or -1 with the reason in *why.
 */
int jwe_keys_read(struct jwe_key **keys, const char *json, size_t len,
                  enum jwe_alg alg, struct errtext *why);

/*
 * Take a lone key that came in another form than JSON, for alg: with the
 * checks that a JWK has.
 *
 * Returns 0 with key->alg, or -1 with the reason in *why.
 */
int jwe_key_take(struct jwe_key *key, const struct jwk *jwk, enum jwe_alg alg,
                 struct errtext *why);

/*
 * Add the JOSE header of an encrypted JWT that a signed one is inside: typ,
 * cty "JWT" (RFC 7519, 5.2), alg, enc, kid unless it is "", and the public key
 * epk unless it is NULL (RFC 7518, 4.6.1.1).  typ says what the whole is, for
 * whoever looks at it before it is decrypted (RFC 9068, 4).
 */
void jwe_header(struct sbuf *sb, const char *typ, enum jwe_alg alg,
                enum jwe_enc enc, const char *kid, const struct jwk *epk);

/* What the parties say of themselves (RFC 7518, 4.6.1.2 and 4.6.1.3). */
struct jwe_party {
    const char *bytes; /* NULL: nothing */
    size_t len;
};

/*
 * Write the OtherInfo of Concat KDF (RFC 7518, 4.6.2): name is that of enc for
 * direct agreement, that of alg for a key that wraps; len is that of the key
 * that is derived, in bytes.
 *
 * Returns its length.
 */
size_t jwe_other_info(unsigned char info[JWE_INFO_MAX], const char *name,
                      struct jwe_party u, struct jwe_party v, size_t len);

/*
 * Whether text is in JWE compact serialization as far as one sees: five parts
 * (RFC 7516, 9), all of base64url.
 */
bool jwe_looks_like(const char *text, size_t len);

#endif /* CORE_JWE_H */
