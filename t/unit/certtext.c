/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * A certificate in every form in which a web server hands it over.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/certtext.h"
#include "tap.h"

/* A certificate, made by openssl: "+", "/" and "=" are in its base64. */
#define L1 "MIIBNjCB6aADAgECAhQgX8sb01KTck6rX3dfK2LsdvHWITAFBgMrZXAwEDEOMAwG"
#define L2 "A1UEAwwFYmF0Y2gwIBcNMjYxMTIzMTcwNDE2WhgPMjEyNjEwMzAxNzA0MTZaMBAx"
#define L3 "DjAMBgNVBAMMBWJhdGNoMCowBQYDK2VwAyEADGVFzn11g6Jhn85hT0FaY00nNYEy"
#define L4 "OOdPS/cnIUQ5OKajUzBRMB0GA1UdDgQWBBRTeaU2rMkGMyIAeypPfq8FydC+SzAf"
#define L5 "BgNVHSMEGDAWgBRTeaU2rMkGMyIAeypPfq8FydC+SzAPBgNVHRMBAf8EBTADAQH/"
#define L6 "MAUGAytlcANBANAXES2+6vqRhPCyzCIr0U/WhedsV11oh7BeeDExLD9U/GZHHiLn"
#define L7 "987DFA9NfuVMmY3yUCk07WfhxWmDXzCtqAg="
#define BEGIN "-----BEGIN CERTIFICATE-----"
#define END "-----END CERTIFICATE-----"

/* The same with a text behind every line, and base64 on one line. */
#define LINES(eol) L1 eol L2 eol L3 eol L4 eol L5 eol L6 eol L7 eol
#define PEM(eol) BEGIN eol LINES(eol) END
#define BASE64 LINES("")

/* The same as nginx escapes it. */
#define ESCAPED_BEGIN "-----BEGIN%20CERTIFICATE-----%0A"
#define ESCAPED_END "-----END%20CERTIFICATE-----%0A"
#define ESCAPED(plus, slash, equals)                                         \
    ESCAPED_BEGIN L1 "%0A" L2 "%0A" L3 "%0A"                                 \
    "OOdPS" slash "cnIUQ5OKajUzBRMB0GA1UdDgQWBBRTeaU2rMkGMyIAeypPfq8FydC"    \
    plus "SzAf%0A"                                                           \
    "BgNVHSMEGDAWgBRTeaU2rMkGMyIAeypPfq8FydC" plus                           \
    "SzAPBgNVHRMBAf8EBTADAQH" slash "%0A"                                    \
    "MAUGAytlcANBANAXES2" plus "6vqRhPCyzCIr0U" slash                        \
    "WhedsV11oh7BeeDExLD9U" slash "GZHHiLn%0A"                               \
    "987DFA9NfuVMmY3yUCk07WfhxWmDXzCtqAg" equals "%0A" ESCAPED_END

