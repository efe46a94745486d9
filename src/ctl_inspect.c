/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * ccgrant token inspect: what is in a token, and whether it is ours.
 */

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "active.h"
#include "core/alloc.h"
#include "core/b64.h"
#include "core/jwe.h"
#include "core/jwk.h"
#include "core/keyrec.h"
#include "core/opaque.h"
#include "core/when.h"
#include "ctl.h"
#include "ctl_args.h"
#include "ctl_out.h"
#include "ctl_record.h"
#include "ctl_tokentext.h"
#include "io/crypto.h"
#include "io/verifier.h"

enum { VERDICT_MAX = ERRTEXT_MAX };

/* A token; when it is no opaque one, in JWS compact serialization (RFC 7515,
 * 7.1) and taken apart. */
struct parts {
    char text[CTL_TOKENTEXT_MAX + 1];
    size_t len;
    bool is_opaque;
    bool is_encrypted; /* then its header is all that can be read */
    size_t signed_len; /* header, dot and payload */
    json_t *header;    /* NULL: there is none */
    json_t *claims;
    unsigned char sig[JOSE_SIG_MAX];
    size_t sig_len;
};

/* What is found of it. */
struct verdict {
    const char *status; /* valid, expired, inactive, encrypted, bad_signature,
                           foreign */
    char text[VERDICT_MAX];
};

static int read_apart(struct parts *parts, struct errtext *why);
static int take_apart(struct parts *parts, struct errtext *why);
static int judge(struct ctl *ctl, struct parts *parts,
                 struct verdict *verdict, struct errtext *why);
static int judge_jwt(struct ctl *ctl, const struct parts *parts,
                     struct verdict *verdict, struct errtext *why);
static void print(const struct ctl *ctl, const struct parts *parts,
                  const struct verdict *verdict);

int
ctl_token_inspect(struct ctl *ctl, struct errtext *why)
{
    struct parts *parts = alloc_zero(1, sizeof(*parts));
    struct verdict verdict = {"", ""};
    int rc = CTL_FAILED;

    if (ctl_tokentext_read(ctl, parts->text, &parts->len, why) == 0
        && read_apart(parts, why) == 0
        && ctl_record_open(ctl, why) == 0
        && judge(ctl, parts, &verdict, why) == 0) {
        print(ctl, parts, &verdict);
        rc = strcmp(verdict.status, "valid") == 0 ? CTL_DONE : CTL_NO;
    }
    json_decref(parts->header);
    json_decref(parts->claims);
    crypto_wipe(parts, sizeof(*parts));
    free(parts);
    return rc;
}

/* Decode a part that is a JSON object; NULL when it is none. */
static json_t *
take_object(const char *text, size_t len)
{
    unsigned char *bytes = alloc_bytes(len + 1);
    json_t *object = NULL;
    long n;

    n = b64url_decode(text, len, bytes, len + 1);
    if (n >= 0)
        object = json_loadb((const char *) bytes, (size_t) n,
                            JSON_REJECT_DUPLICATES, NULL);
    free(bytes);
    if (json_is_object(object))
        return object;
    json_decref(object);
    return NULL;
}

static int
take_header(struct parts *parts, struct errtext *why)
{
    parts->header = take_object(parts->text, strcspn(parts->text, "."));
    if (parts->header != NULL)
        return 0;
    return errtext_set(why, "that is no encrypted JWT: its header is no JSON "
                            "object in base64url");
}

static int
read_apart(struct parts *parts, struct errtext *why)
{
    parts->is_opaque = opaque_looks_like(parts->text, parts->len);
    parts->is_encrypted = jwe_looks_like(parts->text, parts->len);
    if (parts->is_opaque)
        return 0;
    return parts->is_encrypted ? take_header(parts, why)
                               : take_apart(parts, why);
}

static int
take_apart(struct parts *parts, struct errtext *why)
{
    const char *first = strchr(parts->text, '.');
    const char *second = first != NULL ? strchr(first + 1, '.') : NULL;
    long len;

    if (second == NULL)
        return errtext_set(why, "that is no JWT");
    parts->signed_len = (size_t) (second - parts->text);
    parts->header = take_object(parts->text, (size_t) (first - parts->text));
    parts->claims = take_object(first + 1, (size_t) (second - first - 1));
    if (parts->header == NULL || parts->claims == NULL)
        return errtext_set(why, "that is no JWT: its %s is no JSON object in "
                                "base64url",
                           parts->header == NULL ? "header" : "payload");
    len = b64url_decode(second + 1, strlen(second + 1), parts->sig,
                        sizeof(parts->sig));
    if (len < 0)
        return errtext_set(why, "that is no JWT: its signature is not "
                                "base64url, or too long");
    parts->sig_len = (size_t) len;
    return 0;
}

static int
find(struct verdict *verdict, const char *status, const char *text)
{
    verdict->status = status;
    snprintf(verdict->text, sizeof(verdict->text), "%s", text);
    return 0;
}

static const char *
member(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text != NULL ? text : "";
}

/*
 * The key of that kid and its alg: 1 with *verifier, which the caller frees,
 * 0 when there is none, or -1 with the reason.
 */
static int
find_key(struct ctl *ctl, const char *kid, struct verifier **verifier,
         enum jose_alg *alg, struct errtext *why)
{
    char value[STORE_VALUE_MAX + 1];
    struct keyrec rec;
    struct jwk *jwk = NULL;
    size_t len;
    int rc;

