/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The table of keys and the values of the file in words.
 */

#include <inttypes.h>
#include <string.h>

#include "core/nearest.h"
#include "core/sbuf.h"
#include "io/conf.h"
#include "io/conf_text.h"

static const char *const type_names[] = {
    [CONF_STRING] = "string",   [CONF_INTEGER] = "integer",
    [CONF_BOOLEAN] = "boolean", [CONF_STRINGS] = "list of strings",
    [CONF_WORD] = "word",       [CONF_GROUPS] = "list of groups",
};

void
conf_text_show(char buf[CONF_SHOWN_MAX], const char *bytes, size_t len)
{
    static const char more[] = "...";
    struct sbuf sb;
    size_t i;

    sbuf_init(&sb, buf, CONF_SHOWN_MAX - sizeof(more) + 1);
    for (i = 0; i < len && !sb.overflow; i++) {
        if (bytes[i] != '\0' && strchr(" \"\\", bytes[i]) != NULL)
            sbuf_add_bytes(&sb, bytes + i, 1);
        else
            sbuf_add_log(&sb, bytes + i, 1);
    }
    if (sb.overflow)
        memcpy(buf + sb.len, more, sizeof(more));
}

static void
expect_word(const struct conf_key *key, struct sbuf *sb)
{
    size_t i;

    sbuf_add(sb, "one of ");
    for (i = 0; key->words[i] != NULL; i++) {
        sbuf_add(sb, i > 0 ? ", \"" : "\"");
        sbuf_add(sb, key->words[i]);
        sbuf_add(sb, "\"");
    }
}

static void
expect_range(const struct conf_key *key, const char *what, const char *unit,
             struct sbuf *sb)
{
    sbuf_add(sb, what);
    if (key->least > 0 || key->type == CONF_INTEGER) {
        sbuf_add_int(sb, key->least);
        sbuf_add(sb, " to ");
    } else {
        sbuf_add(sb, "at most ");
    }
    sbuf_add_int(sb, key->greatest);
    sbuf_add(sb, unit);
}

void
conf_text_near(const struct conf_key *key, const char *word,
               char buf[CONF_EXPECT_MAX])
{
    size_t len = strlen(buf), i;
    struct nearest near;
    struct sbuf sb;

    nearest_begin(&near, word, strlen(word));
    for (i = 0; key->words[i] != NULL; i++)
        nearest_offer(&near, key->words[i], strlen(key->words[i]));
    if (near.best == NULL)
        return;
    sbuf_init(&sb, buf + len, CONF_EXPECT_MAX - len);
    sbuf_add(&sb, "; did you mean \"");
    sbuf_add_bytes(&sb, near.best, near.best_len);
    sbuf_add(&sb, "\"?");
}

void
conf_text_expect(const struct conf_key *key, char buf[CONF_EXPECT_MAX])
{
    struct sbuf sb;

    sbuf_init(&sb, buf, CONF_EXPECT_MAX);
    switch (key->type) {
    case CONF_STRING:
        expect_range(key, "a string of ", " bytes, in double quotes", &sb);
        break;
    case CONF_INTEGER:
        expect_range(key, "an integer from ", "", &sb);
        break;
    case CONF_BOOLEAN:
        sbuf_add(&sb, "true or false");
        break;
    case CONF_STRINGS:
        expect_range(key, "a list of ", " strings, [ \"...\", \"...\" ]", &sb);
        break;
    case CONF_WORD:
        expect_word(key, &sb);
        break;
    case CONF_GROUPS:
        expect_range(key, "a list of ", " groups, ( { ... }, { ... } )", &sb);
        break;
    }
}

/* Offer what stands behind the first prefix bytes of all paths like path. */
static void
offer_siblings(const char *path, size_t prefix, struct nearest *near)
{
    const struct conf_key *key;
    size_t i;

    for (i = 0; (key = conf_keys_at(i)) != NULL; i++) {
        const char *name = key->path + prefix;

        if (strncmp(key->path, path, prefix) == 0)
            nearest_offer(near, name, strcspn(name, "."));
    }
}

/*
 * What has the same name elsewhere: a group; or the first key of a group, else
 * of an entry of a list.
 */
static const char *
find_cousin(const char *leaf)
{
    const struct conf_key *key;
    const char *found = NULL;
    size_t i;

    if (conf_keys_is_group(leaf))
        return leaf;
    for (i = 0; (key = conf_keys_at(i)) != NULL; i++) {
        if (strcmp(conf_keys_leaf(key), leaf) != 0)
            continue;
        if (key->home == CONF_POLICY)
            return key->path;
        if (found == NULL)
            found = key->path;
    }
    return found;
}

static void
list_siblings(const char *path, size_t prefix, struct sbuf *sb)
{
    const struct conf_key *key;
    const char *last = "", *separator = "expected one of ";
    size_t i;

    for (i = 0; (key = conf_keys_at(i)) != NULL; i++) {
        const char *name = key->path + prefix;
        size_t len;

        if (strncmp(key->path, path, prefix) != 0)
            continue;
        len = strcspn(name, ".");
        if (strncmp(name, last, len) == 0 && strcspn(last, ".") == len)
            continue;
        sbuf_add(sb, separator);
        sbuf_add_bytes(sb, name, len);
        separator = ", ";
        last = name;
    }
}

void
conf_text_suggest(const char *path, char buf[CONF_EXPECT_MAX])
{
    const char *dot = strrchr(path, '.');
    size_t prefix = dot != NULL ? (size_t)(dot + 1 - path) : 0;
    const char *cousin = find_cousin(path + prefix);
    struct nearest near;
    struct sbuf sb;

    sbuf_init(&sb, buf, CONF_EXPECT_MAX);
    nearest_begin(&near, path + prefix, strlen(path + prefix));
    offer_siblings(path, prefix, &near);
    if (near.best == NULL && cousin == NULL) {
        list_siblings(path, prefix, &sb);
        return;
    }
    sbuf_add(&sb, "did you mean \"");
    if (near.best != NULL) {
        sbuf_add_bytes(&sb, path, prefix);
        sbuf_add_bytes(&sb, near.best, near.best_len);
    } else {
        sbuf_add(&sb, cousin);
    }
    sbuf_add(&sb, "\"?");
}

static void
print_preset(FILE *out, const struct conf_key *key)
{
    if (key->preset == NULL)
        fputs("required", out);
    else if (key->preset[0] == '\0')
        fputs("empty", out);
    else
        fputs(key->preset, out);
}

static void
print_limits(FILE *out, const struct conf_key *key)
{
    size_t i;

    for (i = 0; key->words[i] != NULL; i++)
        fprintf(out, "%s%s", i > 0 ? ", " : "", key->words[i]);
    if (key->greatest > 0)
        fprintf(out, "%" PRId64 " to %" PRId64, key->least, key->greatest);
    if (key->type == CONF_STRING)
        fputs(" bytes", out);
    else if (key->type == CONF_STRINGS || key->type == CONF_GROUPS)
        fputs(" entries", out);
}

void
conf_print_keys(FILE *out)
{
    const struct conf_key *key;
    size_t i;

    for (i = 0; (key = conf_keys_at(i)) != NULL; i++) {
        fprintf(out, "%s\t%s\t", key->path, type_names[key->type]);
        print_preset(out, key);
        putc('\t', out);
        print_limits(out, key);
        fprintf(out, "\t%s%s\n", key->later ? "no effect yet: " : "",
                key->meaning);
    }
}
