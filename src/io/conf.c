/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The policy file, read with libconfig through the table of keys.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <errno.h>
#include <libconfig.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "io/conf.h"
#include "io/conf_fault.h"
#include "io/conf_read.h"
#include "io/conf_scan.h"
#include "io/conf_text.h"
#include "io/path.h"

#ifndef SYSCONFDIR
#define SYSCONFDIR "/etc"
#endif

enum { KEY_SHOWN_MAX = 80 }; /* bytes; every real one is shorter */

static int load(struct conf_reader *rd, const char *file,
                struct conf_watch *watch);
static char *parent_of(const char *file);
static int parse(config_t *config, const char *file, const char *dir,
                 struct errtext *why);
static int resolve_names(struct policy *policy, const char *dir,
                         struct errtext *why);
static int ready(struct policy *policy, const config_t *config,
                 struct errtext *why);

const char *
conf_file(const char *given)
{
    const char *file = given != NULL ? given : getenv("CCGRANT_CONFIG");

    return file != NULL && *file != '\0' ? file
                                         : SYSCONFDIR "/ccgrant/ccgrant.conf";
}

int
conf_load(struct policy *policy, const char *file, conf_warn_fn *warn,
          void *arg, struct errtext *why)
{
    struct conf_reader rd = { .policy = policy, .warn = warn, .arg = arg,
                              .why = why };

    return load(&rd, file, NULL);
}

int
conf_load_watched(struct policy *policy, const char *file,
                  struct conf_watch *watch, struct errtext *why)
{
    struct conf_reader rd = { .policy = policy, .why = why };

    return load(&rd, file, watch);
}

static int
load(struct conf_reader *rd, const char *file, struct conf_watch *watch)
{
    struct policy *policy = rd->policy;
    struct errtext *why = rd->why;
    char *dir = parent_of(file);
    config_t config;
    int rc = -1;

    memset(policy, 0, sizeof(*policy));
    policy->file = alloc_text(file);
    config_init(&config);
    if (conf_scan(file, dir, watch, why) < 0
        || parse(&config, file, dir, why) < 0
        || conf_read(rd, config_root_setting(&config)) < 0
        || resolve_names(policy, dir, why) < 0
        || ready(policy, &config, why) < 0)
        goto done;
    rc = 0;
done:
    config_destroy(&config);
    free(dir);
    if (rc < 0)
        policy_free(policy);
    return rc;
}

/* The key without the numbers of entries. */
static void
show_key(const char *key, char *shown, size_t cap)
{
    const char *from = strchr(key, '[');
    const char *to = from != NULL ? strchr(from, ']') : NULL;

    if (to != NULL && to[1] == '.')
        snprintf(shown, cap, "%.*s%s", (int)(from - key), key, to + 2);
    else
        snprintf(shown, cap, "%s", key);
}

int
conf_context(const char *file, const char *key, size_t entry,
             struct errtext *why)
{
    char *dir = parent_of(file);
    const config_setting_t *setting = NULL, *element;
    char where[PATH_TEXT_MAX], shown[KEY_SHOWN_MAX];
    config_t config;

    show_key(key, shown, sizeof(shown));
    config_init(&config);
    if (conf_scan(file, dir, NULL, NULL) == 0
        && parse(&config, file, dir, NULL) == 0)
        setting = config_lookup(&config, key);
    if (setting != NULL && config_setting_is_aggregate(setting)) {
        element = config_setting_get_elem(setting, (unsigned)entry);
        setting = element != NULL ? element : setting;
    }
    if (setting != NULL)
        errtext_context(why, "%.200s:%u: %s",
                        conf_fault_file(file,
                                        config_setting_source_file(setting),
                                        where),
                        config_setting_source_line(setting), shown);
    else
        errtext_context(why, "%.200s: %s", file, shown);
    config_destroy(&config);
    free(dir);
    return -1;
}

static char *
parent_of(const char *file)
{
    const char *slash = strrchr(file, '/');

    if (slash == NULL)
        return alloc_text(".");
    return alloc_part(file, slash == file ? 1 : (size_t)(slash - file));
}

/* What stands in that line of the file, as far as it can be shown. */
static void
show_line(const char *file, int number, char shown[CONF_SHOWN_MAX])
{
    FILE *in = fopen(file, "re");
    char *line = NULL, *text;
    size_t cap = 0, len;
    ssize_t n = -1;

    snprintf(shown, CONF_SHOWN_MAX, "the end of the file");
    while (in != NULL && number-- > 0)
        n = getline(&line, &cap, in);
    if (n > 0) {
        text = line + strspn(line, " \t\r\n");
        for (len = strlen(text); len > 0; len--) {
            if (strchr(" \t\r\n", text[len - 1]) == NULL)
                break;
        }
        conf_text_show(shown, text, len);
    }
    free(line);
    if (in != NULL)
        fclose(in);
}

