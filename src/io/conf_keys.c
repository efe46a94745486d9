/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The table of keys.
 */

#include <string.h>

#include "core/assertion.h"
#include "core/policy.h"
#include "io/conf_keys.h"

enum {
    NAME_BYTES = 255,
    FILE_BYTES = 1024,
    DAY = 86400,
    WEEK = 7 * DAY,
    YEAR = 365 * DAY,
};

#define ALGS { "ES256", "ES384", "RS256", "PS256", "EdDSA" }
#define FORMATS { "jwt", "opaque" }
#define ENCRYPTION_ALGS \
    { "auto", "RSA-OAEP-256", "ECDH-ES", "ECDH-ES+A256KW" }
#define ENCRYPTION_ENCS \
    { "A256GCM", "A128GCM", "A128CBC-HS256", "A256CBC-HS512" }

#define IN_POLICY(member) .home = CONF_POLICY, \
    .at = offsetof(struct policy, member)
#define IN_RESOURCE(member) .home = CONF_RESOURCE, \
    .at = offsetof(struct policy_resource, member)
#define IN_ROLE(member) .home = CONF_ROLE, \
    .at = offsetof(struct policy_role, member)
#define IN_DETAIL(member) .home = CONF_DETAIL, \
    .at = offsetof(struct policy_detail, member.list), \
    .count_at = offsetof(struct policy_detail, member.n)
#define COUNT(type, member) .count_at = offsetof(struct type, member)
#define LIMITS(from, to) .least = (from), .greatest = (to)

static void put_format(void *at, const char *word);
static void put_alg(void *at, const char *word);
static void put_encryption_alg(void *at, const char *word);
static void put_encryption_enc(void *at, const char *word);
static void put_nonce(void *at, const char *word);
static void put_profile(void *at, const char *word);
static void put_forwarded(void *at, const char *word);

