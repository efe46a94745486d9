/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The lists of a client record as JSON.
 */

#include <jansson.h>
#include <stdlib.h>

#include "core/alloc.h"
#include "core/client_priv.h"

int
client_wrong(const struct member *m, const char *expected,
             struct errtext *why)
{
    return errtext_set(why, "%s is not %s", m->name, expected);
}

static int
check_list(const struct member *m, const json_t *value, size_t max,
           struct errtext *why)
{
    if (!json_is_array(value))
        return client_wrong(m, "an array", why);
    if (json_array_size(value) > max)
        return errtext_set(why, "%s has more than %zu entries", m->name, max);
    return 0;
}

int
client_list_read(struct client *cl, const struct member *m,
                 const json_t *value, struct errtext *why)
{
    char ***list = (void *) ((char *) cl + m->offset);
    size_t *n = (void *) ((char *) cl + m->count), i;

    if (check_list(m, value, CLIENT_LIST_MAX, why) != 0)
        return -1;
    *list = alloc_zero(json_array_size(value) + 1, sizeof(**list));
    for (i = 0; i < json_array_size(value); i++) {
        const json_t *entry = json_array_get(value, i);

        if (!json_is_string(entry))
            return client_wrong(m, "an array of strings", why);
        (*list)[(*n)++] = alloc_text(json_string_value(entry));
    }
    return 0;
}

/* Text that is not UTF-8 is no JSON: better no record than one without it. */
static void
append(json_t *array, const char *text)
{
    if (json_array_append_new(array, json_string(text)) != 0)
        abort();
}

json_t *
client_list_write(const struct client *cl, const struct member *m)
{
    char **const *list = (const void *) ((const char *) cl + m->offset);
    const size_t *n = (const void *) ((const char *) cl + m->count);
    json_t *array = json_array();
    size_t i;

    for (i = 0; i < *n; i++)
        append(array, (*list)[i]);
    return array;
}

int
client_networks_read(struct client *cl, const struct member *m,
                     const json_t *value, struct errtext *why)
{
    size_t i;

    if (check_list(m, value, CLIENT_LIST_MAX, why) != 0)
        return -1;
    cl->networks =
        alloc_zero(json_array_size(value) + 1, sizeof(*cl->networks));
    for (i = 0; i < json_array_size(value); i++) {
        const char *text = json_string_value(json_array_get(value, i));

        if (text == NULL)
            return client_wrong(m, "an array of strings", why);
        if (cidr_parse(&cl->networks[cl->n_networks], text, why) != 0)
            return -1;
        cl->n_networks++;
    }
    return 0;
}

json_t *
client_networks_write(const struct client *cl, const struct member *m)
{
    json_t *array = json_array();
    size_t i;

    (void) m;
    for (i = 0; i < cl->n_networks; i++) {
        char text[CIDR_TEXT_MAX];

        cidr_text(&cl->networks[i], text);
        append(array, text);
    }
    return array;
}

int
client_words_read(struct client *cl, const struct member *m,
                  const json_t *value, struct errtext *why)
{
    unsigned *bits = (void *) ((char *) cl + m->offset);
    size_t i;

    if (!json_is_array(value))
        return client_wrong(m, "an array", why);
    for (i = 0; i < json_array_size(value); i++) {
        const char *text = json_string_value(json_array_get(value, i));
        int word = client_find_word(m->words, text);

        if (word < 1)
            return client_wrong(m, "an array of words that this version knows",
                                why);
        *bits |= 1u << (word - 1);
    }
    return 0;
}

json_t *
client_words_write(const struct client *cl, const struct member *m)
{
    const unsigned *bits = (const void *) ((const char *) cl + m->offset);
    json_t *array = json_array();
    int word;

    for (word = 1; m->words[word] != NULL; word++) {
        if ((*bits & 1u << (word - 1)) != 0)
            append(array, m->words[word]);
    }
    return array;
}
