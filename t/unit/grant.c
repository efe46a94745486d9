/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The decision: which scope, for whom, how long, signed how, or why not.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/grant.h"
#include "sample.h"
#include "tap.h"

#define PLAIN "https://api.example.org/plain" /* JWT, 7200 seconds */
#define RICH "https://api.example.org/rich" /* tier=1 dept="it" */
#define OTHER "https://api.example.org/other" /* tier=2 */
#define EXPORT "[{\"actions\":[\"export\"],\"type\":\"order-export\"}]"
#define COPY "[{\"type\":\"bill-copy\"}]"
#define BOTH "[{\"type\":\"order-export\"},{\"type\":\"bill-copy\"}]"
#define ALL_COMPAT (COMPAT_BASIC | COMPAT_SCOPE | COMPAT_TYP | COMPAT_AUD)
#define MYSCOPES "urn:opc:idm:__myscopes__"
#define ROLE "urn:opc:idm:role."
#define EXPIRY "urn:opc:resource:expiry="

struct row {
    const char *sentence;
    /* The client; no roles, no scopes, no resources unless said. */
    const char *roles, *scopes, *resources;
    enum default_scope omitted;
    const char *defaults;
    enum excess_scope excess;
    int64_t client_lifetime, client_max;
    enum token_format format;
    enum jose_alg client_alg;
    bool fapi2;
    /* The policy. */
    bool no_aliases, several;
    int64_t policy_max;
    enum token_format policy_format;
    /* The request: resource parameters with spaces between. */
    const char *scope, *resource, *details;
    const char *own_claims; /* of the record; a zero byte ends each */
    unsigned compat;        /* likewise */
    /* The decision; the audiences with spaces between. */
    enum oauth_error error;
    const char *granted, *audience;
    int64_t lifetime;
    enum jose_alg alg;
    enum token_format issued; /* FORMAT_DEFAULT: a JWT */
    const char *issued_details, *claims;
    unsigned mattered;
    const char *fault; /* a part of the reason */
};