static const unsigned char cert[] = {
    0x30, 0x82, 0x01, 0x36, 0x30, 0x81, 0xe9, 0xa0, 0x03, 0x02, 0x01, 0x02,
    0x02, 0x14, 0x20, 0x5f, 0xcb, 0x1b, 0xd3, 0x52, 0x93, 0x72, 0x4e, 0xab,
    0x5f, 0x77, 0x5f, 0x2b, 0x62, 0xec, 0x76, 0xf1, 0xd6, 0x21, 0x30, 0x05,
    0x06, 0x03, 0x2b, 0x65, 0x70, 0x30, 0x10, 0x31, 0x0e, 0x30, 0x0c, 0x06,
    0x03, 0x55, 0x04, 0x03, 0x0c, 0x05, 0x62, 0x61, 0x74, 0x63, 0x68, 0x30,
    0x20, 0x17, 0x0d, 0x32, 0x36, 0x31, 0x31, 0x32, 0x33, 0x31, 0x37, 0x30,
    0x34, 0x31, 0x36, 0x5a, 0x18, 0x0f, 0x32, 0x31, 0x32, 0x36, 0x31, 0x30,
    0x33, 0x30, 0x31, 0x37, 0x30, 0x34, 0x31, 0x36, 0x5a, 0x30, 0x10, 0x31,
    0x0e, 0x30, 0x0c, 0x06, 0x03, 0x55, 0x04, 0x03, 0x0c, 0x05, 0x62, 0x61,
    0x74, 0x63, 0x68, 0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70,
    0x03, 0x21, 0x00, 0x0c, 0x65, 0x45, 0xce, 0x7d, 0x75, 0x83, 0xa2, 0x61,
    0x9f, 0xce, 0x61, 0x4f, 0x41, 0x5a, 0x63, 0x4d, 0x27, 0x35, 0x81, 0x32,
    0x38, 0xe7, 0x4f, 0x4b, 0xf7, 0x27, 0x21, 0x44, 0x39, 0x38, 0xa6, 0xa3,
    0x53, 0x30, 0x51, 0x30, 0x1d, 0x06, 0x03, 0x55, 0x1d, 0x0e, 0x04, 0x16,
    0x04, 0x14, 0x53, 0x79, 0xa5, 0x36, 0xac, 0xc9, 0x06, 0x33, 0x22, 0x00,
    0x7b, 0x2a, 0x4f, 0x7e, 0xaf, 0x05, 0xc9, 0xd0, 0xbe, 0x4b, 0x30, 0x1f,
    0x06, 0x03, 0x55, 0x1d, 0x23, 0x04, 0x18, 0x30, 0x16, 0x80, 0x14, 0x53,
    0x79, 0xa5, 0x36, 0xac, 0xc9, 0x06, 0x33, 0x22, 0x00, 0x7b, 0x2a, 0x4f,
    0x7e, 0xaf, 0x05, 0xc9, 0xd0, 0xbe, 0x4b, 0x30, 0x0f, 0x06, 0x03, 0x55,
    0x1d, 0x13, 0x01, 0x01, 0xff, 0x04, 0x05, 0x30, 0x03, 0x01, 0x01, 0xff,
    0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x41, 0x00, 0xd0, 0x17,
    0x11, 0x2d, 0xbe, 0xea, 0xfa, 0x91, 0x84, 0xf0, 0xb2, 0xcc, 0x22, 0x2b,
    0xd1, 0x4f, 0xd6, 0x85, 0xe7, 0x6c, 0x57, 0x5d, 0x68, 0x87, 0xb0, 0x5e,
    0x78, 0x31, 0x31, 0x2c, 0x3f, 0x54, 0xfc, 0x66, 0x47, 0x1e, 0x22, 0xe7,
    0xf7, 0xce, 0xc3, 0x14, 0x0f, 0x4d, 0x7e, 0xe5, 0x4c, 0x99, 0x8d, 0xf2,
    0x50, 0x29, 0x34, 0xed, 0x67, 0xe1, 0xc5, 0x69, 0x83, 0x5f, 0x30, 0xad,
    0xa8, 0x08,
};

static const struct {
    const char *sentence;
    const char *text;
} taken[] = {
    {"PEM, as Apache, lighttpd and nginx have it", PEM("\n") "\n"},
    {"PEM without a line end last", PEM("\n")},
    {"PEM with CR LF", PEM("\r\n") "\r\n"},
    {"PEM with a tab behind each line, as nginx has it", PEM("\n\t")},
    {"the same with a tab last", PEM("\n\t") "\n\t"},
    {"PEM with spaces for line ends, as Apache puts it in a header",
     PEM(" ")},
    {"the same with a space last", PEM(" ") " "},
    {"PEM with two spaces for CR LF", PEM("  ")},
    {"base64 in one line", BEGIN "\n" BASE64 "\n" END "\n"},
    {"base64 in one line, with spaces", BEGIN " " BASE64 " " END},
    {"lines of another width", BEGIN "\n" L1 L2 "\n" L3 L4 "\n" L5 L6 L7
     "\n" END "\n"},
    {"white space around it", " \t\r\n" PEM("\n") "\n\n \t\r\n"},
    {"escapes, as nginx has them", ESCAPED("%2B", "%2F", "%3D")},
    {"escapes in lower case", ESCAPED("%2b", "%2f", "%3d")},
    {"escapes with a plus, which is a plus", ESCAPED("+", "%2F", "%3D")},
    {"escapes of white space alone", ESCAPED("+", "/", "=")},
    {"escapes of letters", "%2D----BEGIN CERT%49FICATE-----\n%4D"
     "IIBNjCB6aADAgECAhQgX8sb01KTck6rX3dfK2LsdvHWITAFBgMrZXAwEDEOMAwG\n"
     L2 "\n" L3 "\n" L4 "\n" L5 "\n" L6 "\n" L7 "\n" END "\n"},
    {"escapes of CR LF", BEGIN "%0D%0A" BASE64 "%0d%0a" END "%0D%0A"},
    {"RFC 9440", ":" BASE64 ":"},
    {"RFC 9440 with white space around", " :" BASE64 ": "},
};

