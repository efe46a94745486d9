/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * IP networks in CIDR notation.
 */

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "core/cidr.h"

enum { V4_MAPPED_BITS = 96 };

static const unsigned char v4_prefix[12] = {0, 0, 0, 0, 0,    0,
                                            0, 0, 0, 0, 0xff, 0xff};

/* Returns the bits of the family, 32 or 128, or 0. */
static unsigned
read_address(unsigned char addr[16], const char *text)
{
    if (inet_pton(AF_INET, text, addr + 12) == 1) {
        memcpy(addr, v4_prefix, sizeof(v4_prefix));
        return 32;
    }
    return inet_pton(AF_INET6, text, addr) == 1 ? 128 : 0;
}

static bool
read_bits(unsigned *bits, const char *text)
{
    unsigned value = 0;
    size_t i;

    for (i = 0; text[i] >= '0' && text[i] <= '9' && i < 3; i++)
        value = value * 10 + (unsigned) (text[i] - '0');
    *bits = value;
    return i > 0 && text[i] == '\0';
}

static bool
has_bits_beyond(const struct cidr *net)
{
    unsigned i;

    for (i = net->bits; i < 128; i++) {
        if ((net->addr[i / 8] >> (7 - i % 8) & 1) != 0)
            return true;
    }
    return false;
}

int
cidr_parse(struct cidr *net, const char *text, struct errtext *why)
{
    char address[CIDR_TEXT_MAX];
    const char *slash = strchr(text, '/');
    size_t len = slash != NULL ? (size_t) (slash - text) : strlen(text);
    unsigned family, bits;

    if (len >= sizeof(address))
        return errtext_set(why, "not an IP network: too long");
    memcpy(address, text, len);
    address[len] = '\0';
    family = read_address(net->addr, address);
    if (family == 0)
        return errtext_set(why, "\"%.60s\" is not an IP address or network, "
                                "such as 192.0.2.0/24 or 2001:db8::/32",
                           text);
    bits = family;
    if (slash != NULL && (!read_bits(&bits, slash + 1) || bits > family))
        return errtext_set(why, "\"%.60s\": the prefix length must be a "
                                "number from 0 to %u",
                           text, family);
    net->bits = bits + (family == 32 ? V4_MAPPED_BITS : 0);
    if (has_bits_beyond(net))
        return errtext_set(why, "\"%.60s\" has bits set beyond its prefix",
                           text);
    return 0;
}

void
cidr_text(const struct cidr *net, char text[CIDR_TEXT_MAX])
{
    char address[INET6_ADDRSTRLEN] = "";
    bool v4 = net->bits >= V4_MAPPED_BITS
              && memcmp(net->addr, v4_prefix, sizeof(v4_prefix)) == 0;

    if (v4)
        inet_ntop(AF_INET, net->addr + 12, address, sizeof(address));
    else
        inet_ntop(AF_INET6, net->addr, address, sizeof(address));
    snprintf(text, CIDR_TEXT_MAX, "%s/%u", address,
             v4 ? net->bits - V4_MAPPED_BITS : net->bits);
}

static bool
matches(const struct cidr *net, const unsigned char addr[16])
{
    unsigned whole = net->bits / 8, rest = net->bits % 8;

    if (memcmp(net->addr, addr, whole) != 0)
        return false;
    return rest == 0
           || ((net->addr[whole] ^ addr[whole]) >> (8 - rest)) == 0;
}

bool
cidr_match(const struct cidr *nets, size_t n, const char *address)
{
    unsigned char addr[16];
    size_t i;

    if (read_address(addr, address) == 0)
        return false;
    for (i = 0; i < n; i++) {
        if (matches(&nets[i], addr))
            return true;
    }
    return false;
}
