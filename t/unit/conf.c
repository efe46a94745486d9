/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Policy files that are read: defaults, every key, values at their limits,
 * warnings, included files.  conf_bad.c has those that are refused.
 */

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/conf.h"
#include "../lib/tap.h"

#define ISSUER "issuer = \"https://as.example.org\";\n"
#define STATE "state = \"state\";\n"
#define RESOURCES "resources = ( { audience = \"https://a\"; " \
                  "scopes = [ \"a.read\", \"a.write\" ]; } );\n"
#define LINES3 ISSUER STATE RESOURCES

/* Each is read without a reason, with these warnings, a line each. */
static const struct {
    const char *sentence;
    const char *text;
    const char *warnings;
} rows[] = {
    { "three lines", LINES3, "" },
    { "integers with and without L, in hexadecimal too",
      LINES3 "token = { lifetime = 60L; max_lifetime = 0x3c; };", "" },
    { "the least and the greatest values",
      LINES3 "token : { lifetime = 1; max_lifetime = 31536000; };\n"
      "limits : { body = 1024; };", "" },
    { "the greatest body", LINES3 "limits : { body = 1048576; };", "" },
    { "comments, with quotes, numbers and @include in them",
      "# \"99999999999\n// @include \"x\n/*\n@include \"x\"\n*/" LINES3, "" },
    { "a string over two lines, with @include in it",
      LINES3 "log : { to = \"/var/log\"\n \"/@include\"; };", "" },
    { "a number in a name and in a string",
      LINES3 "roles = ( { name = \"99999999999\"; scopes = ( ); } );", "" },
    { "commas between settings, signs and words of every kind",
      LINES3 "token : { lifetime : 60, max_lifetime = +90 }\n"
      "scope_aliases = FALSE, log = { issued /* = */ = /* 1 */ True }", "" },
    { "a string in pieces, and a key of the same name in another group",
      LINES3 "path = \"/a\" # 1\n \"/b\";\n"
      "assertions : { max_lifetime = 1; };\n"
      "token : { lifetime = 1; max_lifetime = 1; };", "" },
    { "the same keys in each role", LINES3
      "roles = ( { name = \"r\"; scopes = [ ]; }, { name = \"s\";\n"
      "scopes = ( \"a.read\" ); } );", "" },
    { "scopes in ( )",
      LINES3 "roles = ( { name = \"r\"; scopes = ( \"a.read\" ); } );", "" },
    { "an empty list of roles", LINES3 "roles = ( );", "" },
    { "a resource without scopes", ISSUER STATE
      "resources = ( { audience = \"urn:example:a\"; scopes = [ ]; } );", "" },
    { "a resource with a lifetime over the default one",
      ISSUER STATE "resources = ( { audience = \"https://a\"; lifetime = "
      "86400; scopes = [ ]; } );", "" },
    { "audiences of every kind", ISSUER STATE
      "resources = ( { audience = \"https://h:1/a?b=c%20d\"; scopes = [ ]; },"
      "{ audience = \"urn:uuid:0-1\"; scopes = [ ]; },"
      "{ audience = \"api+x.y-z:orders\"; scopes = [ ]; } );", "" },
    { "the least of assertions and of jwks", LINES3
      "assertions : { skew = 0; max_lifetime = 1; };\n"
      "jwks : { networks = [ ]; ca = \"\"; max_age = 60; cooldown = 10; };",
      "" },
    { "the most of assertions and of jwks", LINES3
      "assertions : { skew = 300; max_lifetime = 86400; };\n"
      "jwks : { networks = [ \"::/0\" ]; ca = \"/a\"; max_age = 604800;\n"
      "cooldown = 86400; };", "" },
    { "a path of one name", LINES3 "path = \"/t\";", "" },
    { "a path with dots and tildes", LINES3 "path = \"/a.b/..c/~d_e\";", "" },
    { "a log to syslog", LINES3 "log : { to = \"syslog\"; };", "" },
    { "scopes named like aliases, where there are none",
      ISSUER STATE "scope_aliases = false; resources = ( { audience = "
      "\"https://a\"; scopes = [ \"urn:opc:idm:__myscopes__\" ]; } );", "" },

    { "certificates, proofs and proxies at rest", LINES3
      "mtls : { ca = [ ]; base = \"\"; header = \"\"; required = false; };\n"
      "dpop : { nonce = \"off\"; };\nproxies = [ ];\nprofile = \"none\";\n"
      "limits : { lockout = false; };", "" },
    { "certificates, proofs and proxies in use", LINES3
      "mtls : { ca = [ \"a.pem\" ]; base = \"https://m.example.org\";\n"
      "header = \"Client-Cert\"; required = true; };\n"
      "dpop : { nonce = \"required\"; };\nproxies = [ \"::1\" ];\n"
      "profile = \"fapi2\";", "" },
    { "strings in parts, alone and of claims", ISSUER "state = \"st\" \"ate\";"
      "resources = ( { audience = \"https://\" /* of */\n \"a\"; scopes = [ ];"
      " claims = [ \"tier=1\", \"unit=\\\"no\"\n\"rth\\\"\" ]; } );", "" },
    { "settings and groups without separators", LINES3
      "log : { to = \"syslog\" format = \"json\" }\nrealm = \"x\"\n"
      "mtls : { header = \"\" ca = [ ] }", "" },
    { "comments of all kinds, with what opens in them", LINES3
      "# \" ( /* \n// { [ \"\n/* \" ( \n ** / [ */ realm = /**/ \"/* x\" "
      "// */\n;", "" },
    { "numbers that begin or end with a zero", LINES3
      "assertions : { skew = 0; max_lifetime = 60L; };\n"
      "limits : { body = 0x0800; failures = 10; };", "" },
    { "the fewest failures", LINES3
      "limits : { lockout = true; failures = 1; };", "" },
    { "the most", LINES3 "limits : { failures = 1000; };", "" },
    { "opaque tokens", ISSUER STATE
      "token : { format = \"opaque\"; durable = false; };\n"
      "resources = (\n{ audience = \"https://a\"; scopes = [ ];\n"
      "format = \"opaque\"; } );", "" },
};

