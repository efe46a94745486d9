/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The one table of commands and options: parsing, --help and the test of the
 * manual all come from it.
 */

#include "ctl.h"

#define SECRET_FILE \
    {"secret-file", "FILE", false, \
     "a secret of your own from FILE (- is standard input), not a new one"}

#define HASH_FILE \
    {"hash-file", "FILE", false, \
     "the hash that another system has of a secret, from FILE (- is " \
     "standard input): bcrypt, yescrypt and others of crypt(3), PBKDF2 of " \
     "Django or Hydra"}

/* What "client add" and "client set" both take. */
#define RECORD_OPTIONS \
    {"name", "TEXT", false, "what it is called"}, \
    {"description", "TEXT", false, "what it is for"}, \
    {"auth", "METHOD", false, \
     "client_secret_basic (also takes client_secret_post), " \
     "client_secret_post, client_secret_jwt, private_key_jwt, " \
     "tls_client_auth or self_signed_tls_client_auth"}, \
    {"jwks", "FILE", true, \
     "its public keys: a JWK Set or a JWK (- is standard input); " \
     "repeatable"}, \
    {"cert", "PEM", true, \
     "a certificate with its public key; repeatable"}, \
    {"jwks-uri", "URL", false, "where it publishes its JWK Set"}, \
    {"assertion-alg", "ALG", false, \
     "what its assertions must be signed with (else all that fits)"}, \
    {"assertion-aud", "RULE", false, \
     "their audience: strict (the issuer alone) or legacy (also the URL " \
     "of the token endpoint)"}, \
    {"tls-subject-dn", "DN", false, \
     "for tls_client_auth, the subject of its certificate, such as " \
     "CN=batch,O=Example"}, \
    {"tls-san-dns", "NAME", false, \
     "in place of it a subject alternative name: a DNS name"}, \
    {"tls-san-uri", "URI", false, "or a URI, such as a SPIFFE ID"}, \
    {"tls-san-ip", "ADDRESS", false, "or an IP address"}, \
    {"tls-san-email", "MAIL", false, "or an e-mail address"}, \
    {"tls-ca", "FILE", false, \
     "the one of the policy's mtls.ca that its certificate is under (else " \
     "any)"}, \
    {"bind", "WHAT", false, \
     "what its tokens must be bound to: none, mtls, dpop or any"}, \
    {"dpop-nonce", "WHEN", false, \
     "whether its DPoP proofs have a nonce: default (the policy's), off, on " \
     "or required"}, \
    {"profile", "PROFILE", false, "none, or fapi2: FAPI 2.0"}, \
    {"role", "ROLE", true, "a role of the policy; repeatable"}, \
    {"scope", "SCOPE", true, \
     "a scope beyond those of the roles; repeatable"}, \
    {"resource", "URI", true, \
     "a resource it may name (else those of its scopes); repeatable"}, \
    {"default-scope", "WHAT", false, \
     "what an omitted scope means: all, none, reject, or scopes"}, \
    {"excess-scope", "WHAT", false, \
     "what a scope does that it may not have: reject or narrow"}, \
    {"lifetime", "TIME", false, "of its tokens: seconds, or such as 30m"}, \
    {"max-lifetime", "TIME", false, "the greatest that it can ask for"}, \
    {"format", "FORMAT", false, "of its tokens: jwt, opaque or default"}, \
    {"token-alg", "ALG", false, \
     "what its tokens are signed with (else what resource and policy say)"}, \
    {"claim", "NAME=JSON", true, \
     "a static claim of its tokens; repeatable"}, \
    {"basic", "HOW", false, \
     "strict, or tolerant: Basic credentials need not be form-encoded"}, \
    {"scope-claim", "FORM", false, "of a JWT: string, or array"}, \
    {"token-typ", "TYP", false, "of a JWT: at+jwt, or JWT"}, \
    {"aud-claim", "FORM", false, \
     "of a JWT: string when it is one, or always array"}, \
    {"budget", "N/PERIOD", true, \
     "no more than N tokens in a second, minute, hour or day; repeatable"}, \
    {"reuse", "PERCENT", false, \
     "give a token again while it has so much of its life left"}, \
    {"permit", "WHAT", true, \
     "introspect: ask about the tokens of others; repeatable"}, \
    {"network", "CIDR", true, \
     "where it may come from (else anywhere); repeatable"}, \
    {"expires", "WHEN", false, \
     "never, 2027-01-31, 2027-01-31T12:00:00Z, or such as 90d"}

static const struct ctl_option init_options[] = {
    {"issuer", "URL", false, "of a policy file that is not there yet"},
    {NULL, NULL, false, NULL},
};

static const struct ctl_option client_add_options[] = {
    RECORD_OPTIONS,
    SECRET_FILE,
    HASH_FILE,
    {"secret-label", "TEXT", false, "what its first secret is called"},
    {"secret-expires", "WHEN", false, "when its first secret ends"},
    {NULL, NULL, false, NULL},
};