static const struct row rows[] = {
    /* What is asked for. */
    {.sentence = "one scope of a role", .roles = "batch",
     .scope = "orders.read", .granted = "orders.read",
     .audience = SAMPLE_ORDERS},
    {.sentence = "one scope of the record", .scopes = "orders.write",
     .scope = "orders.write", .granted = "orders.write",
     .audience = SAMPLE_ORDERS},
    {.sentence = "a subset is granted exactly", .roles = "admin",
     .scope = "orders.write", .granted = "orders.write",
     .audience = SAMPLE_ORDERS},
    {.sentence = "two scopes keep their order", .roles = "admin",
     .scope = "orders.write orders.read",
     .granted = "orders.write orders.read", .audience = SAMPLE_ORDERS},
    {.sentence = "and the other order, too", .roles = "admin",
     .scope = "orders.read orders.write",
     .granted = "orders.read orders.write", .audience = SAMPLE_ORDERS},
    {.sentence = "repeats are dropped", .roles = "admin",
     .scope = "orders.write orders.read orders.write orders.write",
     .granted = "orders.write orders.read", .audience = SAMPLE_ORDERS},
    {.sentence = "a scope of role and record counts once", .roles = "batch",
     .scopes = "orders.read", .scope = "orders.read",
     .granted = "orders.read", .audience = SAMPLE_ORDERS},
    {.sentence = "a role that the policy lost gives nothing, the rest stays",
     .roles = "gone batch", .scope = "orders.read", .granted = "orders.read",
     .audience = SAMPLE_ORDERS},
    {.sentence = "an unknown scope is refused", .roles = "batch",
     .scope = "nosuch", .error = OAUTH_INVALID_SCOPE,
     .fault = "not in the policy"},
    {.sentence = "an unknown scope among known ones is refused",
     .roles = "batch", .scope = "orders.read nosuch",
     .error = OAUTH_INVALID_SCOPE, .fault = "not in the policy"},
    {.sentence = "a scope of another role is refused", .roles = "batch",
     .scope = "orders.write", .error = OAUTH_INVALID_SCOPE,
     .fault = "may not have the scope orders.write"},
    {.sentence = "a scope of a role that the policy lost is refused",
     .roles = "gone", .scope = "orders.read", .error = OAUTH_INVALID_SCOPE,
     .fault = "may not have"},
    {.sentence = "a scope in capitals is refused", .roles = "batch",
     .scope = "Orders.Read", .error = OAUTH_INVALID_SCOPE,
     .fault = "not in the policy"},
    {.sentence = "the beginning of a scope is refused", .roles = "batch",
     .scope = "orders.rea", .error = OAUTH_INVALID_SCOPE,
     .fault = "not in the policy"},
    {.sentence = "a longer scope is refused", .roles = "batch",
     .scope = "orders.reads", .error = OAUTH_INVALID_SCOPE,
     .fault = "not in the policy"},
    {.sentence = "a client without any role is refused any scope",
     .scope = "orders.read", .error = OAUTH_INVALID_SCOPE,
     .fault = "may not have"},
    {.sentence = "a role without scopes gives none", .roles = "idle",
     .scope = "orders.read", .error = OAUTH_INVALID_SCOPE,
     .fault = "may not have"},
    {.sentence = "a role's name is no scope", .roles = "batch",
     .scope = "batch", .error = OAUTH_INVALID_SCOPE,
     .fault = "not in the policy"},
    {.sentence = "a space before is refused", .roles = "batch",
     .scope = " orders.read", .error = OAUTH_INVALID_SCOPE,
     .fault = "one space"},
    {.sentence = "a space behind is refused", .roles = "batch",
     .scope = "orders.read ", .error = OAUTH_INVALID_SCOPE,
     .fault = "one space"},
    {.sentence = "a malformed scope is refused even where scopes are "
                 "narrowed",
     .roles = "batch", .excess = EXCESS_SCOPE_NARROW,
     .scope = "orders.read  x", .error = OAUTH_INVALID_SCOPE,
     .fault = "one space"},
    {.sentence = "a quotation mark is refused", .roles = "batch",
     .scope = "orders.read \"", .error = OAUTH_INVALID_SCOPE,
     .fault = "one space"},

    /* A client whose excess is left out. */
    {.sentence = "an unknown scope is left out", .roles = "batch",
     .excess = EXCESS_SCOPE_NARROW, .scope = "nosuch orders.read",
     .granted = "orders.read", .audience = SAMPLE_ORDERS},
    {.sentence = "a scope of another role is left out", .roles = "batch",
     .excess = EXCESS_SCOPE_NARROW, .scope = "orders.read orders.write",
     .granted = "orders.read", .audience = SAMPLE_ORDERS},
    {.sentence = "nothing left is refused", .roles = "batch",
     .excess = EXCESS_SCOPE_NARROW, .scope = "nosuch orders.write",
     .error = OAUTH_INVALID_SCOPE, .fault = "nothing of the requested"},
    {.sentence = "nothing left does not mean the default", .roles = "batch",
     .excess = EXCESS_SCOPE_NARROW, .omitted = DEFAULT_SCOPE_LIST,
     .defaults = "orders.read", .scope = "nosuch",
     .error = OAUTH_INVALID_SCOPE, .fault = "nothing of the requested"},
    {.sentence = "nothing left does not mean a token without scope",
     .roles = "batch", .excess = EXCESS_SCOPE_NARROW,
     .omitted = DEFAULT_SCOPE_NONE, .scope = "nosuch",
     .error = OAUTH_INVALID_SCOPE, .fault = "nothing of the requested"},

    /* What an omitted scope means. */
    {.sentence = "all, in the order of the names", .roles = "admin",
     .granted = "orders.read orders.write", .audience = SAMPLE_ORDERS},
    {.sentence = "all of role and record", .roles = "idle",
     .scopes = "orders.write", .granted = "orders.write",
     .audience = SAMPLE_ORDERS},
    {.sentence = "all of nothing is refused",
     .error = OAUTH_INVALID_SCOPE, .fault = "no role and no scope"},
    {.sentence = "all of a role without scopes is refused", .roles = "idle",
     .error = OAUTH_INVALID_SCOPE, .fault = "no role and no scope"},
    {.sentence = "the record's list, in its order", .roles = "admin",
     .omitted = DEFAULT_SCOPE_LIST,
     .defaults = "orders.write orders.read",
     .granted = "orders.write orders.read", .audience = SAMPLE_ORDERS},
    {.sentence = "the record's list without what the client lost",
     .roles = "batch", .omitted = DEFAULT_SCOPE_LIST,
     .defaults = "orders.write nosuch orders.read",
     .granted = "orders.read", .audience = SAMPLE_ORDERS},
    {.sentence = "a list of nothing that is left is refused",
     .roles = "batch", .omitted = DEFAULT_SCOPE_LIST,
     .defaults = "orders.write", .error = OAUTH_INVALID_SCOPE,
     .fault = "no role and no scope"},
    {.sentence = "an empty list is refused", .roles = "batch",
     .omitted = DEFAULT_SCOPE_LIST, .error = OAUTH_INVALID_SCOPE,
     .fault = "no role and no scope"},
    {.sentence = "reject is refused", .roles = "batch",
     .omitted = DEFAULT_SCOPE_REJECT, .error = OAUTH_INVALID_SCOPE,
     .fault = "has to say"},
    {.sentence = "reject lets a named scope pass", .roles = "batch",
     .omitted = DEFAULT_SCOPE_REJECT, .scope = "orders.read",
     .granted = "orders.read", .audience = SAMPLE_ORDERS},
    {.sentence = "none with a resource is a token without scope",
     .roles = "admin", .omitted = DEFAULT_SCOPE_NONE,
     .resource = SAMPLE_ORDERS, .granted = "", .audience = SAMPLE_ORDERS},
    {.sentence = "none for the only resource of the client",
     .roles = "admin", .omitted = DEFAULT_SCOPE_NONE, .granted = "",
     .audience = SAMPLE_ORDERS},
    {.sentence = "none for a client of two resources has to name one",
     .roles = "batch", .omitted = DEFAULT_SCOPE_NONE,
     .error = OAUTH_INVALID_TARGET, .fault = "needs a resource"},
    {.sentence = "none for a client of no resource is refused",
     .omitted = DEFAULT_SCOPE_NONE, .error = OAUTH_INVALID_TARGET,
     .fault = "needs a resource"},
    {.sentence = "none for the one resource of the record",
     .resources = SAMPLE_EMPTY, .omitted = DEFAULT_SCOPE_NONE,
     .granted = "", .audience = SAMPLE_EMPTY},

    /* Aliases. */
    {.sentence = MYSCOPES " is all", .roles = "admin", .scope = MYSCOPES,
     .granted = "orders.read orders.write", .audience = SAMPLE_ORDERS},
    {.sentence = "all behind one scope keeps that first", .roles = "admin",
     .scope = "orders.write " MYSCOPES,
     .granted = "orders.write orders.read", .audience = SAMPLE_ORDERS},
    {.sentence = "all is all even where an omitted scope is refused",
     .roles = "admin", .omitted = DEFAULT_SCOPE_REJECT, .scope = MYSCOPES,
     .granted = "orders.read orders.write", .audience = SAMPLE_ORDERS},
    {.sentence = "all of nothing is refused here, too", .scope = MYSCOPES,
     .error = OAUTH_INVALID_SCOPE, .fault = "nothing of the requested"},
    {.sentence = "the single underscores of a printing error are refused",
     .roles = "admin", .scope = "urn:opc:idm:_myscopes_",
     .error = OAUTH_INVALID_SCOPE, .fault = "not in the policy"},
    {.sentence = "a longer alias is refused", .roles = "admin",
     .scope = MYSCOPES "x", .error = OAUTH_INVALID_SCOPE,
     .fault = "not in the policy"},
    {.sentence = "a shorter alias is refused", .roles = "admin",
     .scope = "urn:opc:idm:__myscopes_", .error = OAUTH_INVALID_SCOPE,
     .fault = "not in the policy"},
    {.sentence = "an alias that is off is no scope", .roles = "admin",
     .no_aliases = true, .scope = MYSCOPES, .error = OAUTH_INVALID_SCOPE,
     .fault = "not in the policy"},
    {.sentence = "the scopes of one role", .roles = "idle admin batch",
     .scope = ROLE "admin", .granted = "orders.read orders.write",
     .audience = SAMPLE_ORDERS},
    {.sentence = "a role and a scope that it has", .roles = "admin batch",
     .scope = "orders.write " ROLE "admin",
     .granted = "orders.write orders.read", .audience = SAMPLE_ORDERS},
    {.sentence = "a role that the client does not have is refused",
     .roles = "batch", .scope = ROLE "admin", .error = OAUTH_INVALID_SCOPE,
     .fault = "not in the policy"},
    {.sentence = "having its scopes is not having the role",
     .scopes = "orders.read orders.write", .scope = ROLE "admin",
     .error = OAUTH_INVALID_SCOPE, .fault = "not in the policy"},
    {.sentence = "a role that the client does not have is left out",
     .roles = "batch", .excess = EXCESS_SCOPE_NARROW,
     .scope = ROLE "admin orders.read", .granted = "orders.read",
     .audience = SAMPLE_ORDERS},
    {.sentence = "an unknown role is refused", .roles = "batch",
     .scope = ROLE "nosuch", .error = OAUTH_INVALID_SCOPE,
     .fault = "not in the policy"},
    {.sentence = "a role that only the record has is refused",
     .roles = "gone", .scope = ROLE "gone", .error = OAUTH_INVALID_SCOPE,
     .fault = "not in the policy"},
    {.sentence = "no role's name is refused", .roles = "batch",
     .scope = ROLE, .error = OAUTH_INVALID_SCOPE,
     .fault = "not in the policy"},
    {.sentence = "the beginning of a role's name is refused",
     .roles = "batch", .scope = ROLE "bat", .error = OAUTH_INVALID_SCOPE,
     .fault = "not in the policy"},
    {.sentence = "a role without scopes has nothing", .roles = "idle",
     .scope = ROLE "idle", .error = OAUTH_INVALID_SCOPE,
     .fault = "nothing of the requested"},
    {.sentence = "a role's alias that is off is no scope", .roles = "batch",
     .no_aliases = true, .scope = ROLE "batch",
     .error = OAUTH_INVALID_SCOPE, .fault = "not in the policy"},
    {.sentence = "a role of several resources is cut to the named one",
     .roles = "batch", .scope = ROLE "batch", .resource = SAMPLE_BILLS,
     .granted = "bills.read", .audience = SAMPLE_BILLS, .lifetime = 600,
     .alg = JOSE_RS256},
    {.sentence = "a shorter lifetime is granted", .roles = "admin",
     .scope = "orders.read " EXPIRY "60", .granted = "orders.read",
     .audience = SAMPLE_ORDERS, .lifetime = 60},
    {.sentence = "a lifetime alone leaves the default scope",
     .roles = "admin", .scope = EXPIRY "60",
     .granted = "orders.read orders.write", .audience = SAMPLE_ORDERS,
     .lifetime = 60},
    {.sentence = "a lifetime alone is an omitted scope", .roles = "admin",
     .omitted = DEFAULT_SCOPE_REJECT, .scope = EXPIRY "60",
     .error = OAUTH_INVALID_SCOPE, .fault = "has to say"},
    {.sentence = "a longer lifetime than the default is granted",
     .roles = "admin", .scope = EXPIRY "7200",
     .granted = "orders.read orders.write", .audience = SAMPLE_ORDERS,
     .lifetime = 7200},
    {.sentence = "a lifetime is cut to the policy's limit",
     .roles = "admin", .scope = EXPIRY "999999",
     .granted = "orders.read orders.write", .audience = SAMPLE_ORDERS,
     .lifetime = 86400},
    {.sentence = "a lifetime is cut to the record's limit",
     .roles = "admin", .client_max = 120, .scope = EXPIRY "999",
     .granted = "orders.read orders.write", .audience = SAMPLE_ORDERS,
     .lifetime = 120},
    {.sentence = "a lifetime over 64 bits is cut, not wrapped",
     .roles = "admin", .scope = EXPIRY "18446744073709551617",
     .granted = "orders.read orders.write", .audience = SAMPLE_ORDERS,
     .lifetime = 86400},
    {.sentence = "a lifetime that begins with a zero is refused",
     .roles = "admin", .scope = EXPIRY "060", .error = OAUTH_INVALID_SCOPE,
     .fault = "lifetime in the scope is no decimal number"},
    {.sentence = "and with several", .roles = "admin",
     .scope = EXPIRY "0000000000000000000000000000000060",
     .error = OAUTH_INVALID_SCOPE, .fault = "lifetime"},
    {.sentence = "and one of zeros", .roles = "admin", .scope = EXPIRY "00",
     .error = OAUTH_INVALID_SCOPE, .fault = "lifetime"},
    {.sentence = "a lifetime with a plus sign is refused", .roles = "admin",
     .scope = EXPIRY "+60", .error = OAUTH_INVALID_SCOPE,
     .fault = "lifetime"},
    {.sentence = "a space before a lifetime is refused", .roles = "admin",
     .scope = EXPIRY " 60", .error = OAUTH_INVALID_SCOPE,
     .fault = "lifetime"},
    {.sentence = "a hexadecimal lifetime is refused", .roles = "admin",
     .scope = EXPIRY "0x3c", .error = OAUTH_INVALID_SCOPE,
     .fault = "lifetime"},
    {.sentence = "a lifetime with a fraction is refused", .roles = "admin",
     .scope = EXPIRY "60.5", .error = OAUTH_INVALID_SCOPE,
     .fault = "lifetime"},
    {.sentence = "a lifetime of 0 is refused", .roles = "admin",
     .scope = EXPIRY "0", .error = OAUTH_INVALID_SCOPE,
     .fault = "lifetime"},
    {.sentence = "no lifetime is refused", .roles = "admin",
     .scope = EXPIRY, .error = OAUTH_INVALID_SCOPE, .fault = "lifetime"},
    {.sentence = "a negative lifetime is refused", .roles = "admin",
     .scope = EXPIRY "-60", .error = OAUTH_INVALID_SCOPE,
     .fault = "lifetime"},
    {.sentence = "a lifetime with its unit is refused", .roles = "admin",
     .scope = EXPIRY "60s", .error = OAUTH_INVALID_SCOPE,
     .fault = "lifetime"},
    {.sentence = "a wrong lifetime is refused even where scopes are "
                 "narrowed",
     .roles = "admin", .excess = EXCESS_SCOPE_NARROW,
     .scope = EXPIRY "x", .error = OAUTH_INVALID_SCOPE,
     .fault = "lifetime"},
    {.sentence = "two lifetimes are refused", .roles = "admin",
     .scope = EXPIRY "60 " EXPIRY "61", .error = OAUTH_INVALID_SCOPE,
     .fault = "lifetime"},
    {.sentence = "the same lifetime twice is refused", .roles = "admin",
     .scope = EXPIRY "60 orders.read " EXPIRY "60",
     .error = OAUTH_INVALID_SCOPE, .fault = "lifetime"},
    {.sentence = "a lifetime that is off is no scope", .roles = "admin",
     .no_aliases = true, .scope = EXPIRY "60",
     .error = OAUTH_INVALID_SCOPE, .fault = "not in the policy"},

    /* Resources. */
    {.sentence = "a named resource is the audience", .roles = "batch",
     .resource = SAMPLE_BILLS, .granted = "bills.read",
     .audience = SAMPLE_BILLS, .lifetime = 600, .alg = JOSE_RS256},
    {.sentence = "a named resource with its scope", .roles = "batch",
     .scope = "orders.read", .resource = SAMPLE_ORDERS,
     .granted = "orders.read", .audience = SAMPLE_ORDERS},
    {.sentence = "a resource twice is one", .roles = "batch",
     .resource = SAMPLE_ORDERS " " SAMPLE_ORDERS, .granted = "orders.read",
     .audience = SAMPLE_ORDERS},
    {.sentence = "a resource of the record", .roles = "batch",
     .resources = SAMPLE_ORDERS, .resource = SAMPLE_ORDERS,
     .granted = "orders.read", .audience = SAMPLE_ORDERS},
    {.sentence = "a record's resource cuts what is meant by all",
     .roles = "batch", .resources = SAMPLE_BILLS, .granted = "bills.read",
     .audience = SAMPLE_BILLS, .lifetime = 600, .alg = JOSE_RS256},
    {.sentence = "a scope of another resource than the named is refused",
     .roles = "batch", .scope = "orders.read", .resource = SAMPLE_BILLS,
     .error = OAUTH_INVALID_SCOPE, .fault = "of the named resource"},
    {.sentence = "a scope of another resource than the named is left out",
     .roles = "batch", .excess = EXCESS_SCOPE_NARROW,
     .scope = "orders.read bills.read", .resource = SAMPLE_BILLS,
     .granted = "bills.read", .audience = SAMPLE_BILLS, .lifetime = 600,
     .alg = JOSE_RS256},
    {.sentence = "a scope of a resource that the record leaves out is "
                 "refused",
     .roles = "batch", .resources = SAMPLE_BILLS, .scope = "orders.read",
     .error = OAUTH_INVALID_SCOPE, .fault = "may not have"},
    {.sentence = "an unknown resource is refused", .roles = "batch",
     .resource = "https://unknown.example/", .error = OAUTH_INVALID_TARGET,
     .fault = "resource"},
    {.sentence = "a slash more is another resource", .roles = "batch",
     .resource = SAMPLE_ORDERS "/", .error = OAUTH_INVALID_TARGET,
     .fault = "resource"},
    {.sentence = "a fragment is another resource", .roles = "batch",
     .resource = SAMPLE_ORDERS "#", .error = OAUTH_INVALID_TARGET,
     .fault = "resource"},
    {.sentence = "a query is another resource", .roles = "batch",
     .resource = SAMPLE_ORDERS "?x=1", .error = OAUTH_INVALID_TARGET,
     .fault = "resource"},
    {.sentence = "a host in capitals is another resource",
     .roles = "batch", .resource = "https://API.example.org/orders",
     .error = OAUTH_INVALID_TARGET, .fault = "resource"},
    {.sentence = "no URI is no resource", .roles = "batch",
     .resource = "orders", .error = OAUTH_INVALID_TARGET,
     .fault = "resource"},
    {.sentence = "a resource of which the client has nothing is refused",
     .roles = "admin", .resource = SAMPLE_BILLS,
     .error = OAUTH_INVALID_TARGET, .fault = "not for this client"},
    {.sentence = "a resource that the record leaves out is refused",
     .roles = "batch", .resources = SAMPLE_ORDERS,
     .resource = SAMPLE_BILLS, .error = OAUTH_INVALID_TARGET,
     .fault = "not for this client"},
    {.sentence = "a client without roles may name no resource",
     .resource = SAMPLE_ORDERS, .error = OAUTH_INVALID_TARGET,
     .fault = "not for this client"},
    {.sentence = "a resource without scopes is refused", .roles = "admin",
     .resource = SAMPLE_EMPTY, .error = OAUTH_INVALID_TARGET,
     .fault = "not for this client"},
    {.sentence = "the second resource may be the unknown one",
     .roles = "batch", .resource = SAMPLE_ORDERS " https://x.example/",
     .error = OAUTH_INVALID_TARGET, .fault = "resource"},
    {.sentence = "two resources are refused", .roles = "batch",
     .resource = SAMPLE_ORDERS " " SAMPLE_BILLS,
     .error = OAUTH_INVALID_TARGET, .fault = "multiple_audiences"},
    {.sentence = "an unknown resource decides before an unknown scope",
     .roles = "batch", .scope = "nosuch", .resource = "https://x.example/",
     .error = OAUTH_INVALID_TARGET, .fault = "resource"},
    {.sentence = "scopes of two resources are refused", .roles = "batch",
     .scope = "orders.read bills.read", .error = OAUTH_INVALID_SCOPE,
     .fault = "several resources"},
    {.sentence = "all is refused when it is of two resources",
     .roles = "batch", .error = OAUTH_INVALID_SCOPE,
     .fault = "several resources"},
    {.sentence = "the alias for all, too", .roles = "batch",
     .scope = MYSCOPES, .error = OAUTH_INVALID_SCOPE,
     .fault = "several resources"},
    {.sentence = "a default list of two resources is refused",
     .roles = "batch", .omitted = DEFAULT_SCOPE_LIST,
     .defaults = "bills.read orders.read", .error = OAUTH_INVALID_SCOPE,
     .fault = "several resources"},
    {.sentence = "a client whose only resource is gone gets no other",
     .resources = "https://gone.example/", .omitted = DEFAULT_SCOPE_NONE,
     .error = OAUTH_INVALID_TARGET, .fault = "needs a resource"},

    /* Several audiences, where the policy has them. */
    {.sentence = "scopes of two resources are for both", .roles = "batch",
     .several = true, .scope = "orders.read bills.read",
     .granted = "orders.read bills.read",
     .audience = SAMPLE_ORDERS " " SAMPLE_BILLS, .lifetime = 600,
     .alg = JOSE_ES256},
    {.sentence = "the audiences are in the order of the scopes",
     .roles = "batch", .several = true, .scope = "bills.read orders.read",
     .granted = "bills.read orders.read",
     .audience = SAMPLE_BILLS " " SAMPLE_ORDERS, .lifetime = 600,
     .alg = JOSE_ES256},
    {.sentence = "all of two resources is for both", .roles = "batch",
     .several = true, .granted = "bills.read orders.read",
     .audience = SAMPLE_BILLS " " SAMPLE_ORDERS, .lifetime = 600,
     .alg = JOSE_ES256},
    {.sentence = "two named resources are both audiences",
     .roles = "batch", .several = true,
     .resource = SAMPLE_ORDERS " " SAMPLE_BILLS,
     .granted = "bills.read orders.read",
     .audience = SAMPLE_ORDERS " " SAMPLE_BILLS, .lifetime = 600,
     .alg = JOSE_ES256},
    {.sentence = "one of several resources is one audience",
     .roles = "batch", .several = true, .scope = "bills.read",
     .granted = "bills.read", .audience = SAMPLE_BILLS, .lifetime = 600,
     .alg = JOSE_RS256},
    {.sentence = "a scope of a third resource is refused",
     .roles = "batch", .scopes = "secret.read", .several = true,
     .scope = "secret.read", .resource = SAMPLE_ORDERS " " SAMPLE_BILLS,
     .error = OAUTH_INVALID_SCOPE, .fault = "of the named resource"},
    {.sentence = "one opaque resource among others decides",
     .scopes = "secret.read orders.read bills.read", .several = true,
     .scope = "secret.read orders.read", .granted = "secret.read orders.read",
     .audience = SAMPLE_SECRET " " SAMPLE_ORDERS, .issued = FORMAT_OPAQUE},
    {.sentence = "also beside one that says jwt",
     .scopes = "secret.read plain.read", .several = true,
     .scope = "secret.read plain.read", .granted = "secret.read plain.read",
     .audience = SAMPLE_SECRET " " PLAIN, .issued = FORMAT_OPAQUE},

    /* Lifetime, algorithm, format. */
    {.sentence = "the policy's lifetime and algorithm", .roles = "admin",
     .scope = "orders.read", .granted = "orders.read",
     .audience = SAMPLE_ORDERS, .lifetime = 3600, .alg = JOSE_ES256},
    {.sentence = "FAPI 2.0 and a resource of RS256", .roles = "batch",
     .scope = "bills.read", .fapi2 = true, .error = OAUTH_INVALID_TARGET,
     .fault = "FAPI 2.0"},
    {.sentence = "FAPI 2.0 and a resource of ES256", .roles = "batch",
     .scope = "orders.read", .fapi2 = true, .granted = "orders.read",
     .audience = SAMPLE_ORDERS, .lifetime = 3600},
    {.sentence = "the resource's lifetime and algorithm", .roles = "batch",
     .scope = "bills.read", .granted = "bills.read",
     .audience = SAMPLE_BILLS, .lifetime = 600, .alg = JOSE_RS256},
    {.sentence = "the record's algorithm before the policy's",
     .roles = "admin", .client_alg = JOSE_EDDSA, .scope = "orders.read",
     .granted = "orders.read", .audience = SAMPLE_ORDERS, .lifetime = 3600,
     .alg = JOSE_EDDSA},
    {.sentence = "the record's algorithm before the resource's",
     .roles = "batch", .client_alg = JOSE_ES384, .scope = "bills.read",
     .granted = "bills.read", .audience = SAMPLE_BILLS, .lifetime = 600,
     .alg = JOSE_ES384},
    {.sentence = "FAPI 2.0, a resource of RS256 and a client of PS256",
     .roles = "batch", .client_alg = JOSE_PS256, .scope = "bills.read",
     .fapi2 = true, .granted = "bills.read", .audience = SAMPLE_BILLS,
     .lifetime = 600, .alg = JOSE_PS256},
    {.sentence = "FAPI 2.0 and a client of RS256", .roles = "batch",
     .client_alg = JOSE_RS256, .scope = "orders.read", .fapi2 = true,
     .error = OAUTH_INVALID_TARGET, .fault = "FAPI 2.0"},
    {.sentence = "the record's lifetime before the resource's",
     .roles = "batch", .client_lifetime = 900, .scope = "bills.read",
     .granted = "bills.read", .audience = SAMPLE_BILLS, .lifetime = 900,
     .alg = JOSE_RS256},
    {.sentence = "the record's lifetime before the policy's",
     .roles = "admin", .client_lifetime = 60, .scope = "orders.read",
     .granted = "orders.read", .audience = SAMPLE_ORDERS, .lifetime = 60},
    {.sentence = "the request's lifetime before the record's",
     .roles = "admin", .client_lifetime = 60,
     .scope = "orders.read " EXPIRY "90", .granted = "orders.read",
     .audience = SAMPLE_ORDERS, .lifetime = 90},
    {.sentence = "the record's limit before the policy's lifetime",
     .roles = "admin", .client_max = 100, .scope = "orders.read",
     .granted = "orders.read", .audience = SAMPLE_ORDERS, .lifetime = 100},
    {.sentence = "the record's limit before the resource's lifetime",
     .roles = "batch", .client_max = 100, .scope = "bills.read",
     .granted = "bills.read", .audience = SAMPLE_BILLS, .lifetime = 100,
     .alg = JOSE_RS256},
    {.sentence = "a policy made stricter cuts the record's lifetime",
     .roles = "admin", .client_lifetime = 80000, .client_max = 86400,
     .policy_max = 7200, .scope = "orders.read", .granted = "orders.read",
     .audience = SAMPLE_ORDERS, .lifetime = 7200},
    {.sentence = "a resource's longer lifetime", .scopes = "plain.read",
     .scope = "plain.read", .granted = "plain.read", .audience = PLAIN,
     .lifetime = 7200},
    {.sentence = "the shortest of several lifetimes, the policy's among them",
     .scopes = "orders.read plain.read", .several = true,
     .scope = "plain.read orders.read",
     .granted = "plain.read orders.read",
     .audience = PLAIN " " SAMPLE_ORDERS, .lifetime = 3600},
    {.sentence = "the shortest of the resources' own lifetimes",
     .scopes = "bills.read plain.read", .several = true,
     .scope = "plain.read bills.read", .granted = "plain.read bills.read",
     .audience = PLAIN " " SAMPLE_BILLS, .lifetime = 600},
    {.sentence = "a policy that wants opaque",
     .policy_format = FORMAT_OPAQUE, .roles = "admin",
     .scope = "orders.read", .granted = "orders.read",
     .audience = SAMPLE_ORDERS, .issued = FORMAT_OPAQUE},
    {.sentence = "a resource that says jwt where the policy wants opaque",
     .policy_format = FORMAT_OPAQUE, .scopes = "plain.read",
     .scope = "plain.read", .granted = "plain.read", .audience = PLAIN,
     .lifetime = 7200},
    {.sentence = "a resource that leaves it to a policy of opaque, beside "
                 "one that says jwt",
     .policy_format = FORMAT_OPAQUE, .scopes = "plain.read orders.read",
     .several = true, .scope = "orders.read plain.read",
     .granted = "orders.read plain.read",
     .audience = SAMPLE_ORDERS " " PLAIN, .issued = FORMAT_OPAQUE},
    {.sentence = "an opaque resource", .scopes = "secret.read",
     .scope = "secret.read", .granted = "secret.read",
     .audience = SAMPLE_SECRET, .issued = FORMAT_OPAQUE},
    {.sentence = "a record that wants opaque", .roles = "admin",
     .format = FORMAT_OPAQUE, .scope = "orders.read",
     .granted = "orders.read", .audience = SAMPLE_ORDERS,
     .issued = FORMAT_OPAQUE},
    {.sentence = "FAPI 2.0 has nothing against opaque tokens beside RS256",
     .roles = "batch", .format = FORMAT_OPAQUE, .scope = "bills.read",
     .fapi2 = true, .granted = "bills.read", .audience = SAMPLE_BILLS,
     .lifetime = 600, .alg = JOSE_RS256, .issued = FORMAT_OPAQUE},
    {.sentence = "a record that wants a JWT gets one", .format = FORMAT_JWT,
     .scopes = "secret.read", .scope = "secret.read",
     .granted = "secret.read", .audience = SAMPLE_SECRET},

    /* Scopes behind the audience of their resource. */
    {.sentence = "a scope behind its audience and a slash",
     .roles = "batch", .scope = SAMPLE_ORDERS "/orders.read",
     .granted = "orders.read", .audience = SAMPLE_ORDERS},
    {.sentence = "a scope right behind its audience", .roles = "batch",
     .scope = SAMPLE_ORDERS "orders.read", .granted = "orders.read",
     .audience = SAMPLE_ORDERS},
    {.sentence = "both names of one scope are one scope", .roles = "admin",
     .scope = "orders.read " SAMPLE_ORDERS "/orders.read orders.write",
     .granted = "orders.read orders.write", .audience = SAMPLE_ORDERS},
    {.sentence = "a qualified scope of the named resource",
     .roles = "batch", .scope = SAMPLE_BILLS "/bills.read",
     .resource = SAMPLE_BILLS, .granted = "bills.read",
     .audience = SAMPLE_BILLS, .lifetime = 600, .alg = JOSE_RS256},
    {.sentence = "a qualified scope of another than the named resource is "
                 "refused",
     .roles = "batch", .scope = SAMPLE_ORDERS "/orders.read",
     .resource = SAMPLE_BILLS, .error = OAUTH_INVALID_SCOPE,
     .fault = "orders.read of the named resource"},
    {.sentence = "qualified scopes of two resources are refused",
     .roles = "batch",
     .scope = SAMPLE_ORDERS "/orders.read " SAMPLE_BILLS "/bills.read",
     .error = OAUTH_INVALID_SCOPE, .fault = "several resources"},
    {.sentence = "a qualified scope that the client may not have is refused",
     .roles = "batch", .scope = SAMPLE_ORDERS "/orders.write",
     .error = OAUTH_INVALID_SCOPE,
     .fault = "may not have the scope orders.write"},
    {.sentence = "and left out where scopes are narrowed", .roles = "batch",
     .excess = EXCESS_SCOPE_NARROW,
     .scope = SAMPLE_ORDERS "/orders.write orders.read",
     .granted = "orders.read", .audience = SAMPLE_ORDERS},
    {.sentence = "a scope behind the audience of another resource is refused",
     .roles = "batch", .scope = SAMPLE_ORDERS "/bills.read",
     .error = OAUTH_INVALID_SCOPE, .fault = "not in the policy"},
    {.sentence = "two slashes between are refused", .roles = "batch",
     .scope = SAMPLE_ORDERS "//orders.read", .error = OAUTH_INVALID_SCOPE,
     .fault = "not in the policy"},
    {.sentence = "an audience alone is no scope", .roles = "batch",
     .scope = SAMPLE_ORDERS, .error = OAUTH_INVALID_SCOPE,
     .fault = "not in the policy"},
    {.sentence = "nor is one with a slash", .roles = "batch",
     .scope = SAMPLE_ORDERS "/", .error = OAUTH_INVALID_SCOPE,
     .fault = "not in the policy"},
    {.sentence = "a qualified scope with a rest is refused",
     .roles = "batch", .scope = SAMPLE_ORDERS "/orders.readx",
     .error = OAUTH_INVALID_SCOPE, .fault = "not in the policy"},
    {.sentence = "an audience in capitals is another", .roles = "batch",
     .scope = "https://API.example.org/orders/orders.read",
     .error = OAUTH_INVALID_SCOPE, .fault = "not in the policy"},
    {.sentence = "a qualified scope is none where aliases are off",
     .roles = "batch", .no_aliases = true,
     .scope = SAMPLE_ORDERS "/orders.read", .error = OAUTH_INVALID_SCOPE,
     .fault = "not in the policy"},

    /* Aliases together, and with resources. */
    {.sentence = "all of the named resource", .roles = "batch",
     .scope = MYSCOPES, .resource = SAMPLE_ORDERS, .granted = "orders.read",
     .audience = SAMPLE_ORDERS},
    {.sentence = "all, and a lifetime", .roles = "admin",
     .scope = MYSCOPES " " EXPIRY "60",
     .granted = "orders.read orders.write", .audience = SAMPLE_ORDERS,
     .lifetime = 60},
    {.sentence = "a lifetime before all", .roles = "admin",
     .scope = EXPIRY "60 " MYSCOPES,
     .granted = "orders.read orders.write", .audience = SAMPLE_ORDERS,
     .lifetime = 60},
    {.sentence = "all of several named resources", .roles = "batch",
     .several = true, .scope = MYSCOPES,
     .resource = SAMPLE_ORDERS " " SAMPLE_BILLS,
     .granted = "bills.read orders.read",
     .audience = SAMPLE_ORDERS " " SAMPLE_BILLS, .lifetime = 600},
    {.sentence = "all is role and record", .roles = "idle",
     .scopes = "orders.write", .scope = MYSCOPES, .granted = "orders.write",
     .audience = SAMPLE_ORDERS},
    {.sentence = "all with a scope that the client may not have is refused",
     .roles = "batch", .scope = MYSCOPES " orders.write",
     .resource = SAMPLE_ORDERS, .error = OAUTH_INVALID_SCOPE,
     .fault = "may not have"},
    {.sentence = "two roles are their scopes together",
     .roles = "batch admin", .scope = ROLE "batch " ROLE "admin",
     .resource = SAMPLE_ORDERS, .granted = "orders.read orders.write",
     .audience = SAMPLE_ORDERS},
    {.sentence = "a role of two resources is refused", .roles = "batch",
     .scope = ROLE "batch", .error = OAUTH_INVALID_SCOPE,
     .fault = "several resources"},
    {.sentence = "a role that has nothing of the named resource is refused",
     .roles = "batch admin", .scope = ROLE "admin",
     .resource = SAMPLE_BILLS, .error = OAUTH_INVALID_SCOPE,
     .fault = "nothing of the requested"},

    /* Authorization details: admin and idle may export orders, batch may copy
       bills. */
    {.sentence = "details alone", .roles = "admin", .details = EXPORT,
     .granted = "", .audience = SAMPLE_ORDERS, .issued_details = EXPORT},
    {.sentence = "details of a role without scopes", .roles = "idle",
     .details = EXPORT, .granted = "", .audience = SAMPLE_ORDERS,
     .issued_details = EXPORT},
    {.sentence = "details, where an omitted scope is refused",
     .roles = "admin", .omitted = DEFAULT_SCOPE_REJECT, .details = EXPORT,
     .granted = "", .audience = SAMPLE_ORDERS, .issued_details = EXPORT},
    {.sentence = "details, where an omitted scope is a list",
     .roles = "admin", .omitted = DEFAULT_SCOPE_LIST,
     .defaults = "orders.read", .details = EXPORT, .granted = "",
     .audience = SAMPLE_ORDERS, .issued_details = EXPORT},
    {.sentence = "details, and a lifetime", .roles = "admin",
     .scope = EXPIRY "60", .details = EXPORT, .granted = "",
     .audience = SAMPLE_ORDERS, .lifetime = 60, .issued_details = EXPORT},
    {.sentence = "details and a scope of one resource", .roles = "admin",
     .scope = "orders.read", .details = EXPORT, .granted = "orders.read",
     .audience = SAMPLE_ORDERS, .issued_details = EXPORT},
    {.sentence = "details and all by the alias", .roles = "admin",
     .scope = MYSCOPES, .details = EXPORT,
     .granted = "orders.read orders.write", .audience = SAMPLE_ORDERS,
     .issued_details = EXPORT},
    {.sentence = "details and their resource", .roles = "idle",
     .resource = SAMPLE_ORDERS, .details = EXPORT, .granted = "",
     .audience = SAMPLE_ORDERS, .issued_details = EXPORT},
    {.sentence = "details decide lifetime and algorithm, too",
     .roles = "batch", .details = COPY, .granted = "",
     .audience = SAMPLE_BILLS, .lifetime = 600, .alg = JOSE_RS256,
     .issued_details = COPY},
    {.sentence = "details and a scope of two resources are refused",
     .roles = "batch", .scope = "orders.read", .details = COPY,
     .error = OAUTH_INVALID_DETAILS, .fault = "several resources"},
    {.sentence = "and granted, where the policy allows it", .roles = "batch",
     .several = true, .scope = "orders.read", .details = COPY,
     .granted = "orders.read", .audience = SAMPLE_ORDERS " " SAMPLE_BILLS,
     .lifetime = 600, .issued_details = COPY},
    {.sentence = "details of two resources are refused",
     .roles = "batch admin", .details = BOTH,
     .error = OAUTH_INVALID_DETAILS, .fault = "several resources"},
    {.sentence = "and granted, where the policy allows that",
     .roles = "batch admin", .several = true, .details = BOTH,
     .granted = "", .audience = SAMPLE_ORDERS " " SAMPLE_BILLS,
     .lifetime = 600, .issued_details = BOTH},
    {.sentence = "details of another than the named resource are refused",
     .roles = "batch admin", .resource = SAMPLE_BILLS, .details = EXPORT,
     .error = OAUTH_INVALID_DETAILS, .fault = "not a named resource"},
    {.sentence = "details of a resource that the record leaves out are "
                 "refused",
     .roles = "admin", .resources = SAMPLE_BILLS, .details = EXPORT,
     .error = OAUTH_INVALID_DETAILS, .fault = "not for this client"},
    {.sentence = "details of another role are refused", .roles = "batch",
     .details = EXPORT, .error = OAUTH_INVALID_DETAILS,
     .fault = "no role of details.roles"},
    {.sentence = "scopes are no role", .scopes = "orders.read orders.write",
     .details = EXPORT, .error = OAUTH_INVALID_DETAILS,
     .fault = "no role of details.roles"},
    {.sentence = "details are refused even where scopes are narrowed",
     .roles = "batch", .excess = EXCESS_SCOPE_NARROW, .details = EXPORT,
     .error = OAUTH_INVALID_DETAILS, .fault = "no role"},
    {.sentence = "an unknown type is refused", .roles = "admin",
     .details = "[{\"type\":\"x\"}]", .error = OAUTH_INVALID_DETAILS,
     .fault = "no type \"x\""},
    {.sentence = "an unknown resource decides before an unknown type",
     .roles = "admin", .resource = "https://x.example/",
     .details = "[{\"type\":\"x\"}]", .error = OAUTH_INVALID_TARGET,
     .fault = "resource"},
    {.sentence = "an unknown scope decides before an unknown type",
     .roles = "admin", .scope = "x", .details = "[{\"type\":\"x\"}]",
     .error = OAUTH_INVALID_SCOPE, .fault = "not in the policy"},
    {.sentence = "a role that may ask for details of a resource is no scope "
                 "of it",
     .roles = "idle", .resource = SAMPLE_ORDERS,
     .error = OAUTH_INVALID_SCOPE, .fault = "no role and no scope"},

    /* Static claims: those of rich, of other, and of the record. */
    {.sentence = "claims of a resource", .scopes = "rich.read",
     .scope = "rich.read", .granted = "rich.read", .audience = RICH,
     .claims = ",\"dept\":\"it\",\"tier\":1"},
    {.sentence = "claims of the record", .roles = "admin",
     .scope = "orders.read", .granted = "orders.read",
     .audience = SAMPLE_ORDERS, .own_claims = "a=[1,{}]\0b=null\0",
     .claims = ",\"a\":[1,{}],\"b\":null"},
    {.sentence = "the record's go before the resource's",
     .scopes = "rich.read", .scope = "rich.read",
     .granted = "rich.read", .audience = RICH,
     .own_claims = "tier=9\0", .claims = ",\"tier\":9,\"dept\":\"it\""},
    {.sentence = "resources of different mind are refused",
     .scopes = "rich.read other.read", .several = true,
     .scope = "rich.read other.read", .error = OAUTH_INVALID_TARGET,
     .fault = "different values for the claim tier"},
    {.sentence = "unless the record has decided",
     .scopes = "rich.read other.read", .several = true,
     .scope = "rich.read other.read", .own_claims = "tier=3\0",
     .granted = "rich.read other.read", .audience = RICH " " OTHER,
     .claims = ",\"tier\":3,\"dept\":\"it\""},

    /* What is done for clients that cannot be changed. */
    {.sentence = "three things are another in a JWT", .roles = "admin",
     .scope = "orders.read", .granted = "orders.read",
     .audience = SAMPLE_ORDERS, .compat = ALL_COMPAT,
     .mattered = COMPAT_SCOPE | COMPAT_TYP | COMPAT_AUD},
    {.sentence = "no scope is no array", .roles = "admin",
     .omitted = DEFAULT_SCOPE_NONE, .granted = "",
     .audience = SAMPLE_ORDERS, .compat = ALL_COMPAT,
     .mattered = COMPAT_TYP | COMPAT_AUD},
    {.sentence = "several audiences are an array in any case",
     .roles = "batch", .several = true, .granted = "bills.read orders.read",
     .audience = SAMPLE_BILLS " " SAMPLE_ORDERS, .lifetime = 600,
     .compat = ALL_COMPAT, .mattered = COMPAT_SCOPE | COMPAT_TYP},
    {.sentence = "nothing of it is in an opaque token",
     .scopes = "secret.read", .scope = "secret.read",
     .granted = "secret.read", .audience = SAMPLE_SECRET,
     .issued = FORMAT_OPAQUE, .compat = ALL_COMPAT, .mattered = 0},
};