static const char *const issuers[] = {
    "https://as.example.org",
    "https://as.example.org:8443/a/b",
    "https://h/tenant",
    "https://192.0.2.1",
    "https://[2001:db8::1]:8443",
    "http://localhost",
    "http://localhost:8080/tenant",
    "http://127.0.0.1",
    "http://127.9.9.9:65535",
    "http://[::1]:1",
};

static void
write_file(const char *name, const char *text)
{
    FILE *out = fopen(name, "w");

    if (out == NULL || fputs(text, out) == EOF || fclose(out) != 0)
        tap_diag("cannot write %s", name);
}

static void
note(void *arg, const char *text)
{
    char *notes = arg;
    size_t len = strlen(notes);

    snprintf(notes + len, 2048 - len, "%s\n", text);
}

/* Says whether the file was read; policy is zero when it was not. */
static bool
load(struct policy *policy, const char *file, const char *sentence)
{
    struct errtext why = {.text = ""};
    int rc = conf_load(policy, file, NULL, NULL, &why);

    tap_is_str("", why.text, "%s", sentence);
    return rc == 0;
}

static void
test_rows(void)
{
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct errtext why = {.text = ""};
        struct policy policy;
        char notes[2048] = "";

        write_file("policy", rows[i].text);
        tap_is_int(0, conf_load(&policy, "policy", note, notes, &why), "%s",
                   rows[i].sentence);
        tap_is_str("", why.text, "%s: no reason", rows[i].sentence);
        tap_is_str(rows[i].warnings, notes, "%s: warnings", rows[i].sentence);
        policy_free(&policy);
        tap_is_int(0, conf_load(&policy, "policy", NULL, NULL, NULL),
                   "%s: without anybody to tell", rows[i].sentence);
        policy_free(&policy);
    }
}

static void
test_issuers(void)
{
    struct policy policy;
    char text[1024];
    size_t i;

    for (i = 0; i < sizeof(issuers) / sizeof(issuers[0]); i++) {
        snprintf(text, sizeof(text), "issuer = \"%s\";\n" STATE RESOURCES,
                 issuers[i]);
        write_file("policy", text);
        load(&policy, "policy", issuers[i]);
        tap_is_str(issuers[i], policy.issuer, "%s as it stands", issuers[i]);
        policy_free(&policy);
    }
}

