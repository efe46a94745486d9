/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * A policy, clients and requests for the unit tests.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/b64.h"
#include "sample.h"

static void *
need(void *memory)
{
    if (memory == NULL)
        abort();
    return memory;
}

static char *
copy(const char *text, size_t len)
{
    return need(strndup(text, len));
}

void
sample_list(char ***list, size_t *n, const char *words)
{
    size_t i, len;

    for (i = 0; i < *n; i++)
        free((*list)[i]);
    free(*list);
    *list = NULL;
    *n = 0;
    for (; words != NULL && *words != '\0'; words += len) {
        words += strspn(words, " ");
        len = strcspn(words, " ");
        if (len == 0)
            return;
        *list = need(realloc(*list, (*n + 1) * sizeof(**list)));
        (*list)[(*n)++] = copy(words, len);
    }
}

struct policy_resource *
sample_resource(struct policy *policy, const char *audience,
                const char *scopes)
{
    struct policy_resource *resource;

    policy->resources =
        need(realloc(policy->resources, (policy->n_resources + 1)
                                            * sizeof(*policy->resources)));
    resource = &policy->resources[policy->n_resources++];
    memset(resource, 0, sizeof(*resource));
    resource->audience = copy(audience, strlen(audience));
    sample_list(&resource->scopes, &resource->n_scopes, scopes);
    return resource;
}

void
sample_role(struct policy *policy, const char *name, const char *scopes)
{
    struct policy_role *role;

    policy->roles = need(realloc(
        policy->roles, (policy->n_roles + 1) * sizeof(*policy->roles)));
    role = &policy->roles[policy->n_roles++];
    memset(role, 0, sizeof(*role));
    role->name = copy(name, strlen(name));
    sample_list(&role->scopes, &role->n_scopes, scopes);
}

struct policy_detail *
sample_detail(struct policy *policy, const char *type, const char *audience,
              const char *roles)
{
    struct policy_detail *detail;

    policy->details = need(realloc(
        policy->details, (policy->n_details + 1) * sizeof(*policy->details)));
    detail = &policy->details[policy->n_details++];
    memset(detail, 0, sizeof(*detail));
    detail->type = copy(type, strlen(type));
    detail->audience = copy(audience, strlen(audience));
    sample_list(&detail->roles.list, &detail->roles.n, roles);
    return detail;
}

void
sample_ready(struct policy *policy)
{
    struct errtext why;
    bool in_role;
    int where;

    if (policy_ready(policy, &in_role, &where, &why) != 0) {
        fprintf(stderr, "# the policy of the test: %s\n", why.text);
        abort();
    }
}

void
sample_policy(struct policy *policy)
{
    struct policy_resource *resource;

    memset(policy, 0, sizeof(*policy));
    policy->file = copy("ccgrant.conf", 12);
    policy->issuer = copy("https://as.example.org", 22);
    policy->path = copy("/oauth2/v1", 10);
    policy->realm = copy("ccgrant", 7);
    policy->token.format = FORMAT_JWT;
    policy->token.alg = JOSE_ES256;
    policy->token.lifetime = 3600;
    policy->token.max_lifetime = 86400;
    policy->token.durable = true;
    policy->revocations.file = copy("", 0);
    policy->revocations.lifetime = 86400;
    policy->archive = copy("", 0);
    policy->assertions.skew = 30;
    policy->assertions.max_lifetime = 3600;
    policy->jwks.ca = copy("", 0);
    policy->mtls.base = copy("", 0);
    policy->mtls.header = copy("", 0);
    policy->dpop.nonce = DPOP_NONCE_OFF;
    policy->jwks.max_age = 3600;
    policy->jwks.cooldown = 60;
    policy->limits.body = 65536;
    policy->metadata.response_types = true;
    policy->scope_aliases = true;
    sample_resource(policy, SAMPLE_ORDERS, "orders.read orders.write");
    resource = sample_resource(policy, SAMPLE_BILLS, "bills.read");
    resource->alg = JOSE_RS256;
    resource->lifetime = 600;
    resource = sample_resource(policy, SAMPLE_SECRET, "secret.read");
    resource->format = FORMAT_OPAQUE;
    sample_resource(policy, SAMPLE_EMPTY, NULL);
    sample_role(policy, "batch", "orders.read bills.read");
    sample_role(policy, "admin", "orders.read orders.write");
    sample_role(policy, "idle", NULL);
    sample_ready(policy);
}

struct request
sample_request(void)
{
    static char *const env[] = {NULL};
    static char body[1];

    return (struct request){.method = "POST", .script_name = "",
                            .path_info = "", .content_type = "",
                            .authorization = "", .accept = "",
                            .remote_addr = "192.0.2.1",
                            .origin = "192.0.2.1",
                            .origin_why = "it comes from no network",
                            .client_verify = "",
                            .client_cert = "", .env = env, .config = "",
                            .body = body, .repeated = ""};
}

/* The tree only decodes base64 with padding; this is for credentials. */
void
sample_basic(char *header, const char *text)
{
    size_t len = strlen(text), n;

    memcpy(header, "Basic ", 6);
    n = b64url_encode(text, len, header + 6) + 6;
    while ((n - 6) % 4 != 0)
        header[n++] = '=';
    header[n] = '\0';
    while (n-- > 6) {
        if (header[n] == '-')
            header[n] = '+';
        if (header[n] == '_')
            header[n] = '/';
    }
}
