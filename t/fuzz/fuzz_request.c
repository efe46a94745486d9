/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What a request brings: an Authorization value on the first line, a body
 * behind it; decoded, and decided for a client with a role and a scope.
 */

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/audit.h"
#include "core/cred.h"
#include "core/grant.h"
#include "core/utf8.h"
#include "fuzz.h"
#include "sample.h"

const char fuzz_corpus[] = "request";

/* Made at the first input, kept to the end. */
static struct policy policy;
static struct client *clients[2];
static struct scope_set allowed[2];

static void
make_clients(void)
{
    size_t i;

    sample_policy(&policy);
    sample_detail(&policy, "payment", SAMPLE_ORDERS, "admin batch");
    sample_detail(&policy, "bills", SAMPLE_BILLS, "batch");
    sample_ready(&policy);
    clients[0] = client_new("strict", 1);
    sample_list(&clients[0]->roles, &clients[0]->n_roles, "admin idle");
    clients[1] = client_new("loose", 1);
    sample_list(&clients[1]->roles, &clients[1]->n_roles, "batch");
    sample_list(&clients[1]->scopes, &clients[1]->n_scopes, "orders.write");
    clients[1]->excess_scope = EXCESS_SCOPE_NARROW;
    clients[1]->default_scope = DEFAULT_SCOPE_NONE;
    clients[1]->max_lifetime = 60;
    for (i = 0; i < 2; i++)
        grant_allowed(&allowed[i], &policy, clients[i]);
}

/* A grant is of allowed scopes, each once, within the limits. */
static void
check_grant(const struct grant *grant, size_t i)
{
    const char *rest = grant->scope, *name;
    static struct scope_set seen;
    size_t len;
    int more;

    memset(&seen, 0, sizeof(seen));
    while ((more = scope_next(&rest, &name, &len)) > 0) {
        int scope = policy_scope(&policy, name, len);

        hold(scope >= 0 && scope_set_has(&allowed[i], (size_t) scope));
        hold(!scope_set_has(&seen, (size_t) scope));
        scope_set_add(&seen, (size_t) scope);
    }
    hold(more == 0);
    hold(grant->n_audiences == 1);
    hold(policy_resource(&policy, grant->audience[0]) >= 0);
    hold(grant->lifetime > 0
         && grant->lifetime <= policy.token.max_lifetime);
    hold(clients[i]->max_lifetime == 0
         || grant->lifetime <= clients[i]->max_lifetime);
    hold(grant->alg != JOSE_NONE);
}

static void
check_cred(const struct cred *cred, enum oauth_error rc)
{
    hold(cred->client_id != NULL && cred->secret != NULL);
    hold(utf8_is_valid(cred->client_id, strlen(cred->client_id)));
    hold(strlen(cred->secret) == cred->secret_len);
    if (rc == OAUTH_OK && cred->method == CRED_ASSERTION)
        hold(cred->assertion_len > 0
             && strlen(cred->assertion) == cred->assertion_len);
    else if (rc == OAUTH_OK && cred->method != CRED_NONE)
        hold(cred->client_id[0] != '\0' && cred->secret_len > 0);
}

/* The line of a log stays one line, whatever is in it. */
static void
check_log(const struct cred *cred)
{
    static char line[AUDIT_LINE_MAX];
    static struct audit audit;
    struct sbuf sb;
    int json;

    audit.endpoint = "token";
    audit.outcome = OAUTH_INVALID_CLIENT;
    audit.from = "";
    snprintf(audit.client_id, sizeof(audit.client_id), "%s",
             cred->client_id);
    for (json = 0; json < 2; json++) {
        sbuf_init(&sb, line, sizeof(line));
        audit_line(&sb, &audit, json != 0, 0);
        hold(!sb.overflow && strpbrk(line, "\r\n") == NULL);
        hold(utf8_is_valid(line, sb.len));
    }
}

static void
decide(char *header, char *body, size_t len)
{
    static struct grant grant;
    static struct cred cred;
    struct errtext why;
    struct form form;
    enum oauth_error rc;
    size_t i;

    (void) form_is_type(header);
    if (form_parse(&form, body, len, &why) != 0)
        return;
    rc = cred_take(&cred, header, &form, &why);
    check_cred(&cred, rc);
    check_log(&cred);
    for (i = 0; i < 2; i++) {
        rc = grant_decide(&grant, &policy, clients[i], &allowed[i], &form,
                          &why);
        if (rc == OAUTH_OK)
            check_grant(&grant, i);
        else
            hold(rc == OAUTH_INVALID_SCOPE || rc == OAUTH_INVALID_TARGET
                 || rc == OAUTH_INVALID_DETAILS);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct halves in = halves_of(data, size, true);

    if (clients[0] == NULL)
        make_clients();
    decide(in.first, in.rest, in.rest_len);
    halves_free(&in);
    return 0;
}
