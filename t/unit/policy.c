/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The policy: what spans several keys, and what is looked up in it.
 */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/policy.h"
#include "../lib/sample.h"
#include "../lib/tap.h"

enum { ITEMS = 3, ENTRIES = 4 };

/* A list ends with NULL. */
struct item {
    const char *name; /* audience or name */
    const char *scopes[ENTRIES];
    int64_t lifetime;
};

struct sketch {
    const char *sentence;
    struct item resources[ITEMS];
    struct item roles[ITEMS];
    int64_t lifetime;
    int64_t max_lifetime;
    bool no_aliases;
    const char *why; /* NULL: good */
    bool in_role;
    int where;
};

#define ORDERS { "https://a/orders", { "orders.read", "orders.write" }, 0 }
#define NO_ROLES { { NULL, { NULL }, 0 } }
#define BILLS { "https://a/bills", { "bills.read" }, 0 }

static const struct sketch sketches[] = {
    { "two resources and a role", { ORDERS, BILLS },
      { { "batch", { "orders.read", "bills.read" }, 0 } }, 0, 0, false,
      NULL, false, -1 },
    { "a resource without scopes", { { "https://a", { NULL }, 0 } },
      NO_ROLES, 0, 0, false, NULL, false, -1 },
    { "a role without scopes", { ORDERS }, { { "idle", { NULL }, 0 } },
      0, 0, false, NULL, false, -1 },
    { "lifetimes equal to the greatest",
      { { "https://a", { "a" }, 600 } }, NO_ROLES, 600, 600, false, NULL,
      false, -1 },
    { "a name of an alias, where there are no aliases",
      { { "https://a", { "urn:opc:idm:role.x" }, 0 } }, NO_ROLES, 0, 0,
      true, NULL, false, -1 },
    { "a name that only looks like an alias",
      { { "https://a", { "urn:opc:resource:consumer::all" }, 0 } },
      NO_ROLES, 0, 0, false, NULL, false, -1 },

    { "the lifetime over the greatest", { ORDERS }, NO_ROLES, 601, 600,
      false, "token.lifetime: 601 is more than token.max_lifetime; expected "
      "at most 600", false, -1 },
    { "the lifetime of a resource over the greatest",
      { ORDERS, { "https://a", { "a" }, 601 } }, NO_ROLES, 60, 600, false,
      "resources.lifetime: 601 is more than token.max_lifetime; expected at "
      "most 600", false, 1 },
    { "an audience twice", { ORDERS, BILLS, ORDERS }, NO_ROLES, 0, 0,
      false, "resources.audience: \"https://a/orders\" is that of another "
      "one already; expected each once", false, 2 },
    { "a scope of two resources",
      { ORDERS, { "https://b", { "b", "orders.read" }, 0 } }, NO_ROLES,
      0, 0, false, "resources.scopes: \"orders.read\" is a scope of "
      "\"https://a/orders\" already; expected each once", false, 1 },
    { "a scope twice in one resource",
      { BILLS, { "https://b", { "b", "c", "b" }, 0 } }, NO_ROLES,
      0, 0, false, "resources.scopes: \"b\" stands here twice; expected each "
      "once", false, 1 },
    { "a scope that is an alias",
      { { "https://b", { "urn:opc:idm:__myscopes__" }, 0 } }, NO_ROLES,
      0, 0, false, "resources.scopes: \"urn:opc:idm:__myscopes__\" is an "
      "alias; expected another name, or scope_aliases = false", false, 0 },
    { "a scope that is the alias of a role",
      { { "https://b", { "urn:opc:idm:role.x" }, 0 } }, NO_ROLES,
      0, 0, false, "resources.scopes: \"urn:opc:idm:role.x\" is an alias; "
      "expected another name, or scope_aliases = false", false, 0 },
    { "a scope that is the alias of a lifetime",
      { { "https://b", { "urn:opc:resource:expiry=60" }, 0 } }, NO_ROLES,
      0, 0, false, "resources.scopes: \"urn:opc:resource:expiry=60\" is an "
      "alias; expected another name, or scope_aliases = false", false, 0 },
    { "a role's scope that is nearly one", { ORDERS, BILLS },
      { { "x", { "orders.read" }, 0 }, { "y", { "bills.raed" }, 0 } }, 0, 0,
      false, "roles.scopes: \"bills.raed\" is defined by no resource; did "
      "you mean \"bills.read\"?", true, 1 },
    { "a role's scope that is far from any", { ORDERS },
      { { "x", { "orders.read", "telephone" }, 0 } }, 0, 0, false,
      "roles.scopes: \"telephone\" is defined by no resource; expected a "
      "scope of one of them", true, 0 },
    { "a role's scope twice", { ORDERS },
      { { "x", { "orders.read", "orders.read" }, 0 } }, 0, 0, false,
      "roles.scopes: \"orders.read\" stands here twice; expected each once",
      true, 0 },
    { "a role twice", { ORDERS },
      { { "x", { "orders.read" }, 0 }, { "x", { "orders.write" }, 0 } }, 0, 0,
      false, "roles.name: \"x\" is that of another one already; expected "
      "each once", true, 1 },
};