/* What to do about a text of libconfig's. */
static const char *
cure_of(const char *text)
{
    if (strstr(text, "duplicate") != NULL)
        return "expected each key once in its group";
    if (strstr(text, "array") != NULL)
        return "expected values of one type between [ and ]";
    return "expected, here or just before, KEY = VALUE; with a string in "
           "double quotes, a number, true, false, [ ... ] or { ... }";
}

static int
parse(config_t *config, const char *file, const char *dir,
      struct errtext *why)
{
    char buf[PATH_TEXT_MAX], shown[CONF_SHOWN_MAX];
    const char *where;

    config_set_include_dir(config, dir);
    if (config_read_file(config, file) == CONFIG_TRUE)
        return 0;
    where = conf_fault_file(file, config_error_file(config), buf);
    show_line(where, config_error_line(config), shown);
    return errtext_set(why, "%s:%d: %s: found %s; %s", where,
                       config_error_line(config), config_error_text(config),
                       shown,
                       cure_of(config_error_text(config)));
}

/* Make the name of a file absolute; a slash at the end goes. */
static int
resolve(char **name, const char *base, struct errtext *why)
{
    char path[PATH_TEXT_MAX];
    size_t len;

    if (path_join(path, base, *name, why) < 0)
        return -1;
    for (len = strlen(path); len > 1 && path[len - 1] == '/'; len--)
        path[len - 1] = '\0';
    free(*name);
    *name = alloc_text(path);
    return 0;
}

/* Of the resources; an empty name is none. */
static int
resolve_keys(struct policy *policy, const char *base, struct errtext *why)
{
    size_t i;
    int rc = 0;

    for (i = 0; rc == 0 && i < policy->n_resources; i++) {
        char **name = &policy->resources[i].encryption_key;

        if (*name != NULL && **name != '\0') {
            rc = resolve(name, base, why);
        } else {
            free(*name);
            *name = NULL;
        }
    }
    return rc;
}

static int
resolve_names(struct policy *policy, const char *dir, struct errtext *why)
{
    char *base = realpath(dir, NULL);
    char **const names[] = {&policy->state, &policy->jwks.ca,
                            &policy->revocations.file, &policy->archive};
    size_t i;
    int rc = 0;

    if (base == NULL)
        return errtext_set(why, "%s: %s", dir, strerror(errno));
    for (i = 0; rc == 0 && i < sizeof(names) / sizeof(names[0]); i++) {
        if ((*names[i])[0] != '\0')
            rc = resolve(names[i], base, why);
    }
    for (i = 0; rc == 0 && i < policy->mtls.n_ca; i++)
        rc = resolve(&policy->mtls.ca[i], base, why);
    if (rc == 0)
        rc = resolve_keys(policy, base, why);
    free(base);
    return rc;
}

/* Whether the string of setting stands in quotes at the start of text. */
static bool
is_quoted(const config_setting_t *setting, const char *text)
{
    const char *value = config_setting_get_string(setting);
    size_t len = value != NULL ? strlen(value) : 0;

    return value != NULL && text[0] == '"'
           && strncmp(text + 1, value, len) == 0 && text[1 + len] == '"';
}

/* The setting in group of the key and value that the reason begins with. */
static const config_setting_t *
find_fault(config_setting_t *group, const char *reason)
{
    char leaf[32];
    size_t path = strcspn(reason, ":"), dot = path, i, n;
    config_setting_t *setting, *entry;
    const config_setting_t *found;

    while (dot > 0 && reason[dot - 1] != '.')
        dot--;
    snprintf(leaf, sizeof(leaf), "%.*s", (int)(path - dot), reason + dot);
    setting = config_setting_get_member(group, leaf);
    if (setting == NULL)
        return group;
    found = setting;
    n = config_setting_is_aggregate(setting)
            ? (size_t)config_setting_length(setting)
            : 0;
    for (i = 0; i < n; i++) {
        entry = config_setting_get_elem(setting, (unsigned)i);
        if (is_quoted(entry, reason + path + 2))
            found = entry;
    }
    return found;
}

static int
ready(struct policy *policy, const config_t *config, struct errtext *why)
{
    const config_setting_t *fault;
    config_setting_t *group;
    char name[32], where_file[PATH_TEXT_MAX];
    bool in_role;
    int where;

    if (policy_ready(policy, &in_role, &where, why) == 0)
        return 0;
    snprintf(name, sizeof(name), "%.*s", (int)strcspn(why->text, ".:"),
             why->text);
    group = config_lookup(config, name);
    if (group != NULL && where >= 0)
        group = config_setting_get_elem(group, (unsigned)where);
    if (group == NULL)
        return -1;
    fault = find_fault(group, why->text);
    return errtext_context(why, "%s:%u",
                           conf_fault_file(policy->file,
                                           config_setting_source_file(fault),
                                           where_file),
                           config_setting_source_line(fault));
}
