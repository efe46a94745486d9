/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Policy files that are refused, each with its exact reason.
 */

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/conf.h"
#include "../lib/tap.h"

struct row {
    const char *sentence;
    const char *text;
    const char *why;
};

#define ISSUER "issuer = \"https://as.example.org\";\n"
#define STATE "state = \"state\";\n"
#define RESOURCES "resources = ( { audience = \"https://a\"; " \
                  "scopes = [ \"a.read\", \"a.write\" ]; } );\n"

/* What stands from line 4 on, behind three good lines. */
static const struct row behind[] = {
    { "an unknown key, nearly one",
      "pth = \"/x\";\n",
      "policy:4: pth: unknown key; did you mean \"path\"?" },
    { "an unknown key, far from any",
      "telephone = 1;\n",
      "policy:4: telephone: unknown key; expected one of issuer, state, "
      "resources, roles, details, path, token, keys, secrets, revocations, "
      "archive, assertions, jwks, scope_aliases, realm, metadata, limits, log, "
      "mtls, dpop, proxies, forwarded, networks, profile" },
    { "an unknown key of a group",
      "token : { lifetim = 60; };\n",
      "policy:4: token.lifetim: unknown key; did you mean "
      "\"token.lifetime\"?" },
    { "an unknown key of a group, far from any",
      "log : { colour = true; };\n",
      "policy:4: log.colour: unknown key; expected one of to, format, "
      "issued" },
    { "a key of a group at the top",
      "lifetime = 60;\n",
      "policy:4: lifetime: unknown key; did you mean \"token.lifetime\"?" },
    { "a group, nearly one",
      "tokens : { lifetime = 60; };\n",
      "policy:4: tokens: unknown key; did you mean \"token\"?" },
    { "an unknown key in another case",
      "Realm = \"x\";\n",
      "policy:4: Realm: unknown key; did you mean \"realm\"?" },
    { "a group that is a number",
      "token = 3600;\n",
      "policy:4: token: found the integer 3600; expected a group, { ... }" },
    { "a group that is a list",
      "log = ( \"stderr\" );\n",
      "policy:4: log: found a list of 1 in ( ); expected a group, { ... }" },
    { "an integer in quotes",
      "token : {\n"
      "  lifetime = \"3600\";\n"
      "};\n",
      "policy:5: token.lifetime: found the string \"3600\"; expected an "
      "integer from 1 to 31536000" },
    { "an integer that is a fraction",
      "token : { lifetime = 1.5; };\n",
      "policy:4: token.lifetime: found the fraction 1.5; expected an "
      "integer from 1 to 31536000" },
    { "an integer that is true",
      "limits : { body = true; };\n",
      "policy:4: limits.body: found true; expected an integer from 1024 to "
      "1048576" },
    { "an integer that is a list",
      "token : { lifetime = [ 60 ]; };\n",
      "policy:4: token.lifetime: found a list of 1 in [ ]; expected an "
      "integer from 1 to 31536000" },
    { "a lifetime of nothing",
      "token : { lifetime = 0; };\n",
      "policy:4: token.lifetime: found 0; expected an integer from 1 to "
      "31536000" },
    { "a negative lifetime",
      "token : { lifetime = -1; };\n",
      "policy:4: token.lifetime: found -1; expected an integer from 1 to "
      "31536000" },
    { "a lifetime over a year",
      "token : { lifetime = 31536001; };\n",
      "policy:4: token.lifetime: found 31536001; expected an integer from "
      "1 to 31536000" },
    { "a lifetime with L over a year",
      "token : { max_lifetime = 99999999999L; };\n",
      "policy:4: token.max_lifetime: found 99999999999; expected an "
      "integer from 1 to 31536000" },
    { "a lifetime that would wrap to 1",
      "token : { lifetime = 4294967297; };\n",
      "policy:4: token.lifetime: found 4294967297; expected an integer "
      "from 1 to 31536000" },
    { "a hexadecimal one that would wrap",
      "token : { lifetime = 0x100000e10; };\n",
      "policy:4: token.lifetime: found 0x100000e10; expected an integer "
      "from 1 to 31536000" },
    { "an integer of no type at all",
      "token : { lifetime = 99999999999999999999L; };\n",
      "policy:4: token.lifetime: found 99999999999999999999L; expected an "
      "integer from 1 to 31536000" },
    { "a lifetime over the greatest",
      "token : {\n"
      "  lifetime = 601;\n"
      "  max_lifetime = 600;\n"
      "};\n",
      "policy:5: token.lifetime: 601 is more than token.max_lifetime; "
      "expected at most 600" },
    { "the greatest lifetime under the default one",
      "token : {\n"
      "  max_lifetime = 600;\n"
      "};\n",
      "policy:4: token.lifetime: 3600 is more than token.max_lifetime; "
      "expected at most 600" },
    { "keys that are published for longer than they sign",
      "keys : {\n"
      "  lead = 86401;\n"
      "  lifetime = 86400;\n"
      "};\n",
      "policy:5: keys.lead: 86401 is more than keys.lifetime; expected at "
      "most 86400" },
    { "keys that sign for less than the lead there is",
      "keys : { lifetime = 86400; };\n",
      "policy:4: keys.lead: 1209600 is more than keys.lifetime; expected at "
      "most 86400" },
    { "keys that sign for less than a day",
      "keys : { lifetime = 86399; };\n",
      "policy:4: keys.lifetime: found 86399; expected an integer from 86400 "
      "to 315360000" },
    { "a body too small",
      "limits : { body = 1023; };\n",
      "policy:4: limits.body: found 1023; expected an integer from 1024 to "
      "1048576" },
    { "a body too large",
      "limits : { body = 1048577; };\n",
      "policy:4: limits.body: found 1048577; expected an integer from 1024 "
      "to 1048576" },
    { "a boolean in quotes",
      "scope_aliases = \"true\";\n",
      "policy:4: scope_aliases: found the string \"true\"; expected true "
      "or false" },
    { "a boolean that is a number",
      "scope_aliases = 1;\n",
      "policy:4: scope_aliases: found the integer 1; expected true or false" },
    { "a boolean that is yes",
      "scope_aliases = yes;\n",
      "policy:4: scope_aliases: found yes; expected true or false" },
    { "a string that is a number",
      "realm = 5;\n",
      "policy:4: realm: found the integer 5; expected a string of 1 to 255 "
      "bytes, in double quotes" },
    { "an empty string",
      "realm = \"\";\n",
      "policy:4: realm: found \"\"; expected a string of 1 to 255 bytes, "
      "in double quotes" },
    { "a realm with a quote",
      "realm = \"a\\\"b\";\n",
      "policy:4: realm: found \"a\"b\"; expected ASCII text without \" and "
      "\\" },
    { "a realm with a line end",
      "realm = \"a\n"
      "b\";\n",
      "policy:4: realm: found \"a\\x0Ab\"; expected ASCII text without \" "
      "and \\" },
    { "a string with \\x00",
      "path = \"/a\\x00b\";\n",
      "policy:4: path: found \\x00; expected a string without it" },
    { "an algorithm that there is not",
      "token : { alg = \"HS256\"; };\n",
      "policy:4: token.alg: found \"HS256\"; expected one of \"ES256\", "
      "\"ES384\", \"RS256\", \"PS256\", \"EdDSA\"; did you mean \"ES256\"?" },
    { "an algorithm in lower case",
      "token : { alg = \"es256\"; };\n",
      "policy:4: token.alg: found \"es256\"; expected one of \"ES256\", "
      "\"ES384\", \"RS256\", \"PS256\", \"EdDSA\"; did you mean \"ES256\"?" },
    { "an algorithm none",
      "token : { alg = \"none\"; };\n",
      "policy:4: token.alg: found \"none\"; expected one of \"ES256\", "
      "\"ES384\", \"RS256\", \"PS256\", \"EdDSA\"" },
    { "a format that there is not",
      "token : { format = \"JWT\"; };\n",
      "policy:4: token.format: found \"JWT\"; expected one of \"jwt\", "
      "\"opaque\"; did you mean \"jwt\"?" },
    { "a word that is a number",
      "log : { format = 1; };\n",
      "policy:4: log.format: found the integer 1; expected one of "
      "\"logfmt\", \"json\"" },
    { "a path without slash",
      "path = \"oauth2/v1\";\n",
      "policy:4: path: found \"oauth2/v1\"; expected a slash at the "
      "beginning" },
    { "a path with a slash at the end",
      "path = \"/oauth2/v1/\";\n",
      "policy:4: path: found \"/oauth2/v1/\"; expected a name behind the "
      "last slash" },
    { "a path that is the root",
      "path = \"/\";\n",
      "policy:4: path: found \"/\"; expected a name behind the last slash" },
    { "a path with an empty segment",
      "path = \"/oauth2//v1\";\n",
      "policy:4: path: found \"/oauth2//v1\"; expected letters, digits and "
      "-._~ between single slashes, without dot segments" },
    { "a path with a dot segment",
      "path = \"/oauth2/../v1\";\n",
      "policy:4: path: found \"/oauth2/../v1\"; expected letters, digits "
      "and -._~ between single slashes, without dot segments" },
    { "a path that ends in a dot segment",
      "path = \"/oauth2/.\";\n",
      "policy:4: path: found \"/oauth2/.\"; expected letters, digits and "
      "-._~ between single slashes, without dot segments" },
    { "a path with a query",
      "path = \"/oauth2?v=1\";\n",
      "policy:4: path: found \"/oauth2?v=1\"; expected letters, digits and "
      "-._~ between single slashes, without dot segments" },
    { "a path with an escape",
      "path = \"/oauth2%2Fv1\";\n",
      "policy:4: path: found \"/oauth2%2Fv1\"; expected letters, digits "
      "and -._~ between single slashes, without dot segments" },
    { "a log file that is relative",
      "log : { to = \"ccgrant.log\"; };\n",
      "policy:4: log.to: found \"ccgrant.log\"; expected \"stderr\", "
      "\"syslog\" or an absolute file name" },
    { "a log file that is a directory",
      "log : { to = \"/var/log/\"; };\n",
      "policy:4: log.to: found \"/var/log/\"; expected \"stderr\", "
      "\"syslog\" or an absolute file name" },
    { "a log file with a control character",
      "log : { to = \"/var/log/a\tb\"; };\n",
      "policy:4: log.to: found \"/var/log/a\\x09b\"; expected a file name "
      "without control characters" },
    { "a role's scope that is nearly one",
      "roles = (\n"
      "  { name = \"r\";\n"
      "    scopes = [ \"a.read\",\n"
      "      \"a.wirte\" ]; }\n"
      ");\n",
      "policy:7: roles.scopes: \"a.wirte\" is defined by no resource; did "
      "you mean \"a.write\"?" },
    { "a role's scope that is far from any",
      "roles = ( { name = \"r\"; scopes = [ \"telephone\" ]; } );\n",
      "policy:4: roles.scopes: \"telephone\" is defined by no resource; "
      "expected a scope of one of them" },
    { "a role's scope in another case",
      "roles = ( { name = \"r\"; scopes = [ \"A.Read\" ]; } );\n",
      "policy:4: roles.scopes: \"A.Read\" is defined by no resource; did "
      "you mean \"a.read\"?" },
    { "a role's scope twice",
      "roles = ( { name = \"r\"; scopes = [\n"
      "\"a.read\",\n"
      "\"a.read\" ]; } );\n",
      "policy:6: roles.scopes: \"a.read\" stands here twice; expected each "
      "once" },
    { "a role twice",
      "roles = (\n"
      "  { name = \"r\"; scopes = [ \"a.read\" ]; },\n"
      "  { name = \"r\"; scopes = [ ]; } );\n",
      "policy:6: roles.name: \"r\" is that of another one already; "
      "expected each once" },
    { "a role without a name",
      "roles = (\n"
      "  { scopes = [ \"a.read\" ]; } );\n",
      "policy:5: roles.name: missing; expected, for example, name = "
      "\"order-batch\";" },
    { "a role without scopes",
      "roles = (\n"
      "  { name = \"r\"; } );\n",
      "policy:5: roles.scopes: missing; expected, for example, scopes = [ "
      "\"orders.read\" ];" },
    { "a role with a space",
      "roles = ( { name = \"order batch\"; scopes = [ ]; } );\n",
      "policy:4: roles.name: found \"order batch\"; expected 1 to 255 "
      "visible ASCII characters but \" and \\" },
    { "a role with an unknown key",
      "roles = ( { name = \"r\"; scope = [ \"a.read\" ]; } );\n",
      "policy:4: roles.scope: unknown key; did you mean \"roles.scopes\"?" },
    { "roles that are a group",
      "roles = { name = \"r\"; scopes = [ ]; };\n",
      "policy:4: roles: found a group; expected a list of at most 1024 "
      "groups, ( { ... }, { ... } )" },
    { "roles that are names",
      "roles = ( \"r\" );\n",
      "policy:4: roles: found the string \"r\"; expected a group, { ... }" },
    { "roles that are names in brackets",
      "roles = [ \"r\" ];\n",
      "policy:4: roles: found a list of 1 in [ ]; expected a list of at "
      "most 1024 groups, ( { ... }, { ... } )" },
    { "a role's scopes in one string",
      "roles = ( { name = \"r\"; scopes = \"a.read a.write\"; } );\n",
      "policy:4: roles.scopes: found the string \"a.read a.write\"; "
      "expected a list of at most 4096 strings, [ \"...\", \"...\" ]" },
    { "a certificate authority without a name",
      "mtls : { ca = [ \"\" ]; };\n",
      "policy:4: mtls.ca: found \"\"; expected the name of a file" },
    { "a host for certificates without TLS",
      "mtls : { base = \"http://127.0.0.1\"; };\n",
      "policy:4: mtls.base: found \"http://127.0.0.1\"; expected a URL "
      "that begins with https://" },
    { "a header field with a colon",
      "mtls : { header = \"X-Cert:\"; };\n",
      "policy:4: mtls.header: found \"X-Cert:\"; expected the name of an "
      "HTTP header field" },
    { "the header field of the credentials",
      "mtls : { header = \"authorization\"; };\n",
      "policy:4: mtls.header: found \"authorization\"; expected a header "
      "field that is for nothing else" },
    { "the header field of the proof",
      "mtls : { header = \"DPoP\"; };\n",
      "policy:4: mtls.header: found \"DPoP\"; expected a header field that "
      "is for nothing else" },
    { "the header field of cookies",
      "mtls : { header = \"Cookie\"; };\n",
      "policy:4: mtls.header: found \"Cookie\"; expected a header field that "
      "is for nothing else" },
    { "a variable in place of a header field",
      "mtls : { header = \"HTTP_CLIENT_CERT\"; };\n",
      "policy:4: mtls.header: found \"HTTP_CLIENT_CERT\"; expected the name "
      "of the header field itself, such as \"Client-Cert\", without "
      "underscore" },
    { "the variable of the web server in place of a header field",
      "mtls : { header = \"SSL_CLIENT_CERT\"; };\n",
      "policy:4: mtls.header: found \"SSL_CLIENT_CERT\"; expected the name of "
      "the header field itself, such as \"Client-Cert\", without "
      "underscore" },
    { "a certificate demanded in words",
      "mtls : { required = \"yes\"; };\n",
      "policy:4: mtls.required: found the string \"yes\"; expected true or "
      "false" },
    { "a profile that nobody wrote", "profile = \"fapi1\";\n",
      "policy:4: profile: found \"fapi1\"; expected one of \"none\", "
      "\"fapi2\"; did you mean \"fapi2\"?" },
    { "FAPI 2.0 with an algorithm that it does not allow",
      "profile = \"fapi2\";\ntoken : { alg = \"RS256\"; };\n",
      "policy:5: token.alg: RS256 is not for profile = \"fapi2\"; expected "
      "PS256, ES256 or EdDSA" },
    { "a nonce of a boolean",
      "dpop : { nonce = on; };\n",
      "policy:4: dpop.nonce: found on; expected one of \"off\", \"on\", "
      "\"required\"" },
    { "a nonce of another word",
      "dpop : { nonce = \"always\"; };\n",
      "policy:4: dpop.nonce: found \"always\"; expected one of \"off\", "
      "\"on\", \"required\"" },
    { "a skew of an hour",
      "assertions : { skew = 3600; };\n",
      "policy:4: assertions.skew: found 3600; expected an integer from 0 "
      "to 300" },
    { "an assertion of no time",
      "assertions : { max_lifetime = 0; };\n",
      "policy:4: assertions.max_lifetime: found 0; expected an integer "
      "from 1 to 86400" },
    { "a network of keys by name",
      "jwks : { networks = [ \"intranet\" ]; };\n",
      "policy:4: jwks.networks: found \"intranet\"; expected a network such "
      "as \"192.0.2.0/24\" or \"2001:db8::/32\", without bits behind the "
      "prefix" },
    { "a network of keys without a list",
      "jwks : { networks = \"10.0.0.0/8\"; };\n",
      "policy:4: jwks.networks: found the string \"10.0.0.0/8\"; expected a "
      "list of at most 64 strings, [ \"...\", \"...\" ]" },
    { "a list of authorities of keys",
      "jwks : { ca = [ \"ca.pem\" ]; };\n",
      "policy:4: jwks.ca: found a list of 1 in [ ]; expected a string of at "
      "most 1024 bytes, in double quotes" },
    { "authorities of keys by a name of two lines",
      "jwks : { ca = \"a\\nb\"; };\n",
      "policy:4: jwks.ca: found \"a\\x0Ab\"; expected a file name "
      "without control characters" },
    { "keys that are always fetched",
      "jwks : { max_age = 59; };\n",
      "policy:4: jwks.max_age: found 59; expected an integer from 60 to "
      "604800" },
    { "keys that are never fetched again",
      "jwks : { max_age = 604801; };\n",
      "policy:4: jwks.max_age: found 604801; expected an integer from 60 to "
      "604800" },
    { "no cool-down",
      "jwks : { cooldown = 0; };\n",
      "policy:4: jwks.cooldown: found 0; expected an integer from 10 to "
      "86400" },
    { "a key of jwks that is none",
      "jwks : { cool_down = 60; };\n",
      "policy:4: jwks.cool_down: unknown key; did you mean "
      "\"jwks.cooldown\"?" },
    { "a proxy by name",
      "proxies = [ \"localhost\" ];\n",
      "policy:4: proxies: found \"localhost\"; expected a network such as "
      "\"192.0.2.0/24\" or \"2001:db8::/32\", without bits behind the "
      "prefix" },
    { "a proxy with bits behind the prefix",
      "proxies = [ \"10.0.0.1/8\" ];\n",
      "policy:4: proxies: found \"10.0.0.1/8\"; expected a network such as "
      "\"192.0.2.0/24\" or \"2001:db8::/32\", without bits behind the "
      "prefix" },
    { "a proxy without a list",
      "proxies = \"10.0.0.0/8\";\n",
      "policy:4: proxies: found the string \"10.0.0.0/8\"; expected a list "
      "of at most 64 strings, [ \"...\", \"...\" ]" },
    { "a lockout by number",
      "limits : { lockout = 5; };\n",
      "policy:4: limits.lockout: found the integer 5; expected true or "
      "false" },
    { "a key twice",
      "path = \"/a\";\n"
      "path = \"/b\";\n",
      "policy:5: path: stands here twice; expected each key once in its "
      "group" },
    { "a group twice",
      "log : { issued = true; };\n"
      "log : { format = \"json\"; };\n",
      "policy:5: log: stands here twice; expected each key once in its "
      "group" },
    { "a list of several types",
      "proxies = [ \"127.0.0.1\", 5 ];\n",
      "policy:4: proxies: found 5; expected a list of at most 64 strings, "
      "[ \"...\", \"...\" ]" },
    { "a value without quotes",
      "path = /oauth2;\n",
      "policy:4: path: found /oauth2; expected a string of 1 to 255 bytes, "
      "in double quotes" },
    { "a string without an end",
      "\n"
      "path = \"/oauth2;\n"
      "\n",
      "policy:5: path: found \"/oauth2;; expected the double quote that ends "
      "this string" },
    { "a string without an end, and another behind it",
      "realm = \"x;\n"
      "# between\n"
      "path = \"/a\";\n",
      "policy:4: realm: found \"x;; expected the double quote that ends this "
      "string" },
    { "a string without an end, and a word behind it",
      "realm = \"x;\n"
      "profile = \"none\";\n",
      "policy:4: realm: found \"x;; expected the double quote that ends this "
      "string" },
    { "a string of a list without an end",
      "log : { issued = true; };\n"
      "roles = ( { name = \"r\"; scopes = [ \"a.read ]; },\n"
      "  { name = \"s\"; scopes = [ ]; } );\n",
      "policy:5: roles.scopes: found \"a.read ]; },; expected the double "
      "quote that ends this string" },
    { "a string without an end within one line",
      "roles = ( { name = \"r; scopes = [ \"a.read\" ]; } );\n"
      "realm = \"x\";\n",
      "policy:4: found \" ]; } );; expected the double quote that ends this "
      "string, or none here" },
    { "a comment without an end",
      "realm = \"x\";\n"
      "/* path\n"
      "path = \"/a\";\n"
      "token : 5;\n",
      "policy:5: found /* path; expected */ at the end of this comment" },
    { "a comment that ends where it begins",
      "/*/ path\n"
      "path = \"/a\";\n",
      "policy:4: found /*/ path; expected */ at the end of this comment" },
    { "a comment without an end in a value",
      "realm = /* mine\n"
      "  \"x\";\n",
      "policy:4: found /* mine; expected */ at the end of this comment" },
    { "a comment without an end in an included file",
      "@include \"comment.inc\"\n"
      "path = \"/a\";\n",
      "comment.inc:2: found /* open; expected */ at the end of this "
      "comment" },
    { "a group without an end",
      "log : { issued = true;\n"
      "realm = \"x\";\n",
      "policy:4: log: found { without its end; expected } before the end of "
      "the file" },
    { "a list without an end",
      "roles = (\n"
      "  { name = \"r\"; scopes = [ ]; }\n",
      "policy:4: roles: found ( without its end; expected ) before the end "
      "of the file" },
    { "a list without an end, and a key behind it",
      "roles = (\n"
      "  { name = \"r\"; scopes = [ ]; }\n"
      "realm = \"x\";\n",
      "policy:6: roles: found realm; expected ), for the ( in line 4" },
    { "a list that ends as a group",
      "roles = ( { name = \"r\"; scopes = [\n"
      "  \"a.read\" } );\n",
      "policy:5: roles.scopes: found }; expected ], for the [ in line 4" },
    { "a group that ends as a list",
      "roles = (\n"
      "  { name = \"r\"; scopes = [ ];\n"
      ");\n",
      "policy:6: roles: found ); expected }, for the { in line 5" },
    { "an end without a beginning",
      "realm = \"x\"; };\n",
      "policy:4: found }; expected what it ends before it" },
    { "two strings without a comma between them",
      "roles = ( { name = \"r\"; scopes = [ \"a.read\" \"a.write\" ]; } );\n",
      "policy:4: roles.scopes: found \"a.write\"; expected a comma before "
      "it" },
    { "and with a comment and a line end",
      "networks = [\n"
      "  \"192.0.2.0/24\" // office, home\n"
      "  \"198.51.100.0/24\"\n"
      "];\n",
      "policy:6: networks: found \"198.51.100.0/24\"; expected a comma before "
      "it" },
    { "two groups without a comma between them",
      "roles = (\n"
      "  { name = \"r\"; scopes = [ ]; }\n"
      "  { name = \"s\"; scopes = [ ]; }\n"
      ");\n",
      "policy:6: roles: found {; expected a comma before it" },
    { "a list of groups in brackets",
      "roles = [ { name = \"r\"; scopes = [ ]; } ];\n",
      "policy:4: roles: found {; expected a list of at most 1024 groups, ( { "
      "... }, { ... } )" },
    { "an integer with a zero before it",
      "token : { lifetime = 0600; };\n",
      "policy:4: token.lifetime: found 0600; expected the number without a "
      "zero before it" },
    { "a negative one, with L behind it",
      "token : { lifetime = -0600L; };\n",
      "policy:4: token.lifetime: found -0600L; expected the number without a "
      "zero before it" },
    { "a file that is not at the beginning of a line",
      "realm = \"x\"; @include \"path.inc\"\n",
      "policy:4: found @include \"path.inc\"; expected @include \"FILE\" at "
      "the beginning of a line" },
    { "a file in other letters",
      "@Include \"path.inc\"\n",
      "policy:4: found @Include \"path.inc\"; expected @include \"FILE\" at "
      "the beginning of a line" },
    { "a group within another",
      "limits : { token : { lifetime = 60; }; };\n",
      "policy:4: limits.token: unknown key; did you mean \"token\"?" },
    { "a key of resources at the top",
      "scopes = [ \"a.read\" ];\n",
      "policy:4: scopes: unknown key; did you mean \"resources.scopes\"?" },
    { "a key of roles at the top",
      "name = \"r\";\n",
      "policy:4: name: unknown key; did you mean \"roles.name\"?" },
    { "a list with semicolons",
      "networks = [ \"::1\"; \"127.0.0.1\" ];\n",
      "policy:4: networks: found ;; expected a comma, or ], for the [ in line "
      "4" },
    { "a key of a group twice, with others between",
      "log : { to = \"syslog\"; format = \"json\";\n"
      "to = \"stderr\"; };\n",
      "policy:5: log.to: stands here twice; expected each key once in its "
      "group" },
    { "a key of a role twice",
      "roles = ( { name = \"a\"; scopes = [ ]; },\n"
      "{ name = \"r\"; scopes = [ ];\n"
      "name = \"s\"; } );\n",
      "policy:6: roles.name: stands here twice; expected each key once in "
      "its group" },
    { "a key twice, once in an included file",
      "path = \"/a\";\n"
      "@include \"path.inc\"\n",
      "path.inc:2: path: stands here twice; expected each key once in its "
      "group" },
    { "a key without a value",
      "realm = ;\n",
      "policy:4: realm: found nothing; expected a string of 1 to 255 bytes, "
      "in double quotes" },
    { "a key without a value and its end",
      "realm =\n"
      "path = \"/a\";\n",
      "policy:5: realm: found path; expected a string of 1 to 255 bytes, in "
      "double quotes" },
    { "a number with a unit",
      "token : { lifetime = 60s; };\n",
      "policy:4: token.lifetime: found 60s; expected an integer from 1 to "
      "31536000" },
    { "a network without quotes",
      "networks = [ 10.0.0.0/8, 192.0.2.0/24 ];\n",
      "policy:4: networks: found 10.0.0.0/8; expected a list of at most 64 "
      "strings, [ \"...\", \"...\" ]" },
    { "a string among numbers",
      "networks = [ 10, \"192.0.2.0/24\" ];\n",
      "policy:4: networks: found \"192.0.2.0/24\"; expected a list of at "
      "most 64 strings, [ \"...\", \"...\" ]" },
    { "a value without quotes, of no key",
      "telephone = me;\n",
      "policy:4: telephone: found me; expected a string in double quotes, a "
      "number, true, false, [ ... ], ( ... ) or { ... }" },
    { "an integer that would wrap, of no key",
      "telephone = 4294967297;\n",
      "policy:4: telephone: found 4294967297; expected an integer of at "
      "most 2147483647, or a greater one with L behind it" },
    { "an integer of a role that would wrap",
      "roles = ( { name = \"r\"; scopes = [ 4294967297 ]; } );\n",
      "policy:4: roles.scopes: found 4294967297; expected a list of at most "
      "4096 strings, [ \"...\", \"...\" ]" },
    { "a network by name",
      "networks = [ \"intranet\" ];\n",
      "policy:4: networks: found \"intranet\"; expected a network such as "
      "\"192.0.2.0/24\" or \"2001:db8::/32\", without bits behind the "
      "prefix" },
    { "a network with bits behind the prefix",
      "networks = [ \"::1\",\n"
      "\"2001:db8::1/32\" ];\n",
      "policy:5: networks: found \"2001:db8::1/32\"; expected a network "
      "such as \"192.0.2.0/24\" or \"2001:db8::/32\", without bits behind "
      "the prefix" },
    { "a forwarding header by nearly its name",
      "forwarded = \"X-Forward-For\";\n",
      "policy:4: forwarded: found \"X-Forward-For\"; expected one of "
      "\"none\", \"x-forwarded-for\", \"forwarded\"; did you mean "
      "\"x-forwarded-for\"?" },
    { "another forwarding header",
      "forwarded = \"x-real-ip\";\n",
      "policy:4: forwarded: found \"x-real-ip\"; expected one of \"none\", "
      "\"x-forwarded-for\", \"forwarded\"" },
    { "a forwarding header by a boolean",
      "forwarded = true;\n",
      "policy:4: forwarded: found true; expected one of \"none\", "
      "\"x-forwarded-for\", \"forwarded\"" },
    { "a file that is missing",
      "@include \"missing.inc\"\n",
      "policy:4: @include: found ./missing.inc; expected a file that can "
      "be read (No such file or directory)" },
    { "a file that is a directory",
      "@include \".\"\n",
      "policy:4: @include: found ./.; expected a file that can be read "
      "(not a regular file)" },
    { "a file by its absolute name",
      "@include \"/etc/passwd\"\n",
      "policy:4: @include: found /etc/passwd; expected a name relative to "
      "the directory of the policy" },
    { "a file without quotes",
      "@include bad.inc\n",
      "policy:4: @include: found no name; expected one in quotes behind it" },
    { "a file that includes itself",
      "@include \"loop.inc\"\n",
      "loop.inc:1: @include: found loop.inc; expected fewer files within "
      "files" },
    { "a fault in an included file",
      "@include \"bad.inc\"\n",
      "bad.inc:2: token.lifetime: found true; expected an integer from 1 "
      "to 31536000" },
    { "a fault in what is included in a group",
      "token : {\n"
      "@include \"group.inc\"\n"
      "};\n",
      "group.inc:1: token.lifetime: found soon; expected an integer from 1 "
      "to 31536000" },
    { "a fault behind what is included",
      "@include \"path.inc\"\n"
      "realm = 5;\n",
      "policy:5: realm: found the integer 5; expected a string of 1 to 255 "
      "bytes, in double quotes" },
    { "a role's scope in an included file",
      "@include \"roles.inc\"\n",
      "roles.inc:2: roles.scopes: \"a.raed\" is defined by no resource; "
      "did you mean \"a.read\"?" },
    { "what cannot be parsed in an included file",
      "@include \"broken.inc\"\n",
      "broken.inc:2: syntax error: found path 5;; expected, here or just "
      "before, KEY = VALUE; with a string in double quotes, a number, true, "
      "false, [ ... ] or { ... }" },
};