static void *
take(size_t n, size_t size)
{
    void *items = calloc(n, size);

    if (items == NULL)
        abort();
    return items;
}

static char **
copy_list(const char *const *from, size_t *n)
{
    char **list = take(ENTRIES, sizeof(*list));

    for (*n = 0; *n < ENTRIES && from[*n] != NULL; ++*n)
        list[*n] = strdup(from[*n]);
    return list;
}

static void
draw(struct policy *policy, const struct sketch *sketch)
{
    const struct item *item;

    memset(policy, 0, sizeof(*policy));
    policy->token.lifetime = sketch->lifetime > 0 ? sketch->lifetime : 3600;
    policy->token.max_lifetime
        = sketch->max_lifetime > 0 ? sketch->max_lifetime : 86400;
    policy->scope_aliases = !sketch->no_aliases;
    policy->resources = take(ITEMS, sizeof(*policy->resources));
    policy->roles = take(ITEMS, sizeof(*policy->roles));
    for (item = sketch->resources;
         item < sketch->resources + ITEMS && item->name != NULL; item++) {
        struct policy_resource *to = &policy->resources[policy->n_resources++];

        to->audience = strdup(item->name);
        to->lifetime = item->lifetime;
        to->scopes = copy_list(item->scopes, &to->n_scopes);
    }
    for (item = sketch->roles;
         item < sketch->roles + ITEMS && item->name != NULL; item++) {
        struct policy_role *to = &policy->roles[policy->n_roles++];

        to->name = strdup(item->name);
        to->scopes = copy_list(item->scopes, &to->n_scopes);
    }
}

static void
test_ready(const struct sketch *sketch)
{
    struct errtext why = {.text = ""};
    struct policy policy;
    bool in_role;
    int where, rc;

    draw(&policy, sketch);
    rc = policy_ready(&policy, &in_role, &where, &why);
    tap_is_int(sketch->why == NULL ? 0 : -1, rc, "%s: outcome",
               sketch->sentence);
    tap_is_str(sketch->why == NULL ? "" : sketch->why, why.text,
               "%s: reason", sketch->sentence);
    tap_ok(in_role == sketch->in_role && where == sketch->where, "%s: place",
           sketch->sentence);
    policy_free(&policy);
}

static void
test_lookup(void)
{
    struct policy policy;
    const struct policy_role *role;
    bool in_role;
    int where, i;

    draw(&policy, &sketches[0]);
    tap_is_int(0, policy_ready(&policy, &in_role, &where, NULL), "ready");
    tap_is_int(0, policy_ready(&policy, &in_role, &where, NULL),
               "ready once more");
    tap_is_int(3, (long long)policy.n_scopes, "all scopes");
    tap_is_str("bills.read", policy.scopes[0].name, "sorted by name");
    tap_is_int(1, (long long)policy.scopes[0].resource, "with their resource");
    i = policy_scope(&policy, "orders.read and more", 11);
    tap_is_str("orders.read", i < 0 ? NULL : policy.scopes[i].name,
               "a scope is found by its length");
    tap_is_int(-1, policy_scope(&policy, "orders.rea", 10), "not a prefix");
    tap_is_int(-1, policy_scope(&policy, "orders.readx", 12), "not a suffix");
    tap_is_int(-1, policy_scope(&policy, "Orders.read", 11), "not a case");
    tap_is_int(-1, policy_scope(&policy, "", 0), "not nothing");
    tap_is_int(-1, policy_scope(&policy, "zzz", 3), "not behind the last");
    role = policy_role(&policy, "batch job", 5);
    tap_ok(role == &policy.roles[0], "a role is found by its length");
    tap_ok(policy_role(&policy, "batch job", 9) == NULL, "not a longer one");
    tap_ok(policy_role(&policy, "bat", 3) == NULL, "not a shorter one");
    tap_ok(role != NULL && scope_set_has(&role->set, 0)
               && scope_set_has(&role->set, 1) && !scope_set_has(&role->set, 2),
           "its set has its scopes");
    tap_is_int(1, policy_resource(&policy, "https://a/bills"), "a resource");
    tap_is_int(-1, policy_resource(&policy, "https://a/bills/"),
               "not with a slash more");
    policy_free(&policy);
    policy_free(&policy);
    tap_ok(policy.scopes == NULL, "freed twice");
}