static void
set_client(struct client *cl, const struct row *row)
{
    const char *claim;

    sample_list(&cl->roles, &cl->n_roles, row->roles);
    sample_list(&cl->scopes, &cl->n_scopes, row->scopes);
    sample_list(&cl->resources, &cl->n_resources, row->resources);
    sample_list(&cl->default_scopes, &cl->n_default_scopes, row->defaults);
    cl->default_scope = row->omitted;
    cl->excess_scope = row->excess;
    cl->lifetime = row->client_lifetime;
    cl->max_lifetime = row->client_max;
    cl->format = row->format;
    cl->token_alg = row->client_alg;
    cl->profile = row->fapi2 ? PROFILE_FAPI2 : PROFILE_NONE;
    cl->compat = row->compat;
    for (claim = row->own_claims; claim != NULL && *claim != '\0';
         claim += strlen(claim) + 1) {
        if (extra_parse(&cl->claims, claim, NULL) != 0)
            abort();
    }
}

/* A request; resource holds the words of the parameters. */
static void
set_form(struct form *form, char *resource, const char *scope)
{
    char *save = NULL, *word;
    size_t i;

    memset(form, 0, sizeof(*form));
    for (i = 0; i < FORM__MAX; i++)
        form->value[i].text = "";
    if (scope != NULL)
        form->value[FORM_SCOPE] = (struct form_value){scope, strlen(scope)};
    for (word = strtok_r(resource, " ", &save); word != NULL;
         word = strtok_r(NULL, " ", &save))
        form->resource[form->n_resources++] =
            (struct form_value){word, strlen(word)};
}

