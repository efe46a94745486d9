/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The client record: what is stored about one client, as JSON text.
 */

#ifndef CORE_CLIENT_H
#define CORE_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/cidr.h"
#include "core/errtext.h"
#include "core/policy.h"

enum {
    CLIENT_ID_MAX = 255,
    CLIENT_NAME_MAX = 255,
    CLIENT_LIST_MAX = 1024,    /* entries of any list in a record */
    CLIENT_SECRETS_MAX = 32,   /* live secrets: bounds the work of a check */
    CLIENT_RECORD_MAX = 65536, /* bytes of JSON */
    CRED_ID_MAX = 16,
    CRED_DIGEST_LEN = 32, /* bytes, of either scheme */
};

/* The registered names of token_endpoint_auth_method (RFC 7591, 2). */
enum client_auth {
    AUTH_SECRET_BASIC = 1, /* client_secret_basic; also takes _post */
    AUTH_SECRET_POST,      /* client_secret_post alone */
    AUTH__MAX
};

/* What an omitted scope means. */
enum default_scope {
    DEFAULT_SCOPE_ALL = 0, /* everything the client may have */
    DEFAULT_SCOPE_NONE,    /* a token without scope */
    DEFAULT_SCOPE_LIST,    /* the list in the record */
    DEFAULT_SCOPE_REJECT,  /* invalid_scope */
};

/* What a scope does that the client may not have. */
enum excess_scope {
    EXCESS_SCOPE_REJECT = 0, /* invalid_scope */
    EXCESS_SCOPE_NARROW,     /* it is left out */
};

enum secret_scheme {
    SECRET_MAC = 1, /* HMAC-SHA-256 under master.key: generated secrets */
    SECRET_SCRYPT,  /* RFC 7914: secrets that a person chose */
};

struct secret {
    char id[CRED_ID_MAX];  /* within the client; the operator's handle */
    char *label;           /* never NULL */
    int64_t created;       /* this and all times: seconds since the epoch */
    int64_t not_before;    /* or 0 */
    int64_t not_after;     /* the first second it is refused, or 0 */
    enum secret_scheme scheme;
    unsigned char digest[CRED_DIGEST_LEN];
};

struct client {
    char *id;
    char *name;        /* never NULL */
    char *description; /* never NULL */
    bool enabled;
    int64_t created;
    int64_t updated;
    int64_t expires; /* the first second it is refused, or 0 */
    enum client_auth auth;
    struct secret *secrets;
    size_t n_secrets;
    char **roles;
    size_t n_roles;
    char **scopes; /* beyond those of the roles */
    size_t n_scopes;
    char **resources; /* audiences it may name; none: those of its scopes */
    size_t n_resources;
    enum default_scope default_scope;
    char **default_scopes; /* with DEFAULT_SCOPE_LIST */
    size_t n_default_scopes;
    enum excess_scope excess_scope;
    int64_t lifetime;     /* seconds, or 0: resource or policy */
    int64_t max_lifetime; /* seconds, or 0: the policy's */
    enum token_format format;
    struct cidr *networks; /* it may come from; none: any */
    size_t n_networks;
};

/* Names of an enumeration's values in its order, "" for none; NULL ends. */
extern const char *const client_auth_words[];
extern const char *const client_default_words[];
extern const char *const client_excess_words[];
extern const char *const client_format_words[];

/* The place of text (or NULL) in the list of words, "" aside, or -1. */
int client_find_word(const char *const *words, const char *text);

/*
 * Whether id can name a client: 1 to CLIENT_ID_MAX visible ASCII characters
 * (RFC 6749, A.1, without the space).
 *
 * Returns 0, or -1 with the reason in *why.
 */
int client_check_id(const char *id, struct errtext *why);

/*
 * Whether text can be a name, description or label: valid UTF-8 without
 * control characters, at most CLIENT_NAME_MAX bytes.  what names the field.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int client_check_text(const char *what, const char *text, struct errtext *why);

/* Whether the secret has begun and not ended. */
bool client_secret_is_live(const struct secret *secret, int64_t now);

/*
 * Check the record against the policy: every role, scope and resource must be
 * defined, lifetimes within the limits, lists not too long.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int client_check(const struct client *cl, const struct policy *policy,
                 struct errtext *why);

/*
 * Decode a stored record.  Refuses an unknown member, so that no setting of a
 * newer version is silently dropped.
 *
 * Returns 0 with *cl, which the caller frees with client_free(), or -1 with
 * the reason in *why.
 */
int client_load(struct client **cl, const char *json, size_t len,
                struct errtext *why);

/*
 * Encode for the store; client_show() is the same without the digests, and
 * indented, for the administrator.
 *
 * Returns the text, which the caller frees with free(), and never NULL.
 */
char *client_dump(const struct client *cl);
char *client_show(const struct client *cl);

/* A new record with the defaults.  The caller frees with client_free(). */
struct client *client_new(const char *id, int64_t now);

/* Wipes and frees.  NULL is allowed. */
void client_free(struct client *cl);

#endif /* CORE_CLIENT_H */
