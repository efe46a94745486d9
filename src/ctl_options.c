/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The options of "client add" and "client set".
 */

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/grant.h"
#include "core/scope.h"
#include "core/when.h"
#include "ctl_args.h"
#include "ctl_auth.h"
#include "ctl_claims.h"
#include "ctl_limits.h"
#include "ctl_names.h"
#include "ctl_options.h"
#include "ctl_tls.h"

static ctl_options_fn put_name, put_description, put_roles, put_scopes;
static ctl_options_fn put_resources, put_default_scope, put_excess_scope;
static ctl_options_fn put_lifetime, put_max_lifetime, put_format;
static ctl_options_fn put_token_alg, put_permissions, put_networks;
static ctl_options_fn put_expires;
static int check_default(const struct ctl *ctl, const struct client *cl,
                         struct errtext *why);

static const struct {
    const char *name;
    ctl_options_fn *apply;
} options[] = {
    {"name", put_name},
    {"description", put_description},
    {"auth", ctl_auth_method},
    {"jwks-uri", ctl_auth_jwks_uri},
    {"assertion-alg", ctl_auth_alg},
    {"assertion-aud", ctl_auth_aud},
    {"tls-ca", ctl_tls_ca},
    {"bind", ctl_tls_bind},
    {"dpop-nonce", ctl_tls_nonce},
    {"profile", ctl_tls_profile},
    {"role", put_roles},
    {"scope", put_scopes},
    {"resource", put_resources},
    {"default-scope", put_default_scope},
    {"excess-scope", put_excess_scope},
    {"lifetime", put_lifetime},
    {"max-lifetime", put_max_lifetime},
    {"format", put_format},
    {"token-alg", put_token_alg},
    {"claim", ctl_claims_put},
    {"basic", ctl_claims_basic},
    {"scope-claim", ctl_claims_scope},
    {"token-typ", ctl_claims_typ},
    {"aud-claim", ctl_claims_aud},
    {"budget", ctl_limits_budgets},
    {"reuse", ctl_limits_reuse},
    {"permit", put_permissions},
    {"network", put_networks},
    {"expires", put_expires},
};

int
ctl_options_apply(const struct ctl *ctl, struct client *cl,
                  const struct ctl_clientkeys *keys, struct errtext *why)
{
    size_t i;

    for (i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        const char *value = ctl_args_value(ctl, options[i].name);

        if (value != NULL && options[i].apply(ctl, cl, value, why) != 0)
            return errtext_context(why, "--%s", options[i].name);
    }
    ctl_clientkeys_apply(keys, cl);
    if (ctl_tls_subject(ctl, cl, why) != 0
        || ctl_auth_check(ctl, cl, why) != 0
        || client_check(cl, &ctl->policy, why) != 0)
        return -1;
    return check_default(ctl, cl, why);
}

static void
put_text(char **text, const char *value)
{
    free(*text);
    *text = alloc_text(value);
}

static int
put_name(const struct ctl *ctl, struct client *cl, const char *value,
         struct errtext *why)
{
    (void) ctl;
    if (client_check_text("name", value, why) != 0)
        return -1;
    put_text(&cl->name, value);
    return 0;
}

static int
put_description(const struct ctl *ctl, struct client *cl, const char *value,
                struct errtext *why)
{
    (void) ctl;
    if (client_check_text("description", value, why) != 0)
        return -1;
    put_text(&cl->description, value);
    return 0;
}

static void
empty_list(char ***list, size_t *n)
{
    while (*n > 0)
        free((*list)[--*n]);
    free(*list);
    *list = NULL;
}

/* Add to the list, unless it is there already. */
static void
add_to_list(char ***list, size_t *n, const char *text, size_t len)
{
    size_t i;

    for (i = 0; i < *n; i++) {
        if (strlen((*list)[i]) == len && memcmp((*list)[i], text, len) == 0)
            return;
    }
    *list = alloc_again(*list, (*n + 1) * sizeof(**list));
    (*list)[(*n)++] = alloc_part(text, len);
}

/* The list becomes what the option was given, the empty values aside. */
static void
put_list(const struct ctl *ctl, const char *option, char ***list, size_t *n)
{
    const char *value;
    size_t at = 0;

    empty_list(list, n);
    while ((value = ctl_args_next(ctl, option, &at)) != NULL) {
        if (*value != '\0')
            add_to_list(list, n, value, strlen(value));
    }
}

static int
check_list(const struct ctl *ctl, char *const *list, size_t n,
           ctl_names_fn *check, struct errtext *why)
{
    size_t i;

    for (i = 0; i < n; i++) {
        if (check(&ctl->policy, list[i], why) != 0)
            return -1;
    }
    return 0;
}

static int
put_roles(const struct ctl *ctl, struct client *cl, const char *value,
          struct errtext *why)
{
    (void) value;
    put_list(ctl, "role", &cl->roles, &cl->n_roles);
    return check_list(ctl, cl->roles, cl->n_roles, ctl_names_role, why);
}

static int
put_scopes(const struct ctl *ctl, struct client *cl, const char *value,
           struct errtext *why)
{
    (void) value;
    put_list(ctl, "scope", &cl->scopes, &cl->n_scopes);
    return check_list(ctl, cl->scopes, cl->n_scopes, ctl_names_scope, why);
}

