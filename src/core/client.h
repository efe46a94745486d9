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
#include "core/extra.h"
#include "core/jose.h"
#include "core/jwk.h"
#include "core/policy.h"

enum {
    CLIENT_ID_MAX = 255,
    CLIENT_NAME_MAX = 255,
    CLIENT_LIST_MAX = 1024,    /* entries of any list in a record */
    CLIENT_SECRETS_MAX = 32,   /* live secrets: bounds the work of a check */
    CLIENT_KEYS_MAX = JWK_SET_MAX, /* keys in the record: likewise */
    CLIENT_SEALED_MAX = 2048,  /* bytes of a sealed secret */
    CLIENT_URL_MAX = 1024,
    CLIENT_RECORD_MAX = 65536, /* bytes of JSON */
    CRED_ID_MAX = 16,
    CRED_DIGEST_LEN = 32, /* bytes, of either scheme */
};

/* The registered names of token_endpoint_auth_method (RFC 7591, 2). */
enum client_auth {
    AUTH_SECRET_BASIC = 1, /* client_secret_basic; also takes _post */
    AUTH_SECRET_POST,      /* client_secret_post alone */
    AUTH_SECRET_JWT,       /* client_secret_jwt */
    AUTH_PRIVATE_KEY_JWT,  /* private_key_jwt */
    AUTH_TLS,              /* tls_client_auth */
    AUTH_SELF_SIGNED_TLS,  /* self_signed_tls_client_auth */
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

/* What tls_client_auth knows the client by (RFC 8705, 2.1.2). */
enum client_subject {
    SUBJECT_NONE = 0,
    SUBJECT_DN,
    SUBJECT_DNS,
    SUBJECT_URI,
    SUBJECT_IP,
    SUBJECT_EMAIL,
};

/* What its tokens must be bound to; what comes binds them in any case. */
enum client_bind {
    BIND_NONE = 0, /* nothing is demanded */
    BIND_MTLS,     /* a certificate */
    BIND_DPOP,     /* a DPoP proof */
    BIND_ANY,      /* either */
};

/* What it may do beyond getting tokens: bits of client.permissions. */
enum client_permit {
    PERMIT_INTROSPECT = 1, /* tokens of all clients (RFC 7662, 2.1) */
    PERMIT_REGISTER = 2,   /* clients (RFC 7591) */
};

/* What is done for a client that cannot be changed: bits of client.compat. */
enum client_compat {
    COMPAT_BASIC = 1, /* Basic credentials that are not form-encoded */
    COMPAT_SCOPE = 2, /* the scope of a JWT is an array */
    COMPAT_TYP = 4,   /* the typ of a JWT is JWT */
    COMPAT_AUD = 8,   /* the aud of a JWT is always an array */
};

/* How long a budget of tokens is for. */
enum client_period {
    PERIOD_SECOND = 0,
    PERIOD_MINUTE,
    PERIOD_HOUR,
    PERIOD_DAY,
    PERIOD__MAX
};

/* Rules beyond those of OAuth itself. */
enum client_profile {
    PROFILE_NONE = 0,
    PROFILE_FAPI2, /* FAPI 2.0 Security Profile */
};

/* Which audience its assertions may name (core/assertion.h). */
enum assertion_aud {
    ASSERTION_AUD_STRICT = 0, /* the issuer alone */
    ASSERTION_AUD_LEGACY,     /* also the token endpoint */
};

enum secret_scheme {
    SECRET_MAC = 1, /* HMAC-SHA-256 under master.key: generated secrets */
    SECRET_SCRYPT,  /* RFC 7914: secrets that a person chose */
    SECRET_SEALED,  /* as SECRET_MAC, and sealed under master.key, so that it
                       can verify what was signed with it */
    SECRET_FOREIGN, /* the hash of another system (io/foreign.h), sealed */
};

struct secret {
    char id[CRED_ID_MAX];  /* within the client; the operator's handle */
    char *label;           /* never NULL */
    int64_t created;       /* this and all times: seconds since the epoch */
    int64_t not_before;    /* or 0 */
    int64_t not_after;     /* the first second it is refused, or 0 */
    enum secret_scheme scheme;
    unsigned char digest[CRED_DIGEST_LEN]; /* with SECRET_FOREIGN that of the
                                              hash, as SECRET_MAC */
    unsigned char *sealed; /* with SECRET_SEALED and SECRET_FOREIGN, or NULL */
    size_t sealed_len;
};

/* A public key that was registered with the record itself. */
struct client_key {
    char id[CRED_ID_MAX]; /* the first characters of its RFC 7638 thumbprint */
    char *label;          /* where it came from, for people; never NULL */
    int64_t created;
    struct jwk jwk;
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
    struct client_key *keys;
    size_t n_keys;
    char *jwks_uri; /* where its keys are published; never NULL, "" for none */
    enum jose_alg assertion_alg; /* the only one for it, or JOSE_NONE */
    enum assertion_aud assertion_aud;
    enum client_subject subject; /* with AUTH_TLS */
    char *subject_value;         /* never NULL */
    char *tls_ca; /* one of the policy's mtls.ca, or "": any of them */
    enum client_bind bind;
    enum dpop_nonce dpop_nonce; /* or DPOP_NONCE_DEFAULT: the policy's */
    enum client_profile profile;
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
    enum jose_alg token_alg; /* of its JWTs, or JOSE_NONE: the resource's */
    struct extras claims;  /* static ones, in its tokens */
    unsigned compat;       /* bits of enum client_compat */
    unsigned permissions;  /* bits of enum client_permit */
    int64_t revoked_until; /* its tokens issued up to and in this second are
                              not active any more; 0: all may be */
    int64_t budgets[PERIOD__MAX]; /* tokens in each such time; 0: any number */
    int64_t reuse; /* percent of its life that a token has left at least which
                      is given again; 0: none is */
    struct cidr *networks; /* it may come from; none: any */
    size_t n_networks;
};

/* Names of an enumeration's values in its order, "" for none; NULL ends. */
extern const char *const client_auth_words[];
extern const char *const client_aud_words[];
extern const char *const client_subject_words[];
extern const char *const client_bind_words[];
extern const char *const client_nonce_words[];
extern const char *const client_profile_words[];
extern const char *const client_default_words[];
extern const char *const client_excess_words[];
extern const char *const client_format_words[];
extern const char *const client_period_words[];
extern const char *const client_permit_words[]; /* bit i - 1 is word i */
extern const char *const client_compat_words[]; /* likewise */

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

/* The name under which a secret is sealed; at most CLIENT_SEAL_NAME_MAX. */
enum { CLIENT_SEAL_NAME_MAX = CLIENT_ID_MAX + CRED_ID_MAX + 16 };
void client_seal_name(const char *client_id, const char *secret_id,
                      char name[CLIENT_SEAL_NAME_MAX]);

/*
 * Check the record against the policy: every role, scope and resource must be
 * defined, lifetimes within the limits, lists not too long, and there must be
 * something that its method can authenticate it with: a key or a URL of keys
 * for private_key_jwt and self_signed_tls_client_auth, a subject for
 * tls_client_auth, and an algorithm that fits the method if one is set.  Its
 * tokens are signed with an algorithm that this server has keys for, and none
 * of its static claims is reserved.  A profile, the record's or the policy's,
 * must be kept (FAPI 2.0: a method without a shared secret, bound tokens, a
 * strict audience).
 *
 * Returns 0, or -1 with the reason in *why.
 */
int client_check(const struct client *cl, const struct policy *policy,
                 struct errtext *why);

/*
 * Decode a stored record.  Refuses an unknown member, so that no setting of a
 * newer version is silently dropped; a member that older versions did not
 * write may be missing.
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

/* Whether FAPI 2.0 applies to the client: its own profile, or the policy's. */
bool client_is_fapi2(const struct client *cl, const struct policy *policy);

/* A new record with the defaults.  The caller frees with client_free(). */
struct client *client_new(const char *id, int64_t now);

/* Wipes and frees.  NULL is allowed. */
void client_free(struct client *cl);

#endif /* CORE_CLIENT_H */