static const struct conf_key keys[] = {
    { "issuer", CONF_STRING, IN_POLICY(issuer), LIMITS(1, NAME_BYTES),
      .check = conf_check_issuer,
      .meaning = "the URL of this server, exactly as in tokens and metadata",
      .example = "issuer = \"https://as.example.org\";" },
    { "state", CONF_STRING, IN_POLICY(state), LIMITS(1, FILE_BYTES),
      .check = conf_check_file,
      .meaning = "the state directory; relative to the policy file",
      .example = "state = \"/var/lib/ccgrant\";" },
    { "resources", CONF_GROUPS, IN_POLICY(resources),
      COUNT(policy, n_resources),
      .item_size = sizeof(struct policy_resource), LIMITS(1, 256),
      .meaning = "the resource servers that tokens are for",
      .example = "resources = ( { audience = "
                 "\"https://api.example.org/orders\"; "
                 "scopes = [ \"orders.read\" ]; } );" },
    { "resources.audience", CONF_STRING, IN_RESOURCE(audience),
      LIMITS(1, NAME_BYTES), .check = conf_check_audience,
      .meaning = "the absolute URI that is the aud of its tokens",
      .example = "audience = \"https://api.example.org/orders\";" },
    { "resources.scopes", CONF_STRINGS, IN_RESOURCE(scopes),
      COUNT(policy_resource, n_scopes), LIMITS(0, SCOPE_MAX),
      .check = conf_check_scope, .meaning = "the scopes that it defines",
      .example = "scopes = [ \"orders.read\", \"orders.write\" ];" },
    { "resources.format", CONF_WORD, IN_RESOURCE(format),
      .preset = "token.format", .words = FORMATS, .put = put_format,
      .meaning = "the format of its tokens" },
    { "resources.alg", CONF_WORD, IN_RESOURCE(alg), .preset = "token.alg",
      .words = ALGS, .put = put_alg,
      .meaning = "the signature algorithm of its tokens" },
    { "resources.lifetime", CONF_INTEGER, IN_RESOURCE(lifetime),
      .preset = "token.lifetime", LIMITS(1, YEAR),
      .meaning = "the lifetime of its tokens in seconds" },
    { "resources.encryption_key", CONF_STRING, IN_RESOURCE(encryption_key),
      .preset = "", LIMITS(0, FILE_BYTES), .check = conf_check_file_or_empty,
      .meaning = "the file with the public keys that its tokens are encrypted "
                 "to; empty: they are not" },
    { "resources.encryption_alg", CONF_WORD, IN_RESOURCE(encryption_alg),
      .preset = "auto", .words = ENCRYPTION_ALGS, .put = put_encryption_alg,
      .meaning = "how the key of the content reaches it" },
    { "resources.encryption_enc", CONF_WORD, IN_RESOURCE(encryption_enc),
      .preset = "A256GCM", .words = ENCRYPTION_ENCS,
      .put = put_encryption_enc, .meaning = "how the content is encrypted" },
    { "resources.claims", CONF_STRINGS, IN_RESOURCE(claims),
      COUNT(policy_resource, n_claims), .preset = "[]",
      LIMITS(0, EXTRA_COUNT_MAX), .check = conf_check_claim,
      .meaning = "static claims of its tokens, as NAME=JSON" },
    { "roles", CONF_GROUPS, IN_POLICY(roles), COUNT(policy, n_roles),
      .item_size = sizeof(struct policy_role), .preset = "()", LIMITS(0, 1024),
      .meaning = "names for sets of scopes" },
    { "roles.name", CONF_STRING, IN_ROLE(name), LIMITS(1, NAME_BYTES),
      .check = conf_check_scope, .meaning = "the name of the role",
      .example = "name = \"order-batch\";" },
    { "roles.scopes", CONF_STRINGS, IN_ROLE(scopes),
      COUNT(policy_role, n_scopes), LIMITS(0, SCOPE_MAX),
      .check = conf_check_scope,
      .meaning = "the scopes that the role gives",
      .example = "scopes = [ \"orders.read\" ];" },
    { "details", CONF_GROUPS, IN_POLICY(details), COUNT(policy, n_details),
      .item_size = sizeof(struct policy_detail), .preset = "()",
      LIMITS(0, 64), .meaning = "types of authorization_details" },
    { "details.type", CONF_STRING, .home = CONF_DETAIL,
      .at = offsetof(struct policy_detail, type), LIMITS(1, NAME_BYTES),
      .check = conf_check_detail, .meaning = "the name of the type",
      .example = "type = \"payment\";" },
    { "details.audience", CONF_STRING, .home = CONF_DETAIL,
      .at = offsetof(struct policy_detail, audience), LIMITS(1, NAME_BYTES),
      .check = conf_check_audience,
      .meaning = "the audience of the resource that understands it",
      .example = "audience = \"https://api.example.org/orders\";" },
    { "details.roles", CONF_STRINGS, IN_DETAIL(roles), LIMITS(0, 1024),
      .check = conf_check_scope,
      .meaning = "the roles one of which a client needs to ask for it",
      .example = "roles = [ \"order-batch\" ];" },
    { "details.members", CONF_STRINGS, IN_DETAIL(members), .preset = "[]",
      LIMITS(0, 64), .check = conf_check_detail,
      .meaning = "members that it may have, with any value" },
    { "details.required", CONF_STRINGS, IN_DETAIL(required), .preset = "[]",
      LIMITS(0, 64), .check = conf_check_detail,
      .meaning = "members that it must have" },
    { "details.actions", CONF_STRINGS, IN_DETAIL(common[COMMON_ACTIONS]),
      .preset = "[]", LIMITS(0, 256), .check = conf_check_detail,
      .meaning = "values that its member actions may have" },
    { "details.datatypes", CONF_STRINGS,
      IN_DETAIL(common[COMMON_DATATYPES]), .preset = "[]", LIMITS(0, 256),
      .check = conf_check_detail,
      .meaning = "values that its member datatypes may have" },
    { "details.identifier", CONF_STRINGS,
      IN_DETAIL(common[COMMON_IDENTIFIER]), .preset = "[]", LIMITS(0, 256),
      .check = conf_check_detail,
      .meaning = "values one of which its member identifier may be" },
    { "details.locations", CONF_STRINGS,
      IN_DETAIL(common[COMMON_LOCATIONS]), .preset = "[]", LIMITS(0, 256),
      .check = conf_check_detail,
      .meaning = "values that its member locations may have" },
    { "details.privileges", CONF_STRINGS,
      IN_DETAIL(common[COMMON_PRIVILEGES]), .preset = "[]", LIMITS(0, 256),
      .check = conf_check_detail,
      .meaning = "values that its member privileges may have" },

    { "path", CONF_STRING, IN_POLICY(path), .preset = "/oauth2/v1",
      LIMITS(1, NAME_BYTES), .check = conf_check_path,
      .meaning = "where the endpoints are below the host of the issuer" },
    { "token.format", CONF_WORD, IN_POLICY(token.format), .preset = "jwt",
      .words = FORMATS, .put = put_format,
      .meaning = "the format of access tokens" },
    { "token.alg", CONF_WORD, IN_POLICY(token.alg), .preset = "ES256",
      .words = ALGS, .put = put_alg, .meaning = "the signature algorithm" },
    { "token.lifetime", CONF_INTEGER, IN_POLICY(token.lifetime),
      .preset = "3600", LIMITS(1, YEAR),
      .meaning = "the lifetime of a token in seconds" },
    { "token.max_lifetime", CONF_INTEGER, IN_POLICY(token.max_lifetime),
      .preset = "86400", LIMITS(1, YEAR),
      .meaning = "the greatest lifetime that anything can ask for" },
    { "token.multiple_audiences", CONF_BOOLEAN,
      IN_POLICY(token.multiple_audiences), .preset = "false",
      .meaning = "allow scopes of several resources in one token" },
    { "token.durable", CONF_BOOLEAN, IN_POLICY(token.durable),
      .preset = "true",
      .meaning = "have an opaque token on the disk before it is given" },
    { "keys.lead", CONF_INTEGER, IN_POLICY(keys.lead), .preset = "1209600",
      LIMITS(0, YEAR),
      .meaning = "seconds that a signing key is published before it signs" },
    { "keys.lifetime", CONF_INTEGER, IN_POLICY(keys.lifetime),
      .preset = "7776000", LIMITS(DAY, 10 * YEAR),
      .meaning = "seconds that a key signs until the next takes over" },
    { "secrets.upgrade", CONF_BOOLEAN, IN_POLICY(secrets.upgrade),
      .preset = "false",
      .meaning = "replace an imported hash when its secret is used" },
    { "revocations.file", CONF_STRING, IN_POLICY(revocations.file),
      .preset = "", LIMITS(0, FILE_BYTES), .check = conf_check_file_or_empty,
      .meaning = "where the signed list of revoked tokens is written" },
    { "revocations.lifetime", CONF_INTEGER, IN_POLICY(revocations.lifetime),
      .preset = "86400", LIMITS(600, YEAR),
      .meaning = "seconds that the list of revoked tokens is valid" },
    { "archive", CONF_STRING, IN_POLICY(archive), .preset = "",
      LIMITS(0, FILE_BYTES), .check = conf_check_file_or_empty,
      .meaning = "the directory for logs of the database that are no longer "
                 "needed; empty: they are removed" },
    { "assertions.skew", CONF_INTEGER, IN_POLICY(assertions.skew),
      .preset = "30", LIMITS(0, ASSERTION_SKEW_MAX),
      .meaning = "seconds by which the clocks of clients may differ" },
    { "assertions.max_lifetime", CONF_INTEGER,
      IN_POLICY(assertions.max_lifetime), .preset = "3600", LIMITS(1, DAY),
      .meaning = "seconds that an assertion may be valid ahead" },
    { "jwks.networks", CONF_STRINGS, IN_POLICY(jwks.networks),
      COUNT(policy, jwks.n_networks), .preset = "[]", LIMITS(0, 64),
      .check = conf_check_network,
      .meaning = "networks that are not public, but hold keys of clients" },
    { "jwks.ca", CONF_STRING, IN_POLICY(jwks.ca), .preset = "",
      LIMITS(0, FILE_BYTES), .check = conf_check_file_or_empty,
      .meaning = "the certificate authorities of the hosts that hold keys of "
                 "clients, in place of the system's" },
    { "jwks.max_age", CONF_INTEGER, IN_POLICY(jwks.max_age),
      .preset = "3600", LIMITS(60, WEEK),
      .meaning = "seconds after which the keys at a URL are fetched again" },
    { "jwks.cooldown", CONF_INTEGER, IN_POLICY(jwks.cooldown),
      .preset = "60", LIMITS(10, DAY),
      .meaning = "the least seconds between two tries to fetch from a URL" },
    { "scope_aliases", CONF_BOOLEAN, IN_POLICY(scope_aliases),
      .preset = "true",
      .meaning = "understand urn:opc:idm:__myscopes__ and its like" },
    { "realm", CONF_STRING, IN_POLICY(realm), .preset = "ccgrant",
      LIMITS(1, NAME_BYTES), .check = conf_check_realm,
      .meaning = "the realm of the Basic challenge" },
    { "metadata.response_types", CONF_BOOLEAN,
      IN_POLICY(metadata.response_types), .preset = "true",
      .meaning = "publish response_types_supported, as an empty list" },
    { "limits.body", CONF_INTEGER, IN_POLICY(limits.body), .preset = "65536",
      LIMITS(1024, 1048576),
      .meaning = "the greatest length of a request's body in bytes" },
    { "limits.lockout", CONF_BOOLEAN, IN_POLICY(limits.lockout),
      .preset = "true", .meaning = "slow down who guesses secrets" },
    { "limits.failures", CONF_INTEGER, IN_POLICY(limits.failures),
      .preset = "10", LIMITS(1, 1000),
      .meaning = "wrong secrets of one client from one network, in a quarter "
                 "of an hour, before it has to wait" },
    { "log.to", CONF_STRING, IN_POLICY(log.to), .preset = "stderr",
      LIMITS(1, FILE_BYTES), .check = conf_check_log_to,
      .meaning = "where log lines go: stderr, syslog or an absolute file" },
    { "log.format", CONF_WORD, IN_POLICY(log.format), .preset = "logfmt",
      .words = { "logfmt", "json" }, .meaning = "the form of log lines" },
    { "log.issued", CONF_BOOLEAN, IN_POLICY(log.issued), .preset = "false",
      .meaning = "also write a line for each token issued" },

    { "mtls.ca", CONF_STRINGS, IN_POLICY(mtls.ca), COUNT(policy, mtls.n_ca),
      .preset = "[]", LIMITS(0, 64), .check = conf_check_file,
      .meaning = "files of the certificate authorities of clients" },
    { "mtls.base", CONF_STRING, IN_POLICY(mtls.base), .preset = "",
      LIMITS(0, NAME_BYTES), .check = conf_check_base,
      .meaning = "the URL of the host that asks for client certificates" },
    { "mtls.header", CONF_STRING, IN_POLICY(mtls.header), .preset = "",
      LIMITS(0, 64), .check = conf_check_header,
      .meaning = "the header field in which a proxy sends the certificate" },
    { "mtls.required", CONF_BOOLEAN, IN_POLICY(mtls.required),
      .preset = "false",
      .meaning = "refuse requests without a client certificate" },
    { "dpop.nonce", CONF_WORD, IN_POLICY(dpop.nonce), .preset = "off",
      .words = { "off", "on", "required" }, .put = put_nonce,
      .meaning = "whether DPoP proofs carry a nonce" },
    { "proxies", CONF_STRINGS, IN_POLICY(proxies), COUNT(policy, n_proxies),
      .preset = "[]", LIMITS(0, 64), .check = conf_check_network,
      .meaning = "networks whose forwarding headers are believed" },
    { "forwarded", CONF_WORD, IN_POLICY(forwarded), .preset = "none",
      .words = { "none", "x-forwarded-for", "forwarded" },
      .put = put_forwarded,
      .meaning = "the header field in which proxies tell the address of the "
                 "client" },
    { "networks", CONF_STRINGS, IN_POLICY(networks),
      COUNT(policy, n_networks), .preset = "[]", LIMITS(0, 64),
      .check = conf_check_network,
      .meaning = "networks that clients may come from; empty: anywhere" },
    { "profile", CONF_WORD, IN_POLICY(fapi2), .preset = "none",
      .words = { "none", "fapi2" }, .put = put_profile,
      .meaning = "rules beyond those of OAuth that all clients keep" },
};

