/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Networks: their text, their slips, and who is in them.
 */

#include <string.h>

#include "core/cidr.h"
#include "tap.h"

#define LEN(array) (sizeof(array) / sizeof((array)[0]))

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

static void
test_text(size_t row)
{
    struct errtext why = {""};
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

int
main(void)
{
    size_t i;

    for (i = 0; i < LEN(text_rows); i++)
        test_text(i);
    for (i = 0; i < LEN(match_rows); i++)
        test_match(i);
    return tap_done();
}
