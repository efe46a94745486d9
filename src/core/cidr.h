/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * IP networks in CIDR notation (RFC 4632, 3.1; RFC 4291, 2.3).
 */

#ifndef CORE_CIDR_H
#define CORE_CIDR_H

#include <stdbool.h>
#include <stddef.h>

#include "core/errtext.h"

struct cidr {
    unsigned char addr[16]; /* IPv4 as IPv4-mapped (RFC 4291, 2.5.5.2) */
    unsigned bits;          /* prefix length in the 128-bit form */
};

enum { CIDR_TEXT_MAX = 64 };

/*
 * Read "192.0.2.0/24", "2001:db8::/32" or a single address.  Refuses bits set
 * beyond the prefix, since that is nearly always a slip.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int cidr_parse(struct cidr *net, const char *text, struct errtext *why);

/* Write the canonical text of net. */
void cidr_text(const struct cidr *net, char text[CIDR_TEXT_MAX]);

/*
 * Write the numeric address in the one form that every address has: as
 * inet_ntop() does, with dots also when an IPv4 one came IPv4-mapped.
 *
 * Returns 0, or -1 when it is no address; text is then "".
 */
int cidr_address(const char *address, char text[CIDR_TEXT_MAX]);

/*
 * Write the network that who has the numeric address has as a whole, as far as
 * can be told: the address itself, if it is an IPv4 one, as cidr_address()
 * does; else its first 64 bits, as cidr_text() does (RFC 6177, 2).
 *
 * Returns 0, or -1 when it is no address; text is then "".
 */
int cidr_network(const char *address, char text[CIDR_TEXT_MAX]);

/*
 * Whether the numeric address is in one of the n networks.  An address that
 * cannot be read is in none.
 */
bool cidr_match(const struct cidr *nets, size_t n, const char *address);

/*
 * Whether the numeric address is one that the whole Internet can reach: not
 * loopback, private, link-local, multicast, for documentation or otherwise
 * special (RFC 6890; RFC 6598; RFC 4193), as such or within an IPv6 address
 * that carries an IPv4 one.  What cannot be read is not.
 */
bool cidr_is_public(const char *address);

#endif /* CORE_CIDR_H */
