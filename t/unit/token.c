/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The token endpoint in one process: every refusal with its answer, which of
 * two faults decides, and the token itself.
 */

#include <jansson.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/b64.h"
#include "core/jwk.h"
#include "core/opaque.h"
#include "fake_expiring.h"
#include "fake_store.h"
#include "io/crypto.h"
#include "io/verifier.h"
#include "revocation.h"
#include "sample.h"
#include "tap.h"
#include "token.h"
#include "world.h"

#define FORM "application/x-www-form-urlencoded"
#define GRANT "grant_type=client_credentials"
#define CHALLENGE "Basic realm=\"ccgrant\", charset=\"UTF-8\""

/* What a request sends: NULL is the usual, for a token of "app". */
struct sent {
    const char *method, *type, *from;
    const char *header; /* Authorization, "" for none */
    const char *basic;  /* or what it shall be the base64 of */
    const char *body;
    enum request_fault fault;
    int64_t later; /* seconds behind WORLD_NOW */
};

/* What came back. */
struct got {
    struct reply rp;
    struct audit audit;
    char body[16384]; /* of the request, afterwards */
};

static struct world world;
static struct got got;

static void
ask(const struct sent *sent)
{
    static char header[SAMPLE_BASIC_MAX];
    struct request rq = sample_request();

    if (sent->method != NULL)
        rq.method = sent->method;
    if (sent->from != NULL)
        rq.remote_addr = rq.origin = sent->from;
    rq.content_type = sent->type != NULL ? sent->type : FORM;
    rq.authorization = header;
    rq.body = got.body;
    rq.fault = sent->fault;
    if (sent->header != NULL)
        rq.authorization = sent->header;
    else
        sample_basic(header, sent->basic != NULL ? sent->basic
                                                 : "app:first");
    memset(&got, 0, sizeof(got));
    if (sent->fault == REQUEST_OK)
        snprintf(got.body, sizeof(got.body), "%s",
                 sent->body != NULL ? sent->body : GRANT);
    rq.body_len = strlen(got.body);
    got.audit.from = rq.remote_addr;
    token_answer(&world.service, &rq, WORLD_NOW + sent->later, &got.rp,
                 &got.audit);
}

/* Whether the answer is exactly that of the error, headers included. */
static bool
is_error(enum oauth_error error)
{
    static struct reply expected;
    char head[REPLY_HEAD_MAX], wanted[REPLY_HEAD_MAX];
    size_t len;

    reply_error(&expected, error);
    if (error == OAUTH_INVALID_CLIENT)
        expected.challenge = CHALLENGE;
    if (error == OAUTH_METHOD_NOT_ALLOWED)
        expected.allow = "POST";
    len = reply_head(&expected, wanted);
    return reply_head(&got.rp, head) == len && memcmp(head, wanted, len) == 0
           && got.rp.len == expected.len
           && memcmp(got.rp.body, expected.body, expected.len) == 0
           && got.audit.outcome == error && got.audit.jti[0] == '\0'
           && got.audit.scope[0] == '\0';
}

static void
check_error(enum oauth_error error, const char *reason, const char *sentence)
{
    bool right = is_error(error);
    bool said = strstr(got.audit.why.text, reason) != NULL;

    tap_ok(right && said, "%s", sentence);
    if (!right)
        tap_diag("answered %d %.*s", got.rp.status, (int) got.rp.len,
                 got.rp.body);
    if (!said)
        tap_diag("its reason: %s", got.audit.why.text);
}

/* The answer as JSON when it is a token's, else NULL. */
static json_t *
answer(void)
{
    json_t *doc = json_loadb(got.rp.body, got.rp.len, JSON_REJECT_DUPLICATES,
                             NULL);

    if (got.rp.status == 200 && got.audit.outcome == OAUTH_OK
        && json_object_get(doc, "access_token") != NULL)
        return doc;
    tap_diag("answered %d %.*s: %s", got.rp.status, (int) got.rp.len,
             got.rp.body, got.audit.why.text);
    json_decref(doc);
    return NULL;
}

static const char *
member(const json_t *doc, const char *name)
{
    return json_string_value(json_object_get(doc, name));
}

/*
 * Clients: app with many secrets, post, off, gone, last, net, six, bare,
 * and one whose id and secret have every kind of character.
 */
static void
make_clients(void)
{
    struct client *cl = world_client("app", "admin");

    world_secret(&world, cl, SECRET_MAC, "first", 0, 0);
    world_secret(&world, cl, SECRET_MAC, "second", 0, 0);
    world_secret(&world, cl, SECRET_MAC, "ended", 0, WORLD_NOW);
    world_secret(&world, cl, SECRET_MAC, "ends", 0, WORLD_NOW + 1);
    world_secret(&world, cl, SECRET_MAC, "begins", WORLD_NOW + 1, 0);
    world_secret(&world, cl, SECRET_MAC, "begun", WORLD_NOW, 0);
    world_store(cl);
    cl = world_client("post", "admin");
    cl->auth = AUTH_SECRET_POST;
    world_secret(&world, cl, SECRET_MAC, "first", 0, 0);
    world_store(cl);
    cl = world_client("off", "admin");
    cl->enabled = false;
    world_secret(&world, cl, SECRET_MAC, "first", 0, 0);
    world_store(cl);
    cl = world_client("gone", "admin");
    cl->expires = WORLD_NOW;
    world_secret(&world, cl, SECRET_MAC, "first", 0, 0);
    world_store(cl);
    cl = world_client("last", "admin");
    cl->expires = WORLD_NOW + 1;
    world_secret(&world, cl, SECRET_MAC, "first", 0, 0);
    world_store(cl);
    cl = world_client("net", "admin");
    cl->networks = calloc(2, sizeof(*cl->networks));
    cl->n_networks = 2;
    if (cl->networks == NULL
        || cidr_parse(&cl->networks[0], "192.0.2.0/24", NULL) != 0
        || cidr_parse(&cl->networks[1], "2001:db8::/32", NULL) != 0)
        abort();
    world_secret(&world, cl, SECRET_MAC, "first", 0, 0);
    world_store(cl);
    world_store(world_client("bare", "admin"));
    cl = world_client("none", NULL);
    world_secret(&world, cl, SECRET_MAC, "first", 0, 0);
    world_store(cl);
    cl = world_client("od:d%+&=/", "admin");
    world_secret(&world, cl, SECRET_MAC, " %&+=/?:\xc2\xa3\xe2\x82\xac", 0,
                 0);
    world_store(cl);
}