static void
put_format(void *at, const char *word)
{
    enum token_format *format = at;

    *format = strcmp(word, "jwt") == 0 ? FORMAT_JWT : FORMAT_OPAQUE;
}

static void
put_alg(void *at, const char *word)
{
    enum jose_alg *alg = at;

    *alg = jose_alg(word);
}

static void
put_encryption_alg(void *at, const char *word)
{
    enum jwe_alg *alg = at;

    *alg = jwe_alg(word);
}

static void
put_encryption_enc(void *at, const char *word)
{
    enum jwe_enc *enc = at;

    *enc = jwe_enc(word);
}

static void
put_nonce(void *at, const char *word)
{
    enum dpop_nonce *nonce = at;

    *nonce = strcmp(word, "required") == 0 ? DPOP_NONCE_REQUIRED
             : strcmp(word, "on") == 0     ? DPOP_NONCE_ON
                                           : DPOP_NONCE_OFF;
}

static void
put_profile(void *at, const char *word)
{
    bool *fapi2 = at;

    *fapi2 = strcmp(word, "fapi2") == 0;
}

static void
put_forwarded(void *at, const char *word)
{
    enum forwarded_field *field = at;

    *field = strcmp(word, "forwarded") == 0         ? FORWARDED_RFC7239
             : strcmp(word, "x-forwarded-for") == 0 ? FORWARDED_X_FOR
                                                    : FORWARDED_NONE;
}

const struct conf_key *
conf_keys_at(size_t i)
{
    return i < sizeof(keys) / sizeof(keys[0]) ? &keys[i] : NULL;
}

const struct conf_key *
conf_keys_find(const char *path)
{
    const struct conf_key *key;
    size_t i;

    for (i = 0; (key = conf_keys_at(i)) != NULL; i++) {
        if (strcmp(key->path, path) == 0)
            return key;
    }
    return NULL;
}

bool
conf_keys_is_group(const char *path)
{
    const struct conf_key *key;
    size_t i, len = strlen(path);

    for (i = 0; (key = conf_keys_at(i)) != NULL; i++) {
        if (strncmp(key->path, path, len) == 0 && key->path[len] == '.')
            return true;
    }
    return false;
}

const char *
conf_keys_leaf(const struct conf_key *key)
{
    const char *dot = strrchr(key->path, '.');

    return dot != NULL ? dot + 1 : key->path;
}