static int
put_resources(const struct ctl *ctl, struct client *cl, const char *value,
              struct errtext *why)
{
    (void) value;
    put_list(ctl, "resource", &cl->resources, &cl->n_resources);
    return check_list(ctl, cl->resources, cl->n_resources, ctl_names_resource,
                      why);
}

static int
put_default_scope(const struct ctl *ctl, struct client *cl, const char *value,
                  struct errtext *why)
{
    int word = client_find_word(client_default_words, value), more;
    const char *rest = value, *name;
    size_t len;

    empty_list(&cl->default_scopes, &cl->n_default_scopes);
    if (*value == '\0')
        word = DEFAULT_SCOPE_ALL;
    if (word >= 0 && word != DEFAULT_SCOPE_LIST) {
        cl->default_scope = (enum default_scope) word;
        return 0;
    }
    cl->default_scope = DEFAULT_SCOPE_LIST;
    while ((more = scope_next(&rest, &name, &len)) > 0)
        add_to_list(&cl->default_scopes, &cl->n_default_scopes, name, len);
    if (more < 0)
        return errtext_set(why, "say all, none, reject, or scopes with one "
                                "space between them");
    return check_list(ctl, cl->default_scopes, cl->n_default_scopes,
                      ctl_names_scope, why);
}

static int
put_excess_scope(const struct ctl *ctl, struct client *cl, const char *value,
                 struct errtext *why)
{
    int word = client_find_word(client_excess_words, value);

    (void) ctl;
    if (*value == '\0')
        word = EXCESS_SCOPE_REJECT;
    if (word < 0)
        return errtext_set(why, "say reject or narrow");
    cl->excess_scope = (enum excess_scope) word;
    return 0;
}

/* An empty value means what the next level says, which is stored as 0. */
static int
put_seconds(int64_t *seconds, const char *value, struct errtext *why)
{
    *seconds = 0;
    if (*value == '\0')
        return 0;
    if (when_duration(seconds, value, why) != 0)
        return -1;
    return *seconds > 0 ? 0 : errtext_set(why, "it must be 1 second or more");
}

static int
put_lifetime(const struct ctl *ctl, struct client *cl, const char *value,
             struct errtext *why)
{
    (void) ctl;
    return put_seconds(&cl->lifetime, value, why);
}

static int
put_max_lifetime(const struct ctl *ctl, struct client *cl, const char *value,
                 struct errtext *why)
{
    (void) ctl;
    return put_seconds(&cl->max_lifetime, value, why);
}

static int
put_format(const struct ctl *ctl, struct client *cl, const char *value,
           struct errtext *why)
{
    int word = client_find_word(client_format_words, value);

    (void) ctl;
    if (*value == '\0')
        word = FORMAT_DEFAULT;
    if (word < 0)
        return errtext_set(why, "say jwt, opaque or default");
    cl->format = (enum token_format) word;
    return 0;
}

static int
put_token_alg(const struct ctl *ctl, struct client *cl, const char *value,
              struct errtext *why)
{
    (void) ctl;
    cl->token_alg = JOSE_NONE;
    if (*value == '\0')
        return 0;
    return ctl_names_alg(&cl->token_alg, value, true, why);
}

static int
put_permissions(const struct ctl *ctl, struct client *cl, const char *value,
                struct errtext *why)
{
    size_t at = 0;

    cl->permissions = 0;
    while ((value = ctl_args_next(ctl, "permit", &at)) != NULL) {
        if (*value == '\0')
            continue;
        if (strcmp(value, client_permit_words[PERMIT_REGISTER]) == 0)
            return errtext_set(why, "registration of clients is not in this "
                                    "version: say introspect");
        if (strcmp(value, client_permit_words[PERMIT_INTROSPECT]) != 0)
            return errtext_set(why, "say introspect");
        cl->permissions |= PERMIT_INTROSPECT;
    }
    return 0;
}

static int
put_networks(const struct ctl *ctl, struct client *cl, const char *value,
             struct errtext *why)
{
    size_t at = 0;

    free(cl->networks);
    cl->networks = NULL;
    cl->n_networks = 0;
    while ((value = ctl_args_next(ctl, "network", &at)) != NULL) {
        struct cidr net;

        if (*value == '\0')
            continue;
        if (cidr_parse(&net, value, why) != 0)
            return -1;
        cl->networks = alloc_again(cl->networks, (cl->n_networks + 1)
                                                   * sizeof(*cl->networks));
        cl->networks[cl->n_networks++] = net;
    }
    return 0;
}

static int
put_expires(const struct ctl *ctl, struct client *cl, const char *value,
            struct errtext *why)
{
    if (*value == '\0')
        value = "never";
    return when_parse(&cl->expires, value, ctl->now, why);
}

/* A default scope that it may not have would be left out without a word. */
static int
check_default(const struct ctl *ctl, const struct client *cl,
              struct errtext *why)
{
    struct scope_set allowed;
    size_t i;

    if (cl->default_scope != DEFAULT_SCOPE_LIST)
        return 0;
    grant_allowed(&allowed, &ctl->policy, cl);
    for (i = 0; i < cl->n_default_scopes; i++) {
        const char *name = cl->default_scopes[i];
        int scope = policy_scope(&ctl->policy, name, strlen(name));

        if (scope < 0 || !scope_set_has(&allowed, (size_t) scope))
            return errtext_set(why, "the default scope \"%.120s\" is not "
                                    "among the scopes and roles of the "
                                    "client",
                               name);
    }
    return 0;
}