static void
test_defaults(const char *dir)
{
    struct policy policy;
    char state[PATH_MAX + 16];

    write_file("policy", LINES3);
    if (!load(&policy, "policy", "three lines are read"))
        return;
    snprintf(state, sizeof(state), "%s/state", dir);
    tap_is_str("policy", policy.file, "file");
    tap_is_str(state, policy.state, "state is absolute");
    tap_is_str("/oauth2/v1", policy.path, "path");
    tap_is_int(1, (long long)policy.n_resources, "resources");
    tap_is_str("https://a", policy.resources[0].audience, "audience");
    tap_is_int(2, (long long)policy.resources[0].n_scopes, "its scopes");
    tap_is_int(FORMAT_DEFAULT, policy.resources[0].format, "its format");
    tap_is_int(JOSE_NONE, policy.resources[0].alg, "its alg");
    tap_is_int(0, policy.resources[0].lifetime, "its lifetime");
    tap_is_int(0, (long long)policy.n_roles, "roles");
    tap_is_int(2, (long long)policy.n_scopes, "scopes");
    tap_is_int(FORMAT_JWT, policy.token.format, "token.format");
    tap_is_int(JOSE_ES256, policy.token.alg, "token.alg");
    tap_is_int(3600, policy.token.lifetime, "token.lifetime");
    tap_is_int(86400, policy.token.max_lifetime, "token.max_lifetime");
    tap_ok(!policy.token.multiple_audiences, "token.multiple_audiences");
    tap_is_int(30, policy.assertions.skew, "assertions.skew");
    tap_is_int(3600, policy.assertions.max_lifetime,
               "assertions.max_lifetime");
    tap_is_int(0, (long long)policy.jwks.n_networks, "jwks.networks");
    tap_is_str("", policy.jwks.ca, "jwks.ca");
    tap_is_int(3600, policy.jwks.max_age, "jwks.max_age");
    tap_is_int(60, policy.jwks.cooldown, "jwks.cooldown");
    tap_is_int(65536, policy.limits.body, "limits.body");
    tap_ok(policy.limits.lockout, "limits.lockout");
    tap_is_int(10, policy.limits.failures, "limits.failures");
    tap_is_str("stderr", policy.log.to, "log.to");
    tap_is_str("logfmt", policy.log.format, "log.format");
    tap_ok(!policy.log.issued, "log.issued");
    tap_ok(policy.metadata.response_types, "metadata.response_types");
    tap_ok(policy.scope_aliases, "scope_aliases");
    tap_is_str("ccgrant", policy.realm, "realm");
    policy_free(&policy);
}

static const char every_key[] =
    "realm = \"a realm\"; path = \"/x/y\"; scope_aliases = false;\n"
    "state = \"/srv/state//\";\n"
    "issuer = \"https://as.example.org/t\";\n"
    "log : { to = \"/var/log/cc\"; format = \"json\"; issued = true; };\n"
    "metadata : { response_types = false; };\n"
    "limits : { body = 2048; lockout = false; failures = 9; };\n"
    "assertions : { skew = 7; max_lifetime = 8; };\n"
    "jwks : { networks = [ \"10.1.0.0/16\", \"fd00::1\" ]; ca = \"/ca.pem\";\n"
    "  max_age = 61; cooldown = 11; };\n"
    "token : { format = \"jwt\"; alg = \"EdDSA\"; lifetime = 5;\n"
    "  max_lifetime = 6; multiple_audiences = true; };\n"
    "@include \"inc/roles\"\n"
    "resources = ( { audience = \"https://b\"; scopes = [ \"b\" ]; },\n"
    "  { audience = \"https://a\"; scopes = [ \"a\", \"c\" ];\n"
    "    format = \"jwt\"; alg = \"PS256\"; lifetime = 4; } );\n";

