/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What the command says.
 */

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "ctl_args.h"
#include "ctl_out.h"

bool
ctl_out_has_colour(FILE *out)
{
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

    return isatty(fileno(out)) && (no == NULL || *no == '\0') && term != NULL
           && strcmp(term, "dumb") != 0;
}

void
ctl_out_error(const char *text)
{
    bool colour = ctl_out_has_colour(stderr);
    char *clean = ctl_out_clean(text);

    fprintf(stderr, "%sccgrant:%s %s\n", colour ? "\033[1;31m" : "",
            colour ? "\033[0m" : "", clean);
    free(clean);
}

void
ctl_out_note(const char *text)
{
    char *clean = ctl_out_clean(text);

    fprintf(stderr, "ccgrant: note: %s\n", clean);
    free(clean);
}

/* The length of the control character at p, or 0. */
static size_t
control_len(const unsigned char *p)
{
    if (p[0] < 0x20 || p[0] == 0x7f)
        return 1;
    if (p[0] == 0xc2 && p[1] >= 0x80 && p[1] <= 0x9f) /* C1 */
        return 2;
    if (p[0] == 0xe2 && p[1] == 0x80 && p[2] >= 0xa8 && p[2] <= 0xae)
        return 3; /* U+2028 to U+202E */
    if (p[0] == 0xe2 && p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9)
        return 3; /* U+2066 to U+2069 */
    return 0;
}

char *
ctl_out_clean(const char *text)
{
    const unsigned char *p = (const unsigned char *) text;
    char *clean = alloc_bytes(strlen(text) + 1), *to = clean;
    size_t len;

    while (*p != '\0') {
        len = control_len(p);
        *to++ = len > 0 ? '?' : (char) *p;
        p += len > 0 ? len : 1;
    }
    *to = '\0';
    return clean;
}

void
ctl_out_json(json_t *json)
{
    if (json == NULL)
        abort();
    /* What could not be written is noticed when the output is closed. */
    (void) json_dumpf(json, stdout, JSON_INDENT(2));
    printf("\n");
    json_decref(json);
}

json_t *
ctl_out_string(const char *text)
{
    json_t *string = json_string(text);
    char *ascii, *p;

    if (string != NULL)
        return string;
    ascii = ctl_out_clean(text);
    for (p = ascii; *p != '\0'; p++) {
        if ((unsigned char) *p >= 0x80)
            *p = '?';
    }
    string = json_string(ascii);
    free(ascii);
    return string;
}

void
ctl_out_outcome(const char *id, bool changed)
{
    ctl_out_json(json_pack("{s:s,s:b}", "client_id", id, "changed",
                           (int) changed));
}

int
ctl_out_confirm(const struct ctl *ctl, const char *question,
                struct errtext *why)
{
    char answer[16] = "";
    char *clean;

    if (ctl_args_has(ctl, "yes"))
        return 0;
    if (!isatty(STDIN_FILENO))
        return errtext_set(why, "this destroys something, and there is no "
                                "terminal to ask at: use --yes");
    clean = ctl_out_clean(question);
    fprintf(stderr, "%s [y/N] ", clean);
    free(clean);
    if (fgets(answer, sizeof(answer), stdin) != NULL
        && (strcmp(answer, "y\n") == 0 || strcmp(answer, "yes\n") == 0
            || strcmp(answer, "Y\n") == 0))
        return 0;
    return errtext_set(why, "nothing was changed");
}
