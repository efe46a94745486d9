/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * HTTP on libcurl, for ccgrant-fetch alone: no other program links it.
 */

#ifndef IO_HTTP_H
#define IO_HTTP_H

#include <stddef.h>

#include "core/errtext.h"
#include "io/fetch.h"

/*
 * What fetch() promises, within this process and without its own limit of
 * time.
 *
 * Returns 0 with *len bytes in buf, terminated, or -1 with the reason in *why.
 */
int http_get(const char *url, const struct fetch_rules *rules, char *buf,
             size_t cap, size_t *len, struct errtext *why);

#endif /* IO_HTTP_H */
