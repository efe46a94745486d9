/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * How long a decision takes: 1,000 scopes, 200 roles, a client of 50 roles.
 * Not a test: "make t/bench/decide && t/bench/decide".
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/grant.h"
#include "sample.h"

enum {
    SCOPES = 1000,
    ROLES = 200,
    HIS_ROLES = 50,
    PER_ROLE = 5,
    RESOURCES = 200,
    TYPES = 64,
    BATCH = 100,
    BATCHES = 1001,
};

#define API "https://api.example.org/"

static const struct {
    const char *what;
    const char *scope;
    const char *details;
} requests[] = {
    {"one scope", "scope-0007", ""},
    {"five scopes", "scope-0001 scope-0042 scope-0099 scope-0150 scope-0249",
     ""},
    {"a qualified scope", API "scope-0007", ""},
    {"five of them",
     API "scope-0001 " API "scope-0042 " API "scope-0099 " API "scope-0150 "
     API "scope-0249", ""},
    {"a role by alias", "urn:opc:idm:role.role-049", ""},
    {"all by alias", "urn:opc:idm:__myscopes__", ""},
    {"an omitted scope", "", ""},
    {"an unknown scope", "nosuch", ""},
    {"an unknown URI", API "nosuch", ""},
    {"details", "",
     "[{\"type\":\"type-63\",\"actions\":[\"read\",\"write\"],"
     "\"locations\":[\"https://api.example.org/accounts\"],"
     "\"amount\":{\"currency\":\"EUR\",\"value\":\"123.50\"}}]"},
    {"details and a scope", "scope-0007", "[{\"type\":\"type-63\"}]"},
};

static void
make_policy(struct policy *policy)
{
    static char text[SCOPES * 11 + 1];
    struct policy_resource *resource;
    struct policy_detail *detail;
    size_t used = 0;
    int i, j;

    memset(policy, 0, sizeof(*policy));
    policy->token.alg = JOSE_ES256;
    policy->token.format = FORMAT_JWT;
    policy->token.lifetime = 3600;
    policy->token.max_lifetime = 86400;
    policy->scope_aliases = true;
    for (i = 0; i < SCOPES; i++)
        used += (size_t) snprintf(text + used, sizeof(text) - used,
                                  "scope-%04d ", i);
    resource = sample_resource(policy, API, text);
    sample_list(&resource->claims, &resource->n_claims,
                "tier=2 dept=\"it\" region=\"eu\"");
    for (i = 0; i < RESOURCES; i++) {
        char audience[40];

        snprintf(audience, sizeof(audience), API "api/%03d", i);
        sample_resource(policy, audience, NULL);
    }
    for (i = 0; i < ROLES; i++) {
        char name[16], scopes[PER_ROLE * 11 + 1];

        snprintf(name, sizeof(name), "role-%03d", i);
        for (j = 0, used = 0; j < PER_ROLE; j++)
            used += (size_t) snprintf(scopes + used, sizeof(scopes) - used,
                                      "scope-%04d ", i * PER_ROLE + j);
        sample_role(policy, name, scopes);
    }
    for (i = 0; i < TYPES; i++) {
        char name[16];

        snprintf(name, sizeof(name), "type-%02d", i);
        detail = sample_detail(policy, name, API, "role-199 role-049");
        sample_list(&detail->common[COMMON_ACTIONS].list,
                    &detail->common[COMMON_ACTIONS].n, "delete read write");
        sample_list(&detail->members.list, &detail->members.n,
                    "amount locations");
    }
    sample_ready(policy);
}

static struct client *
make_client(void)
{
    struct client *cl = client_new("bench", 1);
    static char roles[HIS_ROLES * 9 + 1];
    size_t used = 0;
    int i;

    for (i = 0; i < HIS_ROLES; i++)
        used += (size_t) snprintf(roles + used, sizeof(roles) - used,
                                  "role-%03d ", i);
    sample_list(&cl->roles, &cl->n_roles, roles);
    return cl;
}

static double
seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double) t.tv_sec + (double) t.tv_nsec / 1e9;
}

static int
compare(const void *a, const void *b)
{
    const double *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

/* The median time of one decision, in nanoseconds. */
static double
measure(const struct policy *policy, const struct client *cl,
        const struct scope_set *allowed, const char *scope,
        const char *details)
{
    static double times[BATCHES];
    static struct grant grant;
    struct errtext why;
    struct form form;
    char none[1] = "";
    int i, j;

    form_parse(&form, none, 0, NULL);
    form.value[FORM_SCOPE] = (struct form_value){scope, strlen(scope)};
    form.value[FORM_AUTHORIZATION_DETAILS] =
        (struct form_value){details, strlen(details)};
    for (i = 0; i < BATCHES; i++) {
        double start = seconds();

        for (j = 0; j < BATCH; j++)
            grant_decide(&grant, policy, cl, allowed, &form, &why);
        times[i] = (seconds() - start) / BATCH * 1e9;
    }
    qsort(times, BATCHES, sizeof(times[0]), compare);
    return times[BATCHES / 2];
}

int
main(void)
{
    static struct policy policy;
    struct client *cl = make_client();
    struct scope_set allowed;
    size_t i;

    make_policy(&policy);
    grant_allowed(&allowed, &policy, cl);
    printf("%d scopes, %d roles, %d resources, %d types of details, a client "
           "of %d roles; median of %d x %d\n",
           SCOPES, ROLES, RESOURCES, TYPES, HIS_ROLES, BATCHES, BATCH);
    for (i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
        printf("%-18s %8.0f ns\n", requests[i].what,
               measure(&policy, cl, &allowed, requests[i].scope,
                       requests[i].details));
    client_free(cl);
    policy_free(&policy);
    return 0;
}
