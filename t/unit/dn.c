/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Reading distinguished names.
 */

#include <stdio.h>
#include <string.h>

#include "core/dn.h"
#include "core/sbuf.h"
#include "tap.h"

/*
 * What is read, as "type=value" with "," or "+" between and each byte of a
 * value as it is.
 */
static const struct {
    const char *sentence;
    const char *text;
    const char *read;
    int n;
} taken[] = {
    {"one attribute", "CN=batch", "CN=batch", 1},
    {"three", "CN=batch,O=Example,C=DE", "CN=batch,O=Example,C=DE", 3},
    {"the order that is written", "C=DE,O=Example,CN=batch",
     "C=DE,O=Example,CN=batch", 3},
    {"types as they are written", "cn=batch,dC=example", "cn=batch,dC=example",
     2},
    {"a type with digits and a hyphen", "x-500-Name=batch",
     "x-500-Name=batch", 1},
    {"a type in numbers", "2.5.4.3=batch", "2.5.4.3=batch", 1},
    {"a type in long numbers", "1.3.6.1.4.1.1466.0=x", "1.3.6.1.4.1.1466.0=x",
     1},

    /* RFC 4514, 4. */
    {"the first example of RFC 4514",
     "UID=jsmith,DC=example,DC=net", "UID=jsmith,DC=example,DC=net", 3},
    {"that with two attributes in one RDN",
     "OU=Sales+CN=J.  Smith,DC=example,DC=net",
     "OU=Sales+CN=J.  Smith,DC=example,DC=net", 4},
    {"that with quotation marks",
     "CN=James \\\"Jim\\\" Smith\\, III,DC=example,DC=net",
     "CN=James \"Jim\" Smith, III,DC=example,DC=net", 3},
    {"that with a carriage return", "CN=Before\\0dAfter,DC=example,DC=net",
     "CN=Before\rAfter,DC=example,DC=net", 3},
    {"that with escaped UTF-8", "CN=Lu\\C4\\8Di\\C4\\87",
     "CN=Lu\xc4\x8di\xc4\x87", 1},

    {"three attributes in one RDN", "CN=a+UID=b+OU=c", "CN=a+UID=b+OU=c", 3},
    {"an RDN of two behind one of one", "CN=a,UID=b+OU=c",
     "CN=a,UID=b+OU=c", 3},
    {"each special character",
     "CN=\\\"\\+\\,\\;\\<\\>\\\\\\=\\#\\ x", "CN=\"+,;<>\\=# x", 1},
    {"a \"#\" first", "CN=\\#1", "CN=#1", 1},
    {"a \"#\" inside needs no escape", "CN=a#1", "CN=a#1", 1},
    {"a \"=\" inside needs no escape", "CN=a=b", "CN=a=b", 1},
    {"a \"=\" first", "CN==a", "CN==a", 1},
    {"a slash inside", "CN=a/b", "CN=a/b", 1},
    {"digits in lower case", "CN=\\c3\\96", "CN=\xc3\x96", 1},
    {"an escape of a letter", "CN=\\62atch", "CN=batch", 1},
    {"a comma in hexadecimal", "CN=a\\2Cb", "CN=a,b", 1},
    {"a reverse solidus in hexadecimal", "CN=\\5C,O=x", "CN=\\,O=x", 2},
    {"raw UTF-8", "CN=Client \xc3\x96ne", "CN=Client \xc3\x96ne", 1},
    {"a letter half raw, half escaped", "CN=\xc3\\96", "CN=\xc3\x96", 1},
    {"U+10FFFF", "CN=\\F4\\8F\\BF\\BF", "CN=\xf4\x8f\xbf\xbf", 1},
    {"what Apache writes",
     "emailAddress=c@x,CN=Client \xc3\x96ne,UID=u1+OU=Dev,"
     "O=Example\\, Inc. \\\"Q\\\",ST=Bayern",
     "emailAddress=c@x,CN=Client \xc3\x96ne,UID=u1+OU=Dev,"
     "O=Example, Inc. \"Q\",ST=Bayern", 6},

    {"spaces behind commas", "CN=batch, O=Example, C=DE",
     "CN=batch,O=Example,C=DE", 3},
    {"spaces around everything", "  CN  =  batch  ,  O = Example  +  C = DE  ",
     "CN=batch,O=Example+C=DE", 3},
    {"spaces inside", "CN=a  b c", "CN=a  b c", 1},
    {"an escaped space first", "CN=\\ batch", "CN= batch", 1},
    {"an escaped space last", "CN=batch\\ ", "CN=batch ", 1},
    {"an escaped space last, and more", "CN=batch \\   , O=x",
     "CN=batch  ,O=x", 2},
    {"a space in hexadecimal last", "CN=batch\\20", "CN=batch ", 1},
    {"an escaped space alone", "CN=\\ ", "CN= ", 1},
    {"spaces before an escaped one", "CN=   \\ batch", "CN= batch", 1},
};