/* Requests that get a token; scope is that of the token. */
static const struct {
    const char *sentence;
    struct sent sent;
    const char *scope;
    const char *client;
} good_rows[] = {
    {"Basic", {.body = GRANT}, "orders.read orders.write", "app"},
    {"Basic with the same client_id in the body",
     {.body = GRANT "&client_id=app"}, "orders.read orders.write", "app"},
    {"the second secret", {.basic = "app:second"},
     "orders.read orders.write", "app"},
    {"a secret in its last second", {.basic = "app:ends"},
     "orders.read orders.write", "app"},
    {"a secret in its first second", {.basic = "app:begun"},
     "orders.read orders.write", "app"},
    {"a secret that begins, a second later",
     {.basic = "app:begins", .later = 1}, "orders.read orders.write", "app"},
    {"the body has the credentials",
     {.header = "", .body = GRANT "&client_id=app&client_secret=first"},
     "orders.read orders.write", "app"},
    {"a client of client_secret_post",
     {.header = "", .body = GRANT "&client_id=post&client_secret=first"},
     "orders.read orders.write", "post"},
    {"a client in its last second", {.basic = "last:first"},
     "orders.read orders.write", "last"},
    {"a network of the record", {.basic = "net:first"},
     "orders.read orders.write", "net"},
    {"a network of the record, in IPv6",
     {.basic = "net:first", .from = "2001:db8::1"},
     "orders.read orders.write", "net"},
    {"a network of the record, mapped",
     {.basic = "net:first", .from = "::ffff:192.0.2.255"},
     "orders.read orders.write", "net"},
    {"an id and a secret of odd characters, form-encoded",
     {.basic = "od%3Ad%25%2B%26%3D%2F:+%25%26%2B%3D%2F%3F%3A%C2%A3%E2%82%AC"},
     "orders.read orders.write", "od:d%+&=/"},
    {"an id and a secret of odd characters in the body",
     {.header = "",
      .body = GRANT "&client_id=od:d%25%2B%26%3D/"
                    "&client_secret=+%25%26%2B%3D/?:%C2%A3%E2%82%AC"},
     "orders.read orders.write", "od:d%+&=/"},
    {"a scope", {.body = GRANT "&scope=orders.write"}, "orders.write",
     "app"},
    {"a scope with a plus", {.body = GRANT
                             "&scope=orders.write+orders.read"},
     "orders.write orders.read", "app"},
    {"a scope with %20", {.body = GRANT "&scope=orders.write%20orders.read"},
     "orders.write orders.read", "app"},
    {"an empty scope is an omitted one", {.body = GRANT "&scope="},
     "orders.read orders.write", "app"},
    {"a resource", {.body = GRANT "&resource=" SAMPLE_ORDERS},
     "orders.read orders.write", "app"},
    {"unknown parameters", {.body = "foo=bar&x%5B%5D=1&" GRANT
                            "&response_type=code"},
     "orders.read orders.write", "app"},
    {"empty pairs", {.body = "&&" GRANT "&&"}, "orders.read orders.write",
     "app"},
    {"a charset", {.type = FORM "; charset=UTF-8"},
     "orders.read orders.write", "app"},
};

struct row {
    const char *sentence;
    struct sent sent;
    enum oauth_error error;
    const char *reason;
};