static void
check_grant(const struct row *row, const struct grant *grant)
{
    char audience[512] = "";
    size_t i, len = 0;

    for (i = 0; i < grant->n_audiences; i++)
        len += (size_t) snprintf(audience + len, sizeof(audience) - len,
                                 "%s%s", i > 0 ? " " : "",
                                 grant->audience[i]);
    tap_is_str(row->granted, grant->scope, "%s: the scope", row->sentence);
    tap_is_str(row->audience, audience, "%s: the audience", row->sentence);
    tap_is_int(row->lifetime > 0 ? row->lifetime : 3600, grant->lifetime,
               "%s: the lifetime", row->sentence);
    tap_is_int(row->alg != JOSE_NONE ? row->alg : JOSE_ES256, grant->alg,
               "%s: the algorithm", row->sentence);
    tap_is_int(row->issued != FORMAT_DEFAULT ? row->issued : FORMAT_JWT,
               grant->format, "%s: the format", row->sentence);
    tap_is_str(row->issued_details != NULL ? row->issued_details : "",
               grant->details, "%s: the details", row->sentence);
    tap_is_str(row->claims != NULL ? row->claims : "", grant->claims,
               "%s: the claims", row->sentence);
    tap_is_int(row->mattered, grant->compat, "%s: the compatibility",
               row->sentence);
}

