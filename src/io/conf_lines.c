/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Where the settings of a policy stand in its files.
 */

#include <libconfig.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "io/conf_fault.h"
#include "io/conf_lines.h"
#include "io/conf_scan.h"

struct conf_lines {
    char *file;
    config_t config;
    bool is_read;
};

struct conf_lines *
conf_lines_open(const char *file)
{
    struct conf_lines *lines = alloc_zero(1, sizeof(*lines));
    const char *slash = strrchr(file, '/');
    char dir[PATH_TEXT_MAX] = ".";

    lines->file = alloc_text(file);
    if (slash != NULL)
        snprintf(dir, sizeof(dir), "%.*s",
                 slash == file ? 1 : (int) (slash - file), file);
    config_init(&lines->config);
    config_set_include_dir(&lines->config, dir);
    lines->is_read =
        conf_scan(file, dir, NULL, NULL) == 0
        && config_read_file(&lines->config, file) == CONFIG_TRUE;
    return lines;
}

const char *
conf_lines_find(const struct conf_lines *lines, const char *path,
                char where[CONF_LINES_TEXT_MAX])
{
    const config_setting_t *setting = NULL;
    char buf[PATH_TEXT_MAX];

    where[0] = '\0';
    if (lines->is_read)
        setting = config_lookup(&lines->config, path);
    if (setting != NULL && !config_setting_is_root(setting))
        snprintf(where, CONF_LINES_TEXT_MAX, "%s:%u",
                 conf_fault_file(lines->file,
                                 config_setting_source_file(setting), buf),
                 (unsigned) config_setting_source_line(setting));
    return where;
}

void
conf_lines_close(struct conf_lines *lines)
{
    if (lines == NULL)
        return;
    config_destroy(&lines->config);
    free(lines->file);
    free(lines);
}
