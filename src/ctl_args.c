/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The command line.
 */

#include <string.h>

#include "core/alloc.h"
#include "core/nearest.h"
#include "core/sbuf.h"
#include "ctl_args.h"

enum { LIST_MAX = 200 };

static int take_option(struct ctl *ctl, char ***words, struct errtext *why);
static int take_word(struct ctl *ctl, const char *word, struct errtext *why);
static int check_whole(const struct ctl *ctl, struct errtext *why);

/* The command line is wrong, for the reason that was just set. */
static int
misuse(int ignored)
{
    (void) ignored;
    return CTL_USAGE;
}

int
ctl_args_read(struct ctl *ctl, char **words, struct errtext *why)
{
    bool options = true;
    size_t n = 0;
    int rc = 0;

    while (words[n] != NULL)
        n++;
    ctl->given = alloc_zero(n + 1, sizeof(*ctl->given));
    for (; rc == 0 && *words != NULL; words++) {
        const char *word = *words;

        if (options && strcmp(word, "--") == 0)
            options = false;
        else if (options && word[0] == '-' && word[1] != '\0')
            rc = take_option(ctl, &words, why);
        else
            rc = take_word(ctl, word, why);
    }
    ctl->json = ctl_args_has(ctl, "json");
    return rc == 0 ? check_whole(ctl, why) : rc;
}

static const struct ctl_option *
find_in(const struct ctl_option *options, const char *name, size_t len)
{
    for (; options != NULL && options->name != NULL; options++) {
        if (strlen(options->name) == len
            && memcmp(options->name, name, len) == 0)
            return options;
    }
    return NULL;
}

static const struct ctl_option *
find_option(const struct ctl *ctl, const char *name, size_t len)
{
    const struct ctl_option *option = find_in(ctl_globals, name, len);

    if (option == NULL && ctl->command != NULL)
        option = find_in(ctl->command->options, name, len);
    return option;
}

static void
offer_options(struct nearest *near, const struct ctl_option *options)
{
    for (; options != NULL && options->name != NULL; options++)
        nearest_offer(near, options->name, strlen(options->name));
}

static int
unknown_option(const struct ctl *ctl, const char *word, size_t len,
               struct errtext *why)
{
    const struct ctl_command *command = ctl->command;
    struct nearest near;

    nearest_begin(&near, word + 2, len - 2);
    offer_options(&near, ctl_globals);
    if (command != NULL)
        offer_options(&near, command->options);
    if (near.best != NULL)
        return misuse(errtext_set(why, "unknown option %.*s; did you mean "
                                       "--%s?",
                                  (int) len, word, near.best));
    return misuse(errtext_set(
        why, "unknown option %.*s; see ccgrant%s%s%s%s --help", (int) len,
        word, ctl->noun != NULL ? " " : "", ctl->noun != NULL ? ctl->noun : "",
        command != NULL && command->verb != NULL ? " " : "",
        command != NULL && command->verb != NULL ? command->verb : ""));
}

static int
keep(struct ctl *ctl, const struct ctl_option *option, const char *value,
     struct errtext *why)
{
    size_t i;

    for (i = 0; i < ctl->n_given; i++) {
        if (value != NULL && ctl->given[i].option == option
            && !option->repeats)
            return misuse(
                errtext_set(why, "--%s was given twice", option->name));
    }
    ctl->given[ctl->n_given].option = option;
    ctl->given[ctl->n_given].value = value;
    ctl->n_given++;
    return 0;
}

/* The short forms: -c FILE, -cFILE, -h.  *value is what is joined, or NULL. */
static const struct ctl_option *
find_short(const char *word, const char **value)
{
    *value = NULL;
    if (strcmp(word, "-h") == 0)
        return find_in(ctl_globals, "help", 4);
    if (word[1] != 'c')
        return NULL;
    *value = word[2] != '\0' ? word + 2 : NULL;
    return find_in(ctl_globals, "config", 6);
}

static int
take_option(struct ctl *ctl, char ***words, struct errtext *why)
{
    const char *word = **words, *equals = strchr(word, '=');
    size_t len = equals != NULL ? (size_t) (equals - word) : strlen(word);
    const char *value = equals != NULL ? equals + 1 : NULL;
    const struct ctl_option *option;

    if (word[1] != '-')
        option = find_short(word, &value);
    else
        option = find_option(ctl, word + 2, len - 2);
    if (option == NULL)
        return unknown_option(ctl, word, len, why);
    if (option->value == NULL && value != NULL)
        return misuse(
            errtext_set(why, "--%s takes no value", option->name));
    if (option->value != NULL && value == NULL) {
        value = *(*words + 1);
        if (value == NULL)
            return misuse(errtext_set(why, "--%s needs a value: --%s %s",
                                      option->name, option->name,
                                      option->value));
        (*words)++;
    }
    return keep(ctl, option, value, why);
}

