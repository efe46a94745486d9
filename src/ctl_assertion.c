/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * ccgrant assertion make: what a client signs to authenticate (RFC 7523), made
 * on the client's side.  Reads the policy for its issuer, and never the state.
 */

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/assertion.h"
#include "core/b64.h"
#include "core/sbuf.h"
#include "core/utf8.h"
#include "core/when.h"
#include "ctl.h"
#include "ctl_args.h"
#include "ctl_credential.h"
#include "ctl_names.h"
#include "ctl_out.h"
#include "ctl_record.h"
#include "io/crypto.h"
#include "io/keys.h"
#include "io/path.h"

/* ASSERTION_TYPE in a form. */
#define TYPE_IN_FORM \
    "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"

enum {
    PEM_MAX = 16384,
    PART_MAX = 5120, /* of JSON: header or claims */
    JTI_LEN = 16,    /* random bytes */
};

static const int64_t lifetime_default = 60, lifetime_max = 3650 * 86400;

/* What is at hand while one is made. */
struct make {
    const char *id;
    const char *aud;
    const char *kid; /* or NULL */
    const char *typ;
    int64_t expires;
    enum jose_alg alg;
    struct signer *signer;
    char text[JWS_TEXT_MAX + 1];
};

static int read_rules(struct ctl *ctl, struct make *make, struct errtext *why);
static int choose_audience(struct ctl *ctl, struct make *make,
                           struct errtext *why);
static int choose_end(const struct ctl *ctl, struct make *make,
                      struct errtext *why);
static int read_signer(const struct ctl *ctl, struct make *make,
                       struct errtext *why);
static int read_key(const struct ctl *ctl, struct make *make,
                    struct errtext *why);
static int read_secret(const struct ctl *ctl, struct make *make,
                       struct errtext *why);
static int sign(const struct ctl *ctl, struct make *make, struct errtext *why);
static void print(const struct ctl *ctl, const struct make *make);

int
ctl_assertion_make(struct ctl *ctl, struct errtext *why)
{
    struct make make;
    int rc = CTL_FAILED;

    if (ctl->json && ctl_args_has(ctl, "form")) {
        errtext_set(why, "give either --form or --json");
        return CTL_USAGE;
    }
    memset(&make, 0, sizeof(make));
    if (read_rules(ctl, &make, why) == 0 && read_signer(ctl, &make, why) == 0
        && sign(ctl, &make, why) == 0) {
        print(ctl, &make);
        rc = CTL_DONE;
    }
    signer_free(make.signer);
    crypto_wipe(&make, sizeof(make));
    return rc;
}

static int
read_rules(struct ctl *ctl, struct make *make, struct errtext *why)
{
    make->id = ctl->args[0];
    make->kid = ctl_args_value(ctl, "kid");
    if (client_check_id(make->id, why) != 0
        || choose_audience(ctl, make, why) != 0)
        return -1;
    if (make->kid != NULL && *make->kid == '\0')
        return errtext_set(why, "--kid is empty");
    if (make->kid != NULL && client_check_text("kid", make->kid, why) != 0)
        return errtext_context(why, "--kid");
    return choose_end(ctl, make, why);
}

/*
 * With the typ of its own an assertion is for the issuer alone
 * (draft-ietf-oauth-rfc7523bis).  Where the client runs there may be no policy
 * to compare with: the general typ is right for every audience.
 */
static int
choose_audience(struct ctl *ctl, struct make *make, struct errtext *why)
{
    bool has_policy = ctl_record_policy(ctl, why) == 0;

    make->aud = ctl_args_value(ctl, "aud");
    if (make->aud == NULL && !has_policy)
        return errtext_context(why, "--aud is not given, and the policy "
                                    "would say it");
    if (make->aud == NULL)
        make->aud = ctl->policy.issuer;
    if (*make->aud == '\0' || strlen(make->aud) > CLIENT_URL_MAX
        || !utf8_is_valid(make->aud, strlen(make->aud)))
        return errtext_set(why, "--aud: give a URL of at most %d bytes",
                           CLIENT_URL_MAX);
    make->typ = has_policy && strcmp(make->aud, ctl->policy.issuer) == 0
                    ? "client-authentication+jwt"
                    : "JWT";
    return 0;
}

static int
choose_end(const struct ctl *ctl, struct make *make, struct errtext *why)
{
    const char *text = ctl_args_value(ctl, "lifetime");
    int64_t lifetime = lifetime_default, limit;

    if (text != NULL && when_duration(&lifetime, text, why) != 0)
        return errtext_context(why, "--lifetime");
    if (lifetime < 1 || lifetime > lifetime_max)
        return errtext_set(why, "--lifetime: from 1 second to ten years");
    limit = ctl->policy.assertions.max_lifetime;
    if (limit > 0 && lifetime > limit)
        ctl_out_note("the server refuses what is to live longer than "
                     "assertions.max_lifetime of the policy");
    make->expires = ctl->now + lifetime;
    return 0;
}

