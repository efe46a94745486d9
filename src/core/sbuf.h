/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * A bounded text builder over a buffer of the caller.
 *
 * A piece that does not fit sets overflow and leaves the text as it was; the
 * caller tests overflow once, at the end.  The text is always terminated.
 */

#ifndef CORE_SBUF_H
#define CORE_SBUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sbuf {
    char *buf;     /* borrowed from the caller */
    size_t cap;    /* bytes in buf, the terminator's included */
    size_t len;    /* bytes of text, without the terminator */
    bool overflow; /* a piece did not fit */
};

/* Begin an empty text in buf.  cap is at least 1. */
void sbuf_init(struct sbuf *sb, char *buf, size_t cap);

void sbuf_add(struct sbuf *sb, const char *text);
void sbuf_add_bytes(struct sbuf *sb, const char *bytes, size_t len);
void sbuf_add_int(struct sbuf *sb, int64_t value);

/*
 * Add bytes as a JSON string, quotes included (RFC 8259, 7): quotation mark,
 * reverse solidus and control characters are escaped, the rest is copied.
 */
void sbuf_add_json(struct sbuf *sb, const char *bytes, size_t len);

/*
 * Add bytes for a quoted field of a log line: printable ASCII is copied, with
 * a reverse solidus before quotation mark and reverse solidus; every other
 * byte becomes \xHH.  So a client cannot forge a line or a field.
 */
void sbuf_add_log(struct sbuf *sb, const char *bytes, size_t len);

#endif /* CORE_SBUF_H */
