/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What a token request would get, and by which rule, without giving it.
 *
 * The service is one of a store that was opened with STORE_TRIES: what is done
 * here is done by the endpoint's own functions, and then undone.
 */

#ifndef EXPLAIN_H
#define EXPLAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "core/binding.h"
#include "core/claims.h"
#include "core/client.h"
#include "core/form.h"
#include "core/grant.h"
#include "core/keyrec.h"
#include "core/request.h"
#include "service.h"

/* The steps of a token request, in their order. */
enum explain_step {
    EXPLAIN_REQUEST,    /* its form */
    EXPLAIN_CLIENT,     /* who it is, and from where */
    EXPLAIN_TYPE,       /* the grant type */
    EXPLAIN_POSSESSION, /* what binds the token */
    EXPLAIN_DECISION,   /* scope and resource */
    EXPLAIN_REUSE,      /* a token of before, of which workers alone know */
    EXPLAIN_LIMITS,     /* what can be used once, or so often */
    EXPLAIN_TOKEN,      /* its signature */
    EXPLAIN__MAX
};

/* A request that nobody sent. */
struct explain_wish {
    const char *client_id;
    enum client_auth method; /* or 0: that of its record */
    const char *from;        /* address; "": networks are not judged */
    bool has_cert;           /* such a thing came with it */
    bool has_proof;
    const struct form *form;
};

struct explain {
    enum explain_step step; /* that refuses; EXPLAIN__MAX: none does */
    enum oauth_error outcome;
    struct errtext why;     /* with the rule, unless it is OAUTH_OK */
    char client_id[CLIENT_ID_MAX + 1];
    const struct roster_entry *entry; /* borrowed from the roster, or NULL */
    enum client_auth method;          /* it used, or is supposed to; or 0 */
    struct form form;       /* borrowed; when step is behind the request */
    char *body;             /* of a captured one */
    struct binding binding; /* when step is behind EXPLAIN_POSSESSION */
    struct grant grant;     /* when step is behind EXPLAIN_DECISION */
    char kid[KEYREC_KID_MAX];     /* the key that signs, of a JWT; or "" */
    char claims[CLAIMS_MAX + 1];  /* of the token, or "" */
};

/* What a binding to something that nobody showed looks like. */
#define EXPLAIN_SUPPOSED "SUPPOSED"

/*
 * What the client would get that proved itself.  *ex is as the endpoint would
 * have it, and is freed with explain_free().
 */
void explain_client(struct service *service, const struct explain_wish *wish,
                    int64_t now, struct explain *ex);

/*
 * What a captured request gets, at that time.  Its body is wiped.
 */
void explain_request(struct service *service, struct request *rq, int64_t now,
                     struct explain *ex);

/* The step that refuses by a rule. */
enum explain_step explain_step(enum rule rule);

/* Wipes and frees what *ex holds. */
void explain_free(struct explain *ex);

#endif /* EXPLAIN_H */
