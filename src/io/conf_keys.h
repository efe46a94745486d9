/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The table of keys: reading, defaults, limits, messages and the test of the
 * manual all come from it.
 */

#ifndef IO_CONF_KEYS_H
#define IO_CONF_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "io/conf_check.h"

enum { CONF_WORDS_MAX = 6 }; /* with the NULL at the end */

enum conf_type {
    CONF_STRING,
    CONF_INTEGER,
    CONF_BOOLEAN,
    CONF_STRINGS, /* a list of strings */
    CONF_WORD,    /* one of several words */
    CONF_GROUPS,  /* a list of groups */
};

/* The struct that a key fills. */
enum conf_home {
    CONF_POLICY,
    CONF_RESOURCE,
    CONF_ROLE,
    CONF_DETAIL,
};

/* Stores what a word stands for. */
typedef void conf_put_fn(void *at, const char *word);

struct conf_key {
    const char *path; /* "token.lifetime" */
    enum conf_type type;
    enum conf_home home;
    const char *preset; /* what an omitted one means; NULL: required */
    int64_t least;      /* of the integer, of the bytes, of the entries */
    int64_t greatest;
    const char *words[CONF_WORDS_MAX]; /* of CONF_WORD */
    conf_put_fn *put;       /* of CONF_WORD, unless the word itself is kept */
    conf_check_fn *check;   /* of each string, or NULL */
    size_t at;              /* offset in its home */
    size_t count_at;        /* offset of the number of entries */
    size_t item_size;       /* of CONF_GROUPS: bytes of an entry's struct */
    bool later;             /* checked, but without effect in this version */
    const char *meaning;
    const char *example; /* of a required key, as in the file */
};

/* The key number i, or NULL behind the last. */
const struct conf_key *conf_keys_at(size_t i);

/* The key of that path, or NULL. */
const struct conf_key *conf_keys_find(const char *path);

/* Whether path is that of a group, such as "token". */
bool conf_keys_is_group(const char *path);

/* What stands behind the last dot of the path. */
const char *conf_keys_leaf(const struct conf_key *key);

#endif /* IO_CONF_KEYS_H */