static const struct {
    const char *sentence;
    const char *text;
    const char *reason; /* a part of it */
} refused[] = {
    {"nothing", "", "is empty"},
    {"spaces", "   ", "is empty"},
    {"a word", "batch", "attribute 1 of the name has no \"=\""},
    {"a comma", ",", "attribute 1"},
    {"a plus", "+", "attribute 1"},
    {"a comma behind", "CN=batch,", "attribute 2 of the name has no \"=\""},
    {"a comma before", ",CN=batch", "attribute 1"},
    {"two commas", "CN=batch,,O=x", "attribute 2"},
    {"a plus behind", "CN=batch+", "attribute 2"},
    {"a plus before a comma", "CN=batch+,O=x", "attribute 2"},
    {"a comma in a value without an escape", "CN=a,O=Example, Inc.,C=DE",
     "attribute 3 of the name has no \"=\" (in a value \",\" is written "
     "\"\\,\""},
    {"a plus in a value without an escape", "CN=C++", "attribute 2"},

    {"no type", "=batch", "attribute 1 of the name has a type"},
    {"a type of spaces", "  =batch", "has a type"},
    {"a type with a space", "Common Name=batch", "has a type"},
    {"a type that begins with a hyphen", "-CN=batch", "has a type"},
    {"a type with an underscore", "C_N=batch", "has a type"},
    {"a type that is not ASCII", "\xc3\x96=batch", "has a type"},
    {"a type with an escape", "C\\4E=batch", "has a type"},
    {"a type in quotes", "\"CN\"=batch", "has a type"},
    {"a type with a tab", "\tCN=batch", "has a type"},
    {"a type with OID. before, as in RFC 2253", "OID.2.5.4.3=batch",
     "numbers, as 2.5.4.3"},
    {"a number alone", "2=batch", "has a type"},
    {"numbers with a dot behind", "2.5.=batch", "has a type"},
    {"numbers with a dot before", ".2.5=batch", "has a type"},
    {"numbers with two dots", "2..5=batch", "has a type"},
    {"numbers with a zero before", "2.05=batch", "has a type"},
    {"numbers with letters", "2.5.4.x=batch", "has a type"},
    {"the second type", "CN=batch,=x", "attribute 2 of the name has a type"},
    {"a type of 64 bytes",
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa=x",
     "a type that is too long"},

    {"no value", "CN=", "attribute 1 of the name has no value"},
    {"a value of spaces", "CN=   ", "has no value"},
    {"no value before a comma", "CN=,O=x", "attribute 1 of the name has no"},
    {"no value before a plus", "CN=a+OU=+O=x", "attribute 2 of the name has"},
    {"no value at the end", "CN=a,O=", "attribute 2 of the name has no"},
    {"hexadecimal", "CN=#04024869", "in hexadecimal"},
    {"hexadecimal that is none", "CN=#1", "\"\\#\""},
    {"hexadecimal behind spaces", "CN= #04024869", "in hexadecimal"},
    {"the example of RFC 4514 in hexadecimal",
     "1.3.6.1.4.1.1466.0=#04024869", "in hexadecimal"},
    {"quotes, as lighttpd writes them", "C = DE, O = \"Example, Inc.\"",
     "attribute 2 of the name has a value in quotes"},
    {"a quotation mark inside", "CN=a\"b", "without \"\\\""},
    {"a semicolon between", "CN=a;O=b", "without \"\\\""},
    {"<", "CN=<a", "without \"\\\""},
    {">", "CN=a>", "without \"\\\""},

    {"a reverse solidus last", "CN=a\\", "before something"},
    {"a reverse solidus before a letter", "CN=\\host", "before something"},
    {"one digit", "CN=a\\2", "before something"},
    {"one digit and a comma", "CN=a\\2,O=x", "before something"},
    {"one digit and another letter", "CN=\\2x", "before something"},
    {"one digit and another capital", "CN=\\4G", "before something"},
    {"an escape of another character", "CN=a\\/b", "before something"},
    {"an escape of a quote of one stroke", "CN=a\\'b", "before something"},
    {"an escape as in C", "CN=a\\x41", "before something"},
    {"a line end as in C", "CN=a\\nb", "before something"},
    {"an escape of UTF-8", "CN=\\\xc3\x96", "before something"},
    {"NUL in hexadecimal", "CN=batch\\00.evil", "other than 00"},
    {"a lone byte of UTF-8", "CN=\\C3", "not UTF-8"},
    {"a byte that continues nothing", "CN=\\96", "not UTF-8"},
    {"raw Latin-1", "CN=\xd6ne", "not UTF-8"},
    {"an overlong form", "CN=\\C0\\80", "not UTF-8"},
    {"a surrogate", "CN=\\ED\\A0\\80", "not UTF-8"},
    {"beyond U+10FFFF", "CN=\\F4\\90\\80\\80", "not UTF-8"},
    {"UTF-8 cut by a comma", "CN=\\C3,O=\\96", "attribute 1"},

    {"slashes, as OpenSSL writes them", "/C=DE/ST=Bayern/CN=batch",
     "openssl x509 -noout -subject -nameopt RFC2253"},
    {"slashes behind a space", " /CN=batch", "with commas"},
    {"a slash alone", "/", "with commas"},
};

