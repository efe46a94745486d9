/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The parts of the decision: private to grant*.c.
 */

#ifndef CORE_GRANT_PRIV_H
#define CORE_GRANT_PRIV_H

#include <stdbool.h>

#include "core/grant.h"
#include "core/sbuf.h"

/* What is at hand while one request is decided. */
struct decision {
    const struct policy *policy;
    const struct client *cl;
    const struct scope_set *allowed;
    size_t named[GRANT_AUDIENCES_MAX]; /* resources of the request */
    size_t n_named;
    struct scope_set taken; /* scopes in the grant so far */
    struct sbuf scope;      /* their text, in order */
    size_t resource[GRANT_AUDIENCES_MAX]; /* resources of the scopes taken */
    size_t n_resources;
    bool crowded; /* more resources than that */
    bool has_details; /* the request has authorization_details */
    int64_t wish; /* lifetime asked for, or 0 */
    struct errtext *why;
};

/* Set the reason with its rule; returns the error. */
enum oauth_error grant_fail(struct decision *d, enum oauth_error error,
                            enum rule rule, const char *text);

bool grant_is_one_of(size_t value, const size_t *list, size_t n);

/* Whether the client may name that resource. */
bool grant_may_name(const struct decision *d, size_t resource);

/*
 * Fill named from the resource parameters (RFC 8707, 2).
 *
 * Returns OAUTH_OK or OAUTH_INVALID_TARGET.
 */
enum oauth_error grant_take_resources(struct decision *d,
                                      const struct form *form);

/*
 * Fill taken, scope, resource and wish from the scope parameter.
 *
 * Returns OAUTH_OK or OAUTH_INVALID_SCOPE.
 */
enum oauth_error grant_take_scopes(struct decision *d, const char *scope);

/*
 * Fill the grant's details, and resource, from authorization_details.
 *
 * Returns OAUTH_OK or OAUTH_INVALID_DETAILS.
 */
enum oauth_error grant_take_details(struct decision *d, struct grant *grant,
                                    const struct form_value *details);

/*
 * Fill the grant's static claims, once its resources are known.
 *
 * Returns OAUTH_OK or OAUTH_INVALID_TARGET.
 */
enum oauth_error grant_take_claims(struct decision *d, struct grant *grant);

#endif /* CORE_GRANT_PRIV_H */