static const struct ctl_option client_set_options[] = {
    RECORD_OPTIONS,
    {"secret-file", "FILE", false,
     "a secret of your own from FILE (- is standard input), in place of all "
     "that it has"},
    {NULL, NULL, false, NULL},
};

static const struct ctl_option yes_options[] = {
    {"yes", NULL, false, "do not ask"},
    {NULL, NULL, false, NULL},
};

static const struct ctl_option backup_options[] = {
    {"without-master-key", NULL, false,
     "leave master.key out, which is then kept elsewhere"},
    {NULL, NULL, false, NULL},
};

static const struct ctl_option secret_add_options[] = {
    SECRET_FILE,
    HASH_FILE,
    {"label", "TEXT", false, "what it is called"},
    {"expires", "WHEN", false, "when it ends"},
    {NULL, NULL, false, NULL},
};

static const struct ctl_option secret_expiring_options[] = {
    {"within", "TIME", false, "how soon (14d)"},
    {NULL, NULL, false, NULL},
};

static const struct ctl_option secret_rotate_options[] = {
    {"overlap", "TIME", false,
     "how long the old ones still work (7d); 0: not at all"},
    SECRET_FILE,
    {"label", "TEXT", false, "what the new one is called"},
    {"expires", "WHEN", false, "when the new one ends"},
    {NULL, NULL, false, NULL},
};

static const struct ctl_option key_add_options[] = {
    {"alg", "ALG", false,
     "ES256, ES384, RS256, PS256 or EdDSA (else the policy's token.alg)"},
    {"now", NULL, false, "sign with it at once, not after keys.lead"},
    {NULL, NULL, false, NULL},
};

static const struct ctl_option key_rotate_options[] = {
    {"alg", "ALG", false,
     "the keys of this algorithm (else of all that the policy and the clients "
     "use)"},
    {"auto", NULL, false,
     "only what is due, without a word when nothing is: for cron"},
    {"now", NULL, false, "let the next key sign at once: for an emergency"},
    {NULL, NULL, false, NULL},
};

static const struct ctl_option token_issue_options[] = {
    {"scope", "SCOPE", true, "as in a request; repeatable"},
    {"resource", "URI", true, "as in a request; repeatable"},
    {"details", "JSON", false, "the authorization_details of a request"},
    {"lifetime", "TIME", false, "seconds, or such as 30m"},
    {NULL, NULL, false, NULL},
};

static const struct ctl_option token_revoke_options[] = {
    {"client", "ID", false, "all tokens of that client"},
    {"before", "WHEN", false,
     "those issued up to then: now, 2027-01-31 or 2027-01-31T12:00:00Z; "
     "without --client those of every client"},
    {"yes", NULL, false, "do not ask"},
    {NULL, NULL, false, NULL},
};

static const struct ctl_option assertion_make_options[] = {
    {"key", "FILE", false, "its private key in PEM (- is standard input)"},
    {"secret-file", "FILE", false,
     "its secret, for client_secret_jwt (- is standard input)"},
    {"alg", "ALG", false,
     "what to sign with (else what is usual for the key, or HS256)"},
    {"kid", "KID", false, "which of the client's keys it is"},
    {"aud", "URL", false, "the audience (else the policy's issuer)"},
    {"lifetime", "TIME", false, "seconds, or such as 5m (60 s)"},
    {"form", NULL, false, "print the body of a token request"},
    {NULL, NULL, false, NULL},
};

static const struct ctl_option lockout_clear_options[] = {
    {"client", "ID", false, "the failures of that client from anywhere"},
    {"network", "NETWORK", false,
     "those from that address or network, of any client"},
    {"yes", NULL, false, "do not ask"},
    {NULL, NULL, false, NULL},
};

static const struct ctl_option explain_options[] = {
    {"scope", "SCOPE", true, "as in a request; repeatable"},
    {"resource", "URI", true, "as in a request; repeatable"},
    {"details", "JSON", false, "the authorization_details of a request"},
    {"grant-type", "TYPE", false, "in place of client_credentials"},
    {"method", "METHOD", false,
     "how the client proves itself (else as its record says)"},
    {"bound", "WHAT", true,
     "mtls or dpop: it shows a certificate, or a DPoP proof; repeatable"},
    {"from", "ADDRESS", false,
     "where the request comes from (else networks are told, not judged)"},
    {"request", "FILE", false,
     "a captured request in place of a supposed one (- is standard input)"},
    {"at", "WHEN", false, "when that came (else its Date, else now)"},
    {"rules", NULL, false, "list all rules"},
    {NULL, NULL, false, NULL},
};

const struct ctl_option ctl_globals[] = {
    {"config", "FILE", false,
     "the policy file (else $CCGRANT_CONFIG, else the installed one)"},
    {"json", NULL, false, "print one JSON document"},
    {"help", NULL, false, "print this and end"},
    {"version", NULL, false, "print the version and end"},
    {NULL, NULL, false, NULL},
};

