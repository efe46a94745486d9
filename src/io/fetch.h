/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * A document from a URL, fetched by another program: what talks to strangers
 * over the network holds no key, and a process that does not fetch has no need
 * to load an HTTP library.
 */

#ifndef IO_FETCH_H
#define IO_FETCH_H

#include <stddef.h>
#include <stdint.h>

#include "core/cidr.h"
#include "core/errtext.h"

enum {
    FETCH_SECONDS_MAX = 5, /* for all of it */
    FETCH_URL_MAX = 1024,
};

struct fetch_rules {
    const struct cidr *networks; /* not public, but allowed */
    size_t n_networks;
    const char *ca; /* file of certificate authorities, or "": the system's */
};

/*
 * Whether the URL is one that fetch() would try: https, a host, no user
 * information, no fragment, at most FETCH_URL_MAX visible ASCII characters.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int fetch_check_url(const char *url, struct errtext *why);

/*
 * GET the URL into buf.  https only, with the certificate checked; refuses an
 * address that is not public (RFC 6890) and in none of the rules' networks, at
 * the moment of connecting; follows at most 3 redirects, and only to the same
 * scheme, host and port; uses no proxy; takes at most FETCH_SECONDS_MAX; wants
 * status 200 and no more than cap - 1 bytes.
 *
 * The program is ccgrant-fetch, beside the running one or where it was
 * installed.
 *
 * Returns 0 with *len bytes in buf, terminated, or -1 with the reason in *why;
 * *took is the time it took in milliseconds, either way.
 */
int fetch(const char *url, const struct fetch_rules *rules, char *buf,
          size_t cap, size_t *len, int64_t *took, struct errtext *why);

/* Do nothing for so many milliseconds, while another process fetches. */
void fetch_pause(int ms);

#endif /* IO_FETCH_H */
