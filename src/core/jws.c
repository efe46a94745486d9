/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * JSON Web Signature, compact serialization.
 */

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/b64.h"
#include "core/jparse.h"
#include "core/jws.h"

/* The three parts of the text, borrowed from it. */
struct parts {
    const char *header, *payload, *sig;
    size_t header_len, payload_len, sig_len;
};

static int split(struct parts *parts, const char *text, size_t len,
                 struct errtext *why);
static int read_header(struct jws *jws, const struct parts *parts,
                       struct errtext *why);
static int read_alg(struct jws *jws, struct errtext *why);
static int read_kid(struct jws *jws, struct errtext *why);
static int check_extensions(const struct jws *jws, struct errtext *why);
static int read_sig(struct jws *jws, const struct parts *parts,
                    struct errtext *why);
static int read_payload(struct jws *jws, const struct parts *parts,
                        struct errtext *why);

int
jws_parse(struct jws *jws, const char *text, size_t len, struct errtext *why)
{
    struct parts parts = {0};

    memset(jws, 0, sizeof(*jws));
    if (split(&parts, text, len, why) == 0
        && read_header(jws, &parts, why) == 0 && read_alg(jws, why) == 0
        && read_kid(jws, why) == 0 && check_extensions(jws, why) == 0
        && read_sig(jws, &parts, why) == 0
        && read_payload(jws, &parts, why) == 0) {
        jws->input = text;
        jws->input_len = parts.header_len + 1 + parts.payload_len;
        return 0;
    }
    jws_free(jws);
    return -1;
}

static int
split(struct parts *parts, const char *text, size_t len, struct errtext *why)
{
    const char *end = text + len, *first, *second = NULL;

    if (len > JWS_TEXT_MAX)
        return errtext_set(why, "it has over %d bytes", JWS_TEXT_MAX);
    first = memchr(text, '.', len);
    if (first != NULL)
        second = memchr(first + 1, '.', (size_t)(end - first - 1));
    if (second == NULL || memchr(second + 1, '.', (size_t)(end - second - 1)))
        return errtext_set(why, "it has not three parts with dots between");
    parts->header = text;
    parts->header_len = (size_t)(first - text);
    parts->payload = first + 1;
    parts->payload_len = (size_t)(second - first - 1);
    parts->sig = second + 1;
    parts->sig_len = (size_t)(end - second - 1);
    return 0;
}

/* Decode into memory of its own, terminated.  Returns NULL on bad base64. */
static char *
decode(const char *in, size_t in_len, size_t *len)
{
    char *out = alloc_bytes(in_len / 4 * 3 + 3);
    long n;

    n = b64url_decode(in, in_len, (unsigned char *)out, in_len / 4 * 3 + 2);
    if (n < 0) {
        explicit_bzero(out, in_len / 4 * 3 + 3);
        free(out);
        return NULL;
    }
    out[n] = '\0';
    *len = (size_t)n;
    return out;
}

static int
read_header(struct jws *jws, const struct parts *parts, struct errtext *why)
{
    size_t len;
    char *text = decode(parts->header, parts->header_len, &len);

    if (text == NULL)
        return errtext_set(why, "its header is not base64url");
    jws->header = jparse_object(text, len, why);
    explicit_bzero(text, len);
    free(text);
    return jws->header != NULL ? 0 : errtext_context(why, "its header");
}

static int
read_alg(struct jws *jws, struct errtext *why)
{
    const json_t *value = json_object_get(jws->header, "alg");
    const char *name = json_string_value(value);

    if (value == NULL)
        return errtext_set(why, "its header has no alg");
    if (name == NULL)
        return errtext_set(why, "its alg is not a string");
    jws->alg = jose_alg(name);
    if (strcmp(name, "none") == 0)
        return errtext_set(why, "its alg is \"none\": it is not signed");
    if (jws->alg == JOSE_NONE)
        return errtext_set(why, "its alg is not one that is known here");
    return 0;
}

static int
read_kid(struct jws *jws, struct errtext *why)
{
    const json_t *value = json_object_get(jws->header, "kid");
    size_t len = json_string_length(value);

    if (value == NULL)
        return 0;
    if (len == 0 || len > JWS_KID_MAX)
        return errtext_set(why, "its kid is not a string of 1 to %d bytes",
                           JWS_KID_MAX);
    jws->kid = json_string_value(value);
    return 0;
}

static int
check_extensions(const struct jws *jws, struct errtext *why)
{
    const json_t *b64 = json_object_get(jws->header, "b64");

    if (json_object_get(jws->header, "crit") != NULL)
        return errtext_set(why, "its header has crit, but no extension is "
                                "understood here");
    if (b64 != NULL && !json_is_true(b64))
        return errtext_set(why, "its header has b64 other than true");
    return 0;
}

static int
read_sig(struct jws *jws, const struct parts *parts, struct errtext *why)
{
    long n;

    if (parts->sig_len == 0)
        return errtext_set(why, "it has no signature");
    if (parts->sig_len > B64URL_LEN(JOSE_SIG_MAX))
        return errtext_set(why, "its signature has over %d bytes",
                           JOSE_SIG_MAX);
    n = b64url_decode(parts->sig, parts->sig_len, jws->sig, sizeof(jws->sig));
    if (n < 0)
        return errtext_set(why, "its signature is not base64url");
    jws->sig_len = (size_t)n;
    return 0;
}

static int
read_payload(struct jws *jws, const struct parts *parts, struct errtext *why)
{
    jws->payload = decode(parts->payload, parts->payload_len,
                          &jws->payload_len);
    if (jws->payload == NULL)
        return errtext_set(why, "its payload is not base64url");
    return 0;
}

int
jws_claims(struct jws *jws, struct errtext *why)
{
    jws->claims = jparse_object(jws->payload, jws->payload_len, why);
    return jws->claims != NULL ? 0 : errtext_context(why, "its payload");
}

bool
jws_typ_is(const struct jws *jws, const char *type)
{
    static const char prefix[] = "application/";
    const char *typ = json_string_value(json_object_get(jws->header, "typ"));

    if (typ == NULL)
        return false;
    if (strncasecmp(typ, prefix, sizeof(prefix) - 1) == 0)
        typ += sizeof(prefix) - 1;
    return strcasecmp(typ, type) == 0;
}

void
jws_free(struct jws *jws)
{
    if (jws->payload != NULL)
        explicit_bzero(jws->payload, jws->payload_len);
    free(jws->payload);
    json_decref(jws->claims);
    json_decref(jws->header);
    explicit_bzero(jws, sizeof(*jws));
}