/* The name of the scope that is meant, or "". */
static const char *
meant(const struct policy *policy, const char *text)
{
    int scope = policy_qualified(policy, text, strlen(text));

    return scope < 0 ? "" : policy->scopes[scope].name;
}

static void
test_qualified(void)
{
    static const struct sketch sketch = { "qualified",
        { { "https://a/", { "x", "/y", "b/z" }, 0 },
          { "https://a/b", { "z", "c" }, 0 },
          { "urn:id=7", { "all", "1" }, 0 } },
        NO_ROLES, 0, 0, false, NULL, false, -1 };
    static const char *const rows[][2] = {
        { "https://a/x", "x" },
        { "https://a//y", "/y" },
        { "https://a//x", "" },
        { "https://a/bz", "z" },
        { "https://a/b/z", "z" }, /* the longer audience */
        { "https://a/b/c", "c" },
        { "https://a/bc", "c" },
        { "https://a/b//c", "" },
        { "https://a/c", "" },
        { "urn:id=7all", "all" },
        { "urn:id=7/all", "all" },
        { "urn:id=71", "1" },
        { "urn:id=7", "" },
        { "urn:id=", "" },
        { "https://a/", "" },
        { "https://a", "" },
        { "x", "" },
        { "", "" },
        { "zzz", "" },
        { "!", "" },
    };
    struct policy policy;
    bool in_role;
    int where;
    size_t i;

    draw(&policy, &sketch);
    tap_is_int(0, policy_ready(&policy, &in_role, &where, NULL),
               "audiences within each other are good");
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        tap_is_str(rows[i][1], meant(&policy, rows[i][0]),
                   "what '%s' means", rows[i][0]);
    tap_is_int(-1, policy_qualified(&policy, "https://a/xyz", 10),
               "no more than the name is read");
    tap_is_int(1, policy_resource(&policy, "https://a/b"),
               "a resource within another");
    policy_free(&policy);
}

/* One type of details, or one claim, and what is wrong with it. */
static const struct {
    const char *sentence;
    const char *type, *audience, *roles, *members, *required, *actions;
    const char *claims;
    const char *why; /* NULL: good */
    int where;
} detail_rows[] = {
    { "a type", "t", "https://a/orders", "batch", "m", "m", "x", NULL, NULL,
      -1 },
    { "a type for nobody", "t", "https://a/orders", NULL, NULL, NULL, NULL,
      NULL, NULL, -1 },
    { "a type that must have what it has values of", "t", "https://a/bills",
      "batch", NULL, "actions type", "x", NULL, NULL, -1 },
    { "any values of a common member", "t", "https://a/bills", "batch",
      "actions", "actions", NULL, NULL, NULL, -1 },
    { "a type twice", "first", "https://a/orders", "batch", NULL, NULL, NULL,
      NULL, "details.type: \"first\" is that of another one already; "
      "expected each once", 1 },
    { "an audience that is nearly one", "t", "https://a/order", "batch",
      NULL, NULL, NULL, NULL, "details.audience: \"https://a/order\" is that "
      "of no resource; did you mean \"https://a/orders\"?", 1 },
    { "an audience that is far from any", "t", "urn:x", "batch", NULL, NULL,
      NULL, NULL, "details.audience: \"urn:x\" is that of no resource; "
      "expected one that is", 1 },
    { "a role that is nearly one", "t", "https://a/orders", "batch bacth",
      NULL, NULL, NULL, NULL, "details.roles: \"bacth\" is not defined in "
      "roles; did you mean \"batch\"?", 1 },
    { "the type among members", "t", "https://a/orders", "batch", "type",
      NULL, NULL, NULL, "details.members: \"type\" is in each; expected "
      "others", 1 },
    { "any value, and a list", "t", "https://a/orders", "batch", "actions",
      NULL, "x", NULL, "details.members: \"actions\" may have any value, and "
      "details.actions lists them; expected one of the two", 1 },
    { "a required member that it may not have", "t", "https://a/orders",
      "batch", "m", "n", NULL, NULL, "details.required: \"n\" is no member "
      "that the type may have; expected it in members, or values of it", 1 },
    { "claims", "t", "https://a/orders", NULL, NULL, NULL, NULL, "a=1 b=2",
      NULL, -1 },
    { "a claim twice", "t", "https://a/orders", NULL, NULL, NULL, NULL,
      "a=1 a=2", "resources.claims: \"a=2\": the claim \"a\" comes twice",
      1 },
    { "a claim of the server's own", "t", "https://a/orders", NULL, NULL,
      NULL, NULL, "iss=1", "resources.claims: \"iss=1\": expected another "
      "claim than one of the server's own", 1 },
};

