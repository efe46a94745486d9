/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * base64 and base64url: vectors, refusals, and every short input.
 */

#include <stdbool.h>
#include <string.h>

#include "core/b64.h"
#include "../lib/tap.h"

typedef long decode_fn(const char *, size_t, unsigned char *, size_t);

/* RFC 4648, 10; out NULL: refused. */
static const struct {
    const char *sentence;
    const char *in;
    const char *out;
} plain_rows[] = {
    { "nothing", "", "" },
    { "f", "Zg==", "f" },
    { "fo", "Zm8=", "fo" },
    { "foo", "Zm9v", "foo" },
    { "foob", "Zm9vYg==", "foob" },
    { "fooba", "Zm9vYmE=", "fooba" },
    { "foobar", "Zm9vYmFy", "foobar" },
    { "RFC 6749, 2.3.1's credentials",
      "czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3",
      "s6BhdRkqt3:7Fjfp0ZBr1KtDRbnfVdmIw" },
    { "+ and / are the alphabet", "+/+/", "\xfb\xff\xbf" },
    { "- is refused", "-/+/", NULL },
    { "_ is refused", "+_+/", NULL },
    { "a missing padding of 2 is refused", "Zg", NULL },
    { "a missing padding of 1 is refused", "Zm8", NULL },
    { "half a padding is refused", "Zg=", NULL },
    { "a padding too long is refused", "Zm8==", NULL },
    { "padding behind whole groups is refused", "Zm9v=", NULL },
    { "a group of padding is refused", "====", NULL },
    { "a group of padding behind is refused", "Zm9v====", NULL },
    { "three paddings are refused", "Z===", NULL },
    { "padding inside is refused", "Zg==Zg==", NULL },
    { "padding inside a group is refused", "Z=g=", NULL },
    { "one character is refused", "Z", NULL },
    { "five characters are refused", "Zm9vZ", NULL },
    { "spare bits of 2 characters are refused", "Zh==", NULL },
    { "the highest spare bit too", "Zo==", NULL },
    { "spare bits of 3 characters are refused", "Zm9=", NULL },
    { "the higher spare bit too", "Zm+=", NULL },
    { "a space before is refused", " Zm9v", NULL },
    { "a space inside is refused", "Zm 9v", NULL },
    { "a space for a character is refused", "Zm9 ", NULL },
    { "a line end is refused", "Zm9v\r\n", NULL },
    { "a byte with the high bit is refused", "Zm9\xf6", NULL },
    { "a comma is refused", "Zm9,", NULL },
};

static const struct {
    const char *sentence;
    const char *in;
    const char *out;
} url_rows[] = {
    { "nothing", "", "" },
    { "f", "Zg", "f" },
    { "fo", "Zm8", "fo" },
    { "foo", "Zm9v", "foo" },
    { "foobar", "Zm9vYmFy", "foobar" },
    { "- and _ are the alphabet", "-_-_", "\xfb\xff\xbf" },
    { "+ is refused", "+_-_", NULL },
    { "/ is refused", "-/-_", NULL },
    { "padding of 2 is refused", "Zg==", NULL },
    { "padding of 1 is refused", "Zm8=", NULL },
    { "one character is refused", "Z", NULL },
    { "five characters are refused", "Zm9vZ", NULL },
    { "spare bits of 2 characters are refused", "Zh", NULL },
    { "spare bits of 3 characters are refused", "Zm9", NULL },
    { "a space is refused", "Zm 9vZ", NULL },
    { "a dot is refused", "Zm9.", NULL },
    { "a line end is refused", "Zm8\n", NULL },
};

static void
check_row(decode_fn *decode, const char *sentence, const char *in,
          const char *out)
{
    unsigned char buf[64];
    long n = decode(in, strlen(in), buf, sizeof(buf));

    if (!out)
        tap_is_int(-1, n, "%s", sentence);
    else
        tap_is_mem(out, strlen(out), buf, n < 0 ? 0 : (size_t)n, "%s",
                   sentence);
}