/* The whole file. */
static const struct row whole[] = {
    { "an empty file",
      "",
      "policy:1: issuer: missing; expected, for example, issuer = "
      "\"https://as.example.org\";" },
    { "nothing but a comment",
      "# ccgrant\n",
      "policy:1: issuer: missing; expected, for example, issuer = "
      "\"https://as.example.org\";" },
    { "no issuer",
      STATE RESOURCES,
      "policy:1: issuer: missing; expected, for example, issuer = "
      "\"https://as.example.org\";" },
    { "no state",
      ISSUER RESOURCES,
      "policy:1: state: missing; expected, for example, state = "
      "\"/var/lib/ccgrant\";" },
    { "no resources",
      ISSUER STATE,
      "policy:1: resources: missing; expected, for example, resources = ( "
      "{ audience = \"https://api.example.org/orders\"; scopes = [ "
      "\"orders.read\" ]; } );" },
    { "an empty list of resources",
      ISSUER STATE
      "resources = ( );\n",
      "policy:3: resources: found a list of 0 in ( ); expected a list of 1 "
      "to 256 groups, ( { ... }, { ... } )" },
    { "an issuer without TLS",
      "issuer = \"http://as.example.org\";\n"
      "state = \"state\";\n" RESOURCES,
      "policy:1: issuer: found \"http://as.example.org\"; expected "
      "https://; without TLS it can only be 127.0.0.1, [::1] or localhost" },
    { "an issuer without TLS on an address",
      "issuer = \"http://192.0.2.1\";\n"
      "state = \"state\";\n" RESOURCES,
      "policy:1: issuer: found \"http://192.0.2.1\"; expected https://; "
      "without TLS it can only be 127.0.0.1, [::1] or localhost" },
    { "an issuer that only begins like loopback",
      "issuer = \"http://127.0.0.1.example.org\";\n"
      "state = \"state\";\n" RESOURCES,
      "policy:1: issuer: found \"http://127.0.0.1.example.org\"; expected "
      "https://; without TLS it can only be 127.0.0.1, [::1] or localhost" },
    { "an issuer without scheme",
      "issuer = \"as.example.org\";\n"
      "state = \"state\";\n" RESOURCES,
      "policy:1: issuer: found \"as.example.org\"; expected a URL that "
      "begins with https://" },
    { "an issuer in capitals",
      "issuer = \"HTTPS://as.example.org\";\n"
      "state = \"state\";\n" RESOURCES,
      "policy:1: issuer: found \"HTTPS://as.example.org\"; expected a URL "
      "that begins with https://" },
    { "an issuer without host",
      "issuer = \"https:///tenant\";\n"
      "state = \"state\";\n" RESOURCES,
      "policy:1: issuer: found \"https:///tenant\"; expected the name or "
      "address of a host behind ://" },
    { "an issuer with a user",
      "issuer = \"https://me@as.example.org\";\n"
      "state = \"state\";\n" RESOURCES,
      "policy:1: issuer: found \"https://me@as.example.org\"; expected no "
      "user in the URL" },
    { "an issuer with a slash at the end",
      "issuer = \"https://as.example.org/\";\n"
      "state = \"state\";\n" RESOURCES,
      "policy:1: issuer: found \"https://as.example.org/\"; expected no "
      "slash at the end" },
    { "an issuer's path with a slash at the end",
      "issuer = \"https://as.example.org/t/\";\n"
      "state = \"state\";\n" RESOURCES,
      "policy:1: issuer: found \"https://as.example.org/t/\"; expected no "
      "slash at the end" },
    { "an issuer with a query",
      "issuer = \"https://as.example.org?x=1\";\n"
      "state = \"state\";\n" RESOURCES,
      "policy:1: issuer: found \"https://as.example.org?x=1\"; expected a "
      "path of letters, digits and -._~ alone: no query, no fragment, no "
      "//, no dot segment" },
    { "an issuer with a fragment",
      "issuer = \"https://as.example.org#x\";\n"
      "state = \"state\";\n" RESOURCES,
      "policy:1: issuer: found \"https://as.example.org#x\"; expected a "
      "path of letters, digits and -._~ alone: no query, no fragment, no "
      "//, no dot segment" },
    { "an issuer with a dot segment",
      "issuer = \"https://as.example.org/a/../b\";\n"
      "state = \"state\";\n" RESOURCES,
      "policy:1: issuer: found \"https://as.example.org/a/../b\"; expected "
      "a path of letters, digits and -._~ alone: no query, no fragment, no "
      "//, no dot segment" },
    { "an issuer with a space",
      "issuer = \"https://as.example.org/a b\";\n"
      "state = \"state\";\n" RESOURCES,
      "policy:1: issuer: found \"https://as.example.org/a b\"; expected a "
      "path of letters, digits and -._~ alone: no query, no fragment, no "
      "//, no dot segment" },
    { "an issuer with a port of letters",
      "issuer = \"https://as.example.org:https\";\n"
      "state = \"state\";\n" RESOURCES,
      "policy:1: issuer: found \"https://as.example.org:https\"; expected "
      "a port from 1 to 65535 behind the colon" },
    { "an issuer with the port 0",
      "issuer = \"https://as.example.org:0\";\n"
      "state = \"state\";\n" RESOURCES,
      "policy:1: issuer: found \"https://as.example.org:0\"; expected a "
      "port from 1 to 65535 behind the colon" },
    { "an issuer with a port too large",
      "issuer = \"https://as.example.org:65536\";\n"
      "state = \"state\";\n" RESOURCES,
      "policy:1: issuer: found \"https://as.example.org:65536\"; expected "
      "a port from 1 to 65535 behind the colon" },
    { "an issuer with half an IPv6 address",
      "issuer = \"https://[::1\";\n"
      "state = \"state\";\n" RESOURCES,
      "policy:1: issuer: found \"https://[::1\"; expected the name or "
      "address of a host behind ://" },
    { "an issuer with a wrong IPv6 address",
      "issuer = \"https://[::zz]\";\n"
      "state = \"state\";\n" RESOURCES,
      "policy:1: issuer: found \"https://[::zz]\"; expected the name or "
      "address of a host behind ://" },
    { "an issuer outside ASCII",
      "issuer = \"https://\303\244s.example.org\";\n"
      "state = \"state\";\n" RESOURCES,
      "policy:1: issuer: found \"https://\\xC3\\xA4s.example.org\"; "
      "expected the name or address of a host behind ://" },
    { "an empty issuer",
      "issuer = \"\";\n"
      "state = \"state\";\n" RESOURCES,
      "policy:1: issuer: found \"\"; expected a string of 1 to 255 bytes, "
      "in double quotes" },
    { "an empty state",
      ISSUER
      "state = \"\";\n" RESOURCES,
      "policy:2: state: found \"\"; expected a string of 1 to 1024 bytes, "
      "in double quotes" },
    { "a state with a line end",
      ISSUER
      "state = \"a\n"
      "\";\n" RESOURCES,
      "policy:2: state: found \"a\\x0A\"; expected a file name without "
      "control characters" },
    { "a state that is a list",
      ISSUER
      "state = [ \"a\" ];\n" RESOURCES,
      "policy:2: state: found a list of 1 in [ ]; expected a string of 1 "
      "to 1024 bytes, in double quotes" },
    { "a resource without audience",
      ISSUER STATE
      "resources = (\n"
      "\n"
      "  { scopes = [ \"a\" ]; } );\n",
      "policy:5: resources.audience: missing; expected, for example, "
      "audience = \"https://api.example.org/orders\";" },
    { "a resource without scopes",
      ISSUER STATE
      "resources = ( { audience = \"https://a\"; } );\n",
      "policy:3: resources.scopes: missing; expected, for example, scopes "
      "= [ \"orders.read\", \"orders.write\" ];" },
    { "a resource that is a string",
      ISSUER STATE
      "resources = ( \"https://a\" );\n",
      "policy:3: resources: found the string \"https://a\"; expected a "
      "group, { ... }" },
    { "resources without a list",
      ISSUER STATE
      "resources = { audience = \"https://a\"; scopes = [ ]; };\n",
      "policy:3: resources: found a group; expected a list of 1 to 256 "
      "groups, ( { ... }, { ... } )" },
    { "an unknown key of a resource",
      ISSUER STATE
      "resources = ( { audience = \"https://a\"; scopes = [ ]; lifetme = "
      "5; } );\n",
      "policy:3: resources.lifetme: unknown key; did you mean "
      "\"resources.lifetime\"?" },
    { "an audience that is a name",
      ISSUER STATE
      "resources = ( { audience = \"orders\"; scopes = [ ]; } );\n",
      "policy:3: resources.audience: found \"orders\"; expected an "
      "absolute URI, such as \"https://api.example.org/orders\"" },
    { "an audience that is a path",
      ISSUER STATE
      "resources = ( { audience = \"/orders\"; scopes = [ ]; } );\n",
      "policy:3: resources.audience: found \"/orders\"; expected an "
      "absolute URI, such as \"https://api.example.org/orders\"" },
    { "an audience that begins with a digit",
      ISSUER STATE
      "resources = ( { audience = \"1a:b\"; scopes = [ ]; } );\n",
      "policy:3: resources.audience: found \"1a:b\"; expected an absolute "
      "URI, such as \"https://api.example.org/orders\"" },
    { "an audience of a scheme alone",
      ISSUER STATE
      "resources = ( { audience = \"https:\"; scopes = [ ]; } );\n",
      "policy:3: resources.audience: found \"https:\"; expected an "
      "absolute URI, such as \"https://api.example.org/orders\"" },
    { "an audience with a fragment",
      ISSUER STATE
      "resources = ( { audience = \"https://a/b#c\"; scopes = [ ]; } );\n",
      "policy:3: resources.audience: found \"https://a/b#c\"; expected a "
      "URI without fragment" },
    { "an audience with a space",
      ISSUER STATE
      "resources = ( { audience = \"https://a/b c\"; scopes = [ ]; } );\n",
      "policy:3: resources.audience: found \"https://a/b c\"; expected a "
      "URI, where any other character is written as %XX" },
    { "an audience with half an escape",
      ISSUER STATE
      "resources = ( { audience = \"https://a/%2\"; scopes = [ ]; } );\n",
      "policy:3: resources.audience: found \"https://a/%2\"; expected a "
      "URI, where any other character is written as %XX" },
    { "an audience outside ASCII",
      ISSUER STATE
      "resources = ( { audience = \"https://a/\342\202\254\"; scopes = [ "
      "]; } );\n",
      "policy:3: resources.audience: found \"https://a/\\xE2\\x82\\xAC\"; "
      "expected a URI, where any other character is written as %XX" },
    { "an audience that is a number",
      ISSUER STATE
      "resources = ( { audience = 5; scopes = [ ]; } );\n",
      "policy:3: resources.audience: found the integer 5; expected a "
      "string of 1 to 255 bytes, in double quotes" },
    { "an audience twice",
      ISSUER STATE
      "resources = ( { audience = \"https://a\"; scopes = [ ]; },\n"
      "  { scopes = [ ];\n"
      "    audience = \"https://a\"; } );\n",
      "policy:5: resources.audience: \"https://a\" is that of another one "
      "already; expected each once" },
    { "a scope with a space",
      ISSUER STATE
      "resources = ( { audience = \"https://a\"; scopes = [ \"a b\" ]; } "
      ");\n",
      "policy:3: resources.scopes: found \"a b\"; expected 1 to 255 "
      "visible ASCII characters but \" and \\" },
    { "a scope with a quote",
      ISSUER STATE
      "resources = ( { audience = \"https://a\"; scopes = [ \"a\\\"b\" ]; "
      "} );\n",
      "policy:3: resources.scopes: found \"a\"b\"; expected 1 to 255 "
      "visible ASCII characters but \" and \\" },
    { "a scope with a backslash",
      ISSUER STATE
      "resources = ( { audience = \"https://a\"; scopes = [ \"a\\\\b\" ]; "
      "} );\n",
      "policy:3: resources.scopes: found \"a\\b\"; expected 1 to 255 "
      "visible ASCII characters but \" and \\" },
    { "an empty scope",
      ISSUER STATE
      "resources = ( { audience = \"https://a\"; scopes = [ \"\" ]; } );\n",
      "policy:3: resources.scopes: found \"\"; expected 1 to 255 visible "
      "ASCII characters but \" and \\" },
    { "a scope that is a number",
      ISSUER STATE
      "resources = ( { audience = \"https://a\"; scopes = [ 1 ]; } );\n",
      "policy:3: resources.scopes: found the integer 1; expected a list of "
      "at most 4096 strings, [ \"...\", \"...\" ]" },
    { "a scope that is a group",
      ISSUER STATE
      "resources = ( { audience = \"https://a\"; scopes = ( { a = 1; } ); "
      "} );\n",
      "policy:3: resources.scopes: found a group; expected a list of at "
      "most 4096 strings, [ \"...\", \"...\" ]" },
    { "a scope outside ASCII",
      ISSUER STATE
      "resources = ( { audience = \"https://a\"; scopes = [ \"\303\274\" "
      "]; } );\n",
      "policy:3: resources.scopes: found \"\\xC3\\xBC\"; expected 1 to 255 "
      "visible ASCII characters but \" and \\" },
    { "a scope that is an alias",
      ISSUER STATE
      "resources = ( { audience = \"https://a\";\n"
      " scopes = [\n"
      "\"urn:opc:idm:__myscopes__\" ]; } );\n",
      "policy:5: resources.scopes: \"urn:opc:idm:__myscopes__\" is an "
      "alias; expected another name, or scope_aliases = false" },
    { "a scope of two resources",
      ISSUER STATE
      "resources = ( { audience = \"https://a\"; scopes = [ \"x\" ]; },\n"
      "{ audience = \"https://b\"; scopes = [ \"y\",\n"
      "\"x\" ]; } );\n",
      "policy:5: resources.scopes: \"x\" is a scope of \"https://a\" "
      "already; expected each once" },
    { "a scope twice",
      ISSUER STATE
      "resources = ( { audience = \"https://a\"; scopes = [ \"x\",\n"
      "\"y\",\n"
      "\"x\" ]; } );\n",
      "policy:5: resources.scopes: \"x\" stands here twice; expected each "
      "once" },
    { "a resource's format",
      ISSUER STATE
      "resources = ( { audience = \"https://a\"; scopes = [ ]; format = "
      "\"saml\"; } );\n",
      "policy:3: resources.format: found \"saml\"; expected one of "
      "\"jwt\", \"opaque\"" },
    { "a resource's algorithm",
      ISSUER STATE
      "resources = ( { audience = \"https://a\"; scopes = [ ]; alg = "
      "\"RS1\"; } );\n",
      "policy:3: resources.alg: found \"RS1\"; expected one of \"ES256\", "
      "\"ES384\", \"RS256\", \"PS256\", \"EdDSA\"" },
    { "a resource's lifetime",
      ISSUER STATE
      "resources = ( { audience = \"https://a\"; scopes = [ ]; lifetime = "
      "0; } );\n",
      "policy:3: resources.lifetime: found 0; expected an integer from 1 "
      "to 31536000" },
    { "a resource's lifetime over the greatest",
      ISSUER STATE
      "resources = ( { audience = \"https://a\"; scopes = [ ];\n"
      "  lifetime = 86401; } );\n",
      "policy:4: resources.lifetime: 86401 is more than "
      "token.max_lifetime; expected at most 86400" },
    { "a byte order mark",
      "\357\273\277issuer = \"https://as.example.org\";\n"
      "state = \"state\";\n" RESOURCES,
      "policy:1: found a byte order mark; expected the text alone, as UTF-8 "
      "without one" },
    { "a file of another kind",
      "{ \"issuer\": \"https://as.example.org\" }\n",
      "policy:1: found { \"issuer\": \"https://as.example.org\" }; expected "
      "KEY = before it" },
    { "a file of a third kind",
      "[ccgrant]\n"
      "issuer = https://as.example.org\n",
      "policy:1: found [ccgrant]; expected KEY = before it" },
};

