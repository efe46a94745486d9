/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Which URLs are the same.
 */

#include <stdio.h>
#include <string.h>

#include "core/uri.h"
#include "tap.h"

#define AS "https://as.example.org"
#define TOKEN AS "/oauth2/v1/token"

static const struct {
    const char *sentence;
    const char *a, *b;
} same[] = {
    {"itself", TOKEN, TOKEN},
    {"http", "http://as.example.org/token", "http://as.example.org/token"},
    {"scheme in upper case", "HTTPS://as.example.org/oauth2/v1/token", TOKEN},
    {"scheme in mixed case", "hTTps://as.example.org/oauth2/v1/token", TOKEN},
    {"host in upper case", "https://AS.EXAMPLE.ORG/oauth2/v1/token", TOKEN},
    {"port 443 of https", AS ":443/oauth2/v1/token", TOKEN},
    {"port 80 of http", "http://as.example.org:80/token",
     "http://as.example.org/token"},
    {"an empty port (RFC 3986, 6.2.3)", AS ":/oauth2/v1/token", TOKEN},
    {"an empty port and no path", AS ":", AS "/"},
    {"no path and a slash (RFC 3986, 6.2.3)", AS, AS "/"},
    {"no path and a query", AS "?x", AS "/"},
    {"no path and a fragment", AS "#x", AS "/"},
    {"another port", AS ":8443/token", AS ":8443/token"},
    {"a query is left out", TOKEN "?x=y", TOKEN},
    {"an empty query is left out", TOKEN "?", TOKEN},
    {"a fragment is left out", TOKEN "#x", TOKEN},
    {"an empty fragment is left out", TOKEN "#", TOKEN},
    {"query and fragment are left out", TOKEN "?x/../?y#z?/", TOKEN},
    {"escapes in query and fragment are left out", TOKEN "?%41#%c3", TOKEN},
    {"two queries that differ", TOKEN "?x", TOKEN "?y"},
    {"all at once", "HTTPS://AS.Example.ORG:443/oauth2/v1/token?x#y", TOKEN},

    {"%7E is a tilde", AS "/%7Ebatch", AS "/~batch"},
    {"%7e is a tilde", AS "/%7ebatch", AS "/~batch"},
    {"escapes of letters and digits", AS "/%6fauth%32/v1/%74oken",
     AS "/oauth2/v1/token"},
    {"escapes of - . _", AS "/a%2Db%2Ec%5Fd", AS "/a-b.c_d"},
    {"escapes of letters keep their case", AS "/%54oken", AS "/Token"},
    {"lower and upper case of other escapes", AS "/a%2fb%c3%a9",
     AS "/a%2Fb%C3%A9"},
    {"an escape is read once", AS "/%2541", AS "/%2541"},
    {"an escape in the host", "https://%61s.example.org/", AS "/"},
    {"an escaped capital in the host", "https://%41s.example.org/", AS "/"},
    {"other escapes in the host", "https://%c3%a9.example/",
     "https://%C3%A9.example/"},
    {"the example of RFC 3986, 6.2.2",
     "HTTP://a/./b/../b/%63/%7bfoo%7d", "http://a/b/c/%7Bfoo%7D"},
    {"the examples of RFC 3986, 6.2.3", "http://example.com:",
     "http://example.com:80/"},

    {"the example of RFC 3986, 5.2.4", AS "/a/b/c/./../../g", AS "/a/g"},
    {"a segment of one dot", AS "/oauth2/./v1/token", TOKEN},
    {"a segment of two dots", AS "/x/../oauth2/v1/token", TOKEN},
    {"two dots beyond the root", AS "/../../oauth2/v1/token", TOKEN},
    {"one dot last", AS "/a/.", AS "/a/"},
    {"two dots last", AS "/a/b/..", AS "/a/"},
    {"two dots last, of one segment", AS "/a/..", AS "/"},
    {"two dots alone", AS "/..", AS},
    {"one dot alone", AS "/.", AS "/"},
    {"two dots behind an empty segment", AS "/a//../b", AS "/a/b"},
    {"escaped dots", AS "/a/b/%2e%2E/%2e/token", AS "/a/token"},
    {"three dots are a name", AS "/a/.../b", AS "/a/.../b"},
    {"dots in a name", AS "/a/..b/c../.d", AS "/a/..b/c../.d"},
    {"dots before a query", AS "/a/..?x", AS "/"},

    {"IPv6 in any case", "https://[2001:DB8::A]/t", "https://[2001:db8::a]/t"},
    {"IPv6 with the port", "https://[::1]:443/t", "https://[::1]/t"},
    {"IPv6 with another port", "https://[::1]:8443", "https://[::1]:8443/"},
    {"IPv6 with IPv4 at the end", "https://[::FFFF:192.0.2.1]/",
     "https://[::ffff:192.0.2.1]/"},
    {"IPv4", "https://192.0.2.1:443/t", "https://192.0.2.1/t"},
    {"sub-delims", AS "/a!$&'()*+,;=:@b", AS "/a!$&'()*+,;=:@b"},
};

