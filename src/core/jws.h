/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * JSON Web Signature, compact serialization (RFC 7515, 7.1): taking one apart.
 *
 * Nothing here believes it; io/verifier.h says whether the signature is good.
 */

#ifndef CORE_JWS_H
#define CORE_JWS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/errtext.h"
#include "core/jose.h"

enum {
    JWS_TEXT_MAX = 16384, /* bytes of the whole */
    JWS_KID_MAX = 255,    /* bytes of a kid */
};

struct json_t;

struct jws {
    struct json_t *header; /* JOSE header, an object */
    enum jose_alg alg;     /* never JOSE_NONE */
    const char *kid;       /* borrowed from header, or NULL */
    const char *input;     /* signing input, borrowed from the text */
    size_t input_len;
    unsigned char sig[JOSE_SIG_MAX];
    size_t sig_len;
    char *payload; /* decoded and terminated */
    size_t payload_len;
    struct json_t *claims; /* set by jws_claims(), or NULL */
};

/*
 * Take the text apart.  Refuses: more than JWS_TEXT_MAX bytes; another number
 * of parts than three; what is not strict base64url (RFC 7515, 2); a header
 * that jparse_object() refuses; an alg that is missing, no string, "none" or
 * not in jose.h; a kid that is no string, empty or over JWS_KID_MAX; any crit
 * (RFC 7515, 4.1.11: no extension is understood here); b64 other than true
 * (RFC 7797, 7); an empty signature, or one over JOSE_SIG_MAX.  jwk, jku, x5u
 * and x5c are left to the caller.
 *
 * Returns 0 with *jws, which the caller frees with jws_free(), or -1 with the
 * reason in *why and nothing to free.
 */
int jws_parse(struct jws *jws, const char *text, size_t len,
              struct errtext *why);

/*
 * Read the payload as the claims of a JWT (RFC 7519, 7.2).
 *
 * Returns 0 with jws->claims, or -1 with the reason in *why.
 */
int jws_claims(struct jws *jws, struct errtext *why);

/*
 * Whether the header's typ is that media type without "application/", in any
 * case and with or without that prefix (RFC 7515, 4.1.9).
 */
bool jws_typ_is(const struct jws *jws, const char *type);

/* Wipes and frees what *jws holds.  All zero is allowed. */
void jws_free(struct jws *jws);

#endif /* CORE_JWS_H */