/* Requests with one fault. */
static const struct row bad_rows[] = {
    {"GET", {.method = "GET"}, OAUTH_METHOD_NOT_ALLOWED, "not POST"},
    {"HEAD", {.method = "HEAD"}, OAUTH_METHOD_NOT_ALLOWED, "not POST"},
    {"PUT", {.method = "PUT"}, OAUTH_METHOD_NOT_ALLOWED, "not POST"},
    {"OPTIONS", {.method = "OPTIONS"}, OAUTH_METHOD_NOT_ALLOWED,
     "not POST"},
    {"post in small letters", {.method = "post"}, OAUTH_METHOD_NOT_ALLOWED,
     "not POST"},
    {"no method", {.method = ""}, OAUTH_METHOD_NOT_ALLOWED, "not POST"},
    {"a body over the limit", {.fault = REQUEST_TOO_LARGE}, OAUTH_TOO_LARGE,
     "limits.body"},
    {"a body that came too late", {.fault = REQUEST_TIMEOUT}, OAUTH_TIMEOUT,
     "in time"},
    {"a short body", {.fault = REQUEST_INCOMPLETE}, OAUTH_INVALID_REQUEST,
     "not as long"},
    {"a header twice", {.fault = REQUEST_DUPLICATE}, OAUTH_INVALID_REQUEST,
     "more than once"},
    {"no media type", {.type = ""}, OAUTH_INVALID_REQUEST, "urlencoded"},
    {"JSON", {.type = "application/json",
              .body = "{\"grant_type\":\"client_credentials\"}"},
     OAUTH_INVALID_REQUEST, "urlencoded"},
    {"multipart", {.type = "multipart/form-data; boundary=x"},
     OAUTH_INVALID_REQUEST, "urlencoded"},
    {"plain text", {.type = "text/plain"}, OAUTH_INVALID_REQUEST,
     "urlencoded"},
    {"another charset", {.type = FORM "; charset=latin1"},
     OAUTH_INVALID_REQUEST, "urlencoded"},
    {"a malformed escape", {.body = GRANT "&scope=%"}, OAUTH_INVALID_REQUEST,
     "malformed escape"},
    {"bytes that are not UTF-8", {.body = GRANT "&scope=%ff%fe"},
     OAUTH_INVALID_REQUEST, "UTF-8"},
    {"NUL", {.body = GRANT "&scope=%00"}, OAUTH_INVALID_REQUEST, "NUL"},
    {"grant_type twice", {.body = GRANT "&" GRANT}, OAUTH_INVALID_REQUEST,
     "grant_type is given twice"},

    {"no authentication", {.header = ""}, OAUTH_INVALID_CLIENT,
     "no client authentication included"},
    {"client_id alone", {.header = "", .body = GRANT "&client_id=app"},
     OAUTH_INVALID_CLIENT, "no client authentication included"},
    {"an empty client_secret",
     {.header = "", .body = GRANT "&client_id=app&client_secret="},
     OAUTH_INVALID_CLIENT, "no client authentication included"},
    {"names of parameters in capitals",
     {.header = "", .body = GRANT "&Client_ID=app&CLIENT_SECRET=first"},
     OAUTH_INVALID_CLIENT, "no client authentication included"},
    {"client_secret alone",
     {.header = "", .body = GRANT "&client_secret=first"},
     OAUTH_INVALID_REQUEST, "without client_id"},
    {"Bearer", {.header = "Bearer foo"}, OAUTH_INVALID_CLIENT, "not Basic"},
    {"Basic alone", {.header = "Basic"}, OAUTH_INVALID_CLIENT, "not Basic"},
    {"Basic with garbage", {.header = "Basic YXBwOmZpcnN0!"},
     OAUTH_INVALID_CLIENT, "not Basic"},
    {"Basic without a colon", {.basic = "app"}, OAUTH_INVALID_CLIENT,
     "no colon"},
    {"Basic without a secret", {.basic = "app:"}, OAUTH_INVALID_CLIENT,
     "empty half"},
    {"Basic without an id", {.basic = ":first"}, OAUTH_INVALID_CLIENT,
     "empty half"},
    {"another client_id beside Basic", {.body = GRANT "&client_id=post"},
     OAUTH_INVALID_REQUEST, "another than"},
    {"Basic and client_secret",
     {.body = GRANT "&client_id=app&client_secret=first"},
     OAUTH_INVALID_REQUEST, "more than one way"},
    {"an assertion",
     {.header = "", .body = GRANT "&client_assertion=a.b.c"
      "&client_assertion_type=urn:ietf:params:oauth:"
      "client-assertion-type:jwt-bearer"},
     OAUTH_INVALID_CLIENT, "assertion"},
    {"an unknown client", {.basic = "nobody:first"}, OAUTH_INVALID_CLIENT,
     "no such client"},
    {"an unknown client in the body",
     {.header = "", .body = GRANT "&client_id=nobody&client_secret=first"},
     OAUTH_INVALID_CLIENT, "no such client"},
    {"an id that no client can have", {.basic = "a+b:first"},
     OAUTH_INVALID_CLIENT, "no such client"},
    {"an id beyond ASCII", {.basic = "%C2%A3:first"}, OAUTH_INVALID_CLIENT,
     "no such client"},
    {"an id with a line end", {.basic = "app%0Aapp:first"},
     OAUTH_INVALID_CLIENT, "no such client"},
    {"an id with an escape character", {.basic = "%1b[31m:first"},
     OAUTH_INVALID_CLIENT, "no such client"},
    {"an id that is a space", {.basic = "+:first"}, OAUTH_INVALID_CLIENT,
     "no such client"},
    {"an id in another case", {.basic = "APP:first"}, OAUTH_INVALID_CLIENT,
     "no such client"},
    {"the beginning of an id", {.basic = "ap:first"}, OAUTH_INVALID_CLIENT,
     "no such client"},
    {"a wrong secret", {.basic = "app:wrong"}, OAUTH_INVALID_CLIENT,
     "no live secret"},
    {"a wrong secret in the body",
     {.header = "", .body = GRANT "&client_id=app&client_secret=wrong"},
     OAUTH_INVALID_CLIENT, "no live secret"},
    {"a secret in another case", {.basic = "app:First"},
     OAUTH_INVALID_CLIENT, "no live secret"},
    {"the beginning of a secret", {.basic = "app:firs"},
     OAUTH_INVALID_CLIENT, "no live secret"},
    {"a longer secret", {.basic = "app:firstx"}, OAUTH_INVALID_CLIENT,
     "no live secret"},
    {"a secret with a blank behind", {.basic = "app:first+"},
     OAUTH_INVALID_CLIENT, "no live secret"},
    {"another client's secret", {.basic = "bare:first"},
     OAUTH_INVALID_CLIENT, "no live secret"},
    {"a secret encoded twice",
     {.header = "", .body = GRANT "&client_id=app&client_secret=%2566irst"},
     OAUTH_INVALID_CLIENT, "no live secret"},
    {"a secret that has ended", {.basic = "app:ended"},
     OAUTH_INVALID_CLIENT, "no live secret"},
    {"a secret one second too late", {.basic = "app:ends", .later = 1},
     OAUTH_INVALID_CLIENT, "no live secret"},
    {"a secret one second too early", {.basic = "app:begins"},
     OAUTH_INVALID_CLIENT, "no live secret"},
    {"a secret before the clock was right",
     {.basic = "app:begun", .later = -1}, OAUTH_INVALID_CLIENT,
     "no live secret"},
    {"Basic for a client of client_secret_post", {.basic = "post:first"},
     OAUTH_INVALID_CLIENT, "wants client_secret_post"},
    {"a disabled client", {.basic = "off:first"}, OAUTH_INVALID_CLIENT,
     "disabled"},
    {"an expired client", {.basic = "gone:first"}, OAUTH_INVALID_CLIENT,
     "expired"},
    {"a client one second too late", {.basic = "last:first", .later = 1},
     OAUTH_INVALID_CLIENT, "expired"},
    {"another network", {.basic = "net:first", .from = "192.0.3.1"},
     OAUTH_INVALID_CLIENT, "network"},
    {"another network, in IPv6",
     {.basic = "net:first", .from = "2001:db9::1"}, OAUTH_INVALID_CLIENT,
     "network"},
    {"no address", {.basic = "net:first", .from = ""},
     OAUTH_INVALID_CLIENT, "network"},
    {"a name for an address", {.basic = "net:first", .from = "localhost"},
     OAUTH_INVALID_CLIENT, "network"},

    {"no grant_type", {.body = "scope=orders.read"}, OAUTH_INVALID_REQUEST,
     "grant_type is missing"},
    {"an empty body", {.body = ""}, OAUTH_INVALID_REQUEST,
     "grant_type is missing"},
    {"an empty grant_type", {.body = "grant_type="}, OAUTH_INVALID_REQUEST,
     "grant_type is missing"},
    {"password", {.body = "grant_type=password"},
     OAUTH_UNSUPPORTED_GRANT_TYPE, "not client_credentials"},
    {"an unknown grant", {.body = "grant_type=urn:example:x"},
     OAUTH_UNSUPPORTED_GRANT_TYPE, "not client_credentials"},
    {"a refresh token", {.body = "grant_type=refresh_token"},
     OAUTH_UNSUPPORTED_GRANT_TYPE, "not client_credentials"},
    {"grant_type in capitals", {.body = "grant_type=Client_Credentials"},
     OAUTH_UNSUPPORTED_GRANT_TYPE, "not client_credentials"},
    {"grant_type with a blank", {.body = GRANT "+"},
     OAUTH_UNSUPPORTED_GRANT_TYPE, "not client_credentials"},
    {"an unknown scope", {.body = GRANT "&scope=nosuch"},
     OAUTH_INVALID_SCOPE, "not in the policy"},
    {"markup for a scope",
     {.body = GRANT "&scope=%3Cscript%3Ealert(1)%3C/script%3E"},
     OAUTH_INVALID_SCOPE, "not in the policy"},
    {"a scope of another role", {.body = GRANT "&scope=bills.read"},
     OAUTH_INVALID_SCOPE, "may not have"},
    {"two spaces in a scope",
     {.body = GRANT "&scope=orders.read++orders.write"},
     OAUTH_INVALID_SCOPE, "one space"},
    {"a client without roles", {.basic = "none:first"},
     OAUTH_INVALID_SCOPE, "no role and no scope"},
    {"an unknown resource",
     {.body = GRANT "&resource=https://unknown.example/"},
     OAUTH_INVALID_TARGET, "not in the policy"},
    {"another client's resource",
     {.body = GRANT "&resource=" SAMPLE_BILLS}, OAUTH_INVALID_TARGET,
     "not for this client"},
    {"authorization details of an unknown type",
     {.body = GRANT "&authorization_details=%5B%7B%22type%22:%22x%22%7D%5D"},
     OAUTH_INVALID_DETAILS, "defines no types"},
    {"authorization details that are no JSON",
     {.body = GRANT "&authorization_details=x"}, OAUTH_INVALID_DETAILS,
     "it is no JSON"},
    {"authorization details twice",
     {.body = GRANT "&authorization_details=x&authorization_details=x"},
     OAUTH_INVALID_REQUEST, "authorization_details"},
};