static const struct {
    const char *sentence;
    const char *text;
    const char *reason; /* a part of it */
} refused[] = {
    {"nothing", "", "begins neither"},
    {"white space", " \n", "begins neither"},
    {"what Apache writes for nothing", "(null)", "begins neither"},
    {"words", "certificate", "begins neither"},
    {"base64 alone", BASE64, "begins neither"},
    {"a fingerprint", "12:34:56:78:9A:BC:DE:F0", "begins neither"},

    {"two certificates", PEM("\n") "\n" PEM("\n") "\n",
     "one certificate alone"},
    {"two certificates with spaces", PEM(" ") " " PEM(" "),
     "one certificate alone"},
    {"two certificates with nothing between", PEM("\n") PEM("\n"),
     "one certificate alone"},
    {"two certificates with escapes",
     ESCAPED("%2B", "%2F", "%3D") ESCAPED("%2B", "%2F", "%3D"),
     "one certificate alone"},
    {"bytes behind", PEM("\n") "\nx", "stands behind"},
    {"a hyphen behind", PEM("\n") "-", "stands behind"},
    {"an escaped NUL behind", PEM("\n") "%00", "stands behind"},
    {"a private key behind",
     PEM("\n") "\n-----BEGIN PRIVATE KEY-----\nMC4=\n"
     "-----END PRIVATE KEY-----\n", "stands behind"},
    {"text before", "subject=CN = batch\n" PEM("\n"), "begins neither"},
    {"an escaped NUL before", "%00" PEM("\n"), "begins neither"},
    {"a quotation mark before", "\"" PEM(" ") "\"", "begins neither"},

    {"a private key",
     "-----BEGIN PRIVATE KEY-----\n" LINES("\n") "-----END PRIVATE KEY-----",
     "begins neither"},
    {"a request",
     "-----BEGIN CERTIFICATE REQUEST-----\n" LINES("\n")
     "-----END CERTIFICATE REQUEST-----", "begins neither"},
    {"a public key",
     "-----BEGIN PUBLIC KEY-----\n" LINES("\n") "-----END PUBLIC KEY-----",
     "begins neither"},
    {"OpenSSL's own form",
     "-----BEGIN TRUSTED CERTIFICATE-----\n" LINES("\n")
     "-----END TRUSTED CERTIFICATE-----", "begins neither"},
    {"a first line in lower case", "-----begin certificate-----\n"
     LINES("\n") END, "begins neither"},
    {"a first line with a hyphen less", "----BEGIN CERTIFICATE-----\n"
     LINES("\n") END, "begins neither"},
    {"a first line with a hyphen more", "-" PEM("\n"), "begins neither"},
    {"a first line with a hyphen more behind", BEGIN "-\n" LINES("\n") END,
     "no line"},
    {"a first line with a tab", "-----BEGIN\tCERTIFICATE-----\n"
     LINES("\n") END, "begins neither"},
    {"a first line with a plus", "-----BEGIN+CERTIFICATE-----\n"
     LINES("\n") END, "begins neither"},
    {"a first line alone", BEGIN "\n", "no line"},
    {"no last line", BEGIN "\n" LINES("\n"), "no line"},
    {"a last line that is cut", BEGIN "\n" LINES("\n") "-----END CERTIFICATE",
     "no line"},
    {"a last line of something else",
     BEGIN "\n" LINES("\n") "-----END PRIVATE KEY-----", "no line"},
    {"a last line that is the first", BEGIN "\n" LINES("\n") BEGIN,
     "no line"},
    {"a last line with a hyphen more",
     BEGIN "\n" LINES("\n") "-" END, "no line"},
    {"no space behind the first line", BEGIN LINES("\n") END, "not apart"},
    {"no space before the last line", BEGIN "\n" BASE64 END, "not apart"},
    {"no space at all", BEGIN BASE64 END, "not apart"},
    {"two lines and nothing between", BEGIN "\n" END, "nothing inside"},
    {"two lines without a space", BEGIN END, "not apart"},
    {"two lines and white space", BEGIN "\n \r\n\t" END, "nothing inside"},

    {"headers", BEGIN "\nProc-Type: 4,ENCRYPTED\n\n" LINES("\n") END,
     "no line"},
    {"headers without a hyphen", BEGIN "\nComment: x\n\n" LINES("\n") END,
     "not base64"},
    {"a byte that is no base64", BEGIN "\n" L1 "!\n" L7 "\n" END,
     "not base64"},
    {"base64url", BEGIN "\n" L1 "\n98_D\n" END, "not base64"},
    {"a vertical tab", BEGIN "\n" L1 "\v" L7 "\n" END, "not base64"},
    {"a character that is not ASCII", BEGIN "\n" L1 "\xc3\xa9" L7 "\n" END,
     "not base64"},
    {"base64 that lacks a character", BEGIN "\n" L1 "\n98\n" END,
     "not base64"},
    {"base64 without its padding", BEGIN "\nMAA\n" END, "not base64"},
    {"base64 with too much padding", BEGIN "\nMAA==\n" END, "not base64"},
    {"base64 with bits in its tail", BEGIN "\nMAB=\n" END, "not base64"},
    {"padding inside", BEGIN "\nMAA=\n" L1 "\n" END, "not base64"},
    {"padding alone", BEGIN "\n====\n" END, "not base64"},

    {"an escape of other letters", BEGIN "%zz" LINES("\n") END,
     "hexadecimal"},
    {"an escape of one digit", BEGIN "%0\n" LINES("\n") END, "hexadecimal"},
    {"an escape that is cut", PEM("\n") "%0", "hexadecimal"},
    {"a per cent sign last", PEM("\n") "%", "hexadecimal"},
    {"an escaped escape", "-----BEGIN%2520CERTIFICATE-----%250A" BASE64
     "%250A-----END%2520CERTIFICATE-----", "begins neither"},
    {"a plus for a space", "-----BEGIN+CERTIFICATE-----%0A" BASE64
     "%0A-----END+CERTIFICATE-----%0A", "begins neither"},
    {"an escaped NUL inside", BEGIN "\n" L1 "%00" L7 "\n" END, "not base64"},
    {"the escaped form of RFC 9440", "%3A" BASE64 "%3A", "begins neither"},

    {"RFC 9440 without the first colon", BASE64 ":", "begins neither"},
    {"RFC 9440 without the last colon", ":" BASE64, "begins neither"},
    {"a colon", ":", "begins neither"},
    {"two colons", "::", "nothing inside"},
    {"three colons", ":::", "not base64"},
    {"a colon inside", ":" L1 ":" L7 ":", "not base64"},
    {"two byte sequences", ":" BASE64 ":, :" BASE64 ":", "not base64"},
    {"a byte sequence with parameters", ":" BASE64 ":;a=1", "begins neither"},
    {"a byte sequence with spaces inside", ": " BASE64 " :", "not base64"},
    {"a byte sequence with line ends", ":" LINES("\n") ":", "not base64"},
    {"a byte sequence in base64url", ":98_D:", "not base64"},
    {"a byte sequence without its padding", ":MAA:", "not base64"},
    {"a byte sequence with bits in its tail", ":MAB=:", "not base64"},
    {"a byte sequence with escapes", ":MAA%3D:", "not base64"},
    {"PEM within colons", ":" PEM(" ") ":", "not base64"},
};

