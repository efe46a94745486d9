/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Credentials: by header, by body, by both, by neither, and malformed.
 */

#include <stdlib.h>
#include <string.h>

#include "core/assertion.h"
#include "core/cred.h"
#include "sample.h"
#include "tap.h"

/* The parts of the bodies below. */
#define ASSERTION "client_assertion=a.b.c"
#define TYPE "client_assertion_type=" ASSERTION_TYPE

struct row {
    const char *sentence;
    const char *header; /* Authorization, "" for none */
    const char *basic;  /* or what it shall be the base64 of */
    const char *body;
    enum oauth_error error;
    enum cred_method method;
    const char *id;
    const char *secret;
    const char *assertion;
    bool is_raw;
    const char *other_id, *other_secret; /* NULL: there is no such reading */
};

static const struct row rows[] = {
    {.sentence = "nothing at all is no authentication", .id = ""},
    {.sentence = "client_id alone is no authentication",
     .body = "client_id=a", .id = "a"},
    {.sentence = "the vector of RFC 6749, 2.3.1",
     .header = "Basic czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3",
     .method = CRED_BASIC, .id = "s6BhdRkqt3",
     .secret = "7Fjfp0ZBr1KtDRbnfVdmIw"},
    {.sentence = "the scheme in lower case", .header = "basic YTpi",
     .method = CRED_BASIC, .id = "a", .secret = "b"},
    {.sentence = "the scheme in capitals", .header = "BASIC YTpi",
     .method = CRED_BASIC, .id = "a", .secret = "b"},
    {.sentence = "several spaces behind the scheme",
     .header = "Basic    YTpi", .method = CRED_BASIC, .id = "a",
     .secret = "b"},
    {.sentence = "the first colon parts the halves", .basic = "a:b:c",
     .method = CRED_BASIC, .id = "a", .secret = "b:c"},
    {.sentence = "an escaped colon parts nothing", .basic = "a%3Ab:c%3Ad",
     .method = CRED_BASIC, .id = "a:b", .secret = "c:d",
     .other_id = "a%3Ab", .other_secret = "c%3Ad"},
    {.sentence = "both halves are form-decoded (RFC 6749, B)",
     .basic = "%41+b:+%25%26%2B%C2%A3%E2%82%AC", .method = CRED_BASIC,
     .id = "A b", .secret = " %&+\xc2\xa3\xe2\x82\xac",
     .other_id = "%41+b", .other_secret = "+%25%26%2B%C2%A3%E2%82%AC"},
    {.sentence = "client_id beside Basic may be the same",
     .header = "Basic YTpi", .body = "client_id=a", .method = CRED_BASIC,
     .id = "a", .secret = "b"},
    {.sentence = "an empty client_secret beside Basic is absent",
     .header = "Basic YTpi", .body = "client_secret=",
     .method = CRED_BASIC, .id = "a", .secret = "b"},
    {.sentence = "the body has id and secret",
     .body = "client_id=a&client_secret=b", .method = CRED_POST, .id = "a",
     .secret = "b"},
    {.sentence = "the body is decoded once",
     .body = "client_id=a&client_secret=%26%25%2B%3D+", .method = CRED_POST,
     .id = "a", .secret = "&%+= "},

    {.sentence = "no credentials behind Basic are refused",
     .header = "Basic", .error = OAUTH_INVALID_CLIENT, .id = ""},
    {.sentence = "a space behind Basic is refused", .header = "Basic ",
     .error = OAUTH_INVALID_CLIENT, .id = ""},
    {.sentence = "no space behind Basic is refused", .header = "BasicYTpi",
     .error = OAUTH_INVALID_CLIENT, .id = ""},
    {.sentence = "a tab behind Basic is refused", .header = "Basic\tYTpi",
     .error = OAUTH_INVALID_CLIENT, .id = ""},
    {.sentence = "a space before Basic is refused", .header = " Basic YTpi",
     .error = OAUTH_INVALID_CLIENT, .id = ""},
    {.sentence = "a space behind the value is refused",
     .header = "Basic YTpi ", .error = OAUTH_INVALID_CLIENT, .id = ""},
    {.sentence = "two values are refused", .header = "Basic YTpi, Basic YTpi",
     .error = OAUTH_INVALID_CLIENT, .id = ""},
    {.sentence = "Bearer is refused", .header = "Bearer YTpi",
     .error = OAUTH_INVALID_CLIENT, .id = ""},
    {.sentence = "a shorter scheme is refused", .header = "Basi YTpi",
     .error = OAUTH_INVALID_CLIENT, .id = ""},
    {.sentence = "a longer scheme is refused", .header = "Basics YTpi",
     .error = OAUTH_INVALID_CLIENT, .id = ""},
    {.sentence = "a bad character in base64 is refused",
     .header = "Basic YT!pi", .error = OAUTH_INVALID_CLIENT, .id = ""},
    {.sentence = "a bad character behind base64 is refused",
     .header = "Basic YTpi!", .error = OAUTH_INVALID_CLIENT, .id = ""},
    {.sentence = "base64 without its padding is refused",
     .header = "Basic YTpiYw", .error = OAUTH_INVALID_CLIENT, .id = ""},
    {.sentence = "base64url is refused", .header = "Basic YTo_Pz8_",
     .error = OAUTH_INVALID_CLIENT, .id = ""},
    {.sentence = "a blank in base64 is refused", .header = "Basic YTp i",
     .error = OAUTH_INVALID_CLIENT, .id = ""},
    {.sentence = "no colon is refused", .basic = "foo",
     .error = OAUTH_INVALID_CLIENT, .id = ""},
    {.sentence = "an escaped colon alone is refused", .basic = "foo%3Abar",
     .error = OAUTH_INVALID_CLIENT, .id = ""},
    {.sentence = "an empty secret is refused", .basic = "id:",
     .error = OAUTH_INVALID_CLIENT, .id = ""},
    {.sentence = "an empty id is refused", .basic = ":secret",
     .error = OAUTH_INVALID_CLIENT, .id = ""},
    {.sentence = "a colon alone is refused", .basic = ":",
     .error = OAUTH_INVALID_CLIENT, .id = ""},
    {.sentence = "a malformed escape in the secret is read as it came",
     .basic = "id:a%zz", .method = CRED_BASIC, .id = "id",
     .secret = "a%zz", .is_raw = true},
    {.sentence = "a malformed escape in the id, too", .basic = "id%:a",
     .method = CRED_BASIC, .id = "id%", .secret = "a", .is_raw = true},
    {.sentence = "an escaped NUL in the secret is no NUL as it came",
     .basic = "id:a%00b", .method = CRED_BASIC, .id = "id",
     .secret = "a%00b", .is_raw = true},
    {.sentence = "an escaped NUL in the id, too", .basic = "id%00x:a",
     .method = CRED_BASIC, .id = "id%00x", .secret = "a", .is_raw = true},
    {.sentence = "a secret that reads in two ways", .basic = "id:a+b",
     .method = CRED_BASIC, .id = "id", .secret = "a b", .other_id = "id",
     .other_secret = "a+b"},
    {.sentence = "an id that reads in two ways", .basic = "i%41:b",
     .method = CRED_BASIC, .id = "iA", .secret = "b", .other_id = "i%41",
     .other_secret = "b"},
    {.sentence = "client_id leaves one of two ids", .basic = "i%41:b",
     .body = "client_id=iA", .method = CRED_BASIC, .id = "iA",
     .secret = "b"},
    {.sentence = "or the other", .basic = "i%41:b",
     .body = "client_id=i%2541", .method = CRED_BASIC, .id = "i%41",
     .secret = "b", .is_raw = true},
    {.sentence = "and both readings of the secret", .basic = "id:a+b",
     .body = "client_id=id", .method = CRED_BASIC, .id = "id",
     .secret = "a b", .other_id = "id", .other_secret = "a+b"},
    {.sentence = "a client_id that is neither is refused",
     .basic = "i%41:b", .body = "client_id=x",
     .error = OAUTH_INVALID_REQUEST, .id = "x"},
    {.sentence = "one beside a malformed id, too", .basic = "i%4:b",
     .body = "client_id=x", .error = OAUTH_INVALID_REQUEST, .id = "x"},
    {.sentence = "a NUL in the id is refused", .header = "Basic AGE6Yg==",
     .error = OAUTH_INVALID_CLIENT, .id = ""},
    {.sentence = "a NUL in the secret is refused",
     .header = "Basic YTpiAGM=", .error = OAUTH_INVALID_CLIENT, .id = ""},
    {.sentence = "an id that is not UTF-8 is refused", .basic = "\xff:a",
     .error = OAUTH_INVALID_CLIENT, .id = ""},
    {.sentence = "a secret that is not UTF-8 is refused",
     .basic = "a:%c0%af\xff", .error = OAUTH_INVALID_CLIENT, .id = ""},
    {.sentence = "another client_id beside Basic is refused",
     .header = "Basic YTpi", .body = "client_id=A",
     .error = OAUTH_INVALID_REQUEST, .id = "A"},
    {.sentence = "a longer client_id beside Basic is refused",
     .header = "Basic YTpi", .body = "client_id=ab",
     .error = OAUTH_INVALID_REQUEST, .id = "ab"},
    {.sentence = "Basic and client_secret are two ways",
     .header = "Basic YTpi", .body = "client_id=a&client_secret=b",
     .error = OAUTH_INVALID_REQUEST, .id = "a"},
    {.sentence = "Basic and client_secret without an id are two ways",
     .header = "Basic YTpi", .body = "client_secret=b",
     .error = OAUTH_INVALID_REQUEST, .id = ""},
    {.sentence = "even a malformed header counts as a way",
     .header = "Bearer x", .body = "client_id=a&client_secret=b",
     .error = OAUTH_INVALID_REQUEST, .id = "a"},
    {.sentence = "Basic and an assertion are two ways",
     .header = "Basic YTpi", .body = ASSERTION "&" TYPE,
     .error = OAUTH_INVALID_REQUEST, .id = ""},
    {.sentence = "Basic and an assertion type are two ways",
     .header = "Basic YTpi", .body = TYPE,
     .error = OAUTH_INVALID_REQUEST, .id = ""},
    {.sentence = "client_secret and an assertion are two ways",
     .body = "client_id=a&client_secret=b&" ASSERTION "&" TYPE,
     .error = OAUTH_INVALID_REQUEST, .id = "a"},
    {.sentence = "all three are refused", .header = "Basic YTpi",
     .body = "client_id=a&client_secret=b&" ASSERTION,
     .error = OAUTH_INVALID_REQUEST, .id = "a"},
    {.sentence = "client_secret without client_id is refused",
     .body = "client_secret=b", .error = OAUTH_INVALID_REQUEST, .id = ""},
    {.sentence = "client_secret with an empty client_id is refused",
     .body = "client_id=&client_secret=b", .error = OAUTH_INVALID_REQUEST,
     .id = ""},
    {.sentence = "an empty client_secret is no authentication",
     .body = "client_id=a&client_secret=", .id = "a"},
    {.sentence = "an assertion without its type is refused",
     .body = ASSERTION, .error = OAUTH_INVALID_REQUEST, .id = ""},
    {.sentence = "an assertion type without an assertion is refused",
     .body = TYPE, .error = OAUTH_INVALID_REQUEST, .id = ""},
    {.sentence = "an empty assertion is refused",
     .body = "client_assertion=&" TYPE, .error = OAUTH_INVALID_REQUEST,
     .id = ""},
    {.sentence = "an assertion with an empty type is refused",
     .body = ASSERTION "&client_assertion_type=",
     .error = OAUTH_INVALID_REQUEST, .id = ""},
    {.sentence = "an assertion of SAML is refused",
     .body = ASSERTION "&client_assertion_type=urn:ietf:params:oauth:"
                       "client-assertion-type:saml2-bearer",
     .error = OAUTH_INVALID_REQUEST, .id = ""},
    {.sentence = "a type with a blank behind it is refused",
     .body = ASSERTION "&" TYPE "+", .error = OAUTH_INVALID_REQUEST,
     .id = ""},
    {.sentence = "a type in capitals is refused",
     .body = ASSERTION "&client_assertion_type=URN:IETF:PARAMS:OAUTH:"
                       "CLIENT-ASSERTION-TYPE:JWT-BEARER",
     .error = OAUTH_INVALID_REQUEST, .id = ""},
    {.sentence = "an assertion and its type", .body = ASSERTION "&" TYPE,
     .method = CRED_ASSERTION, .id = "", .assertion = "a.b.c"},
    {.sentence = "and the client's id", .body = "client_id=a&" ASSERTION
                                                "&" TYPE,
     .method = CRED_ASSERTION, .id = "a", .assertion = "a.b.c"},
    {.sentence = "and an empty client_secret",
     .body = "client_secret=&" ASSERTION "&" TYPE,
     .method = CRED_ASSERTION, .id = "", .assertion = "a.b.c"},
};