/* Requests with two faults or more: the first step decides. */
static const struct row order_rows[] = {
    {"the method before the length",
     {.method = "GET", .fault = REQUEST_TOO_LARGE},
     OAUTH_METHOD_NOT_ALLOWED, "not POST"},
    {"the method before the media type",
     {.method = "GET", .type = "text/plain", .header = ""},
     OAUTH_METHOD_NOT_ALLOWED, "not POST"},
    {"the length before the media type",
     {.type = "application/json", .fault = REQUEST_TOO_LARGE},
     OAUTH_TOO_LARGE, "limits.body"},
    {"the length before the authentication",
     {.header = "", .fault = REQUEST_TOO_LARGE}, OAUTH_TOO_LARGE,
     "limits.body"},
    {"the time before the media type",
     {.type = "application/json", .fault = REQUEST_TIMEOUT}, OAUTH_TIMEOUT,
     "in time"},
    {"the media type before the short body",
     {.type = "text/plain", .fault = REQUEST_INCOMPLETE},
     OAUTH_INVALID_REQUEST, "urlencoded"},
    {"the media type before the form",
     {.type = "text/plain", .body = "grant_type=%"}, OAUTH_INVALID_REQUEST,
     "urlencoded"},
    {"the media type before the authentication",
     {.type = "text/plain", .basic = "app:wrong"}, OAUTH_INVALID_REQUEST,
     "urlencoded"},
    {"the short body before the authentication",
     {.fault = REQUEST_INCOMPLETE, .basic = "app:wrong"},
     OAUTH_INVALID_REQUEST, "not as long"},
    {"the form before the authentication",
     {.body = GRANT "&scope=%zz", .basic = "app:wrong"},
     OAUTH_INVALID_REQUEST, "malformed escape"},
    {"a parameter twice before the authentication",
     {.body = "scope=a&scope=b&" GRANT, .header = ""},
     OAUTH_INVALID_REQUEST, "scope is given twice"},
    {"two ways to authenticate before a wrong secret",
     {.body = GRANT "&client_id=app&client_secret=wrong",
      .basic = "app:wrong"},
     OAUTH_INVALID_REQUEST, "more than one way"},
    {"another client_id before a wrong secret",
     {.body = GRANT "&client_id=post", .basic = "app:wrong"},
     OAUTH_INVALID_REQUEST, "another than"},
    {"a wrong secret before a disabled client", {.basic = "off:wrong"},
     OAUTH_INVALID_CLIENT, "no live secret"},
    {"a wrong secret before an expired client", {.basic = "gone:wrong"},
     OAUTH_INVALID_CLIENT, "no live secret"},
    {"a wrong secret before another network",
     {.basic = "net:wrong", .from = "10.0.0.1"}, OAUTH_INVALID_CLIENT,
     "no live secret"},
    {"a wrong secret before another method", {.basic = "post:wrong"},
     OAUTH_INVALID_CLIENT, "no live secret"},
    {"no authentication before a missing grant_type",
     {.header = "", .body = ""}, OAUTH_INVALID_CLIENT,
     "no client authentication"},
    {"a wrong secret before a missing grant_type",
     {.basic = "app:wrong", .body = "scope=orders.read"},
     OAUTH_INVALID_CLIENT, "no live secret"},
    {"a wrong secret before an unknown grant_type",
     {.basic = "app:wrong", .body = "grant_type=password"},
     OAUTH_INVALID_CLIENT, "no live secret"},
    {"a wrong secret before an unknown scope",
     {.basic = "app:wrong", .body = GRANT "&scope=nosuch"},
     OAUTH_INVALID_CLIENT, "no live secret"},
    {"an unknown client before an unknown resource",
     {.basic = "nobody:x", .body = GRANT "&resource=x"},
     OAUTH_INVALID_CLIENT, "no such client"},
    {"a disabled client before an unknown grant_type",
     {.basic = "off:first", .body = "grant_type=password"},
     OAUTH_INVALID_CLIENT, "disabled"},
    {"another network before a missing grant_type",
     {.basic = "net:first", .from = "10.0.0.1", .body = ""},
     OAUTH_INVALID_CLIENT, "network"},
    {"a missing grant_type before an unknown scope",
     {.body = "scope=nosuch"}, OAUTH_INVALID_REQUEST,
     "grant_type is missing"},
    {"an unknown grant_type before an unknown scope",
     {.body = "grant_type=password&scope=nosuch"},
     OAUTH_UNSUPPORTED_GRANT_TYPE, "not client_credentials"},
    {"an unknown grant_type before an unknown resource",
     {.body = "grant_type=password&resource=x"},
     OAUTH_UNSUPPORTED_GRANT_TYPE, "not client_credentials"},
    {"an unknown resource before an unknown scope",
     {.body = GRANT "&scope=nosuch&resource=x"}, OAUTH_INVALID_TARGET,
     "not in the policy"},
};