static int
read_signer(const struct ctl *ctl, struct make *make, struct errtext *why)
{
    const char *alg = ctl_args_value(ctl, "alg");
    bool has_key = ctl_args_has(ctl, "key");

    if (has_key == ctl_args_has(ctl, "secret-file"))
        return errtext_set(why, "give either --key, for private_key_jwt, or "
                                "--secret-file, for client_secret_jwt");
    if (alg != NULL && ctl_names_alg(&make->alg, alg, false, why) != 0)
        return errtext_context(why, "--alg");
    if (alg != NULL && jose_is_hmac(make->alg) == has_key)
        return errtext_set(why, "--alg: %s is for %s", jose_name(make->alg),
                           has_key ? "--secret-file" : "--key");
    return has_key ? read_key(ctl, make, why) : read_secret(ctl, make, why);
}

static int
read_key(const struct ctl *ctl, struct make *make, struct errtext *why)
{
    const char *file = ctl_args_value(ctl, "key");
    char pem[PEM_MAX];
    long len = path_read(file, pem, sizeof(pem), why);
    int rc = -1;

    if (len >= 0)
        rc = signer_read(&make->signer, &make->alg, pem, (size_t) len, why);
    crypto_wipe(pem, sizeof(pem));
    return rc == 0 ? 0 : errtext_context(why, "--key %.200s", file);
}

static int
read_secret(const struct ctl *ctl, struct make *make, struct errtext *why)
{
    struct ctl_credential secret;
    int rc = ctl_credential_read(ctl, &secret, why);

    if (make->alg == JOSE_NONE)
        make->alg = JOSE_HS256;
    if (rc == 0) {
        rc = signer_load_secret(&make->signer, make->alg, secret.text,
                                secret.len, why);
        if (rc != 0)
            errtext_context(why, "--secret-file");
    }
    ctl_credential_wipe(&secret);
    return rc;
}

/* Add `"name":"text"` and what stands before it. */
static void
add_member(struct sbuf *sb, const char *name, const char *text)
{
    sbuf_add(sb, sb->len == 0 ? "{" : ",");
    sbuf_add_json(sb, name, strlen(name));
    sbuf_add(sb, ":");
    sbuf_add_json(sb, text, strlen(text));
}

static void
write_header(const struct make *make, struct sbuf *sb)
{
    add_member(sb, "alg", jose_name(make->alg));
    add_member(sb, "typ", make->typ);
    if (make->kid != NULL)
        add_member(sb, "kid", make->kid);
    sbuf_add(sb, "}");
}

/* RFC 7523, 3. */
static int
write_claims(const struct make *make, int64_t now, struct sbuf *sb,
             struct errtext *why)
{
    unsigned char random[JTI_LEN];
    char jti[B64URL_LEN(JTI_LEN) + 1];

    if (crypto_random(random, sizeof(random), why) != 0)
        return -1;
    b64url_encode(random, sizeof(random), jti);
    add_member(sb, "iss", make->id);
    add_member(sb, "sub", make->id);
    add_member(sb, "aud", make->aud);
    add_member(sb, "jti", jti);
    sbuf_add(sb, ",\"iat\":");
    sbuf_add_int(sb, now);
    sbuf_add(sb, ",\"exp\":");
    sbuf_add_int(sb, make->expires);
    sbuf_add(sb, "}");
    return 0;
}

static int
sign(const struct ctl *ctl, struct make *make, struct errtext *why)
{
    char header[PART_MAX], claims[PART_MAX];
    unsigned char sig[JOSE_SIG_MAX];
    struct sbuf head, body;
    char *text = make->text;
    size_t len, sig_len;

    sbuf_init(&head, header, sizeof(header));
    sbuf_init(&body, claims, sizeof(claims));
    write_header(make, &head);
    if (write_claims(make, ctl->now, &body, why) != 0)
        return -1;
    if (head.overflow || body.overflow)
        return errtext_set(why, "kid and audience are too long");
    len = b64url_encode(header, head.len, text);
    text[len++] = '.';
    len += b64url_encode(claims, body.len, text + len);
    if (signer_sign(make->signer, text, len, sig, &sig_len, why) != 0)
        return -1;
    text[len++] = '.';
    b64url_encode(sig, sig_len, text + len);
    return 0;
}

static void
print(const struct ctl *ctl, const struct make *make)
{
    if (ctl->json)
        ctl_out_json(json_pack("{s:s,s:s,s:I}", "client_assertion_type",
                               ASSERTION_TYPE, "client_assertion", make->text,
                               "expires_at", (json_int_t) make->expires));
    else if (ctl_args_has(ctl, "form"))
        printf("grant_type=client_credentials&client_assertion_type=%s"
               "&client_assertion=%s\n",
               TYPE_IN_FORM, make->text);
    else
        printf("%s\n", make->text);
}
