/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Public keys and signed texts for tests, whose JSON is written with ' for
 * quotation marks.
 */

#ifndef T_LIB_JOSE_TEXT_H
#define T_LIB_JOSE_TEXT_H

#include <stdlib.h>
#include <string.h>

#include "core/b64.h"

/* The members of keys, without their braces. */

/* RFC 7515, A.3. */
#define P256_X "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
#define P256_Y "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
#define P256 "'kty':'EC','crv':'P-256','x':'" P256_X "','y':'" P256_Y "'"

#define P384_X                                                               \
    "PRdlRB0VLwLerNp1CWG06YZS9UEzOIIAcKQe0P7xPf-zbt4ThdXAIQXlDZjM45sK"
#define P384_Y                                                               \
    "7AfSd_vT9q5GMwWnFaZ9d2ydSR3opDjHqnAODfILImx1LUyk0vCGM7AcjkMppx-7"
#define P384 "'kty':'EC','crv':'P-384','x':'" P384_X "','y':'" P384_Y "'"

/* RFC 7515, A.4. */
#define P521_X                                                               \
    "AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1j"   \
    "SfS9tsz4qUxcWceqwQGk"
#define P521_Y                                                               \
    "ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0A"   \
    "ZMaZmh9ubmf63e3kyMj2"
#define P521 "'kty':'EC','crv':'P-521','x':'" P521_X "','y':'" P521_Y "'"

/* RFC 8037, A.2. */
#define ED_X "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
#define ED "'kty':'OKP','crv':'Ed25519','x':'" ED_X "'"

/* RFC 7638, 3.1. */
#define N                                                                    \
    "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT8"         \
    "6zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W"         \
    "-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY36"         \
    "8QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08q"         \
    "NLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0L"         \
    "s1jF44-csFCur-kEgU8awapJzKnqDKgw"
#define RSA "'kty':'RSA','n':'" N "','e':'AQAB'"

/* A copy with quotation marks.  The caller frees. */
static inline char *
jose_text(const char *json)
{
    char *text = strdup(json), *p;

    if (text == NULL)
        abort();
    for (p = text; *p != '\0'; p++)
        if (*p == '\'')
            *p = '"';
    return text;
}

/* A JWS of header and payload, with a signature of some bytes.  The caller
 * frees. */
static inline char *
jose_text_sign(const char *header, const char *payload)
{
    char *head = jose_text(header), *body = jose_text(payload), *p;
    char *text = malloc(B64URL_LEN(strlen(head)) + B64URL_LEN(strlen(body))
                        + 16);

    if (text == NULL)
        abort();
    p = text + b64url_encode(head, strlen(head), text);
    *p++ = '.';
    p += b64url_encode(body, strlen(body), p);
    memcpy(p, ".c2ln", 6);
    free(head);
    free(body);
    return text;
}

#endif /* T_LIB_JOSE_TEXT_H */