static int
write_file(const char *name, const char *first, const char *text)
{
    FILE *out = fopen(name, "w");

    if (out == NULL)
        return -1;
    fputs(first, out);
    fputs(text, out);
    return fclose(out);
}

/* libconfig 1.7 puts the directory before an included file, 1.5 does not. */
static const char *
without_dir(const char *text)
{
    return strncmp(text, "./", 2) == 0 ? text + 2 : text;
}

static void
test_row(const struct row *row, const char *first)
{
    struct errtext why = {.text = ""};
    struct policy policy;

    if (write_file("policy", first, row->text) != 0)
        tap_diag("cannot write a policy");
    if (conf_load(&policy, "policy", NULL, NULL, &why) == 0)
        policy_free(&policy);
    tap_is_str(row->why, without_dir(why.text), "%s", row->sentence);
    tap_ok(policy.issuer == NULL && policy.resources == NULL,
           "%s: nothing is left", row->sentence);
}

/* What is included is told with its directory, by 1.5 and 1.7 alike. */
static void
test_directory(void)
{
    static const struct {
        const char *name;
        const char *why;
    } rows_of[] = {
        { "bad.inc", "sub/bad.inc:2: token.lifetime: found true; " },
        { "roles.inc", "sub/roles.inc:2: roles.scopes: \"a.raed\" is " },
        { "broken.inc", "sub/broken.inc:2: syntax error: found path " },
        { "group.inc", "sub/group.inc:1: lifetime: found soon; " },
        { "missing.inc", "sub/policy:4: @include: found sub/missing.inc; " },
    };
    char text[64], name[64];
    size_t i;

    for (i = 0; i < sizeof(rows_of) / sizeof(rows_of[0]); i++) {
        struct errtext why = {.text = ""};
        struct policy policy;

        snprintf(name, sizeof(name), "sub/%s", rows_of[i].name);
        if (i < 4 && link(rows_of[i].name, name) != 0)
            tap_diag("cannot link %s", name);
        snprintf(text, sizeof(text), "@include \"%s\"\n", rows_of[i].name);
        write_file("sub/policy", ISSUER STATE RESOURCES, text);
        tap_is_int(-1, conf_load(&policy, "sub/policy", NULL, NULL, &why),
                   "%s in a directory", rows_of[i].name);
        tap_ok(strncmp(why.text, rows_of[i].why, strlen(rows_of[i].why)) == 0,
               "  %s", why.text);
        unlink(name);
    }
    unlink("sub/policy");
}

