/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The stored record of a signing key, as JSON text.
 */

#ifndef CORE_KEYREC_H
#define CORE_KEYREC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/errtext.h"
#include "core/jose.h"

enum {
    KEYREC_KID_MAX = 64,
    KEYREC_JWK_MAX = 2048,    /* a public RSA key of 4096 bits and its names */
    KEYREC_SEALED_MAX = 4096, /* a private RSA key of 4096 bits, sealed */
};

struct keyrec {
    char kid[KEYREC_KID_MAX]; /* RFC 7638 thumbprint */
    enum jose_alg alg;
    int64_t created;       /* this and all times: seconds since the epoch */
    int64_t signs_from;    /* published before, signing from then on */
    int64_t signs_until;   /* or 0: until another takes over */
    int64_t publish_until; /* or 0 */
    char jwk[KEYREC_JWK_MAX];                /* public JWK, JSON text */
    unsigned char sealed[KEYREC_SEALED_MAX]; /* PKCS#8, sealed */
    size_t sealed_len;
};

/* Returns 0, or -1 with the reason in *why. */
int keyrec_load(struct keyrec *key, const char *json, size_t len,
                struct errtext *why);

/* The caller frees with free(); never NULL. */
char *keyrec_dump(const struct keyrec *key);

/* Whether the key may sign, or is published, at that time. */
bool keyrec_signs(const struct keyrec *key, int64_t now);
bool keyrec_is_public(const struct keyrec *key, int64_t now);

/*
 * The JWK Set of the keys that are published now (RFC 7517, 5).
 *
 * Returns its length, or -1 when it does not fit in buf or a jwk is broken.
 */
int keyrec_jwks(const struct keyrec *keys, size_t n, int64_t now, char *buf,
                size_t cap);

#endif /* CORE_KEYREC_H */
