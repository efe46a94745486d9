/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * A bounded text builder.
 */

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "core/sbuf.h"

void
sbuf_init(struct sbuf *sb, char *buf, size_t cap)
{
    assert(cap > 0);
    sb->buf = buf;
    sb->cap = cap;
    sb->len = 0;
    sb->overflow = false;
    buf[0] = '\0';
}

void
sbuf_add_bytes(struct sbuf *sb, const char *bytes, size_t len)
{
    if (len >= sb->cap - sb->len) {
        sb->overflow = true;
        return;
    }
    memcpy(sb->buf + sb->len, bytes, len);
    sb->len += len;
    sb->buf[sb->len] = '\0';
}

void
sbuf_add(struct sbuf *sb, const char *text)
{
    sbuf_add_bytes(sb, text, strlen(text));
}

void
sbuf_add_int(struct sbuf *sb, int64_t value)
{
    char digits[24], *p = digits + sizeof(digits);
    uint64_t rest = value < 0 ? 0 - (uint64_t) value : (uint64_t) value;

    do {
        *--p = (char) ('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (value < 0)
        *--p = '-';
    sbuf_add_bytes(sb, p, (size_t) (digits + sizeof(digits) - p));
}

static bool
json_is_plain(unsigned char c)
{
    return c >= 0x20 && c != '"' && c != '\\' && c != 0x7f;
}

void
sbuf_add_json(struct sbuf *sb, const char *bytes, size_t len)
{
    char escape[8];
    size_t i, from = 0;

    sbuf_add_bytes(sb, "\"", 1);
    for (i = 0; i < len; i++) {
        unsigned char c = (unsigned char) bytes[i];

        if (json_is_plain(c))
            continue;
        sbuf_add_bytes(sb, bytes + from, i - from);
        snprintf(escape, sizeof(escape), "\\u%04x", c);
        sbuf_add_bytes(sb, escape, 6);
        from = i + 1;
    }
    sbuf_add_bytes(sb, bytes + from, len - from);
    sbuf_add_bytes(sb, "\"", 1);
}

void
sbuf_add_log(struct sbuf *sb, const char *bytes, size_t len)
{
    char escape[8];
    size_t i;

    for (i = 0; i < len; i++) {
        unsigned char c = (unsigned char) bytes[i];

        if (c == '"' || c == '\\')
            sbuf_add_bytes(sb, "\\", 1);
        if (c >= 0x20 && c < 0x7f) {
            sbuf_add_bytes(sb, bytes + i, 1);
        } else {
            snprintf(escape, sizeof(escape), "\\x%02X", c);
            sbuf_add_bytes(sb, escape, 4);
        }
    }
}
