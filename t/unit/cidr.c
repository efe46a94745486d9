/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Networks: their text, their slips, and who is in them.
 */

#include <string.h>

#include "core/cidr.h"
#include "tap.h"

static const struct {
    const char *sentence;
    const char *in;
    const char *out; /* canonical; NULL: refused */
} text_rows[] = {
    {"an IPv4 network", "192.0.2.0/24", "192.0.2.0/24"},
    {"an IPv4 address is a network of one", "192.0.2.1", "192.0.2.1/32"},
    {"every IPv4 address", "0.0.0.0/0", "0.0.0.0/0"},
    {"a prefix between bytes", "192.0.2.128/25", "192.0.2.128/25"},
    {"an IPv6 network", "2001:db8::/32", "2001:db8::/32"},
    {"an IPv6 address is a network of one", "::1", "::1/128"},
    {"every address", "::/0", "::/0"},
    {"IPv6 in its long form", "2001:0DB8:0:0:0:0:0:1", "2001:db8::1/128"},
    {"an IPv4-mapped network is an IPv4 network", "::ffff:192.0.2.0/120",
     "192.0.2.0/24"},
    {"nothing is refused", "", NULL},
    {"a slash alone is refused", "/", NULL},
    {"a prefix alone is refused", "/24", NULL},
    {"no prefix behind the slash is refused", "192.0.2.0/", NULL},
    {"a prefix over 32 is refused", "192.0.2.0/33", NULL},
    {"a prefix over 128 is refused", "2001:db8::/129", NULL},
    {"a prefix of four digits is refused", "192.0.2.0/0024", NULL},
    {"a prefix that would wrap is refused", "192.0.2.0/4294967320", NULL},
    {"a negative prefix is refused", "192.0.2.0/-1", NULL},
    {"a prefix with a sign is refused", "192.0.2.0/+24", NULL},
    {"a netmask is refused", "192.0.2.0/255.255.255.0", NULL},
    {"two prefixes are refused", "192.0.2.0/24/24", NULL},
    {"a space is refused", "192.0.2.0 /24", NULL},
    {"a space behind is refused", "192.0.2.0/24 ", NULL},
    {"three numbers are refused", "192.0.2/24", NULL},
    {"a number over 255 is refused", "192.0.256.0/24", NULL},
    {"a number with a leading zero is refused", "192.0.02.0/24", NULL},
    {"a hexadecimal number is refused", "0xc0.0.2.0/24", NULL},
    {"a host name is refused", "localhost", NULL},
    {"an address with a port is refused", "192.0.2.1:80", NULL},
    {"an address in brackets is refused", "[::1]", NULL},
    {"an address with a zone is refused", "fe80::1%eth0", NULL},
    {"a word is refused", "any", NULL},
    {"bits beyond an IPv4 prefix are refused", "192.0.2.1/24", NULL},
    {"one bit beyond the prefix is refused", "192.0.2.64/25", NULL},
    {"bits beyond an IPv6 prefix are refused", "2001:db8::1/32", NULL},
    {"an address before 0 bits is refused", "192.0.2.0/0", NULL},
    {"a very long text is refused",
     "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff:2001:db8:aaaa:bbbb:cccc:dddd",
     NULL},
};

static const struct {
    const char *sentence;
    const char *nets[3];
    const char *address;
    bool inside;
} match_rows[] = {
    {"the first address of a network", {"192.0.2.0/24"}, "192.0.2.0", true},
    {"the last address of a network", {"192.0.2.0/24"}, "192.0.2.255", true},
    {"the address before", {"192.0.2.0/24"}, "192.0.1.255", false},
    {"the address behind", {"192.0.2.0/24"}, "192.0.3.0", false},
    {"a single address", {"192.0.2.1"}, "192.0.2.1", true},
    {"the address beside a single one", {"192.0.2.1"}, "192.0.2.2", false},
    {"the last of half a byte", {"192.0.2.128/25"}, "192.0.2.255", true},
    {"the one before half a byte", {"192.0.2.128/25"}, "192.0.2.127", false},
    {"a prefix of 31 bits", {"192.0.2.2/31"}, "192.0.2.3", true},
    {"beside a prefix of 31 bits", {"192.0.2.2/31"}, "192.0.2.4", false},
    {"a prefix of one bit", {"128.0.0.0/1"}, "200.1.2.3", true},
    {"beside a prefix of one bit", {"128.0.0.0/1"}, "127.255.255.255",
     false},
    {"the second network", {"10.0.0.0/8", "192.0.2.0/24"}, "192.0.2.9",
     true},
    {"the third network", {"10.0.0.0/8", "192.0.2.0/24", "::1"}, "::1",
     true},
    {"none of three", {"10.0.0.0/8", "192.0.2.0/24", "::1"}, "::2", false},
    {"no network has nobody in it", {NULL}, "192.0.2.1", false},
    {"an IPv6 network", {"2001:db8::/32"}, "2001:db8:1::1", true},
    {"beside an IPv6 network", {"2001:db8::/32"}, "2001:db9::1", false},
    {"an IPv4-mapped address is in the IPv4 network", {"192.0.2.0/24"},
     "::ffff:192.0.2.1", true},
    {"an IPv4-compatible address is not", {"192.0.2.0/24"}, "::192.0.2.1",
     false},
    {"every IPv4 address has no IPv6 address", {"0.0.0.0/0"}, "2001:db8::1",
     false},
    {"no address is in none", {"0.0.0.0/0", "::/0"}, "", false},
    {"a host name is in none", {"0.0.0.0/0", "::/0"}, "localhost", false},
    {"an address with a port is in none", {"0.0.0.0/0", "::/0"},
     "192.0.2.1:80", false},
    {"two addresses are in none", {"0.0.0.0/0", "::/0"},
     "192.0.2.1, 192.0.2.2", false},
};

