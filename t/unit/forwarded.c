/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Where a request comes from, when proxies have handed it on.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/forwarded.h"
#include "../lib/tap.h"

#define PROXY "10.0.0.1"
#define X FORWARDED_X_FOR
#define F FORWARDED_RFC7239

static char proxy_v4[] = "10.0.0.0/24", proxy_v6[] = "2001:db8:1::/48";
static char *const proxies[] = {proxy_v4, proxy_v6};

struct row {
    const char *sentence;
    enum forwarded_field field;
    const char *from; /* REMOTE_ADDR; NULL: that of a proxy */
    const char *text; /* of the field; NULL: absent */
    const char *origin;
};

static const struct row known[] = {
    {"without the key no field is read", FORWARDED_NONE, NULL, "192.0.2.1",
     PROXY},
    {"an address", X, NULL, "192.0.2.1", "192.0.2.1"},
    {"one of IPv6", X, NULL, "2001:db8::1", "2001:db8::1"},
    {"in its one form", X, NULL, "2001:DB8:0:0::0:01", "2001:db8::1"},
    {"one of IPv6 in brackets", X, NULL, "[2001:db8::1]", "2001:db8::1"},
    {"with a port", X, NULL, "[2001:db8::1]:65535", "2001:db8::1"},
    {"one of IPv4 with a port", X, NULL, "192.0.2.1:443", "192.0.2.1"},
    {"one of IPv4 within IPv6", X, NULL, "::ffff:192.0.2.1", "192.0.2.1"},
    {"that in brackets", X, NULL, "[::ffff:c000:201]:1", "192.0.2.1"},
    {"blanks around it", X, NULL, " \t192.0.2.1\t ", "192.0.2.1"},
    {"the last of two", X, NULL, "198.51.100.1, 192.0.2.1", "192.0.2.1"},
    {"without a blank", X, NULL, "198.51.100.1,192.0.2.1", "192.0.2.1"},
    {"behind a proxy's", X, NULL, "198.51.100.1, 192.0.2.1, 10.0.0.2",
     "192.0.2.1"},
    {"behind two of them", X, NULL,
     "198.51.100.1, 192.0.2.1, 2001:db8:1::2, 10.0.0.2", "192.0.2.1"},
    {"behind a proxy's with a port", X, NULL, "192.0.2.1, 10.0.0.2:8080",
     "192.0.2.1"},
    {"behind a proxy's within IPv6", X, NULL, "192.0.2.1, ::ffff:10.0.0.2",
     "192.0.2.1"},
    {"not that of a proxy before another's", X, NULL, "10.0.0.2, 192.0.2.1",
     "192.0.2.1"},
    {"the first, when all are proxies'", X, NULL, "10.0.0.4, 10.0.0.3",
     "10.0.0.4"},
    {"whatever stands before it", X, NULL, "unknown, \"\xff;, 192.0.2.1",
     "192.0.2.1"},
    {"even nothing", X, NULL, ", 192.0.2.1", "192.0.2.1"},
    {"a proxy of IPv6", X, "2001:db8:1::9", "192.0.2.1", "192.0.2.1"},
    {"a proxy of IPv4 within IPv6", X, "::ffff:10.0.0.1", "192.0.2.1",
     "192.0.2.1"},

    {"for=", F, NULL, "for=192.0.2.1", "192.0.2.1"},
    {"For=", F, NULL, "For=192.0.2.1", "192.0.2.1"},
    {"for= in quotes", F, NULL, "for=\"192.0.2.1\"", "192.0.2.1"},
    {"with a port", F, NULL, "for=\"192.0.2.1:80\"", "192.0.2.1"},
    {"with an obfuscated port", F, NULL, "for=\"192.0.2.1:_p.-1\"",
     "192.0.2.1"},
    {"IPv6", F, NULL, "for=\"[2001:db8::1]\"", "2001:db8::1"},
    {"IPv6 with a port", F, NULL, "for=\"[2001:db8::1]:4711\"",
     "2001:db8::1"},
    {"with escapes", F, NULL, "for=\"\\1\\92.0.2.1\"", "192.0.2.1"},
    {"among other pairs", F, NULL,
     "by=203.0.113.1;for=192.0.2.1;proto=https;host=\"a,b;for=x\"",
     "192.0.2.1"},
    {"with blanks between them", F, NULL, "proto=https ; for=192.0.2.1; by=_x",
     "192.0.2.1"},
    {"beside a host that lacks its quotes", F, NULL,
     "for=192.0.2.1;host=a.example:8080", "192.0.2.1"},
    {"beside a pair of another name", F, NULL, "x-y=1;for=192.0.2.1",
     "192.0.2.1"},
    {"with a semicolon behind it", F, NULL, "for=192.0.2.1;", "192.0.2.1"},
    {"the last of two elements", F, NULL, "for=198.51.100.1, for=192.0.2.1",
     "192.0.2.1"},
    {"behind a proxy's element", F, NULL,
     "for=192.0.2.1;proto=https, for=\"[2001:db8:1::2]:1\";by=10.0.0.1",
     "192.0.2.1"},
    {"a comma and a quote within quotes", F, NULL,
     "for=192.0.2.1, host=\"a\\\",for=198.51.100.1\";for=10.0.0.2",
     "192.0.2.1"},
    {"whatever stands before it", F, NULL, "unknown, for=\", for=192.0.2.1",
     "192.0.2.1"},
    {"an open quote does not reach it", F, NULL,
     "for=\"198.51.100.1, for=192.0.2.1", "192.0.2.1"},
    {"an escape does not reach it", F, NULL,
     "for=198.51.100.1\\, for=\"192.0.2.1\"", "192.0.2.1"},

    {"an address that is no proxy's stays", X, "192.0.2.9", "198.51.100.1",
     "192.0.2.9"},
    {"with Forwarded, too", F, "192.0.2.9", "for=198.51.100.1", "192.0.2.9"},
    {"and without", X, "192.0.2.9", NULL, "192.0.2.9"},
    {"in its one form", X, "::ffff:192.0.2.9", NULL, "192.0.2.9"},
    {"what is no address stays", X, "unix:", "198.51.100.1", "unix:"},
    {"as nothing does", X, "", "198.51.100.1", ""},
};

