/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Where settings stand: in the policy, in what it includes, and not at all.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../lib/tap.h"
#include "io/conf_lines.h"

static char dir[] = "/tmp/ccgrant-lines-XXXXXX";

static const char *
put(const char *name, const char *text)
{
    static char file[64];
    FILE *out;

    snprintf(file, sizeof(file), "%s/%s", dir, name);
    out = fopen(file, "we");
    if (out == NULL || fputs(text, out) == EOF || fclose(out) != 0)
        abort();
    return file;
}

static const struct {
    const char *sentence, *path, *where;
} rows[] = {
    {"a key", "issuer", "policy:1"},
    {"a key of a group", "token.lifetime", "policy:4"},
    {"an entry of a list", "resources.[1]", "policy:8"},
    {"a key of it", "resources.[1].format", "policy:9"},
    {"a value of an array", "resources.[0].scopes.[1]", "policy:7"},
    {"a key of another file", "roles", "more:2"},
    {"an entry there", "roles.[0].scopes.[0]", "more:3"},
    {"a key that is not there", "token.alg", ""},
    {"an entry that is not there", "resources.[2]", ""},
    {"nothing", "", ""},
};

int
main(void)
{
    char where[CONF_LINES_TEXT_MAX], file[64], wanted[128];
    struct conf_lines *lines;
    size_t i;

    if (mkdtemp(dir) == NULL)
        abort();
    put("more", "\nroles = (\n{ name = \"r\"; scopes = [ \"a\" ]; } );\n");
    snprintf(file, sizeof(file), "%s",
             put("policy", "issuer = \"https://x\";\n"
                           "@include \"more\"\n"
                           "token : {\n"
                           "  lifetime = 7;\n"
                           "};\n"
                           "resources = ( { scopes = [ \"a\",\n"
                           "    \"b\" ]; },\n"
                           "  {\n"
                           "    format = \"jwt\"; } );\n"));
    lines = conf_lines_open(file);
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        snprintf(wanted, sizeof(wanted), "%s%s%s",
                 rows[i].where[0] != '\0' ? dir : "",
                 rows[i].where[0] != '\0' ? "/" : "", rows[i].where);
        tap_is_str(wanted, conf_lines_find(lines, rows[i].path, where), "%s",
                   rows[i].sentence);
    }
    conf_lines_close(lines);
    lines = conf_lines_open(put("policy", "issuer = ;\n"));
    tap_is_str("", conf_lines_find(lines, "issuer", where),
               "a policy that cannot be read has nothing");
    conf_lines_close(lines);
    (void) unlink(file);
    lines = conf_lines_open(file);
    tap_is_str("", conf_lines_find(lines, "issuer", where),
               "nor has one that is not there");
    conf_lines_close(lines);
    conf_lines_close(NULL);
    (void) unlink(put("more", ""));
    (void) rmdir(dir);
    return tap_done();
}
