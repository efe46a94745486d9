/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The policy: what the administrator's file says, checked and ready to use.
 *
 * Filled by io/conf.c, read by everybody.  Nothing in it changes between
 * policy_ready() and policy_free(). All strings are owned by the policy.
 */

#ifndef CORE_POLICY_H
#define CORE_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/cidr.h"
#include "core/errtext.h"
#include "core/extra.h"
#include "core/jose.h"
#include "core/jwe.h"
#include "core/sbuf.h"
#include "core/scope.h"

enum token_format {
    FORMAT_DEFAULT = 0, /* what the next level says */
    FORMAT_JWT,
    FORMAT_OPAQUE,
};

enum dpop_nonce {
    DPOP_NONCE_DEFAULT = 0, /* what the next level says */
    DPOP_NONCE_OFF,
    DPOP_NONCE_ON,       /* offered, and checked when it comes */
    DPOP_NONCE_REQUIRED,
};

/* The header field in which proxies tell where a request comes from. */
enum forwarded_field {
    FORWARDED_NONE = 0, /* none: it comes from who sends it */
    FORWARDED_X_FOR,    /* X-Forwarded-For */
    FORWARDED_RFC7239,  /* Forwarded (RFC 7239) */
};

struct policy_resource {
    char *audience;           /* absolute URI without fragment: the aud */
    char **scopes;            /* names that this resource defines */
    size_t n_scopes;
    enum token_format format; /* or FORMAT_DEFAULT: the policy's */
    enum jose_alg alg;        /* or JOSE_NONE: the policy's */
    int64_t lifetime;         /* seconds, or 0: the policy's */
    char *encryption_key;     /* file, or NULL: its tokens are not encrypted */
    enum jwe_alg encryption_alg;
    enum jwe_enc encryption_enc;
    char **claims;            /* "NAME=JSON", in its tokens */
    size_t n_claims;
    struct extras extras;     /* the same; set by policy_ready() */
};

struct policy_role {
    char *name;
    char **scopes;        /* names, each defined by a resource */
    size_t n_scopes;
    struct scope_set set; /* the same; set by policy_ready() */
};

/* One scope of the sorted list; its place there is its number in sets. */
struct policy_scope {
    const char *name; /* borrowed from the resource */
    size_t len;       /* of the name */
    size_t resource;  /* its place in resources */
};

/* One role, or audience, of a sorted list. */
struct policy_name {
    const char *name; /* borrowed */
    size_t place;     /* in roles, or in resources */
    int within; /* in the list: the longest other that the name begins with,
                   or -1 */
};

struct policy_values {
    char **list;
    size_t n;
};

/* Members that RFC 9396, 2.2 defines for all types. */
enum policy_common {
    COMMON_ACTIONS,
    COMMON_DATATYPES,
    COMMON_IDENTIFIER, /* the one that is a string; the others are arrays */
    COMMON_LOCATIONS,
    COMMON_PRIVILEGES,
    COMMON__MAX
};

/* A type of authorization details (RFC 9396, 2). */
struct policy_detail {
    char *type;
    char *audience;
    size_t resource; /* of that audience; set by policy_ready() */
    struct policy_values roles;    /* one of which who asks for it has */
    struct policy_values members;  /* that it may have, with any value */
    struct policy_values required; /* that it must have */
    struct policy_values common[COMMON__MAX]; /* values of those that it may
                                                 have; none: it may not */
};

struct policy {
    char *file;   /* where it was read from, for messages */
    char *issuer; /* exactly as in tokens and metadata */
    char *state;  /* directory, absolute */
    char *path;   /* where the endpoints are, "/oauth2/v1", no slash last */

    struct policy_resource *resources;
    size_t n_resources;
    struct policy_role *roles;
    size_t n_roles;
    struct policy_scope *scopes; /* sorted; set by policy_ready() */
    size_t n_scopes;
    struct policy_name *audiences; /* of resources; set by policy_ready() */
    struct policy_name *role_names; /* of roles; likewise */
    struct policy_detail *details;
    size_t n_details;

