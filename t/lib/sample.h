/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * A policy, clients and requests for the unit tests.
 */

#ifndef T_LIB_SAMPLE_H
#define T_LIB_SAMPLE_H

#include "core/client.h"
#include "core/form.h"
#include "core/policy.h"
#include "core/request.h"

#define SAMPLE_ORDERS "https://api.example.org/orders"
#define SAMPLE_BILLS "https://api.example.org/bills"
#define SAMPLE_SECRET "https://api.example.org/secret"
#define SAMPLE_EMPTY "https://api.example.org/empty"

enum { SAMPLE_BASIC_MAX = 512 };

/*
 * Ready a policy of four resources,
 *
 *   orders   orders.read orders.write
 *   bills    bills.read                  RS256, 600 seconds
 *   secret   secret.read                 opaque
 *   empty
 *
 * and of the roles
 *
 *   batch    orders.read bills.read
 *   admin    orders.read orders.write
 *   idle
 *
 * with the defaults of ccgrant.conf(5).  The caller frees with policy_free().
 */
void sample_policy(struct policy *policy);

/* Make the sorted scopes and the sets anew after a change. */
void sample_ready(struct policy *policy);

/* Add a resource of "AUDIENCE", or a role of "NAME", and of its scopes. */
struct policy_resource *sample_resource(struct policy *policy,
                                        const char *audience,
                                        const char *scopes);
void sample_role(struct policy *policy, const char *name, const char *scopes);

/* Add a type of authorization details for clients of those roles. */
struct policy_detail *sample_detail(struct policy *policy, const char *type,
                                    const char *audience, const char *roles);

/* Set a list of a record to words with spaces between; NULL is none. */
void sample_list(char ***list, size_t *n, const char *words);

/* A POST request from 192.0.2.1 with nothing in it: every variable is "". */
struct request sample_request(void);

/* Write "Basic " and the base64 of text, which must be big enough. */
void sample_basic(char *header, const char *text);

#endif /* T_LIB_SAMPLE_H */