static void
test_good(size_t row)
{
    const char *sentence = good_rows[row].sentence;
    char head[REPLY_HEAD_MAX], expected[REPLY_HEAD_MAX];
    json_t *doc;

    ask(&good_rows[row].sent);
    doc = answer();
    tap_ok(doc != NULL, "%s gets a token", sentence);
    tap_is_str(good_rows[row].scope, member(doc, "scope"), "%s: scope",
               sentence);
    tap_is_str("Bearer", member(doc, "token_type"), "%s: token_type",
               sentence);
    tap_ok(json_object_size(doc) == 4, "%s: no other member", sentence);
    tap_is_str(good_rows[row].client, got.audit.client_id,
               "%s: the log has the client", sentence);
    tap_is_str(good_rows[row].scope, got.audit.scope,
               "%s: the log has the scope", sentence);
    snprintf(expected, sizeof(expected),
             "Status: 200 OK\r\n"
             "Content-Type: application/json;charset=UTF-8\r\n"
             "Content-Length: %zu\r\nCache-Control: no-store\r\n"
             "Pragma: no-cache\r\nX-Content-Type-Options: nosniff\r\n\r\n",
             got.rp.len);
    tap_is_mem(expected, strlen(expected), head, reply_head(&got.rp, head),
               "%s: the headers", sentence);
    json_decref(doc);
}

static void
test_rows(void)
{
    size_t i;

    for (i = 0; i < LEN(good_rows); i++)
        test_good(i);
    for (i = 0; i < LEN(bad_rows); i++) {
        ask(&bad_rows[i].sent);
        check_error(bad_rows[i].error, bad_rows[i].reason,
                    bad_rows[i].sentence);
    }
    for (i = 0; i < LEN(order_rows); i++) {
        ask(&order_rows[i].sent);
        check_error(order_rows[i].error, order_rows[i].reason,
                    order_rows[i].sentence);
    }
}

/* A scope and an id far too long, and no more than an answer. */
static void
test_huge(void)
{
    static char body[12000], id[CLIENT_ID_MAX + 8];
    struct sent sent = {.body = body};
    size_t len;

    len = (size_t) snprintf(body, sizeof(body), GRANT "&scope=");
    memset(body + len, 'x', sizeof(body) - len - 1);
    ask(&sent);
    check_error(OAUTH_INVALID_SCOPE, "not in the policy",
                "a scope of 12 kB is refused");
    memset(id, 'i', sizeof(id) - 1);
    snprintf(body, sizeof(body), GRANT "&client_secret=x&client_id=%s", id);
    sent.header = "";
    ask(&sent);
    check_error(OAUTH_INVALID_CLIENT, "no such client",
                "an id that is too long is refused");
    tap_is_int(CLIENT_ID_MAX, (long long) strlen(got.audit.client_id),
               "and cut in the log");
}

/* A part of a JWS, decoded; the caller drops it. */
static json_t *
decode(const char *part, size_t len)
{
    static unsigned char json[16384];
    long n = b64url_decode(part, len, json, sizeof(json));

    return n < 0 ? NULL
                 : json_loadb((const char *) json, (size_t) n,
                              JSON_REJECT_DUPLICATES, NULL);
}

static void
check_claims(const json_t *claims, const char *sentence)
{
    json_int_t iat = json_integer_value(json_object_get(claims, "iat"));
    json_int_t exp = json_integer_value(json_object_get(claims, "exp"));

    tap_is_str("https://as.example.org", member(claims, "iss"), "%s: iss",
               sentence);
    tap_is_str("app", member(claims, "sub"), "%s: sub", sentence);
    tap_is_str("app", member(claims, "client_id"), "%s: client_id",
               sentence);
    tap_is_str(SAMPLE_ORDERS, member(claims, "aud"), "%s: aud", sentence);
    tap_is_str("orders.read", member(claims, "scope"), "%s: scope",
               sentence);
    tap_is_str(got.audit.jti, member(claims, "jti"), "%s: jti", sentence);
    tap_is_int(22, (long long) strlen(got.audit.jti),
               "%s: 128 bits of jti", sentence);
    tap_is_int(WORLD_NOW, iat, "%s: iat", sentence);
    tap_is_int(3600, exp - iat, "%s: exp", sentence);
    tap_is_int(8, (long long) json_object_size(claims),
               "%s: nothing else is claimed", sentence);
}

/* The verifier of the published key of that kid, or NULL. */
static struct verifier *
published(const char *kid)
{
    struct verifier *verifier = NULL;
    struct jwk *keys = NULL;
    size_t len = 0;
    const char *text =
        keyring_jwks(world.service.keyring, WORLD_NOW, &len, NULL);
    int n = text != NULL ? jwk_set_read(&keys, text, len, true, NULL) : 0;
    int i;

    for (i = 0; i < n && verifier == NULL; i++) {
        if (strcmp(keys[i].kid, kid) == 0)
            verifier_load(&verifier, &keys[i], NULL);
    }
    free(keys);
    return verifier;
}

/* Whether the published key of that kid verifies the signed part. */
static bool
is_signed(enum jose_alg alg, const char *kid, const char *jwt,
          const char *dot)
{
    struct verifier *verifier = published(kid);
    unsigned char sig[JOSE_SIG_MAX];
    long n = b64url_decode(dot + 1, strlen(dot + 1), sig, sizeof(sig));
    bool good = verifier != NULL && n > 0
                && verifier_check(verifier, alg, jwt, (size_t) (dot - jwt),
                                  sig, (size_t) n, NULL)
                       == 1;

    verifier_free(verifier);
    return good;
}

