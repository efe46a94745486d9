/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The rules by which requests are refused: a name for each, that the log and
 * the administrator's command tell alike.
 *
 * Names stay as they are: people search their logs for them.
 */

#ifndef CORE_RULE_H
#define CORE_RULE_H

enum rule {
    RULE_NONE = 0,
    RULE_REQUEST_PATH,
    RULE_REQUEST_METHOD,
    RULE_REQUEST_LENGTH,
    RULE_REQUEST_TIME,
    RULE_REQUEST_BODY,
    RULE_REQUEST_TYPE,
    RULE_REQUEST_FORM,
    RULE_REQUEST_PARAMETER,
    RULE_REQUEST_HEADER,
    RULE_REQUEST_CERTIFICATE,
    RULE_REQUEST_TOKEN,
    RULE_AUTH_NONE,
    RULE_AUTH_SEVERAL,
    RULE_AUTH_BASIC,
    RULE_AUTH_BODY,
    RULE_AUTH_CLIENT_ID,
    RULE_AUTH_UNKNOWN,
    RULE_AUTH_METHOD,
    RULE_AUTH_ENCODING,
    RULE_AUTH_SECRET,
    RULE_AUTH_PROFILE,
    RULE_AUTH_DISABLED,
    RULE_AUTH_EXPIRED,
    RULE_AUTH_NETWORK,
    RULE_AUTH_POLICY_NETWORKS,
    RULE_AUTH_ORIGIN,
    RULE_TLS_NONE,
    RULE_TLS_CHAIN,
    RULE_TLS_SUBJECT,
    RULE_TLS_KEY,
    RULE_TLS_TIME,
    RULE_ASSERTION_TYPE,
    RULE_ASSERTION_FORM,
    RULE_ASSERTION_ALG,
    RULE_ASSERTION_KEY,
    RULE_ASSERTION_SIGNATURE,
    RULE_ASSERTION_AUD,
    RULE_ASSERTION_EXPIRED,
    RULE_ASSERTION_LIFETIME,
    RULE_ASSERTION_EARLY,
    RULE_ASSERTION_REPLAY,
    RULE_GRANT_MISSING,
    RULE_GRANT_TYPE,
    RULE_POSSESSION_POLICY,
    RULE_POSSESSION_REQUIRED,
    RULE_POSSESSION_PROFILE,
    RULE_DPOP_PROOF,
    RULE_DPOP_ALG,
    RULE_DPOP_SIGNATURE,
    RULE_DPOP_HTM,
    RULE_DPOP_HTU,
    RULE_DPOP_TIME,
    RULE_DPOP_NONCE,
    RULE_DPOP_REPLAY,
    RULE_RESOURCE_UNKNOWN,
    RULE_RESOURCE_NOT_ALLOWED,
    RULE_RESOURCE_SEVERAL,
    RULE_RESOURCE_NEEDED,
    RULE_SCOPE_MALFORMED,
    RULE_SCOPE_UNKNOWN,
    RULE_SCOPE_NOT_GRANTED,
    RULE_SCOPE_EMPTY,
    RULE_SCOPE_NONE,
    RULE_SCOPE_REQUIRED,
    RULE_SCOPE_LIFETIME,
    RULE_SCOPE_SIZE,
    RULE_SCOPE_SEVERAL_RESOURCES,
    RULE_DETAILS_FORM,
    RULE_DETAILS_TYPE,
    RULE_DETAILS_ROLE,
    RULE_DETAILS_MEMBER,
    RULE_DETAILS_RESOURCE,
    RULE_DETAILS_SEVERAL_RESOURCES,
    RULE_CLAIMS_CONFLICT,
    RULE_CLAIMS_SIZE,
    RULE_ENCRYPTION_CONFLICT,
    RULE_TOKEN_ALG,
    RULE_TOKEN_ENCRYPTED,
    RULE_TOKEN_SECOND,
    RULE_LIMITS_BUDGET,
    RULE_LIMITS_LOCKOUT,
    RULE_SERVER_POLICY,
    RULE_SERVER_STORE,
    RULE_SERVER_KEY,
    RULE_SERVER_CLIENT_KEYS,
    RULE_SERVER_FAILED,
    RULE__MAX
};

/* All static text; what there is not is "". */
struct rule_row {
    const char *name;     /* "scope.not-granted" */
    const char *sentence; /* what is wrong, without the stop */
    const char *clause;   /* of the standard that wants it: "RFC 6749, 3.3" */
    const char *key;      /* of the policy that can decide it */
    const char *option;   /* likewise of "ccgrant client set" */
};

/* The row of the rule; that of RULE_NONE is all "". */
const struct rule_row *rule_row(enum rule rule);

/* Its name, or "". */
const char *rule_name(enum rule rule);

#endif /* CORE_RULE_H */