static void
test_file(const char *sentence, const char *file, const char *what)
{
    struct errtext why = {.text = ""};
    struct policy policy;
    char expected[ERRTEXT_MAX];

    snprintf(expected, sizeof(expected), "%s: %s; expected a policy that this "
             "user can read: \"ccgrant init\" makes one, -c or "
             "$CCGRANT_CONFIG names another", file, what);
    tap_is_int(-1, conf_load(&policy, file, NULL, NULL, &why), "%s is refused",
               sentence);
    tap_is_str(expected, why.text, "%s has a reason", sentence);
}

static void
test_files(void)
{
    test_file("a missing file", "nothing", "No such file or directory");
    test_file("a directory", ".", "not a regular file");
    test_file("a device without end", "/dev/zero", "not a regular file");
    if (truncate("policy", 1000000) == 0)
        test_file("a file with zero bytes", "policy",
                  "not a text: it has a zero byte");
    if (truncate("policy", 4194305) == 0)
        test_file("a huge file", "policy", "more than 4194304 bytes");
    if (geteuid() != 0 && chmod("policy", 0) == 0)
        test_file("a file of another", "policy", "Permission denied");
}

/* A long value is cut in the message, and nothing overflows. */
static void
test_long(void)
{
    static const char start[] = "policy:4: path: found \"/aaa";
    struct errtext why = {.text = ""};
    struct policy policy;
    char *text = malloc(100001);
    int i;

    if (text == NULL)
        abort();
    for (i = 0; i < 2; i++) {
        memset(text, 'a', 100000);
        text[100000] = '\0';
        memcpy(text, i == 0 ? "path = \"/" : "path", i == 0 ? 9 : 4);
        memcpy(text + 99996, i == 0 ? "\";" : "=1;", 3);
        write_file("policy", ISSUER STATE RESOURCES, text);
        tap_is_int(-1, conf_load(&policy, "policy", NULL, NULL, &why),
                   "a long %s is refused", i == 0 ? "value" : "key");
        tap_ok(strlen(why.text) < 320, "the reason is short");
        if (i == 0)
            tap_ok(strncmp(why.text, start, sizeof(start) - 1) == 0,
                   "and names the key");
    }
    free(text);
}

