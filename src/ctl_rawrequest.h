/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * A captured request: the text of HTTP/1.1, as a web server would hand it on.
 */

#ifndef CTL_RAWREQUEST_H
#define CTL_RAWREQUEST_H

#include <stddef.h>
#include <stdint.h>

#include "core/errtext.h"
#include "core/request.h"

enum { CTL_RAWREQUEST_MAX = 1048576 }; /* bytes of the file */

struct ctl_rawrequest {
    struct request rq; /* borrows from the rest */
    char path[1024];   /* of its target */
    int64_t date;      /* of its Date field, or 0 */
    char *text;
    char **env;
    size_t n_env;
    const char *content_length; /* or NULL */
};

/*
 * Read a request from a file ("-" is standard input): request line, header
 * fields, an empty line, the body.  Lines end with LF or CR LF.  Without
 * Content-Length the body is what is there, but for line ends behind it; with
 * it, what is behind is left out.  from is the address that it came from, or
 * "".  Refuses what is no such text, or has a transfer coding.
 *
 * Returns 0, or -1 with the reason in *why, which quotes nothing; either way
 * the caller frees with ctl_rawrequest_free().
 */
int ctl_rawrequest_read(struct ctl_rawrequest *raw, const char *file,
                        const char *from, size_t body_max,
                        struct errtext *why);

/* Wipes and frees what *raw holds. */
void ctl_rawrequest_free(struct ctl_rawrequest *raw);

#endif /* CTL_RAWREQUEST_H */
