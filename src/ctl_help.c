/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What --help prints.
 */

#include <string.h>

#include "ctl_help.h"

enum { INDENT = 28, COLUMNS = 79 };

static void print_commands(const char *noun);
static void print_options(const char *head, const struct ctl_option *options);
static void print_entry(const char *name, const char *text);

void
ctl_help(const struct ctl *ctl)
{
    ctl_help_usage(ctl, stdout);
    if (ctl->command != NULL) {
        printf("\n%s.\n", ctl->command->help);
        print_options("Options", ctl->command->options);
    } else {
        print_commands(ctl->noun);
    }
    print_options("Global options", ctl_globals);
    printf("\nExit status: 0 done, 1 refused or failed, 2 usage.  The manual "
           "is ccgrant(8).\n");
}

void
ctl_help_usage(const struct ctl *ctl, FILE *out)
{
    const struct ctl_command *command = ctl->command;
    size_t i;

    fprintf(out, "usage: ccgrant [-c FILE] [--json]");
    if (command == NULL) {
        fprintf(out, " %s VERB [ARGUMENT...] [OPTION...]\n",
                ctl->noun != NULL ? ctl->noun : "NOUN");
        return;
    }
    fprintf(out, " %s", command->noun);
    if (command->verb != NULL)
        fprintf(out, " %s", command->verb);
    for (i = 0; command->args[i] != NULL; i++)
        fprintf(out, " %s", command->args[i]);
    fprintf(out, "%s\n", command->options != NULL ? " [OPTION...]" : "");
}

static void
print_commands(const char *noun)
{
    const struct ctl_command *command;
    char name[80];

    printf("\nCommands:\n");
    for (command = ctl_commands; command->noun != NULL; command++) {
        if (noun != NULL && strcmp(command->noun, noun) != 0)
            continue;
        snprintf(name, sizeof(name), "%s%s%s%s%s%s%s", command->noun,
                 command->verb != NULL ? " " : "",
                 command->verb != NULL ? command->verb : "",
                 command->args[0] != NULL ? " " : "",
                 command->args[0] != NULL ? command->args[0] : "",
                 command->args[0] != NULL && command->args[1] != NULL ? " "
                                                                      : "",
                 command->args[0] != NULL && command->args[1] != NULL
                     ? command->args[1]
                     : "");
        print_entry(name, command->help);
    }
    printf("\nccgrant NOUN VERB --help tells more of each.\n");
}

static void
print_options(const char *head, const struct ctl_option *options)
{
    char name[80];

    if (options == NULL)
        return;
    printf("\n%s:\n", head);
    for (; options->name != NULL; options++) {
        snprintf(name, sizeof(name), "%s--%s%s%s",
                 strcmp(options->name, "config") == 0 ? "-c, " : "",
                 options->name, options->value != NULL ? " " : "",
                 options->value != NULL ? options->value : "");
        print_entry(name, options->help);
    }
}

/* The name, and the text beside it in lines of words. */
static void
print_entry(const char *name, const char *text)
{
    size_t column = strlen(name) + 2;

    printf("  %s", name);
    if (column >= INDENT) {
        printf("\n");
        column = 0;
    }
    printf("%*s", INDENT - (int) column, "");
    column = INDENT;
    while (*text != '\0') {
        size_t len = strcspn(text, " ");

        if (column > INDENT && column + 1 + len > COLUMNS) {
            printf("\n%*s", INDENT, "");
            column = INDENT;
        } else if (column > INDENT) {
            printf(" ");
            column++;
        }
        printf("%.*s", (int) len, text);
        column += len;
        text += len + (text[len] == ' ');
    }
    printf("\n");
}