/* Add "a, b, c": the nouns, or the verbs of the noun. */
static void
list_words(struct sbuf *sb, const char *noun, struct nearest *near)
{
    const struct ctl_command *command;
    const char *last = "";

    for (command = ctl_commands; command->noun != NULL; command++) {
        const char *word = noun == NULL ? command->noun : command->verb;

        if (strcmp(word != NULL ? word : "", last) == 0
            || (noun != NULL && strcmp(command->noun, noun) != 0))
            continue;
        sbuf_add(sb, sb->len > 0 ? ", " : "");
        sbuf_add(sb, word);
        nearest_offer(near, word, strlen(word));
        last = word;
    }
}

/* What stands there is neither a noun, nor a verb of the noun. */
static int
unknown_word(const char *noun, const char *word, struct errtext *why)
{
    struct nearest near;
    char list[LIST_MAX];
    struct sbuf sb;

    sbuf_init(&sb, list, sizeof(list));
    nearest_begin(&near, word, strlen(word));
    list_words(&sb, noun, &near);
    return misuse(errtext_set(
        why, "unknown %s \"%.40s\"%s%s%s; %s%s%s",
        noun == NULL ? "noun" : "verb", word,
        near.best != NULL ? " (did you mean " : "",
        near.best != NULL ? near.best : "", near.best != NULL ? "?)" : "",
        noun == NULL ? "there are " : noun, noun == NULL ? "" : " has ",
        list));
}

static int
take_noun(struct ctl *ctl, const char *word, struct errtext *why)
{
    const struct ctl_command *command;

    for (command = ctl_commands; command->noun != NULL; command++) {
        if (strcmp(command->noun, word) == 0) {
            ctl->noun = command->noun;
            ctl->command = command->verb == NULL ? command : NULL;
            return 0;
        }
    }
    return unknown_word(NULL, word, why);
}

static int
take_verb(struct ctl *ctl, const char *word, struct errtext *why)
{
    const struct ctl_command *command;

    for (command = ctl_commands; command->noun != NULL; command++) {
        if (strcmp(command->noun, ctl->noun) == 0
            && strcmp(command->verb, word) == 0) {
            ctl->command = command;
            return 0;
        }
    }
    return unknown_word(ctl->noun, word, why);
}

static int
take_word(struct ctl *ctl, const char *word, struct errtext *why)
{
    if (ctl->noun == NULL)
        return take_noun(ctl, word, why);
    if (ctl->command == NULL)
        return take_verb(ctl, word, why);
    if (ctl->n_args == CTL_ARGS_MAX || ctl->command->args[ctl->n_args] == NULL)
        return misuse(
            errtext_set(why, "\"%.80s\" is one argument too many", word));
    ctl->args[ctl->n_args++] = word;
    return 0;
}

static int
check_whole(const struct ctl *ctl, struct errtext *why)
{
    const char *arg;
    struct nearest near;
    char list[LIST_MAX];
    struct sbuf sb;

    if (ctl_args_has(ctl, "help") || ctl_args_has(ctl, "version"))
        return 0;
    sbuf_init(&sb, list, sizeof(list));
    nearest_begin(&near, "", 0);
    if (ctl->command == NULL) {
        list_words(&sb, ctl->noun, &near);
        return misuse(errtext_set(why, "a %s is missing: say one of %s",
                                  ctl->noun == NULL ? "noun" : "verb", list));
    }
    arg = ctl->command->args[ctl->n_args];
    if (arg != NULL && arg[0] != '[')
        return misuse(errtext_set(why, "%s is missing", arg));
    if (ctl_args_has(ctl, "config") && *ctl_args_value(ctl, "config") == '\0')
        return misuse(errtext_set(why, "--config needs the name of a file"));
    return 0;
}

const char *
ctl_args_next(const struct ctl *ctl, const char *name, size_t *at)
{
    const struct ctl_option *option = find_option(ctl, name, strlen(name));

    while (*at < ctl->n_given) {
        const struct ctl_given *given = &ctl->given[(*at)++];

        if (given->option == option)
            return given->value;
    }
    return NULL;
}

const char *
ctl_args_value(const struct ctl *ctl, const char *name)
{
    const char *value = NULL, *next;
    size_t at = 0;

    while ((next = ctl_args_next(ctl, name, &at)) != NULL)
        value = next;
    return value;
}

bool
ctl_args_has(const struct ctl *ctl, const char *name)
{
    const struct ctl_option *option = find_option(ctl, name, strlen(name));
    size_t i;

    for (i = 0; i < ctl->n_given; i++) {
        if (ctl->given[i].option == option)
            return true;
    }
    return false;
}