static void
test_token(enum jose_alg alg)
{
    const char *sentence = jose_name(alg), *jwt, *dot, *last;
    struct sent sent = {.body = GRANT "&scope=orders.read"};
    json_t *doc, *header, *claims;

    world.policy.token.alg = alg;
    ask(&sent);
    doc = answer();
    jwt = member(doc, "access_token");
    dot = jwt != NULL ? strchr(jwt, '.') : NULL;
    last = jwt != NULL ? strrchr(jwt, '.') : NULL;
    if (dot == NULL || dot == last) {
        tap_ok(false, "%s: a token of three parts", sentence);
        json_decref(doc);
        return;
    }
    header = decode(jwt, (size_t) (dot - jwt));
    claims = decode(dot + 1, (size_t) (last - dot - 1));
    tap_is_str("at+jwt", member(header, "typ"), "%s: typ", sentence);
    tap_is_str(sentence, member(header, "alg"), "%s: alg", sentence);
    tap_is_int(3, (long long) json_object_size(header),
               "%s: a lean header", sentence);
    check_claims(claims, sentence);
    tap_is_int(3600,
               json_integer_value(json_object_get(doc, "expires_in")),
               "%s: expires_in", sentence);
    tap_ok(is_signed(alg, member(header, "kid"), jwt, last),
           "%s: the key verifies the token", sentence);
    json_decref(header);
    json_decref(claims);
    json_decref(doc);
    world.policy.token.alg = JOSE_ES256;
}

/* Two tokens differ; the key that began last signs. */
static void
test_keys(void)
{
    struct sent sent = {0};
    char first[AUDIT_JTI_MAX];
    const struct keyring_key *key;
    char kid[KEYREC_KID_MAX];

    ask(&sent);
    memcpy(first, got.audit.jti, sizeof(first));
    ask(&sent);
    tap_ok(strcmp(first, got.audit.jti) != 0, "two tokens are two tokens");
    key = keyring_signer(world.service.keyring, JOSE_ES256, WORLD_NOW, NULL);
    snprintf(kid, sizeof(kid), "%s", key != NULL ? key->kid : "");
    world_key(&world, JOSE_ES256, WORLD_NOW + 10);
    ask(&sent);
    key = keyring_signer(world.service.keyring, JOSE_ES256, WORLD_NOW, NULL);
    tap_is_str(kid, key != NULL ? key->kid : NULL,
               "a key whose time has not come does not sign");
    key = keyring_signer(world.service.keyring, JOSE_ES256, WORLD_NOW + 10,
                         NULL);
    tap_ok(key != NULL && strcmp(kid, key->kid) != 0,
           "it does when its time has come");
    ask(&(struct sent){.later = -1000001});
    check_error(OAUTH_UNAVAILABLE, "ccgrant key add --alg ES256",
                "no key whose time has come is 503, with the cure in the "
                "log");
    world.policy.token.alg = JOSE_PS256;
    ask(&sent);
    check_error(OAUTH_UNAVAILABLE, "ccgrant key add --alg PS256",
                "no key of the algorithm is 503, with the cure in the log");
    ask(&(struct sent){.body = GRANT "&scope=nosuch"});
    check_error(OAUTH_INVALID_SCOPE, "not in the policy",
                "a wrong scope before a missing key");
    world.policy.token.alg = JOSE_ES256;
}

/* A change in the store is seen by the next request. */
static void
test_changes(void)
{
    struct client *cl = world_client("new", "admin");
    struct sent sent = {.basic = "new:one"};

    ask(&sent);
    check_error(OAUTH_INVALID_CLIENT, "no such client",
                "a client before it is made");
    world_secret(&world, cl, SECRET_MAC, "one", 0, 0);
    world_store(cl);
    ask(&sent);
    tap_is_int(200, got.rp.status, "a client when it is made");
    (void) fake_store_gets();
    ask(&sent);
    tap_is_int(0, fake_store_gets(), "nothing is read twice");
    ask(&(struct sent){.basic = "nobody:x"});
    (void) fake_store_gets();
    ask(&(struct sent){.basic = "nobody:x"});
    tap_is_int(0, fake_store_gets(), "nor for a client that is not there");
    cl = world_client("new", "idle");
    world_secret(&world, cl, SECRET_MAC, "two", 0, 0);
    world_store(cl);
    ask(&sent);
    check_error(OAUTH_INVALID_CLIENT, "no live secret",
                "a secret that was deleted");
    ask(&(struct sent){.basic = "new:two"});
    check_error(OAUTH_INVALID_SCOPE, "no role and no scope",
                "a role that was withdrawn");
    fake_store_put(STORE_CLIENTS, "new", NULL);
    ask(&(struct sent){.basic = "new:two"});
    check_error(OAUTH_INVALID_CLIENT, "no such client",
                "a client that was deleted");
}

/* Answers with 503, and to come again in a second. */
static void
check_too_early(const struct sent *sent, const char *sentence)
{
    ask(sent);
    tap_ok(got.audit.outcome == OAUTH_UNAVAILABLE && got.rp.status == 503
               && got.rp.retry_after == 1 && got.audit.jti[0] == '\0',
           "%s: 503, and again in a second", sentence);
    tap_ok(strstr(got.audit.why.text, "all up to 2027-01-15T08:00:00Z")
               != NULL,
           "%s: the log says why", sentence);
}

/* No token is given out that is revoked already. */
static void
test_cut_off(void)
{
    struct client *cl = world_client("cut", "admin");
    struct sent sent = {.basic = "cut:one"};

    cl->revoked_until = WORLD_NOW;
    world_secret(&world, cl, SECRET_MAC, "one", 0, 0);
    world_store(cl);
    check_too_early(&sent, "the client's tokens of this second are revoked");
    check_too_early(&(struct sent){.basic = "cut:one", .later = -1},
                    "those of the next second too");
    ask(&(struct sent){.basic = "cut:one", .body = GRANT "&scope=nosuch"});
    check_error(OAUTH_INVALID_SCOPE, "not in the policy",
                "a wrong scope before a second that is revoked");
    ask(&(struct sent){.basic = "cut:one", .later = 1});
    tap_is_int(200, got.rp.status, "a second later there is one");
    ask(&(struct sent){0});
    tap_is_int(200, got.rp.status, "other clients get theirs");
    fake_store_put(STORE_META, REVOCATION_ALL_META, "1800000000");
    check_too_early(&(struct sent){0}, "all tokens of this second are revoked");
    ask(&(struct sent){.later = 1});
    tap_is_int(200, got.rp.status, "a second later there are some");
    fake_store_put(STORE_META, REVOCATION_ALL_META, "soon");
    ask(&(struct sent){0});
    check_error(OAUTH_UNAVAILABLE, "restore a backup",
                "a store that has no time there");
    fake_store_put(STORE_META, REVOCATION_ALL_META, NULL);
}