/* Whether it is public; the first and the last of each special network, and
 * what is beside it. */
static const struct {
    const char *address;
    bool is_public;
} public_rows[] = {
    {"1.1.1.1", true},
    {"93.184.216.34", true},
    {"0.0.0.0", false},
    {"0.255.255.255", false},
    {"1.0.0.0", true},
    {"9.255.255.255", true},
    {"10.0.0.0", false},
    {"10.255.255.255", false},
    {"11.0.0.0", true},
    {"100.63.255.255", true},
    {"100.64.0.0", false},
    {"100.127.255.255", false},
    {"100.128.0.0", true},
    {"126.255.255.255", true},
    {"127.0.0.0", false},
    {"127.0.0.1", false},
    {"127.255.255.255", false},
    {"128.0.0.0", true},
    {"169.253.255.255", true},
    {"169.254.0.0", false},
    {"169.254.169.254", false}, /* the metadata service of clouds */
    {"169.254.255.255", false},
    {"169.255.0.0", true},
    {"172.15.255.255", true},
    {"172.16.0.0", false},
    {"172.31.255.255", false},
    {"172.32.0.0", true},
    {"191.255.255.255", true},
    {"192.0.0.0", false},
    {"192.0.0.170", false},
    {"192.0.0.255", false},
    {"192.0.1.0", true},
    {"192.0.2.1", false},
    {"192.0.3.0", true},
    {"192.31.196.1", false},
    {"192.52.193.1", false},
    {"192.88.98.255", true},
    {"192.88.99.1", false},
    {"192.88.100.0", true},
    {"192.167.255.255", true},
    {"192.168.0.0", false},
    {"192.168.255.255", false},
    {"192.169.0.0", true},
    {"192.175.48.6", false},
    {"198.17.255.255", true},
    {"198.18.0.0", false},
    {"198.19.255.255", false},
    {"198.20.0.0", true},
    {"198.51.100.7", false},
    {"203.0.112.255", true},
    {"203.0.113.7", false},
    {"203.0.114.0", true},
    {"223.255.255.255", true},
    {"224.0.0.1", false},
    {"239.255.255.255", false},
    {"240.0.0.1", false},
    {"255.255.255.255", false},
    {"2606:4700:4700::1111", true},
    {"2a00::1", true},
    {"2000::1", true},
    {"3ffe:ffff::1", true},
    {"::", false},
    {"::1", false},
    {"::2", false},
    {"1fff:ffff::1", false},
    {"4000::1", false},
    {"5f00::1", false},
    {"100::1", false},
    {"fc00::1", false},
    {"fdff:ffff::1", false},
    {"fe80::1", false},
    {"febf::1", false},
    {"fec0::1", false},
    {"ff02::1", false},
    {"ff0e::1", false},
    {"2001::1", false},
    {"2001:0:4136:e378:8000:63bf:3fff:fdd2", false}, /* Teredo */
    {"2001:2::1", false},
    {"2001:20::1", false},
    {"2001:1ff:ffff::1", false},
    {"2001:200::1", true},
    {"2001:db7:ffff::1", true},
    {"2001:db8::1", false},
    {"2001:db9::1", true},
    {"2620:4f:8000::1", false},
    {"3ffe::1", true},
    {"3fff::1", false},
    {"3fff:fff:ffff::1", false},
    {"3fff:1000::1", true},
    {"::ffff:1.1.1.1", true},
    {"::ffff:127.0.0.1", false},
    {"::ffff:7f00:1", false},
    {"::ffff:10.0.0.1", false},
    {"::ffff:169.254.169.254", false},
    {"::ffff:0:0", false},
    {"::1.1.1.1", false},
    {"::127.0.0.1", false},
    {"::ffff:0:127.0.0.1", false},
    {"64:ff9b::1.1.1.1", true},
    {"64:ff9b::127.0.0.1", false},
    {"64:ff9b::192.168.0.1", false},
    {"64:ff9b::a9fe:a9fe", false},
    {"64:ff9b:1::1.1.1.1", false},
    {"64:ff9b::1:1.1.1.1", false},
    {"2002:101:101::1", true},
    {"2002:7f00:1::", false},
    {"2002:a00:1::1", false},
    {"2002:c0a8:1::1", false},
    {"2002:a9fe:a9fe::1", false},
    {"2003::1", true},
    {"", false},
    {"localhost", false},
    {"example.org", false},
    {"1.1.1.1 ", false},
    {" 1.1.1.1", false},
    {"1.1.1.1:443", false},
    {"1.1.1", false},
    {"16843009", false},
    {"0x1.1.1.1", false},
    {"01.1.1.1", false},
    {"1.1.1.1/32", false},
    {"[2606:4700:4700::1111]", false},
    {"2606:4700:4700::1111%eth0", false},
    {"fe80::1%eth0", false},
};

