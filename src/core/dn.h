/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Distinguished names as text (RFC 4514).
 */

#ifndef CORE_DN_H
#define CORE_DN_H

#include <stdbool.h>
#include <stddef.h>

#include "core/errtext.h"

enum {
    DN_TEXT_MAX = 1024,  /* bytes of the text */
    DN_PARTS_MAX = 32,   /* attributes in one name */
    DN_TYPE_MAX = 64,    /* bytes of an attribute's type, terminated */
    DN_VALUE_MAX = 512,  /* bytes of its value, terminated */
};

/* One attribute. */
struct dn_part {
    char type[DN_TYPE_MAX];   /* "CN" or "2.5.4.3", as it was written */
    char value[DN_VALUE_MAX]; /* decoded UTF-8 without NUL */
    bool joins;               /* in one RDN with the part before it ("+") */
};

/*
 * Read a name in the order it is written, which is the reverse of that in the
 * certificate (RFC 4514, 2.1).  Spaces around types and values that are not
 * escaped are dropped (RFC 4514 allows none, OpenSSL and people write them).
 * Refuses: an empty name, an empty type or value, another escape than
 * RFC 4514, 2.4 has, "#" values in hexadecimal, what is not UTF-8, and the
 * slashes of OpenSSL's oldest form, with a reason that says how to write it.
 *
 * Returns the number of parts, or -1 with the reason in *why.
 */
int dn_read(struct dn_part parts[DN_PARTS_MAX], const char *text,
            struct errtext *why);

#endif /* CORE_DN_H */