#define ASSERTION_TYPE \
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
#define SIGNS "a-secret-of-over-thirty-two-bytes-to-sign-with"

/* Writes an assertion of "signer" with that jti. */
static void
make_assertion(const char *jti, char *text, size_t cap)
{
    static const char header[] = "{\"alg\":\"HS256\"}";
    unsigned char mac[EVP_MAX_MD_SIZE];
    char claims[256];
    unsigned mac_len;
    size_t len;

    snprintf(claims, sizeof(claims),
             "{\"iss\":\"signer\",\"sub\":\"signer\",\"jti\":\"%s\","
             "\"aud\":\"https://as.example.org\",\"exp\":%lld}",
             jti, (long long) WORLD_NOW + 60);
    if (cap < 1024)
        abort();
    len = b64url_encode(header, strlen(header), text);
    text[len++] = '.';
    len += b64url_encode(claims, strlen(claims), text + len);
    HMAC(EVP_sha256(), SIGNS, (int) strlen(SIGNS),
         (const unsigned char *) text, len, mac, &mac_len);
    text[len++] = '.';
    b64url_encode(mac, mac_len, text + len);
}

/* The record is of the token's SHA-256 and of nothing that makes one. */
static void
check_record(const char *token)
{
    unsigned char name[CRYPTO_SHA256_LEN];
    char text[EXPIRING_TEXT_MAX + 1];
    int64_t expires;
    size_t len;

    crypto_sha256(token, strlen(token), name);
    tap_is_int(1, expiring_read(world.service.expiring, EXPIRING_TOKENS, name,
                                sizeof(name), WORLD_NOW, text, sizeof(text),
                                &len, &expires, &got.audit.why),
               "its record is found by its SHA-256");
    tap_is_int(WORLD_NOW + 3600, expires, "and goes when it expires");
    tap_ok(strstr(text, token) == NULL && strstr(text, got.audit.jti) != NULL,
           "it has the jti and not the token");
}

static void
sent_together(void *arg)
{
    (void)arg;
}

/* Opaque tokens: their text, their record, and how often it is written. */
static void
test_opaque(void)
{
    struct client *cl = world_client("vague", NULL);
    struct sent sent = {.basic = "vague:first"};
    char first[OPAQUE_LEN + 1] = "";
    const char *token;
    json_t *doc;

    sample_list(&cl->scopes, &cl->n_scopes, "secret.read");
    world_secret(&world, cl, SECRET_MAC, "first", 0, 0);
    world_store(cl);
    ask(&sent); /* and so it is noted that the secret was used */
    (void) fake_expiring_adds();
    ask(&sent);
    tap_is_int(1, fake_expiring_adds(), "an opaque token is one change");
    tap_ok(fake_expiring_was_durable(), "which is durable");
    doc = answer();
    token = member(doc, "access_token");
    tap_ok(token != NULL && opaque_looks_like(token, strlen(token)),
           "it has the text of one");
    tap_is_str("Bearer", member(doc, "token_type"), "its type");
    tap_is_str("secret.read", member(doc, "scope"), "its scope");
    tap_is_int(3600, json_integer_value(json_object_get(doc, "expires_in")),
               "its lifetime");
    tap_ok(got.audit.done == AUDIT_ISSUED && got.audit.jti[0] != '\0',
           "the log has its jti");
    if (token != NULL) {
        check_record(token);
        snprintf(first, sizeof(first), "%s", token);
    }
    json_decref(doc);
    world.policy.token.durable = false;
    ask(&sent);
    world.policy.token.durable = true;
    tap_ok(!fake_expiring_was_durable(),
           "the policy can do without the disk");
    tap_ok(!got.rp.is_pending, "nor waits the answer");
    world.service.release = sent_together;
    ask(&sent);
    tap_ok(got.rp.is_pending && !fake_expiring_was_durable(),
           "or several wait for it together: then the answer is pending");
    world.policy.token.durable = false;
    ask(&sent);
    world.policy.token.durable = true;
    world.service.release = NULL;
    tap_ok(!got.rp.is_pending, "unless the policy can do without");
    doc = answer();
    token = member(doc, "access_token");
    tap_ok(token != NULL && strcmp(token, first) != 0,
           "the next token is another");
    json_decref(doc);
    fake_expiring_break(true);
    ask(&sent);
    check_error(OAUTH_UNAVAILABLE, "broken",
                "a token that cannot be written down is not given");
    fake_expiring_break(false);
}

static void *
ask_there(void *arg)
{
    ask(arg);
    return NULL;
}

/* Whether what a stack was used for has these bytes in it. */
static bool
has_bytes(const unsigned char *stack, size_t size, const void *bytes,
          size_t len)
{
    size_t i;

    for (i = 0; i + len <= size; i++) {
        if (memcmp(stack + i, bytes, len) == 0)
            return true;
    }
    return false;
}

/* Of a token nothing stays behind on the stack, which is looked at. */
static void
test_traces(void)
{
    enum { STACK = 1 << 21 };
    struct sent sent = {.basic = "vague:first"};
    unsigned char *stack = NULL, random[OPAQUE_RANDOM_LEN];
    const char *token;
    pthread_attr_t attr;
    pthread_t thread;
    json_t *doc;

    if (posix_memalign((void **) &stack, 4096, STACK) != 0)
        abort();
    memset(stack, 0, STACK);
    pthread_attr_init(&attr);
    if (pthread_attr_setstack(&attr, stack, STACK) != 0
        || pthread_create(&thread, &attr, ask_there, &sent) != 0
        || pthread_join(thread, NULL) != 0)
        abort();
    pthread_attr_destroy(&attr);
    doc = answer();
    token = member(doc, "access_token");
    if (token == NULL)
        abort();
    tap_ok(!has_bytes(stack, STACK, token, strlen(token)),
           "no text of an opaque token stays behind");
    tap_ok(b64url_decode(token + strlen("ccga_"), 43, random, sizeof(random))
                   == sizeof(random)
               && !has_bytes(stack, STACK, random, sizeof(random)),
           "nor do the random bytes that it is made of");
    json_decref(doc);
    free(stack);
}

