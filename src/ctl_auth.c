/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * How a client authenticates: the options that say so.
 */

#include <stdio.h>
#include <stdlib.h>

#include "core/alloc.h"
#include "ctl_args.h"
#include "ctl_auth.h"
#include "ctl_names.h"
#include "ctl_out.h"
#include "ctl_tls.h"
#include "io/fetch.h"
#include "jwks.h"

bool
ctl_auth_has_secret(enum client_auth auth)
{
    return auth == AUTH_SECRET_BASIC || auth == AUTH_SECRET_POST
           || auth == AUTH_SECRET_JWT;
}

bool
ctl_auth_has_keys(enum client_auth auth)
{
    return auth == AUTH_PRIVATE_KEY_JWT || auth == AUTH_SELF_SIGNED_TLS;
}

int
ctl_auth_method(const struct ctl *ctl, struct client *cl, const char *value,
                struct errtext *why)
{
    int word = client_find_word(client_auth_words, value);

    (void) ctl;
    if (word < 0)
        return ctl_names_word(client_auth_words, value, why);
    cl->auth = (enum client_auth) word;
    return 0;
}

int
ctl_auth_jwks_uri(const struct ctl *ctl, struct client *cl, const char *value,
                  struct errtext *why)
{
    (void) ctl;
    if (*value != '\0' && fetch_check_url(value, why) != 0)
        return -1;
    free(cl->jwks_uri);
    cl->jwks_uri = alloc_text(value);
    return 0;
}

int
ctl_auth_alg(const struct ctl *ctl, struct client *cl, const char *value,
             struct errtext *why)
{
    (void) ctl;
    cl->assertion_alg = JOSE_NONE;
    if (*value == '\0')
        return 0;
    return ctl_names_alg(&cl->assertion_alg, value, false, why);
}

int
ctl_auth_aud(const struct ctl *ctl, struct client *cl, const char *value,
             struct errtext *why)
{
    int word = client_find_word(client_aud_words, value);

    (void) ctl;
    if (*value == '\0')
        word = ASSERTION_AUD_STRICT;
    if (word < 0)
        return errtext_set(why, "say strict or legacy");
    cl->assertion_aud = (enum assertion_aud) word;
    return 0;
}

/* Whether the option was given with a value that is not empty. */
static bool
is_set(const struct ctl *ctl, const char *name)
{
    const char *value;
    size_t at = 0;

    while ((value = ctl_args_next(ctl, name, &at)) != NULL) {
        if (*value != '\0')
            return true;
    }
    return false;
}

static int
check_kinds(const struct ctl *ctl, const struct client *cl,
            struct errtext *why)
{
    bool keys = is_set(ctl, "jwks") || is_set(ctl, "cert");
    bool uri = is_set(ctl, "jwks-uri");

    if (cl->n_keys == 0 || cl->jwks_uri[0] == '\0' || keys == uri)
        return 0;
    if (uri)
        return errtext_set(why, "the client has keys in its record: give "
                                "them up with --jwks \"\" beside --jwks-uri");
    return errtext_set(why, "the client has its keys at a URL: give that up "
                            "with --jwks-uri \"\"");
}

int
ctl_auth_check(const struct ctl *ctl, const struct client *cl,
               struct errtext *why)
{
    enum jose_alg alg = cl->assertion_alg;

    if (check_kinds(ctl, cl, why) != 0)
        return -1;
    if (alg == JOSE_NONE || ctl_args_has(ctl, "assertion-alg"))
        return 0;
    if ((cl->auth == AUTH_SECRET_JWT && !jose_is_hmac(alg))
        || (cl->auth == AUTH_PRIVATE_KEY_JWT && jose_is_hmac(alg)))
        return errtext_set(why, "the client has the algorithm %s, which is "
                                "not for %s: give another with "
                                "--assertion-alg, or \"\" for any",
                           jose_name(alg), client_auth_words[cl->auth]);
    return 0;
}

/* What was given and is without effect for the method, or NULL. */
static const char *
find_unused(const struct ctl *ctl, enum client_auth auth)
{
    if (!ctl_auth_has_keys(auth)
        && (is_set(ctl, "jwks") || is_set(ctl, "cert")
            || is_set(ctl, "jwks-uri")))
        return "the keys are stored";
    if (auth != AUTH_PRIVATE_KEY_JWT && auth != AUTH_SECRET_JWT
        && (is_set(ctl, "assertion-alg") || is_set(ctl, "assertion-aud")))
        return "the rules of assertions are stored";
    if (auth != AUTH_TLS && ctl_tls_is_given(ctl))
        return "what was said of its certificate is stored";
    if (!ctl_auth_has_secret(auth) && is_set(ctl, "secret-file"))
        return "the secret is stored";
    return NULL;
}

void
ctl_auth_note(const struct ctl *ctl, enum client_auth auth)
{
    const char *what = find_unused(ctl, auth);
    char text[160];

    if (what == NULL)
        return;
    snprintf(text, sizeof(text), "%s, but not used: the client's method is "
                                 "%s",
             what, client_auth_words[auth]);
    ctl_out_note(text);
}

void
ctl_auth_fetch(struct ctl *ctl, enum client_auth auth, const char *done)
{
    const char *url = ctl_args_value(ctl, "jwks-uri");
    struct jwk *keys = NULL;
    struct errtext why;
    char text[ERRTEXT_MAX + 160];
    int64_t fetched;

    if (url == NULL || *url == '\0' || !ctl_auth_has_keys(auth))
        return;
    if (jwks_get(&ctl->service, url, ctl->now, &keys, &fetched, &why) < 0) {
        snprintf(text, sizeof(text),
                 "the client is %s; its keys could not be fetched: %s; they "
                 "are fetched at its first request",
                 done, why.text);
        ctl_out_note(text);
    }
    free(keys);
}
