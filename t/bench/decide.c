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
    BATCH = 100,
    BATCHES = 1001,
};

static const struct {
    const char *what;
    const char *scope;
} requests[] = {
    {"one scope", "scope-0007"},
    {"five scopes", "scope-0001 scope-0042 scope-0099 scope-0150 scope-0249"},
    {"a role by alias", "urn:opc:idm:role.role-049"},
    {"all by alias", "urn:opc:idm:__myscopes__"},
    {"an omitted scope", ""},
    {"an unknown scope", "nosuch"},
};

static void
make_policy(struct policy *policy)
{
    static char text[SCOPES * 11 + 1];
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
    sample_resource(policy, "https://api.example.org/", text);
    for (i = 0; i < ROLES; i++) {
        char name[16], scopes[PER_ROLE * 11 + 1];

        snprintf(name, sizeof(name), "role-%03d", i);
        for (j = 0, used = 0; j < PER_ROLE; j++)
            used += (size_t) snprintf(scopes + used, sizeof(scopes) - used,
                                      "scope-%04d ", i * PER_ROLE + j);
        sample_role(policy, name, scopes);
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
        const struct scope_set *allowed, const char *scope)
{
    static double times[BATCHES];
    static struct grant grant;
    struct errtext why;
    struct form form;
    char none[1] = "";
    int i, j;

    form_parse(&form, none, 0, NULL);
    form.value[FORM_SCOPE] = (struct form_value){scope, strlen(scope)};
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
    struct policy policy;
    struct client *cl = make_client();
    struct scope_set allowed;
    size_t i;

    make_policy(&policy);
    grant_allowed(&allowed, &policy, cl);
    printf("%d scopes, %d roles, a client of %d roles; median of %d x %d\n",
           SCOPES, ROLES, HIS_ROLES, BATCHES, BATCH);
    for (i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
        printf("%-18s %8.0f ns\n", requests[i].what,
               measure(&policy, cl, &allowed, requests[i].scope));
    client_free(cl);
    policy_free(&policy);
    return 0;
}
