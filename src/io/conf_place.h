/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Where among the settings a scan of the policy is: in which key's value, in
 * which group or list.
 */

#ifndef IO_CONF_PLACE_H
#define IO_CONF_PLACE_H

#include <stdbool.h>
#include <stddef.h>

enum {
    CONF_PLACE_MAX = 128,  /* bytes of a path; every real one is shorter */
    CONF_PLACE_LEVELS = 16 /* what is nested deeper is not told apart */
};

/* What names, and values without quotes, are of. */
#define CONF_PLACE_WORD "ABCDEFGHIJKLMNOPQRSTUVWXYZ" \
                        "abcdefghijklmnopqrstuvwxyz0123456789_*.+-"

struct conf_place {
    char path[CONF_PLACE_MAX]; /* the key that began last */
    bool in_value;             /* what comes belongs to it */
    size_t depth;              /* brackets that are open */
    struct conf_level {
        char bracket;
        unsigned line; /* where that stands, or 0: in an included file */
        size_t path;  /* bytes of the path of what it is the value of */
        size_t names; /* how many stand before those of this group */
        char kind;    /* of the entries of [ ], or 0 */
    } levels[CONF_PLACE_LEVELS + 1];
    char **names; /* of the settings in all groups that are open */
    size_t n_names;
};

/* All zero is the start. */
void conf_place_free(struct conf_place *place);

/* A name: of a setting, unless this is no place for one. */
void conf_place_name(struct conf_place *place, const char *name, size_t len);

/*
 * The sign behind a name.
 *
 * Returns whether it is the first setting of that name in its group.
 */
bool conf_place_assign(struct conf_place *place);

/* A bracket that opens, or closes, a group, a list or an array. */
void conf_place_open(struct conf_place *place, char bracket, unsigned line);
void conf_place_close(struct conf_place *place);

/*
 * The level of the bracket that was opened last, NULL when none is or it is
 * not told apart.
 */
const struct conf_level *conf_place_top(const struct conf_place *place);

/* The bracket that ends what this one opens. */
char conf_place_end(char bracket);

/* What stands in text behind blanks and comments. */
const char *conf_place_skip(const char *text);

/* Whether text goes on, behind blanks and comments, with = or :. */
bool conf_place_is_assigned(const char *text);

/*
 * Whether text can stand behind a string: an end, the next entry or setting,
 * or more of the string.
 */
bool conf_place_can_follow(const char *text);

/* An integer that libconfig 1.5 reads as another one. */
#define CONF_PLACE_WRAPPED 'w'

/* An integer with a zero before it, which is octal to some versions. */
#define CONF_PLACE_OCTAL 'o'

/*
 * The kind of a value without quotes: '0' of an integer or a fraction, 't' of
 * a boolean, one of the two above, or 0 of what is none.
 */
char conf_place_kind(const char *token, size_t len);

/*
 * A value that is no bracket, of that kind.
 *
 * Returns whether it can stand here: the entries of [ ] are of one kind.
 */
bool conf_place_value(struct conf_place *place, char kind);

/*
 * A comma or a semicolon.
 *
 * Returns whether the setting before it has its value.
 */
bool conf_place_separate(struct conf_place *place);

#endif /* IO_CONF_PLACE_H */
