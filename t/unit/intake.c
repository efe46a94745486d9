/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What requests about a token begin with alike: what is taken from the caller,
 * and when its assertion is used up.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_store.h"
#include "intake.h"
#include "sample.h"
#include "tap.h"
#include "world.h"

#define FORM "application/x-www-form-urlencoded"

static struct world world;
static struct intake in;
static struct audit audit;

static enum oauth_error
take(const char *method, const char *type, const char *form,
     enum request_fault fault)
{
    static char body[1024], header[SAMPLE_BASIC_MAX];
    struct request rq = sample_request();

    rq.method = method;
    rq.content_type = type;
    rq.fault = fault;
    sample_basic(header, "rs:first");
    rq.authorization = header;
    snprintf(body, sizeof(body), "%s", form);
    rq.body = body;
    rq.body_len = strlen(body);
    rq.repeated = "HTTP_AUTHORIZATION";
    memset(&in, 0x55, sizeof(in));
    memset(&audit, 0, sizeof(audit));
    return intake_token(&in, &world.service, &rq, WORLD_NOW, &audit);
}

static const struct {
    const char *sentence;
    const char *method, *type, *form;
    enum request_fault fault;
    enum oauth_error error;
    const char *reason;
} rows[] = {
    {"GET", "GET", FORM, "token=x", 0, OAUTH_METHOD_NOT_ALLOWED, "POST"},
    {"a method that is wrong before a body that is", "GET", "", "",
     REQUEST_TOO_LARGE, OAUTH_METHOD_NOT_ALLOWED, "POST"},
    {"a body over the limit", "POST", FORM, "", REQUEST_TOO_LARGE,
     OAUTH_TOO_LARGE, "limits.body"},
    {"a body that came too late", "POST", FORM, "", REQUEST_TIMEOUT,
     OAUTH_TIMEOUT, "in time"},
    {"a variable twice", "POST", FORM, "", REQUEST_DUPLICATE,
     OAUTH_INVALID_REQUEST, "HTTP_AUTHORIZATION came more than once"},
    {"a body cut short", "POST", FORM, "", REQUEST_INCOMPLETE,
     OAUTH_INVALID_REQUEST, "not as long"},
    {"another media type", "POST", "text/plain", "token=x", 0,
     OAUTH_INVALID_REQUEST, "urlencoded"},
    {"a form that is none", "POST", FORM, "token=%zz", 0,
     OAUTH_INVALID_REQUEST, "escape"},
    {"two ways to authenticate", "POST", FORM,
     "token=x&client_id=rs&client_secret=first", 0, OAUTH_INVALID_REQUEST,
     "more than one way"},
    {"another client_id", "POST", FORM, "token=x&client_id=other", 0,
     OAUTH_INVALID_REQUEST, "another than"},
    {"no token", "POST", FORM, "token_type_hint=x", 0, OAUTH_INVALID_REQUEST,
     "token is missing"},
};

static void
test_rows(void)
{
    size_t i;

    for (i = 0; i < LEN(rows); i++) {
        enum oauth_error rc = take(rows[i].method, rows[i].type, rows[i].form,
                                   rows[i].fault);

        tap_is_int(rows[i].error, rc, "%s", rows[i].sentence);
        tap_ok(strstr(audit.why.text, rows[i].reason) != NULL,
               "%s: its reason: %s", rows[i].sentence, audit.why.text);
    }
}

/* Look-ups that drive out the caller's entry take nothing of it away. */
static void
test_caller(void)
{
    struct errtext why;

    tap_is_int(OAUTH_OK, take("POST", FORM, "token=a%20b", 0), "a request");
    fake_store_put(STORE_META, "x", "1");
    (void) roster_find(world.service.roster, "nobody", &why);
    tap_is_str("rs", in.caller, "its caller");
    tap_is_int(PERMIT_INTROSPECT, in.permissions, "and what it may do");
    tap_is_str("a b", in.token->text, "the token, decoded");
    tap_is_int(3, (long long) in.token->len, "and its length");
    tap_is_str("rs", audit.client_id, "the log knows who it was");
}

static void
test_refuse(void)
{
    static struct audit refused;
    static struct reply rp;

    intake_refuse(&world.service, OAUTH_INVALID_CLIENT, &refused, &rp);
    tap_ok(rp.status == 401 && rp.challenge == world.service.challenge
               && rp.allow == NULL, "401 has the challenge");
    intake_refuse(&world.service, OAUTH_METHOD_NOT_ALLOWED, &refused, &rp);
    tap_ok(rp.status == 405 && rp.challenge == NULL
               && strcmp(rp.allow, "POST") == 0, "405 has the method");
    intake_refuse(&world.service, OAUTH_UNAVAILABLE, &refused, &rp);
    tap_ok(rp.status == 503 && rp.retry_after > 0 && rp.challenge == NULL,
           "503 says when to come again");
}

int
main(void)
{
    struct client *cl;

    world_open(&world);
    cl = world_client("rs", NULL);
    cl->permissions = PERMIT_INTROSPECT;
    world_secret(&world, cl, SECRET_MAC, "first", 0, 0);
    world_store(cl);
    test_rows();
    test_caller();
    test_refuse();
    world_close(&world);
    return tap_done();
}