    struct {
        enum token_format format;
        enum jose_alg alg;
        int64_t lifetime;        /* seconds */
        int64_t max_lifetime;    /* seconds */
        bool multiple_audiences; /* scopes of several resources in one token */
        bool durable; /* an opaque token is on the disk before it is given */
    } token;
    struct {
        int64_t lead;     /* seconds that a key is published before it signs */
        int64_t lifetime; /* seconds that it signs */
    } keys;
    struct {
        bool upgrade; /* imported hashes are replaced when they are used */
    } secrets;
    struct {
        char *file;       /* the signed list of revoked tokens, or "" */
        int64_t lifetime; /* seconds until it is to be read again at least */
    } revocations;
    char *archive; /* directory of the logs of the database that are no longer
                      needed, or "": they are removed */
    struct {
        int64_t skew;         /* seconds, at most ASSERTION_SKEW_MAX */
        int64_t max_lifetime; /* seconds */
    } assertions;
    struct {
        char **networks; /* CIDR: not public, but sets may come from there */
        size_t n_networks;
        struct cidr *nets; /* the same; set by policy_ready() */
        char *ca;          /* file of certificate authorities, or "" */
        int64_t max_age;   /* seconds until a set is fetched again */
        int64_t cooldown;  /* seconds between two tries */
    } jwks;
    struct {
        char **ca;     /* files of certificate authorities, absolute */
        size_t n_ca;
        char *base;    /* URL of the host that asks for certificates, or "" */
        char *header;  /* field in which proxies send a certificate, or "" */
        bool required; /* every client shows one */
    } mtls;
    struct {
        enum dpop_nonce nonce;
    } dpop;
    char **proxies; /* CIDR: whose headers are believed */
    size_t n_proxies;
    struct cidr *proxy_nets; /* the same; set by policy_ready() */
    enum forwarded_field forwarded; /* of those proxies */
    char **networks; /* CIDR: where every client comes from; none: anywhere */
    size_t n_networks;
    struct cidr *nets; /* the same; set by policy_ready() */
    bool fapi2;              /* profile = "fapi2" */
    struct {
        int64_t body;     /* bytes */
        bool lockout;     /* who guesses secrets waits: guess.h */
        int64_t failures; /* of one client from one network, before that */
    } limits;
    struct {
        char *to;     /* "stderr", "syslog" or an absolute file */
        char *format; /* "logfmt" or "json" */
        bool issued;  /* also a line for each token issued */
    } log;
    struct {
        bool response_types; /* say "response_types_supported": [] */
    } metadata;
    bool scope_aliases; /* urn:opc:idm:__myscopes__ and its like */
    char *realm;        /* of the Basic challenge */
};

/*
 * Check what spans several keys and make the sorted scope list and the sets
 * of the roles: a scope of two resources, a role with a scope that nobody
 * defines, a resource or role given twice, a lifetime over the greatest one.
 *
 * Returns 0, or -1 with the reason in *why, which begins with the key, as
 * ccgrant.conf(5) has it, a colon and the value, and names, where one is
 * close, the nearest valid name.  *where is then the number of the entry that
 * is at fault, of the list that the key begins with, or -1; *in_role says that
 * it is one of roles.
 */
int policy_ready(struct policy *policy, bool *in_role, int *where,
                 struct errtext *why);

/* The number of the scope of that name, or -1. */
int policy_scope(const struct policy *policy, const char *name, size_t len);

/*
 * The number of the scope that a client calls by the audience of its resource
 * and its own name, one behind the other, with a slash between where the
 * audience does not end in one; or -1.  Where that can mean two, it is the one
 * of the longer audience.
 */
int policy_qualified(const struct policy *policy, const char *name,
                     size_t len);

/* The role, or NULL. */
const struct policy_role *policy_role(const struct policy *policy,
                                      const char *name, size_t len);

/* The name of a common member in JSON, which is its key in details, too. */
extern const char *const policy_common_words[COMMON__MAX + 1];

/* Whether text is one of the values. */
bool policy_values_have(const struct policy_values *values, const char *text);

/* The number of the resource with that audience, or -1. */
int policy_resource(const struct policy *policy, const char *audience);

/* Scheme, host and port of the issuer: the length of that prefix in bytes. */
size_t policy_origin_len(const struct policy *policy);

/* The URL of the endpoint whose path ends so, as "/token", into sb. */
void policy_url(struct sbuf *sb, const struct policy *policy,
                const char *endpoint);

/* The same at mtls.base; adds nothing when there is none (RFC 8705, 5). */
void policy_mtls_url(struct sbuf *sb, const struct policy *policy,
                     const char *endpoint);

/* Frees everything that policy holds, not the struct; all zero is allowed. */
void policy_free(struct policy *policy);

#endif /* CORE_POLICY_H */