static void
print(char *text, size_t size, const struct dn_part *parts, int n)
{
    struct sbuf sb;
    int i;

    sbuf_init(&sb, text, size);
    for (i = 0; i < n; i++) {
        sbuf_add(&sb, parts[i].joins ? "+" : i > 0 ? "," : "");
        sbuf_add(&sb, parts[i].type);
        sbuf_add(&sb, "=");
        sbuf_add(&sb, parts[i].value);
    }
}

static void
test_taken(size_t row)
{
    struct dn_part parts[DN_PARTS_MAX];
    struct errtext why = {.text = ""};
    char text[DN_TEXT_MAX + 1];
    int n;

    memset(parts, 0xee, sizeof(parts));
    n = dn_read(parts, taken[row].text, &why);
    tap_is_int(taken[row].n, n, "%s", taken[row].sentence);
    print(text, sizeof(text), parts, n);
    tap_is_str(taken[row].read, text, "%s: what is read",
               taken[row].sentence);
    if (n < 0)
        tap_diag("%s", why.text);
}

static void
test_refused(size_t row)
{
    struct dn_part parts[DN_PARTS_MAX];
    struct errtext why = {.text = ""};
    bool ok = dn_read(parts, refused[row].text, &why) == -1
              && strstr(why.text, refused[row].reason) != NULL;

    tap_ok(ok, "refused: %s", refused[row].sentence);
    if (!ok)
        tap_diag("reason: %s", why.text);
    tap_is_int(-1, dn_read(parts, refused[row].text, NULL),
               "and nobody asks why");
}

/* As many attributes as there can be, and one more. */
static void
test_parts(void)
{
    struct dn_part parts[DN_PARTS_MAX];
    char text[DN_TEXT_MAX] = "CN=a";
    struct errtext why = {.text = ""};
    int i;

    for (i = 1; i < DN_PARTS_MAX; i++)
        snprintf(text + strlen(text), 6, "%cCN=a", i % 2 ? '+' : ',');
    tap_is_int(DN_PARTS_MAX, dn_read(parts, text, &why), "%d attributes",
               DN_PARTS_MAX);
    tap_ok(!parts[0].joins && parts[DN_PARTS_MAX - 1].joins,
           "the last joins the one before, the first none");
    snprintf(text + strlen(text), 6, ",CN=a");
    tap_is_int(-1, dn_read(parts, text, &why), "one more is refused");
    tap_ok(strstr(why.text, "over 32 attributes") != NULL, "and why: %s",
           why.text);
}

/* dn_read() of a value of that many pieces. */
static int
read_long(struct dn_part *parts, size_t len, const char *piece,
          struct errtext *why)
{
    char text[2 * DN_TEXT_MAX] = "CN=";
    size_t i;

    for (i = 0; i < len; i++)
        snprintf(text + 3 + i * strlen(piece), 4, "%s", piece);
    return dn_read(parts, text, why);
}

static void
test_lengths(void)
{
    struct dn_part parts[DN_PARTS_MAX];
    char text[DN_TEXT_MAX + 2];
    struct errtext why;

    tap_is_int(1, read_long(parts, DN_VALUE_MAX - 1, "a", &why),
               "a value of %d bytes", DN_VALUE_MAX - 1);
    tap_is_int(DN_VALUE_MAX - 1, (long long)strlen(parts[0].value),
               "and all of it");
    tap_is_int(-1, read_long(parts, DN_VALUE_MAX, "a", &why),
               "one byte more is refused");
    tap_ok(strstr(why.text, "value that is too long") != NULL, "and why: %s",
           why.text);
    tap_is_int(1, read_long(parts, 340, "\\41", &why),
               "a name of 1023 bytes");
    tap_is_int(340, (long long)strlen(parts[0].value), "and all of it");
    memset(text, ' ', sizeof(text));
    memcpy(text + DN_TEXT_MAX - 3, "CN=a", 5);
    tap_is_int(1, dn_read(parts, text + 1, &why), "a name of %d bytes",
               DN_TEXT_MAX);
    tap_is_int(-1, dn_read(parts, text, &why), "one byte more is refused");
    tap_ok(strstr(why.text, "over 1024 bytes") != NULL, "and why: %s",
           why.text);
    tap_is_int(1, dn_read(parts, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                                 "aaaaaaaaaaaaaaaaaaaa=x", &why),
               "a type of 63 bytes");
}

int
main(void)
{
    size_t i;

    for (i = 0; i < LEN(taken); i++)
        test_taken(i);
    for (i = 0; i < LEN(refused); i++)
        test_refused(i);
    test_parts();
    test_lengths();
    return tap_done();
}