static const struct {
    const char *sentence;
    const char *a, *b;
} different[] = {
    {"https and http", "http://as.example.org/", "https://as.example.org/"},
    {"https and http, each with the other's port",
     "http://as.example.org:443/", "https://as.example.org:443/"},
    {"port 80 of https", AS ":80/", AS "/"},
    {"port 443 of http", "http://as.example.org:443/",
     "http://as.example.org/"},
    {"two ports", AS ":8443/", AS ":8444/"},
    {"a port with a zero before", AS ":0443/", AS "/"},
    {"a port that begins as the usual one", AS ":4430/", AS "/"},
    {"a port that is a part of the usual one", AS ":44/", AS "/"},
    {"two hosts", "https://as.example.com/", AS "/"},
    {"a dot behind the host", AS "./", AS "/"},
    {"a host that is longer", "https://as.example.orgs/", AS "/"},
    {"a subdomain", "https://x.as.example.org/", AS "/"},
    {"a path in another case", AS "/Token", AS "/token"},
    {"a slash behind the path", TOKEN "/", TOKEN},
    {"a slash in the midst of it", AS "/oauth2//v1/token", TOKEN},
    {"a slash before it", AS "//oauth2/v1/token", TOKEN},
    {"a path that is longer", TOKEN "s", TOKEN},
    {"a path that is shorter", AS "/oauth2/v1", TOKEN},
    {"%2F is no slash", AS "/oauth2%2fv1/token", TOKEN},
    {"%2541 is not %41", AS "/%2541", AS "/%41"},
    {"%2541 is not A", AS "/%2541", AS "/A"},
    {"%3F begins no query", TOKEN "%3fx", TOKEN},
    {"%23 begins no fragment", TOKEN "%23x", TOKEN},
    {"%00 ends nothing", TOKEN "%00", TOKEN},
    {"%3A begins no port", AS "%3a443/", AS "/"},
    {"a plus is no space", AS "/a+b", AS "/a%20b"},
    {"an escape of a sub-delim is another", AS "/a%21b", AS "/a!b"},
    {"two dots that go too far", AS "/oauth2/v1/../token", TOKEN},
    {"two dots behind an escaped slash", AS "/a%2F../token", AS "/token"},
    {"IPv6 in another notation", "https://[::1]/", "https://[0::1]/"},
    {"IPv6 and IPv4", "https://[::ffff:192.0.2.1]/", "https://192.0.2.1/"},
};

