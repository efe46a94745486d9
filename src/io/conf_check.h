/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Checks of single strings of the policy file.
 */

#ifndef IO_CONF_CHECK_H
#define IO_CONF_CHECK_H

/*
 * Whether the value can stand in its key.
 *
 * Returns NULL, or what was expected, as static text.
 */
typedef const char *conf_check_fn(const char *value);

/*
 * https, or http when the host is a loopback one; no query, fragment or user
 * (RFC 8414, 2); no slash at the end.
 */
conf_check_fn conf_check_issuer;

/* As the issuer, or empty. */
conf_check_fn conf_check_base;

/* "/a/b" of unreserved characters (RFC 3986, 2.3), without dot segments. */
conf_check_fn conf_check_path;

/* An absolute URI without fragment (RFC 8707, 2). */
conf_check_fn conf_check_audience;

/* A scope-token (RFC 6749, 3.3), which the name of a role is too. */
conf_check_fn conf_check_scope;

/* "NAME=JSON" (core/extra.h). */
conf_check_fn conf_check_claim;

/* Of authorization details: UTF-8 without control characters. */
conf_check_fn conf_check_detail;

/* Fits a quoted-string without escapes (RFC 9110, 5.6.4), visible or space. */
conf_check_fn conf_check_realm;

/* The name of a file: no control character. */
conf_check_fn conf_check_file;

/* As the name of a file, or empty. */
conf_check_fn conf_check_file_or_empty;

/* "stderr", "syslog" or an absolute file. */
conf_check_fn conf_check_log_to;

/* A network in CIDR notation or a single address. */
conf_check_fn conf_check_network;

/* The name of an HTTP header field (RFC 9110, 5.1), or empty. */
conf_check_fn conf_check_header;

#endif /* IO_CONF_CHECK_H */