static void
test_text(size_t row)
{
    struct errtext why = {.text = ""};
    struct cidr net, again;
    char text[CIDR_TEXT_MAX] = "";
    int rc = cidr_parse(&net, text_rows[row].in, &why);

    if (text_rows[row].out == NULL) {
        tap_ok(rc == -1 && why.text[0] != '\0', "%s",
               text_rows[row].sentence);
        return;
    }
    tap_is_int(0, rc, "%s", text_rows[row].sentence);
    cidr_text(&net, text);
    tap_is_str(text_rows[row].out, text, "%s: its text",
               text_rows[row].sentence);
    tap_ok(cidr_parse(&again, text, NULL) == 0 && again.bits == net.bits
               && memcmp(again.addr, net.addr, sizeof(net.addr)) == 0,
           "%s: its text is the same network", text_rows[row].sentence);
}

static void
test_match(size_t row)
{
    struct cidr nets[3];
    size_t n = 0;

    while (n < LEN(nets) && match_rows[row].nets[n] != NULL) {
        if (cidr_parse(&nets[n], match_rows[row].nets[n], NULL) != 0)
            tap_ok(false, "%s: its network", match_rows[row].sentence);
        n++;
    }
    tap_ok(cidr_match(nets, n, match_rows[row].address)
               == match_rows[row].inside,
           "%s", match_rows[row].sentence);
}

/* The one form of an address, or NULL when it is none. */
static const struct {
    const char *in;
    const char *out;
} address_rows[] = {
    {"192.0.2.1", "192.0.2.1"},
    {"::ffff:192.0.2.1", "192.0.2.1"},
    {"::ffff:c000:201", "192.0.2.1"},
    {"0:0::FFFF:192.0.2.1", "192.0.2.1"},
    {"2001:DB8:0::0:1", "2001:db8::1"},
    {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
    {"::", "::"},
    {"0.0.0.0", "0.0.0.0"},
    {"", NULL},
    {"192.0.2.1/32", NULL},
    {"192.0.2.01", NULL},
    {"192.0.2.1 ", NULL},
    {" 192.0.2.1", NULL},
    {"[2001:db8::1]", NULL},
    {"fe80::1%eth0", NULL},
    {"unix:", NULL},
    {"localhost", NULL},
};

static void
test_address(size_t row)
{
    const char *in = address_rows[row].in, *out = address_rows[row].out;
    char text[CIDR_TEXT_MAX] = "?";

    tap_is_int(out != NULL ? 0 : -1, cidr_address(in, text),
               "\"%s\" is %s address", in, out != NULL ? "an" : "no");
    tap_is_str(out != NULL ? out : "", text, "  in that form");
}

/* What network it stands for, as a whole. */
static const struct {
    const char *in;
    const char *out;
} network_rows[] = {
    {"192.0.2.1", "192.0.2.1"},
    {"::ffff:192.0.2.1", "192.0.2.1"},
    {"2001:db8:0:1:2:3:4:5", "2001:db8:0:1::/64"},
    {"2001:db8::1", "2001:db8::/64"},
    {"::1", "::/64"},
    {"64:ff9b::192.0.2.1", "64:ff9b::/64"},
    {"", NULL},
    {"unix:", NULL},
    {"2001:db8::/64", NULL},
};

static void
test_network(size_t row)
{
    const char *in = network_rows[row].in, *out = network_rows[row].out;
    char text[CIDR_TEXT_MAX] = "?";

    tap_is_int(out != NULL ? 0 : -1, cidr_network(in, text),
               "\"%s\" has %s network", in, out != NULL ? "a" : "no");
    tap_is_str(out != NULL ? out : "", text, "  which is that");
}

int
main(void)
{
    size_t i;

    for (i = 0; i < LEN(address_rows); i++)
        test_address(i);
    for (i = 0; i < LEN(network_rows); i++)
        test_network(i);

    for (i = 0; i < LEN(text_rows); i++)
        test_text(i);
    for (i = 0; i < LEN(match_rows); i++)
        test_match(i);
    for (i = 0; i < LEN(public_rows); i++)
        tap_ok(cidr_is_public(public_rows[i].address)
                   == public_rows[i].is_public,
               "\"%s\" is %spublic", public_rows[i].address,
               public_rows[i].is_public ? "" : "not ");
    return tap_done();
}