/* The assertion and the token that it gets are written at once. */
static void
test_once(void)
{
    char assertion[1024], body[2048];
    struct client *cl = world_client("signer", NULL);
    struct sent sent = {.header = "", .body = body};
    size_t records;
    int i;

    cl->auth = AUTH_SECRET_JWT;
    sample_list(&cl->scopes, &cl->n_scopes, "secret.read orders.read");
    world_secret(&world, cl, SECRET_SEALED, SIGNS, 0, 0);
    world_store(cl);
    for (i = 0; i < 2; i++) {
        make_assertion(i == 0 ? "zero" : "one", assertion, sizeof(assertion));
        snprintf(body, sizeof(body), GRANT "&scope=secret.read"
                 "&client_assertion=%s&client_assertion_type=" ASSERTION_TYPE,
                 assertion);
        (void) fake_expiring_adds();
        ask(&sent);
        json_decref(answer());
    }
    tap_is_int(1, fake_expiring_adds(),
               "an assertion and an opaque token are one change");
    records = fake_expiring_records(EXPIRING_TOKENS);
    ask(&sent);
    check_error(OAUTH_INVALID_CLIENT, "used before",
                "the same assertion gets no second one");
    tap_is_int((long long) records,
               (long long) fake_expiring_records(EXPIRING_TOKENS),
               "and nothing is written down of it");
    make_assertion("two", assertion, sizeof(assertion));
    snprintf(body, sizeof(body), GRANT "&scope=orders.read"
             "&client_assertion=%s&client_assertion_type=" ASSERTION_TYPE,
             assertion);
    ask(&sent);
    json_decref(answer());
    tap_ok(!fake_expiring_was_durable(),
           "a JWT waits for no disk, whatever its assertion");
}

/* A store that cannot be read is no wrong secret (RFC 6749, 5.2). */
static void
test_broken(void)
{
    struct sent sent = {0};
    struct client *cl;
    char *text;

    fake_store_break(true);
    ask(&sent);
    check_error(OAUTH_UNAVAILABLE, "store of the test is broken",
                "a broken store is 503");
    ask(&sent);
    check_error(OAUTH_UNAVAILABLE, "store of the test is broken",
                "and stays 503");
    ask(&(struct sent){.basic = "nobody:x"});
    check_error(OAUTH_UNAVAILABLE, "store of the test is broken",
                "for a client that is not there, too");
    ask(&(struct sent){.header = ""});
    check_error(OAUTH_INVALID_CLIENT, "no client authentication",
                "who shows no credentials is not served before");
    fake_store_break(false);
    ask(&sent);
    tap_is_int(200, got.rp.status, "a store that is mended serves again");
    fake_store_put(STORE_CLIENTS, "torn", "{\"id\":\"torn\"");
    ask(&(struct sent){.basic = "torn:x"});
    check_error(OAUTH_UNAVAILABLE, "client record",
                "a record that cannot be read is 503");
    cl = world_client("other", "admin");
    world_secret(&world, cl, SECRET_MAC, "x", 0, 0);
    text = client_dump(cl);
    fake_store_put(STORE_CLIENTS, "moved", text);
    ask(&(struct sent){.basic = "moved:x"});
    check_error(OAUTH_UNAVAILABLE, "another id",
                "a record under another id than its own is 503");
    free(text);
    client_free(cl);
    ask(&sent);
    tap_is_int(200, got.rp.status, "and harms no other client");
}

/* More clients than are kept, each with its own secret. */
static void
test_many(void)
{
    enum { MANY = 2500, FEW = 300 };
    int i, wrong = 0;
    char id[16], basic[32];
    struct sent sent = {.basic = basic};

    for (i = 0; i < MANY; i++) {
        struct client *cl;

        snprintf(id, sizeof(id), "m%d", i);
        cl = world_client(id, "admin");
        world_secret(&world, cl, SECRET_MAC, id, 0, 0);
        world_store(cl);
    }
    for (i = 0; i < 2 * MANY; i++) {
        snprintf(basic, sizeof(basic), "m%d:m%d", i / 2, i / 2);
        ask(&sent);
        wrong += got.rp.status != 200;
        snprintf(basic, sizeof(basic), "m%d:m%d", i / 2, i / 2 + 1);
        ask(&sent);
        wrong += got.rp.status != 401;
        snprintf(basic, sizeof(basic), "n%d:x", i);
        ask(&sent);
        wrong += got.rp.status != 401;
    }
    tap_is_int(0, wrong, "thousands of clients are told apart");
    (void) fake_store_gets();
    for (i = 0; i < 2 * FEW; i++) {
        if (i == FEW)
            (void) fake_store_gets();
        snprintf(basic, sizeof(basic), "m%d:m%d", i % FEW, i % FEW);
        ask(&sent);
    }
    tap_is_int(0, fake_store_gets(), "hundreds of clients are read once");
    for (i = 0; i < MANY; i++) {
        snprintf(id, sizeof(id), "m%d", i);
        fake_store_put(STORE_CLIENTS, id, NULL);
    }
}

int
main(void)
{
    world_open(&world);
    world_key(&world, JOSE_ES256, WORLD_NOW - 1000000);
    make_clients();
    test_rows();
    test_huge();
    world_key(&world, JOSE_ES384, WORLD_NOW);
    world_key(&world, JOSE_RS256, WORLD_NOW);
    world_key(&world, JOSE_EDDSA, WORLD_NOW);
    test_token(JOSE_ES256);
    test_token(JOSE_ES384);
    test_token(JOSE_RS256);
    test_token(JOSE_EDDSA);
    test_opaque();
    test_traces();
    test_once();
    test_keys();
    test_changes();
    test_cut_off();
    test_broken();
    test_many();
    world_close(&world);
    return tap_done();
}