/* Nobody knows; the text is the reason's. */
static const struct row unknown[] = {
    {"no field", X, NULL, NULL, "the proxy sent no X-Forwarded-For"},
    {"no Forwarded", F, NULL, NULL, "the proxy sent no Forwarded"},
    {"an empty field", X, NULL, "", "X-Forwarded-For: \"\" tells no address"},
    {"blanks", X, NULL, " \t", "X-Forwarded-For: \"\" tells no address"},
    {"nothing at the end", X, NULL, "192.0.2.1, ",
     "X-Forwarded-For: \"\" tells no address"},
    {"a comma alone", X, NULL, ",", "X-Forwarded-For: \"\" tells no address"},
    {"nothing behind a proxy's", X, NULL, "192.0.2.1,,10.0.0.2",
     "X-Forwarded-For: \"\" tells no address"},
    {"unknown", X, NULL, "unknown",
     "X-Forwarded-For: \"unknown\" tells no address"},
    {"unknown at the end", X, NULL, "192.0.2.1, unknown", NULL},
    {"unknown behind a proxy's", X, NULL, "192.0.2.1, unknown, 10.0.0.2",
     NULL},
    {"an obfuscated one", X, NULL, "_hidden", NULL},
    {"a name", X, NULL, "localhost", NULL},
    {"a name of the proxy's", X, NULL, "192.0.2.1, proxy, 10.0.0.2", NULL},
    {"three numbers", X, NULL, "192.0.2", NULL},
    {"five numbers", X, NULL, "192.0.2.1.1", NULL},
    {"a number that is too large", X, NULL, "192.0.2.256", NULL},
    {"an octal one", X, NULL, "192.0.2.01", NULL},
    {"a hexadecimal one", X, NULL, "0xc0000201", NULL},
    {"a whole number", X, NULL, "3221225985", NULL},
    {"a network", X, NULL, "192.0.2.0/24", NULL},
    {"two with a blank between", X, NULL, "192.0.2.1 192.0.2.2", NULL},
    {"two with a semicolon between", X, NULL, "192.0.2.1;192.0.2.2", NULL},
    {"in quotes", X, NULL, "\"192.0.2.1\"", NULL},
    {"with for=", X, NULL, "for=192.0.2.1", NULL},
    {"an empty port", X, NULL, "192.0.2.1:", NULL},
    {"a port of six digits", X, NULL, "192.0.2.1:123456", NULL},
    {"a port that is none", X, NULL, "192.0.2.1:http", NULL},
    {"an obfuscated port", X, NULL, "192.0.2.1:_p", NULL},
    {"IPv4 in brackets", X, NULL, "[192.0.2.1]", NULL},
    {"IPv4 in brackets with a port", X, NULL, "[192.0.2.1]:80", NULL},
    {"an open bracket", X, NULL, "[2001:db8::1", NULL},
    {"a bracket too many", X, NULL, "2001:db8::1]", NULL},
    {"something behind the bracket", X, NULL, "[2001:db8::1]80", NULL},
    {"an empty port behind it", X, NULL, "[2001:db8::1]:", NULL},
    {"empty brackets", X, NULL, "[]:80", NULL},
    {"a zone", X, NULL, "fe80::1%eth0", NULL},
    {"a zone in brackets", X, NULL, "[fe80::1%25eth0]", NULL},
    {"two double colons", X, NULL, "2001::db8::1", NULL},
    {"bytes", X, NULL, "\x01\xff", NULL},
    {"a newline", X, NULL, "192.0.2.1\n", NULL},
    {"what is too long", X, NULL,
     "0000000000000000000000000000000000000000000000000000000000000000"
     "0000000000000000000000000000000000000000000000000000000000000001",
     NULL},

    {"unknown", F, NULL, "for=unknown",
     "Forwarded: \"for=unknown\" tells no address"},
    {"an obfuscated one", F, NULL, "for=_hidden", NULL},
    {"an obfuscated one in quotes", F, NULL, "for=\"_SEVKISEK\"", NULL},
    {"unknown with a port", F, NULL, "for=\"unknown:80\"", NULL},
    {"unknown behind a proxy's", F, NULL,
     "for=192.0.2.1, for=unknown, for=10.0.0.2", NULL},
    {"an address alone", F, NULL, "192.0.2.1", NULL},
    {"no for", F, NULL, "by=192.0.2.1;proto=https", NULL},
    {"no for behind one", F, NULL, "for=192.0.2.1, proto=https", NULL},
    {"two of them", F, NULL, "for=192.0.2.1;for=192.0.2.1", NULL},
    {"two, one in capitals", F, NULL, "for=192.0.2.1;FOR=198.51.100.1", NULL},
    {"a name that begins so", F, NULL, "forx=192.0.2.1", NULL},
    {"a name that ends so", F, NULL, "xfor=192.0.2.1", NULL},
    {"an empty one", F, NULL, "for=", NULL},
    {"an empty one in quotes", F, NULL, "for=\"\"", NULL},
    {"a blank before the sign", F, NULL, "for =192.0.2.1", NULL},
    {"a blank behind it", F, NULL, "for= 192.0.2.1", NULL},
    {"blanks within the quotes", F, NULL, "for=\" 192.0.2.1\"", NULL},
    {"an open quote", F, NULL, "for=\"192.0.2.1", NULL},
    {"a quote too many", F, NULL, "for=192.0.2.1\"", NULL},
    {"an escape at the end", F, NULL, "for=\"192.0.2.1\\", NULL},
    {"an escaped quote at the end", F, NULL, "for=\"192.0.2.1\\\"", NULL},
    {"a port without quotes", F, NULL, "for=192.0.2.1:80", NULL},
    {"IPv6 without quotes", F, NULL, "for=[2001:db8::1]", NULL},
    {"IPv6 without brackets", F, NULL, "for=\"2001:db8::1\"", NULL},
    {"a port of six digits", F, NULL, "for=\"192.0.2.1:123456\"", NULL},
    {"an empty port", F, NULL, "for=\"192.0.2.1:\"", NULL},
    {"an empty obfuscated port", F, NULL, "for=\"192.0.2.1:_\"", NULL},
    {"a port of other characters", F, NULL, "for=\"192.0.2.1:_a b\"", NULL},
    {"something behind the pair", F, NULL, "for=192.0.2.1 x", NULL},
    {"a pair without a value", F, NULL, "for=192.0.2.1;proto", NULL},
    {"a pair without a name", F, NULL, "=x;for=192.0.2.1", NULL},
    {"two semicolons", F, NULL, "for=192.0.2.1;;proto=https", NULL},
    {"another pair that is broken", F, NULL, "for=192.0.2.1;host=\"a", NULL},
    {"a value that is too long", F, NULL,
     "for=192.0.2.1;host=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
     NULL},
    {"a quote that opens before a proxy's", F, NULL,
     "for=192.0.2.1, for=\"x, for=10.0.0.2", NULL},
};

