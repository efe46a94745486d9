/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * From the settings of the file to the policy, key by key.
 */

#include <libconfig.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "io/conf_fault.h"
#include "io/conf_read.h"
#include "io/conf_text.h"

enum { PATH_SHOWN_MAX = 120 }; /* bytes; every real path is shorter */

static void put_preset(struct policy *policy, const struct conf_key *key);
static int read_group(struct conf_reader *rd, config_setting_t *group,
                      const char *path, void *home);
static int read_member(struct conf_reader *rd, config_setting_t *setting,
                       const char *group, void *home);
static int read_value(struct conf_reader *rd, config_setting_t *setting,
                      const struct conf_key *key, void *home);
static int read_integer(struct conf_reader *rd, config_setting_t *setting,
                        const struct conf_key *key, void *home);
static int read_boolean(struct conf_reader *rd, config_setting_t *setting,
                        const struct conf_key *key, void *home);
static int read_string(struct conf_reader *rd, config_setting_t *setting,
                       const struct conf_key *key, void *home);
static int read_word(struct conf_reader *rd, config_setting_t *setting,
                     const struct conf_key *key, void *home);
static int read_strings(struct conf_reader *rd, config_setting_t *setting,
                        const struct conf_key *key, void *home);
static int read_groups(struct conf_reader *rd, config_setting_t *setting,
                       const struct conf_key *key, void *home);
static int check_required(struct conf_reader *rd, config_setting_t *group,
                          const char *path);

int
conf_read(struct conf_reader *rd, struct config_setting_t *root)
{
    const struct conf_key *key;
    size_t i;

    for (i = 0; (key = conf_keys_at(i)) != NULL; i++) {
        if (key->home == CONF_POLICY && key->preset != NULL && !key->later)
            put_preset(rd->policy, key);
    }
    return read_group(rd, root, "", rd->policy);
}

static void *
place(const struct conf_key *key, void *home)
{
    return (char *)home + key->at;
}

static void
put_text(const struct conf_key *key, void *home, const char *text)
{
    char **at = place(key, home);

    if (key->put != NULL) {
        key->put(at, text);
        return;
    }
    free(*at);
    *at = alloc_text(text);
}

static void
put_preset(struct policy *policy, const struct conf_key *key)
{
    if (key->type == CONF_INTEGER)
        *(int64_t *)place(key, policy) = strtoll(key->preset, NULL, 10);
    else if (key->type == CONF_BOOLEAN)
        *(bool *)place(key, policy) = strcmp(key->preset, "true") == 0;
    else if (key->type == CONF_STRING || key->type == CONF_WORD)
        put_text(key, policy, key->preset);
}

static void
warn_later(const struct conf_reader *rd, const config_setting_t *setting,
           const struct conf_key *key)
{
    conf_fault_warn(rd, setting, key->path,
                    "has no effect in this version of ccgrant");
}

static int
read_group(struct conf_reader *rd, config_setting_t *group, const char *path,
           void *home)
{
    unsigned i, n = (unsigned)config_setting_length(group);

    for (i = 0; i < n; i++) {
        if (read_member(rd, config_setting_get_elem(group, i), path, home) < 0)
            return -1;
    }
    return check_required(rd, group, path);
}

static int
read_member(struct conf_reader *rd, config_setting_t *setting,
            const char *group, void *home)
{
    char path[PATH_SHOWN_MAX], cure[CONF_EXPECT_MAX];
    const struct conf_key *key;

    snprintf(path, sizeof(path), "%s%s%.80s", group, *group != '\0' ? "." : "",
             config_setting_name(setting));
    key = conf_keys_find(path);
    if (key != NULL)
        return read_value(rd, setting, key, home);
    if (conf_keys_is_group(path) && config_setting_is_group(setting))
        return read_group(rd, setting, path, home);
    if (conf_keys_is_group(path))
        return conf_fault_value(rd, setting, path, true, "a group, { ... }");
    conf_text_suggest(path, cure);
    return conf_fault(rd, setting, path, "unknown key; %s", cure);
}

static int
read_value(struct conf_reader *rd, config_setting_t *setting,
           const struct conf_key *key, void *home)
{
    switch (key->type) {
    case CONF_INTEGER:
        return read_integer(rd, setting, key, home);
    case CONF_BOOLEAN:
        return read_boolean(rd, setting, key, home);
    case CONF_STRING:
        return read_string(rd, setting, key, home);
    case CONF_WORD:
        return read_word(rd, setting, key, home);
    case CONF_STRINGS:
        return read_strings(rd, setting, key, home);
    case CONF_GROUPS:
        return read_groups(rd, setting, key, home);
    }
    return -1;
}

static int
read_integer(struct conf_reader *rd, config_setting_t *setting,
             const struct conf_key *key, void *home)
{
    int type = config_setting_type(setting);
    int64_t value;

    if (type != CONFIG_TYPE_INT && type != CONFIG_TYPE_INT64)
        return conf_fault_key(rd, setting, key, true);
    value = config_setting_get_int64(setting);
    if (value < key->least || value > key->greatest)
        return conf_fault_key(rd, setting, key, false);
    if (!key->later)
        *(int64_t *)place(key, home) = value;
    else if (value != strtoll(key->preset, NULL, 10))
        warn_later(rd, setting, key);
    return 0;
}

