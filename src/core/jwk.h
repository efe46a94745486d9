/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Public keys as JSON (RFC 7517; RFC 7518, 6; RFC 8037, 2).
 *
 * What is checked here is the form; io/verifier.h checks that the numbers are
 * a key.
 */

#ifndef CORE_JWK_H
#define CORE_JWK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/errtext.h"
#include "core/jose.h"
#include "core/jws.h"
#include "core/sbuf.h"

enum {
    JWK_SET_MAX = 32,          /* keys of one set that are used */
    JWK_SET_TEXT_MAX = 49152,  /* bytes of one set */
    JWK_TEXT_MAX = 2560,       /* bytes of jwk_write() */
    JWK_COORD_MAX = 66,        /* bytes: a coordinate on P-521 */
    JWK_RSA_MAX = 512,         /* bytes: a modulus of 4096 bits */
    JWK_RSA_LEAST = 256,       /* bytes: 2048 bits (RFC 7518, 3.3) */
    JWK_EXPONENT_MAX = 8,      /* bytes */
    JWK_OPS_MAX = 16,          /* entries of key_ops; 8 are registered */
};

enum jwk_type {
    JWK_P256 = 1,
    JWK_P384,
    JWK_P521,
    JWK_ED25519,
    JWK_RSA,
    JWK_X25519, /* to agree on a key: never one of signatures */
};

struct jwk {
    enum jwk_type type;
    unsigned char x[JWK_COORD_MAX]; /* of a curve: jwk_width() bytes */
    unsigned char y[JWK_COORD_MAX]; /* not with the OKP ones */
    unsigned char n[JWK_RSA_MAX];   /* of RSA, without leading zero bytes */
    size_t n_len;
    unsigned char e[JWK_EXPONENT_MAX];
    size_t e_len;
    char kid[JWS_KID_MAX + 1]; /* or "" */
    enum jose_alg alg;         /* the only one it is for, or JOSE_NONE */
    int64_t not_before;        /* seconds since the epoch, or 0 */
    int64_t not_after;         /* the first second it is refused, or 0 */
};

/* Bytes of a coordinate of that type; 0 for JWK_RSA. */
size_t jwk_width(enum jwk_type type);

struct json_t;

/*
 * Read one JWK that is to verify signatures.  Refuses: another kty, or crv,
 * than those of signatures in enum jwk_type; a member of a private key ("d",
 * "p", "k" and so on), which nobody should have sent; a coordinate that is not
 * of exactly the curve's width; a modulus under 2048 or over 4096 bits, even,
 * or of a ROCA generator (CVE-2017-15361); an exponent that is even, under 3
 * or over 64 bits; leading zero bytes in either (RFC 7518, 2); "use" other
 * than "sig"; "key_ops" without "verify", with one twice, over JWK_OPS_MAX, or
 * beside a "use" that contradicts them; "alg" that is not for a key of the
 * type; a wrong type of any member that is read; a "kid" that jws.h refuses;
 * "exp" and "nbf" that are no times; "revoked".  Other members are ignored
 * (RFC 7517, 4).
 *
 * Returns 0 with *jwk; 1 when "use" or "key_ops" say that it is not for
 * signatures, whatever its type is; 2 when its kty or crv is another; or -1.
 * All but 0 come with the reason in *why.
 */
int jwk_read(struct jwk *jwk, const struct json_t *object,
             struct errtext *why);

/*
 * Read a JWK Set, or a lone JWK.  Keys that are not for signatures, and those
 * of a type that is unknown here, are left out (RFC 7517, 5).  When strict, as
 * for a file that an administrator gives, every other fault of any key is
 * refused, and so is a key that comes twice, or a kid that two keys of one
 * type have; the reason names the key by its number.  When not strict, as for
 * a set that was fetched, such keys are left out, too, the later one of two.
 * No usable key at all and more than JWK_SET_MAX are refused either way.
 *
 * Returns the number of keys in the array *keys, which the caller frees with
 * free(), or -1 with the reason in *why.
 */
int jwk_set_read(struct jwk **keys, const char *json, size_t len, bool strict,
                 struct errtext *why);

/* Whether alg can be verified with a key of that type. */
bool jwk_takes(const struct jwk *jwk, enum jose_alg alg);

/* Whether the key's own times allow it now. */
bool jwk_is_live(const struct jwk *jwk, int64_t now);

/*
 * Add the JWK as JSON, with only the members that jwk_read() reads; at most
 * JWK_TEXT_MAX bytes.
 */
void jwk_write(struct sbuf *sb, const struct jwk *jwk);

/*
 * Add the text whose SHA-256 is the thumbprint (RFC 7638, 3): the required
 * members alone, in their order.
 */
void jwk_write_canonical(struct sbuf *sb, const struct jwk *jwk);

#endif /* CORE_JWK_H */