static void
check_bytes(void)
{
    unsigned char buf[8];

    tap_is_int(-1, b64_decode("Zm\0v", 4, buf, sizeof(buf)),
               "a NUL in base64 is refused");
    tap_is_int(-1, b64url_decode("Zm\0v", 4, buf, sizeof(buf)),
               "a NUL in base64url is refused");
    tap_is_int(-1, b64_decode("Zm9v", 4, buf, 2),
               "base64 that does not fit is refused");
    tap_is_int(3, b64_decode("Zm9v", 4, buf, 3),
               "base64 that just fits is taken");
    tap_is_int(1, b64_decode("Zg==", 4, buf, 1),
               "padding needs no room");
    tap_is_int(-1, b64url_decode("Zm8", 3, buf, 1),
               "base64url that does not fit is refused");
    tap_is_int(2, b64url_decode("Zm8", 3, buf, 2),
               "base64url that just fits is taken");
    tap_is_int(0, b64url_decode("", 0, buf, 0),
               "nothing fits in nothing");
}

/* Of all texts of len characters, exactly as many as values are taken. */
static void
check_all_texts(decode_fn *decode, size_t len, const char *behind,
                long expected, const char *sentence)
{
    unsigned char out[4];
    char in[4];
    long i, taken = 0;

    memset(in, 'A', sizeof(in));
    memcpy(in + len, behind, strlen(behind));
    for (i = 0; i < 1L << (8 * len); i++) {
        in[0] = (char)(i & 0xff);
        if (len > 1)
            in[1] = (char)(i >> 8 & 0xff);
        if (len > 2)
            in[2] = (char)(i >> 16 & 0xff);
        if (decode(in, len + strlen(behind), out, sizeof(out)) >= 0)
            taken++;
    }
    tap_is_int(expected, taken, "%s", sentence);
}

/* Plain base64 of a base64url text, to decode the same bytes both ways. */
static size_t
to_plain(char *text, size_t len)
{
    size_t i;

    for (i = 0; i < len; i++)
        text[i] = (char)(text[i] == '-' ? '+' : text[i] == '_' ? '/'
                                                               : text[i]);
    while (len % 4)
        text[len++] = '=';
    text[len] = '\0';
    return len;
}

static bool
goes_round(const unsigned char *in, size_t len)
{
    char text[B64_LEN(300) + 1];
    unsigned char out[300];
    size_t n = b64url_encode(in, len, text);

    if (n != B64URL_LEN(len) || n != strlen(text)
        || b64url_decode(text, n, out, len) != (long)len
        || memcmp(in, out, len) != 0)
        return false;
    n = to_plain(text, n);
    return n == B64_LEN(len) && b64_decode(text, n, out, len) == (long)len
           && memcmp(in, out, len) == 0;
}

static void
check_round_trips(void)
{
    unsigned char in[300];
    long i, bad = 0;
    size_t len;

    for (i = 0; i < 256; i++) {
        in[0] = (unsigned char)i;
        bad += !goes_round(in, 1);
    }
    tap_is_int(0, bad, "every byte goes round");
    for (i = 0; i < 65536; i++) {
        in[0] = (unsigned char)(i >> 8);
        in[1] = (unsigned char)i;
        bad += !goes_round(in, 2);
    }
    tap_is_int(0, bad, "every two bytes go round");
    for (i = 0; i < (long)sizeof(in); i++)
        in[i] = (unsigned char)(i * 167 + i / 7);
    for (len = 0; len <= sizeof(in); len++)
        bad += !goes_round(in, len);
    tap_is_int(0, bad, "every length to 300 goes round");
}

static void
check_in_place(void)
{
    char text[] = "Zm9vYmFyZm9vYmE=";
    long n = b64_decode(text, strlen(text), (unsigned char *)text,
                        sizeof(text));

    tap_is_mem("foobarfooba", 11, text, n < 0 ? 0 : (size_t)n,
               "base64 is decoded in place");
}

int
main(void)
{
    size_t i;

    for (i = 0; i < sizeof(plain_rows) / sizeof(*plain_rows); i++)
        check_row(b64_decode, plain_rows[i].sentence, plain_rows[i].in,
                  plain_rows[i].out);
    for (i = 0; i < sizeof(url_rows) / sizeof(*url_rows); i++)
        check_row(b64url_decode, url_rows[i].sentence, url_rows[i].in,
                  url_rows[i].out);
    check_bytes();
    check_all_texts(b64url_decode, 1, "", 0, "no one character is taken");
    check_all_texts(b64url_decode, 2, "", 256,
                    "of all two characters, one for each byte is taken");
    check_all_texts(b64url_decode, 3, "", 65536,
                    "of all three characters, one for each two bytes");
    check_all_texts(b64_decode, 2, "==", 256, "so in base64: two characters");
    check_all_texts(b64_decode, 3, "=", 65536 + 256,
                    "and three, those that are padding among them");
    check_round_trips();
    check_in_place();
    return tap_done();
}