static int
read_boolean(struct conf_reader *rd, config_setting_t *setting,
             const struct conf_key *key, void *home)
{
    bool value = config_setting_get_bool(setting);

    if (config_setting_type(setting) != CONFIG_TYPE_BOOL)
        return conf_fault_key(rd, setting, key, true);
    if (!key->later)
        *(bool *)place(key, home) = value;
    else if (value != (strcmp(key->preset, "true") == 0))
        warn_later(rd, setting, key);
    return 0;
}

/* A string alone, or one of a list. */
static int
check_string(struct conf_reader *rd, config_setting_t *setting,
             const struct conf_key *key)
{
    const char *expected = NULL, *value;

    if (config_setting_type(setting) != CONFIG_TYPE_STRING)
        return conf_fault_key(rd, setting, key, true);
    value = config_setting_get_string(setting);
    if (key->type == CONF_STRING
        && (strlen(value) < (size_t)key->least
            || strlen(value) > (size_t)key->greatest))
        return conf_fault_key(rd, setting, key, false);
    if (key->check != NULL)
        expected = key->check(value);
    if (expected == NULL)
        return 0;
    return conf_fault_value(rd, setting, key->path, false, expected);
}

static int
read_string(struct conf_reader *rd, config_setting_t *setting,
            const struct conf_key *key, void *home)
{
    const char *value = config_setting_get_string(setting);

    if (check_string(rd, setting, key) < 0)
        return -1;
    if (!key->later)
        put_text(key, home, value);
    else if (strcmp(value, key->preset) != 0)
        warn_later(rd, setting, key);
    return 0;
}

static int
read_word(struct conf_reader *rd, config_setting_t *setting,
          const struct conf_key *key, void *home)
{
    const char *value = config_setting_get_string(setting);
    size_t i;

    if (config_setting_type(setting) != CONFIG_TYPE_STRING)
        return conf_fault_key(rd, setting, key, true);
    for (i = 0; key->words[i] != NULL; i++) {
        if (strcmp(key->words[i], value) == 0)
            break;
    }
    if (key->words[i] == NULL)
        return conf_fault_key(rd, setting, key, false);
    put_text(key, home, value);
    return 0;
}

/* The number of entries of a list with n at most, or -1. */
static int
list_length(struct conf_reader *rd, config_setting_t *setting,
            const struct conf_key *key)
{
    int n = config_setting_length(setting);

    if (!config_setting_is_list(setting)
        && !(config_setting_is_array(setting) && key->type == CONF_STRINGS))
        return conf_fault_key(rd, setting, key, true);
    if (n < key->least || n > key->greatest)
        return conf_fault_key(rd, setting, key, true);
    return n;
}

static int
read_strings(struct conf_reader *rd, config_setting_t *setting,
             const struct conf_key *key, void *home)
{
    int i, n = list_length(rd, setting, key);
    char **list;

    for (i = 0; i < n; i++) {
        if (check_string(rd, config_setting_get_elem(setting, (unsigned)i),
                         key) < 0)
            return -1;
    }
    if (n < 0)
        return -1;
    list = alloc_zero((size_t)n, sizeof(*list));
    for (i = 0; i < n; i++)
        list[i] = alloc_text(config_setting_get_string_elem(setting, i));
    *(char ***)place(key, home) = list;
    *(size_t *)((char *)home + key->count_at) = (size_t)n;
    return 0;
}

static int
read_groups(struct conf_reader *rd, config_setting_t *setting,
            const struct conf_key *key, void *home)
{
    int i, n = list_length(rd, setting, key);
    char *items;

    if (n < 0)
        return -1;
    items = alloc_zero((size_t)n, key->item_size);
    memcpy(place(key, home), &items, sizeof(items));
    *(size_t *)((char *)home + key->count_at) = (size_t)n;
    for (i = 0; i < n; i++) {
        config_setting_t *item = config_setting_get_elem(setting, (unsigned)i);

        if (!config_setting_is_group(item))
            return conf_fault_value(rd, item, key->path, true,
                                    "a group, { ... }");
        if (read_group(rd, item, key->path,
                       items + (size_t)i * key->item_size) < 0)
            return -1;
    }
    return 0;
}

/* Whether the key stands directly in the group of that path. */
static bool
is_in(const struct conf_key *key, const char *path)
{
    size_t len = strlen(path);

    if (len == 0)
        return strchr(key->path, '.') == NULL;
    return strncmp(key->path, path, len) == 0 && key->path[len] == '.';
}

static int
check_required(struct conf_reader *rd, config_setting_t *group,
               const char *path)
{
    const struct conf_key *key;
    size_t i;

    for (i = 0; (key = conf_keys_at(i)) != NULL; i++) {
        if (key->preset == NULL && is_in(key, path)
            && config_setting_get_member(group, conf_keys_leaf(key)) == NULL)
            return conf_fault(rd, group, key->path, "missing; expected, for "
                              "example, %s", key->example);
    }
    return 0;
}