static void
test_row(const struct row *row, struct policy *policy)
{
    struct client *cl = client_new("a", 7);
    char resource[512] = "";
    struct errtext why = {.text = ""};
    struct scope_set allowed;
    struct grant grant;
    struct form form;
    enum oauth_error rc;

    policy->scope_aliases = !row->no_aliases;
    policy->token.multiple_audiences = row->several;
    policy->token.format = row->policy_format != FORMAT_DEFAULT
                               ? row->policy_format
                               : FORMAT_JWT;
    policy->token.max_lifetime =
        row->policy_max > 0 ? row->policy_max : 86400;
    set_client(cl, row);
    if (row->resource != NULL)
        snprintf(resource, sizeof(resource), "%s", row->resource);
    set_form(&form, resource, row->scope);
    if (row->details != NULL)
        form.value[FORM_AUTHORIZATION_DETAILS] =
            (struct form_value){row->details, strlen(row->details)};
    grant_allowed(&allowed, policy, cl);
    memset(&grant, 0x55, sizeof(grant));
    rc = grant_decide(&grant, policy, cl, &allowed, &form, &why);
    tap_is_int(row->error, rc, "%s", row->sentence);
    if (rc == OAUTH_OK && row->error == OAUTH_OK)
        check_grant(row, &grant);
    else if (row->fault != NULL && strstr(why.text, row->fault) == NULL)
        tap_ok(false, "%s: its reason: %s", row->sentence, why.text);
    client_free(cl);
}

