/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * A client certificate in the forms of the web servers.
 */

#include <stdbool.h>
#include <string.h>

#include "core/b64.h"
#include "core/certtext.h"
#include "core/hex.h"

#define WHITE " \t\r\n"
#define BEGIN "-----BEGIN CERTIFICATE-----"
#define END "-----END CERTIFICATE-----"

/* Bytes of PEM: the base64 with three bytes behind each line, and more. */
enum { PEM_MAX = 12288 };

static long unescape(char pem[PEM_MAX], const char *text, size_t len,
                     struct errtext *why);
static long unwrap(char *pem, size_t len, struct errtext *why);
static long decode(const char *text, size_t len,
                   unsigned char der[CERTTEXT_MAX], struct errtext *why);

int
certtext_is_none(const char *text)
{
    return text[0] == '\0' || strcmp(text, "(null)") == 0;
}

static bool
is_white(char c)
{
    return c != '\0' && strchr(WHITE, c) != NULL;
}

/* The text without white space around it. */
static const char *
trim(const char *text, size_t *len)
{
    while (*len > 0 && is_white(text[*len - 1]))
        --*len;
    while (*len > 0 && is_white(*text))
        text++, --*len;
    return text;
}

long
certtext_read(const char *text, unsigned char der[CERTTEXT_MAX],
              struct errtext *why)
{
    char pem[PEM_MAX];
    size_t len = strlen(text);
    long n;

    text = trim(text, &len);
    if (len > 1 && text[0] == ':' && text[len - 1] == ':')
        return decode(text + 1, len - 2, der, why);
    n = unescape(pem, text, len, why);
    if (n >= 0)
        n = unwrap(pem, (size_t)n, why);
    return n >= 0 ? decode(pem, (size_t)n, der, why) : -1;
}

/* A plus is a plus: this is no form.  Returns the length of pem, or -1. */
static long
unescape(char pem[PEM_MAX], const char *text, size_t len, struct errtext *why)
{
    size_t i, n = 0;

    for (i = 0; i < len; i++) {
        int c = text[i];

        if (c == '%') {
            c = hex_pair(text + i + 1);
            if (c < 0)
                return errtext_set(why, "it has \"%%\" without two "
                                        "hexadecimal digits");
            i += 2;
        }
        if (n == PEM_MAX)
            return errtext_set(why, "it has over %d bytes", PEM_MAX);
        pem[n++] = (char)c;
    }
    return (long)n;
}

/*
 * Leave of PEM the base64, without white space.  Returns its length, or -1
 * with the reason in *why.
 */
static long
unwrap(char *pem, size_t len, struct errtext *why)
{
    const size_t begin = sizeof(BEGIN) - 1, end = sizeof(END) - 1;
    const char *p = trim(pem, &len), *dash;
    size_t n = 0;

    if (len < begin || memcmp(p, BEGIN, begin) != 0)
        return errtext_set(why, "it begins neither as a certificate in PEM, "
                                "with \"" BEGIN "\", nor as that of RFC 9440, "
                                "with a colon");
    p += begin;
    len -= begin;
    dash = memchr(p, '-', len);
    if (dash == NULL || len - (size_t)(dash - p) < end
        || memcmp(dash, END, end) != 0)
        return errtext_set(why, "it has no line \"" END "\" behind its "
                                "base64");
    if (len - (size_t)(dash - p) != end)
        return errtext_set(why, "something stands behind its line \"" END
                                "\": one certificate alone is taken");
    if (!is_white(*p) || !is_white(dash[-1]))
        return errtext_set(why, "its first or last line is not apart from "
                                "the base64");
    for (; p < dash; p++)
        if (!is_white(*p))
            pem[n++] = *p;
    return (long)n;
}

static long
decode(const char *text, size_t len, unsigned char der[CERTTEXT_MAX],
       struct errtext *why)
{
    long n;

    if (len == 0)
        return errtext_set(why, "it has nothing inside");
    n = b64_decode(text, len, der, CERTTEXT_MAX);
    if (n < 0)
        return errtext_set(why, "what it has inside is not base64, or over "
                                "%d bytes", CERTTEXT_MAX);
    return n;
}