static struct policy policy;

static void
make_policy(void)
{
    policy.n_proxies = sizeof(proxies) / sizeof(proxies[0]);
    policy.proxy_nets = calloc(policy.n_proxies, sizeof(struct cidr));
    if (policy.proxy_nets == NULL)
        abort();
    for (size_t i = 0; i < policy.n_proxies; i++) {
        if (cidr_parse(&policy.proxy_nets[i], proxies[i], NULL) != 0)
            tap_diag("%s is no network", proxies[i]);
    }
}

/* The origin, copied, by the variables. */
static const char *
ask(enum forwarded_field field, const char *from, char *const *env,
    struct errtext *why)
{
    static char got[CIDR_TEXT_MAX];
    char buf[CIDR_TEXT_MAX];
    struct request rq = {.remote_addr = from != NULL ? from : PROXY,
                         .env = env};

    policy.forwarded = field;
    why->text[0] = '\0';
    snprintf(got, sizeof(got), "%s", forwarded_origin(&policy, &rq, buf, why));
    return got;
}

/* The field of the row, among others that are not to be read. */
static const char *
ask_row(const struct row *row, struct errtext *why)
{
    char variable[1024], other[] = "HTTP_FORWARDED_FOR=203.0.113.9",
         wrong[] = "HTTP_X_FORWARDED_FORX=203.0.113.9", *env[4];
    size_t n = 0;

    snprintf(variable, sizeof(variable), "HTTP_%s=%s",
             row->field == F ? "FORWARDED" : "X_FORWARDED_FOR",
             row->text != NULL ? row->text : "");
    env[n++] = other;
    if (row->text != NULL)
        env[n++] = variable;
    env[n++] = wrong;
    env[n] = NULL;
    return ask(row->field, row->from, env, why);
}