static void
test_row(const struct row *row)
{
    char header[SAMPLE_BASIC_MAX] = "", body[512] = "";
    struct errtext why = {.text = ""};
    struct form form;
    struct cred cred;
    enum oauth_error rc;

    if (row->header != NULL)
        memcpy(header, row->header, strlen(row->header) + 1);
    if (row->basic != NULL)
        sample_basic(header, row->basic);
    if (row->body != NULL)
        memcpy(body, row->body, strlen(row->body) + 1);
    if (form_parse(&form, body, strlen(body), &why) != 0) {
        tap_ok(false, "%s: its body", row->sentence);
        return;
    }
    rc = cred_take(&cred, header, &form, &why);
    tap_is_int(row->error, rc, "%s", row->sentence);
    tap_is_int(row->method, cred.method, "%s: the method", row->sentence);
    tap_is_str(row->id, cred.client_id, "%s: the id", row->sentence);
    tap_is_mem(row->secret == NULL ? "" : row->secret,
               row->secret == NULL ? 0 : strlen(row->secret), cred.secret,
               cred.secret_len, "%s: the secret", row->sentence);
    tap_ok(rc != OAUTH_OK
               || (cred.is_raw == row->is_raw
                   && (cred.other_id != NULL) == (row->other_id != NULL)),
           "%s: the readings", row->sentence);
    if (rc == OAUTH_OK && row->other_id != NULL && cred.other_id != NULL) {
        cred_swap(&cred);
        tap_ok(cred.is_raw && strcmp(row->other_id, cred.client_id) == 0
                   && strlen(row->other_secret) == cred.secret_len
                   && strcmp(row->other_secret, cred.secret) == 0,
               "%s: the other reading", row->sentence);
        cred_swap(&cred);
        tap_ok(!cred.is_raw && strcmp(row->id, cred.client_id) == 0,
               "%s: and back", row->sentence);
    }
    if (row->assertion != NULL)
        tap_is_mem(row->assertion, strlen(row->assertion), cred.assertion,
                   cred.assertion_len, "%s: the assertion", row->sentence);
    tap_ok((rc == OAUTH_OK) == (why.text[0] == '\0'),
           "%s: a refusal has its reason", row->sentence);
}