static void
test_taken(size_t row)
{
    unsigned char der[CERTTEXT_MAX] = {0};
    struct errtext why = {.text = ""};
    long n = certtext_read(taken[row].text, der, &why);

    tap_is_mem(cert, sizeof(cert), der, n > 0 ? (size_t)n : 0, "%s",
               taken[row].sentence);
    if (n < 0)
        tap_diag("reason: %s", why.text);
    tap_is_int(0, certtext_is_none(taken[row].text), "and it is there");
}

static void
test_refused(size_t row)
{
    unsigned char der[CERTTEXT_MAX];
    struct errtext why = {.text = ""};
    long n = certtext_read(refused[row].text, der, &why);
    bool ok = n == -1 && strstr(why.text, refused[row].reason) != NULL;

    tap_ok(ok, "refused: %s", refused[row].sentence);
    if (!ok)
        tap_diag("%ld, reason: %s", n, why.text);
    tap_ok(strstr(why.text, "MII") == NULL, "and the reason quotes nothing");
}

/* Write size bytes of zero as base64 between the two texts. */
static char *
big(const char *before, size_t size, size_t width, const char *eol,
    const char *after)
{
    char *text = malloc(4 * size + 256), *p;
    size_t i;

    if (text == NULL)
        abort();
    p = text + snprintf(text, 128, "%s", before);
    for (i = 0; i < (size + 2) / 3 * 4; i++) {
        if (width > 0 && i > 0 && i % width == 0)
            p += snprintf(p, 8, "%s", eol);
        *p++ = i * 3 / 4 < size && i < (size * 8 + 5) / 6 ? 'A' : '=';
    }
    snprintf(p, 128, "%s", after);
    return text;
}