static void
test_rows(void)
{
    struct errtext why;
    size_t i;

    for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        tap_is_str(known[i].origin, ask_row(&known[i], &why), "known: %s",
                   known[i].sentence);
        tap_is_str("", why.text, "  without a reason");
    }
    for (i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
        tap_is_str("", ask_row(&unknown[i], &why), "unknown: %s",
                   unknown[i].sentence);
        if (unknown[i].origin != NULL)
            tap_is_str(unknown[i].origin, why.text, "  for that reason");
        else
            tap_ok(why.text[0] != '\0', "  for a reason");
    }
}

static void
test_two_fields(void)
{
    char x[] = "HTTP_X_FORWARDED_FOR=192.0.2.1", f[] = "HTTP_FORWARDED=for=_x",
         again[] = "HTTP_X_FORWARDED_FOR=192.0.2.1";
    char *both[] = {x, f, NULL}, *twice[] = {x, again, NULL};
    struct errtext why;

    tap_is_str("192.0.2.1", ask(X, NULL, both, &why),
               "the other field is not read");
    tap_is_str("", ask(F, NULL, both, &why), "neither that way round");
    tap_is_str("", ask(X, NULL, twice, &why), "two variables of one name");
    tap_is_str("the proxy's X-Forwarded-For came more than once", why.text,
               "  for that reason");
    tap_is_str("192.0.2.9", ask(X, "192.0.2.9", twice, &why),
               "of who is no proxy they do not matter");
    tap_is_str("the proxy sent no Forwarded",
               (ask(F, NULL, twice, &why), why.text),
               "one field does not stand for the other");
    tap_is_str("", ask(X, NULL, NULL, &why), "no variables at all");
}

static void
test_hops(void)
{
    char text[4096] = "HTTP_X_FORWARDED_FOR=192.0.2.1";
    char *env[] = {text, NULL};
    struct errtext why;
    size_t len = strlen(text), i;

    for (i = 0; i < FORWARDED_HOPS_MAX; i++)
        len += (size_t) snprintf(text + len, sizeof(text) - len, ", 10.0.0.2");
    tap_is_str("192.0.2.1", ask(X, NULL, env, &why), "%d proxies",
               FORWARDED_HOPS_MAX);
    snprintf(text + len, sizeof(text) - len, ",10.0.0.3");
    tap_is_str("", ask(X, NULL, env, &why), "one more");
    tap_is_str("more than 32 proxies in X-Forwarded-For", why.text,
               "  for that reason");
    snprintf(text + len, sizeof(text) - len, ", 198.51.100.1");
    tap_is_str("198.51.100.1", ask(X, NULL, env, &why),
               "those that a client makes up are not counted");
}

int
main(void)
{
    make_policy();
    test_rows();
    test_two_fields();
    test_hops();
    free(policy.proxy_nets);
    return tap_done();
}