/* Credentials of id "a" and a secret of so many bytes. */
static enum oauth_error
take_long(size_t len)
{
    char *header = calloc(1, 2 * len + 16), *basic = calloc(1, len + 3);
    struct errtext why;
    struct form form;
    struct cred *cred = malloc(sizeof(*cred));
    enum oauth_error rc;

    if (header == NULL || basic == NULL || cred == NULL)
        abort();
    memset(basic, 's', len + 2);
    memcpy(basic, "a:", 2);
    sample_basic(header, basic);
    form_parse(&form, header + strlen(header), 0, &why);
    rc = cred_take(cred, header, &form, &why);
    if (rc == OAUTH_OK && cred->secret_len != len)
        rc = OAUTH__MAX;
    free(cred);
    free(basic);
    free(header);
    return rc;
}

int
main(void)
{
    size_t i;

    for (i = 0; i < LEN(rows); i++)
        test_row(&rows[i]);
    tap_is_int(OAUTH_OK, take_long(CRED_BUF_MAX - 3),
               "the longest credentials are taken");
    tap_is_int(OAUTH_INVALID_CLIENT, take_long(CRED_BUF_MAX - 2),
               "one byte more is refused");
    tap_is_int(OAUTH_INVALID_CLIENT, take_long(CRED_BUF_MAX),
               "three bytes more are refused");
    tap_is_int(OAUTH_INVALID_CLIENT, take_long(65536),
               "64 kB of credentials are refused");
    return tap_done();
}
