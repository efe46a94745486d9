/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Answers: their bodies and their header blocks, to the letter.
 */

#include <stdio.h>
#include <string.h>

#include "core/reply.h"
#include "tap.h"

#define JSON "Content-Type: application/json;charset=UTF-8\r\n"
#define NO_STORE "Cache-Control: no-store\r\nPragma: no-cache\r\n"
#define NOSNIFF "X-Content-Type-Options: nosniff\r\n"

static const struct {
    const char *sentence;
    enum oauth_error error;
    const char *challenge;
    const char *allow;
    const char *body;
    const char *status;
    const char *more; /* headers behind the usual ones */
} rows[] = {
    {"invalid_request", OAUTH_INVALID_REQUEST, NULL, NULL,
     "{\"error\":\"invalid_request\",\"error_description\":\"The request "
     "lacks a parameter, repeats one, or is malformed.\"}",
     "400 Bad Request", ""},
    {"invalid_client with its challenge", OAUTH_INVALID_CLIENT,
     "Basic realm=\"ccgrant\", charset=\"UTF-8\"", NULL,
     "{\"error\":\"invalid_client\",\"error_description\":\"Client "
     "authentication failed.\"}",
     "401 Unauthorized",
     "WWW-Authenticate: Basic realm=\"ccgrant\", charset=\"UTF-8\"\r\n"},
    {"unauthorized_client", OAUTH_UNAUTHORIZED_CLIENT, NULL, NULL,
     "{\"error\":\"unauthorized_client\",\"error_description\":\"The client "
     "may not use this grant type.\"}",
     "400 Bad Request", ""},
    {"unsupported_grant_type", OAUTH_UNSUPPORTED_GRANT_TYPE, NULL, NULL,
     "{\"error\":\"unsupported_grant_type\",\"error_description\":\"The "
     "only grant type here is client_credentials.\"}",
     "400 Bad Request", ""},
    {"unsupported_token_type", OAUTH_UNSUPPORTED_TOKEN_TYPE, NULL, NULL,
     "{\"error\":\"unsupported_token_type\",\"error_description\":\"The "
     "token is encrypted, and cannot be revoked here.\"}",
     "400 Bad Request", ""},
    {"invalid_scope", OAUTH_INVALID_SCOPE, NULL, NULL,
     "{\"error\":\"invalid_scope\",\"error_description\":\"The requested "
     "scope is malformed, unknown, or more than the client may have, or it "
     "spans several resources: then name one with the resource "
     "parameter.\"}",
     "400 Bad Request", ""},
    {"invalid_target", OAUTH_INVALID_TARGET, NULL, NULL,
     "{\"error\":\"invalid_target\",\"error_description\":\"The requested "
     "resource is malformed, unknown, or not for this client, or one has to "
     "be named.\"}",
     "400 Bad Request", ""},
    {"invalid_authorization_details", OAUTH_INVALID_DETAILS, NULL, NULL,
     "{\"error\":\"invalid_authorization_details\",\"error_description\":"
     "\"The authorization details are malformed, of an unknown type, or not "
     "for this client and resource.\"}",
     "400 Bad Request", ""},
    {"invalid_dpop_proof", OAUTH_INVALID_DPOP_PROOF, NULL, NULL,
     "{\"error\":\"invalid_dpop_proof\",\"error_description\":\"The DPoP "
     "proof is missing, malformed, not for this request, or was used "
     "before.\"}",
     "400 Bad Request", ""},
    {"use_dpop_nonce", OAUTH_USE_DPOP_NONCE, NULL, NULL,
     "{\"error\":\"use_dpop_nonce\",\"error_description\":\"The DPoP proof "
     "must have the nonce that the DPoP-Nonce header field gives.\"}",
     "400 Bad Request", ""},
    {"another method with what is allowed", OAUTH_METHOD_NOT_ALLOWED, NULL,
     "POST",
     "{\"error\":\"invalid_request\",\"error_description\":\"This endpoint "
     "does not take that method.\"}",
     "405 Method Not Allowed", "Allow: POST\r\n"},
    {"another path", OAUTH_NOT_FOUND, NULL, NULL,
     "{\"error\":\"invalid_request\",\"error_description\":\"There is no "
     "endpoint of that name here.\"}",
     "404 Not Found", ""},
    {"a body that did not arrive", OAUTH_TIMEOUT, NULL, NULL,
     "{\"error\":\"invalid_request\",\"error_description\":\"The request "
     "did not arrive in time.\"}",
     "408 Request Timeout", ""},
    {"a body that is too large", OAUTH_TOO_LARGE, NULL, NULL,
     "{\"error\":\"invalid_request\",\"error_description\":\"The request is "
     "too large.\"}",
     "413 Content Too Large", ""},
    {"who has to wait", OAUTH_TOO_MANY, NULL, NULL,
     "{\"error\":\"temporarily_unavailable\",\"error_description\":\"Too "
     "many requests: wait as long as the Retry-After header field says.\"}",
     "429 Too Many Requests", ""},
    {"what cannot be answered now", OAUTH_UNAVAILABLE, NULL, NULL,
     "{\"error\":\"temporarily_unavailable\",\"error_description\":\"The "
     "server cannot answer now; its log says why.\"}",
     "503 Service Unavailable", "Retry-After: 5\r\n"},
};