    if (*kid == '\0' || strlen(kid) >= KEYREC_KID_MAX)
        return 0;
    rc = store_get(ctl->service.store, STORE_KEYS, kid, value, sizeof(value),
                   &len, why);
    if (rc == 1
        && (keyrec_load(&rec, value, len, why) != 0
            || jwk_set_read(&jwk, rec.jwk, strlen(rec.jwk), true, why) != 1
            || verifier_load(verifier, jwk, why) != 0))
        rc = errtext_context(why, "signing key %.64s", kid);
    if (rc == 1)
        *alg = rec.alg;
    free(jwk);
    crypto_wipe(value, sizeof(value));
    return rc;
}

/* The claims of a token whose signature is ours. */
static int
judge_claims(const struct ctl *ctl, const json_t *claims,
             struct verdict *verdict)
{
    const json_t *exp = json_object_get(claims, "exp");
    char when[WHEN_TEXT_MAX];

    if (strcmp(member(claims, "iss"), ctl->policy.issuer) != 0)
        return find(verdict, "foreign", "its issuer is not this policy's");
    if (!json_is_integer(exp))
        return find(verdict, "foreign", "it has no exp");
    when_text(json_integer_value(exp), when);
    verdict->status =
        json_integer_value(exp) <= ctl->now ? "expired" : "valid";
    snprintf(verdict->text, sizeof(verdict->text), "%s %s",
             json_integer_value(exp) <= ctl->now ? "it ended" : "until",
             when);
    return 0;
}

/* What the server says of it beyond what it says itself. */
static int
judge_active(struct ctl *ctl, struct parts *parts, struct verdict *verdict,
             struct errtext *why)
{
    struct active active;
    int rc = active_find(&ctl->service, parts->text, parts->len, ctl->now,
                         &active, why);

    if (rc == 0)
        find(verdict, "inactive", why->text);
    if (rc == 1 && parts->claims == NULL) {
        parts->claims = json_loadb(active.claims, active.claims_len, 0, NULL);
        rc = judge_claims(ctl, parts->claims, verdict);
    }
    crypto_wipe(&active, sizeof(active));
    return rc < 0 ? -1 : 0;
}

static int
judge(struct ctl *ctl, struct parts *parts, struct verdict *verdict,
      struct errtext *why)
{
    if (parts->is_encrypted)
        return find(verdict, "encrypted",
                    "its resource alone can read it, with the key that the "
                    "header names");
    if (!parts->is_opaque && judge_jwt(ctl, parts, verdict, why) != 0)
        return -1;
    if (!parts->is_opaque && strcmp(verdict->status, "valid") != 0)
        return 0;
    return judge_active(ctl, parts, verdict, why);
}

static int
judge_jwt(struct ctl *ctl, const struct parts *parts, struct verdict *verdict,
          struct errtext *why)
{
    const char *kid = member(parts->header, "kid");
    struct verifier *verifier = NULL;
    enum jose_alg alg = JOSE_NONE;
    int rc = find_key(ctl, kid, &verifier, &alg, why);

    if (rc <= 0)
        return rc < 0 ? -1
                      : find(verdict, "foreign",
                             "none of the keys here has its kid");
    if (jose_alg(member(parts->header, "alg")) != alg) {
        verifier_free(verifier);
        return find(verdict, "bad_signature",
                    "its alg is not that of its key");
    }
    rc = verifier_check(verifier, alg, parts->text, parts->signed_len,
                        parts->sig, parts->sig_len, why);
    verifier_free(verifier);
    if (rc < 0)
        return -1;
    if (rc == 0)
        return find(verdict, "bad_signature",
                    "it was changed, or signed with another key");
    return judge_claims(ctl, parts->claims, verdict);
}

static void
print_object(const char *name, const json_t *object)
{
    printf("\n%s ", name);
    (void) json_dumpf(object, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII);
    printf("\n");
}

/* What it is bound to (RFC 7800, 3), if it is. */
static void
print_bound(const json_t *claims)
{
    const json_t *cnf = json_object_get(claims, "cnf");
    const struct {
        const char *member;
        const char *text;
    } kinds[] = {{"x5t#S256", "the certificate with the SHA-256"},
                 {"jkt", "the DPoP key with the thumbprint"}};
    size_t i;

    for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (*member(cnf, kinds[i].member) != '\0') {
            char *text = ctl_out_clean(member(cnf, kinds[i].member));

            printf("bound to %s %s\n", kinds[i].text, text);
            free(text);
        }
    }
}

static void
print(const struct ctl *ctl, const struct parts *parts,
      const struct verdict *verdict)
{
    bool valid = strcmp(verdict->status, "valid") == 0;

    if (ctl->json) {
        ctl_out_json(json_pack("{s:b,s:s,s:s,s:O*,s:O*}", "valid", (int) valid,
                               "status", verdict->status, "reason",
                               verdict->text, "header", parts->header,
                               "claims", parts->claims));
        return;
    }
    printf("%s%s%s: %s\n",
           !ctl->colour ? ""
           : valid      ? "\033[32m"
                        : "\033[31m",
           strcmp(verdict->status, "bad_signature") == 0 ? "bad signature"
                                                         : verdict->status,
           ctl->colour ? "\033[0m" : "", verdict->text);
    print_bound(parts->claims);
    if (parts->header != NULL)
        print_object("header", parts->header);
    if (parts->claims != NULL)
        print_object("claims", parts->claims);
}
