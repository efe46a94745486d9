/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The table of keys and the values of the file in words, for messages.
 */

#ifndef IO_CONF_TEXT_H
#define IO_CONF_TEXT_H

#include <stddef.h>

#include "io/conf_keys.h"

enum {
    CONF_SHOWN_MAX = 100,  /* bytes of a value, as far as it is shown */
    CONF_EXPECT_MAX = 320, /* bytes of what was expected */
};

/*
 * Write len bytes of a value so that they cannot forge a line: visible ASCII
 * and spaces as they are, other bytes as \xHH.  What is too long ends in
 * "...".
 */
void conf_text_show(char buf[CONF_SHOWN_MAX], const char *bytes, size_t len);

/* Write what the key expects: "an integer from 1 to 31536000". */
void conf_text_expect(const struct conf_key *key, char buf[CONF_EXPECT_MAX]);

/* Add to that which of the key's words is near, if one is. */
void conf_text_near(const struct conf_key *key, const char *word,
                    char buf[CONF_EXPECT_MAX]);

/*
 * Write the cure for a path that is no key: the nearest key, or those of the
 * same group.
 */
void conf_text_suggest(const char *path, char buf[CONF_EXPECT_MAX]);

#endif /* IO_CONF_TEXT_H */
