/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Metadata: what is in the document, and what must not be.
 */

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/metadata.h"
#include "sample.h"
#include "tap.h"

/* What is said of each endpoint where clients authenticate. */
#define AUTHENTICATION(name) \
    "\"" name "_endpoint_auth_methods_supported\":" \
    "[\"client_secret_basic\",\"client_secret_post\"," \
    "\"client_secret_jwt\",\"private_key_jwt\"]," \
    "\"" name "_endpoint_auth_signing_alg_values_supported\":[\"ES256\"," \
    "\"ES384\",\"RS256\",\"PS256\",\"EdDSA\",\"ES512\",\"RS384\"," \
    "\"RS512\",\"PS384\",\"PS512\",\"HS256\",\"HS384\",\"HS512\"," \
    "\"Ed25519\"],"

/* The whole document for the sample policy. */
static const char whole[] =
    "{\"issuer\":\"https://as.example.org\","
    "\"token_endpoint\":\"https://as.example.org/oauth2/v1/token\","
    "\"introspection_endpoint\":"
    "\"https://as.example.org/oauth2/v1/introspect\","
    "\"revocation_endpoint\":\"https://as.example.org/oauth2/v1/revoke\","
    "\"jwks_uri\":\"https://as.example.org/oauth2/v1/keys\","
    "\"grant_types_supported\":[\"client_credentials\"],"
    "\"response_types_supported\":[],"
    AUTHENTICATION("token") AUTHENTICATION("introspection")
    AUTHENTICATION("revocation")
    "\"introspection_signing_alg_values_supported\":[\"ES256\"],"
    "\"dpop_signing_alg_values_supported\":[\"ES256\","
    "\"ES384\",\"RS256\",\"PS256\",\"EdDSA\",\"ES512\",\"RS384\","
    "\"RS512\",\"PS384\",\"PS512\",\"Ed25519\"],"
    "\"scopes_supported\":[\"bills.read\",\"orders.read\",\"orders.write\","
    "\"secret.read\"]}";

/* What this version would refuse, and so must not say. */
static const char *const absent[] = {
    "authorization_endpoint",
    "registration_endpoint",
    "authorization_details_types_supported",
    "mtls_endpoint_aliases",
    "tls_client_certificate_bound_access_tokens",
};

static const struct {
    const char *sentence;
    const char *issuer, *path;
    const char *token, *keys;
} rows[] = {
    {"a host", "https://as.example.org", "/oauth2/v1",
     "https://as.example.org/oauth2/v1/token",
     "https://as.example.org/oauth2/v1/keys"},
    {"a port", "https://as.example.org:8443", "/o",
     "https://as.example.org:8443/o/token",
     "https://as.example.org:8443/o/keys"},
    {"a slash at the end is kept in the issuer alone",
     "https://as.example.org/", "/o", "https://as.example.org/o/token",
     "https://as.example.org/o/keys"},
    {"the issuer's path is not that of the endpoints",
     "https://as.example.org/tenant", "/oauth2/v1",
     "https://as.example.org/oauth2/v1/token",
     "https://as.example.org/oauth2/v1/keys"},
    {"a percent sign is no format", "https://as.example.org", "/%s%n",
     "https://as.example.org/%s%n/token", "https://as.example.org/%s%n/keys"},
};

static json_t *
document(const struct policy *policy)
{
    char *text = metadata_text(policy);
    json_t *doc = json_loads(text, JSON_REJECT_DUPLICATES, NULL);

    free(text);
    return doc;
}

static const char *
member(const json_t *doc, const char *name)
{
    return json_string_value(json_object_get(doc, name));
}