/* A policy of the one resource, and a client without anything. */
static void
test_single(void)
{
    struct policy policy;
    struct client *cl = client_new("a", 7);
    struct errtext why = {.text = ""};
    struct scope_set allowed;
    struct grant grant;
    struct form form;
    char none[1] = "";

    memset(&policy, 0, sizeof(policy));
    policy.token.max_lifetime = policy.token.lifetime = 60;
    policy.token.alg = JOSE_ES256;
    policy.token.format = FORMAT_JWT;
    sample_resource(&policy, SAMPLE_ORDERS, "orders.read");
    sample_ready(&policy);
    set_form(&form, none, NULL);
    grant_allowed(&allowed, &policy, cl);
    cl->default_scope = DEFAULT_SCOPE_NONE;
    tap_is_int(OAUTH_OK,
               grant_decide(&grant, &policy, cl, &allowed, &form, &why),
               "a token without scope is for the only resource there is");
    tap_ok(grant.n_audiences == 1
               && strcmp(grant.audience[0], SAMPLE_ORDERS) == 0,
           "which is its audience");
    sample_list(&cl->resources, &cl->n_resources, SAMPLE_BILLS);
    tap_is_int(OAUTH_INVALID_TARGET,
               grant_decide(&grant, &policy, cl, &allowed, &form, &why),
               "but not for a client whose record names another");
    client_free(cl);
    policy_free(&policy);
}

