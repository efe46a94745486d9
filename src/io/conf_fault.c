/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What is wrong with a setting, and where it stands.
 */

#include <libconfig.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "io/conf_fault.h"
#include "io/conf_text.h"

const char *
conf_fault_file(const char *policy, const char *source,
                char buf[PATH_TEXT_MAX])
{
    const char *slash = strrchr(policy, '/');
    size_t dir = slash != NULL ? (size_t)(slash + 1 - policy) : 0;

    if (source == NULL)
        return policy;
    if (dir == 0 || strncmp(source, policy, dir) == 0)
        return source;
    snprintf(buf, PATH_TEXT_MAX, "%.*s%s", (int)dir, policy, source);
    return buf;
}

static const char *
file_of(const struct conf_reader *rd, const config_setting_t *setting,
        char buf[PATH_TEXT_MAX])
{
    return conf_fault_file(rd->policy->file,
                           config_setting_source_file(setting), buf);
}

/* The root has the line 0. */
static unsigned
line_of(const config_setting_t *setting)
{
    unsigned line = config_setting_source_line(setting);

    return line > 0 ? line : 1;
}

int
conf_fault(struct conf_reader *rd, const struct config_setting_t *setting,
           const char *path, const char *fmt, ...)
{
    char file[PATH_TEXT_MAX];
    struct errtext what;
    va_list args;

    va_start(args, fmt);
    vsnprintf(what.text, sizeof(what.text), fmt, args);
    va_end(args);
    return errtext_set(rd->why, "%s:%u: %s: %s", file_of(rd, setting, file),
                       line_of(setting), path, what.text);
}

/* The value, with its kind before it when it is of the wrong one. */
static void
show(const config_setting_t *setting, bool kind, char buf[CONF_SHOWN_MAX + 16])
{
    char text[CONF_SHOWN_MAX] = "";
    const char *string;
    size_t cap = CONF_SHOWN_MAX + 16;

    switch (config_setting_type(setting)) {
    case CONFIG_TYPE_STRING:
        string = config_setting_get_string(setting);
        conf_text_show(text, string, strlen(string));
        snprintf(buf, cap, "%s\"%s\"", kind ? "the string " : "", text);
        break;
    case CONFIG_TYPE_INT:
    case CONFIG_TYPE_INT64:
        snprintf(buf, cap, "%s%lld", kind ? "the integer " : "",
                 config_setting_get_int64(setting));
        break;
    case CONFIG_TYPE_FLOAT:
        snprintf(buf, cap, "the fraction %g",
                 config_setting_get_float(setting));
        break;
    case CONFIG_TYPE_BOOL:
        snprintf(buf, cap, "%s",
                 config_setting_get_bool(setting) ? "true" : "false");
        break;
    case CONFIG_TYPE_GROUP:
        snprintf(buf, cap, "a group");
        break;
    default:
        snprintf(buf, cap, "a list of %d in %s",
                 config_setting_length(setting),
                 config_setting_is_array(setting) ? "[ ]" : "( )");
        break;
    }
}

int
conf_fault_value(struct conf_reader *rd,
                 const struct config_setting_t *setting, const char *path,
                 bool kind, const char *expected)
{
    char found[CONF_SHOWN_MAX + 16];

    show(setting, kind, found);
    return conf_fault(rd, setting, path, "found %s; expected %s", found,
                      expected);
}

int
conf_fault_key(struct conf_reader *rd, const struct config_setting_t *setting,
               const struct conf_key *key, bool kind)
{
    char expected[CONF_EXPECT_MAX];

    conf_text_expect(key, expected);
    if (key->type == CONF_WORD
        && config_setting_type(setting) == CONFIG_TYPE_STRING)
        conf_text_near(key, config_setting_get_string(setting), expected);
    return conf_fault_value(rd, setting, key->path, kind, expected);
}

void
conf_fault_warn(const struct conf_reader *rd,
                const struct config_setting_t *setting, const char *path,
                const char *what)
{
    char file[PATH_TEXT_MAX];
    struct errtext text;

    if (rd->warn == NULL)
        return;
    errtext_set(&text, "%s:%u: %s: %s", file_of(rd, setting, file),
                line_of(setting), path, what);
    rd->warn(rd->arg, text.text);
}
