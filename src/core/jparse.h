/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * JSON from strangers, bounded and strict.
 */

#ifndef CORE_JPARSE_H
#define CORE_JPARSE_H

#include <stddef.h>
#include <stdint.h>

#include "core/errtext.h"
#include "core/sbuf.h"

enum { JPARSE_DEPTH_MAX = 16 }; /* arrays and objects within each other */

/* The last second of the year 9999. */
#define JPARSE_TIME_MAX INT64_C(253402300799)

struct json_t;

/*
 * Read text as one JSON object (RFC 8259) and nothing behind it.  Refuses a
 * member that comes twice at any depth (RFC 7515, 4; RFC 7519, 4), nesting
 * beyond JPARSE_DEPTH_MAX before it is parsed, text that is not UTF-8, NUL in
 * a string, and numbers beyond the range of a double, as which all are read.
 * The caller bounds len.
 *
 * Returns a new reference, which the caller gives up with json_decref(), or
 * NULL with the reason in *why, which quotes nothing of the text.
 */
struct json_t *jparse_object(const char *text, size_t len,
                             struct errtext *why);

/*
 * Read text as one JSON value of any kind, to be written again by
 * jparse_write().  Refuses what jparse_object() refuses, and numbers that
 * would not come out with the value they came in with: integers beyond
 * 2^53 - 1 (RFC 7493, 2.2), more than 15 digits beside a point, an exponent.
 *
 * Returns as jparse_object() does.
 */
struct json_t *jparse_exact(const char *text, size_t len, struct errtext *why);

/*
 * Add a value of jparse_exact() as compact JSON, the members of each object in
 * the order of their bytes.  jparse_exact() takes it again.
 */
void jparse_write(struct sbuf *sb, const struct json_t *value);

/*
 * Read a NumericDate (RFC 7519, 2), rounded up to whole seconds.
 *
 * Returns 0, or -1 when value is NULL or no number from 0 to JPARSE_TIME_MAX.
 */
int jparse_time(int64_t *seconds, const struct json_t *value);

#endif /* CORE_JPARSE_H */