const struct ctl_command ctl_commands[] = {
    {"init", NULL, {NULL}, init_options, ctl_init,
     "Make what is missing of policy file, state directory, master.key, "
     "databases and first signing keys"},
    {"client", "add", {"ID", NULL}, client_add_options, ctl_client_add,
     "Make a client and print its secret, this one time, unless it has keys "
     "or a certificate"},
    {"client", "list", {NULL}, NULL, ctl_client_list, "List the clients"},
    {"client", "show", {"ID", NULL}, NULL, ctl_client_show,
     "Show all of one client but its secrets"},
    {"client", "set", {"ID", NULL}, client_set_options, ctl_client_set,
     "Change a client; a repeatable option replaces the whole list, and an "
     "empty value (\"\") empties it or goes back to the default"},
    {"client", "disable", {"ID", NULL}, NULL, ctl_client_disable,
     "Give a client no more tokens, and revoke those that it has"},
    {"client", "enable", {"ID", NULL}, NULL, ctl_client_enable,
     "Give a disabled client tokens again"},
    {"client", "delete", {"ID", NULL}, yes_options, ctl_client_delete,
     "Delete a client and its secrets, and revoke its tokens"},
    {"secret", "add", {"ID", NULL}, secret_add_options, ctl_secret_add,
     "Give a client one more secret and print it, this one time"},
    {"secret", "list", {"ID", NULL}, NULL, ctl_secret_list,
     "List the secrets of a client, without the secrets themselves"},
    {"secret", "delete", {"ID", "SECRET-ID", NULL}, yes_options,
     ctl_secret_delete, "Delete one secret of a client"},
    {"secret", "rotate", {"ID", NULL}, secret_rotate_options,
     ctl_secret_rotate,
     "Give a client a new secret, print it this one time, and let the old "
     "ones end after the overlap"},
    {"secret", "expiring", {NULL}, secret_expiring_options,
     ctl_secret_expiring,
     "List the secrets, keys and clients that end soon; exits with 1 when "
     "there are any, for cron"},
    {"key", "list", {NULL}, NULL, ctl_key_list, "List the signing keys"},
    {"key", "add", {NULL}, key_add_options, ctl_key_add,
     "Make a signing key; it is published at once, and signs after keys.lead "
     "when another signs now"},
    {"key", "rotate", {NULL}, key_rotate_options, ctl_key_rotate,
     "Do the next step in the life of the signing keys: make a successor, let "
     "it wait until it is known, remove what is over"},
    {"key", "retire", {"KID", NULL}, yes_options, ctl_key_retire,
     "Take back a signing key that others may know, and its tokens with it; "
     "another signs at once in its place"},
    {"key", "export", {NULL}, NULL, ctl_key_export,
     "Print the public keys as a JWK Set"},
    {"token", "issue", {"ID", NULL}, token_issue_options, ctl_token_issue,
     "Print an access token for a client, by the rules of the endpoint"},
    {"token", "inspect", {"TOKEN", NULL}, NULL, ctl_token_inspect,
     "Show what is in a token, and whether it is valid; TOKEN is best given "
     "as - (standard input), since other users can see arguments"},
    {"token", "revoke", {"[TOKEN]", NULL}, token_revoke_options,
     ctl_token_revoke,
     "Revoke a token (best given as -), or all of a client, or all"},
    {"assertion", "make", {"ID", NULL}, assertion_make_options,
     ctl_assertion_make,
     "Print a signed assertion with which the client can authenticate; needs "
     "nothing of the state, and runs as the user who owns the key"},
    {"lockout", "list", {NULL}, NULL, ctl_lockout_list,
     "List who failed to authenticate of late, and has to wait"},
    {"lockout", "clear", {NULL}, lockout_clear_options, ctl_lockout_clear,
     "Forget failures, all or some, so that nobody has to wait for them"},
    {"policy", "check", {NULL}, NULL, ctl_policy_check,
     "Read the policy file and say what is wrong with it, and where"},
    {"purge", NULL, {NULL}, NULL, ctl_purge,
     "Remove all that has expired or that nothing needs any more"},
    {"backup", NULL, {"DIR", NULL}, backup_options, ctl_backup,
     "Write all records and master.key to a new directory, while the server "
     "works"},
    {"restore", NULL, {"DIR", NULL}, yes_options, ctl_restore,
     "Make clients and keys what a backup says, in a new state directory or "
     "in place"},
    {"verify", NULL, {"[DIR]", NULL}, NULL, ctl_verify,
     "Check every record, of the state or of a backup"},
    {"stats", NULL, {NULL}, NULL, ctl_stats,
     "Count clients, keys, tokens and bytes"},
    {"explain", NULL, {"[ID]", NULL}, explain_options, ctl_explain,
     "Say what a request of the client gets, or why it is refused, by which "
     "rule and which line of the policy; nothing is given or used up"},
    {NULL, NULL, {NULL}, NULL, NULL, NULL},
};