static void
test_detail(size_t row)
{
    struct policy policy;
    struct policy_detail *detail;
    struct errtext why = {.text = ""};
    bool in_role;
    int where, rc;

    draw(&policy, &sketches[0]);
    sample_detail(&policy, "first", "https://a/orders", "batch");
    detail = sample_detail(&policy, detail_rows[row].type,
                           detail_rows[row].audience, detail_rows[row].roles);
    sample_list(&detail->members.list, &detail->members.n,
                detail_rows[row].members);
    sample_list(&detail->required.list, &detail->required.n,
                detail_rows[row].required);
    sample_list(&detail->common[COMMON_ACTIONS].list,
                &detail->common[COMMON_ACTIONS].n, detail_rows[row].actions);
    sample_list(&policy.resources[1].claims, &policy.resources[1].n_claims,
                detail_rows[row].claims);
    rc = policy_ready(&policy, &in_role, &where, &why);
    tap_is_int(detail_rows[row].why == NULL ? 0 : -1, rc, "%s",
               detail_rows[row].sentence);
    tap_is_str(detail_rows[row].why == NULL ? "" : detail_rows[row].why,
               why.text, "%s: reason", detail_rows[row].sentence);
    tap_ok(!in_role && where == detail_rows[row].where, "%s: place",
           detail_rows[row].sentence);
    if (rc == 0) {
        tap_is_int(policy_resource(&policy, detail_rows[row].audience),
                   (long long) detail->resource, "%s: its resource",
                   detail_rows[row].sentence);
        tap_is_int(0, policy_ready(&policy, &in_role, &where, &why),
                   "%s: once more", detail_rows[row].sentence);
    }
    policy_free(&policy);
}

static void
test_origin(void)
{
    static const struct {
        const char *issuer;
        size_t len;
    } rows[] = {
        { "https://as.example.org", 22 },
        { "https://as.example.org/tenant", 22 },
        { "https://as.example.org:8443/a/b", 27 },
        { "http://[::1]:8080", 17 },
        { "http://127.0.0.1:1/t", 18 },
    };
    struct policy policy;
    size_t i;

    memset(&policy, 0, sizeof(policy));
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        policy.issuer = strdup(rows[i].issuer);
        tap_is_int((long long)rows[i].len,
                   (long long)policy_origin_len(&policy), "origin of %s",
                   rows[i].issuer);
        free(policy.issuer);
    }
}

/* SCOPE_MAX + more scopes in one resource. */
static int
fill(struct policy *policy, size_t more, struct errtext *why)
{
    struct policy_resource *resource;
    char name[32];
    bool in_role;
    int where;
    size_t i;

    draw(policy, &sketches[1]);
    resource = &policy->resources[0];
    free(resource->scopes);
    resource->n_scopes = SCOPE_MAX + more;
    resource->scopes = take(resource->n_scopes, sizeof(*resource->scopes));
    for (i = 0; i < resource->n_scopes; i++) {
        snprintf(name, sizeof(name), "scope.%zu", (i * 2477) % 8192);
        resource->scopes[i] = strdup(name);
    }
    return policy_ready(policy, &in_role, &where, why);
}

static void
test_many(void)
{
    struct errtext why = {.text = ""};
    struct policy policy;
    size_t i, found = 0;
    char name[32];

    tap_is_int(0, fill(&policy, 0, &why), "as many scopes as a set holds");
    for (i = 0; i < SCOPE_MAX; i++) {
        size_t len = (size_t)snprintf(name, sizeof(name), "scope.%zu",
                                      (i * 2477) % 8192);
        int number = policy_scope(&policy, name, len);

        found += number >= 0
                 && strcmp(policy.scopes[number].name, name) == 0;
    }
    tap_is_int(SCOPE_MAX, (long long)found, "each of them is found");
    policy_free(&policy);
    tap_is_int(-1, fill(&policy, 1, &why), "one more is refused");
    tap_is_str("resources.scopes: \"scope.4096\" is one too many; expected at "
               "most 4096 in all", why.text, "and named");
    policy_free(&policy);
}

int
main(void)
{
    size_t i;

    for (i = 0; i < sizeof(sketches) / sizeof(sketches[0]); i++)
        test_ready(&sketches[i]);
    test_lookup();
    test_qualified();
    for (i = 0; i < sizeof(detail_rows) / sizeof(detail_rows[0]); i++)
        test_detail(i);
    test_origin();
    test_many();
    return tap_done();
}
