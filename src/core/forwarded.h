/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Where a request comes from, when proxies have handed it on.
 */

#ifndef CORE_FORWARDED_H
#define CORE_FORWARDED_H

#include "core/cidr.h"
#include "core/errtext.h"
#include "core/policy.h"
#include "core/request.h"

enum { FORWARDED_HOPS_MAX = 32 }; /* proxies that one request came through */

/*
 * Find the address that the request really comes from.  That is REMOTE_ADDR,
 * unless that is one of policy->proxies and policy->forwarded names their
 * header field.  Then it is the first address from the end of the field that
 * is not a proxy's, or the first of the field when all are: each proxy adds
 * its own peer at the end, so that what stands before was not written by one.
 * Such text may be anything, and is not looked at.
 *
 * X-Forwarded-For: an IPv4 or IPv6 address, the latter in brackets or not,
 * and a port behind it, which is ignored.  Forwarded (RFC 7239, 4 and 6): the
 * "for" of each element.
 *
 * Nobody knows, when the address looked for is "unknown", obfuscated
 * (RFC 7239, 6.2 and 6.3), missing or malformed; when the field is absent or
 * empty, which a client can bring about behind some proxies (RFC 9110, 7.6.1);
 * when it came as two variables, as it does where X_Forwarded_For is taken for
 * it; or when there are more than FORWARDED_HOPS_MAX addresses of proxies.  No
 * network has such a request.
 *
 * Returns the address in the form of cidr_address(), or REMOTE_ADDR as it is
 * when that is none; both in buf or borrowed from rq.  Or "", with the reason
 * in *why, when nobody knows.
 */
const char *forwarded_origin(const struct policy *policy,
                             const struct request *rq,
                             char buf[CIDR_TEXT_MAX], struct errtext *why);

#endif /* CORE_FORWARDED_H */