/* With certificates, and by the rules of FAPI 2.0. */
static void
test_certificates(struct policy *policy)
{
    static const char aliases[] =
        "{\"token_endpoint\":\"https://m.example.org/oauth2/v1/token\","
        "\"introspection_endpoint\":"
        "\"https://m.example.org/oauth2/v1/introspect\","
        "\"revocation_endpoint\":"
        "\"https://m.example.org/oauth2/v1/revoke\"}";
    static const char methods[] =
        "[\"private_key_jwt\",\"tls_client_auth\","
        "\"self_signed_tls_client_auth\"]";
    static const char algs[] =
        "[\"ES256\",\"PS256\",\"EdDSA\",\"Ed25519\"]";
    static char ca_file[] = "/ca.pem", base[] = "https://m.example.org";
    static char *ca[] = {ca_file};
    char **no_ca = policy->mtls.ca, *no_base = policy->mtls.base, *text;
    json_t *doc;

    policy->mtls.ca = ca;
    policy->mtls.n_ca = 1;
    policy->mtls.base = base;
    policy->fapi2 = true;
    doc = document(policy);
    text = json_dumps(json_object_get(doc, "mtls_endpoint_aliases"),
                      JSON_COMPACT);
    tap_is_str(aliases, text, "the host for certificates (RFC 8705, 5)");
    free(text);
    tap_ok(json_is_true(json_object_get(
               doc, "tls_client_certificate_bound_access_tokens")),
           "tokens can be bound to certificates (RFC 8705, 3.3)");
    text = json_dumps(
        json_object_get(doc, "token_endpoint_auth_methods_supported"),
        JSON_COMPACT);
    tap_is_str(methods, text, "FAPI 2.0 has no method of secrets");
    free(text);
    text = json_dumps(json_object_get(doc,
                                      "dpop_signing_alg_values_supported"),
                      JSON_COMPACT);
    tap_is_str(algs, text, "and three algorithms of proofs");
    free(text);
    json_decref(doc);
    policy->mtls.ca = no_ca;
    policy->mtls.n_ca = 0;
    policy->mtls.base = no_base;
    policy->fapi2 = false;
}

static void
test_row(size_t row, struct policy *policy)
{
    json_t *doc;

    free(policy->issuer);
    free(policy->path);
    policy->issuer = strdup(rows[row].issuer);
    policy->path = strdup(rows[row].path);
    doc = document(policy);
    tap_is_str(rows[row].issuer, member(doc, "issuer"), "%s: issuer",
               rows[row].sentence);
    tap_is_str(rows[row].token, member(doc, "token_endpoint"),
               "%s: token_endpoint", rows[row].sentence);
    tap_is_str(rows[row].keys, member(doc, "jwks_uri"), "%s: jwks_uri",
               rows[row].sentence);
    json_decref(doc);
}

int
main(void)
{
    struct policy policy;
    json_t *doc;
    char *text;
    size_t i;

    sample_policy(&policy);
    text = metadata_text(&policy);
    tap_is_str(whole, text, "the document of the sample policy");
    free(text);
    doc = document(&policy);
    for (i = 0; i < LEN(absent); i++)
        tap_ok(json_object_get(doc, absent[i]) == NULL, "%s is not said",
               absent[i]);
    json_decref(doc);
    test_certificates(&policy);
    policy.metadata.response_types = false;
    doc = document(&policy);
    tap_ok(json_object_get(doc, "response_types_supported") == NULL,
           "the empty response_types_supported can be switched off");
    json_decref(doc);
    for (i = 0; i < LEN(rows); i++)
        test_row(i, &policy);
    sample_detail(&policy, "t1", SAMPLE_ORDERS, "batch");
    sample_detail(&policy, "t2", SAMPLE_BILLS, NULL);
    doc = document(&policy);
    text = json_dumps(
        json_object_get(doc, "authorization_details_types_supported"),
        JSON_COMPACT);
    tap_is_str("[\"t1\",\"t2\"]", text,
               "the types of authorization details (RFC 9396, 10)");
    free(text);
    json_decref(doc);
    policy.n_scopes = 0;
    doc = document(&policy);
    tap_ok(json_object_get(doc, "scopes_supported") == NULL,
           "no scope is no scopes_supported (RFC 8414, 3.2)");
    json_decref(doc);
    policy_free(&policy);
    return tap_done();
}