/* A policy of n scopes of len bytes each, all of the client's one role. */
static void
make_wide(struct policy *policy, size_t n, size_t len, char **scopes)
{
    size_t i, used = 0, cap = n * (len + 1) + 1;
    char *text = malloc(cap);

    if (text == NULL)
        abort();
    memset(policy, 0, sizeof(*policy));
    policy->token.max_lifetime = policy->token.lifetime = 60;
    policy->token.alg = JOSE_ES256;
    policy->token.format = FORMAT_JWT;
    for (i = 0; i < n; i++) {
        used += (size_t) snprintf(text + used, cap - used, "%s%04zu",
                                  i > 0 ? " " : "", i);
        memset(text + used, 's', len - 4);
        used += len - 4;
    }
    text[used] = '\0';
    sample_resource(policy, SAMPLE_ORDERS, text);
    sample_role(policy, "all", text);
    sample_ready(policy);
    *scopes = text;
}

/* Decide for a client of the role "all". */
static enum oauth_error
decide_all(struct grant *grant, const struct policy *policy,
           const char *scope, enum excess_scope excess, struct errtext *why)
{
    struct client *cl = client_new("a", 7);
    struct scope_set allowed;
    struct form form;
    enum oauth_error rc;
    char none[1] = "";

    sample_list(&cl->roles, &cl->n_roles, "all");
    cl->excess_scope = excess;
    set_form(&form, none, scope);
    grant_allowed(&allowed, policy, cl);
    rc = grant_decide(grant, policy, cl, &allowed, &form, why);
    client_free(cl);
    return rc;
}

static void
test_wide(void)
{
    struct policy policy;
    struct errtext why = {.text = ""};
    struct grant grant;
    char *scopes, *many;
    size_t i, used = 0;

    make_wide(&policy, 800, 4, &scopes);
    tap_is_int(OAUTH_OK, decide_all(&grant, &policy, scopes,
                                    EXCESS_SCOPE_REJECT, &why),
               "800 scopes of 4 bytes are granted");
    tap_is_str(scopes, grant.scope, "all of them, in order");
    free(scopes);
    policy_free(&policy);

    make_wide(&policy, 1000, 6, &scopes);
    tap_is_int(OAUTH_INVALID_SCOPE,
               decide_all(&grant, &policy, NULL, EXCESS_SCOPE_REJECT, &why),
               "more scopes than a token can carry are refused");
    tap_ok(strstr(why.text, "carry") != NULL, "and the reason says so");
    tap_is_int(OAUTH_INVALID_SCOPE,
               decide_all(&grant, &policy, scopes, EXCESS_SCOPE_NARROW,
                          &why),
               "and are not cut where scopes are narrowed");
    tap_is_int(OAUTH_OK, decide_all(&grant, &policy, "0999ss",
                                    EXCESS_SCOPE_REJECT, &why),
               "the last of 1000 scopes is granted");
    many = malloc(1000 * 7 + 1);
    if (many == NULL)
        abort();
    for (i = 0; i < 1000; i++)
        used += (size_t) snprintf(many + used, 8, "%s0007ss",
                                  i > 0 ? " " : "");
    tap_is_int(OAUTH_OK, decide_all(&grant, &policy, many,
                                    EXCESS_SCOPE_REJECT, &why),
               "one scope 1000 times is granted");
    tap_is_str("0007ss", grant.scope, "once");
    memset(many, 'x', 7 * 1000 - 1);
    tap_is_int(OAUTH_INVALID_SCOPE,
               decide_all(&grant, &policy, many, EXCESS_SCOPE_REJECT, &why),
               "a scope of 7000 bytes is refused");
    for (i = 1; i < 7 * 1000; i += 2)
        many[i] = ' ';
    many[7 * 1000 - 1] = '\0';
    tap_is_int(OAUTH_INVALID_SCOPE,
               decide_all(&grant, &policy, many, EXCESS_SCOPE_REJECT, &why),
               "3500 unknown scopes are refused");
    free(many);
    free(scopes);
    policy_free(&policy);
}

