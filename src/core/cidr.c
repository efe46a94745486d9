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

/*
 * What the registries of special addresses (RFC 6890) have in 0.0.0.0/0 and
 * 2000::/3; a few of these are reachable, but nobody publishes there.
 */
static const char *const special[] = {
    "0.0.0.0/8",       /* this host (RFC 1122, 3.2.1.3) */
    "10.0.0.0/8",      /* private (RFC 1918) */
    "100.64.0.0/10",   /* behind a carrier's NAT (RFC 6598) */
    "127.0.0.0/8",     /* loopback (RFC 1122, 3.2.1.3) */
    "169.254.0.0/16",  /* link-local (RFC 3927) */
    "172.16.0.0/12",   /* private (RFC 1918) */
    "192.0.0.0/24",    /* of protocols (RFC 6890, 2.1) */
    "192.0.2.0/24",    /* documentation (RFC 5737) */
    "192.31.196.0/24", /* AS112 (RFC 7535) */
    "192.52.193.0/24", /* AMT (RFC 7450) */
    "192.88.99.0/24",  /* 6to4 relays (RFC 7526) */
    "192.168.0.0/16",  /* private (RFC 1918) */
    "192.175.48.0/24", /* AS112 (RFC 7534) */
    "198.18.0.0/15",   /* benchmarks (RFC 2544) */
    "198.51.100.0/24", /* documentation (RFC 5737) */
    "203.0.113.0/24",  /* documentation (RFC 5737) */
    "224.0.0.0/3",     /* multicast, reserved, broadcast */
    "2001::/23",       /* of protocols (RFC 2928), Teredo among them */
    "2001:db8::/32",   /* documentation (RFC 3849) */
    "2620:4f:8000::/48", /* AS112 (RFC 7534) */
    "3fff::/20",       /* documentation (RFC 9637) */
};

/* Networks of IPv6 whose addresses carry one of IPv4, and at which byte. */
static const struct {
    const char *net;
    size_t at;
} carriers[] = {
    {"64:ff9b::/96", 12}, /* NAT64 (RFC 6052) */
    {"2002::/16", 2},     /* 6to4 (RFC 3056) */
};

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

int
cidr_address(const char *address, char text[CIDR_TEXT_MAX])
{
    struct cidr net = {.bits = 128};
    size_t len;

    text[0] = '\0';
    if (read_address(net.addr, address) == 0)
        return -1;
    cidr_text(&net, text);
    len = strcspn(text, "/");
    text[len] = '\0';
    return 0;
}

int
cidr_network(const char *address, char text[CIDR_TEXT_MAX])
{
    struct cidr net = {.bits = 64};

    if (cidr_address(address, text) != 0 || strchr(text, ':') == NULL)
        return text[0] != '\0' ? 0 : -1;
    (void) read_address(net.addr, address);
    memset(net.addr + 8, 0, 8);
    cidr_text(&net, text);
    return 0;
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

static bool
is_within(const char *text, const unsigned char addr[16])
{
    struct cidr net;

    return cidr_parse(&net, text, NULL) == 0 && matches(&net, addr);
}

/* Replace an IPv6 address that carries an IPv4 one by that. */
static void
unwrap(unsigned char addr[16])
{
    size_t i;

    for (i = 0; i < sizeof(carriers) / sizeof(carriers[0]); i++) {
        if (is_within(carriers[i].net, addr)) {
            memmove(addr + 12, addr + carriers[i].at, 4);
            memcpy(addr, v4_prefix, sizeof(v4_prefix));
            return;
        }
    }
}

bool
cidr_is_public(const char *address)
{
    unsigned char addr[16];
    size_t i;

    if (read_address(addr, address) == 0)
        return false;
    unwrap(addr);
    /* Of IPv6, nothing but 2000::/3 is global unicast (RFC 4291, 2.4). */
    if (memcmp(addr, v4_prefix, sizeof(v4_prefix)) != 0
        && (addr[0] & 0xe0) != 0x20)
        return false;
    for (i = 0; i < sizeof(special) / sizeof(special[0]); i++) {
        if (is_within(special[i], addr))
            return false;
    }
    return true;
}