int
main(void)
{
    char dir[] = "/tmp/ccgrant-conf-XXXXXX";
    size_t i;

    if (mkdtemp(dir) == NULL || chdir(dir) < 0
        || write_file("bad.inc", "token : {\n", "lifetime = true;\n};\n") < 0
        || write_file("loop.inc", "", "@include \"loop.inc\"\n") < 0
        || write_file("path.inc", "\n", "path = \"/b\";\n") < 0
        || write_file("group.inc", "", "lifetime = soon;\n") < 0
        || write_file("broken.inc", "\n", "path 5;\n") < 0
        || write_file("comment.inc", "\n", "/* open\n") < 0
        || write_file("roles.inc", "roles = ( { name = \"r\"; scopes = [\n",
                      "\"a.raed\" ]; } );\n") < 0
        || mkdir("sub", 0700) < 0)
        tap_skip_all("no scratch directory");
    for (i = 0; i < sizeof(behind) / sizeof(behind[0]); i++)
        test_row(&behind[i], ISSUER STATE RESOURCES);
    for (i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
        test_row(&whole[i], "");
    test_directory();
    test_long();
    test_files();
    unlink("policy");
    unlink("bad.inc");
    unlink("loop.inc");
    unlink("path.inc");
    unlink("group.inc");
    unlink("broken.inc");
    unlink("comment.inc");
    unlink("roles.inc");
    rmdir("sub");
    if (chdir("/") == 0)
        rmdir(dir);
    return tap_done();
}