static void
check_head(const struct reply *rp, const char *expected, const char *sentence)
{
    char head[REPLY_HEAD_MAX];
    size_t len = reply_head(rp, head);

    tap_is_mem(expected, strlen(expected), head, len, "%s: the headers",
               sentence);
    if (strlen(expected) != len || memcmp(expected, head, len) != 0)
        tap_diag("%s", head);
}

static void
test_error(struct reply *rp, size_t row)
{
    char expected[REPLY_HEAD_MAX];

    reply_error(rp, rows[row].error);
    tap_is_mem(rows[row].body, strlen(rows[row].body), rp->body, rp->len,
               "%s: the body", rows[row].sentence);
    rp->challenge = rows[row].challenge;
    rp->allow = rows[row].allow;
    snprintf(expected, sizeof(expected),
             "Status: %s\r\n" JSON "Content-Length: %zu\r\n" NO_STORE NOSNIFF
             "%s\r\n", rows[row].status, strlen(rows[row].body),
             rows[row].more);
    check_head(rp, expected, rows[row].sentence);
}

static void
test_token(struct reply *rp)
{
    static const char body[] =
        "{\"access_token\":\"a.b.c\",\"token_type\":\"Bearer\","
        "\"expires_in\":3600,\"scope\":\"x y\"}";
    static const char bare[] =
        "{\"access_token\":\"a.b.c\",\"token_type\":\"Bearer\","
        "\"expires_in\":1}";
    static const char rich[] =
        "{\"access_token\":\"a.b.c\",\"token_type\":\"Bearer\","
        "\"expires_in\":1,\"scope\":\"x\","
        "\"authorization_details\":[{\"type\":\"t\"}]}";
    static char token[REPLY_BUF_MAX];

    rp->retry_after = 5;
    rp->challenge = "Basic";
    rp->allow = "POST";
    reply_token(rp, "a.b.c", "Bearer", 3600, "x y", "");
    tap_is_mem(body, sizeof(body) - 1, rp->body, rp->len,
               "a token with its scope (RFC 6749, 5.1)");
    check_head(rp,
               "Status: 200 OK\r\n" JSON "Content-Length: 78\r\n" NO_STORE
               NOSNIFF "\r\n",
               "a token has nothing of the answer before it");
    reply_token(rp, "a.b.c", "Bearer", 1, "", "");
    tap_is_mem(bare, sizeof(bare) - 1, rp->body, rp->len,
               "a token without scope");
    reply_token(rp, "a.b.c", "Bearer", 1, "x", "[{\"type\":\"t\"}]");
    tap_is_mem(rich, sizeof(rich) - 1, rp->body, rp->len,
               "a token with authorization details (RFC 9396, 7)");
    reply_token(rp, "a.b.c", "DPoP", 1, "", "");
    tap_ok(strstr(rp->body, "\"token_type\":\"DPoP\"") != NULL,
           "a token that wants a proof (RFC 9449, 5)");
    snprintf(rp->dpop_nonce, sizeof(rp->dpop_nonce), "n-1");
    check_head(rp,
               "Status: 200 OK\r\n" JSON "Content-Length: 59\r\n" NO_STORE
               NOSNIFF "DPoP-Nonce: n-1\r\n\r\n",
               "a nonce for the next proof");
    memset(token, 't', sizeof(token) - 1);
    reply_token(rp, token, "Bearer", 1, "", "");
    tap_is_int(503, rp->status, "a token that does not fit is no answer");
    tap_ok(strstr(rp->body, "ttt") == NULL, "nor is a part of it");
    tap_is_int((long long) strlen(rp->body), (long long) rp->len,
               "and the length is that of the error");
}

static void
test_document(struct reply *rp)
{
    static const char text[] = "{\"keys\":[]}";

    reply_document(rp, text, sizeof(text) - 1);
    tap_ok(rp->body == text && rp->len == sizeof(text) - 1,
           "a document is borrowed");
    check_head(rp,
               "Status: 200 OK\r\nContent-Type: application/json\r\n"
               "Content-Length: 11\r\nCache-Control: public, max-age=300\r\n"
               NOSNIFF "\r\n",
               "a document may be cached");
    rp->cacheable = false;
    check_head(rp,
               "Status: 200 OK\r\nContent-Type: application/json\r\n"
               "Content-Length: 11\r\n" NO_STORE NOSNIFF "\r\n",
               "unless it may not");
}

int
main(void)
{
    static struct reply rp;
    size_t i;

    tap_is_int(OAUTH__MAX - 1, (long long) LEN(rows),
               "every error has a row");
    for (i = 0; i < LEN(rows); i++)
        test_error(&rp, i);
    test_token(&rp);
    test_document(&rp);
    return tap_done();
}