static void
test_sizes(void)
{
    static const struct {
        const char *form, *before, *eol, *after;
        size_t width;
    } forms[] = {
        {"PEM", BEGIN "\n", "\n", "\n" END "\n", 64},
        {"PEM with a tab and CR", BEGIN "\r\n\t", "\r\n\t", "\r\n\t" END, 64},
        {"escaped PEM", ESCAPED_BEGIN, "%0A", "%0A" ESCAPED_END, 64},
        {"RFC 9440", ":", "", ":", 0},
    };
    static const size_t sizes[] = {
        1, 2, 3, CERTTEXT_MAX - 1, CERTTEXT_MAX, CERTTEXT_MAX + 1,
        CERTTEXT_MAX + 2, 9000, 100000,
    };
    unsigned char der[CERTTEXT_MAX];
    size_t i, j;

    for (i = 0; i < LEN(forms); i++) {
        for (j = 0; j < LEN(sizes); j++) {
            char *text = big(forms[i].before, sizes[j], forms[i].width,
                             forms[i].eol, forms[i].after);
            struct errtext why = {.text = ""};

            tap_is_int(sizes[j] <= CERTTEXT_MAX ? (long long)sizes[j] : -1,
                       certtext_read(text, der, &why), "%s of %zu bytes",
                       forms[i].form, sizes[j]);
            tap_ok(sizes[j] <= CERTTEXT_MAX
                       || strstr(why.text, "over ") != NULL,
                   "and why: %s", why.text);
            free(text);
        }
    }
}

static void
test_none(void)
{
    static const char *const some[] = {
        " ", "null", "(null) ", "(NULL)", "NONE", "-", ":", "0",
    };
    size_t i;

    tap_is_int(1, certtext_is_none(""), "an empty text is none");
    tap_is_int(1, certtext_is_none("(null)"), "so is (null)");
    for (i = 0; i < LEN(some); i++)
        tap_is_int(0, certtext_is_none(some[i]), "\"%s\" is something",
                   some[i]);
}

int
main(void)
{
    size_t i;

    for (i = 0; i < LEN(taken); i++)
        test_taken(i);
    for (i = 0; i < LEN(refused); i++)
        test_refused(i);
    test_sizes();
    test_none();
    return tap_done();
}