/* What is not even the same as itself. */
static const struct {
    const char *sentence;
    const char *url;
} none[] = {
    {"nothing", ""},
    {"words", "not a url"},
    {"a path", "/oauth2/v1/token"},
    {"no scheme", "as.example.org/token"},
    {"no scheme, with slashes", "//as.example.org/token"},
    {"another scheme", "ftp://as.example.org/token"},
    {"a scheme that begins as one", "httpss://as.example.org/token"},
    {"a URN", "urn:example:as"},
    {"one slash", "https:/as.example.org/token"},
    {"no slash", "https:as.example.org/token"},
    {"backslashes", "https:\\\\as.example.org\\token"},
    {"a space before", " " TOKEN},
    {"a space behind", TOKEN " "},
    {"a space inside", AS "/oauth2 /v1/token"},
    {"a line end behind", TOKEN "\n"},
    {"a tab inside", AS "/oauth2\t/v1/token"},
    {"no host", "https:///token"},
    {"no host, with a port", "https://:443/token"},
    {"nothing but the scheme", "https://"},
    {"no host, with a query", "https://?x"},
    {"user information", "https://batch@as.example.org/token"},
    {"a user and a password", "https://batch:pw@as.example.org/token"},
    {"empty user information", "https://@as.example.org/token"},
    {"user information that looks as a host", AS ":443@evil.example/token"},
    {"user information that looks as a port", AS ":@evil.example/token"},
    {"a port of letters", AS ":https/token"},
    {"a port with a sign", AS ":+443/token"},
    {"a port with letters behind", AS ":443x/token"},
    {"two ports", AS ":443:443/token"},
    {"a backslash behind the host", AS "\\@evil.example/"},
    {"a bracket in the host", "https://as[.example.org/"},
    {"a colon within the host", "https://as::1/"},
    {"a host that is not ASCII", "https://\xc3\xa9.example/"},
    {"a path that is not ASCII", AS "/\xc3\xa9"},
    {"a path with braces", AS "/{token}"},
    {"a path with a quotation mark", AS "/\"token"},
    {"a path with a bar", AS "/a|b"},
    {"a path with a caret", AS "/a^b"},
    {"a path with brackets", AS "/a[b]"},
    {"a path with DEL", AS "/a\x7f"},
    {"an escape without digits", AS "/%"},
    {"an escape with one digit", AS "/%4"},
    {"an escape of other letters", AS "/%zz"},
    {"an escape of one other letter", AS "/%4g"},
    {"an escape of one other capital", AS "/%4G"},
    {"an escape with a sign", AS "/%+1"},
    {"an escape cut by the query", AS "/%4?1"},
    {"a malformed escape in the host", "https://%zz.example.org/"},
    {"an escape at the end of the host", "https://as%/"},
    {"a malformed escape in the query", TOKEN "?%zz"},
    {"a malformed escape in the fragment", TOKEN "#%4"},
    {"a space in the query", TOKEN "?a b"},
    {"two fragments", TOKEN "#a#b"},
    {"IPv6 without an end", "https://[::1/token"},
    {"IPv6 with bytes behind", "https://[::1]x/token"},
    {"IPv6 that is none", "https://[::x]/token"},
    {"IPv6 that is empty", "https://[]/token"},
    {"IPv6 with a zone", "https://[fe80::1%25eth0]/token"},
    {"IPv6 that is too long",
     "https://[0000:0000:0000:0000:0000:0000:192.168.100.100:00000000]/"},
    {"an address of the future", "https://[v1.x]/token"},
    {"IPv4 in brackets", "https://[192.0.2.1]/token"},
    {"IPv6 without brackets", "https://2001:db8::1/token"},
};

enum { LONG = 8192 };

/* Of 8 kB: many segments, many dots, many escapes. */
static void
test_long(void)
{
    static const char *const pieces[] = {
        "/a", "/..", "/.", "//", "/~%7e%2f%C3%a9", "/a/..",
    };
    size_t i;

    for (i = 0; i < LEN(pieces); i++) {
        char url[LONG + 64] = AS, other[LONG + 64];
        size_t n = strlen(url), more = strlen(pieces[i]);

        for (; n + more < LONG; n += more)
            memcpy(url + n, pieces[i], more + 1);
        snprintf(other, sizeof(other), "%s", url);
        tap_ok(uri_is_same(url, other), "8 kB of \"%s\" is itself",
               pieces[i]);
        memcpy(other + n, "/x", 3);
        tap_ok(!uri_is_same(url, other), "8 kB of \"%s\" and more is not",
               pieces[i]);
    }
}

int
main(void)
{
    size_t i;

    for (i = 0; i < LEN(same); i++) {
        tap_ok(uri_is_same(same[i].a, same[i].b), "same: %s",
               same[i].sentence);
        tap_ok(uri_is_same(same[i].b, same[i].a), "and the other way round");
    }
    for (i = 0; i < LEN(different); i++) {
        tap_ok(!uri_is_same(different[i].a, different[i].b),
               "not the same: %s", different[i].sentence);
        tap_ok(!uri_is_same(different[i].b, different[i].a),
               "nor the other way round");
        tap_ok(uri_is_same(different[i].a, different[i].a),
               "but itself: %s", different[i].a);
    }
    for (i = 0; i < LEN(none); i++)
        tap_ok(!uri_is_same(none[i].url, none[i].url), "no URL: %s",
               none[i].sentence);
    test_long();
    return tap_done();
}