/* Which resources can be encrypted to in one token (RFC 7516, 7.1). */
static void
test_encrypted(void)
{
    static const struct {
        const char *sentence;
        const char *key, *other; /* of the resources, or NULL */
        enum jwe_alg alg;        /* of the other */
        enum jwe_enc enc;
        enum token_format format;
        enum oauth_error error;
        bool encrypted;
    } pairs[] = {
        {"none", NULL, NULL, 0, 0, FORMAT_JWT, OAUTH_OK, false},
        {"one key", "/a", "/a", 0, 0, FORMAT_JWT, OAUTH_OK, true},
        {"two keys", "/a", "/b", 0, 0, FORMAT_JWT, OAUTH_INVALID_TARGET,
         false},
        {"a key and none", "/a", NULL, 0, 0, FORMAT_JWT, OAUTH_INVALID_TARGET,
         false},
        {"none and a key", NULL, "/a", 0, 0, FORMAT_JWT, OAUTH_INVALID_TARGET,
         false},
        {"two algorithms", "/a", "/a", JWE_ECDH_ES, 0, FORMAT_JWT,
         OAUTH_INVALID_TARGET, false},
        {"two ways", "/a", "/a", 0, JWE_A128GCM, FORMAT_JWT,
         OAUTH_INVALID_TARGET, false},
        {"two keys and opaque", "/a", "/b", 0, 0, FORMAT_OPAQUE, OAUTH_OK,
         false},
    };
    size_t i;

    for (i = 0; i < LEN(pairs); i++) {
        struct policy policy = {.token = {.max_lifetime = 60, .lifetime = 60,
            .alg = JOSE_ES256, .multiple_audiences = true}};
        struct policy_resource *resource;
        struct errtext why = {.text = ""};
        struct grant grant = {.recipient = NULL};

        policy.token.format = FORMAT_JWT;
        resource = sample_resource(&policy, SAMPLE_ORDERS, "orders.read");
        resource->encryption_key = pairs[i].key ? strdup(pairs[i].key) : NULL;
        resource = sample_resource(&policy, SAMPLE_BILLS, "bills.read");
        resource->encryption_key = pairs[i].other ? strdup(pairs[i].other)
                                                 : NULL;
        if (pairs[i].other != NULL) {
            resource->encryption_alg = pairs[i].alg;
            resource->encryption_enc = pairs[i].enc;
        }
        sample_role(&policy, "all", "orders.read bills.read");
        sample_ready(&policy);
        policy.token.format = pairs[i].format;
        tap_is_int(pairs[i].error,
                   decide_all(&grant, &policy, NULL, EXCESS_SCOPE_REJECT,
                              &why),
                   "encryption: %s in one token", pairs[i].sentence);
        tap_ok((grant.recipient != NULL) == pairs[i].encrypted,
               "  is %sencrypted", pairs[i].encrypted ? "" : "not ");
        policy_free(&policy);
    }
}

/* The scope text may have GRANT_SCOPE_MAX - 1 bytes, and not one more. */
static void
test_edge(void)
{
    struct policy policy;
    struct errtext why = {.text = ""};
    struct grant grant;
    char *scopes;

    make_wide(&policy, 128, 31, &scopes);
    tap_is_int(GRANT_SCOPE_MAX - 1, (long long) strlen(scopes),
               "the longest scope that a token can carry");
    tap_is_int(OAUTH_OK, decide_all(&grant, &policy, scopes,
                                    EXCESS_SCOPE_REJECT, &why),
               "is granted");
    free(scopes);
    policy_free(&policy);
    make_wide(&policy, 256, 16, &scopes);
    scopes[16 * 17 * 15 + 16] = '\0';
    tap_is_int(GRANT_SCOPE_MAX, (long long) strlen(scopes),
               "one byte more");
    tap_is_int(OAUTH_INVALID_SCOPE, decide_all(&grant, &policy, scopes,
                                               EXCESS_SCOPE_REJECT, &why),
               "is refused");
    free(scopes);
    policy_free(&policy);
}

/* More resources than one token can have as audiences. */
static void
test_crowd(void)
{
    struct client *cl = client_new("a", 7);
    struct policy policy;
    struct errtext why = {.text = ""};
    struct scope_set allowed;
    struct grant grant;
    struct form form;
    char none[1] = "", text[64];
    int i;

    memset(&policy, 0, sizeof(policy));
    policy.token.max_lifetime = policy.token.lifetime = 60;
    policy.token.alg = JOSE_ES256;
    policy.token.format = FORMAT_JWT;
    policy.token.multiple_audiences = true;
    for (i = 0; i <= GRANT_AUDIENCES_MAX; i++) {
        char scope[8];

        snprintf(text, sizeof(text), "https://api.example.org/%d", i);
        snprintf(scope, sizeof(scope), "s%02d", i);
        sample_resource(&policy, text, scope);
        sample_role(&policy, scope, scope);
    }
    sample_ready(&policy);
    sample_list(&cl->roles, &cl->n_roles,
                "s00 s01 s02 s03 s04 s05 s06 s07 s08 s09 s10 s11 s12 s13 "
                "s14 s15");
    set_form(&form, none, NULL);
    grant_allowed(&allowed, &policy, cl);
    tap_is_int(OAUTH_OK,
               grant_decide(&grant, &policy, cl, &allowed, &form, &why),
               "as many audiences as allowed are granted");
    tap_is_int(GRANT_AUDIENCES_MAX, (long long) grant.n_audiences,
               "all of them");
    sample_list(&cl->scopes, &cl->n_scopes, "s16");
    grant_allowed(&allowed, &policy, cl);
    tap_is_int(OAUTH_INVALID_SCOPE,
               grant_decide(&grant, &policy, cl, &allowed, &form, &why),
               "one audience more is refused");
    client_free(cl);
    policy_free(&policy);
}

int
main(void)
{
    struct policy_resource *plain, *rich, *other;
    struct policy_detail *detail;
    struct policy policy;
    size_t i;

    sample_policy(&policy);
    plain = sample_resource(&policy, PLAIN, "plain.read");
    plain->format = FORMAT_JWT;
    plain->lifetime = 7200;
    rich = sample_resource(&policy, RICH, "rich.read");
    sample_list(&rich->claims, &rich->n_claims, "tier=1 dept=\"it\"");
    other = sample_resource(&policy, OTHER, "other.read");
    sample_list(&other->claims, &other->n_claims, "tier=2");
    detail = sample_detail(&policy, "order-export", SAMPLE_ORDERS,
                           "admin idle");
    sample_list(&detail->common[COMMON_ACTIONS].list,
                &detail->common[COMMON_ACTIONS].n, "export count");
    sample_detail(&policy, "bill-copy", SAMPLE_BILLS, "batch");
    sample_ready(&policy);
    for (i = 0; i < LEN(rows); i++)
        test_row(&rows[i], &policy);
    test_single();
    test_wide();
    test_encrypted();
    test_edge();
    test_crowd();
    policy_free(&policy);
    return tap_done();
}