static void
check_every_key(const struct policy *policy)
{
    const struct policy_resource *second = &policy->resources[1];

    tap_is_str("https://as.example.org/t", policy->issuer, "issuer");
    tap_is_str("/srv/state", policy->state, "an absolute state, trimmed");
    tap_is_str("a realm", policy->realm, "realm");
    tap_is_str("/x/y", policy->path, "path");
    tap_ok(!policy->scope_aliases, "scope_aliases");
    tap_is_str("/var/log/cc", policy->log.to, "log.to");
    tap_is_str("json", policy->log.format, "log.format");
    tap_ok(policy->log.issued, "log.issued");
    tap_ok(!policy->metadata.response_types, "metadata.response_types");
    tap_is_int(2048, policy->limits.body, "limits.body");
    tap_ok(!policy->limits.lockout, "limits.lockout");
    tap_is_int(9, policy->limits.failures, "limits.failures");
    tap_is_int(7, policy->assertions.skew, "assertions.skew");
    tap_is_int(8, policy->assertions.max_lifetime, "assertions.max_lifetime");
    tap_is_int(2, (long long)policy->jwks.n_networks, "jwks.networks");
    tap_is_str("fd00::1", policy->jwks.networks[1], "the second network");
    tap_is_str("/ca.pem", policy->jwks.ca, "jwks.ca");
    tap_is_int(61, policy->jwks.max_age, "jwks.max_age");
    tap_is_int(11, policy->jwks.cooldown, "jwks.cooldown");
    tap_is_int(JOSE_EDDSA, policy->token.alg, "token.alg");
    tap_is_int(5, policy->token.lifetime, "token.lifetime");
    tap_is_int(6, policy->token.max_lifetime, "token.max_lifetime");
    tap_ok(policy->token.multiple_audiences, "token.multiple_audiences");
    tap_is_str("https://a", second->audience, "resources.audience");
    tap_is_str("c", second->scopes[1], "resources.scopes");
    tap_is_int(FORMAT_JWT, second->format, "resources.format");
    tap_is_int(JOSE_PS256, second->alg, "resources.alg");
    tap_is_int(4, second->lifetime, "resources.lifetime");
    tap_is_str("r", policy->roles[0].name, "roles.name, from inc/roles");
    tap_is_str("c", policy->roles[0].scopes[0], "roles.scopes");
    tap_ok(scope_set_has(&policy->roles[0].set, 2)
               && !scope_set_has(&policy->roles[0].set, 0),
           "the set of the role");
}

/* From another directory, by a relative name. */
static void
test_every_key(void)
{
    struct policy policy;

    mkdir("inc", 0700);
    write_file("inc/roles",
               "roles = ( { name = \"r\"; scopes = [ \"c\" ]; } );");
    write_file("policy", every_key);
    if (load(&policy, "inc/../policy", "every key is read"))
        check_every_key(&policy);
    policy_free(&policy);
}

static void
test_names(const char *dir)
{
    static const struct {
        const char *text;
        const char *name; /* behind the directory */
    } names[] = {
        { "state", "/inc/state" },
        { "a b/\xc3\xa4/", "/inc/a b/\xc3\xa4" },
        { "../state", "/inc/../state" },
        { "./state", "/inc/./state" },
    };
    struct policy policy;
    char text[1024], expected[PATH_MAX + 64];
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(text, sizeof(text), ISSUER "state = \"%s\";\n" RESOURCES
                 "jwks : { ca = \"%s\"; };", names[i].text, names[i].text);
        write_file("inc/policy", text);
        load(&policy, "inc/policy", "a policy in another directory");
        snprintf(expected, sizeof(expected), "%s%s", dir, names[i].name);
        tap_is_str(expected, policy.state, "state is relative to the file");
        tap_is_str(expected, policy.jwks.ca, "and so is jwks.ca");
        policy_free(&policy);
    }
}

static void
test_file(void)
{
    setenv("CCGRANT_CONFIG", "/a/b", 1);
    tap_is_str("c", conf_file("c"), "the file that is given");
    tap_is_str("/a/b", conf_file(NULL), "that of the environment");
    setenv("CCGRANT_CONFIG", "", 1);
    tap_ok(strstr(conf_file(NULL), "/ccgrant/ccgrant.conf") != NULL,
           "the compiled-in one, for an empty one");
    unsetenv("CCGRANT_CONFIG");
    tap_ok(conf_file(NULL)[0] == '/', "the compiled-in one is absolute");
}

int
main(void)
{
    char dir[] = "/tmp/ccgrant-conf-XXXXXX", real[PATH_MAX];

    if (mkdtemp(dir) == NULL || chdir(dir) < 0
        || getcwd(real, PATH_MAX) == NULL)
        tap_skip_all("no scratch directory");
    test_rows();
    test_issuers();
    test_defaults(real);
    test_every_key();
    test_names(real);
    test_file();
    unlink("inc/roles");
    unlink("inc/policy");
    rmdir("inc");
    unlink("policy");
    if (chdir("/") == 0)
        rmdir(dir);
    return tap_done();
}
