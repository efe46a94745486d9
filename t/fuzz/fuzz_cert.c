/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What a client is registered with on the first line, and behind it the
 * certificate that came: text of a web server, or DER.
 */

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/b64.h"
#include "core/certtext.h"
#include "core/dn.h"
#include "core/utf8.h"
#include "fuzz.h"
#include "io/cert.h"

const char fuzz_corpus[] = "cert";

/* Write a value with its escapes (RFC 4514, 2.4); returns the end. */
static char *
escape(char *out, const char *value)
{
    const char *p;

    for (p = value; *p != '\0'; p++) {
        bool outer = p == value || p[1] == '\0';

        if (strchr("\"+,;<>\\", *p) != NULL || (outer && *p == ' ')
            || (p == value && *p == '#'))
            *out++ = '\\';
        *out++ = *p;
    }
    *out = '\0';
    return out;
}

/* Write the name, each attribute behind what joins or parts it. */
static void
write_name(char *out, const struct dn_part *parts, int n)
{
    int i;

    for (i = 0; i < n; i++) {
        if (i > 0)
            *out++ = parts[i].joins ? '+' : ',';
        out = stpncpy(out, parts[i].type, DN_TYPE_MAX);
        *out++ = '=';
        out = escape(out, parts[i].value);
    }
}

/* What was read is bounded, and reads the same when it is written again. */
static void
check_name(const char *text)
{
    static struct dn_part parts[DN_PARTS_MAX], again[DN_PARTS_MAX];
    static char written[2 * DN_TEXT_MAX + 1];
    struct errtext why = {.text = ""};
    int n = dn_read(parts, text, &why), i;

    if (n < 0) {
        check_reason(&why);
        return;
    }
    hold(n > 0 && n <= DN_PARTS_MAX && !parts[0].joins);
    for (i = 0; i < n; i++) {
        hold(memchr(parts[i].type, '\0', DN_TYPE_MAX) != NULL);
        hold(memchr(parts[i].value, '\0', DN_VALUE_MAX) != NULL);
        hold(parts[i].type[0] != '\0' && parts[i].value[0] != '\0');
        hold(utf8_is_valid(parts[i].value, strlen(parts[i].value)));
    }
    write_name(written, parts, n);
    hold(strlen(written) <= DN_TEXT_MAX);
    hold(dn_read(again, written, NULL) == n);
    for (i = 0; i < n; i++) {
        hold(strcmp(again[i].type, parts[i].type) == 0);
        hold(strcmp(again[i].value, parts[i].value) == 0);
        hold(again[i].joins == parts[i].joins);
    }
}

/* Write ":", base64 and ":" (RFC 9440). */
static void
write_sequence(char *out, const unsigned char *der, size_t len)
{
    size_t n, i;

    out[0] = ':';
    n = b64url_encode(der, len, out + 1) + 1;
    for (i = 1; i < n; i++)
        out[i] = out[i] == '-' ? '+' : out[i] == '_' ? '/' : out[i];
    for (; (n - 1) % 4 != 0; n++)
        out[n] = '=';
    memcpy(out + n, ":", 2);
}

/* Whatever subject is asked for: an answer, and a reason when it is no. */
static void
check_cert(const unsigned char *der, size_t len, const char *value)
{
    static const enum client_subject kinds[] = {
        SUBJECT_DN, SUBJECT_DNS, SUBJECT_URI, SUBJECT_IP, SUBJECT_EMAIL,
    };
    struct errtext why = {.text = ""};
    struct cert *cert = NULL;
    size_t i;

    if (cert_read(&cert, der, len, &why) != 0) {
        check_reason(&why);
        return;
    }
    for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        int rc = cert_is_subject(cert, kinds[i], value, &why);

        hold(rc == 0 || rc == 1);
        if (rc == 0)
            check_reason(&why);
        if (cert_check_subject(kinds[i], value, &why) != 0)
            check_reason(&why);
    }
    cert_free(cert);
}

/* What was read, in its shortest form, reads the same. */
static void
check_text(const char *text, const char *value)
{
    static unsigned char der[CERTTEXT_MAX], again[CERTTEXT_MAX];
    static char sequence[B64_LEN(CERTTEXT_MAX) + 3];
    struct errtext why = {.text = ""};
    long n = certtext_read(text, der, &why);

    if (n < 0) {
        check_reason(&why);
        return;
    }
    hold(n > 0 && n <= CERTTEXT_MAX && !certtext_is_none(text));
    write_sequence(sequence, der, (size_t)n);
    hold(certtext_read(sequence, again, NULL) == n);
    hold(memcmp(again, der, (size_t)n) == 0);
    check_cert(der, (size_t)n, value);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct halves in = halves_of(data, size, true);

    check_name(in.first);
    check_text(in.rest, in.first);
    if (in.rest[0] == 0x30)
        check_cert((const unsigned char *)in.rest, in.rest_len, in.first);
    halves_free(&in);
    return 0;
}
