/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Where among the settings a scan of the policy is.
 */

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "io/conf_place.h"

static struct conf_level *
top(struct conf_place *place)
{
    size_t depth = place->depth;

    return &place->levels[depth < CONF_PLACE_LEVELS ? depth
                                                    : CONF_PLACE_LEVELS];
}

static void
forget(struct conf_place *place, size_t from)
{
    while (place->n_names > from)
        free(place->names[--place->n_names]);
}

void
conf_place_free(struct conf_place *place)
{
    forget(place, 0);
    free(place->names);
    memset(place, 0, sizeof(*place));
}

static bool
is_list(char bracket)
{
    return bracket == '(' || bracket == '[';
}

void
conf_place_name(struct conf_place *place, const char *name, size_t len)
{
    size_t at = top(place)->path;

    if (at > 0 && at + 1 < sizeof(place->path))
        place->path[at++] = '.';
    if (len >= sizeof(place->path) - at)
        len = sizeof(place->path) - at - 1;
    memcpy(place->path + at, name, len);
    place->path[at + len] = '\0';
}

bool
conf_place_assign(struct conf_place *place)
{
    size_t from = top(place)->names, i;
    char *name = place->path + top(place)->path;

    place->in_value = true;
    name += *name == '.';
    if (*name == '\0')
        return true;
    for (i = from; i < place->n_names; i++) {
        if (strcmp(place->names[i], name) == 0)
            return place->depth > CONF_PLACE_LEVELS
                   || strlen(place->path) + 1 == sizeof(place->path);
    }
    place->names = alloc_again(place->names, (place->n_names + 1)
                                                 * sizeof(*place->names));
    place->names[place->n_names++] = alloc_text(name);
    return true;
}

void
conf_place_open(struct conf_place *place, char bracket, unsigned line)
{
    struct conf_level *level;

    place->depth++;
    place->in_value = is_list(bracket);
    if (place->depth > CONF_PLACE_LEVELS)
        return;
    level = top(place);
    level->bracket = bracket;
    level->line = line;
    level->path = strlen(place->path);
    level->names = place->n_names;
    level->kind = 0;
}

void
conf_place_close(struct conf_place *place)
{
    if (place->depth == 0)
        return;
    if (place->depth <= CONF_PLACE_LEVELS) {
        place->path[top(place)->path] = '\0';
        forget(place, top(place)->names);
    }
    place->depth--;
    place->in_value = is_list(top(place)->bracket);
}

const struct conf_level *
conf_place_top(const struct conf_place *place)
{
    return place->depth == 0 || place->depth > CONF_PLACE_LEVELS
               ? NULL
               : &place->levels[place->depth];
}

char
conf_place_end(char bracket)
{
    return bracket == '(' ? ')' : bracket == '[' ? ']' : '}';
}

const char *
conf_place_skip(const char *text)
{
    const char *end;

    for (;;) {
        text += strspn(text, " \t\r\n\f");
        if (*text == '#' || strncmp(text, "//", 2) == 0) {
            text += strcspn(text, "\n");
        } else if (strncmp(text, "/*", 2) == 0) {
            end = strstr(text + 2, "*/");
            text = end != NULL ? end + 2 : text + strlen(text);
        } else {
            return text;
        }
    }
}

bool
conf_place_is_assigned(const char *text)
{
    text = conf_place_skip(text);
    return *text == '=' || *text == ':';
}

bool
conf_place_can_follow(const char *text)
{
    size_t name;

    text = conf_place_skip(text);
    if (*text == '\0' || strchr(";,)]}\"@", *text) != NULL)
        return true;
    name = strspn(text, CONF_PLACE_WORD);
    return name > 0 && conf_place_is_assigned(text + name);
}

static bool
is_wrapped(const char *token, size_t len)
{
    bool hex = len > 2 && token[0] == '0' && (token[1] | 0x20) == 'x';
    long long value;
    char *end;

    errno = 0;
    value = strtoll(token, &end, hex ? 16 : 10);
    if (end == token)
        return false;
    if (end < token + len && *end == 'L')
        return errno == ERANGE;
    return end == token + len
           && (errno == ERANGE || value > INT_MAX || value < INT_MIN);
}

static bool
is_octal(const char *token, size_t len)
{
    size_t sign = *token == '+' || *token == '-';
    size_t digits = strspn(token + sign, "0123456789");

    return digits > 1 && token[sign] == '0'
           && (sign + digits == len || token[sign + digits] == 'L');
}

/* As libconfig writes integers and fractions. */
static bool
is_number(const char *token, size_t len)
{
    char *end;

    (void)strtod(token, &end);
    while (end < token + len && *end == 'L')
        end++;
    return end == token + len;
}

char
conf_place_kind(const char *token, size_t len)
{
    if (strchr("0123456789+-.", *token) != NULL) {
        if (is_wrapped(token, len))
            return CONF_PLACE_WRAPPED;
        if (is_octal(token, len))
            return CONF_PLACE_OCTAL;
        return is_number(token, len) ? '0' : '\0';
    }
    return (len == 4 && strncasecmp(token, "true", 4) == 0)
                   || (len == 5 && strncasecmp(token, "false", 5) == 0)
               ? 't'
               : '\0';
}

bool
conf_place_value(struct conf_place *place, char kind)
{
    struct conf_level *level = top(place);

    place->in_value = is_list(level->bracket);
    if (level->bracket != '[')
        return true;
    if (level->kind == 0)
        level->kind = kind;
    return level->kind == kind;
}

bool
conf_place_separate(struct conf_place *place)
{
    bool within_list = is_list(top(place)->bracket);
    bool has_value = within_list || !place->in_value;

    place->in_value = within_list;
    return has_value;
}
